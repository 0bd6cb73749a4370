"""What is nearer to the eye than the draw list allows is drawn as faint as the picture's own rule says."""

from dataclasses import replace

import numpy as np
import pytest

from mmviz.picture.drawlist import DrawList, Lines, Sheet
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
