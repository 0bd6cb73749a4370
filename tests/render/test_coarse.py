"""While a picture moves its matrices are drawn in large pixels, in their places; all else is as sharp as ever."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.picture.drawlist import Caption, DrawList, Inset, Label, Lines, Patch, Sheet
from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.opengl.coarse import Coarse
from tests.kept_canvases import Canvases

X, Y, Z = np.eye(3)
WIDTH, HEIGHT = 250, 162
"""No multiples of the large pixels."""
WHITE = 1.0, 1.0, 1.0
EYE = Camera(30.0 * Z, np.zeros(3), Y)


def sheet(columns: int = 6) -> Sheet:
    place = Placement((6, columns), np.array([-0.5 * (columns - 1), 2.5, 0.0]), -Y, X)
    return Sheet(ItemKey("matrix", ""), place, np.ones((6, columns), np.float32), 1.0)


def line(depth: float) -> Lines:
    return Lines(ItemKey("outline", "l"), np.array([[-7.0, 0.5, depth], [7.0, 0.5, depth]]), WHITE, 40.0)


def everything(*sheets: Sheet) -> DrawList:
    corners = np.array([[-3.0, -5.0, 1.0], [3.0, -5.0, 1.0], [0.0, -3.5, 1.0]])
    small = DrawList(sheets=(sheet(),), extent=np.array([[-4.0, -4.0, -1.0], [4.0, 4.0, 1.0]]))
    return DrawList(
        sheets=sheets,
        lines=(line(2.0),),
        labels=(Label(ItemKey("name", ""), "attn", np.array([0.0, 4.5, 0.0]), X, Y, 1.2, WHITE),),
        patches=(Patch(ItemKey("arrow", ""), corners, np.array([[0, 1, 2]]), (0.2, 0.4, 0.8)),),
        captions=(Caption("title", "A title", 0.93, WHITE, 0.04),),
        insets=(Inset(ItemKey("inset", ""), small, Camera(20.0 * Z, np.zeros(3), Y)),),
        extent=np.array([[-8.0, -8.0, -3.0], [8.0, 8.0, 3.0]]),
    )


@pytest.fixture
def canvas(canvases: Canvases) -> Canvas:
    return canvases(WIDTH, HEIGHT)


def drawn(canvas: Canvas, drawing: DrawList, coarse: int = 1) -> NDArray[np.int16]:
    canvas.show(drawing, EYE)
    return canvas.draw(coarse).astype(np.int16)


def test_all_but_the_matrices_is_as_it_is_without_large_pixels_and_nothing_of_them_stays(canvas: Canvas) -> None:
    plain, full = drawn(canvas, everything()), drawn(canvas, everything(sheet()))
    np.testing.assert_array_equal(drawn(canvas, everything(), 4), plain)
    rough = drawn(canvas, everything(sheet()), 4)
    assert (rough != full).any()
    apart = (full == plain).all(axis=2)  # where no matrix is seen
    apart[44:118, 88:162] = False  # and its large pixels do not reach
    np.testing.assert_array_equal(rough[apart], full[apart])
    np.testing.assert_array_equal(canvas.draw(), full)


@pytest.mark.parametrize("coarse", [2, 3, 4])
def test_matrices_are_in_their_places_and_as_bright_up_to_the_border(canvas: Canvas, coarse: int) -> None:
    drawing = DrawList(sheets=(sheet(24),), extent=np.array([[-13.0, -4.0, -1.0], [13.0, 4.0, 1.0]]))
    full, rough = drawn(canvas, drawing), drawn(canvas, drawing, coarse)
    assert rough.mean() == pytest.approx(full.mean(), rel=0.05)
    across, upright = np.arange(WIDTH), np.arange(HEIGHT)
    for part in (slice(0, WIDTH // 3), slice(WIDTH // 3, 2 * WIDTH // 3), slice(2 * WIDTH // 3, WIDTH)):
        for places, axis in ((across[part], 0), (upright, 1)):
            middles = [
                float((one[:, part].sum(axis=(axis, 2)) * places).sum() / one[:, part].sum()) for one in (full, rough)
            ]
            assert middles[0] == pytest.approx(middles[1], abs=0.5)


def test_lines_are_before_what_is_behind_them_and_hidden_by_what_is_before(canvas: Canvas) -> None:
    before, behind = (
        replace(everything(sheet()), lines=(line(depth),), labels=(), patches=(), captions=(), insets=())
        for depth in (2.0, -2.0)
    )
    for drawing, seen in ((before, True), (behind, False)):
        full, rough = drawn(canvas, drawing), drawn(canvas, drawing, 3)
        row, spheres = HEIGHT // 2 - 5, slice(WIDTH // 2 - 20, WIDTH // 2 + 20)
        white = [(one[row, spheres].min(axis=1) > 180).mean() for one in (full, rough)]
        assert all(share > 0.9 if seen else share < 0.4 for share in white)
        assert abs(full[row, 60:80].min() - rough[row, 60:80].min()) == 0  # beside the matrix it is whole


def test_a_picture_of_a_canvas_that_has_shown_nothing_can_be_coarse(canvases: Canvases) -> None:
    with canvases(40, 30) as fresh:
        fresh.show(DrawList(), EYE)
        assert fresh.draw(4).shape == (30, 40, 3)
        assert isinstance(fresh._coarse, Coarse)
