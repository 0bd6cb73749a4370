"""An expression as Python or a scene file gives it, as its text: a list of statements has one a line."""

from collections.abc import Sequence

from mmviz.errors import ExpressionError
from mmviz.scene.language.expression import Expression, Name, Named, Statements, children, rebuilt, write
from mmviz.scene.language.grammar import parse

Written = str | Expression | Sequence[str | Expression]
"""An expression as Python gives it: a text, a tree, or a list of statements."""


def text_of(written: Written) -> str:
    """The text of an expression as Python or a scene file gives it: a list has a statement a line.

    A part that was named in Python and stands in several places is assigned where it stands first, and shown again
    in the others.

    Raises:
        ExpressionError: a statement of a list cannot be read, or the list is empty.
    """
    if isinstance(written, str):
        return written
    if isinstance(written, Expression):
        return write(_assigned_once(written, {}))
    if not written:
        raise ExpressionError("is an empty list; a statement is needed, for example out = A @ B.")
    known: dict[str, Expression] = {}
    parts: list[Expression] = []
    for number, statement in enumerate(written):
        try:
            part = parse(statement) if isinstance(statement, str) else _assigned_once(statement, known)
        except ExpressionError as error:
            raise ExpressionError(f"statement {number + 1}: {error}") from None
        parts += part.parts if isinstance(part, Statements) else (part,)
    return write(parts[0] if len(parts) == 1 else Statements(tuple(parts)))


def _assigned_once(part: Expression, known: dict[str, Expression]) -> Expression:
    """The part with bare names where what they stand for stood before."""
    if isinstance(part, Named) and known.get(part.name) == part:
        return Name(part.name)
    changed = rebuilt(part, tuple(_assigned_once(argument, known) for argument in children(part)))
    if isinstance(part, Named):
        known.setdefault(part.name, part)
    return changed
