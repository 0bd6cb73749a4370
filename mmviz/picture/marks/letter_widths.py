"""How long a text is, as far as one can tell without its font: Chinese letters are wide, accents take no room."""

from unicodedata import category, east_asian_width

ADVANCE = 0.86
"""Mean width of a letter as a share of a capital's height."""
WIDE = 1.4
"""The same of Chinese, Japanese and Korean ones."""
NO_ROOM = frozenset(("Mn", "Me", "Cf"))
"""Kinds of characters that stand over, under or between others."""


def length_of(text: str) -> float:
    """The length of a line, in heights of a capital letter; at least that of one letter."""
    if text.isascii():
        return ADVANCE * max(len(text), 1)
    return max(ADVANCE, sum(map(_width, text)))


def _width(letter: str) -> float:
    if category(letter) in NO_ROOM:
        return 0.0
    return WIDE if east_asian_width(letter) in ("W", "F") else ADVANCE
