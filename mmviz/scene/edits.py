"""Another expression for a scene: what stays keeps its source and settings, what is new gets a pattern that fits.

A node stays when the new expression has one of its name, given or made of its arguments' names; the root stays root.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mmviz.scene.document import Document, from_mapping
from mmviz.scene.expression import Expression, write
from mmviz.scene.fitting import Side, Sides, Weight, fit
from mmviz.scene.grammar import parse
from mmviz.scene.keyframes import END
from mmviz.scene.shapes import PartialShape, Shape
from mmviz.scene.sources import FileSource, FormulaSource, Initializer, TensorSource, UrlSource, ValuesSource, factor_of
from mmviz.scene.tree import LeafNode, Node, ProductNode, build, find, walk


def edited(document: Document, expr: str | Expression, known: Mapping[str, Shape] | None = None) -> Document:
    """The document of another expression.

    Args:
        document: What there was.
        expr: The new expression.
        known: Rows and columns of the old tensors, as far as they are known; of files and weights at least.

    Raises:
        ExpressionError: the expression cannot be read.

    Source: mm (bhosmer/mm), measured: a new matrix is 32 x 32, `row major` at the left and `col major` at the right of
        its product; sides of matrices that stay win over new ones, and of two that stay the left one gives way.
    """
    expression = parse(expr) if isinstance(expr, str) else expr
    old, new = document.tree(), build(expression)
    content = document.model_dump(exclude_defaults=True)
    content["expr"] = write(expression)
    content["tensors"] = _tensors(document, old, new, known or {})
    content["rank"] = {name: rank for name, rank in document.rank.items() if name in content["tensors"]}
    _keep_settings(content, old, new)
    return from_mapping(content, "edited scene")


def _tensors(document: Document, old: Node, new: Node, known: Mapping[str, Shape]) -> dict[str, Any]:
    inits = dict(_inits(new))
    kept = {tensor: document.tensors[tensor] for tensor in inits if tensor in document.tensors}
    sides: dict[str, Sides] = {}
    for tensor in inits:
        source = kept.get(tensor)
        if source is None:
            sides[tensor] = _sides(_shape_of_product(document, old, tensor, known), Weight.KNOWN)
        else:
            sides[tensor] = _sides(
                _shape(document, tensor, known), Weight.KNOWN if _gives_way(source) else Weight.FIXED
            )
    fitted = fit(new, sides, dict(_became_products(document, old, new, known)))
    tensors: dict[str, Any] = {}
    for tensor, init in inits.items():
        if tensor not in kept:
            tensors[tensor] = {"init": init, "shape": fitted[tensor]}
            continue
        tensors[tensor] = kept[tensor].model_dump(exclude_defaults=True)
        if _gives_way(kept[tensor]):
            tensors[tensor]["shape"] = fitted[tensor]
    return tensors


def resized(document: Document, tensor: str, shape: Shape, known: Mapping[str, Shape]) -> dict[str, Any]:
    """The sources of a document in which one tensor has another size; patterns and formulas beside it follow.

    Args:
        document: What there was.
        tensor: Whose size it is; a pattern or a formula.
        shape: Its rows and columns.
        known: Rows and columns of all tensors.
    """
    sides = {}
    for name, source in document.tensors.items():
        own = shape if name == tensor else _shape(document, name, known)
        sides[name] = _sides(own, Weight.KNOWN if _gives_way(source) and name != tensor else Weight.FIXED)
    fitted = fit(document.tree(), sides)
    sources = {name: source.model_dump(mode="json", exclude_defaults=True) for name, source in document.tensors.items()}
    for name, source in document.tensors.items():
        if _gives_way(source) and fitted[name] != known.get(name):
            sources[name]["shape"] = fitted[name]
    return sources


def _inits(root: Node) -> Iterator[tuple[str, str]]:
    """Every tensor of a tree and what it is filled with when it is new; a matrix counts where it stands first."""
    seen: set[str] = set()
    for node in walk(root):
        if isinstance(node, LeafNode) and node.target is None and node.tensor not in seen:
            seen.add(node.tensor)
            yield node.tensor, "col major" if node.path.endswith("right") else "row major"
        for vector in (vector for worn in node.worn for vector in worn.vectors if vector not in seen):
            seen.add(vector)
            yield vector, "row major"


def _became_products(
    document: Document, old: Node, new: Node, known: Mapping[str, Shape]
) -> Iterator[tuple[str, Sides]]:
    """Path -> rows and columns of products of the new tree that were plain matrices of that name."""
    leaves = {n.tensor: n for n in walk(old) if isinstance(n, LeafNode) and n.target is None and not n.transposed}
    for node in walk(new):
        if not isinstance(node, LeafNode) and node.name in leaves:
            yield node.path, _sides(_shape(document, leaves[node.name].tensor, known), Weight.BEFORE)


def _sides(shape: PartialShape, weight: Weight) -> Sides:
    rows, columns = (Side(size, Weight.NEW if size is None else weight) for size in shape)
    return rows, columns


def _gives_way(source: TensorSource) -> bool:
    """True for what can have any size."""
    if factor_of(source) is not None:
        return False
    return isinstance(source, Initializer | FormulaSource | UrlSource) or (
        isinstance(source, FileSource) and source.shape is not None
    )


def _own_shape(source: TensorSource) -> PartialShape | None:
    """The shape that a source itself says."""
    if factor_of(source) is not None:
        return None
    if isinstance(source, ValuesSource):
        return len(source.values), len(source.values[0])
    return source.shape if isinstance(source, Initializer | FormulaSource | UrlSource | FileSource) else None


def _shape_of_product(document: Document, old: Node, name: str, known: Mapping[str, Shape]) -> PartialShape:
    """Of a product that becomes a plain matrix: the rows of its left-most and the columns of its right-most matrix."""
    node = next((n for n in walk(old) if n.name == name and not isinstance(n, LeafNode)), None)
    if node is None:
        return None, None
    nodes = {n.path: n for n in walk(old)}
    return _length(document, node, nodes, known, 0), _length(document, node, nodes, known, 1)


def _length(
    document: Document, node: Node, nodes: Mapping[str, Node], known: Mapping[str, Shape], axis: int
) -> int | None:
    """Rows (axis 0) of the left-most or columns (axis 1) of the right-most matrix of a node."""
    while True:
        if not isinstance(node, LeafNode):
            node = node.right if axis else node.left
            continue
        axis = 1 - axis if node.transposed else axis
        if node.target is None:
            return _shape(document, node.tensor, known)[axis]
        node = nodes[node.target]


def _shape(document: Document, tensor: str, known: Mapping[str, Shape]) -> PartialShape:
    return known.get(tensor) or _own_shape(document.tensors[tensor]) or (None, None)


def _keep_settings(content: dict[str, Any], old: Node, new: Node) -> None:
    """Settings of single matrices go with them, and those of matrices that are gone go away."""
    for part in ("animation", "layout"):
        if "matrices" in content.get(part, {}):
            content[part]["matrices"] = dict(_moved(content[part]["matrices"], old, new, leaves=False))
    if "partition" in content:
        content["partition"] = dict(_moved_cuts(content["partition"], old, new))
    _drop_blockwise(content.get("animation", {}).get("matrices", {}), new)
    _keep_sheets(content.get("style", {}), old, new)
    camera = content.get("camera", {})
    if camera.get("inset") is not None:
        camera["inset"] = _new_key(camera["inset"], old, new)
    if "keyframes" in camera:
        camera["keyframes"] = _moved_keyframes(camera["keyframes"], old, new)
    if "chapters" in content.get("animation", {}):
        content["animation"]["chapters"] = _moved_chapters(content["animation"]["chapters"], old, new)
    captions = [
        {**caption, "start": key}
        for caption in content.get("captions", ())
        if (key := _new_key(caption["start"], old, new)) is not None
    ]
    if captions or "captions" in content:
        content["captions"] = tuple(captions)
    if "checks" in content:
        content["checks"] = dict(_moved_checks(content["checks"], old, new))
        if not content["checks"]:
            content.get("style", {}).pop("badge", None)  # there is nothing left that it could speak of


def _moved_cuts(cuts: Mapping[str, Any], old: Node, new: Node) -> Iterator[tuple[str, Any]]:
    """The cuts of axes, but of no k where the root has none any more, and of the products that stay."""
    of_products = {key: cut for key, cut in cuts.items() if isinstance(cut, dict)}
    for key, cut in cuts.items():
        if key not in of_products and (key != "k" or isinstance(new, ProductNode)):
            yield key, cut
    yield from _moved(of_products, old, new, leaves=False)


def _keep_sheets(style: dict[str, Any], old: Node, new: Node) -> None:
    """The sheets behind matrices that stay and still wear a function."""
    if "before" in style:
        moved = _moved(style["before"], old, new, leaves=True)
        style["before"] = {key: name for key, name in moved if getattr(find(new, key), "worn", ())}


def _drop_blockwise(algorithms: dict[str, Any], new: Node) -> None:
    """What is no product of attention weights and values any more cannot go blockwise."""
    for key in [key for key, algorithm in algorithms.items() if algorithm == "blockwise"]:
        node = find(new, key)
        pattern = node.left if isinstance(node, ProductNode) else None
        worn = pattern.worn if isinstance(pattern, ProductNode) else ()
        if not worn or worn[-1].function not in ("softmax", "sdpa") or worn[-1].turned:
            del algorithms[key]


def _moved_chapters(chapters: Iterable[dict[str, Any]], old: Node, new: Node) -> tuple[dict[str, Any], ...]:
    """The chapters whose matrices stay, with the keyframes of theirs whose matrices stay."""
    found = (_moved_references(chapter, ("from", "to"), old, new) for chapter in chapters)
    return tuple(
        {**chapter, "camera": _moved_keyframes(chapter.get("camera", ()), old, new)}
        for chapter in found
        if chapter is not None
    )


def _moved_keyframes(keyframes: Iterable[dict[str, Any]], old: Node, new: Node) -> tuple[dict[str, Any], ...]:
    """The keyframes whose matrices stay."""
    found = (_moved_references(keyframe, ("at", "focus", "follow"), old, new) for keyframe in keyframes)
    return tuple(keyframe for keyframe in found if keyframe is not None)


def _moved_references(part: dict[str, Any], keys: Iterable[str], old: Node, new: Node) -> dict[str, Any] | None:
    """A part of a document with the matrices that it names under their new names; None where one is gone."""
    renamed = {}
    for key in keys:
        name = part.get(key)
        if not isinstance(name, str) or (name == END and key not in ("focus", "follow")):
            continue
        moved = _new_key(name, old, new)
        if moved is None or (key == "follow" and not isinstance(find(new, moved), ProductNode)):
            return None
        renamed[key] = moved
    return {**part, **renamed}


def _moved_checks(checks: Mapping[str, Any], old: Node, new: Node) -> Iterator[tuple[str, Any]]:
    """The checks of matrices that are computed as before; of the others nobody knows what they equal now."""
    for key, source in checks.items():
        name = key if find(old, key) else f"{key}.T"  # a matrix that is drawn as X.T may be called X
        before, after = find(old, name), find(new, name)
        if after is None or (before is not None and not _alike(before, after)):
            after = next((node for node in walk(new) if before is not None and _alike(before, node)), None)
        if after is not None:
            yield (key if find(new, name) is after else after.path), source


def _alike(one: Node, other: Node) -> bool:
    """Whether two nodes are computed in the same way, wherever they stand and whatever they are called."""
    if isinstance(one, LeafNode) or isinstance(other, LeafNode):
        return (
            isinstance(one, LeafNode)
            and isinstance(other, LeafNode)
            and one.target is None
            and replace(one, path="", name="") == replace(other, path="", name="")
        )
    same = (
        type(one) is type(other) and one.worn == other.worn and getattr(one, "sign", "") == getattr(other, "sign", "")
    )
    return same and _alike(one.left, other.left) and _alike(one.right, other.right)


def _moved(settings: Mapping[str, Any], old: Node, new: Node, *, leaves: bool) -> Iterator[tuple[str, Any]]:
    """The settings of the matrices that stay, under their new keys: by name as before, or by path."""
    for key, setting in settings.items():
        before = find(old, key)
        after = None if before is None else new if before is old else _staying(before, new)
        if before is None or after is None or (isinstance(after, LeafNode) and not leaves):
            continue
        yield (before.name if key == before.name and after.name == before.name else after.path), setting


def _new_key(key: str, old: Node, new: Node) -> str | None:
    """Under which key a document speaks of a matrix now; None where the matrix is gone."""
    return next((found for found, _ in _moved({key: None}, old, new, leaves=True)), None)


def _staying(before: Node, new: Node) -> Node | None:
    """The node of this name, at the same path where there are several."""
    named = [node for node in walk(new) if node.name == before.name]
    return next((node for node in named if node.path == before.path), None) or find(new, before.name)
