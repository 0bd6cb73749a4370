"""How a run ends early: Ctrl+C, SIGTERM and a pipe that is closed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import mmviz
from mmviz import cli
from mmviz.cli import program
from mmviz.machine.endings import Endings
from tests.processes import MAIN, Outcome, Running, started

ROOT = Path(mmviz.__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}  # mmviz is found from any folder
LONG = """\
expr: A @ B
tensors: {A: {init: rows, shape: [64, 4]}, B: {init: cols, shape: [4, 4]}}
animation: {speed: 0.05}
"""
FORKED_WORKERS = """
import signal
from multiprocessing import get_context
from mmviz.machine import workers
def work(*arguments, as_it_is=workers._work):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a fork would heed what the command line heeds
    as_it_is(*arguments)
workers._work, workers.get_context = work, lambda _: get_context("fork")
"""
"""Workers that begin at once: they are forks of a command line that draws nothing itself."""

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(os.name == "nt", reason="Windows has other signals, and no POSIX shell"),
]


def movie(folder: Path, output: str, *options: str) -> tuple[str, ...]:
    """The words of the command line for a film that takes an hour."""
    (folder / "long.yaml").write_text(LONG)
    return ("movie", "long.yaml", "-o", output, "--width", "64", "--height", "48", *options)


def drawing(folder: Path) -> bool:
    """Whether frames are being written."""
    return bool(list(folder.glob("x*.part/*")))


@pytest.mark.process
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "output", [("x.mp4",), ("x.gif",), ("x_%03d.png",), ("x/",), ("x.mp4", "--workers", "2")], ids=" ".join
)
def test_a_film_that_is_stopped_leaves_nothing(tmp_path: Path, number: signal.Signals, output: tuple[str, ...]) -> None:
    with started(FORKED_WORKERS + MAIN, *movie(tmp_path, *output), folder=tmp_path) as process:
        process.until(lambda: drawing(tmp_path))
        assert len(list(tmp_path.glob("x*.part"))) == 1
        process.send_signal(number)
        outcome = process.ended()
    assert outcome == Outcome(128 + number, "", "mmviz: interrupted\n")
    assert [path.name for path in tmp_path.iterdir()] == ["long.yaml"]


def wait_for_the_end_of_all(process: Running) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            os.killpg(process.pid, 0)
        except OSError:
            return
        time.sleep(0.02)
    pytest.fail("a worker is left")


@pytest.mark.process
@pytest.mark.parametrize(
    ("workers", "sign", "after"),
    [
        pytest.param("", "x.*.part", 0.4, id="starting", marks=pytest.mark.slow),
        pytest.param(FORKED_WORKERS, "x.*.part/*", 0.0, id="drawing"),
    ],
)
def test_ctrl_c_in_a_terminal_reaches_all_workers_and_one_answers(
    tmp_path: Path, workers: str, sign: str, after: float
) -> None:
    words = movie(tmp_path, "x.mp4", "--workers", "2")
    with started(workers + MAIN, *words, folder=tmp_path, leads_group=True) as process:
        process.until(lambda: list(tmp_path.glob(sign)))
        time.sleep(after)  # Python itself is starting in the workers
        os.killpg(process.pid, signal.SIGINT)
        assert process.ended() == Outcome(130, "", "mmviz: interrupted\n")
        assert [path.name for path in tmp_path.iterdir()] == ["long.yaml"]
        wait_for_the_end_of_all(process)


DROPPED = """
import os, signal, time
from mmviz import cli
from mmviz.cli import program
class Dropping:
    def __del__(self):
        signal.raise_signal(NUMBER)  # what would be raised here, Python would drop
def app(**_):
    Dropping()
    time.sleep(5)
program.app = app
cli.main()
"""
IMPORTING = """
import os, signal, sys, types
from importlib.machinery import ModuleSpec
from mmviz import cli
class Slow:
    def find_spec(self, name, *_):
        return ModuleSpec(name, self) if name == "typer" else None
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        try:
            signal.raise_signal(NUMBER)
        except BaseException:  # as packages do that can go without something
            raise ImportError("cannot import it")
for name in [name for name in sys.modules if name == "typer" or name.startswith("mmviz.cli.program")]:
    del sys.modules[name]
sys.meta_path.insert(0, Slow())
cli.main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("code", [DROPPED, IMPORTING], ids=["where python drops what is raised", "in an import"])
def test_a_signal_ends_the_program_where_an_exception_would_not(
    code: str, number: signal.Signals, tmp_path: Path
) -> None:
    with started(code.replace("NUMBER", str(int(number))), folder=tmp_path) as process:
        assert process.ended() == Outcome(128 + number, "", "mmviz: interrupted\n")


def test_signals_are_heeded_before_anything_is_imported_that_takes_long() -> None:
    code = "import sys; before = set(sys.modules); import mmviz.cli; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    ours = {"mmviz", "mmviz.cli", "mmviz.cli.stopping", "mmviz.machine", "mmviz.machine.endings"}
    assert {name for name in done.stdout.split() if name.split(".")[0] not in sys.stdlib_module_names} == ours


def test_a_library_heeds_no_signals() -> None:
    code = "import signal, mmviz; mmviz.Scene; import mmviz.cli; print(signal.getsignal(2), signal.getsignal(15))"
    done = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert done.stdout == f"{signal.default_int_handler} {signal.SIG_DFL}\n"


def test_signals_are_heeded_to_the_end_and_what_is_ignored_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    watched = (signal.SIGINT, signal.SIGTERM)
    monkeypatch.setattr(program, "app", lambda **_: seen.extend(signal.getsignal(n) for n in watched))
    terminate = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0
    assert seen[0] is signal.SIG_IGN
    assert seen[1] != terminate
    assert signal.getsignal(signal.SIGTERM) is seen[1]


def test_what_is_held_is_done_as_a_whole_and_what_is_due_is_done_the_last_first() -> None:
    endings, done = Endings(), list[str]()

    def end() -> None:
        endings.do()
        done.append("end")

    with endings.due(lambda: done.append("first")), endings.due(lambda: done[9]), endings.due(lambda: done.append("b")):
        with endings.due(lambda: done.append("over")):
            pass
        with endings.held():
            with endings.held():
                endings.when_free(end)
            done.append("held")
    assert done == ["held", "b", "first", "end"]
    endings.when_free(end)
    assert done[4:] == ["end"]


def test_a_pipe_that_is_closed_early_is_no_error(tmp_path: Path) -> None:
    command = f"'{sys.executable}' -m mmviz schema | head -n 1"
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_a_signal_waits_for_what_another_thread_holds(tmp_path: Path) -> None:
    code = """
import signal, threading, time
from mmviz.cli.stopping import heed_signals
from mmviz.machine.endings import ENDINGS

def hold():
    with ENDINGS.held():
        begun.set()
        done.wait()

heed_signals()
begun, done = threading.Event(), threading.Event()
threading.Thread(target=hold, daemon=True).start()
begun.wait()
signal.raise_signal(signal.SIGINT)
print("held", flush=True)
done.set()
time.sleep(60)
"""
    with started(code, folder=tmp_path) as process:
        assert process.ended() == Outcome(130, "held\n", "mmviz: interrupted\n")
