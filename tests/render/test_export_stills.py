"""Large pictures and other grounds: tiles leave no seams, and what is drawn can be read on white and on nothing."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import mmviz
from mmviz.machine.output_files import LARGEST_STILL
from mmviz.orders.order import PictureOrder
from mmviz.picture.drawlist import DrawList, Lines
from mmviz.picture.eye.camera import fit
from mmviz.picture.ground import Repainter, middle, turned
from mmviz.picture.look.palette import PALETTE
from mmviz.picture.space.item_key import ItemKey
from mmviz.render.film.alpha import with_alpha
from mmviz.render.film.png import PngWriter
from mmviz.render.offscreen import offscreen
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.region import Region, bands, shares
from mmviz.render.renderer import Renderer
from mmviz.render.still import write_picture
from mmviz.scene.keys.options import StyleOptions

pytestmark = pytest.mark.usefixtures("canvases_kept")

Picture = NDArray[np.uint8]
SIZE = (400, 300)


@pytest.fixture(scope="module")
def scene() -> mmviz.Scene:
    """Every kind of item: sheets, lines, patches, names, captions, a plane in flight and an inset."""
    return mmviz.Scene(
        "out = relu(A @ B) @ C",
        {
            "A": {"init": "gaussian", "shape": [16, 12], "seed": 1},
            "B": {"init": "uniform", "shape": [12, 20]},
            "C": {"init": "gaussian", "shape": [20, 8], "seed": 2},
        },
        title="Tiles",
        camera={"inset": "B"},
    )


def picture(path: Path) -> NDArray[np.int64]:
    with Image.open(path) as image:
        return np.asarray(image, np.int64)


def tiled(scene: mmviz.Scene, path: Path, tile: tuple[int, int], t: float = 9.5) -> NDArray[np.int64]:
    composition, aspect = scene.composition, SIZE[0] / SIZE[1]
    camera = composition.camera(aspect)
    drawing = composition.at(t, camera, aspect)

    def draw(canvas: Renderer) -> Picture:
        canvas.show(drawing, camera)
        return canvas.draw()

    write_picture(PictureOrder(str(path), *SIZE), draw, offscreen, tile=tile)
    return picture(path)


@pytest.mark.slow
@pytest.mark.parametrize("tile", [(400, 100), (134, 300), (150, 110), (64, 64)])
def test_a_picture_in_tiles_is_the_picture(scene: mmviz.Scene, tmp_path: Path, tile: tuple[int, int]) -> None:
    whole, pieces = tiled(scene, tmp_path / "a.png", SIZE), tiled(scene, tmp_path / "b.png", tile)
    assert pieces.shape == whole.shape == (300, 400, 3)
    assert (whole.max(axis=2) > 60).mean() > 0.03, "there is something to see"
    difference = np.abs(whole - pieces).max(axis=2)
    assert (difference > 1).sum() <= 12, "a few pixels, where rounding decides which of two things is in front"


def test_lines_are_as_wide_in_tiles_as_in_the_picture(tmp_path: Path) -> None:
    points = np.array([[-4.0, -3.0, 0.0], [4.0, 3.0, 0.0], [-4.0, 3.0, 0.0], [4.0, 3.0, 0.0]])
    extent = np.array([[-5.0, -5.0, 0.0], [5.0, 5.0, 0.0]])
    drawing = DrawList(lines=(Lines(ItemKey("outline", "x"), points, (1.0, 1.0, 1.0), width=30.0),), extent=extent)

    def draw(canvas: Renderer) -> Picture:
        canvas.show(drawing, fit(extent, np.array([0.0, 0.0, 1.0]), SIZE[0] / SIZE[1]))
        return canvas.draw()

    for name, tile in (("a.png", SIZE), ("b.png", (150, 110))):
        write_picture(PictureOrder(f"{tmp_path}/{name}", *SIZE), draw, offscreen, tile=tile)
    whole, pieces = picture(tmp_path / "a.png"), picture(tmp_path / "b.png")
    assert (whole > 128).mean() > 0.02
    assert (np.abs(whole - pieces).max(axis=2) > 16).sum() <= 12


def test_a_picture_may_be_wider_than_opengl_can_draw(tmp_path: Path) -> None:
    drawing = DrawList(background=(0.0, 1.0, 0.2), extent=np.array([[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]]))

    def draw(canvas: Renderer) -> Picture:
        canvas.show(drawing, fit(drawing.extent, np.array([0.0, 0.0, 1.0]), 1.0))
        drawn = canvas.draw()
        assert max(drawn.shape) <= 8192, "no part is too large for any graphics card"
        return drawn

    write_picture(PictureOrder(f"{tmp_path}/x.png", LARGEST_STILL, 6), draw, offscreen)
    whole = picture(tmp_path / "x.png")
    assert whole.shape == (6, 32768, 3)
    assert (whole == (0, 255, 51)).all()


def test_tiles_cover_a_picture_once() -> None:
    seen = np.zeros((70, 101), int)
    for row in bands((101, 70), (30, 20)):
        assert len({region.bottom for region in row}) == 1
        for region in row:
            assert max(region.width / 30, region.height / 20) <= 1
            seen[region.bottom : region.bottom + region.height, region.left : region.left + region.width] += 1
    assert (seen == 1).all()


def test_the_part_of_a_part() -> None:
    inset = shares((400, 300), (0.1, 0.2, 0.5, 0.9))
    assert inset == Region(40, 60, 160, 210)
    seen = inset.common(Region(100, 0, 64, 128))
    assert seen == Region(100, 60, 64, 68)
    assert seen.within(inset) == Region(60, 0, 64, 68)
    assert inset.common(Region(300, 0, 64, 64)).width <= 0


@pytest.mark.parametrize("channels", [3, 4])
def test_a_png_that_is_written_row_by_row_is_read_by_others(tmp_path: Path, channels: int) -> None:
    rows = np.random.default_rng(0).integers(0, 256, (23, 17, channels), np.uint8)
    with PngWriter(tmp_path / "x.png", 17, 23, channels) as writer:
        for part in np.split(rows, [1, 9, 10]):
            painted = part.copy()
            writer.add(painted)
            painted[:] = 7  # an array may be used again
    np.testing.assert_array_equal(picture(tmp_path / "x.png"), rows)


@pytest.mark.slow
def test_a_png_is_hardly_larger_than_pillows(scene: mmviz.Scene, tmp_path: Path) -> None:
    whole = tiled(scene, tmp_path / "a.png", SIZE)
    Image.fromarray(whole.astype(np.uint8)).save(tmp_path / "b.png")
    assert (tmp_path / "a.png").stat().st_size < 1.2 * (tmp_path / "b.png").stat().st_size


def test_a_picture_without_ground_looks_right_on_every_ground(scene: mmviz.Scene, tmp_path: Path) -> None:
    scene.screenshot(tmp_path / "x.png", 9.5, width=SIZE[0], height=SIZE[1], ground="transparent")
    with Image.open(tmp_path / "x.png") as image:
        assert image.mode == "RGBA"
        free = np.asarray(image)
    assert (free[..., 3] == 0).mean() > 0.3
    assert (free[..., 3] == 255).any()
    assert (free[:4, :4] == 0).all()


def test_alpha_is_what_two_grounds_tell() -> None:
    rng = np.random.default_rng(0)
    color, alpha = rng.uniform(0, 255, (40, 50, 3)), rng.uniform(0, 1, (40, 50, 1))
    grounds = [np.rint(alpha * color + (1 - alpha) * ground).astype(np.uint8) for ground in (0, 255)]
    found = with_alpha(*grounds).astype(float)
    for ground, expected in zip((0, 255), grounds, strict=True):
        share = found[..., 3:] / 255
        np.testing.assert_allclose(share * found[..., :3] + (1 - share) * ground, expected, atol=1.6)


@pytest.mark.slow
def test_on_white_the_ground_is_white_and_nothing_else_is(scene: mmviz.Scene, tmp_path: Path) -> None:
    pictures = {}
    for ground in ("black", "white"):
        scene.screenshot(tmp_path / "x.png", width=SIZE[0], height=SIZE[1], ground=ground)
        pictures[ground] = picture(tmp_path / "x.png")
    black, white = pictures["black"], pictures["white"]
    assert (white[:4, :4] == 255).all()
    assert (black[:4, :4] == 0).all()
    there = black.max(axis=2) > 40
    assert (white[there].min(axis=1) < 250).mean() > 0.97
    blue = (black[..., 2] > 150) & (black[..., 0] < 120)
    assert blue.sum() > 100
    assert (white[blue][:, 2] >= white[blue][:, 0]).mean() > 0.95, "hues stay"


@pytest.mark.slow
def test_a_picture_on_white_is_shaded_for_white(scene: mmviz.Scene, tmp_path: Path) -> None:
    scene.screenshot(tmp_path / "x.png", 9.5, width=SIZE[0], height=SIZE[1], ground="white")
    aspect = SIZE[0] / SIZE[1]
    composition = scene.composition.for_height(SIZE[1])
    camera = composition.camera_at(9.5, aspect)
    drawing = Repainter("white")(composition.at(9.5, camera, aspect))
    drawn = []
    for light in (True, False):
        with Canvas(*SIZE, light=light) as canvas:
            canvas.refine()
            canvas.show(drawing, camera)
            drawn.append(canvas.draw())
    np.testing.assert_array_equal(picture(tmp_path / "x.png"), drawn[0])
    assert (drawn[0] != drawn[1]).any()


def luminance(color: tuple[float, float, float]) -> float:
    """WCAG 2.1, relative luminance."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: tuple[float, float, float], second: tuple[float, float, float]) -> float:
    """WCAG 2.1, contrast ratio."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def test_names_can_be_read_on_every_ground(scene: mmviz.Scene) -> None:
    composition = scene.composition
    camera = composition.camera(1.5)
    drawing = composition.at(5.0, camera, 1.5)
    white = (1.0, 1.0, 1.0)
    for label in Repainter("white")(drawing).labels:
        assert contrast(label.color, white) > 4.5
    for caption in Repainter("transparent")(drawing).captions:
        assert contrast(caption.color, white) > 3.5
        assert contrast(caption.color, (0.0, 0.0, 0.0)) > 3.5


@pytest.mark.slow
def test_without_a_ground_names_are_light_with_a_dark_rim(tmp_path: Path) -> None:
    ones = {"values": [[1.0] * 9] * 9}  # none of them is dark
    scene = mmviz.Scene(
        "A @ B",
        {"A": ones, "B": ones},
        style={"legend": False, "sizes": False, "guides": False, "arrows": False},
    )
    scene.screenshot(tmp_path / "x.png", 0, width=1500, height=1000, ground="transparent")
    free = picture(tmp_path / "x.png")
    solid = free[..., 3] > 250
    light, dark = solid & (free[..., :3].min(axis=2) > 200), solid & (free[..., :3].max(axis=2) < 25)
    assert light.sum() > 50
    assert dark.sum() > 20


def test_on_white_large_numbers_are_dark_and_small_ones_pale(scene: mmviz.Scene) -> None:
    composition = scene.composition
    drawing = composition.at(0.0, composition.camera(1.5), 1.5)
    look = Repainter("white")(drawing).sheets[0].look
    assert isinstance(look, type(PALETTE))
    for ramp in (look.positive, look.negative):
        assert luminance(ramp[0]) > luminance(ramp[1]) > luminance(ramp[2])
        assert contrast(ramp[2], (1.0, 1.0, 1.0)) > 2.5
    assert luminance(look.zero) > luminance(look.positive[0]) - 0.1


def test_repainting_keeps_what_stays_the_same(scene: mmviz.Scene) -> None:
    composition, repaint = scene.composition, Repainter("white")
    camera = composition.camera(1.5)
    first, second = (repaint(composition.at(t, camera, 1.5)) for t in (1.0, 2.0))
    assert [a is b for a, b in zip(first.labels, second.labels, strict=True)] == [True] * len(first.labels)
    black = composition.at(1.0, camera, 1.5)
    assert Repainter("black")(black) is black


def test_turning_twice_changes_nothing() -> None:
    for color in ((0.1, 0.5, 0.9), (0.34, 0.34, 0.38), (1.0, 1.0, 1.0)):
        np.testing.assert_allclose(turned(turned(color)), color, atol=1e-9)
        assert max(middle(color)) - min(middle(color)) < 0.5


def test_a_scene_says_its_ground(tmp_path: Path) -> None:
    scene = mmviz.Scene("A", {"A": {"init": "eye", "shape": [4, 4]}}, export={"ground": "white"})
    scene.screenshot(tmp_path / "x.png", width=32, height=32)
    assert (picture(tmp_path / "x.png")[0, 0] == 255).all()
    assert StyleOptions().legend
