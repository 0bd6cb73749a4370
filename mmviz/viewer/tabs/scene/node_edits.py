"""What is said of single matrices in a document, and how to say something else; no widget."""

from collections.abc import Mapping
from typing import Any, Literal

from mmviz.scene.changes.edits import resized
from mmviz.scene.document import Document
from mmviz.scene.keys.options import Counts, MatrixLayout
from mmviz.scene.keys.sources import OWN_KEYS, FormulaSource, Initializer
from mmviz.scene.language.tree import Node, Tree, walk
from mmviz.scene.language.worn_function import outermost, wear
from mmviz.viewer.session.shown_scene import Edit, Shown, mapping

FIRST_FORMULA = "(i + j) / (h + w)"
"""Of a matrix that has become one."""


def key_of(node: Node, root: Tree, settings: Mapping[str, object]) -> str:
    """Under which key a document speaks of a matrix: the one that it has, or else its name where only it has it."""
    if node.path in settings:
        return node.path
    same = [other for other in walk(root) if node.name in (other.name, other.path)]
    return node.name if node.name in settings or len(same) == 1 else node.path


def pattern_of(document: Document, tensor: str) -> str:
    """The name of a tensor's pattern, or what else its numbers come from."""
    source = document.tensors[tensor]
    if isinstance(source, Initializer):
        return source.init
    return type(source).__name__.removesuffix("Source").lower()


def seed_of(document: Document, tensor: str) -> int:
    """What the random numbers of a tensor start from; 0 where there are none."""
    source = document.tensors[tensor]
    return source.seed_of(tensor) if isinstance(source, Initializer) else 0


def set_source(tensor: str, said: Mapping[str, Any]) -> Edit:
    """Other settings of a pattern or a formula: init, formula, min, max or seed; the shape stays."""

    def edit(scene: Shown) -> Shown:
        source = scene.document.tensors[tensor]
        before = mapping(source) if isinstance(source, Initializer | FormulaSource) else {}
        kind: type[Initializer | FormulaSource] = FormulaSource if "formula" in said else Initializer
        if {"init", "formula"}.isdisjoint(said):
            kind = type(source) if isinstance(source, Initializer | FormulaSource) else Initializer
        kept = {key: value for key, value in before.items() if key in kind.model_fields}
        if "init" in said:  # another pattern refuses what only the one before has
            kept = {key: value for key, value in kept.items() if key not in OWN_KEYS}
        kept.setdefault("shape", scene.shapes.tensors[tensor])
        return scene.changed(tensors={**_sources(scene.document), tensor: {**kept, **said}})

    return edit


def set_pattern(tensor: str, name: str) -> Edit:
    """Another pattern, or a formula."""
    return set_source(tensor, {"formula": FIRST_FORMULA} if name == "formula" else {"init": name})


def resize(tensor: str, side: Literal[0, 1], size: int) -> Edit:
    """Another number of rows (side 0) or columns (1); what is beside it follows."""

    def edit(scene: Shown) -> Shown:
        known = scene.shapes.tensors
        rows, columns = known[tensor]
        shape = (size, columns) if side == 0 else (rows, size)
        return scene.changed(tensors=resized(scene.document, tensor, shape, known))

    return edit


def function_of(document: Document, path: str) -> str | None:
    """The last function that a matrix wears, as it is written at its place."""
    call = outermost(document.expression(), path)
    return None if call is None else call.function


def set_function(path: str, function: str | None) -> Edit:
    """Another function in place of the last one, or none."""

    def edit(scene: Shown) -> Shown:
        if function_of(scene.document, path) == function:
            return scene
        return scene.edited(wear(scene.document.expression(), path, function))

    return edit


def algorithm_of(document: Document, node: Node, root: Tree) -> str:
    """What a document says of the algorithm of a product."""
    settings = document.animation.matrices
    return settings.get(key_of(node, root, settings), "inherit")


def set_algorithm(node: Node, root: Tree, algorithm: str) -> Edit:
    """Another algorithm for one product."""

    def edit(scene: Shown) -> Shown:
        settings = dict(scene.document.animation.matrices)
        _put(settings, key_of(node, root, settings), None if algorithm == "inherit" else algorithm)
        return scene.changed(animation={**mapping(scene.document.animation), "matrices": settings})

    return edit


def layout_of(document: Document, node: Node, root: Tree, key: str) -> Any:
    """What a document says of the layout of a product; None where it is as above it."""
    settings = document.layout.matrices
    return getattr(settings.get(key_of(node, root, settings), MatrixLayout()), key)


def set_layout(node: Node, root: Tree, key: str, value: Any) -> Edit:
    """Another layout of one product."""

    def edit(scene: Shown) -> Shown:
        layout = mapping(scene.document.layout)
        settings = dict(layout.get("matrices", {}))
        place = key_of(node, root, settings)
        own = dict(settings.get(place, {}))
        _put(own, key, value)
        _put(settings, place, own or None)
        return scene.changed(layout={**layout, "matrices": settings})

    return edit


def count_of(document: Document, node: Node, root: Tree, letter: str) -> int | None:
    """Into how many blocks a document cuts an axis of a product; None where it does not speak of it here."""
    cuts = document.partition
    own = cuts.get(letter) if node == root else None
    if isinstance(own, int):
        return own
    counts = cuts.get(key_of(node, root, cuts))
    return getattr(counts, letter) if isinstance(counts, Counts) else None


def set_count(node: Node, root: Tree, letter: str, count: int | None) -> Edit:
    """Other blocks of an axis of one product."""

    def edit(scene: Shown) -> Shown:
        cuts: dict[str, Any] = dict(mapping(scene.document).get("partition", {}))
        if node == root and isinstance(cuts.get(letter), int):
            _put(cuts, letter, count)
            return scene.changed(partition=cuts)
        place = key_of(node, root, cuts)
        before = cuts.get(place, {})
        own = dict(before) if isinstance(before, dict) else {}
        _put(own, letter, count)
        _put(cuts, place, own or None)
        return scene.changed(partition=cuts)

    return edit


def _sources(document: Document) -> dict[str, Any]:
    return dict(mapping(document)["tensors"])


def _put(settings: dict[str, Any], key: str, value: Any) -> None:
    """Set a key, or leave it out."""
    if value is None:
        settings.pop(key, None)
    else:
        settings[key] = value
