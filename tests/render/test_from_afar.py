"""A matrix from afar: as bright as near by, its outliers found, nothing of what is not there, and no seam."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.picture.drawlist import Caption, DrawList, Sheet
from mmviz.picture.eye.camera import Camera
from mmviz.picture.look.color import robust_scale
from mmviz.picture.space.placement import Placement, Vector
from mmviz.picture.space.sweep import Sweep
from mmviz.render.opengl.canvas import Canvas
from tests.kept_canvases import Canvases
from tests.render.test_lattice import X, Y, Z, draw, from_front, pixel, sheet

LARGE = 576
"""Side of the canvas on which light is measured, in pixels."""
NEAR = 11.3
"""Pixels of a cell whose sphere is drawn as it is."""
FAR = (7.3, 4.6, 3.4, 2.7, 2.2, 1.6, 1.1, 0.7, 0.4)
SLANTS = {"front": Z, "slant": np.array([0.5, 0.6, 0.8]), "steep": np.array([-0.9, 0.25, 0.55])}
DRAWN = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)


def gaussian(*shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def seen_from(direction: Vector, target: Vector, cell: float, side: int) -> Camera:
    """A camera for which a cell of a plane through the target, across the view, is so many pixels."""
    angle = 4.0
    distance = side / cell / 2 / np.tan(np.radians(angle / 2))
    return Camera(target + distance * direction / np.linalg.norm(direction), target, Y, angle)


def light(canvas: Canvas, one: Sheet, direction: Vector, cell: float, *, white: bool = False) -> float:
    """The light of a picture, or what its white ground has lost, for each cell: the sum of its numbers."""
    placement, ground = one.placement, float(white)
    drawing = DrawList(sheets=(one,), extent=placement.corners(0.75), background=(ground,) * 3)
    canvas.show(drawing, seen_from(direction, placement.center(), cell, LARGE))
    picture = canvas.draw() / 255.0
    return float(np.abs(picture - ground).sum()) / cell**2


@pytest.mark.parametrize("white", [False, True], ids=["on black", "on white"])
@pytest.mark.parametrize("slant", SLANTS)
def test_a_gaussian_matrix_is_as_bright_from_every_distance(canvases: Canvases, slant: str, white: bool) -> None:
    values = gaussian(44, 44)
    one = sheet(values, scale=robust_scale(values, 0.995))
    with canvases(LARGE, LARGE, light=white) as canvas:
        near = light(canvas, one, SLANTS[slant], NEAR, white=white)
        for cell in FAR:
            far = light(canvas, one, SLANTS[slant], cell, white=white)
            assert far == pytest.approx(near, rel=0.05), cell


@pytest.mark.parametrize(("cell", "refined"), [(1.3, False), (0.7, False), (0.3, False), (0.7, True), (0.3, True)])
def test_both_signs_are_seen_as_their_own_colours_in_patches_of_some_pixels(
    canvases: Canvases, cell: float, refined: bool
) -> None:
    """Red beside blue in every other pixel would be seen as violet."""
    values = gaussian(300, 300)
    one = sheet(values, scale=robust_scale(values, 0.995))
    with canvases(240, 240) as canvas:
        if refined:
            canvas.refine()
        picture = draw(canvas, seen_from(Z, one.placement.center(), cell, 240), one).astype(float)
    ground = picture.sum(axis=2) == 0
    blue = np.where(ground, 0.0, np.sign(picture[..., 2] - picture[..., 0]))
    alike = np.concatenate([(blue[:, 1:] * blue[:, :-1]).ravel(), (blue[1:] * blue[:-1]).ravel()])
    assert alike.sum() > 0.69 * np.abs(alike).sum(), "six of seven neighbours have one colour"


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("cell", [5.0, 2.6, 1.3, 0.6, 0.2, 0.05])
def test_an_outlier_of_ten_times_the_scale_is_found_at_its_place_from_every_distance(
    canvas: Canvas, cell: float, sign: int
) -> None:
    values = gaussian(90, 150)
    scale = robust_scale(values, 0.995)
    values[41, 88] = sign * 10 * scale
    one = sheet(values, scale=scale)
    spot = one.placement.element(41, 88)
    camera = seen_from(Z, spot + 0.7 * X, cell, 240)
    others = np.where(np.abs(values) > scale, 0, values)
    picture, plain = (draw(canvas, camera, item).astype(int) for item in (one, sheet(others, scale=scale)))
    more = (picture - plain)[..., 2 if sign > 0 else 0]
    row, column = (round(part) for part in pixel(spot, camera))
    brightest = np.unravel_index(more.argmax(), more.shape)
    assert np.abs(np.subtract(brightest, (row, column))).max() <= 1
    assert more.max() > 60
    assert np.abs(picture - plain).max(axis=2).astype(bool).sum() < 40 + 4 * cell**2, "the rest is as it was"


@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    blocks=st.tuples(st.integers(0, 9), st.integers(0, 9)),
    turns=st.tuples(st.integers(0, 9), st.integers(0, 2)),
    last=st.integers(0, 60),
    height=st.floats(8.0, 400.0),
)
@DRAWN
def test_what_is_not_there_yet_shows_no_more_than_what_is_masked(
    canvas: Canvas,
    shape: tuple[int, int],
    blocks: tuple[int, int],
    turns: tuple[int, int],
    last: int,
    height: float,
) -> None:
    """At every level: where the matrix is seen from far away a cell stands for elements of both kinds."""
    values = gaussian(*shape)
    values[::5, ::3] *= 30
    placement = Placement(shape, np.zeros(3), -Y, X, *blocks, 0.8)
    sweep = Sweep(*turns, 0, last, *(block or 1 << 30 for block in blocks))
    whole = sheet(values, placement, scale=3.0)
    camera = from_front(height, placement.center())
    running = draw(canvas, camera, replace(whole, shown=sweep))
    np.testing.assert_array_equal(running, draw(canvas, camera, replace(whole, masked=~sweep.mask(shape))))


@pytest.mark.slow
@given(
    shape=st.tuples(st.integers(4, 60), st.integers(1, 40)),
    block=st.integers(1, 17),
    height=st.floats(10.0, 300.0),
)
@DRAWN
def test_blocks_together_show_the_light_of_each_alone(
    canvas: Canvas, shape: tuple[int, int], block: int, height: float
) -> None:
    values = gaussian(*shape)
    placement = Placement(shape, np.zeros(3), -Y, X, block, 0, 0.7)
    camera = from_front(height, placement.center())
    whole = draw(canvas, camera, sheet(values, placement, scale=3.0)) / 255.0
    number = np.arange(shape[0])[:, None] // block
    cell = 240 / height
    for odd in (0, 1):
        masked = np.broadcast_to(number % 2 != odd, shape)
        alone = draw(canvas, camera, sheet(values, placement, scale=3.0, masked=masked)) / 255.0
        if block * cell > 3:
            rows = placement.spot(np.flatnonzero(number[:, 0] % 2 == odd), 0)[:, 1] - placement.center()[1]
            inside = [round(119.5 - y * cell) for y in rows]
            inside = [row for row in inside if 1 < row < 238]
            np.testing.assert_allclose(whole[inside], alone[inside], atol=0.02)
        assert (whole.sum(axis=2) >= alone.sum(axis=2) - 0.02).all() or block * cell <= 3


@pytest.mark.slow
@pytest.mark.parametrize("slant", SLANTS)
def test_on_the_way_from_near_to_far_no_frame_differs_from_the_last_more_than_its_neighbours_do(
    canvas: Canvas, slant: str
) -> None:
    values = gaussian(60, 90)
    values[20, 30] = 50.0
    one = sheet(values, scale=4.0)
    pictures = []
    for cell in 6.0 * 0.97 ** np.arange(90):
        camera = seen_from(SLANTS[slant], one.placement.center(), cell, 240)
        pictures.append(draw(canvas, camera, one) / 255.0)
    steps = np.array([np.abs(a - b).mean() for a, b in pairwise(pictures)])
    for number in range(2, len(steps) - 2):
        assert steps[number] < 1.6 * np.median(steps[number - 2 : number + 3]), f"a seam at frame {number}"


def test_a_refined_picture_is_nearer_to_a_large_one_made_small(canvases: Canvases) -> None:
    one = sheet(gaussian(40, 40), scale=4.0)
    direction, center = SLANTS["slant"], one.placement.center()
    with canvases(960, 960) as canvas:
        large = draw(canvas, seen_from(direction, center, 24.0, 960), one) / 255.0
    expected = large.reshape(120, 8, 120, 8, 3).mean(axis=(1, 3))
    camera, errors = seen_from(direction, center, 3.0, 120), []
    for refined in (False, True):
        with canvases(120, 120) as canvas:
            if refined:
                canvas.refine()
            errors.append(float(np.abs(draw(canvas, camera, one) / 255.0 - expected).mean()))
    assert errors[1] < 0.6 * errors[0]


def test_refining_moves_no_text_on_the_glass(canvases: Canvases) -> None:
    drawing = DrawList(captions=(Caption("title", "Title", 0.5, (1.0, 1.0, 1.0), 0.1),))
    pictures = []
    for refined in (False, True):
        with canvases(120, 60) as canvas:
            if refined:
                canvas.refine()
            canvas.show(drawing, from_front(4.0))
            pictures.append(canvas.draw())
    np.testing.assert_array_equal(pictures[0], pictures[1])
