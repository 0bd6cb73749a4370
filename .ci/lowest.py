"""Prints the lowest versions that pyproject.toml declares, as pip's constraints; installs nothing.

Every requirement must have one lower bound (`>=`): without it there would be nothing to test.
"""

import sys
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement


def lowest(project: dict[str, Any]) -> list[str]:
    """A pin for each requirement of the project, its extras and its build.

    Raises:
        ValueError: a requirement has no lower bound, or more than one.
    """
    tables = project["project"]
    extras = tables["optional-dependencies"].values()
    lines = chain(project["build-system"]["requires"], tables["dependencies"], *extras)
    asked = [each for each in map(Requirement, lines) if each.name != tables["name"]]
    return [_pin(each) for each in asked]


def _pin(requirement: Requirement) -> str:
    bounds = [each.version for each in requirement.specifier if each.operator == ">="]
    if len(bounds) != 1:
        raise ValueError(f"pyproject.toml: {requirement} needs one lower bound, such as {requirement.name}>=1.2.")
    return f"{requirement.name}=={bounds[0]}"


if __name__ == "__main__":
    pyproject = Path(__file__).resolve().parents[1] / "pyproject.toml"
    sys.stdout.write("\n".join(lowest(tomllib.loads(pyproject.read_text(encoding="utf-8")))) + "\n")
