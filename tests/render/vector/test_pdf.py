"""PDF files as another library reads them: sizes, images, letters, clips and opacities."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont

from mmviz.render.text.shaping import advance, outline, shaped
from mmviz.render.vector.page import Image, Letter, Outline, Page, Part, Text
from mmviz.render.vector.pdf import write_pdf
from mmviz.render.vector.unseen_font import widths_of, write_unseen_font
from tests.render.vector.pages import BLUE, RED, Pdf, box, page, pixels, places, text


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.pdf"


def written(path: Path, made: Page) -> Pdf:
    write_pdf(made, path)
    return Pdf(path)


def test_a_page_is_as_large_as_its_pixels_an_inch_say(path: Path) -> None:
    pdf = written(path, page(box(0, 0, 200, 100), dpi=50))
    assert pdf.size == pytest.approx((288, 144)), "4 and 2 inches of 72 points"
    first, second = places(pdf.drawn(), "cm")[:2]
    a, b, c, d, e, f = np.array(first)
    assert (a, b, c, d) == (1.44, 0, 0, 1.44)
    assert [1.44 * one for one in second[:4]] == [1.44, 0, 0, -1.44], "pixels from the top are points from the bottom"
    assert (e, d * second[5] + f) == (0, pytest.approx(144))


def test_every_object_is_where_the_table_says_and_all_streams_are_whole(path: Path) -> None:
    pdf = written(path, page(Image(3, 4, pixels(4)), box(1, 2, 3, 4, 0.5), text("Ab")))
    for number in range(1, int(pdf.file.trailer["/Size"])):  # type: ignore[call-overload]
        found = pdf.file.get_object(number)
        assert found is not None
        if hasattr(found, "get_data"):
            found.get_data()
    assert pdf.content.startswith(b"%PDF-1.")
    assert pdf.content.endswith(b"%%EOF\n")


def test_an_image_is_stored_without_loss_in_its_place(path: Path) -> None:
    pdf = written(path, page(Image(3, 4, pixels())))
    (image,) = pdf.images()
    np.testing.assert_array_equal(image, pixels())
    (scale, place) = places(pdf.drawn(), "cm")
    assert place[:5] == [7, 0, 0, 5, 3]
    bottom = scale[3] * place[5] + scale[5]
    assert 72 - bottom == pytest.approx(0.72 * 9), "its lower edge is five pixels below its top"


def test_the_alpha_of_an_image_is_a_mask_of_its_own(path: Path) -> None:
    pdf = written(path, page(Image(3, 4, pixels(4))))
    (image,) = pdf.images()
    np.testing.assert_array_equal(image, pixels(4))


def test_letters_say_what_they_stand_for_and_stand_where_they_belong(path: Path) -> None:
    said = "Q @ K.T = √2 · 我 a 𝛼"
    pdf = written(path, page(text(said)))
    assert pdf.spoken() == shaped(said).text
    found = [place for place in places(pdf.drawn(), "cm") if place[:4] == [20, 0, 0, 20]]
    assert [place[4] for place in found] == pytest.approx([10 + 20 * one.x for one in shaped(said).glyphs], abs=1e-3)
    down = [place[5] + 20 * 72 for place in found]  # the library puts texts at the page's top, from its bottom
    assert down == pytest.approx([72 - 40] * len(down)), "40 pixels from the top"


def test_the_characters_of_letters_are_not_seen(path: Path) -> None:
    pdf = written(path, page(text("Ab")))
    assert places(pdf.drawn(), "Tr") == [[3], [3]]
    (font,) = pdf.resources["/Font"].get_object().values()  # type: ignore[union-attr]
    assert "Unseen" in font.get_object()["/BaseFont"]


def test_letters_that_are_one_shape_and_those_from_right_to_left_are_said_as_they_are_seen(path: Path) -> None:
    """Programs turn around what is written from right to left: they expect it as it is seen."""
    (shape,) = shaped("L").glyphs
    letters = tuple(
        Letter(shape.font, shape.number, said, (20.0, 0.0, 0.0, -20.0, x, 40.0))
        for said, x in (("لا", 10.0), ("fi", 30.0))
    )
    pdf = written(path, page(Text("", letters, BLUE, (20.0, 0.0, 0.0, -20.0, 10.0, 40.0), 2.0)))
    assert pdf.spoken() == "لا"[::-1] + "fi"


def test_a_letter_is_the_outline_of_its_font(path: Path) -> None:
    (glyph,) = shaped("L").glyphs
    drawn = written(path, page(text("L"))).drawn()
    expected = [(10 + 20 * (glyph.x + x), 40 - 20 * y) for _, (x, y) in outline(glyph.font, glyph.number)[:-1]]
    found = [place for step in drawn for place in places([step], "m") + places([step], "l")]
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert "f" in drawn


def test_a_letter_is_as_wide_as_the_step_to_the_next_one_so_that_words_hold_together(path: Path) -> None:
    said = "lightness of il"
    made = text(said)
    assert written(path, page(made)).said() == said
    wide = widths_of(made.letters)
    line = [20 * one.x for one in shaped(said).glyphs]
    for letter, place, after in zip(said, line, line[1:], strict=False):
        assert place + 20 * wide[letter] == pytest.approx(after, abs=0.6), "but for kerning"


def test_an_unseen_font_has_the_widths_of_what_is_drawn_and_draws_nothing(tmp_path: Path) -> None:
    write_unseen_font({"a": 0.5, "𝛼": 1.25}, tmp_path / "x.ttf")
    with TTFont(tmp_path / "x.ttf") as font:
        names = font.getBestCmap()
        assert {chr(code): font["hmtx"][name][0] for code, name in names.items()} == {"a": 500, "𝛼": 1250}
        assert not any(font["glyf"][name].numberOfContours for name in font.getGlyphOrder())


def test_characters_that_are_one_letter_share_its_width() -> None:
    (shape,) = shaped("L").glyphs
    letter = Letter(shape.font, shape.number, "fi", (1.0, 0.0, 0.0, 1.0, 0.0, 0.0))
    assert widths_of([letter]) == dict.fromkeys("fi", advance(shape.font, shape.number) / 2)


@pytest.mark.slow
def test_more_shapes_than_a_byte_can_number_are_told_apart(path: Path) -> None:
    said = "".join(chr(code) for code in range(0x41, 0x41 + 600) if chr(code).isalpha())
    assert written(path, page(text(said))).spoken() == said


def test_the_title_is_told_in_any_script(path: Path) -> None:
    about = written(path, page(title="Köpfe (1) 头")).file.metadata
    assert about is not None
    assert (about.title, about.producer) == ("Köpfe (1) 头", "mmviz")


def test_outlines_are_filled_and_drawn_along_in_their_colours(path: Path) -> None:
    curve = Outline((("M", (0.0, 0.0)), ("Q", (3.0, 6.0, 6.0, 0.0))), stroke=BLUE, width=2.5, rounded=True)
    pdf = written(path, page(box(1, 2, 3, 4), curve))
    drawn = "\n".join(pdf.drawn())
    assert "1 0 0 rg\n1 2 m\n3 2 l\n3 4 l\n1 4 l\nh\nf\nQ" in drawn
    before, _, _ = drawn.partition("0 0 1 RG\n0 0 m\n2 4 4 4 6 0 c\nS\n")
    assert before != drawn, "a quadratic curve as a cubic one, that is not closed"
    state = pdf.resources["/ExtGState"][before.split()[-2]].get_object()  # type: ignore[index]
    assert (state["/LW"], state["/LC"]) == (2.5, 1)
    assert RED == (1.0, 0.0, 0.0)


def test_an_opacity_is_told_once(path: Path) -> None:
    pdf = written(path, page(box(1, 2, 3, 4, 0.5), box(5, 6, 7, 8, 0.5), box(5, 6, 7, 8, 0.25)))
    states = [one.get_object() for one in pdf.resources["/ExtGState"].get_object().values()]  # type: ignore[union-attr]
    assert sorted((one["/ca"], one["/CA"]) for one in states if "/ca" in one) == [(0.25, 0.25), (0.5, 0.5)]


def test_a_part_is_cut_to_its_box_without_its_holes(path: Path) -> None:
    part = Part((10, 20, 110, 90), (box(0, 0, 200, 100),), ((30, 40, 50, 60),))
    drawn = written(path, Page(200, 100, 100, "", (part,))).drawn()
    (scale, flip) = places(drawn, "cm")
    top = flip[5]
    assert f"10 {top - 90:g} 100 70 re\n30 {top - 60:g} 20 20 re\nW*\nn\n" in "\n".join(drawn)
    assert scale[3] * top + scale[5] == pytest.approx(72), "the page's top"
    assert drawn[-1] == "Q"


def test_dark_rims_lie_below_their_letters(path: Path) -> None:
    pdf = written(path, page(text("A", rim=0.05)))
    drawn = pdf.drawn()
    rim, letters = drawn.index("0 0 0 RG"), drawn.index("0 0 1 rg")
    state = pdf.resources["/ExtGState"][drawn[rim - 1].split()[0]].get_object()  # type: ignore[index]
    assert (state["/LW"], state["/LJ"]) == (2, 1), "twice 0.05 ems of 20 pixels"
    assert rim < drawn.index("S") < letters


def test_a_page_of_nothing_and_a_text_of_a_space_are_pages(path: Path) -> None:
    assert written(path, page()).said() == ""
    assert written(path, page(text(" "))).spoken() == " "


def test_the_same_page_makes_the_same_bytes(path: Path) -> None:
    one = written(path, page(Image(3, 4, pixels()), text("Ab"), title="T"))
    assert written(path, page(Image(3, 4, pixels()), text("Ab"), title="T")).content == one.content
    assert one.file.metadata is not None
    assert one.file.metadata.creation_date == datetime(2000, 1, 1, tzinfo=UTC), "not the time of the test"
