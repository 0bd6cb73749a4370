"""How the tree is built of an expression as it is written: names, transposes and functions come to their nodes.

Recursion is safe here: an expression is at most MAX_DEPTH deep.
"""

from dataclasses import replace

from mmviz.errors import ExpressionError
from mmviz.scene.language.expression import (
    JOINING,
    TAKING,
    Along,
    Beside,
    Call,
    Cut,
    Elementwise,
    Expression,
    Join,
    Name,
    Named,
    Product,
    Reduced,
    Taken,
    Transpose,
    binding,
    children,
    write_spans,
)
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.plain_words import scaled_text, write_name
from mmviz.scene.language.statements import joined
from mmviz.scene.language.tree import (
    BesideNode,
    CutNode,
    ElementwiseNode,
    JoinNode,
    LeafNode,
    Node,
    ProductNode,
    ReducedNode,
    TakenNode,
    Tree,
    Worn,
    beside_path,
    child,
)

TURNED_ALONG: dict[Along, Along] = {"rows": "columns", "columns": "rows"}
"""The axis on which the transposes of parts are joined in the transpose."""


def build(expression: Expression) -> Tree:
    """The tree of an expression.

    Raises:
        ExpressionError: a name is assigned twice, is used before or within its assignment, or is assigned and used as
            a vector; or a function needs a product.
    """
    whole = joined(expression)
    builder = _Builder(whole)
    if isinstance(whole, Beside):
        return BesideNode(tuple(builder.node(part, beside_path(n), False) for n, part in enumerate(whole.parts)))
    return builder.node(whole, path="", transposed=False)


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
            case Call(function, argument, parameters, vectors, axis):
                node = self.node(argument, path, transposed)
                self.check_call(expression, path)
                axis = 0 if FUNCTIONS[function].along == "columns" else axis
                turned = transposed != (axis == 0)
                worn = Worn(function, parameters, turned, tuple(vector.name for vector in vectors), axis)
                return replace(node, name=name, worn=(*node.worn, worn))
            case _:
                return self.result(expression, name, path, transposed)

    def result(self, expression: Expression, name: str, path: str, transposed: bool) -> Node:
        """What is computed of other matrices."""
        match expression:
            case Product(left, right):
                self.with_inner.add(path)
                a, b = self.arguments(left, right, path, transposed, swapped=transposed)
                return ProductNode(path, name, a, b, formula=name)
            case Elementwise(left, right, sign):
                a, b = self.arguments(left, right, path, transposed, swapped=False)
                return ElementwiseNode(path, name, a, b, sign, formula=name)
            case Join(parts, along):
                along = TURNED_ALONG[along] if transposed else along
                joined = (self.node(part, child(path, f"part{n}"), transposed) for n, part in enumerate(parts))
                return JoinNode(path, name, tuple(joined), along, formula=name)
            case _:
                return self.selection(expression, name, path, transposed)

    def selection(self, expression: Expression, name: str, path: str, transposed: bool) -> Node:
        """What is some of the elements of another matrix, or one number for some of them."""
        match expression:
            case Cut(argument, rows, columns):
                rows, columns = (columns, rows) if transposed else (rows, columns)
                whole = self.node(argument, child(path, "whole"), transposed)
                return CutNode(path, name, whole, rows, columns, formula=name)
            case Reduced(function, argument, axis):
                axis = 1 - axis if transposed else axis
                whole = self.node(argument, child(path, "whole"), transposed)
                return ReducedNode(path, name, whole, function, axis, formula=name)
            case Taken(ids, table):
                named = self.node(ids, child(path, "ids"), transposed)
                from_table = self.node(table, child(path, "table"), transposed)
                return TakenNode(path, name, named, from_table, transposed, formula=name)
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


def _label(expression: Expression, transposed: bool) -> str:  # noqa: PLR0911  (a case for each kind)
    """What a matrix is called: its name, or else how it is made, its transposes pushed to the leaves."""
    match expression:
        case Name(name) | Named(name, _):
            return f"{name}.T" if transposed else name
        case Transpose(argument):
            return _label(argument, not transposed)
        case Call():
            return _called(expression, transposed)
        case Product(left, right):
            first, second = (right, left) if transposed else (left, right)
            return f"{_operand(first, transposed, 2)} @ {_operand(second, transposed, 3)}"
        case Elementwise(left, right, sign):
            level = binding(expression)
            return f"{_operand(left, transposed, level)} {sign} {_operand(right, transposed, level + 1)}"
        case Join(parts, along):
            along = TURNED_ALONG[along] if transposed else along
            return f"{JOINING[along]}({', '.join(_label(part, transposed) for part in parts)})"
        case _:
            return _selection_label(expression, transposed)


def _selection_label(expression: Expression, transposed: bool) -> str:
    match expression:
        case Cut(argument, rows, columns):
            spans = (columns, rows) if transposed else (rows, columns)
            return f"{_operand(argument, transposed, 3)}[{write_spans(*spans)}]"
        case Reduced(function, argument, axis):
            return f"{function}({_label(argument, transposed)}, {1 - axis if transposed else axis})"
        case Taken(ids, table):
            return f"{TAKING}({_label(ids, False)}, {_label(table, False)}){'.T' if transposed else ''}"
        case _:
            raise TypeError(f"not an expression: {expression!r}")


def _called(call: Call, transposed: bool) -> str:
    if call.sign and len(call.parameters) == 1:
        level = 2 if call.sign == "/" else 3
        return scaled_text(call.sign, call.parameters[0], _operand(call.argument, transposed, level))
    return f"{call.function}({_label(call.argument, False)}){'.T' if transposed else ''}"


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
