"""The canvas: sizes, items that come and go, text that nobody expects."""

import gc
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from vtkmodules.vtkCommonCore import vtkObject, vtkOutputWindow, vtkStringOutputWindow

from mmviz.picture.drawlist import Caption, DrawList, Inset, Label, Lines, Patch, Sheet
from mmviz.picture.eye.camera import Camera, fit
from mmviz.picture.look.palette import Color
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement, Vector
from mmviz.render.opengl.canvas import Canvas
from tests.processes import Outcome, ran

Picture = NDArray[np.uint8]
X, Y, Z = np.eye(3)
WHITE: Color = (1.0, 1.0, 1.0)
RED: Color = (1.0, 0.0, 0.0)


@pytest.fixture(autouse=True, scope="module")
def earlier_objects_set_aside() -> None:
    """What is there now stays to the end: collecting garbage then looks at what these tests made."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_vtk_messages() -> Iterator[None]:
    """VTK writes its warnings to a window of its own, not to Python's warnings."""
    before, messages = vtkOutputWindow.GetInstance(), vtkStringOutputWindow()
    vtkOutputWindow.SetInstance(messages)
    yield
    gc.collect()
    vtkOutputWindow.SetInstance(before)
    assert messages.GetOutput() == ""


def everything(count: int = 1) -> DrawList:
    """Some of each kind of item; `count` numbers the keys."""
    values = np.random.default_rng(count).uniform(-1, 1, (6, 8)).astype(np.float32)
    placement = Placement((6, 8), np.zeros(3), -Y, X)
    corners = placement.corners(0.75)
    sheet = Sheet(ItemKey("matrix", f"m{count}"), placement, values, 1.0)
    triangle = Patch(ItemKey("arrow", f"p{count}"), corners[:3] - Z, np.array([[0, 1, 2]]), RED, 0.5)
    inside = DrawList(sheets=(sheet,), extent=corners, background=(0.2, 0.2, 0.2))
    return DrawList(
        sheets=(sheet,),
        lines=(Lines(ItemKey("outline", f"l{count}"), corners, WHITE, 4.0),),
        labels=(Label(ItemKey("name", f"t{count}"), "name", placement.element(2, 3) + 0.9 * Z, X, Y, 1.5, WHITE),),
        patches=(triangle,),
        captions=(Caption(f"c{count}", "caption", 0.9, WHITE, 0.05),),
        insets=(Inset(ItemKey("inset", f"i{count}"), inside, fit(corners, Z, 1.0)),),
        extent=corners,
    )


def camera_of(drawing: DrawList, aspect: float = 1.0) -> Camera:
    return fit(drawing.extent, (-0.5, 0.4, 1.0), aspect)


def draw(canvas: Canvas, drawing: DrawList) -> Picture:
    width, height = canvas.size
    canvas.show(drawing, camera_of(drawing, width / height))
    return canvas.draw()


def text_only(*captions: Caption, labels: tuple[Label, ...] = (), lines: tuple[Lines, ...] = ()) -> DrawList:
    extent = np.array([[-5.0, -5.0, 0.0], [5.0, 5.0, 0.0]])
    return DrawList(captions=captions, labels=labels, lines=lines, extent=extent)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (37, 41), (320, 240), (1281, 7), (5, 900)])
def test_a_picture_has_the_size_that_was_asked_for(canvas: Canvas, size: tuple[int, int]) -> None:
    canvas.resize(*size)
    with Canvas(*size) as fresh:
        for picture in (fresh.draw(), draw(canvas, everything())):
            assert picture.shape == (size[1], size[0], 3)
            assert picture.dtype == np.uint8
            assert picture.flags.c_contiguous
            assert picture.flags.owndata


def test_the_top_row_comes_first_and_colours_are_red_green_blue(canvas: Canvas) -> None:
    above = Lines(ItemKey("outline", "above"), np.array([[-5.0, 4.0, 0.0], [5.0, 4.0, 0.0]]), RED, 60.0)
    below = Lines(ItemKey("outline", "below"), np.array([[-5.0, -4.0, 0.0], [5.0, -4.0, 0.0]]), (0.0, 0.0, 1.0), 60.0)
    drawing = replace(text_only(lines=(above, below)), background=(0.0, 1.0, 0.0))
    canvas.resize(100, 100)
    canvas.show(drawing, fit(drawing.extent, Z, 1.0))
    picture = canvas.draw()
    rows = [picture[:, 50, channel].argmax() for channel in (0, 2)]
    assert rows[0] < 25
    assert rows[1] > 75
    assert picture[50, 50].tolist() == [0, 255, 0]


@pytest.mark.slow
def test_another_size_draws_the_same_as_a_new_canvas() -> None:
    with Canvas(200, 100) as canvas:
        draw(canvas, everything())
        for size in ((101, 103), (320, 240), (200, 100)):
            canvas.resize(*size)
            assert canvas.size == size
            with Canvas(*size) as fresh:
                np.testing.assert_array_equal(draw(canvas, everything()), draw(fresh, everything()))


def test_what_was_drawn_before_leaves_nothing_behind(canvas: Canvas) -> None:
    """As tests/kept_canvases.py has it: emptied, and begun again at another size."""
    draw(canvas, everything(2))
    canvas.show(DrawList(background=RED), camera_of(everything()))
    canvas.resize(160, 120)
    with Canvas(160, 120) as fresh:
        np.testing.assert_array_equal(draw(canvas, everything()), draw(fresh, everything()))


def test_a_picture_stays_as_it_was_when_the_next_one_is_drawn(canvas: Canvas) -> None:
    first = draw(canvas, everything(1))
    kept = first.copy()
    assert (draw(canvas, everything(2)) != first).any()
    np.testing.assert_array_equal(first, kept)


@pytest.mark.slow
def test_items_come_and_go(canvas: Canvas) -> None:
    full = everything()
    picture = draw(canvas, full)
    for kind in ("sheets", "lines", "labels", "patches", "captions", "insets"):
        nothing: dict[str, Any] = {kind: ()}
        poorer = replace(full, **nothing)
        without = draw(canvas, poorer)
        assert (without != picture).any(), kind
        with Canvas(*canvas.size) as fresh:
            np.testing.assert_array_equal(without, draw(fresh, poorer), kind)
        np.testing.assert_array_equal(draw(canvas, full), picture, kind)
    assert not draw(canvas, DrawList(extent=full.extent)).any()


def test_items_of_different_kinds_may_have_the_same_key(canvas: Canvas) -> None:
    full, same = everything(), ItemKey("matrix", "same")
    kinds: dict[str, Any] = {
        kind: tuple(replace(item, key=same) for item in getattr(full, kind))
        for kind in ("sheets", "lines", "labels", "patches", "captions", "insets")
    }
    np.testing.assert_array_equal(draw(canvas, replace(full, **kinds)), draw(canvas, full))


def test_an_item_with_the_same_key_is_changed(canvas: Canvas) -> None:
    first, second = everything(1), everything(2)
    renamed: dict[str, Any] = {
        kind: tuple(
            replace(new, key=old.key) for old, new in zip(getattr(first, kind), getattr(second, kind), strict=True)
        )
        for kind in ("sheets", "lines", "labels", "patches", "captions", "insets")
    }
    draw(canvas, first)
    np.testing.assert_array_equal(draw(canvas, replace(first, **renamed)), draw(canvas, second))


@pytest.mark.slow
def test_two_canvases_at_once_do_not_meet() -> None:
    with Canvas(120, 90) as alone:
        expected = [draw(alone, everything(n)) for n in (1, 2)]
    with Canvas(120, 90) as first, Canvas(120, 90) as second:
        for _ in range(2):
            np.testing.assert_array_equal(draw(first, everything(1)), expected[0])
            np.testing.assert_array_equal(draw(second, everything(2)), expected[1])
            first.show(everything(2), camera_of(everything(2), 120 / 90))
            second.show(everything(1), camera_of(everything(1), 120 / 90))
            np.testing.assert_array_equal(first.draw(), expected[1])
            np.testing.assert_array_equal(second.draw(), expected[0])


@pytest.mark.slow
def test_a_canvas_outlives_one_that_was_closed() -> None:
    with Canvas(120, 90) as first:
        expected = draw(first, everything())
        with Canvas(50, 50) as second:
            draw(second, everything(2))
        np.testing.assert_array_equal(draw(first, everything()), expected)


@pytest.mark.slow
def test_a_canvas_may_live_in_a_thread_beside_another() -> None:
    """As an export beside the window."""
    found: list[Picture] = []

    def export() -> None:
        with Canvas(120, 90) as canvas:
            found.extend(draw(canvas, everything()) for _ in range(5))

    with Canvas(120, 90) as here:
        expected = draw(here, everything())
        thread = threading.Thread(target=export)
        thread.start()
        for _ in range(5):
            np.testing.assert_array_equal(draw(here, everything()), expected)
        thread.join()
    assert len(found) == 5
    for picture in found:
        np.testing.assert_array_equal(picture, expected)


def test_closing_twice_does_no_harm() -> None:
    canvas = Canvas(20, 20)
    draw(canvas, everything())
    canvas.close()
    canvas.close()


@pytest.mark.slow
def test_a_closed_canvas_leaves_no_vtk_objects() -> None:
    def one() -> None:
        with Canvas(60, 60) as canvas:
            draw(canvas, everything())
            counts.append(alive())

    def alive() -> int:
        gc.collect()
        return sum(issubclass(type(thing), vtkObject) for thing in gc.get_objects())  # proxies may act on isinstance

    counts: list[int] = []
    after: list[int] = []
    for _ in range(6):
        one()
        after.append(alive())
    # The first rounds may also free what earlier tests left behind.
    assert after[-1] <= after[2] < counts[-1]


TEXTS = [
    "",
    " ",
    "$x$ and $y$",
    "\\$ \\ % & < > | ~ ^ _ #",
    "line\nbreak\r\n\ttab\x00\x7f\x85\u2028",
    "äöü ß œ ŷ – — “ ” … · → ⊤ ᵀ ∑ √ ≤ ½ ²",
    "Ωμέγα Привет 漢字 かな עברית العربية हिन्दी",
    "🙂 \U0001f468\u200d\U0001f469 e\u0301 \ufeff\u200b",
    "\ud800 lone surrogate",
    "x" * 600,
]


@pytest.mark.parametrize("text", TEXTS)
def test_any_text_can_be_a_label_and_a_caption(canvas: Canvas, text: str) -> None:
    label = Label(ItemKey("name", "t"), text, np.zeros(3), X, Y, 2.0, WHITE)
    drawing = text_only(Caption("c", text, 0.8, WHITE, 0.05), labels=(label,))
    canvas.show(drawing, fit(drawing.extent, Z, 1.0))
    picture = canvas.draw()
    assert picture.any() == bool(text.strip())


@pytest.mark.parametrize("text", ["$5 and $6", "a\nb", "100%", "x" * 20])
def test_a_caption_is_one_line_inside_the_picture(canvas: Canvas, text: str) -> None:
    drawing = text_only(Caption("c", text, 0.5, WHITE, 0.05))
    canvas.show(drawing, fit(drawing.extent, Z, 1.0))
    lit = canvas.draw().max(axis=2) > 40
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    assert columns.min() > 0
    assert columns.max() < 239
    assert np.ptp(rows) < 0.05 * 240 * 1.6, "one line"
    assert rows.mean() == pytest.approx(119.5, abs=5)
    assert columns.mean() == pytest.approx(119.5, abs=25)


def test_a_caption_with_dollars_is_as_wide_as_its_letters(canvas: Canvas) -> None:
    """VTK would leave the dollars out and set the rest as a formula."""

    def width(text: str) -> int:
        drawing = text_only(Caption("c", text, 0.5, WHITE, 0.06))
        canvas.show(drawing, fit(drawing.extent, Z, 1.0))
        return int(np.ptp(np.flatnonzero(canvas.draw().any(axis=(0, 2)))))

    assert width("$abc$") == pytest.approx(width("SabcS"), abs=4)


@pytest.mark.slow
def test_a_caption_has_all_its_letters_whatever_parts_of_vtk_are_imported(canvas: Canvas, tmp_path: Path) -> None:
    """With its Matplotlib module VTK would take `|` for the border of two columns."""
    code = """
import numpy as np
import vtkmodules.vtkRenderingMatplotlib
from mmviz.picture.drawlist import Caption, DrawList
from mmviz.picture.eye.camera import fit
from mmviz.render.opengl.canvas import Canvas

caption = Caption("c", "rank 8 | wQ, $5 or $6", 0.5, (1.0, 1.0, 1.0), 0.06)
drawing = DrawList(captions=(caption,), extent=np.array([[-5.0, -5.0, 0.0], [5.0, 5.0, 0.0]]))
with Canvas(240, 240) as canvas:
    canvas.show(drawing, fit(drawing.extent, np.array([0.0, 0.0, 1.0]), 1.0))
    print(canvas.draw().tobytes().hex())
"""
    assert "vtkmodules.vtkRenderingMatplotlib" not in sys.modules, "this process draws without it"
    drawing = text_only(Caption("c", "rank 8 | wQ, $5 or $6", 0.5, WHITE, 0.06))
    canvas.show(drawing, fit(drawing.extent, Z, 1.0))
    plain = canvas.draw()
    assert (plain > 200).sum() > 100, "something is written"
    assert ran(code, folder=tmp_path) == Outcome(0, f"{plain.tobytes().hex()}\n", "")


def test_a_capital_letter_has_the_height_that_was_asked_for(canvas: Canvas) -> None:
    label = Label(ItemKey("name", "t"), "H", np.zeros(3), X, Y, 4.0, WHITE)
    drawing = text_only(labels=(label,))
    canvas.show(drawing, Camera(1000 * Z, np.zeros(3), Y, float(np.degrees(2 * np.arctan(5 / 1000)))))
    rows = np.flatnonzero((canvas.draw() > 128).any(axis=(1, 2)))  # 240 pixels are 10 cells
    assert np.ptp(rows) + 1 == pytest.approx(4.0 * 24, abs=2)
    assert rows.mean() == pytest.approx(119.5, abs=1)


@pytest.mark.parametrize("width", [6.0, 12.0, 40.0])
def test_a_line_is_as_wide_as_asked_and_smooth(canvas: Canvas, width: float) -> None:
    line = Lines(ItemKey("outline", "l"), np.array([[-9.0, -6.0, 0.0], [9.0, 6.0, 0.0]]), WHITE, width)
    drawing = text_only(lines=(line,))
    canvas.resize(540, 540)
    canvas.show(drawing, fit(drawing.extent, Z, 1.0))
    column = canvas.draw()[:, 270, 0] / 255
    upright = width / 2 / np.cos(np.arctan2(6, 9))  # a picture of 540 pixels has half the width
    assert column.sum() == pytest.approx(upright, abs=0.6)
    assert np.count_nonzero((column > 0.02) & (column < 0.98)) >= 1


@pytest.mark.parametrize("behind", [3.0, 30.0, 300.0])
def test_a_line_that_begins_behind_the_eye_is_straight_and_even(canvas: Canvas, behind: float) -> None:
    """It runs from the eye's left, behind it, to the middle of the picture."""
    eye, aim = 10 * Z, np.zeros(3)
    start = eye + np.array([-2.0, -1.2, behind])
    line = Lines(ItemKey("outline", "l"), np.array([start, [0.0, 0.0, 0.0]]), WHITE, 30.0)
    drawing = replace(text_only(lines=(line,)), extent=np.array([[0.0, 0.0, 9.0], [0.0, 0.0, -9.0]]))
    canvas.resize(540, 540)
    canvas.show(drawing, Camera(eye, aim, Y, 60.0))
    lit = canvas.draw()[..., 0] / 255
    widths = lit[:, 20:240].sum(axis=0)  # from top to bottom, per column
    assert widths.max() - widths.min() < 0.8
    assert widths.mean() == pytest.approx(15 / np.cos(np.arctan2(1.2, 2.0)), abs=1)


def test_a_line_seen_in_steep_perspective_keeps_its_width(canvas: Canvas) -> None:
    line = Lines(ItemKey("outline", "l"), np.array([[-1.0, -1.0, 9.0], [3.0, 3.0, -200.0]]), WHITE, 40.0)
    drawing = replace(text_only(lines=(line,)), extent=line.points)
    canvas.resize(540, 540)
    canvas.show(drawing, Camera(10 * Z, np.zeros(3), Y, 60.0))
    lit = canvas.draw()[..., 0] / 255
    widths = lit[:, 30:230].sum(axis=0)
    np.testing.assert_allclose(widths, 20 * np.sqrt(2), atol=1.5)


def test_items_without_points_are_drawn_as_nothing(canvas: Canvas) -> None:
    none: Vector = np.zeros((0, 3))
    drawing = replace(
        text_only(lines=(Lines(ItemKey("outline", "l"), none, WHITE),)),
        patches=(Patch(ItemKey("arrow", "p"), none, np.zeros((0, 3), np.int64), WHITE),),
    )
    canvas.show(drawing, fit(drawing.extent, Z, 1.0))
    assert not canvas.draw().any()


@pytest.mark.parametrize(("side", "margin", "bottom"), [(0.4, 0.05, 0.1), (0.2, 0.3, 0.0), (0.5, 0.0, 0.5)])
@pytest.mark.parametrize("size", [(240, 240), (320, 200)])
def test_an_inset_covers_its_square_and_nothing_else(
    canvas: Canvas, size: tuple[int, int], side: float, margin: float, bottom: float
) -> None:
    height = size[1]
    inside = DrawList(background=RED)
    inset = Inset(ItemKey("inset", "i"), inside, Camera(5 * Z, np.zeros(3), Y), side=side, margin=margin, bottom=bottom)
    drawing = everything()
    canvas.resize(*size)
    without = draw(canvas, replace(drawing, insets=()))
    picture = draw(canvas, replace(drawing, insets=(inset,)))
    left, top = round(margin * height), round(height - (bottom + side) * height)
    expected = without.copy()
    expected[top : top + round(side * height), left : left + round(side * height)] = [255, 0, 0]
    differing = (picture != expected).any(axis=2)
    assert differing.sum() <= 4 * side * height, "at most one row of pixels at each side"
