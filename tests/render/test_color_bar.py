"""A colour bar as it is drawn: each of its elements has the colour of the number that stands beside it."""

import numpy as np
import pytest

from mmviz import Scene
from mmviz.picture.eye.camera import project
from mmviz.picture.ground import Repainter
from mmviz.picture.ground_names import Ground
from mmviz.picture.look.color import color
from mmviz.picture.look.palette import Palette
from mmviz.render.glsl.lattice import GLOSS
from mmviz.render.opengl.canvas import Canvas

WIDTH, HEIGHT = 640, 360


@pytest.mark.parametrize("at", ["side", "below"])
@pytest.mark.parametrize("ground", ["black", "white"])
def test_the_elements_of_a_bar_have_the_colours_of_their_numbers(at: str, ground: Ground) -> None:
    composition = Scene("A", {"A": {"values": [[3.0, -3.0]]}}, style={"bar": at}).composition
    camera = composition.camera(WIDTH / HEIGHT)
    drawing = Repainter(ground)(composition.at(0, camera, WIDTH / HEIGHT))
    with Canvas(WIDTH, HEIGHT, light=ground == "white") as canvas:
        canvas.show(drawing, camera)
        picture = canvas.draw()
    (bar,) = drawing.insets
    (sheet,) = bar.drawing.sheets
    assert isinstance(sheet.look, Palette)
    rows, columns = np.indices(sheet.values.shape).reshape(2, -1)
    seen = project(bar.camera, sheet.placement.spot(rows, columns), bar.across / bar.side)
    left, bottom, right, top = bar.place(WIDTH / HEIGHT)
    x = (left + seen[:, 0] * (right - left)) * WIDTH
    y = HEIGHT - (bottom + seen[:, 1] * (top - bottom)) * HEIGHT
    for number in (0, 1, len(x) - 2, len(x) - 1):  # the largest, which are wide enough for a whole pixel
        value = sheet.values.reshape(-1)[number]
        rgb = color(value, 3.0, sheet.look)
        expected = 255 * np.clip(rgb + GLOSS * np.linalg.norm(rgb), 0, 1)
        around = picture[int(y[number]) - 1 : int(y[number]) + 2, int(x[number]) - 1 : int(x[number]) + 2].reshape(
            -1, 3
        )
        assert abs(around - expected).max(axis=1).min() < 30
