"""The form of the scripts in findings/; what they show is not run here, because they install packages."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.modules import modules_in

FOLDER = Path(__file__).parents[1] / "findings"
SCRIPTS = sorted(FOLDER.glob("*.sh"))
HEAD = ("Finding", "Versions", "Guess", "Seen", "Output")


def heads(script: Path) -> dict[str, str]:
    """What the comment at a script's top says under each word, on one line each."""
    comment = re.match(r"#!/usr/bin/env bash\n((?:#.*\n)+)", script.read_text(encoding="utf-8"))
    assert comment is not None
    parts = re.split(r"^# ([A-Z][a-z]+):", comment[1], flags=re.MULTILINE)[1:]
    return {
        word: " ".join(text.replace("\n#", " ").split()) for word, text in zip(parts[::2], parts[1::2], strict=True)
    }


def installed(script: Path) -> list[str]:
    """What a script asks pip for."""
    commands = re.findall(r"pip\" install (.*)$", script.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [word for command in commands for word in command.split() if not word.startswith("-")]


def test_readme_lists_every_script_and_no_other() -> None:
    rows = re.findall(r"^\| \[(\S+)\]\((\S+)\) \| [^|]+ \| [^|]+ \|$", (FOLDER / "README.md").read_text("utf-8"), re.M)
    assert rows == [(script.name, script.name) for script in SCRIPTS]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_says_what_was_guessed_and_what_was_seen(script: Path) -> None:
    found = heads(script)
    assert tuple(found) == HEAD
    assert all(found.values())


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_installs_exactly_the_versions_that_its_head_names(script: Path) -> None:
    packages = installed(script)
    assert packages
    for package in packages:
        name, _, version = package.partition("==")
        assert re.fullmatch(r"[0-9][0-9.]*", version), package
        assert f"{name} {version}" in heads(script)["Versions"]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_works_in_a_folder_of_its_own_that_it_removes(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert "set -euo pipefail\nfolder=$(mktemp -d)\ntrap 'rm -rf \"$folder\"' EXIT\n" in text
    assert not re.search(r"https?://|--(extra-)?index|--find-links|/tmp\b|/work\b|/home/|/root\b|import mmviz", text)


@pytest.mark.skipif(shutil.which("bash") is None, reason="the scripts are for a system with bash")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_bash_and_python_can_read_a_script(script: Path) -> None:
    subprocess.run(["bash", "-n", script], check=True)
    for program in re.findall(r"<<'PYTHON'\n(.*?)^PYTHON$", script.read_text(encoding="utf-8"), flags=re.S | re.M):
        compile(program, script.name, "exec")


def test_docstrings_point_to_scripts_that_are_there() -> None:
    modules = [module for folder in ("mmviz", "tests") for module in modules_in(FOLDER.parent / folder)]
    named = {name for module in modules for name in re.findall(r"findings/([a-z0-9-]+\.sh)", module.read_text("utf-8"))}
    assert named
    assert named <= {script.name for script in SCRIPTS}
