"""How one element came about: the products or terms that it is made of, then function by function; draws nothing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.cell.element_names import bracketed, element_name, place_name
from mmviz.picture.composition import Composition
from mmviz.picture.space.joining import begins
from mmviz.picture.space.sweep import Sweep
from mmviz.picture.stages import Numbers, Stage, stages
from mmviz.picture.time.token_steps import AXIS, SOURCE_AXIS
from mmviz.scene.language.expression import (
    Reduction,
    Sign,
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
    walk,
)

COUNTED = (AXIS, SOURCE_AXIS)
"""Axes of which each row or column is called by its token."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Where an element is; one can go there."""

    path: str
    i: int  # row
    j: int  # column


@dataclass(frozen=True, slots=True)
class Operand:
    """An element of an argument."""

    cell: Cell
    name: str  # such as `attn[41 “ to”, 40 “ has”]`
    value: float  # as it is shown, after the functions of its matrix
    masked: bool  # a mask forbids it; it counts as 0


@dataclass(frozen=True, slots=True, eq=False)
class Products:
    """All products that are summed up to an element, the largest |product| first. All arrays are (k,)."""

    labels: tuple[str, ...]  # of each k, by k: its token, or else its axis and number
    axis: str  # what k counts
    names: tuple[str, str]  # of the left and the right matrix
    cells: tuple[Cell, Cell]  # of k = 0, in the left and in the right matrix
    places: tuple[str, str]  # what the row of the left and the column of the right matrix are called
    k: NDArray[np.int64]
    left: Numbers
    right: Numbers
    product: Numbers
    share: Numbers  # of the sum of all |products|, 0..1; 0 where that is not finite
    running: Numbers  # sum of the products so far, in this order
    masked: NDArray[np.bool_]  # the left or the right element is masked
    total: float  # sum of all products

    def operands(self, row: int) -> tuple[Cell, Cell]:
        """Where the left and the right number of a product are; `row` counts in this order."""
        (left, right), k = self.cells, int(self.k[row])
        return Cell(left.path, left.i, k), Cell(right.path, k, right.j)

    def operand_names(self, row: int) -> tuple[str, str]:
        """What the left and the right number of a product are called, such as `Q[41 “ to”, 12]`."""
        k = int(self.k[row])
        called = self.labels[k] if self.axis in COUNTED else str(k)
        left, right = (bracketed(name) for name in self.names)
        return f"{left}[{self.places[0]}, {called}]", f"{right}[{called}, {self.places[1]}]"

    def row(self, k: int) -> int:
        """The place of a k in this order."""
        return int(np.flatnonzero(self.k == k)[0])


@dataclass(frozen=True, slots=True)
class Terms:
    """The two terms of a sum, a difference or a product of elements."""

    left: Operand
    right: Operand
    sign: Sign
    total: float
    masked: bool = False  # one of them is, and with it what they make


@dataclass(frozen=True, slots=True)
class Selected:
    """The element is one of an argument, moved to another place."""

    target: Operand
    why: str  # such as: part 2 of 4
    total: float


@dataclass(frozen=True, slots=True)
class Reduced:
    """The element is one number for a row or column of another matrix."""

    function: Reduction
    line: str  # such as: row 3 of x
    count: int  # of the elements in it that no mask forbids
    first: Cell  # of the line
    axis: int  # along which the line goes: 0 down a column, 1 along a row
    target: Operand | None  # the one that it is, or whose place it is; None: it is made of all of them
    total: float


@dataclass(frozen=True, slots=True)
class Source:
    """The element is given."""

    tensor: str
    words: str  # where the tensor's numbers come from
    i: int  # row in the tensor, which may be shown transposed
    j: int  # column in the tensor
    total: float


@dataclass(frozen=True, slots=True)
class Again:
    """The element is shown once more."""

    target: Operand
    before: str  # the function before which it is shown; "" where it is shown as its target shows it
    total: float


Origin = Products | Terms | Selected | Reduced | Source | Again
"""What an element is made of."""


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """How one element came about."""

    cell: Cell
    name: str  # such as `attn[41 “ to”, 40 “ has”]`
    value: float  # as it is shown once it is finished
    masked: bool  # a mask forbids it
    origin: Origin  # `origin.total` is the number before the first function
    stages: tuple[Stage, ...]  # what the functions of its matrix make of it, innermost first
    scale: str = ""  # in words, which |x| of its matrix is drawn at full size

    def operands(self, row: int = 0) -> tuple[Cell, ...]:
        """Where one can go from here: none, one or two elements; `row` counts products."""
        match self.origin:
            case Products() as products:
                return products.operands(row) if len(products.k) else ()
            case Terms(left, right):
                return left.cell, right.cell
            case Again(target) | Selected(target):
                return (target.cell,)
            case Reduced(first=first, target=found):
                return (first if found is None else found.cell,)
            case _:
                return ()


def holds(composition: Composition, cell: Cell) -> bool:
    """Whether a scene has this element."""
    values = composition.values.get(cell.path)
    return values is not None and 0 <= cell.i < values.shape[0] and 0 <= cell.j < values.shape[1]


def explain(composition: Composition, path: str, i: int, j: int) -> Explanation:
    """How an element came about, from the numbers that its arguments show.

    Args:
        composition: The scene.
        path: Of the matrix.
        i: Row.
        j: Column.

    Raises:
        IndexError: there is no such element.
    """
    if not holds(composition, Cell(path, i, j)):
        raise IndexError(f"there is no element [{i}, {j}] at path '{path}'.")
    return _Explainer(composition).explanation(Cell(path, i, j))


def lit(explanation: Explanation, composition: Composition) -> dict[str, tuple[Sweep, ...]]:
    """The cells to light, by path: the element, and what it is made of."""
    found: dict[str, tuple[Sweep, ...]] = {}
    match explanation.origin:
        case Products(cells=(left, right)):
            found[left.path] = (Sweep(row_turn=1, first=left.i, last=left.i),)
            found[right.path] = (Sweep(column_turn=1, first=right.j, last=right.j),)
        case Reduced(first=first, axis=axis):
            row, column = (
                Sweep(row_turn=1, first=first.i, last=first.i),
                Sweep(column_turn=1, first=first.j, last=first.j),
            )
            found[first.path] = (row if axis else column,)
        case _:
            for cell in explanation.operands():
                found[cell.path] = (_alone(cell, composition),)
    found[explanation.cell.path] = (_alone(explanation.cell, composition),)
    return found


def _alone(cell: Cell, composition: Composition) -> Sweep:
    columns = composition.values[cell.path].shape[1]
    turn = cell.i * columns + cell.j
    return Sweep(row_turn=columns, column_turn=1, first=turn, last=turn)


class _Explainer:
    """Explains elements of one scene."""

    def __init__(self, composition: Composition) -> None:
        self.composition = composition
        self.nodes: dict[str, Node] = {node.path: node for node in walk(composition.root)}

    def explanation(self, cell: Cell) -> Explanation:
        node, around = self.nodes[cell.path], self.composition.around
        found = around(cell.path, cell.i, cell.j) if node.worn and around is not None else None
        own = self.operand(cell)
        bare, forbidden = own.value, own.masked
        if found is not None:
            place, pane = (cell.i - found.first[0], cell.j - found.first[1]), found.panes[0]
            bare, forbidden = float(pane.numbers[place]), pane.masked is not None and bool(pane.masked[place])
        worn = () if found is None else stages(node.worn, found, cell.i, cell.j)
        scale = self.composition.scales[cell.path].told(self.composition.style)
        return Explanation(cell, own.name, own.value, own.masked, self.origin(node, cell, bare, forbidden), worn, scale)

    def origin(self, node: Node, cell: Cell, bare: float, forbidden: bool) -> Origin:
        match node:
            case ProductNode():
                return self.products(node, cell)
            case ElementwiseNode(left=left, right=right, sign=sign):
                a, b = (self.operand(self.within(side.path, cell)) for side in (left, right))
                return Terms(a, b, sign, 0.0 if forbidden else _combined(a.value, b.value, sign), forbidden)
            case JoinNode() | CutNode() | TakenNode():
                return self.selected(node, cell, bare)
            case ReducedNode():
                return self.reduced(node, cell, bare)
            case LeafNode(target=str(target)):
                i, j = (cell.j, cell.i) if node.transposed else (cell.i, cell.j)
                worn = self.nodes[target].worn
                before = worn[node.depth].function if node.depth < len(worn) else ""
                return Again(self.operand(Cell(target, i, j)), before, bare)
            case LeafNode():
                i, j = (cell.j, cell.i) if node.transposed else (cell.i, cell.j)
                return Source(node.tensor, self.composition.origins.get(node.tensor, ""), i, j, bare)

    def within(self, path: str, cell: Cell) -> Cell:
        """The same element of a term, of which one row or column may go with all of the sum."""
        rows, columns = self.composition.values[path].shape
        return Cell(path, min(cell.i, rows - 1), min(cell.j, columns - 1))

    def selected(self, node: JoinNode | CutNode | TakenNode, cell: Cell, bare: float) -> Selected:
        """Which element of an argument an element is."""
        match node:
            case JoinNode():
                return self.joined(node, cell, bare)
            case CutNode(whole=whole):
                sizes = self.composition.values[whole.path].shape
                i, j = (
                    span.within(size)[0] + index
                    for span, size, index in zip((node.rows, node.columns), sizes, (cell.i, cell.j), strict=True)
                )
                return Selected(self.operand(Cell(whole.path, i, j)), "cut out", bare)
            case TakenNode(ids=ids, table=table, turned=turned):
                numbers = self.composition.values[ids.path]
                place = cell.j if turned else cell.i
                taken = int(numbers.reshape(-1)[place])
                at = Cell(ids.path, place, 0) if numbers.shape[1] == 1 else Cell(ids.path, 0, place)
                target = Cell(table.path, cell.i, taken) if turned else Cell(table.path, taken, cell.j)
                return Selected(self.operand(target), f"as {self.operand(at).name} = {taken} says", bare)

    def reduced(self, node: ReducedNode, cell: Cell, bare: float) -> Reduced:
        """The row or column that an element is one number for."""
        path, axis = node.whole.path, node.axis
        index = cell.i if axis else cell.j
        numbers, masked = self.side(node.whole, *((index, slice(None)) if axis else (slice(None), index)))
        allowed = np.flatnonzero(~masked)
        first = Cell(path, index, 0) if axis else Cell(path, 0, index)
        target: Operand | None = None
        if len(allowed) and node.function in ("max", "min", "argmax"):
            pick = np.argmin if node.function == "min" else np.argmax
            k = int(allowed[pick(numbers[allowed])])
            target = self.operand(Cell(path, index, k) if axis else Cell(path, k, index))
        axes = self.composition.axes[path]
        place = place_name(self.composition, axes[1 - axis], index)
        line = f"{'row' if axis else 'column'} {place} of {node.whole.name}"
        return Reduced(node.function, line, len(allowed), first, axis, target, bare)

    def joined(self, node: JoinNode, cell: Cell, bare: float) -> Selected:
        """Which part an element comes from, and which of that one's elements it is."""
        place = (cell.i, cell.j)
        shapes = [self.composition.values[part.path].shape for part in node.parts]
        firsts = list(begins(node.axis, [(rows, columns) for rows, columns in shapes]))
        number = max(n for n, first in enumerate(firsts) if first[node.axis] <= place[node.axis])
        i, j = (index - first for index, first in zip(place, firsts[number], strict=True))
        part = self.operand(Cell(node.parts[number].path, i, j))
        return Selected(part, f"part {number + 1} of {len(node.parts)}", bare)

    def products(self, node: ProductNode, cell: Cell) -> Products:
        row, column = self.side(node.left, cell.i, slice(None)), self.side(node.right, slice(None), cell.j)
        with np.errstate(all="ignore"):
            product = row[0] * column[0]  # (k,), exact: each factor has 24 bits
            size = np.abs(product)
            order = np.argsort(np.where(np.isnan(size), -np.inf, -size), kind="stable")  # (k,), NaN first
            whole = float(size.sum())
            share = size / whole if 0 < whole < np.inf else np.zeros_like(size)
            running = np.cumsum(product[order])  # (k,)
        axes = self.composition.axes
        axis = axes[node.left.path][1]
        return Products(
            labels=self.labels(axis, len(product)),
            axis=axis or "k",
            names=(node.left.name, node.right.name),
            cells=(Cell(node.left.path, cell.i, 0), Cell(node.right.path, 0, cell.j)),
            places=(
                place_name(self.composition, axes[node.left.path][0], cell.i),
                place_name(self.composition, axes[node.right.path][1], cell.j),
            ),
            k=order,
            left=row[0][order],
            right=column[0][order],
            product=product[order],
            share=share[order],
            running=running,
            masked=(row[1] | column[1])[order],
            total=float(running[-1]),
        )

    def labels(self, axis: str, size: int) -> tuple[str, ...]:
        """What each k is called."""
        if axis in COUNTED:
            return tuple(place_name(self.composition, axis, k) for k in range(size))
        return tuple(f"{axis} {k}" if axis else f"k = {k}" for k in range(size))

    def side(self, node: Node, i: int | slice, j: int | slice) -> tuple[Numbers, NDArray[np.bool_]]:
        """A row or a column of an argument, and which of its elements are masked."""
        numbers = self.composition.values[node.path][i, j].astype(np.float64)
        mask = self.composition.masked.get(node.path)
        return numbers, np.zeros(len(numbers), np.bool_) if mask is None else mask[i, j]

    def operand(self, cell: Cell) -> Operand:
        path, i, j = cell.path, cell.i, cell.j
        mask = self.composition.masked.get(path)
        name = element_name(self.composition, path, i, j, self.nodes[path].name)
        return Operand(cell, name, float(self.composition.values[path][i, j]), mask is not None and bool(mask[i, j]))


def _combined(left: float, right: float, sign: Sign) -> float:
    if sign == "/":
        with np.errstate(all="ignore"):
            return float(np.float64(left) / np.float64(right))
    return left + right if sign == "+" else left - right if sign == "-" else left * right
