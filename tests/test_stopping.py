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
from mmviz.cli.stopping import Stopped, stopping_signals
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
        pytest.param("", "x.*.part", 0.8, id="starting", marks=pytest.mark.slow),
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


class Dropping:
    """Python drops what is raised while this goes."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number

    def __del__(self) -> None:
        signal.raise_signal(self.number)
        sum(range(10))  # somewhere here it is raised


def drop_and_go_on(number: signal.Signals) -> None:
    with stopping_signals():
        Dropping(number)
        time.sleep(5)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_arrives_where_python_drops_what_is_raised_stops_the_work_a_little_later(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sys.unraisablehook
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(Stopped) as stopped:
            drop_and_go_on(number)
    finally:
        signal.signal(signal.SIGINT, interrupt)
    assert stopped.value.exit_code == 128 + number
    assert capsys.readouterr().err == ""
    assert sys.unraisablehook is before


def test_signals_are_watched_only_while_it_runs_and_what_is_ignored_stays_ignored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Any] = []
    watched = (signal.SIGINT, signal.SIGTERM)
    monkeypatch.setattr(program, "app", lambda **_: seen.extend(signal.getsignal(n) for n in watched))
    interrupt, terminate = signal.signal(signal.SIGINT, signal.SIG_IGN), signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 0
        assert seen[0] is signal.SIG_IGN
        assert seen[1] != terminate
        assert signal.getsignal(signal.SIGTERM) == terminate
    finally:
        signal.signal(signal.SIGINT, interrupt)


def test_a_pipe_that_is_closed_early_is_no_error(tmp_path: Path) -> None:
    command = f"'{sys.executable}' -m mmviz schema | head -n 1"
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("{\n", "")
