"""The command that a message names for a missing package: a shell runs it with the Python that runs, word for word."""

import shlex
import sys

import pytest

from mmviz.machine.installing import pip_install


def test_a_shell_reads_it_as_the_running_python_installing_the_packages() -> None:
    command = pip_install("mmviz[viewer]", "av>=17")
    assert shlex.split(command) == [sys.executable, "-m", "pip", "install", "mmviz[viewer]", "av>=17"]
    assert '"mmviz[viewer]" "av>=17"' in command, "brackets and > mean something to shells"


def test_packages_that_are_there_are_installed_anew_where_that_is_asked_for() -> None:
    words = shlex.split(pip_install("av", again=True))
    assert words == [sys.executable, "-m", "pip", "install", "--force-reinstall", "av"]


def test_a_python_in_a_folder_with_spaces_is_one_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/home/me/my tools/bin/python")
    assert pip_install("av") == "'/home/me/my tools/bin/python' -m pip install \"av\""
