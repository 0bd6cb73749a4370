"""Names and numbers as an expression writes them; which names there can be; knows no tree."""

import math
import re

from mmviz.errors import ExpressionError

MAX_NAME = 100
"""Longest name of a matrix, in characters."""

_PLAIN_NAME = re.compile(r"[^\W\d]\w*")


def scaled_text(sign: str, factor: float, argument: str) -> str:
    """How a matrix times a number is written by a sign, its argument being text already."""
    if sign == "-" and factor == -1:
        return f"-{argument}"
    divisor = 1 / factor if sign == "/" and abs(factor) > 1e-300 else math.inf
    return f"{argument} / {write_number(divisor)}" if 1 / divisor == factor else f"{write_number(factor)} * {argument}"


def write_name(name: str) -> str:
    """A name as the grammar reads it: quoted where it is not a plain word."""
    return name if _PLAIN_NAME.fullmatch(name) else f"'{name}'"


def check_name(name: object) -> None:
    """Refuse what can be no name of a matrix.

    Raises:
        ExpressionError: it is none.
    """
    if not isinstance(name, str):
        raise ExpressionError(f"a matrix name must be text, got {name!r}.")
    if not (0 < len(name) <= MAX_NAME and name.isprintable() and name == name.strip() and "'" not in name):
        raise ExpressionError(
            f"a matrix name has 1 to {MAX_NAME} printable characters, no quote (') and no space at its ends, "
            f"got {name[:40]!r}{'...' if len(name) > 40 else ''}."
        )


def write_number(value: float) -> str:
    """The shortest text that is read as exactly this number."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
