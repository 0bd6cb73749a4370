"""What tests look at: the quick check every room, all tests together the modules by their names."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import mmviz
from tests.modules import modules_in

ROOT = Path(mmviz.__file__).resolve().parents[1]
LEFT_OUT = {"process", "slow", "network"}
"""Marks of tests that the quick check leaves out."""
TOGETHER = "mmviz.values.families.kinds"
"""A room whose modules no test names one by one: tests/values/test_kinds.py takes all that lie in it."""
NAMED = 0.99
"""Share of the modules that a test imports by name, at least: all but one or two that are new."""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in sorted(modules_in(ROOT / "mmviz"))}
ROOMS = [name for name, path in MODULES.items() if path.name == "__init__.py" and name != "mmviz"]
TESTS = {name_of(path): path for path in sorted((ROOT / "tests").rglob("*.py")) if "bench" not in path.parts}

FIRST = re.compile(r"^(?:async def|def|class|@)", re.MULTILINE)
TEST = re.compile(r"^def test_", re.MULTILINE)
IMPORTING = re.compile(r"\bimport\b|mmviz\\?\.")


@cache
def tree_of(path: Path) -> ast.Module:
    """What is written in a file; read when a test asks, not when tests are collected."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports_of(path: Path) -> frozenset[str]:
    return frozenset(imported(part_that_imports(path)))


def part_that_imports(path: Path) -> ast.Module:
    """What stands above the first function of a file, where nothing below imports or names a module; else all of it."""
    text = path.read_text(encoding="utf-8")
    first = FIRST.search(text)
    if first is None or IMPORTING.search(text, first.start()):
        return tree_of(path)
    try:
        return ast.parse(text[: first.start()])
    except SyntaxError:  # it is in the midst of a text
        return tree_of(path)


def imported(tree: ast.AST) -> Iterator[str]:
    """What is imported by its name, or named in a text, as monkeypatch takes it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("mmviz."):
            parts = node.value.split(".")
            yield from (".".join(parts[:count]) for count in range(2, len(parts) + 1))


def is_quick(path: Path) -> bool:
    """Whether the quick check runs a test of a file."""
    text = path.read_text(encoding="utf-8")
    if not any(mark in text for mark in LEFT_OUT):
        return TEST.search(text) is not None
    tree = tree_of(path)
    marks = [
        node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
    ]
    tests = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    return not LEFT_OUT & marked(*marks) and any(not LEFT_OUT & marked(*test.decorator_list) for test in tests)


def marked(*nodes: ast.AST) -> set[str]:
    """The attributes that are named in code, marks among them."""
    return {part.attr for node in nodes for part in ast.walk(node) if isinstance(part, ast.Attribute)}


def with_helpers(path: Path) -> set[str]:
    """What a file imports, and what the modules of tests import that it uses."""
    names = imports_of(path)
    return {*names}.union(*(imports_of(TESTS[helper]) for helper in names & TESTS.keys()))


@pytest.fixture(scope="module")
def quick() -> set[str]:
    """What the tests of the quick check import."""
    return {name for path in TESTS.values() if is_quick(path) for name in with_helpers(path)}


@pytest.mark.parametrize("room", ROOMS)
def test_the_quick_check_looks_into_every_room(quick: set[str], room: str) -> None:
    inside = [name for name, path in MODULES.items() if path.parent == MODULES[room].parent]
    assert quick & set(inside), f"no test of the quick check imports a module of {room}"


def test_modules_are_imported_by_a_test() -> None:
    files = {name for name, path in MODULES.items() if path.name != "__init__.py"}
    modules = {name for name in files if not name.startswith(f"{TOGETHER}.")}
    unnamed = sorted(modules.difference(*map(imports_of, TESTS.values())))
    assert 1 - len(unnamed) / len(modules) >= NAMED, f"no test imports {', '.join(unnamed)}"
