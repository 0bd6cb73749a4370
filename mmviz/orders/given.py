"""What Python hands over for an order: taken if it is of the right kind, else refused by its name; draws nothing.

Whole numbers and numbers may be of numpy. How large they may be is checked where that is known.
"""

from collections.abc import Collection
from numbers import Integral, Real
from typing import Any, NoReturn

from mmviz.errors import OutputError
from mmviz.scene.keys.problems import found


def whole(name: str, value: Any, also: str = "") -> int:
    """A whole number, also one of numpy, or a float that is whole.

    Args:
        name: Of the argument, for the message.
        value: What was given for it.
        also: What else is taken there, for the message.

    Raises:
        OutputError: it is none.
    """
    if not _is_number(value) or not float(value).is_integer():
        _refuse(name, f"a whole number{also}", value)
    return int(value)


def number(name: str, value: Any) -> float:
    """A number, also one of numpy.

    Raises:
        OutputError: it is none.
    """
    if not _is_number(value):
        _refuse(name, "a number", value)
    return int(value) if isinstance(value, Integral) else float(value)


def one_of(name: str, known: Collection[str], value: Any) -> None:
    """Refuse what is none of some words.

    Raises:
        OutputError: as said.
    """
    if not (isinstance(value, str) and value in known):
        *others, last = known
        _refuse(name, f"{', '.join(others)} or {last}", value)


def of_kind(name: str, kind: type, needed: str, value: Any) -> None:
    """Refuse what is of another class.

    Args:
        name: Of the argument, for the message.
        kind: The class that is needed.
        needed: What that is, in words.
        value: What was given for it.

    Raises:
        OutputError: as said.
    """
    if not isinstance(value, kind):
        _refuse(name, needed, value)


def steps(name: str, value: Any) -> tuple[float | None, float | None]:
    """A first and a last step, each of which may be None.

    Raises:
        OutputError: it is no pair of numbers.
    """
    pair = value if isinstance(value, tuple | list) and len(value) == 2 else ("", "")
    if not all(step is None or _is_number(step) for step in pair):
        _refuse(name, "a first and a last step, such as (1, 2) or (1, None)", value)
    first, last = (None if step is None else number(name, step) for step in pair)
    return first, last


def _is_number(value: Any) -> bool:
    """Whether it is a number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, Real):  # numpy's true and false are no Real
        return False
    try:
        float(value)
    except OverflowError:
        return False
    return True


def _refuse(name: str, needed: str, value: Any) -> NoReturn:
    raise OutputError(f"{name}: must be {needed}, got {_shown(value)}.")


def _shown(value: Any) -> str:
    return "None" if value is None else found(list(value) if isinstance(value, tuple) else value)
