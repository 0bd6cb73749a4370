"""Shapes of letters where a font says, for joined, turned and composed ones; DejaVu Sans stands for all fonts."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from fontTools.pens.areaPen import AreaPen
from fontTools.ttLib import TTFont

from mmviz.render.text.fonts import shipped
from mmviz.render.text.shaping import Line, outline, shaped
from mmviz.render.text.system_fonts import FontFile
from tests.render.text.conftest import Install
from tests.render.text.made_font import write_font

ALEF, BEH, LAM = "\u0627", "\u0628", "\u0644"


def names(line: Line) -> list[str]:
    """What the fonts call the shapes of a line."""
    found = []
    for one in line.glyphs:
        with TTFont(one.font.path, lazy=True) as font:
            found.append(font.getGlyphName(one.number))
    return found


def test_latin_letters_stand_side_by_side_with_the_widths_of_the_font() -> None:
    line = shaped("Qxg")
    with TTFont(shipped()[0].path) as font:
        table, size = font["hmtx"], font["head"].unitsPerEm
        widths = [table[name][0] / size for name in ("Q", "x", "g")]
    assert names(line) == ["Q", "x", "g"]
    assert line.glyphs[0].x == 0
    np.testing.assert_allclose([*(one.x for one in line.glyphs[1:]), line.length], np.cumsum(widths), atol=0.05)


def test_arabic_letters_join_and_are_seen_from_the_right() -> None:
    first, middle, last = names(shaped(BEH * 3))
    assert (first, middle, last) == ("uniFE90", "uniFE92", "uniFE91")  # final, medial and initial form of U+0628
    assert [one.first for one in shaped(BEH * 3).glyphs] == [2, 1, 0]
    assert names(shaped(LAM + ALEF)) == ["uniFEFB"]  # one shape for both


def test_brackets_around_hebrew_are_turned_and_numbers_stay() -> None:
    assert names(shaped("\u05d0(1)")) == ["parenleft", "one", "parenright", "uni05D0"]


def test_accents_stand_over_their_letter() -> None:
    assert names(shaped("e\u0301")) == ["eacute"]
    base, mark = shaped("x\u0323").glyphs
    assert abs(mark.x - base.x) <= 1
    left, _, right, _ = shaped("x").ink
    assert shaped("x\u0323").ink[1] < -0.1, "below the line"
    assert shaped("x\u0323").ink[2] - shaped("x\u0323").ink[0] < 1.1 * (right - left)


def test_an_outline_encloses_what_the_font_says() -> None:
    """The letter o: its area as fontTools finds it."""
    glyph = shaped("o").glyphs[0]
    with TTFont(glyph.font.path) as font:
        pen = AreaPen()
        font.getGlyphSet()["o"].draw(pen)
        size = font["head"].unitsPerEm
    area, at = 0.0, np.zeros(2)
    start = at
    for letter, places in outline(glyph.font, glyph.number):
        points = np.array(places).reshape(-1, 2)
        if letter == "M":
            at = start = points[0]
            continue
        steps = [at, *points] if letter != "Z" else [at, start]
        curve = np.array([along(steps, share) for share in np.linspace(0, 1, 33)])
        area += 0.5 * sum(float(a[0] * b[1] - a[1] * b[0]) for a, b in itertools.pairwise(curve))
        at = steps[-1]
    assert area == pytest.approx(pen.value / size**2, rel=1e-2)


def along(points: list[np.ndarray], share: float) -> np.ndarray:
    """The point of a Bézier curve, by de Casteljau's construction."""
    while len(points) > 1:
        points = [(1 - share) * a + share * b for a, b in itertools.pairwise(points)]
    return points[0]


def test_letters_that_ours_lack_are_taken_from_an_installed_font(tmp_path: Path, install: Install) -> None:
    own = FontFile(write_font(tmp_path / "own.ttf", "我矩"))
    install(FontFile(tmp_path / "gone.ttf"), own)
    line = shaped("a我矩")
    assert [one.font for one in line.glyphs] == [shipped()[0], own, own]
    assert line.glyphs[2].x - line.glyphs[1].x == 1.0
    assert line.length == pytest.approx(line.glyphs[1].x + 2)
    assert [round(side, 3) for side in line.ink[2:]] == [
        round(line.glyphs[2].x + 0.12, 3),
        round(shaped("a").ink[3], 3),
    ]


def test_mathematical_letters_are_shipped() -> None:
    line = shaped("𝑄𝐾ᵀ")
    assert line.text == "𝑄𝐾ᵀ"
    assert {one.font for one in line.glyphs} <= set(shipped())


def test_an_empty_text_is_an_empty_line() -> None:
    assert (shaped("").glyphs, shaped("").length) == ((), 0.0)
    assert shaped(" ").ink == (0, 0, 0, 0)
