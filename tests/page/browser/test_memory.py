"""A page that plays again and again needs no more memory, on its heap or on the graphics card."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mmviz import Scene
from mmviz.picture.composition import Composition
from tests.page.browser.driver import Browser, executable
from tests.page.browser.living import head, living, written
from tests.processes import ONCE_MORE

pytestmark = [
    ONCE_MORE,
    pytest.mark.slow,
    pytest.mark.process,
    pytest.mark.skipif(executable() is None, reason="no Chromium is installed"),
]
COUNTING = """
globalThis.made = {};
for (const kind of ['Buffer', 'Framebuffer', 'Program', 'Renderbuffer', 'Shader', 'Texture', 'VertexArray']) {
  made[kind] = 0;
  const known = WebGL2RenderingContext.prototype;
  const [create, remove] = [known[`create${kind}`], known[`delete${kind}`]];
  known[`create${kind}`] = function (...told) { made[kind]++; return create.apply(this, told); };
  known[`delete${kind}`] = function (one) { if (one) made[kind]--; return remove.call(this, one); };
}
"""
"""How many objects of each kind a page has on its graphics card."""
PLAYS = "document.querySelector('[aria-label=\"Play or pause\"]').getAttribute('aria-pressed') === 'true'"
SLACK = 500_000, 100_000
"""Bytes by which heaps differ that hold the same, with what the engine has compiled meanwhile; and arrays."""


def outer() -> Composition:
    """Two products that add up outer products, cut into blocks."""
    sources = {name: {"init": "gaussian", "shape": [8, 8], "seed": seed} for seed, name in enumerate("ABC")}
    animation = {"algorithm": "vvprod", "speed": 8}
    return Scene("relu(A @ B) @ C", sources, animation=animation, partition={"k": 2}).composition


SMALL: dict[str, Callable[[], Composition]] = {"head": head, "outer": outer}
LARGE = ("matmul", "chain", "blockwise_attention", "heads_one_by_one", "attention_tour")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as opened:
        yield opened


def check_memory(browser: Browser, folder: Path, composition: Composition, rate: int) -> None:
    """Play it through three times: after the second and the third there is as much as after the first."""
    alive = living(browser, written(folder, "page", composition), composition, width=320, height=240)
    alive.page.call("Page.addScriptToEvaluateOnNewDocument", {"source": COUNTING})
    alive.open(f"t=0&speed={rate}")

    def played() -> tuple[dict[str, int], tuple[float, float]]:
        alive.page.key(" ")
        alive.page.wait(PLAYS)
        alive.page.wait(f"!({PLAYS})", 120)
        alive.rest()
        alive.page.call("HeapProfiler.collectGarbage")
        used = alive.page.call("Runtime.getHeapUsage")
        made: dict[str, int] = json.loads(alive.page.evaluate("JSON.stringify(made)"))
        return made, (used["usedSize"], used["backingStorageSize"])

    played()
    made, used = played()
    again = [played() for _ in range(2)]
    assert sum(made.values()) > 10
    assert [objects for objects, _ in again] == [made, made]
    for kind, slack in enumerate(SLACK):
        assert min(heap[kind] for _, heap in again) < used[kind] + slack
    assert alive.text(".counter").split(" / ")[0] == f"{composition.timeline.steps}"
    assert alive.page.errors == []
    alive.page.close()


@pytest.mark.parametrize("name", SMALL)
def test_playing_again_and_again_needs_no_more_memory(browser: Browser, tmp_path: Path, name: str) -> None:
    check_memory(browser, tmp_path, SMALL[name](), 8)


@pytest.mark.thousands
@pytest.mark.parametrize("name", LARGE)
def test_playing_scenes_that_come_with_mmviz_needs_no_more_memory(browser: Browser, tmp_path: Path, name: str) -> None:
    check_memory(browser, tmp_path, Scene.load(name).composition, 8)
