"""Processes of tests are what `python -c` starts, but sooner."""

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.processes import FORKED, IMPORTED, Outcome, ran, started

pytestmark = pytest.mark.process


def test_words_variables_and_folder_are_its_own_and_so_is_its_end(tmp_path: Path) -> None:
    code = "import os, sys; print(sys.argv, os.getcwd(), os.environ, __name__); print('no', file=sys.stderr); exit(3)"
    outcome = ran(code, "a", "-b", folder=tmp_path, environment={"ONE": "1"})
    variables = "environ({'ONE': '1'})"
    assert outcome == Outcome(3, f"['-c', 'a', '-b'] {tmp_path} {variables} __main__\n", "no\n")
    assert "ONE" not in os.environ


def test_what_it_raises_is_told_and_ends_with_1(tmp_path: Path) -> None:
    outcome = ran("1 / 0", folder=tmp_path)
    assert outcome.code == 1
    assert outcome.err.rstrip().endswith("ZeroDivisionError: division by zero")


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
def test_it_is_interrupted_although_the_tests_run_in_the_background_and_is_gone_afterwards(tmp_path: Path) -> None:
    with started("import time; print(1, flush=True); time.sleep(60)", folder=tmp_path) as process:
        process.until(lambda: (process.printed / "out").is_file() and (process.printed / "out").read_text())
        process.send_signal(signal.SIGINT)
        outcome = process.ended()
    assert outcome.out == "1\n"
    assert outcome.err.rstrip().endswith("KeyboardInterrupt")
    with started("import time; time.sleep(60)", folder=tmp_path) as process:
        number = process.pid
    with pytest.raises(OSError, match="No such process"):
        os.kill(number, 0)


@pytest.mark.skipif(not FORKED, reason="elsewhere every process imports what it needs itself")
def test_all_is_imported_before_it_begins_in_one_thread_and_no_qt(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        f"print([name for name in {IMPORTED!r} if name not in sys.modules], len(os.listdir('/proc/self/task')))\n"
        "print([name for name in sys.modules if name.startswith('PySide6')])"
    )
    assert ran(code, folder=tmp_path) == Outcome(0, "[] 1\n[]\n", "")


def test_workers_are_started_the_same_way(quick_workers: None) -> None:
    from mmviz.machine import workers

    assert vars(workers)["get_context"]("spawn").get_start_method() == (
        "forkserver" if sys.platform == "linux" else "spawn"
    )
