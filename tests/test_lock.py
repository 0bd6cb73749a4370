"""That .ci/lock.txt has one exact version of everything that is installed, and that all who install use it."""

import re
import tomllib
from importlib.metadata import Distribution, distributions
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import mmviz

ROOT = Path(mmviz.__file__).resolve().parents[1]
LOCK = ROOT / ".ci" / "lock.txt"
INSTALLERS = {"pip", "setuptools", "wheel"}  # they come with an environment


def locked(text: str) -> dict[str, Requirement]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {canonicalize_name(pin.name): pin for pin in map(Requirement, lines)}


@pytest.fixture(scope="module")
def lock() -> dict[str, Requirement]:
    return locked(LOCK.read_text(encoding="utf-8"))


def declared() -> list[Requirement]:
    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    lines = chain(project["build-system"]["requires"], project["project"]["dependencies"], *extras)
    return [each for each in map(Requirement, lines) if each.name != "mmviz"]


def needs(requirement: Requirement, requires: list[str]) -> list[Requirement]:
    """What a package needs on this machine, with the extras that are asked for."""
    extras = ["", *requirement.extras]
    needed = map(Requirement, requires)
    return [each for each in needed if each.marker is None or any(each.marker.evaluate({"extra": e}) for e in extras)]


def test_every_pin_is_one_exact_version_and_names_no_place(lock: dict[str, Requirement]) -> None:
    assert len(lock) > 100
    for name, pin in lock.items():
        assert re.fullmatch(r"==[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.post[0-9]+)?", str(pin.specifier)), name
        assert pin.url is None
    assert not re.search(r"://|^-|@", LOCK.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("requirement", declared(), ids=lambda requirement: requirement.name)
def test_what_pyproject_asks_for_is_locked_within_its_range(
    requirement: Requirement, lock: dict[str, Requirement]
) -> None:
    pin = lock[canonicalize_name(requirement.name)]
    (exact,) = pin.specifier
    assert requirement.specifier.contains(exact.version)
    assert pin.marker is None or requirement.marker == pin.marker


def test_everything_that_is_installed_with_mmviz_is_locked(lock: dict[str, Requirement]) -> None:
    installed: dict[str, Distribution] = {canonicalize_name(each.metadata["Name"]): each for each in distributions()}
    if any(not lock[name].specifier.contains(installed[name].version) for name in set(lock) & set(installed)):
        pytest.skip("another environment than the locked one")
    needed: dict[str, Requirement] = {}
    todo = declared()
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        if name in installed and str(requirement) not in needed:
            needed[str(requirement)] = requirement
            todo += needs(requirement, installed[name].requires or [])
    missing = {canonicalize_name(each.name) for each in needed.values()} - set(lock) - INSTALLERS
    assert not missing, f"run .ci/renew-lock: {', '.join(sorted(missing))} not in .ci/lock.txt"
    assert len(needed) > 60


def test_pre_commit_installs_what_is_locked(lock: dict[str, Requirement]) -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    pins = [pin for hook in config["repos"][0]["hooks"] for pin in hook["additional_dependencies"]]
    assert pins
    for pin in map(Requirement, pins):
        assert pin.specifier == lock[canonicalize_name(pin.name)].specifier, pin


def test_both_commands_of_the_readme_install_what_is_locked() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^.* -m venv .*$", readme, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        assert " PIP_CONSTRAINT=.ci/lock.txt PIP_BUILD_CONSTRAINT=.ci/lock.txt .venv/bin/pip install " in command
