"""ARCHITECTURE.md is true: its files and rooms are there, and its arrows are those of the imports."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

import mmviz
from tests.modules import modules_in

PACKAGE = Path(mmviz.__file__).resolve().parent
TEXT = (PACKAGE.parent / "ARCHITECTURE.md").read_text(encoding="utf-8")
BELOW_ALL = {"errors", "machine"}
"""Rooms that every other may import; the drawing leaves them out."""

Arrow = tuple[str, str]


def rooms() -> set[str]:
    """The folders of the package, from its root, that hold modules."""
    found = (file.parent.relative_to(PACKAGE).as_posix() for file in modules_in(PACKAGE) if file.stem != "__init__")
    return set(found) - {"."}


def imports() -> set[Arrow]:
    """Which top-level rooms import which others."""
    found = set()
    for file in modules_in(PACKAGE):
        room = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mmviz"):
                for name in node.names:
                    whole = f"{node.module}.{name.name}".split(".")
                    found.add((room, whole[1]))
    there = {path.stem for path in PACKAGE.iterdir()}
    return {(room, other) for room, other in found if other in there and room != other and "__" not in room + other}


def reached(arrows: Iterable[Arrow]) -> set[Arrow]:
    """All pairs that arrows connect, one after the other."""
    found = set(arrows)
    while more := {(a, d) for a, b in found for c, d in found if b == c} - found:
        found |= more
    return found


def test_every_file_that_it_names_is_there() -> None:
    named = re.findall(r"`((?:tests/)?[\w/]+\.py)`", TEXT)
    assert len(named) > 80
    missing = [
        name for name in named if not ((PACKAGE.parent if name.startswith("tests/") else PACKAGE) / name).is_file()
    ]
    assert missing == []


def described_rooms() -> set[str]:
    table = TEXT.split("| room | holds |\n")[1].split("\n\n")[0]
    return set(re.findall(r"^\| `([\w/]+)/` \|", table, re.MULTILINE))


def test_every_room_is_described_and_no_other() -> None:
    with_files = rooms()
    assert described_rooms() - with_files == set()
    # The stages whose rooms are described one by one need no row of their own.
    assert with_files - described_rooms() - {"values", "picture", "render", "viewer"} == set()


def test_every_module_is_named_or_lies_in_a_room_that_is_described_and_entered() -> None:
    """A room's row speaks for its modules only where the table of changes names one of them, as the way in."""
    table = TEXT.split("| to change | open |\n")[1].split("\n\n")[0]
    entered = {Path(name).parent.as_posix() for name in re.findall(r"`([\w/]+\.(?:py|glsl))`", table)}
    modules = [file.relative_to(PACKAGE) for file in modules_in(PACKAGE) if file.stem != "__init__"]
    covered = described_rooms() & entered
    lost = [m.as_posix() for m in modules if f"`{m.as_posix()}`" not in TEXT and m.parent.as_posix() not in covered]
    assert lost == []


@pytest.mark.slow
def test_its_arrows_are_the_imports() -> None:
    drawn = set(re.findall(r"^  (\w+) --> (\w+)$", TEXT, re.MULTILINE))
    real = {arrow for arrow in imports() if not BELOW_ALL & set(arrow)}
    assert drawn <= real
    assert real <= reached(drawn)
    assert all(arrow not in reached(drawn - {arrow}) for arrow in drawn), "an arrow that others imply"
