"""The shape of every matrix in a tree, from the shapes of those that are known."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mmviz.errors import ShapeError
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.spans import Span
from mmviz.scene.language.tree import (
    CutNode,
    ElementwiseNode,
    JoinNode,
    LeafNode,
    Node,
    ProductNode,
    ReducedNode,
    Result,
    TakenNode,
    Tree,
    arguments,
    cuts,
    joins,
    tensor_of,
    walk,
)

Shape = tuple[int, int]
"""Rows, columns."""
PartialShape = tuple[int | None, int | None]
"""Rows, columns; None where it is left to the neighbours."""
MAX_ELEMENTS = 3 << 26
"""Most elements of one matrix: with its pyramid it has to fit into one texture of 16384 x 16384."""


@dataclass(slots=True)
class _Axis:
    """One side of one matrix; sides that must be equal are joined into one axis."""

    size: int | None = None
    name: str | None = None
    joined: "_Axis | None" = None
    fixed: bool = False  # its size is what an operation makes it, and says nothing of what stands beside it

    def root(self) -> "_Axis":
        axis = self
        while axis.joined is not None:
            axis = axis.joined
        return axis

    def join(self, other: "_Axis") -> bool:
        """Make both one axis; False, and nothing done, when their sizes differ."""
        a, b = self.root(), other.root()
        if a is b:
            return True
        if a.size is not None and b.size is not None and a.size != b.size:
            return False
        b.size = a.size if b.size is None else b.size
        b.name = b.name or a.name
        a.joined = b
        return True


@dataclass(frozen=True, slots=True)
class Shapes:
    """What is known of a tree's matrices."""

    of: Mapping[str, Shape]  # path -> rows, columns
    axes: Mapping[str, tuple[str, str]]  # path -> names of the two axes, "" where there is none
    tensors: Mapping[str, Shape] = field(default_factory=dict)  # tensor -> its own rows, columns


def infer(
    root: Tree,
    tensors: Mapping[str, PartialShape],
    axes: Mapping[str, tuple[str, str]] | None = None,
) -> Shapes:
    """Shapes of all nodes; what is left open is taken from the neighbours.

    Args:
        root: The tree.
        tensors: Rows and columns of every tensor named in it, None where open.
        axes: Names of a tensor's two axes ("tokens", "d_model"), where they are known.

    Raises:
        ShapeError: two matrices do not fit together, or a size stays open.
    """
    named = axes or {}
    sides = {
        tensor: tuple(_Axis(size, name or None) for size, name in zip(shape, named.get(tensor, ("", "")), strict=True))
        for tensor, shape in tensors.items()
    }
    at: dict[str, tuple[_Axis, ...]] = {}
    for node in walk(root):
        at[node.path] = _sides_of(node, at, sides)
        _fit_vectors(node, at[node.path], sides)
    _settle(root, at)
    _check_known(root, at, sides)
    return Shapes(
        of={path: _sizes(pair) for path, pair in at.items()},
        axes={path: (pair[0].root().name or "", pair[1].root().name or "") for path, pair in at.items()},
        tensors={tensor: _sizes(pair) for tensor, pair in sides.items() if _known(pair)},
    )


def _sides_of(
    node: Node, at: Mapping[str, tuple[_Axis, ...]], tensors: Mapping[str, tuple[_Axis, ...]]
) -> tuple[_Axis, ...]:
    match node:
        case LeafNode():
            rows, columns = tensors[node.tensor] if node.target is None else at[node.target]
            return (columns, rows) if node.transposed else (rows, columns)
        case ProductNode():
            left, right = at[node.left.path], at[node.right.path]
            if not left[1].join(right[0]):
                raise _misfit(node, at, f"{node.left.name} needs as many columns as {node.right.name} has rows")
            return (left[0], right[1])
        case ElementwiseNode():
            sides = [_spread(a, b) for a, b in zip(at[node.left.path], at[node.right.path], strict=True)]
            if None in sides:
                sums = {"+": "a sum", "-": "a sum", "*": "* (a matrix product is written with @)", "/": "a quotient"}
                raise _misfit(node, at, f"both sides of {sums[node.sign]} need the same shape, or one row or column")
            return tuple(side for side in sides if side is not None)
        case _:
            return _sides_of_selection(node, at)


def _sides_of_selection(
    node: JoinNode | CutNode | ReducedNode | TakenNode, at: Mapping[str, tuple[_Axis, ...]]
) -> tuple[_Axis, ...]:
    match node:
        case JoinNode():
            return _joined(node, at)
        case CutNode(rows=rows, columns=columns):
            pairs = zip(at[node.whole.path], (rows, columns), strict=True)
            return tuple(side if span.whole else _Axis(span.length(None), fixed=True) for side, span in pairs)
        case ReducedNode(axis=axis):
            whole = at[node.whole.path]
            return (whole[0], _Axis(1, fixed=True)) if axis else (_Axis(1, fixed=True), whole[1])
        case TakenNode():
            return _taken(node, at)


def _spread(a: _Axis, b: _Axis) -> _Axis | None:
    """The side of what two matrices make element by element, where one row or column goes with all of the other's.

    None: they do not go together. What is left open is as long as its neighbour, unless that can only be 1.
    """
    for one, other in ((a, b), (b, a)):
        if one.root().size == 1 and other.root().size != 1 and (one.root().fixed or other.root().size is not None):
            return other
    return a if a.join(b) else None


def _taken(node: TakenNode, at: Mapping[str, tuple[_Axis, ...]]) -> tuple[_Axis, ...]:
    """The sides of what is taken of a table: as many rows as there are ids, turned as many columns."""
    ids, table = at[node.ids.path], at[node.table.path]
    along = 1 if node.turned else 0
    if ids[along].root().size == 1 and ids[1 - along].root().size != 1:
        along = 1 - along
    if not ids[1 - along].join(_Axis(1)):
        raise _misfit(node, at, "the ids need one column or one row")
    return (table[0], ids[along]) if node.turned else (ids[along], table[1])


def _joined(node: JoinNode, at: Mapping[str, tuple[_Axis, ...]]) -> tuple[_Axis, ...]:
    """The sides of a join: the parts share one of them, and the other is as long as all of theirs together."""
    first, *others = (at[part.path] for part in node.parts)
    if not all(first[1 - node.axis].join(other[1 - node.axis]) for other in others):
        raise _misfit(node, at, f"all parts need the same number of {'rows' if node.axis else 'columns'}")
    sizes = [at[part.path][node.axis].root().size for part in node.parts]
    whole = _Axis(None if None in sizes else sum(size or 0 for size in sizes))
    return (first[0], whole) if node.axis else (whole, first[1])


def _settle(root: Tree, at: Mapping[str, tuple[_Axis, ...]]) -> None:
    """Find sizes along which parts are joined, where they were not known yet: the whole, or the one part left open."""
    waiting: list[JoinNode | CutNode] = [*joins(root), *cuts(root)]
    while waiting:
        before = len(waiting)
        waiting = [node for node in waiting if not _settled(node, at)]
        if len(waiting) == before:
            return


def _settled(node: JoinNode | CutNode, at: Mapping[str, tuple[_Axis, ...]]) -> bool:
    """Whether nothing is left to find along the axes of a join or of a slice."""
    match node:
        case JoinNode():
            return _settled_join(node, at)
        case CutNode():
            spans = (node.rows, node.columns)
            found = [span.whole or _settled_cut(node, axis, span, at) for axis, span in enumerate(spans)]
            return all(found)


def _settled_cut(node: CutNode, axis: int, span: Span, at: Mapping[str, tuple[_Axis, ...]]) -> bool:
    """Whether it is known how many rows (axis 0) or columns of a matrix a slice takes."""
    size = at[node.whole.path][axis].root().size
    if size is None:
        return False
    word = "columns" if axis else "rows"
    begin, end = span.within(size)
    if not span.holds_in(size):
        asked = f"[{span}] takes none" if begin >= end else f"[{span}] asks for others"
        raise _misfit(node, at, f"it has {word} 0 to {size - 1}, and {asked}")
    if not at[node.path][axis].join(_Axis(end - begin)):
        need = at[node.path][axis].root().size
        raise _misfit(node, at, f"these are {end - begin} {word}; {need} are needed where they stand")
    return True


def _settled_join(node: JoinNode, at: Mapping[str, tuple[_Axis, ...]]) -> bool:
    """Whether nothing is left to find along the axis of a join."""
    sides = [at[part.path][node.axis].root() for part in node.parts]
    whole = at[node.path][node.axis].root()
    known = sum(side.size for side in sides if side.size is not None)
    missing = [side for side in sides if side.size is None]
    if not missing:
        if not whole.join(_Axis(known)):
            word = "columns" if node.axis else "rows"
            raise _misfit(node, at, f"together they have {known} {word}; {whole.size} are needed where it stands")
        return True
    if whole.size is None or len(missing) > 1:
        return False
    if whole.size <= known:
        word = "columns" if node.axis else "rows"
        raise _misfit(node, at, f"it needs {whole.size} {word} where it stands, and the others have {known} of them")
    missing[0].size = whole.size - known
    return True


def _fit_vectors(node: Node, own: tuple[_Axis, ...], tensors: Mapping[str, tuple[_Axis, ...]]) -> None:
    """Give the vectors of a node's functions one row, as long as the rows that they go with."""
    for worn in node.worn:
        rows, columns = reversed(own) if worn.drawn_transposed else own
        length, sides = (rows, " has rows") if worn.vectors_along_columns else (columns, "")
        single = FUNCTIONS[worn.function].single
        for role, vector in zip(FUNCTIONS[worn.function].vectors, worn.vectors, strict=False):
            if single and not (tensors[vector][0].join(_Axis(1)) and tensors[vector][1].join(_Axis(1))):
                raise ShapeError(
                    f"{worn.function}: its {role} {vector} is {_text(tensors[vector])}; it needs one number, 1x1."
                )
            if not single and not (tensors[vector][0].join(_Axis(1)) and tensors[vector][1].join(length)):
                raise ShapeError(
                    f"{worn.function}: its matrix is {_text((rows, columns))}, its {role} {vector} is "
                    f"{_text(tensors[vector])}; the {role} needs one row, with as many columns as the matrix{sides}."
                )


def _misfit(node: Result, at: Mapping[str, tuple[_Axis, ...]], need: str) -> ShapeError:
    # The name of a matrix that wears a function stands for the function's result, not for the product or sum.
    title = node.formula if node.worn or node.name == node.formula else f"{node.name} = {node.formula}"
    found = ", ".join(f"{argument.name} is {_text(at[argument.path])}" for argument in arguments(node))
    return ShapeError(f"{title}: {found}; {need}.")


def _check_known(root: Tree, at: Mapping[str, tuple[_Axis, ...]], tensors: Mapping[str, tuple[_Axis, ...]]) -> None:
    """Refuse a tensor with an open size, and what is too large; whatever `walk` comes to first."""
    for node in walk(root):
        tensor = tensor_of(node)
        if tensor is not None and not _known(at[node.path]):
            raise ShapeError(
                f"{tensor}: its shape is {_text(tensors[tensor])} and nothing in the expression settles the rest; "
                f"give tensors.{tensor}.shape: [rows, columns]."
            )
        rows, columns = _sizes(at[node.path])
        if rows * columns > MAX_ELEMENTS:
            raise ShapeError(f"{node.name}: is {rows}x{columns}; one matrix has at most {MAX_ELEMENTS:,} elements.")


def _known(pair: tuple[_Axis, ...]) -> bool:
    return all(side.root().size is not None for side in pair)


def _sizes(pair: tuple[_Axis, ...]) -> Shape:
    rows, columns = (side.root().size for side in pair)
    return (rows or 0, columns or 0)


def _text(pair: tuple[_Axis, ...]) -> str:
    return "x".join("?" if side.root().size is None else str(side.root().size) for side in pair)
