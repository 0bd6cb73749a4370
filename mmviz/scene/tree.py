"""The tree that is laid out, evaluated and animated: transposes pushed to the leaves, functions worn by matrices.

A path names a node from the root: "" the root, "left", "right", "left.right" and so on for every node of two
arguments. A function of one matrix shares its argument's path: the matrix there shows the function's result.
Recursion is safe here: an expression is at most MAX_DEPTH deep.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mmviz.errors import ExpressionError
from mmviz.scene.expression import (
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
from mmviz.scene.functions import FUNCTIONS


@dataclass(frozen=True, slots=True)
class Worn:
    """A function that a matrix wears."""

    function: str
    parameters: tuple[float, ...] = ()
    turned: bool = False  # the matrix is drawn transposed: rows of the function's argument run along its columns
    vectors: tuple[str, ...] = ()  # tensors of one row, such as the weight of a norm


@dataclass(frozen=True, slots=True)
class LeafNode:
    """A plain matrix: the tensor of that name, or its transpose."""

    path: str
    name: str
    tensor: str
    transposed: bool = False
    worn: tuple[Worn, ...] = ()  # innermost first


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


Node = LeafNode | ProductNode | ElementwiseNode


def build(expression: Expression) -> Node:
    """The tree of an expression.

    Raises:
        ExpressionError: a name is assigned twice, or assigned and used as a matrix; a function needs a product.
    """
    _check_names(expression)
    return _build(expression, path="", transposed=False)


def walk(node: Node) -> Iterator[Node]:
    """Every node below and including `node`: arguments before what is made of them, left before right."""
    if not isinstance(node, LeafNode):
        yield from walk(node.left)
        yield from walk(node.right)
    yield node


def tensors(root: Node) -> set[str]:
    """The names of all tensors that a tree is made of: its matrices and the vectors of its functions."""
    matrices = {node.tensor for node in walk(root) if isinstance(node, LeafNode)}
    return matrices | {vector for node in walk(root) for worn in node.worn for vector in worn.vectors}


def child(path: str, side: str) -> str:
    """The path of an argument; that of "left" on the "right" side is "left.right"."""
    return f"{path}.{side}" if path else side


def find(root: Node, key: str) -> Node | None:
    """The node with this path, or else the first one with this name."""
    nodes = list(walk(root))
    return next((n for n in nodes if n.path == key), None) or next((n for n in nodes if n.name == key), None)


def _build(expression: Expression, path: str, transposed: bool) -> Node:
    name = _label(expression, transposed)
    match expression:
        case Name(tensor):
            return LeafNode(path, name, tensor, transposed)
        case Named(_, argument):
            return replace(_build(argument, path, transposed), name=name)
        case Transpose(argument):
            return _build(argument, path, not transposed)
        case Call(function, argument, parameters, vectors):
            node = _build(argument, path, transposed)
            _check_call(expression, node)
            worn = Worn(function, parameters, transposed, tuple(vector.name for vector in vectors))
            return replace(node, name=name, worn=(*node.worn, worn))
        case Product(left, right):
            first, second = (right, left) if transposed else (left, right)
            a = _build(first, child(path, "left"), transposed)
            b = _build(second, child(path, "right"), transposed)
            return ProductNode(path, name, a, b, formula=name)
        case Elementwise(left, right, sign):
            a = _build(left, child(path, "left"), transposed)
            b = _build(right, child(path, "right"), transposed)
            return ElementwiseNode(path, name, a, b, sign, formula=name)
        case _:
            raise TypeError(f"not an expression: {expression!r}")


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


def _check_call(call: Call, node: Node) -> None:
    needs_product = FUNCTIONS[call.function].of_product or (call.function == "scale" and not call.parameters)
    if needs_product and not isinstance(node, ProductNode):
        argument = _label(call.argument, False)
        remedy = "; give a factor: scale(x, 0.125)" if call.function == "scale" else ""
        raise ExpressionError(
            f"{call.function}({argument}): {argument} is no product, so it has no inner size k to scale by{remedy}."
        )


def _check_names(expression: Expression) -> None:
    assigned: set[str] = set()
    used: set[str] = set()
    stack = [expression]
    while stack:
        match stack.pop():
            case Name(name):
                used.add(name)
            case Named(name, argument):
                if name in assigned:
                    raise ExpressionError(f"{write_name(name)} is assigned twice; every name stands for one matrix.")
                assigned.add(name)
                stack.append(argument)
            case expression:
                stack += children(expression)
    if both := sorted(assigned & used):
        raise ExpressionError(f"{write_name(both[0])} is both assigned and used as a matrix; use two different names.")
