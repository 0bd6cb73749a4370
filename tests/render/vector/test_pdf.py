"""PDF files, taken apart by their own tables: sizes, images, letters, clips and opacities."""

import re
from pathlib import Path

import numpy as np
import pytest

from mmviz.render.text.shaping import outline, shaped
from mmviz.render.vector.page import Image, Outline, Page, Part, cubic
from mmviz.render.vector.pdf import write_pdf
from tests.render.vector.pages import BLUE, RED, Pdf, box, page, pixels, text


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.pdf"


def written(path: Path, made: Page) -> Pdf:
    write_pdf(made, path)
    return Pdf.read(path)


def test_a_page_is_as_large_as_its_pixels_an_inch_say(path: Path) -> None:
    pdf = written(path, page(dpi=50))
    (one,) = pdf.find(b"/Type/Page/")
    assert b"/MediaBox[0 0 288 144]" in pdf.object(one), "4 and 2 inches of 72 points"
    assert pdf.drawn().splitlines()[0] == "1.44 0 0 -1.44 0 144 cm", "pixels from the top are points from the bottom"


def test_every_object_is_where_the_table_says_and_all_streams_are_whole(path: Path) -> None:
    pdf = written(path, page(Image(3, 4, pixels(4)), box(1, 2, 3, 4, 0.5), text("Ab")))
    for number in range(1, len(pdf.places) + 1):
        if b"stream\n" in pdf.object(number):
            pdf.stream(number)
    assert pdf.content.startswith(b"%PDF-1.4\n")
    for number in map(int, re.findall(rb"(\d+) 0 R", pdf.content)):
        assert 1 <= number <= len(pdf.places)


def test_an_image_is_stored_without_loss_in_its_place(path: Path) -> None:
    pdf = written(path, page(Image(3, 4, pixels())))
    (number,) = pdf.find(b"/Subtype/Image")
    np.testing.assert_array_equal(pdf.samples(number), pixels())
    assert "q 7 0 0 -5 3 9 cm /I0 Do Q" in pdf.drawn(), "its lower edge is five pixels below its top"


def test_the_alpha_of_an_image_is_a_mask_of_its_own(path: Path) -> None:
    pdf = written(path, page(Image(3, 4, pixels(4))))
    (gray,), (color,) = pdf.find(b"/DeviceGray"), pdf.find(b"/SMask")
    assert b"/SMask %d 0 R" % gray in pdf.object(color)
    np.testing.assert_array_equal(np.concatenate([pdf.samples(color), pdf.samples(gray)], axis=2), pixels(4))


def test_letters_say_what_they_stand_for_and_stand_where_they_belong(path: Path) -> None:
    said = "Q @ K.T = √2 · 我 a"
    pdf = written(path, page(text(said)))
    assert pdf.said() == shaped(said).text
    places = re.findall(r"Tf 20 0 0 -20 (\S+) 40 Tm", pdf.drawn())
    assert [float(x) for x in places] == pytest.approx([10 + 20 * one.x for one in shaped(said).glyphs], abs=1e-4)


def test_a_letter_is_the_outline_of_its_font(path: Path) -> None:
    (glyph,) = shaped("L").glyphs
    pdf = written(path, page(text("L")))
    (font,) = pdf.find(b"/Subtype/Type3")
    (number,) = re.findall(rb"/g0 (\d+) 0 R", pdf.object(font))
    steps = pdf.stream(int(number)).decode("ascii").splitlines()
    expected = [1000 * place for _, places in cubic(outline(glyph.font, glyph.number)) for place in places]
    found = [float(word) for step in steps[1:-1] for word in step.split()[:-1]]
    assert found == pytest.approx(expected, abs=0.06)
    assert steps[0].endswith("d1")
    assert steps[-1] == "f"


def test_a_letter_is_as_wide_as_the_step_to_the_next_one_so_that_words_hold_together(path: Path) -> None:
    said = "lightness of il"
    pdf = written(path, page(text(said)))
    (font,) = pdf.find(b"/Subtype/Type3")
    (widths,) = re.findall(rb"/Widths\[([\d. ]+)\]", pdf.object(font))
    wide = dict(zip(dict.fromkeys(said), map(float, widths.split()), strict=True))
    places = [20 * one.x for one in shaped(said).glyphs]
    for letter, place, after in zip(said, places, places[1:], strict=False):
        assert place + 20 * wide[letter] / 1000 == pytest.approx(after, abs=0.6), "but for kerning"


@pytest.mark.slow
def test_more_shapes_than_a_font_can_have_are_in_several(path: Path) -> None:
    said = "".join(chr(code) for code in range(0x41, 0x41 + 600) if chr(code).isalpha())
    pdf = written(path, page(text(said)))
    assert len(pdf.find(b"/Subtype/Type3")) == -(-len(set(said)) // 256)
    assert pdf.said() == said


def test_the_title_is_told_in_any_script(path: Path) -> None:
    pdf = written(path, page(title="Köpfe (1) 头"))
    (about,) = pdf.find(b"/Producer")
    (title,) = re.findall(rb"/Title<FEFF(\w+)>", pdf.object(about))
    assert bytes.fromhex(title.decode()).decode("utf-16-be") == "Köpfe (1) 头"


def test_outlines_are_filled_and_drawn_along_in_their_colours(path: Path) -> None:
    curve = Outline((("M", (0.0, 0.0)), ("Q", (3.0, 6.0, 6.0, 0.0))), stroke=BLUE, width=2.5, rounded=True)
    drawn = written(path, page(box(1, 2, 3, 4, 0.5), curve)).drawn()
    assert "q /G0 gs\n1 0 0 rg 1 2 m\n3 2 l\n3 4 l\n1 4 l\nh f\nQ" in drawn
    assert "0 0 1 RG 2.5 w 1 J 0 0 m\n2 4 4 4 6 0 c S" in drawn, "a quadratic curve as a cubic one"
    assert RED == (1.0, 0.0, 0.0)


def test_an_opacity_is_told_once(path: Path) -> None:
    pdf = written(path, page(box(1, 2, 3, 4, 0.5), box(5, 6, 7, 8, 0.5), box(5, 6, 7, 8, 0.25)))
    (one,) = pdf.find(b"/Type/Page/")
    assert b"/G0<</ca 0.5/CA 0.5>>/G1<</ca 0.25/CA 0.25>>" in pdf.object(one)


def test_a_part_is_cut_to_its_box_without_its_holes(path: Path) -> None:
    part = Part((10, 20, 110, 90), (box(0, 0, 200, 100),), ((30, 40, 50, 60),))
    drawn = written(path, Page(200, 100, 100, "", (part,))).drawn()
    assert "q\n10 20 100 70 re 30 40 20 20 re W* n\n" in drawn
    assert drawn.endswith("Q")


def test_dark_rims_lie_below_their_letters(path: Path) -> None:
    drawn = written(path, page(text("A", rim=0.05))).drawn()
    rim = drawn.index("0 0 0 RG 2 w 1 j")  # twice 0.05 ems of 20 pixels
    assert rim < drawn.index("BT 0 0 1 rg")


def test_the_same_page_makes_the_same_bytes(path: Path) -> None:
    one = written(path, page(Image(3, 4, pixels()), text("Ab"), title="T")).content
    assert written(path, page(Image(3, 4, pixels()), text("Ab"), title="T")).content == one
