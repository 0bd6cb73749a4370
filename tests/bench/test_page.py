"""Pages in Chromium beside mm's own page, large beside small ones, and their sizes: `pytest tests/bench/test_page.py`.

Run by hand with `--benchmark-only -s`; each prints its figures. The folder of a copy of mm (bhosmer/mm) is in MMVIZ_MM.
Compare figures by their ratios within one run; the machine decides the rest. What is compared takes turns, so that
both have the same share of a machine that is not at rest, and of each the median counts.
"""

import json
import os
import sys
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import mmviz
from mmviz.page.bundle import program
from tests.page.browser.driver import Browser, Page, executable

pytestmark = pytest.mark.skipif(executable() is None, reason="no Chromium is installed")
MM = os.environ.get("MMVIZ_MM")
SIZE = (1920, 1080)
WARM, SECONDS, ROUNDS = 4.0, 8.0, 3
"""Seconds before frames are counted, by which programs are compiled; for which they are; and how often each."""
LOCAL = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
WATCH = """
const told = window.told = { frames: 0, first: 0, drew: false, wrong: "" };
window.addEventListener("error", (event) => { told.wrong ||= event.message; });
for (const name of ["drawArrays", "drawElements", "drawArraysInstanced", "drawElementsInstanced"]) {
  const draw = WebGL2RenderingContext.prototype[name];
  WebGL2RenderingContext.prototype[name] = function (...given) { told.drew = true; return draw.apply(this, given); };
}
const ask = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (act) => ask((now) => {
  told.drew = false;
  act(now);
  if (!told.drew) return;
  told.frames++;
  if (told.first === 0) ask(() => { told.first = performance.now(); });
});
"""
"""Counts the frames of a page in which something is drawn, and knows when the first one is there, in milliseconds."""


def tell(words: str) -> None:
    sys.stdout.write(f"\n{words}")


def matrix(name: str, rows: int, columns: int) -> dict[str, Any]:
    return {
        "name": name,
        "matmul": False,
        "h": rows,
        "w": columns,
        "init": "gaussian",
        "min": -1,
        "max": 1,
        "dropout": 0,
    }


def product(
    name: str, left: dict[str, Any], right: dict[str, Any], algorithm: str, places: str, epilog: str = "none"
) -> dict[str, Any]:
    keys = ("polarity", "left placement", "right placement", "result placement")
    layout = dict(zip(keys, places.split(), strict=True))
    anim, block = {"alg": algorithm}, {"i blocks": 1, "j blocks": 1, "k blocks": 1}
    found = {"name": name, "matmul": True, "epilog": epilog, "left": left, "right": right}
    return {**found, "anim": anim, "block": block, "layout": layout}


def head(algorithm: str) -> dict[str, Any]:
    """The attention head of GPT-2 in mm's article, with random numbers, in mm's own parameters."""
    inner = algorithm if algorithm == "vmprod" else "none"
    q = product("Q", matrix("input", 256, 768), matrix("wQ", 768, 64), "none", "positive left bottom back")
    k = product("K_t", matrix("wK_t", 64, 768), matrix("input_t", 768, 256), "none", "positive right top back")
    softmax = "softmax(tril(x/sqrt(k)))"
    attn = product("attn", q, k, inner, "negative left top front", softmax)
    v = product("V", matrix("input", 256, 768), matrix("wV", 768, 64), "none", "positive right top back")
    z = product("z", attn, v, inner, "positive left bottom back")
    out = product("out", z, matrix("wO", 64, 768), algorithm, "positive left bottom back")
    out["anim"] |= {"fuse": "sync" if inner == "vmprod" else "none", "speed": 100, "hide inputs": False, "spin": 0}
    out["layout"] |= {"scheme": "custom", "gap": 16, "scatter": 0, "molecule": 1, "blast": 0}
    return out | {"cam": {"x": -450, "y": 450, "z": 450, "target": {"x": 0, "y": 0, "z": 0}}}


@contextmanager
def served(folder: str) -> Iterator[str]:
    """The address of a folder."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/index.html"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def watched(place: Path | str, fragment: str = "") -> Iterator[Page]:
    """A page in a browser of its own, whose frames are counted, as soon as its first picture is there."""
    with Browser(LOCAL) as browser:
        page = browser.page(*SIZE)
        page.call("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        page.open(place, fragment)
        page.wait("told.first || told.wrong", 300)
        wrong = page.evaluate("told.wrong")
        assert not wrong, wrong
        yield page


def frames_a_second(page: Page, seconds: float = SECONDS) -> float:
    count = "[told.frames, performance.now() / 1000]"
    first, begun = page.evaluate(count)
    page.pause(seconds)
    last, ended = page.evaluate(count)
    return float((last - first) / (ended - begun))


def played(place: Path | str, fragment: str = "") -> tuple[float, float]:
    """Seconds to the first picture, and frames a second."""
    with watched(place, fragment) as page:
        opened = page.evaluate("told.first") / 1000
        page.pause(WARM)
        return opened, frames_a_second(page)


Played = tuple[float, float]


def in_turn(one: Callable[[], Played], other: Callable[[], Played]) -> tuple[Played, Played]:
    """The medians of both."""
    rounds = [(one(), other()) for _ in range(ROUNDS)]
    for here, there in rounds:
        tell(f"  {here[0]:.2f} s, {here[1]:.2f} frames a second; {there[0]:.2f} s, {there[1]:.2f} frames a second")
    first, second = ((median(column) for column in zip(*side, strict=True)) for side in zip(*rounds, strict=True))
    return (next(first), next(first)), (next(second), next(second))


@pytest.mark.skipif(MM is None, reason="MMVIZ_MM names no copy of mm")
@pytest.mark.parametrize("algorithm", ["vmprod", "vvprod"])
def test_a_head_beside_mm(benchmark: BenchmarkFixture, tmp_path: Path, algorithm: str) -> None:
    params, page = head(algorithm), tmp_path / "head.html"
    mmviz.Scene.from_mm(params).page(page)
    with served(str(MM)) as address:
        theirs = partial(played, f"{address}?params={quote(json.dumps(params))}")
        ours = partial(played, page, "#t=0&loop=1&play=1")
        here, there = benchmark.pedantic(in_turn, (ours, theirs), rounds=1)
    told = "opened after {:.2f} s, {:.2f} frames a second"
    tell(f"{algorithm}: mmviz {told.format(*here)}; mm {told.format(*there)}")
    tell(f"{here[1] / there[1]:.1f} times the frames, {here[0] / there[0]:.2f} of the time to open\n")


def turned(page: Path, seconds: float = SECONDS) -> float:
    """Frames a second while the picture is turned with the mouse all the time."""
    with watched(page, "#t=0") as shown:
        shown.wait("document.body.dataset.read", 300)
        shown.pause(WARM)
        x, y = SIZE[0] / 2, SIZE[1] / 2
        shown.press(x, y)
        first, begun = shown.evaluate("[told.frames, performance.now() / 1000]")
        ended = begun
        while ended - begun < seconds:
            x += 6 if (ended - begun) % 4 < 2 else -6
            shown.move(x, y, buttons=1)
            last, ended = shown.evaluate(
                "new Promise(done => ask(() => done([told.frames, performance.now() / 1000])))"
            )
        return float((last - first) / (ended - begun))


def square(side: int) -> mmviz.Scene:
    random = np.random.default_rng(0)
    left, right = (random.standard_normal((side, side), np.float32) for _ in range(2))
    return mmviz.Scene("A @ B", {"A": left, "B": right})


def test_a_large_product_is_turned(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    places = {side: tmp_path / f"{side}.html" for side in (48, 4096)}
    for side, place in places.items():
        square(side).page(place, step=0, max_size=1000)

    def in_turns() -> tuple[float, float]:
        rounds = [(turned(places[4096]), turned(places[48])) for _ in range(ROUNDS)]
        return median(large for large, _ in rounds), median(small for _, small in rounds)

    large, small = benchmark.pedantic(in_turns, rounds=1)
    tell(f"turned: {large:.1f} frames a second of 4096 x 4096 x 4096, {small:.1f} of 48 x 48 x 48: {large / small:.2f}")


def test_the_size_of_a_page(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    scene, place = square(1024), tmp_path / "page.html"
    benchmark.pedantic(scene.page, (place,), rounds=1)
    numbers = sum(len(zlib.compress(scene.values()[path].tobytes(), 6)) for path in scene.values())
    code = len(program())
    size = place.stat().st_size
    tell(f"{size:,} bytes: {(size - 2 * code) / numbers:.3f} of the {numbers:,} of the numbers, besides the code")
    tell(f"the program: {len(zlib.compress(program().encode(), 9)):,} bytes, deflated, of {code:,}")
