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

ROOT = Path(mmviz.__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}  # mmviz is found from any folder
# Shells start background work with Ctrl+C ignored, and these tests may run in one.
MAIN = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from mmviz.cli import main; main()"
LONG = """\
expr: A @ B
tensors: {A: {init: rows, shape: [64, 4]}, B: {init: cols, shape: [4, 4]}}
animation: {speed: 0.05}
"""

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has other signals, and no POSIX shell")


def film_and_send(number: signal.Signals, folder: Path, output: str, *options: str) -> tuple[int, str, str]:
    """Start a long film in a process of its own and send a signal when it is on its way."""
    (folder / "long.yaml").write_text(LONG)
    size = ("--width", "64", "--height", "48")
    command = [sys.executable, "-c", MAIN, "movie", "long.yaml", "-o", output, *size, *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            end = time.monotonic() + 60
            while not list(folder.glob("*.part/*")) and process.poll() is None and time.monotonic() < end:
                time.sleep(0.05)
            time.sleep(0.3)
            assert len(list(folder.glob("x*.part"))) == 1
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    return process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "output", [("x.mp4",), ("x.gif",), ("x_%03d.png",), ("x/",), ("x.mp4", "--workers", "2")], ids=" ".join
)
def test_a_film_that_is_stopped_leaves_nothing(tmp_path: Path, number: signal.Signals, output: tuple[str, ...]) -> None:
    code, out, err = film_and_send(number, tmp_path, *output)
    assert (code, out) == (128 + number, "")
    assert err.splitlines()[-1] == "mmviz: interrupted"
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["long.yaml"]


def group_lives(number: int) -> bool:
    try:
        os.killpg(number, 0)
    except OSError:
        return False
    return True


@pytest.mark.parametrize("sign", ["x.*.part", "x.*.part/*"], ids=["starting", "drawing"])
def test_ctrl_c_in_a_terminal_reaches_all_workers_and_one_answers(tmp_path: Path, sign: str) -> None:
    (tmp_path / "long.yaml").write_text(LONG)
    size = ("--width", "64", "--height", "48", "--workers", "2")
    command = [sys.executable, "-c", MAIN, "movie", "long.yaml", "-o", "x.mp4", *size]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=tmp_path, env=ENVIRONMENT, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as process:
        try:
            end = time.monotonic() + 60
            while not list(tmp_path.glob(sign)) and process.poll() is None and time.monotonic() < end:
                time.sleep(0.05)
            time.sleep(0.8)
            os.killpg(process.pid, signal.SIGINT)
            assert process.communicate(timeout=60) == ("", "mmviz: interrupted\n")
        finally:
            process.kill()
    assert process.returncode == 130
    assert [path.name for path in tmp_path.iterdir()] == ["long.yaml"]
    end = time.monotonic() + 20
    while group_lives(process.pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert not group_lives(process.pid), "no worker is left"


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
