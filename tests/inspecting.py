"""`mmviz inspect` run in this process, for the tests of what it says about a model and about a weight."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

COLOUR = re.compile(r"\x1b\[[0-9;]*m")  # some machines that run tests ask for colours

Inspect = Callable[..., tuple[object, str, str]]
Report = Callable[..., dict[str, Any]]


@pytest.fixture
def inspect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Inspect:
    """Runs `mmviz inspect ...` in an empty folder: its exit code, what it prints, and its message."""
    from mmviz import cli

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("MMVIZ_CACHE", str(tmp_path / "cache"))

    def call(*arguments: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["mmviz", "inspect", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return ended.value.code, COLOUR.sub("", printed.out), COLOUR.sub("", printed.err)

    return call


@pytest.fixture
def report(inspect: Inspect) -> Report:
    """Runs `mmviz inspect ... --json`, which ends well."""

    def call(*arguments: str) -> dict[str, Any]:
        code, out, err = inspect(*arguments, "--json")
        assert (code, err) == (0, ""), err
        found: dict[str, Any] = json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
        return found

    return call


def rows(text: str) -> dict[str, list[str]]:
    """The lines of tables: name -> the cells behind it."""
    cells = [re.split(r" {2,}", line.strip()) for line in text.splitlines() if line.startswith("  ")]
    return {name: rest for name, *rest in cells}
