"""The check command and who calls it: kinds of runs, lowest versions, and what is said of a failure."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

import mmviz

ROOT = Path(mmviz.__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
KINDS = ["locked", "lowest", "newest"]
FAILURES = """
import json
import numpy as np
import pytest

def test_theirs(): np.linalg.inv(np.zeros((2, 2)))
def test_ours(): assert np.ones(1) == 2
def test_pythons(): json.loads("{")
@pytest.fixture
def broken(): np.stack([])
def test_of_a_fixture(broken): pass
def test_that_passes(): pass
"""


def program(name: str) -> ModuleType:
    spec = spec_from_file_location(name, ROOT / ".ci" / f"{name}.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def workflow(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in workflow(path)["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_run_has_a_workflow_for_all_systems_and_every_python_that_is_claimed(kind: str) -> None:
    path = ROOT / ".github" / "workflows" / f"{kind}.yml"
    matrix = workflow(path)["jobs"][kind]["strategy"]["matrix"]
    assert [name.partition("-")[0] for name in matrix["os"]] == ["ubuntu", "macos", "windows"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    claimed = [name.rpartition(" ")[2] for name in project["classifiers"] if ":: Python :: 3." in name]
    assert matrix["python"] == claimed
    assert project["requires-python"] == f">={claimed[0]}"
    assert steps(path)[-1]["run"] == f".ci/check {kind}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_what_is_there(path: Path) -> None:
    commands = [line for step in steps(path) for line in step.get("run", "").splitlines()]
    assert commands
    for command in commands:
        program = command.split()[0]
        assert program == "python" or os.access(ROOT / program, os.X_OK), command
        for name in re.findall(r"\.ci/\S+", command):
            assert (ROOT / name).is_file(), command


def test_the_check_command_knows_its_kinds_and_says_them() -> None:
    text = (ROOT / ".ci" / "check").read_text(encoding="utf-8")
    head = text.partition("set -eu")[0]
    for kind in ["lint", *KINDS]:
        assert f"#   .ci/check {kind} " in head
        assert re.search(rf"\b{kind}\b.*\) shift ;;", text)


def test_the_lowest_versions_are_those_that_are_declared() -> None:
    project: dict[str, Any] = {
        "build-system": {"requires": ["hatchling>=1.27,<2"]},
        "project": {
            "name": "mmviz",
            "dependencies": ["numpy>=2.3.5", "torch>=2.9; sys_platform == 'linux'"],
            "optional-dependencies": {"dev": ["mmviz[viewer]", "mypy>=1.19"], "viewer": ["PySide6>=6.10,!=6.12.0"]},
        },
    }
    lowest = program("lowest").lowest
    assert lowest(project) == ["hatchling==1.27", "numpy==2.3.5", "torch==2.9", "mypy==1.19", "PySide6==6.10"]
    project["project"]["dependencies"] = ["numpy<3"]
    with pytest.raises(ValueError, match=r"^pyproject\.toml: numpy<3 needs one lower bound, such as numpy>=1\.2\.$"):
        lowest(project)


def test_differences_from_the_lock_are_told() -> None:
    blame = program("blame")
    lock = blame.locked("# a lock\nnumpy==2.4.6\ntorch==2.13.0\nnothing==1 ; sys_platform == 'plan9'\n")
    assert lock == {"numpy": "2.4.6", "torch": "2.13.0"}
    here = {"pip": "26.3", "numpy": "2.5.0", "torch": "2.13.0", "einops": "1.0"}
    assert blame.differences(here, lock) == {"einops": "not in the lock -> 1.0", "numpy": "2.4.6 -> 2.5.0"}


@pytest.mark.process
def test_failures_are_told_by_the_package_whose_code_raised_them(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(FAILURES, encoding="utf-8")
    (tmp_path / "test_import.py").write_text("import yaml\nyaml.safe_load('[')\n", encoding="utf-8")
    options = ["-q", "-p", "blame", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--rootdir", str(tmp_path), str(tmp_path)],
        cwd=tmp_path,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(ROOT / ".ci"), str(ROOT)]), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout.partition("what broke, package by package")[2].splitlines()[1:9]
    told = [re.sub(r" \(.*\)|; uses .*", "", line) for line in said]
    assert told == [
        "numpy: 2 failed",
        "  test_it.py::test_theirs",
        "  test_it.py::test_of_a_fixture",
        "pyyaml: 1 failed",
        "  test_import.py",
        "mmviz: 2 failed",
        "  test_it.py::test_ours",
        "  test_it.py::test_pythons",
    ]
