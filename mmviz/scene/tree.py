"""The tree that is laid out, evaluated and animated: transposes pushed to the leaves, functions worn by matrices.

A path names a node from the root: "" the root, "left", "right", "left.right" and so on for every node of two
arguments. A function of one matrix shares its argument's path: the matrix there shows the function's result.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mmviz.errors import ExpressionError
from mmviz.scene.expression import Call, Expression, Name, Named, Product, Sum, Transpose, check_depth
from mmviz.scene.functions import FUNCTIONS
from mmviz.scene.grammar import write_name


@dataclass(frozen=True, slots=True)
class Worn:
    """A function that a matrix wears."""

    function: str
    parameters: tuple[float, ...] = ()
    turned: bool = (
        False  # the matrix is drawn transposed: rows of the function's argument run along its columns
    )


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


@dataclass(frozen=True, slots=True)
class SumNode:
    """left + right or left - right, all of one shape."""

    path: str
    name: str
    left: "Node"
    right: "Node"
    sign: str
    worn: tuple[Worn, ...] = ()


Node = LeafNode | ProductNode | SumNode


def build(expression: Expression) -> Node:
    """The tree of an expression.

    Raises:
        ExpressionError: a name is assigned twice, or assigned and used as a matrix; a function needs a product.
    """
    check_depth(expression)
    _check_names(expression)
    return _build(expression, path="", transposed=False)


def walk(node: Node) -> Iterator[Node]:
    """Every node below and including `node`: arguments before what is made of them, left before right."""
    if not isinstance(node, LeafNode):
        yield from walk(node.left)
        yield from walk(node.right)
    yield node


def child(path: str, side: str) -> str:
    """The path of an argument: child("left", "right") is "left.right"."""
    return f"{path}.{side}" if path else side


def find(root: Node, key: str) -> Node | None:
    """The node with this path, or else the first one with this name."""
    nodes = list(walk(root))
    return next((n for n in nodes if n.path == key), None) or next((n for n in nodes if n.name == key), None)


def _build(expression: Expression, path: str, transposed: bool) -> Node:
    match expression:
        case Name(name):
            return LeafNode(path, _turned(name, transposed), name, transposed)
        case Named(name, argument):
            return replace(_build(argument, path, transposed), name=_turned(name, transposed))
        case Transpose(argument):
            return _build(argument, path, not transposed)
        case Call(function, argument, parameters):
            node = _build(argument, path, transposed)
            _check_call(expression, node)
            name = f"{function}({node.name})"
            return replace(node, name=name, worn=(*node.worn, Worn(function, parameters, transposed)))
        case Product(left, right):
            first, second = (right, left) if transposed else (left, right)
            a = _build(first, child(path, "left"), transposed)
            b = _build(second, child(path, "right"), transposed)
            return ProductNode(path, f"{a.name} @ {_operand(b.name)}", a, b)
        case Sum(left, right, sign):
            a = _build(left, child(path, "left"), transposed)
            b = _build(right, child(path, "right"), transposed)
            return SumNode(path, f"{a.name} {sign} {_operand(b.name)}", a, b, sign)
        case _:
            raise TypeError(f"not an expression: {expression!r}")


def _turned(name: str, transposed: bool) -> str:
    return f"{name}.T" if transposed else name


def _operand(name: str) -> str:
    return f"({name})" if " " in name and not name.endswith(")") else name


def _check_call(call: Call, node: Node) -> None:
    needs_product = FUNCTIONS[call.function].of_product or (call.function == "scale" and not call.parameters)
    if needs_product and not isinstance(node, ProductNode):
        remedy = "; give a factor: scale(x, 0.125)" if call.function == "scale" else ""
        raise ExpressionError(
            f"{call.function}({node.name}): {node.name} is no product, so it has no inner size k to scale by{remedy}."
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
                    raise ExpressionError(
                        f"{write_name(name)} is assigned twice; every name stands for one matrix."
                    )
                assigned.add(name)
                stack.append(argument)
            case Product(left, right) | Sum(left, right):
                stack += [left, right]
            case Transpose(argument) | Call(_, argument):
                stack.append(argument)
    if both := sorted(assigned & used):
        raise ExpressionError(
            f"{write_name(both[0])} is both assigned and used as a matrix; use two different names."
        )
