"""A long expression in few letters: its named parts stand for themselves."""

from dataclasses import replace

from mmviz.scene.language.expression import (
    Expression,
    Name,
    Named,
    beside,
    children,
    rebuilt,
    write,
)
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.statements import joined

STATEMENTS = "\n;"
"""What parts statements."""


def shortened(text: str, longest: int, most: int = 0) -> str:
    """An expression, or as much of it as fits.

    What a name stands for is left out where it would be too much, first of the names that stand farthest inside: of
    nine heads `out = z0 @ wO0 + z1 @ wO1 ...` is left. What is too long even so is cut. Statements are told as the
    one expression that they mean.

    Args:
        text: As it is written in a scene.
        longest: Letters beyond which names stand for themselves.
        most: Letters beyond which it is cut, where that does not help; as many as `longest`, or more.

    Raises:
        ExpressionError: the text is no expression.
    """
    if len(text) <= longest and not any(sign in text for sign in STATEMENTS):
        return text
    whole = joined(parse(text))
    outermost = int(any(isinstance(part, Named) for part in beside(whole)))
    short = write(_without(whole, outermost))
    for told in range(outermost + 1, whole.depth):
        longer = write(_without(whole, told))
        if len(longer) > longest:
            break
        short = longer
    most = max(longest, most)
    return short if len(short) <= most else f"{short[: most - 2].rpartition(' ')[0]} …"


def _without(expression: Expression, told: int) -> Expression:
    """The same with bare names where more than so many names stand around one another."""
    match expression:
        case Named(name):
            return Name(name) if told == 0 else replace(expression, argument=_without(expression.argument, told - 1))
        case _:
            return rebuilt(expression, [_without(argument, told) for argument in children(expression)])
