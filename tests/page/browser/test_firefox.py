"""Another browser draws the same pages as VTK does, and says the same at the pointer."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mmviz import Scene
from mmviz.picture.cell.picking import describe, pick
from mmviz.picture.composition import Composition
from mmviz.render.opengl.canvas import Canvas
from tests.page.browser.firefox import Firefox, missing
from tests.page.browser.living import camera_text, head, written
from tests.processes import ONCE_MORE

pytestmark = [
    ONCE_MORE,
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(missing() != "", reason=f"not installed: {missing()}"),
]
SIZE = 1000, 563
"""Names of pictures that are lower are chosen for such as are very low."""
THERE = "document.querySelector('canvas')?.dataset.rests === 'yes' || document.querySelector('.trouble') !== null"


@pytest.fixture(scope="module")
def firefox() -> Iterator[Firefox]:
    with Firefox(*SIZE) as opened:
        yield opened


def check_picture(firefox: Firefox, folder: Path, composition: Composition, t: float) -> None:
    """Compare the picture of a page at a time with that of VTK."""
    aspect = SIZE[0] / SIZE[1]
    camera = composition.camera_at(t, aspect)
    with Canvas(*SIZE) as canvas:
        canvas.refine()
        canvas.show(composition.at(t, camera, aspect), camera)
        expected = canvas.draw(1)
    firefox.open(written(folder, "page", composition), f"#t={t}&ui=none")
    firefox.wait(THERE)
    difference = np.abs(firefox.screenshot().astype(int) - expected)
    assert difference.mean() <= 2
    assert (difference.max(axis=2) > 40).mean() <= 0.005


def test_firefox_draws_a_page_as_vtk_does(firefox: Firefox, tmp_path: Path) -> None:
    check_picture(firefox, tmp_path, head(), 4.5)


@pytest.mark.thousands
@pytest.mark.parametrize("name", ["matmul", "attention_head", "all_heads", "blockwise_attention"])
def test_firefox_draws_scenes_that_come_with_mmviz_as_vtk_does(firefox: Firefox, tmp_path: Path, name: str) -> None:
    composition = Scene.load(name).composition
    check_picture(firefox, tmp_path, composition, round(0.5 * composition.timeline.steps, 1))


def test_firefox_says_what_is_under_the_pointer(firefox: Firefox, tmp_path: Path) -> None:
    composition, t = head(), 12.0
    place = written(tmp_path, "page", composition)
    firefox.open(place, f"#t={t}")
    width, height = firefox.wait("(c => c && [c.clientWidth, c.clientHeight])(document.querySelector('canvas'))")
    camera = composition.camera_at(t, width / height)
    firefox.open(place, f"#t={t}&c={camera_text(camera)}")
    firefox.wait(THERE)
    frame = composition.timeline.frame(t)
    met = 0
    for x, y in np.random.default_rng(2).uniform(0.3, 0.7, (8, 2)):
        spot = round(x * width), round(y * height)
        expected = pick(composition, frame, camera, spot[0] / width, spot[1] / height, width / height, t=t)
        firefox.point(*spot)
        told = firefox.evaluate("document.querySelector('.status').textContent")
        assert told == ("" if expected is None else describe(expected, composition))
        met += expected is not None
    assert met > 2
