"""Speed and memory, measured by hand: `pytest tests/bench --benchmark-only`. Nothing is asserted in ordinary runs.

Compare figures by their ratios within one run; the machine decides the rest.
"""

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture

import mmviz
from mmviz.picture.cell.picking import pick
from mmviz.picture.drawlist import DrawList, Sheet
from mmviz.picture.eye.camera import fit
from mmviz.picture.look.palette import PALETTE
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.layout import lay_out
from mmviz.picture.space.placement import Placement
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.pyramid import build_atlas
from mmviz.scene.keys.options import LayoutOptions
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import infer
from mmviz.values.tensors.evaluate import evaluate

SIZE = (1920, 1080)


@pytest.fixture(scope="module")
def head() -> mmviz.Scene:
    scene = mmviz.Scene.load("attention_head")
    scene.timeline()
    return scene


@pytest.fixture
def canvas() -> Iterator[Canvas]:
    with Canvas(*SIZE) as canvas:
        yield canvas


def three_faces(size: int) -> DrawList:
    """The three faces of a product of two square matrices of low rank with some noise."""
    random = np.random.default_rng(0)
    gap = max(4.0, size / 16)
    x, y, z = np.eye(3)
    places = [
        (np.array([0.0, 0.0, 0.0]), -y, x),
        (np.array([-gap, 0.0, -gap - size]), -y, z),
        (np.array([0.0, gap, -gap]), -z, x),
    ]
    sheets = []
    for number, (origin, down, across) in enumerate(places):
        values = random.standard_normal((size, 4)) @ random.standard_normal((4, size))
        values += 0.3 * random.standard_normal((size, size))
        placement = Placement((size, size), origin, down, across)
        sheets.append(Sheet(ItemKey("matrix", f"face{number}"), placement, values.astype(np.float32), 4.0))
    extent = np.concatenate([sheet.placement.corners() for sheet in sheets])
    return DrawList(sheets=tuple(sheets), extent=extent)


def test_frame_of_attention_head_without_drawing(benchmark: BenchmarkFixture, head: mmviz.Scene) -> None:
    """At most 10 ms."""
    timeline = head.timeline()
    times = iter(np.random.default_rng(0).uniform(0, timeline.steps, 100_000))

    def one() -> Any:
        frame = timeline.frame(float(next(times)))
        return [state.values for state in frame.values()]

    benchmark(one)


WAYS: dict[str, dict[str, Any]] = {
    "vmprod": {"animation": {"algorithm": "vmprod"}},
    "vvprod": {"animation": {"algorithm": "vvprod"}},
    "axpy": {"animation": {"algorithm": "axpy"}},
    "decode": {"animation": {"fuse": "decode"}},
    "blockwise": {"animation": {"matrices": {"left": "blockwise"}}, "partition": {"left": {"i": 4, "k": 4}}},
}


@pytest.mark.parametrize("way", WAYS)
def test_frame_of_a_head_of_256_tokens_without_drawing(benchmark: BenchmarkFixture, way: str) -> None:
    """Tokens x model 256 x 768, head size 64, planes included: at most 10 ms for vmprod, 20 ms for vvprod."""
    shapes = {"X": (256, 768), "wQ": (768, 64), "wK": (768, 64), "wV": (768, 64), "wO": (64, 768)}
    scene = mmviz.Scene(
        "sdpa((X @ wQ) @ (X @ wK).T) @ (X @ wV) @ wO",
        {name: {"init": "gaussian", "shape": shape, "seed": n} for n, (name, shape) in enumerate(shapes.items())},
        **WAYS[way],
    )
    timeline = scene.timeline()
    times = iter(np.random.default_rng(0).uniform(0, timeline.steps, 100_000))

    def one() -> Any:
        frame = timeline.frame(float(next(times)))
        return [state.values for state in frame.values()], [plane.values for plane in frame.planes]

    benchmark(one)


def test_from_values_to_the_first_drawn_frame(benchmark: BenchmarkFixture, head: mmviz.Scene) -> None:
    """At most 1 s."""
    fresh = mmviz.Scene.of(head.document, head.folder)
    values = head.evaluated

    def first() -> None:
        scene = mmviz.Scene.of(fresh.document, fresh.folder)
        scene.__dict__["evaluated"] = values
        with Canvas(*SIZE) as canvas:
            camera = scene.composition.camera(SIZE[0] / SIZE[1])
            canvas.show(scene.composition.at(100.0, camera), camera)
            canvas.draw()

    benchmark.pedantic(first, rounds=3)


@pytest.mark.parametrize("size", [48, 512, 4096])
def test_frame_of_three_faces(benchmark: BenchmarkFixture, canvas: Canvas, size: int) -> None:
    """4096 at most twice as long as 48."""
    drawing = three_faces(size)
    angles = iter(np.linspace(0.0, 1.0, 10_000))

    def one() -> None:
        camera = fit(drawing.extent, (-1.0, 0.9 + 0.1 * next(angles), 1.3), SIZE[0] / SIZE[1])
        canvas.show(drawing, camera)
        canvas.draw()

    one()
    benchmark.pedantic(one, rounds=10)


def test_frame_of_the_film(benchmark: BenchmarkFixture, head: mmviz.Scene) -> None:
    """Film frames a second at 1280x720 are measured from start to finish below; this is drawing alone."""
    with Canvas(1280, 720) as canvas:
        camera = head.composition.camera(1280 / 720)
        times = iter(np.linspace(64, 127, 1000))

        def one() -> None:
            canvas.show(head.composition.at(float(next(times)), camera), camera)
            canvas.draw()

        benchmark.pedantic(one, rounds=30, warmup_rounds=3)


def test_the_whole_film_at_720p(benchmark: BenchmarkFixture, head: mmviz.Scene, tmp_path: Path) -> None:
    """At least 5 frames a second; the count is in extra_info."""
    benchmark.extra_info["frames"] = len(head.times(30))
    benchmark.pedantic(lambda: head.movie(tmp_path / "film.mp4", width=1280, height=720), rounds=1)


@pytest.mark.parametrize("seconds", [2, 20])
def test_memory_of_a_film(benchmark: BenchmarkFixture, seconds: int) -> None:
    """Peak memory in MB is in extra_info; it does not grow with the number of frames."""
    benchmark.extra_info["peak_mb"] = _peak_memory(
        f"""
        import mmviz, tempfile, pathlib
        scene = mmviz.Scene.load("matmul")
        animation = scene.document.animation.model_copy(update={{"hold": 0, "speed": 24 / {seconds}}})
        scene = mmviz.Scene.of(scene.document.model_copy(update={{"animation": animation}}), scene.folder)
        with tempfile.TemporaryDirectory() as folder:
            scene.movie(pathlib.Path(folder) / "film.mp4", width=640, height=360)
        """,
        benchmark,
    )


def test_memory_of_three_large_faces(benchmark: BenchmarkFixture) -> None:
    """At most 2000 MB; the peak is in extra_info."""
    benchmark.extra_info["peak_mb"] = _peak_memory(
        f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parent)!r})
        from test_speed import Canvas, SIZE, fit, three_faces
        drawing = three_faces(4096)
        with Canvas(*SIZE) as canvas:
            canvas.show(drawing, fit(drawing.extent, (-1, 1, 1), 16 / 9))
            canvas.draw()
        """,
        benchmark,
    )


@pytest.mark.parametrize("products", [125, 250, 500, 1000])
def test_parsing_and_laying_out_a_large_tree(benchmark: BenchmarkFixture, products: int) -> None:
    """1,000 products under 1 s; twice the products, twice the time."""

    def text(count: int) -> str:
        half = (count - 1) // 2
        return "A" if count == 0 else f"({text(half)} @ {text(count - 1 - half)})"

    expr = text(products)

    def one() -> None:
        root = build(parse(expr))
        lay_out(root, infer(root, {"A": (2, 2)}).of, LayoutOptions())

    benchmark(one)


@pytest.mark.parametrize("by", ["mmviz", "numpy"])
def test_evaluating_a_product_of_512(benchmark: BenchmarkFixture, by: str) -> None:
    """At most twice numpy's time, both in float64 from and to float32."""
    left, right = np.random.default_rng(0).standard_normal((2, 512, 512)).astype(np.float32)
    if by == "numpy":
        benchmark(lambda: (left.astype(np.float64) @ right.astype(np.float64)).astype(np.float32))
        return
    root, cpu = build(parse("A @ B")), torch.device("cpu")
    tensors = {"A": torch.from_numpy(left), "B": torch.from_numpy(right)}
    benchmark(lambda: evaluate(root, tensors, cpu))


def test_a_pick_in_attention_head(benchmark: BenchmarkFixture, head: mmviz.Scene) -> None:
    """At most 1 ms."""
    camera, frame = head.composition.camera(1.5), head.composition.timeline.frame(100)
    places = cycle(0.3 + 0.002 * np.arange(200))
    benchmark(lambda: pick(head.composition, frame, camera, next(places), 0.5, 1.5))


def test_the_pyramid_of_four_million_elements(benchmark: BenchmarkFixture) -> None:
    """At most 1 s."""
    values = np.random.default_rng(0).standard_normal((2048, 2048)).astype(np.float32)
    benchmark.pedantic(lambda: build_atlas(values, None, PALETTE, 3.0), rounds=5)


def test_import(benchmark: BenchmarkFixture) -> None:
    """At most 0.5 s, with the interpreter's own start."""
    benchmark.pedantic(lambda: subprocess.run([sys.executable, "-c", "import mmviz"], check=True), rounds=5)


def _peak_memory(script: str, benchmark: BenchmarkFixture) -> float:
    """Largest resident memory of a script in a process of its own, in MB; Linux only."""
    # Not getrusage: see findings/child-peak-memory.sh.
    report = "\nprint(next(int(x.split()[1]) / 1024 for x in open('/proc/self/status') if x.startswith('VmHWM')))"
    command = [sys.executable, "-c", textwrap.dedent(script) + report]
    done = benchmark.pedantic(lambda: subprocess.run(command, check=True, capture_output=True, text=True), rounds=1)
    return float(done.stdout.split()[-1])
