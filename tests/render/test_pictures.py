"""Small pictures compared with golden ones; every golden picture was looked at before it was committed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

import mmviz
from mmviz.picture.drawlist import Caption, DrawList, Inset, Label, Lines, Patch, Sheet
from mmviz.picture.eye.camera import Camera, fit
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.picture.space.sweep import Sweep
from mmviz.render.opengl.canvas import Canvas

pytestmark = pytest.mark.usefixtures("canvases_kept")

Picture = NDArray[np.uint8]
Shot = tuple[DrawList, Camera, tuple[int, int]]
SIZE = (240, 180)
X, Y, Z = np.eye(3)
WHITE, GREY = (1.0, 1.0, 1.0), (0.5, 0.5, 0.55)
FRONT, ASIDE = (0.0, 0.0, 1.0), (-0.8, 0.5, 1.0)


def sheet(values: ArrayLike, key: str = "m", z: float = 0.0, **settings: Any) -> Sheet:
    """A matrix that faces the viewer: rows run down, columns to the right."""
    numbers = np.asarray(values, np.float32)
    return Sheet(ItemKey("matrix", key), Placement(numbers.shape, z * Z, -Y, X), numbers, **{"scale": 1.0, **settings})


def seen(drawing: DrawList, direction: tuple[float, float, float], size: tuple[int, int] = SIZE) -> Shot:
    extent = np.concatenate([item.placement.corners(0.75) for item in drawing.sheets])
    return replace(drawing, extent=extent), fit(extent, direction, size[0] / size[1]), size


def noise(*shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def every_kind_of_value() -> Shot:
    values = np.array(
        [
            [1, 0.5, 0.1, 0.01, 0],
            [-1, -0.5, -0.1, -0.01, -0.0],
            [np.nan, np.inf, -np.inf, 3, -3],
            [0.9, 0.7, 0.5, 0.3, 0.8],
        ]
    )
    return seen(DrawList(sheets=(sheet(values, masked=values == 0.8),)), FRONT)


def rims() -> Shot:
    """Smooth edges, before a sphere of the same and of another matrix, on a light ground."""
    near, far = sheet(np.full((3, 5), 0.9), "near", 2.0), sheet(-np.ones((4, 6)), "far")
    return seen(DrawList(sheets=(near, far), background=(0.6, 0.6, 0.6)), ASIDE)


def highlights() -> Shot:
    lit = (Sweep(row_turn=1, first=2, last=2), Sweep(column_turn=1, first=4, last=4))
    return seen(DrawList(sheets=(sheet(noise(8, 10), scale=2.0, lit=lit, dimmed=0.5),)), FRONT)


def sweeps() -> Shot:
    """Half way through the computation by rows, by columns, by cells, and by cells of every block."""
    orders = (
        Sweep(row_turn=1, last=2),
        Sweep(column_turn=1, last=2),
        Sweep(row_turn=6, column_turn=1, last=20),
        Sweep(row_turn=3, column_turn=1, last=4, row_block=3, column_block=3),
    )
    sheets = []
    for number, shown in enumerate(orders):
        one = sheet(noise(6, 6), f"m{number}", scale=2.0, shown=shown)
        origin = 7.5 * (number % 2) * X - 7.5 * (number // 2) * Y
        sheets.append(replace(one, placement=replace(one.placement, origin=origin)))
    return seen(DrawList(sheets=tuple(sheets)), FRONT)


def blocks() -> Shot:
    one = sheet(noise(7, 11), scale=2.0)
    return seen(
        DrawList(sheets=(replace(one, placement=replace(one.placement, row_block=3, column_block=4, gap=1.3)),)), ASIDE
    )


def large_and_far() -> Shot:
    """A wave with two outliers, of which one element in four million would be lost in an average."""
    i, j = np.mgrid[:2048, :2048]
    values = (0.5 * np.sin(i / 100) * np.cos(j / 150)).astype(np.float32) + 0.05 * noise(2048, 2048)
    values[600, 600], values[1400, 1400] = 1.0, -1.0
    return seen(DrawList(sheets=(sheet(values),)), (-0.3, 0.2, 1.0), (180, 135))


def inset() -> Shot:
    drawing, camera, size = seen(DrawList(sheets=(sheet(noise(6, 9), scale=2.0),)), ASIDE)
    small, small_camera, _ = seen(
        DrawList(sheets=(sheet(noise(5, 5), scale=2.0),), captions=(Caption("name", "attn", 0.93, GREY, 0.05),)),
        FRONT,
        (100, 100),
    )
    framed = replace(small, background=(0.1, 0.1, 0.12))
    return replace(drawing, insets=(Inset(ItemKey("inset", "i"), framed, small_camera),)), camera, size


def labels_from_behind() -> Shot:
    """Two labels turned toward the eye behind the matrix, and one that was left as it was: mirrored."""
    one = sheet(noise(5, 9), scale=2.0)
    center = one.placement.element(2, 4)
    labels = (
        Label(ItemKey("name", "name"), "Qky", center - 0.9 * Z, -X, Y, 1.6, WHITE),
        Label(ItemKey("name", "size"), "K = 9", center + 3.6 * Y - 0.1 * Z, -X, Y, 0.8, GREY),
        Label(ItemKey("name", "front"), "front", center - 3.6 * Y, X, Y, 0.8, GREY),
    )
    drawing, _, size = seen(DrawList(sheets=(one,), labels=labels), FRONT)
    extent = one.placement.corners(3.0)
    return replace(drawing, extent=extent), fit(extent, (0.3, 0.2, -1.0), size[0] / size[1]), size


def lines_before_and_behind() -> Shot:
    """A line that goes through a row of spheres, one in front of all, one behind all; their widths differ."""
    one = sheet(np.full((5, 7), 0.8))
    through = np.array([[-1, -2, -3], [7, -2, 3]], float)
    before = np.array([[-1, -1, 1], [7, -1, 1]], float)
    behind = np.array([[-1, -3, -1], [7, -3, -1]], float)
    lines = (
        Lines(ItemKey("outline", "through"), through, (1.0, 0.9, 0.3), 12.0),
        Lines(ItemKey("outline", "before"), before, WHITE, 16.0),
        Lines(ItemKey("outline", "behind"), behind, (0.3, 1.0, 0.4), 24.0),
    )
    return seen(DrawList(sheets=(one,), lines=lines), (-0.4, 0.3, 1.0))


def arrows() -> Shot:
    """Two vanes that see-through colours mix in, one before and one behind a matrix."""
    one = sheet(np.full((4, 6), -0.6))
    triangle = np.array([[0, 1, 2]])
    before = np.array([[0, 0, 1], [0, -3, 1], [4, -1.5, 1]], float)
    behind = np.array([[5, 0, -1], [5, -3, -1], [1, -1.5, -1]], float)
    patches = (
        Patch(ItemKey("arrow", "before"), before, triangle, (0.33, 0.52, 0.88), 0.55),
        Patch(ItemKey("arrow", "behind"), behind, triangle, (0.9, 0.8, 0.3), 0.8),
    )
    return seen(DrawList(sheets=(one,), patches=patches), FRONT)


def captions() -> Shot:
    """Letters beyond English, signs that VTK reads as formulas, a line break, and a line that is too long."""
    drawing, camera, size = seen(DrawList(sheets=(sheet(np.zeros((1, 1))),)), FRONT)
    texts = (
        "Ünïcödé: α·β → “token” ≤ ½",
        "$5 and $6, not a formula; 100% & <b>|",
        "a line\nbreak and\ta tab",
        "too long for the width of the picture, so that it goes on in a second line",
    )
    lines = tuple(Caption(f"c{n}", text, 0.9 - 0.25 * n, WHITE, 0.045) for n, text in enumerate(texts))
    return replace(drawing, captions=lines), camera, size


def odd_size() -> Shot:
    return seen(DrawList(sheets=(sheet(noise(30, 40), scale=2.0),)), ASIDE, (221, 147))


def scene(name: str, step: float) -> Shot:
    composition = mmviz.Scene.load(name).composition
    size = (208, 156)
    camera = composition.camera(size[0] / size[1])
    return composition.at(step, camera, size[0] / size[1]), camera, size


PICTURES: dict[str, Callable[[], Shot]] = {
    "attention_head": lambda: scene("attention_head", 100),
    "chain": lambda: scene("chain", 20),
    "matmul": lambda: scene("matmul", 12),
    **{
        make.__name__: make
        for make in (
            *(every_kind_of_value, rims, highlights, sweeps, blocks, large_and_far, inset),
            *(labels_from_behind, lines_before_and_behind, arrows, captions, odd_size),
        )
    },
}


def draw(shot: Shot) -> Picture:
    drawing, camera, size = shot
    with Canvas(*size) as canvas:
        canvas.show(drawing, camera)
        return canvas.draw()


@pytest.mark.slow
@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_looks_as_it_did(name: str, compare: Callable[[Picture, str], None]) -> None:
    compare(draw(PICTURES[name]()), name)


def test_every_golden_file_is_small_and_has_a_user(compare: Any) -> None:
    files = list(compare.golden.iterdir())
    assert {path.name for path in files} == {f"{name}.png" for name in PICTURES}
    assert max(path.stat().st_size for path in files) < 40_000


@pytest.mark.parametrize("name", ["matmul", "odd_size"])
def test_the_same_frame_is_drawn_the_same_twice(name: str) -> None:
    shot = PICTURES[name]()
    np.testing.assert_array_equal(draw(shot), draw(shot))


@pytest.mark.slow
def test_outliers_of_a_large_matrix_are_seen_from_far_away() -> None:
    values = np.zeros((2048, 2048), np.float32)
    places = [(137, 1501), (1023, 1024), (2047, 0)]
    for i, j in places:
        values[i, j] = 1.0
    drawing, camera, size = seen(DrawList(sheets=(sheet(values),)), FRONT)
    picture = draw((drawing, camera, size))
    for i, j in places:
        across, down = pixel(drawing.sheets[0].placement.element(i, j), camera, size)
        blue = picture[down - 4 : down + 5, across - 4 : across + 5, 2]
        assert blue.max() > 150, f"element {i}, {j} is lost"
    assert (picture[..., 2] > 100).sum() < 3 * 30, "nothing else is bright"


def test_plus_and_minus_side_by_side_do_not_cancel_from_far_away() -> None:
    checkers = np.where(np.indices((1024, 1024)).sum(axis=0) % 2, 1.0, -0.99)
    picture = draw(seen(DrawList(sheets=(sheet(checkers),)), FRONT)).astype(int)
    inner = picture[45:135, 75:165]
    for color, other in ((0, 2), (2, 0)):
        assert (inner[..., color] > inner[..., other] + 30).mean() > 0.3, "each in its own colour, not their mean"


@pytest.fixture(scope="module")
def noisy() -> Sheet:
    return sheet(noise(2048, 2048), scale=3.0)


@pytest.mark.slow
@pytest.mark.parametrize("direction", [FRONT, ASIDE, (-1.0, 0.3, 0.25)])
def test_a_far_matrix_does_not_shimmer(direction: tuple[float, float, float], noisy: Sheet) -> None:
    """A camera moved by half a pixel gives nearly the same picture."""
    drawing, camera, size = seen(DrawList(sheets=(noisy,)), direction)
    right, up, _ = camera.axes()
    reach = float(np.linalg.norm(camera.position - camera.target))
    half = 0.5 * 2 * reach * np.tan(np.radians(camera.view_angle / 2)) / size[1]  # half a pixel, in cells
    step = half * (0.8 * right + 0.6 * up)
    moved = replace(camera, position=camera.position + step, target=camera.target + step)
    with Canvas(*size) as canvas:
        canvas.show(drawing, camera)
        first = canvas.draw().astype(int)
        canvas.show(drawing, moved)
        second = canvas.draw().astype(int)
    lit = (first.max(axis=2) > 20) | (second.max(axis=2) > 20)
    assert np.abs(first - second)[lit].mean() < 0.12 * 255
    # The mean over small areas hardly moves at all.
    assert np.abs(areas(first) - areas(second)).mean() < 0.02 * 255


def areas(picture: NDArray[np.int64]) -> NDArray[np.float64]:
    """Means over squares of 8 pixels."""
    height, width, _ = picture.shape
    squares = picture[: height // 8 * 8, : width // 8 * 8].reshape(height // 8, 8, width // 8, 8, 3)
    means: NDArray[np.float64] = squares.mean(axis=(1, 3))
    return means


def pixel(point: NDArray[np.float64], camera: Camera, size: tuple[int, int]) -> tuple[int, int]:
    """Column and row of the pixel that shows a point."""
    right, up, toward = camera.axes()
    away = point - camera.position
    slope = np.tan(np.radians(camera.view_angle) / 2) * size[1] ** -1 * 2  # of one pixel
    depth = -(away @ toward)
    return (
        round(size[0] / 2 - 0.5 + away @ right / (slope * depth)),
        round(size[1] / 2 - 0.5 - away @ up / (slope * depth)),
    )


def test_a_picture_that_changed_is_refused_and_shown(tmp_path: Path, goldens_of: Any) -> None:
    picture = draw(PICTURES["matmul"]())
    goldens_of(tmp_path / "golden", tmp_path / "failed", regenerate=True)(picture, "x")
    check = goldens_of(tmp_path / "golden", tmp_path / "failed", regenerate=False)
    check(picture, "x")
    check(np.clip(picture.astype(int) + np.random.default_rng(0).integers(-1, 2, picture.shape), 0, 255), "x")
    assert not (tmp_path / "failed").exists()
    for changed in (np.roll(picture, 1, axis=1), picture[:, ::-1], picture[..., ::-1], picture[:-1]):
        with pytest.raises(pytest.fail.Exception, match="x"):
            check(changed, "x")
        (tmp_path / "failed" / "x.png").unlink()
    with pytest.raises(pytest.fail.Exception, match="there is no golden picture y"):
        check(picture, "y")


@pytest.mark.parametrize(
    ("lost", "name"),
    [
        ("sheets", "sweeps"),
        ("lines", "lines_before_and_behind"),
        ("labels", "labels_from_behind"),
        ("patches", "arrows"),
        ("captions", "captions"),
        ("insets", "inset"),
    ],
)
def test_the_comparison_notices_when_something_is_lost(
    lost: str, name: str, compare: Any, goldens_of: Any, tmp_path: Path
) -> None:
    drawing, camera, size = PICTURES[name]()
    poorer = draw((replace(drawing, **{lost: getattr(drawing, lost)[1:]}), camera, size))
    with pytest.raises(pytest.fail.Exception, match="mean difference"):
        goldens_of(compare.golden, tmp_path, regenerate=False)(poorer, name)
