"""The lattice shader against numpy: colour, radius, place, depth and what an update costs."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from mmviz.picture.drawlist import DrawList, Lines, Patch, Sheet
from mmviz.picture.eye.camera import Camera, fit
from mmviz.picture.look import color
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement, Vector
from mmviz.picture.space.sweep import NOWHERE, Sweep
from mmviz.render.glsl.lattice import GLOSS
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.pyramid import build_atlas

Picture = NDArray[np.uint8]
SIDE = 240
"""Of the canvas, in pixels."""
X, Y, Z = np.eye(3)
VALUES = [0.0, -0.0, 1e-6, 0.01, 0.1, 0.25, 0.5, 0.9, 1.0, -1e-6, -0.01, -0.1, -0.25, -0.5, -0.9, -1.0]
BEYOND = [1.1, 1000.0, -1.1, -1e30]
STRANGE = [np.nan, np.inf, -np.inf]


def sheet(values: ArrayLike, placement: Placement | None = None, key: str = "m", **settings: Any) -> Sheet:
    numbers = np.asarray(values, np.float32)
    return Sheet(
        ItemKey("matrix", key),
        placement or Placement(numbers.shape, np.zeros(3), -Y, X),
        numbers,
        **{"scale": 1.0, **settings},
    )


def from_front(height: float, target: Vector | None = None) -> Camera:
    """An eye so far away that its view is nearly parallel; `height` cells fill the picture."""
    target = np.zeros(3) if target is None else target
    angle = 0.5
    distance = height / 2 / np.tan(np.radians(angle / 2))
    return Camera(target + distance * Z, target, Y, angle)


def around(*sheets: Sheet, margin: float = 0.75) -> Vector:
    return np.concatenate([item.placement.corners(margin) for item in sheets])


def draw(canvas: Canvas, camera: Camera, *sheets: Sheet, **items: Any) -> Picture:
    canvas.show(DrawList(sheets=sheets, extent=around(*sheets), **items), camera)
    return canvas.draw()


def pixel(point: Vector, camera: Camera, side: int = SIDE) -> tuple[float, float]:
    """Row and column of a point in the picture, in pixels."""
    right, up, toward = camera.axes()
    away = point - camera.position
    focal = 0.5 * side / np.tan(np.radians(camera.view_angle) / 2)
    scale = focal / -(away @ toward)
    return side / 2 - 0.5 - scale * (away @ up), side / 2 - 0.5 + scale * (away @ right)


def bright(picture: Picture, threshold: int = 12) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = picture.max(axis=2) > threshold
    return mask


def at_top(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """The shader's light at a sphere's top, where it faces the eye; 0..255."""
    gloss = GLOSS * np.linalg.norm(rgb, axis=-1, keepdims=True)
    lit: NDArray[np.float64] = 255 * np.clip(rgb + gloss, 0, 1)
    return lit


@pytest.mark.parametrize("scale", [1.0, 3e-4, 7e5])
@pytest.mark.parametrize("x", VALUES)
def test_a_value_has_the_colour_and_the_size_that_the_rule_gives(canvas: Canvas, x: float, scale: float) -> None:
    value = np.float32(x * scale)
    picture = draw(canvas, from_front(1.2), sheet([[value]], scale=scale))
    expected = at_top(color.color(value, scale))
    np.testing.assert_allclose(picture[SIDE // 2, SIDE // 2], expected, atol=2)
    cell = SIDE / 1.2  # pixels
    # The rim is dark: where it has half its light, it covers half a pixel.
    width = np.count_nonzero(bright(picture, 2)[SIDE // 2])
    assert width == pytest.approx(2 * cell * float(color.radius(value, scale)), abs=2)
    assert np.count_nonzero(bright(picture, 2)[:, SIDE // 2]) == width


@pytest.mark.parametrize("x", STRANGE + BEYOND)
def test_what_is_no_ordinary_value_is_drawn_at_full_size(canvas: Canvas, x: float) -> None:
    picture = draw(canvas, from_front(1.2), sheet([[x]]))
    width = np.count_nonzero(bright(picture, 2)[SIDE // 2])
    assert width == pytest.approx(2 * SIDE / 1.2 * float(color.radius(x, 1.0)), abs=2)


def test_nan_and_infinity_have_colours_of_their_own(canvas: Canvas) -> None:
    nan, plus, minus = (draw(canvas, from_front(1.2), sheet([[x]])) for x in STRANGE)
    np.testing.assert_allclose(nan[120, 120], at_top(color.color(np.nan, 1.0)), atol=2)
    assert plus[120, 120].tolist() == minus[120, 120].tolist() == [255, 255, 255]
    rim = plus[120, 120 + 70].astype(int)
    assert np.ptp(rim) <= 2, "infinite is white all over"


def test_a_clipped_value_carries_a_white_cap_and_others_do_not(canvas: Canvas) -> None:
    for x in (*VALUES, *BEYOND, *STRANGE):
        top = draw(canvas, from_front(1.2), sheet([[x]]))[120, 120]
        assert bool(color.clipped(x, 1.0)) == bool(top.min() > 220), x


def test_a_clipped_value_keeps_its_colour_beside_the_cap(canvas: Canvas) -> None:
    beyond = draw(canvas, from_front(1.2), sheet([[50.0]])).astype(int)
    full = draw(canvas, from_front(1.2), sheet([[1.0]])).astype(int)
    same = np.abs(beyond - full).max(axis=2) <= 1
    assert same[120, 120 + 60]
    assert 0.7 < same[bright(full.astype(np.uint8))].mean() < 0.95


def test_a_masked_cell_is_not_drawn_whatever_its_value(canvas: Canvas) -> None:
    values = np.array([[1.0, np.nan, -np.inf, -1.0]], np.float32)
    masked = np.array([[True, True, True, False]])
    picture = draw(canvas, from_front(5.0, 1.5 * X), sheet(values, masked=masked))
    lit = np.flatnonzero(bright(picture).any(axis=0))
    assert lit.min() >= 0.7 * SIDE, "only the last cell is there"
    picture = draw(canvas, from_front(5.0, 1.5 * X), sheet(values, masked=np.ones((1, 4), bool)))
    assert not bright(picture).any()


def test_extreme_scales_lose_neither_zero_nor_the_largest(canvas: Canvas) -> None:
    for scale in (1e-37, 1e-40, 3e37):
        zero = draw(canvas, from_front(1.2), sheet([[0.0]], scale=scale))
        np.testing.assert_allclose(zero[120, 120], at_top(color.color(0.0, 1.0)), atol=2)
    for scale in (1e-37, 3e37):
        full = draw(canvas, from_front(1.2), sheet([[scale]], scale=scale))
        np.testing.assert_allclose(full[120, 120], at_top(color.color(1.0, 1.0)), atol=3)


DIRECTIONS = [(a, b) for a, b in product([X, -X, Y, -Y, Z, -Z], repeat=2) if abs(a @ b) < 0.5]


@pytest.mark.parametrize(("down", "across"), DIRECTIONS)
def test_every_placement_shows_each_element_where_it_stands(canvas: Canvas, down: Vector, across: Vector) -> None:
    """Mirrored and turned in each of the 24 ways, from the front and from behind."""
    values = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    placement = Placement((3, 4), np.array([5.0, -2.0, 1.0]), down, across)
    middle = placement.element(1, 1.5)
    for side in (1, -1):
        eye = middle + side * 12 * placement.normal + 1.5 * down + 2 * across
        picture = draw(canvas, Camera(eye, middle, down, 30.0), sheet(values, placement))
        check_elements(picture, values, placement, Camera(eye, middle, down, 30.0))


def check_elements(picture: Picture, values: NDArray[np.float32], placement: Placement, camera: Camera) -> None:
    """Each sphere's brightest point, its top, has its colour where the camera sees its centre."""
    for (i, j), x in np.ndenumerate(values):
        row, column = (round(part) for part in pixel(placement.element(i, j), camera))
        expected = at_top(color.color(x, 1.0))
        np.testing.assert_allclose(picture[row, column], expected, atol=12, err_msg=f"element {i}, {j}")


@pytest.mark.parametrize("gap", [0.4, 1.0, 2.5])
def test_blocks_stand_apart_by_the_gap(canvas: Canvas, gap: float) -> None:
    values = np.random.default_rng(0).uniform(-1, 1, (7, 5)).astype(np.float32)
    placement = Placement((7, 5), np.zeros(3), -Y, X, row_block=3, column_block=2, gap=gap)
    camera = fit(placement.corners(0.75), (0.4, 0.3, 1.0), 1.0)
    check_elements(draw(canvas, camera, sheet(values, placement)), values, placement, camera)


def test_blocks_from_far_away_keep_their_gap(canvas: Canvas) -> None:
    values = np.ones((200, 200), np.float32)
    placement = Placement((200, 200), np.zeros(3), -Y, X, row_block=96, column_block=96, gap=40.0)
    camera = fit(placement.corners(0.75), (0.0, 0.0, 1.0), 1.0)
    mask = bright(draw(canvas, camera, sheet(values, placement)))
    row, column = (round(part) for part in pixel(placement.element(95, 95) + 20 * (X - Y), camera))
    assert not mask[row, :].any()
    assert not mask[:, column].any()
    for i, j in product((40, 150, 198), repeat=2):
        row, column = (round(part) for part in pixel(placement.element(i, j), camera))
        assert mask[row - 3 : row + 4, column - 3 : column + 4].any()


def test_a_parallel_projection_draws_the_same_spheres() -> None:
    with Canvas(SIDE, SIDE) as canvas:
        check_parallel(canvas)


def check_parallel(canvas: Canvas) -> None:
    values = np.random.default_rng(0).uniform(-1, 1, (5, 5)).astype(np.float32)
    one = sheet(values)
    center = one.placement.element(2, 2)
    near_parallel = draw(canvas, from_front(6.0, center), one).astype(int)
    eye = canvas.window.GetRenderers().GetFirstRenderer().GetActiveCamera()
    eye.ParallelProjectionOn()
    eye.SetParallelScale(3.0)
    parallel = canvas.draw().astype(int)
    assert np.abs(parallel - near_parallel).mean() < 0.3
    eye.SetPosition(*(center + np.array([4.0, 3.0, 6.0])))
    eye.SetClippingRange(0.1, 50.0)
    turned = canvas.draw()
    toward = np.array([4.0, 3.0, 6.0]) / np.linalg.norm([4.0, 3.0, 6.0])
    right = np.cross(Y, toward) / np.linalg.norm(np.cross(Y, toward))
    for i, j in product(range(5), repeat=2):
        away = one.placement.element(i, j) - center
        across, up = away @ right, away @ np.cross(toward, right)
        row, column = round(119.5 - SIDE / 6 * float(up)), round(119.5 + SIDE / 6 * float(across))
        np.testing.assert_allclose(turned[row, column], at_top(color.color(values[i, j], 1.0)), atol=8)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("cells", [4, 64, 300])
def test_the_nearer_lattice_hides_the_farther_one(canvas: Canvas, order: tuple[int, int], cells: int) -> None:
    ones = np.ones((cells, cells), np.float32)
    both = (
        sheet(ones, Placement(ones.shape, 0.06 * cells * Z, -Y, X), "near"),
        sheet(-ones, Placement(ones.shape, np.zeros(3), -Y, X), "far"),
    )
    camera = fit(around(*both), (0.0, 0.0, 1.0), 1.0)
    alone = bright(draw(canvas, camera, both[0]), 120)
    picture = draw(canvas, camera, *(both[n] for n in order))
    assert (picture[alone][:, 2] > picture[alone][:, 0]).all()


def test_lattices_hide_each_other_sphere_by_sphere(canvas: Canvas) -> None:
    """Two matrices that cross: each is seen where it is nearer."""
    ones = np.ones((9, 9), np.float32)
    level = sheet(ones, Placement((9, 9), np.zeros(3), -Y, X), "level")
    tilted = sheet(-ones, Placement((9, 9), 4.0 * Z, -Y, np.array([0.7071, 0.0, -0.7071])), "tilted")
    picture = draw(canvas, from_front(10.0, level.placement.element(4, 4)), level, tilted).astype(int)
    red = picture[..., 0] > picture[..., 2]
    assert red[bright(picture.astype(np.uint8), 60)][:1].size
    left, right = picture[20:220, 30:90], picture[20:220, 150:200]
    assert (left[..., 0] > left[..., 2] + 40).mean() > 0.4, "the tilted one is nearer on the left"
    assert (right[..., 2] > right[..., 0] + 40).mean() > 0.4, "and farther on the right"


def test_spheres_hide_lines_behind_them_and_not_those_before(canvas: Canvas) -> None:
    one = sheet(np.ones((1, 3)))
    camera = from_front(4.0, X)
    for z, seen in ((-0.6, False), (0.0, False), (0.6, True)):
        line = Lines(ItemKey("outline", "line"), np.array([[-5.0, 0.0, z], [5.0, 0.0, z]]), (0.0, 1.0, 0.0), 12.0)
        picture = draw(canvas, camera, one, lines=(line,))
        center = picture[120, 120].tolist()
        assert (center == [0, 255, 0]) == seen, z
        assert picture[120, 90].tolist() == [0, 255, 0], "between two spheres it is seen"


def test_a_far_matrix_hides_no_more_than_its_own_thickness(canvas: Canvas) -> None:
    """Its coarse spheres are thick; a name that stands a cell above it must not vanish in them."""
    one = sheet(np.ones((512, 512)))
    camera = fit(around(one), (0.5, 0.4, 1.0), 1.0)
    middle = one.placement.element(256, 256)
    corners = [middle + a * 100 * X + b * 20 * Y + 0.9 * Z for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    strip = Patch(ItemKey("arrow", "strip"), np.array(corners), np.array([[0, 1, 2], [0, 2, 3]]), (0.0, 1.0, 0.0))
    picture = draw(canvas, camera, one, patches=(strip,))
    for across, up in product(np.linspace(-95, 95, 40), (-12, 0, 12)):
        row, column = (round(part) for part in pixel(middle + across * X + up * Y + 0.9 * Z, camera))
        assert picture[row, column].tolist() == [0, 255, 0]


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (1, 2), (3, 5), (33, 1), (2, 1025)])
def test_every_shape_is_drawn_from_end_to_end(canvas: Canvas, shape: tuple[int, int]) -> None:
    one = sheet(np.ones(shape))
    camera = fit(around(one), (0.2, 0.3, 1.0), 1.0)
    mask = bright(draw(canvas, camera, one))
    for i, j in ((0, 0), (shape[0] - 1, shape[1] - 1)):
        row, column = (round(part) for part in pixel(one.placement.element(i, j), camera))
        assert mask[row - 2 : row + 3, column - 2 : column + 3].any()


def test_the_eye_may_stand_close_to_a_wall_or_inside_it(canvas: Canvas) -> None:
    """The near sides of the box are then cut off by the picture's own depth range."""
    one = sheet(np.full((200, 3000), 0.8))
    spot = one.placement.element(100, 1500)
    for lift in (20.0, 3.0, 0.2):
        eye = spot + lift * Z + 0.3 * X
        picture = draw(canvas, Camera(eye, eye - 0.5 * Z + X, Y), one)
        assert bright(picture).mean() > 0.2, lift


def test_views_of_an_array_are_drawn_as_what_they_show(canvas: Canvas) -> None:
    values = np.random.default_rng(0).uniform(-1, 1, (5, 7)).astype(np.float32)
    camera = fit(around(sheet(values.T)), (0.0, 0.0, 1.0), 1.0)
    views = (
        values.T,
        np.asfortranarray(values.T),
        np.ascontiguousarray(values.T),
        np.repeat(values.T, 2, axis=1)[:, ::2],
    )
    first, *others = (draw(canvas, camera, Sheet(ItemKey("matrix", "m"), sheet(v).placement, v, 1.0)) for v in views)
    for other in others:
        np.testing.assert_array_equal(first, other)


@pytest.mark.slow
def test_several_million_elements_fit(canvas: Canvas) -> None:
    one = sheet(np.broadcast_to(np.float32(0.5), (3000, 2000)))
    camera = fit(around(one), (0.0, 0.0, 1.0), 1.0)
    picture = draw(canvas, camera, one)
    rows, columns = (np.flatnonzero(bright(picture).any(axis=axis)) for axis in (1, 0))
    assert np.ptp(rows) == pytest.approx(1.5 * np.ptp(columns), abs=3)
    assert bright(picture)[rows.min() : rows.max(), columns.min() : columns.max()].mean() > 0.5


SWEEPS = [
    Sweep(row_turn=1, last=2),
    Sweep(column_turn=1, first=1, last=2),
    Sweep(row_turn=5, column_turn=1, last=12),
    Sweep(row_turn=2, column_turn=1, first=1, last=2, row_block=3, column_block=2),
    NOWHERE,
    Sweep(row_turn=1, column_turn=5, first=3, last=20),
    Sweep(row_turn=1, first=1, last=2, row_size=2),
    Sweep(row_turn=3, column_turn=1, first=2, last=7, row_size=3, column_size=2),
    Sweep(row_turn=2, column_turn=1, last=2, row_block=5, column_block=4, row_size=2, column_size=3),
]


@pytest.mark.parametrize("sweep", SWEEPS)
def test_a_sweep_shows_and_lights_the_cells_of_its_mask(canvas: Canvas, sweep: Sweep) -> None:
    one = sheet(np.full((7, 5), 0.25))
    camera = fit(around(one), (0.0, 0.0, 1.0), 1.0)
    shown = draw(canvas, camera, replace(one, shown=sweep)).astype(int)
    lit = draw(canvas, camera, replace(one, lit=(NOWHERE, sweep), dimmed=0.5)).astype(int)
    plain = draw(canvas, camera, one).astype(int)
    for (i, j), inside in np.ndenumerate(sweep.mask((7, 5))):
        row, column = (round(part) for part in pixel(one.placement.element(i, j), camera))
        assert (shown[row, column].max() > 30) == inside
        assert (lit[row, column].sum() > plain[row, column].sum()) == inside
        assert (lit[row, column].sum() < 0.6 * plain[row, column].sum()) != inside


@pytest.mark.slow
def test_an_update_draws_the_same_as_a_new_canvas(canvas: Canvas) -> None:
    """Values, scale, mask, shape, sweeps and placement change one after the other under one key."""
    rng = np.random.default_rng(0)
    values = rng.uniform(-1, 1, (6, 6)).astype(np.float32)
    first = sheet(values)
    camera = fit(around(first), (0.3, 0.2, 1.0), 1.0)
    steps = [
        first,
        replace(first, scale=0.3),
        replace(first, masked=values > 0.5),
        replace(first, values=values[::-1].copy()),
        replace(first, shown=SWEEPS[0]),
        replace(first, lit=(SWEEPS[1],), dimmed=0.4),
        replace(first, placement=Placement((6, 6), -3 * Z, X, -Y)),
        replace(first, placement=Placement((6, 6), np.zeros(3), -Y, X, 2, 3, 0.5)),
        sheet(rng.uniform(-1, 1, (3, 8))),
        first,
    ]
    pictures = [draw(canvas, camera, step) for step in steps]
    for step, picture, before in zip(steps, pictures, [None, *pictures], strict=False):
        with Canvas(SIDE, SIDE) as fresh:
            np.testing.assert_array_equal(picture, draw(fresh, camera, step))
        assert before is None or (picture != before).any()


def test_what_has_not_changed_is_not_uploaded_again(canvas: Canvas, monkeypatch: pytest.MonkeyPatch) -> None:
    uploads: list[object] = []

    def counted(*arguments: Any) -> Any:
        uploads.append(arguments[0])
        return build(*arguments)

    build = build_atlas
    monkeypatch.setattr("mmviz.render.opengl.lattice.build_atlas", counted)
    one = sheet(np.ones((4, 4)))
    camera = fit(around(one), (0.0, 0.0, 1.0), 1.0)
    moved = replace(one, lit=(SWEEPS[1],), placement=Placement((4, 4), Z, -Y, X), dimmed=0.2)
    for step in (one, one, replace(one), moved, one, replace(one, shown=NOWHERE), one):
        draw(canvas, camera, step)
    assert len(uploads) == 1
    draw(canvas, camera, replace(one, values=one.values.copy()))
    assert len(uploads) == 2
    draw(canvas, camera, replace(one, values=one.values, shown=SWEEPS[0]))
    assert len(uploads) == 3, "a cell of a coarser level shows only what is there"


def test_the_values_are_not_modified(canvas: Canvas) -> None:
    values = np.random.default_rng(0).uniform(-1, 1, (6, 6)).astype(np.float32)
    values.flags.writeable = False
    masked = values > 0
    masked.flags.writeable = False
    one = sheet(values, masked=masked)
    draw(canvas, fit(around(one), (0.0, 0.0, 1.0), 1.0), one)
