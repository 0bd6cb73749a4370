"""The tree that is laid out, evaluated and animated: transposes pushed to the leaves, functions worn by matrices.

A path names a node from the root: "" the root, "left", "right", "left.right" and so on for every node of two
arguments. A function of one matrix shares its argument's path: the matrix there shows the function's result.
A name that is assigned and then used again is a leaf, a reference: it shows the matrix at another path once more.
Recursion is safe where the tree is built: an expression is at most MAX_DEPTH deep.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeGuard

from mmviz.errors import ExpressionError
from mmviz.scene.language.expression import (
    Call,
    Elementwise,
    Expression,
    Name,
    Named,
    Product,
    Sign,
    Transpose,
    binding,
    children,
    write_name,
)
from mmviz.scene.language.functions import FUNCTIONS, PATTERNS
from mmviz.scene.language.statements import joined


@dataclass(frozen=True, slots=True)
class Worn:
    """A function that a matrix wears."""

    function: str
    parameters: tuple[float, ...] = ()
    turned: bool = False  # the matrix is drawn transposed: rows of the function's argument run along its columns
    vectors: tuple[str, ...] = ()  # tensors of one row, such as the weight of a norm


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


Result = ProductNode | ElementwiseNode
"""What is computed of other matrices."""
Node = LeafNode | Result


def build(expression: Expression) -> Node:
    """The tree of an expression.

    Raises:
        ExpressionError: a name is assigned twice, is used before or within its assignment, or is assigned and used as
            a vector; or a function needs a product.
    """
    whole = joined(expression)
    return _Builder(whole).node(whole, path="", transposed=False)


def walk(node: Node) -> Iterator[Node]:
    """Every node below and including `node`, each once.

    Arguments come before what is made of them and a matrix before what shows it again; otherwise left before right.
    """
    targets: dict[str, Node] = {}  # looked for when the first reference is met: most trees have none
    begun: set[str] = set()
    waiting: list[tuple[Node, bool]] = [(node, False)]
    while waiting:
        current, done = waiting.pop()
        if done:
            yield current
            continue
        if current.path in begun:
            continue
        begun.add(current.path)
        if not isinstance(current, LeafNode):
            waiting += [(current, True), (current.right, False), (current.left, False)]
        elif current.target is None:
            yield current
        else:
            targets = targets or {below.path: below for below in _below(node)}
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


def shown_again(node: Node) -> str | None:
    """The path of the node that a reference shows again; None of what is no reference."""
    match node:
        case LeafNode():
            return node.target
        case ProductNode() | ElementwiseNode():
            return None


def tensor_of(node: Node) -> str | None:
    """The tensor that a plain matrix shows; None of what is computed, and of references."""
    match node:
        case LeafNode():
            return node.tensor if node.target is None else None
        case ProductNode() | ElementwiseNode():
            return None


def computed(node: Node) -> TypeGuard[Result]:
    """True for what is computed of other matrices."""
    return bool(arguments(node))


def plain(root: Node) -> Iterator[LeafNode]:
    """The plain matrices of a tree, each at every place where it stands, as `walk` comes to them."""
    return (node for node in walk(root) if isinstance(node, LeafNode) and node.target is None)


def references(root: Node) -> Iterator[tuple[LeafNode, str]]:
    """The references of a tree, each with the path of the node that it shows again."""
    return ((node, node.target) for node in walk(root) if isinstance(node, LeafNode) and node.target is not None)


def products(root: Node) -> Iterator[ProductNode]:
    """The products of a tree, as `walk` comes to them."""
    return (node for node in walk(root) if isinstance(node, ProductNode))


def elementwise(root: Node) -> Iterator[ElementwiseNode]:
    """The sums, differences and elementwise products of a tree, as `walk` comes to them."""
    return (node for node in walk(root) if isinstance(node, ElementwiseNode))


def results(root: Node) -> Iterator[Result]:
    """What is computed in a tree, as `walk` comes to it."""
    return (node for node in walk(root) if computed(node))


def pattern_of(node: Node) -> ProductNode | None:
    """The product whose softmax is the left argument of a product: the attention weights of softmax(Q @ K.T) @ V."""
    match node:
        case ProductNode(left=ProductNode(worn=(*_, Worn() as last)) as left) if not last.turned:
            return left if last.function in PATTERNS else None
        case _:
            return None


def tensors(root: Node) -> set[str]:
    """The names of all tensors that a tree is made of: its matrices and the vectors of its functions."""
    return {node.tensor for node in plain(root)} | {
        vector for node in walk(root) for worn in node.worn for vector in worn.vectors
    }


def twins(root: Node) -> dict[str, tuple[str, bool]]:
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


def find(root: Node, key: str) -> Node | None:
    """The node with this path, or else the first one with this name: the matrix itself before references to it."""
    nodes = list(walk(root))
    return next((n for n in nodes if n.path == key), None) or next((n for n in nodes if n.name == key), None)


def _below(node: Node) -> list[Node]:
    """Every node below and including `node`, in some order."""
    found: list[Node] = []
    waiting = [node]
    while waiting:
        found.append(waiting.pop())
        waiting += arguments(found[-1])
    return found


class _Builder:
    """Builds one tree, in the order in which the expression is read: a name is known once its assignment is read."""

    def __init__(self, expression: Expression) -> None:
        self.assigned = _assigned(expression)  # anywhere in the expression
        self.known: dict[str, tuple[Node, bool]] = {}  # name -> what was assigned to it so far, and if transposed there
        self.within: list[str] = []  # names whose assignments are being read
        self.with_inner: set[str] = set()  # paths of what has an inner size k: products and references to them

    def node(self, expression: Expression, path: str, transposed: bool) -> Node:
        name = _label(expression, transposed)
        match expression:
            case Name(tensor):
                return self.matrix(tensor, path, transposed)
            case Named(given, argument):
                self.within.append(given)
                node = replace(self.node(argument, path, transposed), name=name)
                self.within.pop()
                self.known[given] = node, transposed
                return node
            case Transpose(argument):
                return self.node(argument, path, not transposed)
            case Call(function, argument, parameters, vectors):
                node = self.node(argument, path, transposed)
                self.check_call(expression, path)
                worn = Worn(function, parameters, transposed, tuple(vector.name for vector in vectors))
                return replace(node, name=name, worn=(*node.worn, worn))
            case Product(left, right):
                self.with_inner.add(path)
                a, b = self.arguments(left, right, path, transposed, swapped=transposed)
                return ProductNode(path, name, a, b, formula=name)
            case Elementwise(left, right, sign):
                a, b = self.arguments(left, right, path, transposed, swapped=False)
                return ElementwiseNode(path, name, a, b, sign, formula=name)
            case _:
                raise TypeError(f"not an expression: {expression!r}")

    def arguments(
        self, first: Expression, second: Expression, path: str, transposed: bool, *, swapped: bool
    ) -> tuple[Node, Node]:
        """The left and the right node of two expressions, which are read in their own order."""
        sides = ("right", "left") if swapped else ("left", "right")
        a, b = (
            self.node(argument, child(path, side), transposed)
            for argument, side in zip((first, second), sides, strict=True)
        )
        return (b, a) if swapped else (a, b)

    def matrix(self, name: str, path: str, transposed: bool) -> LeafNode:
        """A tensor, or a matrix that was assigned before."""
        label = _label(Name(name), transposed)
        if name not in self.assigned:
            return LeafNode(path, label, name, transposed)
        if name not in self.known:
            found = "within its own assignment" if name in self.within else "before it is assigned"
            raise ExpressionError(
                f"{write_name(name)} is used {found}; an assigned matrix can be used only further on, "
                "as in (x = A @ B) @ x."
            )
        target, turned = self.known[name]
        if target.path in self.with_inner:
            self.with_inner.add(path)
        return LeafNode(path, label, "", transposed != turned, (), target.path, len(target.worn))

    def check_call(self, call: Call, path: str) -> None:
        """Refuse a function of what has no inner size, and vectors that are no tensors."""
        spec = FUNCTIONS[call.function]
        needs_product = spec.of_product or (call.function == "scale" and not call.parameters)
        if needs_product and path not in self.with_inner:
            argument = _label(call.argument, False)
            remedy = "; give a factor: scale(x, 0.125)" if call.function == "scale" else ""
            raise ExpressionError(
                f"{call.function}({argument}): {argument} is no product, so it has no inner size k to scale by{remedy}."
            )
        for role, vector in zip(spec.vectors, call.vectors, strict=False):
            if vector.name in self.assigned:
                raise ExpressionError(
                    f"{call.function}, {role}: {write_name(vector.name)} is assigned in the expression; "
                    "a vector must be a tensor with a source of its own."
                )


def _label(expression: Expression, transposed: bool) -> str:
    """What a matrix is called: its name, or else how it is made, its transposes pushed to the leaves."""
    match expression:
        case Name(name) | Named(name, _):
            return f"{name}.T" if transposed else name
        case Transpose(argument):
            return _label(argument, not transposed)
        case Call(function, argument):
            return f"{function}({_label(argument, False)}){'.T' if transposed else ''}"
        case Product(left, right):
            first, second = (right, left) if transposed else (left, right)
            return f"{_operand(first, transposed, 2)} @ {_operand(second, transposed, 3)}"
        case Elementwise(left, right, sign):
            level = binding(expression)
            return f"{_operand(left, transposed, level)} {sign} {_operand(right, transposed, level + 1)}"
        case _:
            raise TypeError(f"not an expression: {expression!r}")


def _operand(expression: Expression, transposed: bool, level: int) -> str:
    """The label of an operand, in parentheses where it holds together less tightly than `level`."""
    label = _label(expression, transposed)
    while isinstance(expression, Transpose):
        expression = expression.argument
    return label if isinstance(expression, Named) or binding(expression) >= level else f"({label})"


def _assigned(expression: Expression) -> set[str]:
    """The names that are assigned in an expression."""
    assigned: set[str] = set()
    stack = [expression]
    while stack:
        part = stack.pop()
        if isinstance(part, Named):
            if part.name in assigned:
                raise ExpressionError(f"{write_name(part.name)} is assigned twice; every name stands for one matrix.")
            assigned.add(part.name)
        stack += children(part)
    return assigned
