"""What the pointer meets in the page of a shipped scene is what Python finds there, with its number and how that came.

Real events of a mouse in a real browser: the line at each cell, and what a click explains, are compared word for word.
"""

import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmviz import Scene
from mmviz.machine.shipped import scene_names
from mmviz.picture.cell.element_names import short
from mmviz.picture.cell.explanation import Explanation, Products, explain
from mmviz.picture.cell.picking import Picked, describe, pick
from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera, fit
from tests.page.browser.driver import Browser, executable
from tests.page.browser.living import Living, camera_text, living, written
from tests.processes import ONCE_MORE

pytestmark = [
    ONCE_MORE,
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(executable() is None, reason="no Chromium is installed"),
]
SIZE = {"width": 640, "height": 360}
FEW = ("chain", "blockwise_attention")
"""Scenes whose pages are pointed at where not all is asked for, and at how many cells of each."""
SOME, ALL = 4, 50
SHARES = (1.0, 0.37, 0.73, 0.12)
"""Of a scene's steps; one after the other is asked."""
AROUND = -0.8, 0.45, 1.0
"""From where a scene is looked at besides."""
THERE = "document.body.dataset.read === 'yes' && Number(document.body.dataset.drawn) > 0"
PANEL = """
(panel => panel.hidden ? null : {
  head: panel.querySelector('h2').textContent,
  rows: [...panel.querySelectorAll('thead + tbody tr')].map(row => [...row.cells].map(cell => cell.textContent)),
  words: [...panel.querySelectorAll('p, code, .way')].map(one => one.textContent),
  quantities: [...panel.querySelectorAll('.quantities tr')].map(row => [...row.cells].map(cell => cell.textContent)),
})(document.querySelector('.explain'))
"""
NEAR = 25.0
"""Pixels within which two clicks may be one."""
MOST = 200
"""Products that the panel lists."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


@cache
def composition(name: str) -> Composition:
    return Scene.load(name).composition


def panel_of(found: Explanation) -> dict[str, Any]:
    """What the panel says first, and its tables, as Python knows them."""
    origin = found.origin
    rows: list[list[str]] = []
    if isinstance(origin, Products):
        for at in range(min(len(origin.k), MOST)):
            product = "masked" if origin.masked[at] else short(float(origin.product[at]))
            numbers = [short(float(part[at])) for part in (origin.left, origin.right)]
            rows.append([origin.labels[int(origin.k[at])], *numbers, product, short(float(origin.running[at]))])
    value = "masked" if found.masked else short(found.value)
    quantities = [[one.name, short(one.value)] for stage in found.stages for one in stage.quantities]
    return {"head": f"{found.name}= {value}", "rows": rows, "quantities": quantities}


def cell_of(picked: Picked, scene: Composition) -> tuple[str, int, int]:
    """What a click on it pins: the element itself, or the one that what flies is summed up to."""
    rows, columns = scene.values[picked.path].shape
    return picked.path, min(picked.i, rows - 1), min(picked.j, columns - 1)


def check_place(alive: Living, t: float, camera: Camera, x: int, y: int) -> bool:
    """Point at a place and click on it; True where there is a cell."""
    scene, (width, height) = alive.composition, alive.size
    insets = scene.at(t, camera, width / height).insets
    frame = scene.timeline.frame(t)
    expected = pick(scene, frame, camera, x / width, y / height, width / height, insets=insets, t=t)
    where = f"({x}, {y}) at {t}"
    alive.page.move(x, y)
    assert alive.text(".status") == ("" if expected is None else describe(expected, scene)), where
    if expected is None:
        return False
    alive.page.click(x, y)
    cell = cell_of(expected, scene)
    told = alive.page.evaluate(PANEL)
    found = explain(scene, *cell)
    assert {part: told[part] for part in ("head", "rows", "quantities")} == panel_of(found), where
    for stage in found.stages:
        assert stage.formula in told["words"], where
    alive.page.move(1, 1)
    alive.page.key("Escape")
    assert alive.page.evaluate(PANEL) is None, where
    return True


def check_scene(alive: Living, count: int) -> None:
    """Cells of a scene by chance, at several times, from its own side and from another."""
    scene, chance = alive.composition, np.random.default_rng(17)
    shares = SHARES[: max(1, count // 2)]
    met, before = 0, (0, 0)
    for number, share in enumerate(shares):
        t = round(share * scene.timeline.steps, 1)
        alive.page.open("about:blank")
        alive.page.open(alive.place, f"#t={t}")
        alive.page.wait(THERE)
        width, height = alive.size
        own = scene.camera_at(t, width / height)
        camera = fit(scene.extent, AROUND, width / height, zoom=1.4) if number % 2 else own
        alive.page.open(alive.place, f"#t={t}&c={camera_text(camera)}")
        alive.page.frame()
        for x, y in (map(round, place) for place in alive.cells(camera, -(-count // len(shares)), chance)):
            if 0 < x < width and 0 < y < height:
                if math.dist((x, y), before) < NEAR:
                    alive.page.pause(0.4)  # two clicks at one place would be one that flies there
                met += check_place(alive, t, camera, x, y)
                before = x, y
    assert met > count / 3
    assert alive.page.errors == []


@pytest.mark.parametrize("name", FEW)
def test_what_is_met_in_the_page_of_a_scene_is_what_python_finds(browser: Browser, tmp_path: Path, name: str) -> None:
    check_scene(living(browser, written(tmp_path, name, composition(name)), composition(name), **SIZE), SOME)


@pytest.mark.thousands
@pytest.mark.parametrize("name", scene_names())
def test_fifty_cells_of_every_scene_are_what_python_finds(browser: Browser, tmp_path: Path, name: str) -> None:
    check_scene(living(browser, written(tmp_path, name, composition(name)), composition(name), **SIZE), ALL)
