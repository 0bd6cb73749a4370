"""Which rows and columns of a scene's matrices belong together: what a row of one is in the others; no drawing.

Two laws, for two questions. *Where is this cell's row and column used?* goes by the operations alone: the rows of A are
those of A @ B, and its columns are the rows of B. *Where is this token?* goes also by what is the same matrix at two
places: the rows of an input from which queries and keys are made are both the rows and the columns of their product.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from mmviz.picture.space.sweep import Sweep
from mmviz.picture.time.planes import Matrix
from mmviz.scene.language.functions import PATTERNS
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

Side = tuple[str, int]
"""A matrix by its path, and 0 for its rows or 1 for its columns."""
Lit = dict[str, tuple[Sweep, ...]]
"""By path the rows and columns that are lit: of each matrix one row, one column or both."""


@dataclass(frozen=True, slots=True)
class SharedAxes:
    """The axes of a tree's matrices; make one with `of`."""

    _line: Mapping[Side, Side]  # side -> the first of those that are one axis by the operations alone
    _axis: Mapping[Side, Side]  # the same, where a matrix that stands at two places has the same axes at both
    _copies: Mapping[str, tuple[Hashable, bool]]  # path -> which matrix it shows, and whether that is turned
    _patterns: frozenset[str]  # paths of attention weights
    _names: Mapping[Side, str]
    _sizes: Mapping[Side, int]

    @classmethod
    def of(cls, root: Tree, axes: Mapping[str, tuple[str, str]], values: Mapping[str, Matrix]) -> "SharedAxes":
        """Those of a tree.

        Args:
            root: The tree.
            axes: Names of rows and columns by path, "" where there is none.
            values: The numbers by path, for their shapes.
        """
        nodes = list(walk(root))
        sides = [(node.path, axis) for node in nodes for axis in (0, 1)]
        copies = _copies(nodes)
        by_operations = list(_joints(nodes))
        line = _joined(sides, by_operations)
        axis = _joined(sides, [*by_operations, *_same_matrices(copies)])
        names = {side: axes[side[0]][side[1]] for side in sides}
        patterns = frozenset(node.path for node in nodes if any(worn.function in PATTERNS for worn in node.worn))
        return cls(line, axis, copies, patterns, names, {side: values[side[0]].shape[side[1]] for side in sides})

    def along(self, side: Side) -> tuple[Side, ...]:
        """The sides on which a row or column goes on by the operations alone, itself included."""
        return tuple(other for other in self._line if self._line[other] == self._line[side])

    def sharing(self, side: Side) -> tuple[Side, ...]:
        """The sides that are the same axis, itself included."""
        return tuple(other for other in self._axis if self._axis[other] == self._axis[side])

    def lit_at(self, name: str, size: int, index: int) -> Lit:
        """One token, or one of whatever a name of axes counts, wherever it is.

        Args:
            name: Of the axes, such as "tokens".
            size: How many there are; an axis of another size counts something else.
            index: Which one.
        """
        named = {self._axis[side] for side, own in self._names.items() if own == name}
        return self._lit(
            lambda side: index if self._axis[side] in named and self._sizes[side] == size and index < size else None
        )

    def lit_around(self, path: str, i: int, j: int) -> Lit:
        """The row and the column of a cell, and where they go on in other matrices.

        They go on by the operations. The same matrix at another place has its own row and column lit, and beside an
        attention pattern so has every other one over the same tokens, unless the operations lit others there already.
        """
        found: dict[Side, int] = {}
        for other, turned in ((path, False), *self.alike(path)):
            lines = self._line[other, 0], self._line[other, 1]
            places = (j, i) if turned else (i, j)
            if all(found.get(line, index) == index for line, index in zip(lines, places, strict=True)):
                found |= dict(zip(lines, places, strict=True))
        return self._lit(lambda side: found.get(self._line[side]))

    def alike(self, path: str) -> tuple[tuple[str, bool], ...]:
        """The matrices whose own cell is lit with one of a matrix, and whether its row is their column.

        They are the same matrix at other places, and other attention patterns over the same tokens, such as those of
        other heads.
        """
        matrix, turned = self._copies[path]
        again = ((o, way != turned) for o, (same, way) in self._copies.items() if same == matrix and o != path)
        return (*again, *((other, False) for other in self._other_patterns(path)))

    def _other_patterns(self, path: str) -> Iterator[str]:
        axis = self._axis[path, 0]
        if path in self._patterns and axis == self._axis[path, 1]:
            yield from (other for other in self._patterns if axis == self._axis[other, 0] == self._axis[other, 1])

    def _lit(self, index_of: Callable[[Side], int | None]) -> Lit:
        lit: Lit = {}
        for side in self._line:
            index = index_of(side)
            if index is not None:
                lit[side[0]] = (*lit.get(side[0], ()), line(side[1], index))
        return lit


def line(axis: int, index: int) -> Sweep:
    """The cells of a row (axis 0) or of a column."""
    turns = (1, 0) if axis == 0 else (0, 1)
    return Sweep(*turns, first=index, last=index)


def _joints(nodes: Iterable[Node]) -> Iterator[tuple[Side, Side]]:
    """Sides that are one axis because of an operation."""
    for node in nodes:
        match node:
            case ProductNode(path=path, left=left, right=right):
                yield from (
                    ((path, 0), (left.path, 0)),
                    ((left.path, 1), (right.path, 0)),
                    ((path, 1), (right.path, 1)),
                )
            case ElementwiseNode(path=path, left=left, right=right):
                yield from (((path, axis), (term.path, axis)) for term in (left, right) for axis in (0, 1))
            case JoinNode(path=path, parts=parts, axis=axis):
                yield from (((path, 1 - axis), (part.path, 1 - axis)) for part in parts)
            case CutNode(path=path, whole=whole, rows=rows, columns=columns):
                yield from (((path, n), (whole.path, n)) for n, span in enumerate((rows, columns)) if span.whole)
            case ReducedNode(path=path, whole=whole, axis=axis):
                yield (path, 1 - axis), (whole.path, 1 - axis)
            case TakenNode(path=path, table=table, turned=turned):
                across = 0 if turned else 1
                yield (path, across), (table.path, across)
            case LeafNode():
                pass


def _copies(nodes: Iterable[Node]) -> dict[str, tuple[Hashable, bool]]:
    """By path which matrix is shown there, before any function, and whether it is turned."""
    found: dict[str, tuple[Hashable, bool]] = {}
    for node in nodes:  # a matrix comes before what shows it again
        match node:
            case LeafNode(target=str(target)):
                matrix, turned = found[target]
                found[node.path] = matrix, turned != node.transposed
            case LeafNode():
                found[node.path] = ("tensor", node.tensor), node.transposed
            case _:
                found[node.path] = ("node", node.path), False
    return found


def _same_matrices(copies: Mapping[str, tuple[Hashable, bool]]) -> Iterator[tuple[Side, Side]]:
    """Sides that are one axis because the same matrix stands at two places."""
    first: dict[Hashable, tuple[str, bool]] = {}
    for path, (matrix, turned) in copies.items():
        place, way = first.setdefault(matrix, (path, turned))
        yield from (((path, axis), (place, axis if way == turned else 1 - axis)) for axis in (0, 1))


def _joined(sides: Iterable[Side], joints: Iterable[tuple[Side, Side]]) -> dict[Side, Side]:
    """By side the one that stands for all that are joined with it."""
    above = {side: side for side in sides}

    def top(side: Side) -> Side:
        while above[side] != side:
            above[side] = above[above[side]]
            side = above[side]
        return side

    for one, other in joints:
        above[top(one)] = top(other)
    return {side: top(side) for side in above}
