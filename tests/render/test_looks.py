"""The palettes and mm's colours: the shader against numpy, at the top of single spheres."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.picture.drawlist import DrawList, Sheet
from mmviz.picture.eye.camera import Camera
from mmviz.picture.look import color, mm_color
from mmviz.picture.look.palette import BLUE_ORANGE, PALETTE, SEQUENTIAL, MmLook, Palette
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.render.glsl.lattice import GLOSS
from mmviz.render.opengl.canvas import Canvas
from mmviz.scene.keys.options import MmColors

SIDE = 240
"""Of the canvas, in pixels."""
CELLS = 1.2  # that fill the picture
X, Y, Z = np.eye(3)
VALUES = [0.01, 0.25, 0.6, 1.0, -0.01, -0.25, -0.6, -1.0, 1.7, -3.0]
WIDE = MmColors(min_size=0.1, min_light=0.2, max_light=0.9, elem_scale=0.9, zero_hue=0.3, hue_gap=0.4, hue_spread=0.25)


def drawn(canvas: Canvas, value: float, look: Palette | MmLook) -> NDArray[np.uint8]:
    angle = 0.5
    camera = Camera(CELLS / 2 / np.tan(np.radians(angle / 2)) * Z, np.zeros(3), Y, angle)
    sheet = Sheet(
        ItemKey("matrix", "m"), Placement((1, 1), np.zeros(3), -Y, X), np.array([[value]], np.float32), 1.0, look=look
    )
    canvas.show(DrawList(sheets=(sheet,), extent=sheet.placement.corners(1.0)), camera)
    return canvas.draw()


def at_top(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    lit: NDArray[np.float64] = 255 * np.clip(rgb + GLOSS * np.linalg.norm(rgb), 0, 1)
    return lit


def width(picture: NDArray[np.uint8]) -> int:
    return int(np.count_nonzero(picture[SIDE // 2].max(axis=1) > 2))


LINEAR, LOG = replace(PALETTE, curve="linear"), replace(SEQUENTIAL, curve="log", decades=1.5)


@pytest.mark.parametrize("palette", [PALETTE, BLUE_ORANGE, SEQUENTIAL, LINEAR, LOG])
@pytest.mark.parametrize("value", [x for x in VALUES if abs(x) <= 1])
def test_a_palette_is_the_same_in_numpy_and_in_the_shader(canvas: Canvas, value: float, palette: Palette) -> None:
    picture = drawn(canvas, value, palette)
    np.testing.assert_allclose(picture[120, 120], at_top(color.color(value, 1.0, palette)), atol=2)
    assert width(picture) == pytest.approx(2 * SIDE / CELLS * float(color.radius(value, 1.0, palette)), abs=2)


@pytest.mark.parametrize("colors", [MmColors(), WIDE])
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.2, 0.8), (0.5, 0.5)])
@pytest.mark.parametrize("value", VALUES)
def test_mms_colours_are_the_same_in_numpy_and_in_the_shader(
    canvas: Canvas, value: float, low: float, high: float, colors: MmColors
) -> None:
    picture = drawn(canvas, value, MmLook(colors, low, high))
    # A small sphere's gloss is hardly wider than a pixel.
    np.testing.assert_allclose(picture[120, 120], at_top(mm_color.color(value, low, high, colors)), atol=4)
    expected = 2 * SIDE / CELLS * float(mm_color.radius(value, low, high, colors))
    assert width(picture) == pytest.approx(expected, abs=2)


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_mm_does_not_draw_zero_and_nan(canvas: Canvas, value: float) -> None:
    assert not drawn(canvas, value, MmLook(MmColors(), 0.0, 1.0)).any()


def test_a_matrix_may_change_its_look(canvas: Canvas) -> None:
    first = drawn(canvas, -0.6, PALETTE)
    other = drawn(canvas, -0.6, MmLook(WIDE, 0.0, 1.0))
    again = drawn(canvas, -0.6, PALETTE)
    assert (first != other).any()
    np.testing.assert_array_equal(first, again)
