"""A bar for people, silence for programs."""

import io
import os

import pytest

from mmviz.machine.progress import progress_bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_what_is_done_and_how_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with progress_bar("film", 3) as progress:
        for done in (1, 2, 3):
            progress(done)
    assert "film" in terminal.getvalue()
    assert "3/3" in terminal.getvalue()


def test_a_pipe_stays_empty(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress_bar("film", None) as progress:
        progress(1)
        os.write(1, b"result\n")
    assert capfd.readouterr() == ("result\n", "")
