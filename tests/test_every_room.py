"""What tests look at: the quick check every room, all tests together every module by its name but those listed here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import mmviz

ROOT = Path(mmviz.__file__).resolve().parents[1]
LEFT_OUT = {"process", "slow", "network"}
"""Marks of tests that the quick check leaves out."""
_UNNAMED = {  # by room
    "": "__main__ computed export",
    "builders": "parts",
    "cli": "doctor models output scenes spectra weight_forms",
    "filming": "step_range",
    "machine": "allocator",
    "picture.marks": "sheet_before",
    "picture.time": "blockwise decoding fusing mm_starts product_algorithms scales tiling totals",
    "render.film": "gif qualities",
    "render.glsl": "rules",
    "render.opengl": "drawable lines shader shapes",
    "reports": "model_text",
    "scene": "carried_over fitting keyframes parts",
    "scene.mm": "settings sources tree",
    "spectra": "report",
    "values.files": "gguf_header gguf_model gguf_scales store",
    "values.model": "adapter_config inventory lookup weights",
    "values.reference": "certificate reference_model",
    "values.tensors": "arrays",
    "values.text": "folder_tokenizer gguf_tokenizer tokenizer_settings",
    "viewer": "application dialogs host transport",
    "viewer.canvas": "hiding nearby",
    "viewer.controls": "setting_rows",
    "viewer.export": "export_size",
    "viewer.session": "background clipboard",
    "viewer.tabs.explain": "explain_panel",
    "viewer.tabs.model": "model_fields",
    "viewer.tabs.scene": "expression_line node_edits node_settings tree_view",
}
UNNAMED = {
    ".".join(filter(None, ("mmviz", room, module))) for room, modules in _UNNAMED.items() for module in modules.split()
}
"""Modules that no test imports: what they do is seen through others. A new module gets a test of its own."""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in sorted((ROOT / "mmviz").rglob("*.py"))}
ROOMS = [name for name, path in MODULES.items() if path.name == "__init__.py" and name != "mmviz"]
TESTS = {
    path: ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "tests").rglob("*.py"))
    if "bench" not in path.parts
}


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


def is_quick(path: Path, tree: ast.Module) -> bool:
    """Whether the quick check runs tests of a file."""
    marks = [
        node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark"
    ]
    marked = {node.attr for mark in marks for node in ast.walk(mark) if isinstance(node, ast.Attribute)}
    return path.name.startswith("test_") and not marked & LEFT_OUT


def with_helpers(tree: ast.Module) -> set[str]:
    """What a file imports, and what the modules of tests import that it uses."""
    names = set(imported(tree))
    helpers = {path for path in TESTS if name_of(path) in names}
    return names.union(*(imported(TESTS[path]) for path in helpers))


QUICK = {name for path, tree in TESTS.items() if is_quick(path, tree) for name in with_helpers(tree)}
ALL = {name for tree in TESTS.values() for name in imported(tree)}


@pytest.mark.parametrize("room", ROOMS)
def test_the_quick_check_looks_into_every_room(room: str) -> None:
    inside = [name for name, path in MODULES.items() if path.parent == MODULES[room].parent]
    assert QUICK & set(inside), f"no test of the quick check imports a module of {room}"


def test_every_module_is_imported_by_a_test_but_those_that_are_known() -> None:
    modules = {name for name, path in MODULES.items() if path.name != "__init__.py"}
    assert sorted(modules - ALL - UNNAMED) == []
