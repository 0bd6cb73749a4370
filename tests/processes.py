"""Processes of tests that have imported what is slow to import before they begin: torch and VTK take two seconds.

On Linux one process imports it all, once, and every other one is a fork of that, made before any thread or OpenGL
context is there: real processes with real signals. On other systems each is started anew, which is slower.
"""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import forkserver, get_context
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FORKED = sys.platform == "linux"
CONTEXT: Any = get_context("forkserver" if FORKED else "spawn")
IMPORTED = (
    *("mmviz.cli", "mmviz.pipeline", "mmviz.filming.studio", "mmviz.builders", "mmviz.spectra.figures"),
    *("mmviz.render.opengl.canvas", "mmviz.render.still", "mmviz.render.mesh", "mmviz.render.film.formats"),
    *("mmviz.values.model.model", "mmviz.values.origin.fetch", "mmviz.values.tensors.evaluate", "safetensors.torch"),
    *("mmviz.values.text.vocabulary", "mmviz.viewer.export.export_work", "tests.processes"),
)
MAIN = "from mmviz.cli import main; main()"
"""The command line, whose words follow."""
UNSEEN = "import mmviz.viewer; mmviz.viewer.check_seen = lambda: None\n"
"""Before other code: a window opens also where nobody can see and close it. Who runs that ends the process."""
STRICT = """import warnings
warnings.simplefilter("error")
for kind in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
    warnings.simplefilter("ignore", kind)
"""
"""Before other code: warnings are errors, but for what a package says of its own future."""
FORGET = """import sys
for name in [name for name in sys.modules if name.partition(".")[0] in {packages!r}]:
    del sys.modules[name]
"""
PATIENCE = 60.0
"""Seconds until a test gives up waiting for a process."""

ONCE_MORE = pytest.mark.flaky(reruns=1)
"""For tests of windows and browsers as a person has them, who wait for other programs by the clock: one that fails runs
once more, and the summary says so."""

if FORKED:
    CONTEXT.set_forkserver_preload([*IMPORTED])


@dataclass(frozen=True)
class Outcome:
    """How a process ended."""

    code: int | None
    out: str
    err: str


@dataclass(frozen=True)
class Running:
    """A process that runs some code."""

    process: Any = field(repr=False)
    printed: Path

    @property
    def pid(self) -> int:
        """Its number, and that of its group where it leads one."""
        return int(self.process.pid)

    @property
    def lives(self) -> bool:
        """Whether it has not ended yet."""
        return bool(self.process.is_alive())

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def until(self, happened: Callable[[], object]) -> None:
        """Wait until something has happened that it does."""
        end = time.monotonic() + PATIENCE
        while not happened():
            assert self.lives, self.ended()
            assert time.monotonic() < end, "nothing happened"
            time.sleep(0.01)

    def ended(self) -> Outcome:
        """Wait for its end."""
        self.process.join(PATIENCE)
        assert not self.lives, "it does not end"
        out, err = (path.read_text(encoding="utf-8") for path in files(self.printed))
        code = self.process.exitcode
        return Outcome(code, out, err)


def files(folder: Path) -> tuple[Path, Path]:
    """Where a process prints what it tells, and its errors."""
    return folder / "out", folder / "err"


@contextmanager
def started(
    code: str, *arguments: str, folder: Path, environment: Mapping[str, str] | None = None, leads_group: bool = False
) -> Iterator[Running]:
    """Run some code as `python -c CODE ARGUMENTS` would, in a process of its own that is gone afterwards.

    Args:
        code: What it runs.
        arguments: Its sys.argv[1:].
        folder: In which it works.
        environment: Its variables; ours by default. What a library reads when it is imported was read already.
        leads_group: Whether it is the first of a group of processes, as what a shell starts.
    """
    with tempfile.TemporaryDirectory() as printed:
        variables = dict(os.environ if environment is None else environment)
        order = (code, arguments, str(folder), variables, leads_group, printed)
        process = CONTEXT.Process(target=_run, args=order)
        process.start()
        try:
            yield Running(process, Path(printed))
        finally:
            process.kill()
            process.join()


def without(*packages: str) -> str:
    """Before other code: it finds these packages as if nothing had imported them yet, and mmviz too."""
    return FORGET.format(packages=("mmviz", *packages))


def joining() -> str:
    """Before other code: what a process of it starts by CONTEXT is a fork of the same process as itself."""
    server: Any = vars(forkserver)["_forkserver"]
    server.ensure_running()
    known = {name: vars(server).get(name) for name in ("_forkserver_address", "_forkserver_authkey")}
    change = f"vars(forkserver._forkserver).update({known!r}, ensure_running=lambda: None)"
    return f"from multiprocessing import forkserver\n{change}\n" if FORKED else ""


def ran(code: str, *arguments: str, folder: Path, environment: Mapping[str, str] | None = None) -> Outcome:
    """Run some code to its end; see started."""
    with started(code, *arguments, folder=folder, environment=environment) as process:
        return process.ended()


def _run(
    code: str, arguments: tuple[str, ...], folder: str, variables: dict[str, str], leads_group: bool, printed: str
) -> None:
    """Become what `python -c` would be."""
    if leads_group:
        os.setsid()
    for number, path in enumerate(files(Path(printed)), 1):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    # Shells start background work with Ctrl+C ignored, and the tests may run in one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # An export holds interrupts while its process starts; the first start of all hands that on to every fork.
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    sys.argv = ["-c", *arguments]
    main = sys.modules["__main__"] = ModuleType("__main__")
    exec(code, main.__dict__)


@pytest.fixture
def quick_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers of films and exports of windows have imported all that they need."""
    for module in ("mmviz.machine.workers", "mmviz.viewer.export.exporter"):
        monkeypatch.setattr(f"{module}.get_context", lambda _: CONTEXT)


def end_all() -> None:
    """End the process of which all are forks, and wait for it."""
    if FORKED:
        forkserver._forkserver._stop()  # type: ignore[attr-defined]
