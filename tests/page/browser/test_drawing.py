"""The page draws draw lists as VTK does: of every shipped scene, at five times and from two sides, in one browser.

Pictures that differ are kept in tests/page/failed: what VTK drew, what the page drew, and three times the difference.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mmviz import Scene
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import Caption, DrawList, Label, TickLabels
from mmviz.picture.eye.camera import Camera, fit
from mmviz.picture.ground import Repainter
from mmviz.picture.space.item_key import ItemKey
from mmviz.render.opengl.canvas import Canvas
from tests.page.browser.driver import Browser, Page, executable
from tests.page.browser.recorded import Recorded, drawn
from tests.processes import ONCE_MORE

pytestmark = [
    ONCE_MORE,
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(executable() is None, reason="no Chromium is installed"),
]
SCENES = sorted(path.stem for path in (Path(__file__).parents[3] / "scenes").glob("*.yaml"))
SHARES = (0.0, 0.27, 0.5, 0.73, 1.0)
"""Of a scene's steps."""
FEW = (("matmul", 0.27), ("blockwise_attention", 0.5), ("all_heads", 0.73), ("why_scale", 0.6))
"""What is looked at where not all is asked for."""
SIZE = 1280, 720
SMALL = 640, 360
MEAN, MOST_OFF, OFF = 2.0, 0.005, 40
"""Largest mean difference, of 255; largest share of pixels that are off, and by more than how much they are."""
FAILED = Path(__file__).parents[1] / "failed"
AROUND = -0.8, 0.45, 1.0
"""From where every scene is looked at a second time."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.page(*SIZE)
    yield made
    made.close()


@cache
def composition(name: str, height: int) -> Composition:
    return Scene.load(name).composition.for_height(height)


def frames(name: str, share: float, size: tuple[int, int]) -> list[tuple[DrawList, Camera]]:
    """What a scene shows at a time, by its own camera and from another side, nearer by."""
    scene, aspect = composition(name, size[1]), size[0] / size[1]
    t = round(share * scene.timeline.steps, 1)
    cameras = scene.camera_at(t, aspect), fit(scene.extent, AROUND, aspect, zoom=1.4)
    return [(scene.at(t, camera, aspect), camera) for camera in cameras]


def by_vtk(
    drawing: DrawList, camera: Camera, size: tuple[int, int], *, fine: bool = True, light: bool = False, coarse: int = 1
) -> NDArray[np.uint8]:
    with Canvas(*size, light=light) as canvas:
        if fine:
            canvas.refine()
        canvas.show(drawing, camera)
        return canvas.draw(coarse)


def agree(name: str, ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> None:
    difference = np.abs(ours.astype(int) - theirs)
    mean, off = difference.mean(), (difference.max(axis=2) > OFF).mean()
    if "MMVIZ_TELL" in os.environ:
        with (FAILED.parent / "differences.txt").open("a") as told:
            told.write(f"{name} {mean:.3f} {100 * off:.4f}\n")
    if mean <= MEAN and off <= MOST_OFF:
        return
    FAILED.mkdir(exist_ok=True)
    stacked = np.concatenate([theirs, ours, np.clip(3 * difference, 0, 255).astype(np.uint8)])
    Image.fromarray(stacked).save(FAILED / f"{name}.png")
    pytest.fail(f"{name}: differs by {mean:.2f} of 255, {100 * off:.2f} % of the pixels are off; see {FAILED}")


def check(page: Page, folder: Path, shown: list[tuple[DrawList, Camera]], name: str, size: tuple[int, int]) -> None:
    recorded = Recorded()
    numbers = [recorded.add(drawing, camera) for drawing, camera in shown]
    page.open(recorded.write(folder / "page.html"))
    for number, (drawing, camera) in zip(numbers, shown, strict=True):
        ours = drawn(page, number, *size, coarse=0)
        agree(f"{name}-{number}", ours, by_vtk(drawing, camera, size))
    assert page.errors == []


@pytest.mark.parametrize(("name", "share"), FEW)
def test_a_scene_is_drawn_as_by_vtk(page: Page, tmp_path: Path, name: str, share: float) -> None:
    check(page, tmp_path, frames(name, share, SMALL)[:1], f"{name}-{share}", SMALL)


@pytest.mark.thousands
@pytest.mark.parametrize("name", SCENES)
def test_every_scene_is_drawn_as_by_vtk(page: Page, tmp_path: Path, name: str) -> None:
    shown = [frame for share in SHARES for frame in frames(name, share, SIZE)]
    check(page, tmp_path, shown, name, SIZE)


def test_a_page_goes_from_frame_to_frame_as_if_each_were_its_first(page: Page, tmp_path: Path) -> None:
    shown = [frames("decoding", share, SMALL)[0] for share in (0.5, 0.9, 0.1)]
    check(page, tmp_path, [*shown, shown[0]], "decoding-again", SMALL)


def test_a_white_ground_is_drawn_as_by_vtk(page: Page, tmp_path: Path) -> None:
    drawing, camera = frames("matmul", 0.5, SMALL)[0]
    white = Repainter("white")(drawing)
    recorded = Recorded(light=True)
    number = recorded.add(white, camera)
    page.open(recorded.write(tmp_path / "page.html"))
    theirs = by_vtk(white, camera, SMALL, fine=False, light=True)
    agree("white", drawn(page, number, *SMALL), theirs)


def test_matrices_in_large_pixels_are_drawn_as_by_vtk(page: Page, tmp_path: Path) -> None:
    drawing, camera = frames("matmul", 0.5, SMALL)[0]
    recorded = Recorded()
    number = recorded.add(drawing, camera)
    page.open(recorded.write(tmp_path / "page.html"))
    agree("coarse", drawn(page, number, *SMALL, coarse=3), by_vtk(drawing, camera, SMALL, fine=False, coarse=3))


def test_what_is_kept_of_a_matrix_from_picture_to_picture_looks_as_if_it_were_drawn_anew(
    page: Page, tmp_path: Path
) -> None:
    recorded = Recorded()
    numbers = [recorded.add(*frames("matmul", share, SMALL)[0]) for share in (0.5, 0.6)]
    page.open(recorded.write(tmp_path / "page.html"))
    page.evaluate("copies = 0; context = canvas.getContext('webgl2'); made = context.createFramebuffer.bind(context)")
    page.evaluate("context.createFramebuffer = () => { copies += 1; return made(); }")
    first, *others = (drawn(page, numbers[0], *SMALL, coarse=3) for _ in range(5))
    assert page.evaluate("copies") > 1, "nothing was kept"
    for other in others:
        np.testing.assert_allclose(other.astype(int), first, atol=2)
    later = drawn(page, numbers[1], *SMALL, coarse=3)
    page.open(tmp_path / "page.html")
    np.testing.assert_allclose(later.astype(int), drawn(page, numbers[1], *SMALL, coarse=3), atol=2)


@pytest.mark.parametrize("size", [(640, 360), (300, 400), (1000, 180), (200, 120)])
def test_captions_wrap_and_shrink_as_by_vtk(page: Page, tmp_path: Path, size: tuple[int, int]) -> None:
    drawing, camera = frames("attention_head", 0.5, SMALL)[0]
    long = Caption("more", "A second line of many words, " * 5 + "and a last one.", 0.05, (1.0, 0.9, 0.8))
    turned = Caption("turned", "\u05e9\u05dc\u05d5\u05dd 12 word", 0.9, (0.5, 0.9, 0.8))
    badge = Caption("badge", "chk", 0.97, (0.2, 0.9, 0.4), badge=True)
    alone = replace(drawing, sheets=(), lines=(), labels=(), ticks=(), patches=(), insets=())
    captions = replace(alone, captions=(*drawing.captions, long, turned, badge))
    recorded = Recorded()
    number = recorded.add(captions, camera)
    page.open(recorded.write(tmp_path / "page.html"))
    agree(f"captions-{size[0]}", drawn(page, number, *size), by_vtk(captions, camera, size, fine=False))


def test_a_lost_context_comes_back_with_the_same_picture(page: Page, tmp_path: Path) -> None:
    recorded = Recorded()
    number = recorded.add(*frames("matmul", 0.5, SMALL)[0])
    page.open(recorded.write(tmp_path / "page.html"))
    before = drawn(page, number, *SMALL)
    page.evaluate("extension = canvas.getContext('webgl2').getExtension('WEBGL_lose_context'); extension.loseContext()")
    page.wait("lost.length === 1")
    drawn(page, number, *SMALL)  # which draws nothing, and is no error
    page.evaluate("extension.restoreContext()")
    page.wait("lost.length === 2")
    np.testing.assert_array_equal(drawn(page, number, *SMALL), before)
    assert page.errors == []


def test_a_matrix_that_the_graphics_card_cannot_draw_is_told_and_all_else_is_drawn(page: Page, tmp_path: Path) -> None:
    scene = Scene("A + B", {name: np.ones((300, 300)) for name in "AB"})
    camera = scene.composition.camera_at(0.0, SMALL[0] / SMALL[1])
    recorded = Recorded()
    number = recorded.add(scene.composition.at(0.0, camera, SMALL[0] / SMALL[1]), camera)
    page.open(recorded.write(tmp_path / "page.html"))
    page.evaluate("context = canvas.getContext('webgl2'); known = context.getParameter.bind(context)")
    page.evaluate("context.getParameter = (what) => what === context.MAX_TEXTURE_SIZE ? 256 : known(what)")
    assert drawn(page, number, *SMALL).max() > 100, "names and lines"
    assert page.evaluate("renderer.trouble") == (
        "A matrix of 300x300 is larger than this graphics card can draw: at most 49,152 elements."
    )
    assert page.errors == []


def test_a_number_that_was_not_told_is_spelled_with_digits(page: Page, tmp_path: Path) -> None:
    camera = Camera(np.array([0.0, 0.0, 20.0]), np.zeros(3), np.array([0.0, 1.0, 0.0]))
    axes = np.eye(3)
    place = ItemKey("name", "")
    label = Label(place, "-3.25e-07", np.zeros(3), axes[0], axes[1], 1.0, (1.0, 0.9, 0.5))
    places, blue = np.array([[-3.0, 3, 0], [3, 3, 0]]), (0.5, 0.9, 1.0)
    ticks = TickLabels(place, ("10", "0.125"), places, axes[0], axes[1], 0.6, blue, ends=True)
    drawing = DrawList(labels=(label,), ticks=(ticks,), extent=np.array([[-5.0, -5, -1], [5, 5, 1]]))
    recorded = Recorded()
    number = recorded.add(drawing, camera)
    recorded.letters.add_characters("0123456789.-e")
    page.open(recorded.write(tmp_path / "page.html"))
    known = drawn(page, number, *SMALL)
    agree("numbers", known, by_vtk(drawing, camera, SMALL, fine=False))
    page.open(tmp_path / "page.html")
    page.evaluate("for (const text of ['-3.25e-07', '10', '0.125']) delete drawn.letters.texts[text]")
    np.testing.assert_allclose(drawn(page, number, *SMALL).astype(int), known, atol=2)
    assert known.max() > 200
