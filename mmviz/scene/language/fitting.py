"""Sizes that fit: where the sides of two matrices meet and differ, the one that matters less gives way."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.spans import (
    Span,
)
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
    walk,
)

SIDE = 32
"""Rows and columns of a matrix that nothing settles, as in mm (bhosmer/mm)."""


class Weight(IntEnum):
    """How much the size of a side matters."""

    NEW = 0  # a matrix that was just added
    BEFORE = 1  # a matrix that has become a product
    KNOWN = 2  # a pattern or formula, which can have any size
    FIXED = 3  # a file, a weight, an activation


@dataclass(frozen=True, slots=True)
class Side:
    """The rows or columns of a matrix; None where its neighbours settle them."""

    size: int | None
    weight: Weight


Sides = tuple[Side, Side]


def fit(
    root: Tree, sides: Mapping[str, Sides], results: Mapping[str, Sides] | None = None
) -> dict[str, tuple[int, int]]:
    """Rows and columns of every tensor, so that all that can give way does.

    Of two sides that matter equally the left one of a product gives way; what is FIXED keeps its size even where it
    does not fit; and what nothing settles has SIDE.

    Args:
        root: The tree.
        sides: Rows and columns of every tensor that is named in it.
        results: Rows and columns that some products would have, by path.

    Source: mm (bhosmer/mm), measured.
    """
    axes = {tensor: tuple(_Axis(side) for side in pair) for tensor, pair in sides.items()}
    at: dict[str, tuple[_Axis, ...]] = {}
    for node in walk(root):
        at[node.path] = _meet(node, at, axes)
        for axis, side in zip(at[node.path], (results or {}).get(node.path, ()), strict=False):
            axis.join(_Axis(side))
        _meet_vectors(node, at[node.path], axes)
    fitted: dict[str, tuple[int, int]] = {}
    for tensor, pair in sides.items():
        rows, columns = (_size(side, axis) for side, axis in zip(pair, axes[tensor], strict=True))
        fitted[tensor] = (rows, columns)
    return fitted


class _Axis:
    """One side of one matrix; sides that must be equal are joined into one."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self.joined: _Axis | None = None

    def root(self) -> "_Axis":
        axis = self
        while axis.joined is not None:
            axis = axis.joined
        return axis

    def join(self, other: "_Axis") -> None:
        """Make both one; of two sizes of one weight the other's stays."""
        a, b = self.root(), other.root()
        if a is b:
            return
        if b.side.size is None or (a.side.size is not None and a.side.weight > b.side.weight):
            b.side = a.side
        a.joined = b


def _meet(node: Node, at: Mapping[str, tuple[_Axis, ...]], axes: Mapping[str, tuple[_Axis, ...]]) -> tuple[_Axis, ...]:
    match node:
        case LeafNode():
            own = axes[node.tensor] if node.target is None else at[node.target]
            return own[::-1] if node.transposed else own
        case ProductNode():
            left, right = at[node.left.path], at[node.right.path]
            left[1].join(right[0])
            return (left[0], right[1])
        case ElementwiseNode():
            left, right = at[node.left.path], at[node.right.path]
            return _spread(left[0], right[0]), _spread(left[1], right[1])
        case _:
            return _meet_selection(node, at)


def _meet_selection(
    node: JoinNode | CutNode | ReducedNode | TakenNode, at: Mapping[str, tuple[_Axis, ...]]
) -> tuple[_Axis, ...]:
    match node:
        case JoinNode():
            return _joined(node, at)
        case CutNode(rows=rows, columns=columns):
            sides = zip(at[node.whole.path], (rows, columns), strict=True)
            return tuple(side if span.whole else _cut(side, span) for side, span in sides)
        case ReducedNode(axis=axis):
            whole, one = at[node.whole.path], _Axis(Side(1, Weight.FIXED))
            return (whole[0], one) if axis else (one, whole[1])
        case TakenNode():
            return _taken(at[node.ids.path], at[node.table.path], turned=node.turned)


def _spread(a: _Axis, b: _Axis) -> _Axis:
    """One row or column goes with all of the other matrix; other sides are one."""
    for one, other in ((a, b), (b, a)):
        side = one.root().side
        if side.size == 1 and side.weight is Weight.FIXED and other.root().side.size != 1:
            return other
    a.join(b)
    return a


def _cut(whole: _Axis, span: Span) -> _Axis:
    """What is cut out of an axis; one that nothing settles is as long as it has to be."""
    size = whole.root().side.size
    if size is None:
        size = max(SIDE, *(abs(bound) for bound in (span.begin, span.end) if bound is not None), 1)
        whole.join(_Axis(Side(size, Weight.NEW)))
    return _Axis(Side(span.length(size), Weight.FIXED))


def _taken(ids: tuple[_Axis, ...], table: tuple[_Axis, ...], *, turned: bool) -> tuple[_Axis, ...]:
    """As many rows as there are ids, which are one column, or one row if they are so."""
    along = 1 if turned else 0
    if ids[along].root().side.size == 1 and ids[1 - along].root().side.size not in (1, None):
        along = 1 - along
    ids[1 - along].join(_Axis(Side(1, Weight.KNOWN)))
    return (table[0], ids[along]) if turned else (ids[along], table[1])


def _joined(node: JoinNode, at: Mapping[str, tuple[_Axis, ...]]) -> tuple[_Axis, ...]:
    """The parts share a side, of the other one each has its own; all of it together gives way to nothing."""
    first, *others = (at[part.path] for part in node.parts)
    for other in others:
        first[1 - node.axis].join(other[1 - node.axis])
    sizes = [SIDE if (size := at[part.path][node.axis].root().side.size) is None else size for part in node.parts]
    whole = _Axis(Side(sum(sizes), Weight.FIXED))
    return (first[0], whole) if node.axis else (whole, first[1])


def _meet_vectors(node: Node, own: tuple[_Axis, ...], axes: Mapping[str, tuple[_Axis, ...]]) -> None:
    """The vectors of a node's functions have one row, as long as the rows that they go with."""
    for worn in node.worn:
        columns = own[0] if worn.drawn_transposed != worn.vectors_along_columns else own[1]
        for vector in worn.vectors:
            axes[vector][0].join(_Axis(Side(1, Weight.FIXED)))
            axes[vector][1].join(_Axis(Side(1, Weight.FIXED)) if FUNCTIONS[worn.function].single else columns)


def _size(own: Side, axis: _Axis) -> int:
    if own.weight is Weight.FIXED and own.size is not None:
        return own.size
    size = axis.root().side.size
    return SIDE if size is None else size
