"""What is nearer to the eye than the draw list allows is drawn as faint as the picture's own rule says."""

from dataclasses import replace

import numpy as np
import pytest

from mmviz.picture.drawlist import DrawList, Lines, Sheet, TickLabels
from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.giving_way import presence
from mmviz.picture.look.palette import PALETTE
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.render.opengl.canvas import Canvas

X, Y, Z = np.eye(3)
NEAR = 8.0


def light(canvas: Canvas, drawing: DrawList, away: float) -> float:
    """Of the pixel in the middle, by an eye so far before it."""
    canvas.show(drawing, Camera(away * Z, -40 * Z, Y))
    return float(canvas.draw()[118:122, 118:122].max())


@pytest.mark.parametrize("away", [3.0, 4.6, 5.5, 6.5, 7.5, 9.0])
def test_elements_and_lines_are_as_faint_as_they_are_near(canvas: Canvas, away: float) -> None:
    place = Placement((1, 1), np.zeros(3), -Y, X)
    sheet = Sheet(ItemKey("matrix", "m"), place, np.ones((1, 1), np.float32), 1.0)
    line = Lines(ItemKey("outline", "l"), np.array([-X, X]), (1.0, 1.0, 1.0), 40.0)
    for drawing, depth in (
        (DrawList(sheets=(sheet,), extent=place.corners(1.0)), away - PALETTE.largest),
        (DrawList(lines=(line,), extent=place.corners(1.0)), away),
    ):
        plain, faint = light(canvas, drawing, away), light(canvas, replace(drawing, near=NEAR), away)
        assert plain > 100
        assert faint / plain == pytest.approx(float(presence(depth, NEAR)), abs=0.03)
    assert light(canvas, drawing, away) == plain  # and nothing of it is kept


def test_each_text_of_a_row_is_as_faint_as_the_draw_list_says(canvas: Canvas) -> None:
    texts = ("H", "H", "H")
    places = np.array([[x, 0.0, 0.0] for x in (-8.0, 0.0, 8.0)])
    row = TickLabels(ItemKey("tokens", "t"), texts, places, X, Y, 4.0, (1.0, 1.0, 1.0))

    def brightest(row: TickLabels) -> list[float]:
        canvas.show(DrawList(ticks=(row,), extent=np.array([-12 * X, 12 * X])), Camera(40 * Z, np.zeros(3), Y))
        return [float(part.max()) for part in np.array_split(canvas.draw(), 3, axis=1)]

    plain, faint = brightest(row), brightest(replace(row, opacities=(1.0, 0.5, 0.25)))
    assert min(plain) > 200
    assert np.array(faint) / plain == pytest.approx([1.0, 0.5, 0.25], abs=0.03)
