"""Where the time of a film goes: `pytest tests/bench --benchmark-only`. Nothing is asserted in ordinary runs."""

from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import mmviz

SECONDS = 20


@pytest.mark.parametrize("workers", [1, 2])
def test_twenty_seconds_of_attention_head_at_1080p(benchmark: BenchmarkFixture, tmp_path: Path, workers: int) -> None:
    """Seconds by stage are in extra_info."""
    scene = mmviz.Scene.load("attention_head")
    animation = scene.document.animation
    speed = scene.timeline().steps / (SECONDS - animation.hold)
    document = scene.document.model_copy(update={"animation": animation.model_copy(update={"speed": speed})})
    scene = mmviz.Scene.of(document, scene.folder)

    def film() -> None:
        timings = scene.movie(tmp_path / "film.mp4", width=1920, height=1080, fps=30, workers=workers)
        benchmark.extra_info.update({"frames": timings.frames, "wall": timings.wall, **timings.seconds})

    benchmark.pedantic(film, rounds=1)


@pytest.mark.parametrize("output", ["film.gif", "frames/"])
def test_other_kinds_of_films(benchmark: BenchmarkFixture, tmp_path: Path, output: str) -> None:
    """480p at 15 frames a second."""
    scene = mmviz.Scene.load("matmul")
    benchmark.pedantic(lambda: scene.movie(f"{tmp_path}/{output}", width=854, height=480, fps=15), rounds=1)


def test_a_picture_at_print_size(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """12000x8000."""
    scene = mmviz.Scene.load("attention_head")
    benchmark.pedantic(lambda: scene.screenshot(tmp_path / "x.png", width=12000, height=8000), rounds=1)
