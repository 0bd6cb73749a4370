"""Another expression for a scene: what stays keeps its source and settings, what is new gets a pattern that fits.

A node stays when the new expression has one of its name, given or made of its arguments' names; the root stays root.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mmviz.errors import ShapeError
from mmviz.scene.document import WHOLE, Document, from_mapping
from mmviz.scene.keys.mentions import Follow, Mention, followed
from mmviz.scene.keys.options import Counts
from mmviz.scene.keys.partition import letters
from mmviz.scene.keys.roots import with_text
from mmviz.scene.keys.sources import (
    ActivationSource,
    FileSource,
    FormulaSource,
    Initializer,
    ModelSource,
    TensorSource,
    UrlSource,
    ValuesSource,
    WeightSource,
    factor_of,
)
from mmviz.scene.language.expression import (
    TAKING,
    write,
)
from mmviz.scene.language.fitting import Side, Sides, Weight, fit
from mmviz.scene.language.parsed import expression_of, tree_of
from mmviz.scene.language.shapes import PartialShape, Shape, infer
from mmviz.scene.language.tree import (
    CutNode,
    ElementwiseNode,
    JoinNode,
    LeafNode,
    Node,
    ProductNode,
    ReducedNode,
    TakenNode,
    Tree,
    arguments,
    computed,
    find,
    pattern_of,
    plain,
    products,
    results,
    roots,
    shown_again,
    tensor_of,
    tensors,
    walk,
)
from mmviz.scene.language.written import Written, text_of


@dataclass(frozen=True, slots=True)
class Dropped:
    """A tensor that an expression had before, and has no more."""

    source: TensorSource
    rank: int | None  # that it was cut down to
    shape: Shape | None  # where that is known
    model: ModelSource | None  # that it was taken from, whatever that read


def dropped(before: Document, after: Document, known: Mapping[str, Shape]) -> dict[str, Dropped]:
    """The tensors of a document that another one has no more.

    Args:
        before: What there was.
        after: What is there now.
        known: Rows and columns of the old tensors, as far as they are known.
    """
    gone = [name for name in before.tensors if name not in after.tensors]
    model = _model_alone(before)
    return {name: Dropped(before.tensors[name], before.rank.get(name), known.get(name), model) for name in gone}


def edited(
    document: Document,
    expr: Written,
    known: Mapping[str, Shape] | None = None,
    gone: Mapping[str, Dropped] | None = None,
) -> Document:
    """The document of another expression.

    Args:
        document: What there was.
        expr: The new expression.
        known: Rows and columns of the old tensors, as far as they are known; of files and weights at least.
        gone: Tensors that the scene had some expressions ago; one that comes back gets its numbers back if they fit.

    Raises:
        ExpressionError: the expression cannot be read.

    Source: mm (bhosmer/mm), measured: a new matrix is 32 x 32, `row major` at the left and `col major` at the right of
        its product; sides of matrices that stay win over new ones, and of two that stay the left one gives way.
    """
    text = write(expression_of(text_of(expr)))
    old, new = document.tree(), tree_of(text)
    content = followed(document, _follow(old, new)).model_dump(exclude_defaults=True)
    beside = None if document.roots is None else with_text(document.roots, text)
    content = {key: part for key, part in content.items() if key not in WHOLE}
    content |= {"expr": text} if beside is None else {"roots": beside}
    back = _coming_back(document, old, new, known or {}, gone or {})
    content["tensors"] = _tensors(_with(document, back), old, new, _shapes_with(known or {}, back))
    content["rank"] = content.get("rank", {}) | {name: one.rank for name, one in back.items() if one.rank is not None}
    if "checks" not in content:
        content.get("style", {}).pop("badge", None)  # there is nothing left that it could speak of
    return from_mapping(content, "edited scene")


def same_meaning(one: str, other: str) -> bool:
    """Whether two expressions compute the same, whatever their matrices are called."""
    before, after = tree_of(one), tree_of(other)
    pairs = zip(roots(before), roots(after), strict=False)
    return before == after or (len(roots(before)) == len(roots(after)) and all(_alike(*pair) for pair in pairs))


def _model_alone(document: Document) -> ModelSource | None:
    """The model that tensors are taken from, without what it reads."""
    return None if document.model is None else document.model.alone()


def _coming_back(
    document: Document, old: Tree, new: Tree, known: Mapping[str, Shape], gone: Mapping[str, Dropped]
) -> dict[str, Dropped]:
    """Of the tensors that are gone those that stand in the new expression, and fit what is beside them."""
    back: dict[str, Dropped] = {}
    for name in (name for name in gone if name in tensors(new) and name not in document.tensors):
        one = gone[name]
        if isinstance(one.source, WeightSource | ActivationSource) and one.model != _model_alone(document):
            continue
        tried = {**back, name: one}
        shapes = _shapes_with(known, tried)
        sources = _tensors(_with(document, tried), old, new, shapes)
        try:
            infer(new, {tensor: source.get("shape") or shapes[tensor] for tensor, source in sources.items()})
        except (ShapeError, KeyError):  # it does not fit, or its size is not known
            continue
        back = tried
    return back


def _with(document: Document, back: Mapping[str, Dropped]) -> Document:
    """The document with the sources of tensors that come back."""
    sources = {**document.tensors, **{name: one.source for name, one in back.items()}}
    return document.model_copy(update={"tensors": sources})


def _shapes_with(known: Mapping[str, Shape], back: Mapping[str, Dropped]) -> dict[str, Shape]:
    return {**known, **{name: one.shape for name, one in back.items() if one.shape is not None}}


def _tensors(document: Document, old: Tree, new: Tree, known: Mapping[str, Shape]) -> dict[str, Any]:
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
    sources: dict[str, Any] = {}
    for tensor, init in inits.items():
        if tensor not in kept:
            sources[tensor] = {"init": init, "shape": fitted[tensor]}
            continue
        sources[tensor] = kept[tensor].model_dump(exclude_defaults=True)
        if _gives_way(kept[tensor]):
            sources[tensor]["shape"] = fitted[tensor]
    return sources


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


def _inits(root: Tree) -> Iterator[tuple[str, str]]:
    """Every tensor of a tree and what it is filled with when it is new; a matrix counts where it stands first."""
    seen: set[str] = set()
    for node in walk(root):
        tensor = tensor_of(node)
        if tensor is not None and tensor not in seen:
            seen.add(tensor)
            yield tensor, "col major" if node.path.endswith("right") else "row major"
        for vector in (vector for worn in node.worn for vector in worn.vectors if vector not in seen):
            seen.add(vector)
            yield vector, "row major"


def _became_products(
    document: Document, old: Tree, new: Tree, known: Mapping[str, Shape]
) -> Iterator[tuple[str, Sides]]:
    """Path -> rows and columns of products of the new tree that were plain matrices of that name."""
    matrices = {node.tensor for node in plain(old) if not node.transposed}
    for node in results(new):
        if node.name in matrices:
            yield node.path, _sides(_shape(document, node.name, known), Weight.BEFORE)


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


def _shape_of_product(document: Document, old: Tree, name: str, known: Mapping[str, Shape]) -> PartialShape:
    """Of a product that becomes a plain matrix: the rows of its left-most and the columns of its right-most matrix."""
    node = next((n for n in results(old) if n.name == name), None)
    if node is None:
        return None, None
    nodes = {n.path: n for n in walk(old)}
    return _length(document, node, nodes, known, 0), _length(document, node, nodes, known, 1)


def _length(
    document: Document, node: Node, nodes: Mapping[str, Node], known: Mapping[str, Shape], axis: int
) -> int | None:
    """Rows (axis 0) of the left-most or columns (axis 1) of the right-most matrix of a node."""
    while True:
        match node:
            case ProductNode() | ElementwiseNode():
                node = node.right if axis else node.left
            case JoinNode(parts=parts):
                if axis == node.axis:
                    lengths = [_length(document, part, nodes, known, axis) for part in parts]
                    return None if None in lengths else sum(length or 0 for length in lengths)
                node = parts[0]
            case CutNode() | ReducedNode() | TakenNode():
                return None  # it takes the size that its neighbours have
            case LeafNode(tensor=tensor, target=target):
                axis = 1 - axis if node.transposed else axis
                if target is None:
                    return _shape(document, tensor, known)[axis]
                node = nodes[target]


def _shape(document: Document, tensor: str, known: Mapping[str, Shape]) -> PartialShape:
    return known.get(tensor) or _own_shape(document.tensors[tensor]) or (None, None)


def _follow(old: Tree, new: Tree) -> Follow:
    """Under which names a document speaks of its matrices when its expression is another one."""
    inputs = tensors(new)
    made = {node.path for node in products(new)}

    def follow(mention: Mention) -> str | None:
        match mention.kind:
            case "input":
                return mention.name if mention.name in inputs else None
            case "axis" if not isinstance(mention.said, Counts):
                return mention.name if mention.name != "k" or "k" in _letters(new) else None
            case "drawn":
                return _new_check(mention.name, old, new)
            case "matrix" | "maybe" | "result" | "product" | "worn" | "axis":
                found = _moved(mention.name, old, new)
                return None if found is None or not _can_be(mention, found[1], made) else found[0]

    return follow


def _can_be(mention: Mention, node: Node, products: Container[str]) -> bool:
    """Whether what is said of a matrix can be said of what it is now."""
    match mention.kind:
        case "product":
            return node.path in products
        case "worn":
            return bool(node.worn)
        case "result" | "axis":
            return computed(node) and (mention.said != "blockwise" or pattern_of(node) is not None)
        case _:
            return True


def _new_check(key: str, old: Tree, new: Tree) -> str | None:
    """The new name of a matrix that is computed as before; of the others nobody knows what they equal now."""
    name = key if find(old, key) else f"{key}.T"  # a matrix that is drawn as X.T may be called X
    before, after = find(old, name), find(new, name)
    if after is None or (before is not None and not _alike(before, after)):
        after = next((node for node in walk(new) if before is not None and _alike(before, node)), None)
    if after is None:
        return None
    return key if find(new, name) is after else after.path


def _alike(one: Node, other: Node) -> bool:
    """Whether two nodes are computed in the same way, wherever they stand and whatever they are called."""
    pairs = zip(arguments(one), arguments(other), strict=False)
    same = shown_again(one) is None and _operation(one) == _operation(other)
    return same and all(_alike(*pair) for pair in pairs)


def _operation(node: Node) -> tuple[object, ...]:  # noqa: PLR0911  (a case for each kind)
    """What is done at a node itself, and with how many arguments."""
    match node:
        case LeafNode():
            return node.tensor, node.transposed, node.target, node.depth, node.worn
        case ProductNode():
            return "@", 2, node.worn
        case ElementwiseNode():
            return node.sign, 2, node.worn
        case JoinNode(parts=parts):
            return node.along, len(parts), node.worn
        case CutNode():
            return "cut", 1, node.rows, node.columns, node.worn
        case ReducedNode(function=function):
            return function, 1, node.axis, node.worn
        case TakenNode():
            return TAKING, 2, node.turned, node.worn


def _moved(key: str, old: Tree, new: Tree) -> tuple[str, Node] | None:
    """What a matrix is called now, by its name where that is as before or else by its path, and its node."""
    before = find(old, key)
    after = None if before is None else _same_root(before, old, new) or _staying(before, old, new)
    if before is None or after is None:
        return None
    return (before.name if key == before.name == after.name else after.path), after


def _letters(root: Tree) -> frozenset[str]:
    """The axes of the root itself, or of those that stand side by side."""
    return frozenset(letter for node in roots(root) for letter in letters(node))


def _same_root(before: Node, old: Tree, new: Tree) -> Node | None:
    """The root stays root, whatever it is called; of several the one at its place."""
    place = next((n for n, node in enumerate(roots(old)) if node is before), None)
    return None if place is None or len(roots(old)) != len(roots(new)) else roots(new)[place]


def _staying(before: Node, old: Tree, new: Tree) -> Node | None:
    """The node of this name, at the same path where there are several; or what is computed so under a new name."""
    named = [node for node in walk(new) if node.name == before.name]
    if named:
        return next((node for node in named if node.path == before.path), None) or find(new, before.name)
    if not computed(before):
        return find(new, before.name)
    known = {node.name for node in walk(old)}
    return next((node for node in walk(new) if node.name not in known and _alike(before, node)), None)
