"""The tree that is laid out, evaluated and animated: transposes pushed to the leaves, functions worn by matrices.

A path names a node from the root: "" the root, "left", "right", "left.right" and so on for every node of two
arguments, "part0", "part1" ... for the parts of a join, "whole" for what is cut or reduced, "ids" and "table" for what
is taken. Several roots that stand side by side are "root0", "root1" and so on, and nothing is at "". A function of one
matrix shares its argument's path: the matrix there shows the function's result. A name that is assigned and then used
again is a leaf, a reference: it shows the matrix at another path once more. How it is built of what is written:
`building.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from mmviz.scene.language.expression import (
    TAKING,
    Along,
    Reduction,
    Sign,
)
from mmviz.scene.language.functions import FUNCTIONS, PATTERNS
from mmviz.scene.language.spans import Span


@dataclass(frozen=True, slots=True)
class Worn:
    """A function that a matrix wears."""

    function: str
    parameters: tuple[float, ...] = ()
    turned: bool = False  # what it sees as rows are columns of the matrix: as drawn transposed, or by its axis
    vectors: tuple[str, ...] = ()  # tensors of one row, such as the weight of a norm
    axis: int = 1  # 0: it works along the columns of its argument

    @property
    def drawn_transposed(self) -> bool:
        """Whether the matrix is drawn as the transpose of the function's result."""
        return self.turned != (self.axis == 0)

    @property
    def vectors_along_columns(self) -> bool:
        """Whether its vectors are as long as a column of the function's argument; else as long as a row."""
        return self.axis == 0 and FUNCTIONS[self.function].along != "columns"


@dataclass(frozen=True, slots=True)
class LeafNode:
    """A plain matrix, the tensor of that name, or a reference to the matrix of another node; or the transpose of it."""

    path: str
    name: str
    tensor: str  # "" where there is a target
    transposed: bool = False  # of a reference: as against its target
    worn: tuple[Worn, ...] = ()  # innermost first
    target: str | None = None  # path of the node that a reference shows again
    depth: int = 0  # of a reference: how many of the functions that its target wears are in what it shows


@dataclass(frozen=True, slots=True)
class ProductNode:
    """left @ right: (i, k) @ (k, j) -> (i, j)."""

    path: str
    name: str
    left: "Node"
    right: "Node"
    worn: tuple[Worn, ...] = ()
    formula: str = ""  # left @ right as text, whatever the node is called


@dataclass(frozen=True, slots=True)
class ElementwiseNode:
    """left + right, left - right or left * right, element by element; its two terms and itself are of one shape."""

    path: str
    name: str
    left: "Node"
    right: "Node"
    sign: Sign
    worn: tuple[Worn, ...] = ()
    formula: str = ""  # left + right as text, whatever the node is called


@dataclass(frozen=True, slots=True)
class JoinNode:
    """Parts edge to edge: side by side along the columns, or one below the other along the rows."""

    path: str
    name: str
    parts: tuple["Node", ...]
    along: Along
    worn: tuple[Worn, ...] = ()
    formula: str = ""  # concat(a, b) as text, whatever the node is called

    @property
    def axis(self) -> int:
        """The axis along which the parts follow one another: 0 rows, 1 columns."""
        return 0 if self.along == "rows" else 1


@dataclass(frozen=True, slots=True)
class CutNode:
    """Some rows and columns of a matrix."""

    path: str
    name: str
    whole: "Node"
    rows: Span
    columns: Span
    worn: tuple[Worn, ...] = ()
    formula: str = ""  # x[0:4] as text, whatever the node is called


@dataclass(frozen=True, slots=True)
class ReducedNode:
    """One number for every column (axis 0) or row (axis 1) of a matrix."""

    path: str
    name: str
    whole: "Node"
    function: Reduction
    axis: int
    worn: tuple[Worn, ...] = ()
    formula: str = ""  # sum(x, 1) as text, whatever the node is called


@dataclass(frozen=True, slots=True)
class TakenNode:
    """The rows of a table that ids name; turned, its columns, as the transpose of that."""

    path: str
    name: str
    ids: "Node"
    table: "Node"
    turned: bool = False
    worn: tuple[Worn, ...] = ()
    formula: str = ""  # embed(ids, E) as text, whatever the node is called


Result = ProductNode | ElementwiseNode | JoinNode | CutNode | ReducedNode | TakenNode
"""What is computed of other matrices."""
Node = LeafNode | Result


@dataclass(frozen=True, slots=True)
class BesideNode:
    """Several roots side by side. It has no matrix of its own: it is no node, and no walk comes to it."""

    parts: tuple[Node, ...]


Tree = Node | BesideNode
"""All that a scene shows: its root, or several side by side."""


def roots(tree: Tree) -> tuple[Node, ...]:
    """The root of a tree, or all that stand side by side, from left to right."""
    return tree.parts if isinstance(tree, BesideNode) else (tree,)


def root_of(tree: Tree) -> Node:
    """The root of a tree that has no other one beside it."""
    (root,) = roots(tree)
    return root


def walk(tree: Tree) -> Iterator[Node]:
    """Every node of a tree, each once, one root after the other.

    Arguments come before what is made of them and a matrix before what shows it again; otherwise left before right.
    """
    targets: dict[str, Node] = {}  # looked for when the first reference is met: most trees have none
    begun: set[str] = set()
    waiting: list[tuple[Node, bool]] = [(root, False) for root in reversed(roots(tree))]
    while waiting:
        current, done = waiting.pop()
        if done:
            yield current
            continue
        if current.path in begun:
            continue
        begun.add(current.path)
        if not isinstance(current, LeafNode):
            waiting += [(current, True), *((below, False) for below in reversed(arguments(current)))]
        elif current.target is None:
            yield current
        else:
            targets = targets or {below.path: below for below in _below(tree)}
            waiting.append((current, True))
            if current.target in targets:
                waiting.append((targets[current.target], False))


def arguments(node: Node) -> tuple[Node, ...]:
    """The arguments or terms of a node, in order; a plain matrix and a reference have none."""
    match node:
        case LeafNode():
            return ()
        case ProductNode() | ElementwiseNode():
            return node.left, node.right
        case JoinNode():
            return node.parts
        case CutNode() | ReducedNode():
            return (node.whole,)
        case TakenNode():
            return (node.table, node.ids) if node.turned else (node.ids, node.table)


def with_arguments(node: Node, others: Sequence[Node]) -> Node:
    """The same of other arguments, as many as `arguments` gives."""
    match node:
        case LeafNode():
            return node
        case ProductNode() | ElementwiseNode():
            return replace(node, left=others[0], right=others[1])
        case JoinNode():
            return replace(node, parts=tuple(others))
        case CutNode() | ReducedNode():
            return replace(node, whole=others[0])
        case TakenNode():
            ids, table = others[::-1] if node.turned else others
            return replace(node, ids=ids, table=table)


def kind_of(node: Node) -> object:
    """What is done at a node, but for the functions that it wears: equal for two that are made in the same way."""
    match node:
        case ElementwiseNode(sign=sign):
            return sign
        case JoinNode(along=along):
            return along
        case CutNode(rows=rows, columns=columns):
            return "cut", rows, columns
        case ReducedNode(function=function, axis=axis):
            return function, axis
        case TakenNode(turned=turned):
            return TAKING, turned
        case LeafNode() | ProductNode():
            return type(node)


def shown_again(node: Node) -> str | None:
    """The path of the node that a reference shows again; None of what is no reference."""
    match node:
        case LeafNode():
            return node.target
        case ProductNode() | ElementwiseNode() | JoinNode() | CutNode() | ReducedNode() | TakenNode():
            return None


def tensor_of(node: Node) -> str | None:
    """The tensor that a plain matrix shows; None of what is computed, and of references."""
    match node:
        case LeafNode():
            return node.tensor if node.target is None else None
        case ProductNode() | ElementwiseNode() | JoinNode() | CutNode() | ReducedNode() | TakenNode():
            return None


def computed(node: Node) -> TypeGuard[Result]:
    """True for what is computed of other matrices."""
    return bool(arguments(node))


def takes_over(node: Node) -> bool:
    """True for what shows elements of its arguments at other places: they are the same numbers."""
    return isinstance(node, JoinNode | CutNode | TakenNode)


def reduces(node: Node) -> bool:
    """True for what has one number for a whole row or column."""
    return isinstance(node, ReducedNode)


def plain(root: Tree) -> Iterator[LeafNode]:
    """The plain matrices of a tree, each at every place where it stands, as `walk` comes to them."""
    return (node for node in walk(root) if isinstance(node, LeafNode) and node.target is None)


def references(root: Tree) -> Iterator[tuple[LeafNode, str]]:
    """The references of a tree, each with the path of the node that it shows again."""
    return ((node, node.target) for node in walk(root) if isinstance(node, LeafNode) and node.target is not None)


def products(root: Tree) -> Iterator[ProductNode]:
    """The products of a tree, as `walk` comes to them."""
    return (node for node in walk(root) if isinstance(node, ProductNode))


def stepped(root: Tree) -> Iterator[ProductNode | TakenNode]:
    """What takes steps of its own in a tree, as `walk` comes to it: products, and rows taken of tables."""
    return (node for node in walk(root) if isinstance(node, ProductNode | TakenNode))


def elementwise(root: Tree) -> Iterator[ElementwiseNode]:
    """The sums, differences and elementwise products of a tree, as `walk` comes to them."""
    return (node for node in walk(root) if isinstance(node, ElementwiseNode))


def joins(root: Tree) -> Iterator[JoinNode]:
    """The joins of a tree, as `walk` comes to them."""
    return (node for node in walk(root) if isinstance(node, JoinNode))


def cuts(root: Tree) -> Iterator[CutNode]:
    """The slices of a tree, as `walk` comes to them."""
    return (node for node in walk(root) if isinstance(node, CutNode))


def takings(root: Tree) -> Iterator[TakenNode]:
    """What is taken of tables in a tree, as `walk` comes to it."""
    return (node for node in walk(root) if isinstance(node, TakenNode))


def results(root: Tree) -> Iterator[Result]:
    """What is computed in a tree, as `walk` comes to it."""
    return (node for node in walk(root) if computed(node))


def pattern_of(node: Node) -> ProductNode | None:
    """The product whose softmax is the left argument of a product: the attention weights of softmax(Q @ K.T) @ V."""
    match node:
        case ProductNode(left=ProductNode(worn=(*_, Worn() as last)) as left) if not last.turned:
            return left if last.function in PATTERNS else None
        case _:
            return None


def tensors(root: Tree) -> set[str]:
    """The names of all tensors that a tree is made of: its matrices and the vectors of its functions."""
    return {node.tensor for node in plain(root)} | {
        vector for node in walk(root) for worn in node.worn for vector in worn.vectors
    }


def twins(root: Tree) -> dict[str, tuple[str, bool]]:
    """The references that show just what another matrix shows: path -> path of that matrix, and whether turned.

    A reference that wears a function, or that shows its target without one, is no twin; nor is the matrix found here
    a twin of yet another one.
    """
    worn = {node.path: len(node.worn) for node in walk(root)}
    found: dict[str, tuple[str, bool]] = {}
    for node, target in references(root):
        if not node.worn and node.depth == worn[target]:
            path, turned = found.get(target, (target, False))
            found[node.path] = (path, turned != node.transposed)
    return found


def child(path: str, side: str) -> str:
    """The path of an argument; that of "left" on the "right" side is "left.right"."""
    return f"{path}.{side}" if path else side


def beside_path(number: int) -> str:
    """The path of one of several roots."""
    return f"root{number}"


def find(root: Tree, key: str) -> Node | None:
    """The node with this path, or else the first one with this name: the matrix itself before references to it."""
    nodes = list(walk(root))
    return next((n for n in nodes if n.path == key), None) or next((n for n in nodes if n.name == key), None)


def _below(tree: Tree) -> list[Node]:
    """Every node of a tree, in some order."""
    found: list[Node] = []
    waiting = list(roots(tree))
    while waiting:
        found.append(waiting.pop())
        waiting += arguments(found[-1])
    return found
