"""In which order the characters of a line are seen: Hebrew and Arabic from the right; knows no font.

Source: Unicode Standard Annex 9, as the library python-bidi does it.
"""

from dataclasses import dataclass
from itertools import pairwise
from unicodedata import bidirectional

from bidi import get_display

RIGHT_TO_LEFT = frozenset(("R", "AL", "AN", "RLE", "RLO", "RLI"))
"""Kinds of characters without which a line is read from left to right, by their names in Unicode."""
FIRST, SECOND = range(0xE0020, 0xE0040), range(0xE0040, 0xE0080)
"""Invisible characters that change no direction: the library moves them along with what they follow."""
MARKS = range(FIRST.start, SECOND.stop)
END = "\N{OBJECT REPLACEMENT CHARACTER}"
"""What ends a line without a direction: marks at its very end would have that of the paragraph."""
LONGEST = len(FIRST) * len(SECOND)
"""Characters that can be told apart by two of them; longer lines are put in order piece by piece."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One character, in the order of a line as it is seen."""

    index: int  # in the text
    leftward: bool  # it is read from right to left


def leftward_base(text: str) -> bool:
    """Whether a paragraph as a whole goes from right to left: its first letter of a certain direction says so."""
    return next((kind != "L" for kind in map(bidirectional, text) if kind in ("L", "R", "AL")), False)


def seen_order(text: str, *, leftward: bool | None = None) -> tuple[Seen, ...]:
    """Every character of a line from left to right.

    Args:
        text: The line.
        leftward: Whether the paragraph goes from right to left; by default its first letter decides.
    """
    leftward = leftward_base(text) if leftward is None else leftward
    if not leftward and not any(bidirectional(letter) in RIGHT_TO_LEFT for letter in text):
        return tuple(Seen(index, leftward=False) for index in range(len(text)))
    pieces = [_seen(text[start : start + LONGEST], start, leftward) for start in range(0, len(text), LONGEST)]
    return tuple(one for piece in (reversed(pieces) if leftward else pieces) for one in piece)


def _seen(text: str, start: int, leftward: bool) -> list[Seen]:
    """A piece of a line: each character is followed by two marks of its number, in turned order where it is turned."""
    marks = (chr(FIRST[at // len(SECOND)]) + chr(SECOND[at % len(SECOND)]) for at in range(len(text)))
    clean = ("\N{REPLACEMENT CHARACTER}" if ord(letter) in MARKS else letter for letter in text)
    marked = "".join(letter + mark for letter, mark in zip(clean, marks, strict=True))
    shown = [ord(letter) for letter in get_display(marked + END, base_dir="R" if leftward else "L")]
    found = []
    for one, other in pairwise(shown):
        if one in FIRST and other in SECOND:
            found.append(Seen(start + FIRST.index(one) * len(SECOND) + SECOND.index(other), leftward=False))
        elif one in SECOND and other in FIRST:
            found.append(Seen(start + FIRST.index(other) * len(SECOND) + SECOND.index(one), leftward=True))
    return found
