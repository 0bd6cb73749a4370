"""SVG files as an XML parser reads them: sizes, images, letters, words, clips and opacities."""

import re
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np
import pytest
from PIL import Image as Pixels

from mmviz.render.text.shaping import shaped
from mmviz.render.vector.page import Image, Outline, Page, Part
from mmviz.render.vector.svg import write_svg
from tests.render.vector.pages import BLUE, box, page, pixels, text

SPACE = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.svg"


def written(path: Path, made: Page) -> Element:
    write_svg(made, path)
    return ElementTree.parse(path).getroot()


def all_of(root: Element, name: str) -> list[Element]:
    return list(root.iter(f"{SPACE}{name}"))


def test_a_page_is_as_large_as_its_pixels_an_inch_say(path: Path) -> None:
    root = written(path, page(dpi=50))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("4in", "2in", "0 0 200 100")


@pytest.mark.parametrize("channels", [3, 4])
def test_an_image_is_stored_without_loss_in_its_place(path: Path, channels: int) -> None:
    (image,) = all_of(written(path, page(Image(3, 4, pixels(channels)))), "image")
    head, _, content = str(image.get(LINK)).partition(",")
    assert head == "data:image/png;base64"
    np.testing.assert_array_equal(np.asarray(Pixels.open(BytesIO(b64decode(content)))), pixels(channels))
    assert [image.get(key) for key in ("x", "y", "width", "height")] == ["3", "4", "7", "5"]


def test_letters_are_shared_outlines_that_stand_where_they_belong(path: Path) -> None:
    root = written(path, page(text("ABBA B")))
    used = all_of(root, "use")
    outlines = {one.get("id") for one in all_of(root, "path") if one.get("id")}
    assert len(outlines) == 2
    assert {str(one.get(LINK)).removeprefix("#") for one in used} == outlines
    places = [float(re.findall(r" (\S+) 40\)$", str(one.get("transform")))[0]) for one in used]
    expected = [10 + 20 * one.x for one, letter in zip(shaped("ABBA B").glyphs, "ABBA B", strict=True) if letter != " "]
    assert places == pytest.approx(expected, abs=0.001)


def test_the_words_are_there_to_be_copied_as_long_as_the_letters_and_unseen(path: Path) -> None:
    (words,) = all_of(written(path, page(text("a < b & “c”"))), "text")
    assert words.text == "a < b & “c”"
    assert words.get("fill-opacity") == "0"
    assert float(str(words.get("textLength"))) == pytest.approx(100 * shaped("a < b & “c”").length, abs=0.01)
    assert words.get("transform") == "matrix(0.2 0 0 0.2 10 40)"


def test_what_xml_cannot_hold_is_left_out(path: Path) -> None:
    root = written(path, page(title="a\x00b\ufffe <c>"))
    (title,) = all_of(root, "title")
    assert title.text == "ab <c>"


def test_outlines_have_their_colours_widths_and_opacities(path: Path) -> None:
    curve = Outline((("M", (0.0, 0.0)), ("Q", (3.0, 6.0, 6.0, 0.5))), stroke=BLUE, width=2.5, rounded=True)
    filled, drawn = all_of(written(path, page(box(1, 2, 3, 4, 0.5), curve)), "path")[-2:]
    assert dict(filled.items()) == {"d": "M1 2L3 2L3 4L1 4Z", "fill": "#ff0000", "opacity": "0.5"}
    assert dict(drawn.items()) == {
        "d": "M0 0Q3 6 6 0.5",
        "fill": "none",
        "stroke": "#0000ff",
        "stroke-width": "2.5",
        "stroke-linecap": "round",
    }


def test_a_part_is_cut_to_its_box_without_its_holes(path: Path) -> None:
    part = Part((10, 20, 110, 90), (box(0, 0, 200, 100),), ((30, 40, 50, 60),))
    root = written(path, Page(200, 100, 100, "", (part,)))
    (clip,) = all_of(root, "clipPath")
    assert clip[0].get("d") == "M10 20H110V90H10ZM30 40H50V60H30Z"
    assert clip[0].get("clip-rule") == "evenodd"
    assert [one.get("clip-path") for one in all_of(root, "g")] == [f"url(#{clip.get('id')})"]


def test_dark_rims_lie_below_their_letters(path: Path) -> None:
    _, rim, letters = all_of(written(path, page(text("A", rim=0.05))), "g")
    assert (rim.get("stroke"), rim.get("stroke-width"), letters.get("fill")) == ("#000000", "100", "#0000ff")
