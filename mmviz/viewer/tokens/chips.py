"""Tokens as chips on one or two lines: what stands on each, and where; knows no widget and paints nothing."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from mmviz.picture.marks.token_labels import SIGNS, visible

MOST_LINES = 2
"""Lines of chips; what does not fit into them goes on to the right."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One token."""

    parts: tuple[tuple[str, bool], ...]  # what is written, and whether it only stands for white space
    special: bool  # the tokenizer has put it there


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chip stands."""

    left: float
    line: int


def chips(tokens: Sequence[str], special: Sequence[str]) -> tuple[Chip, ...]:
    """The chips of what a model reads.

    Args:
        tokens: Their texts.
        special: What the tokenizer puts around a text, in order, such as <s>.
    """
    before = 0
    while before < min(len(special), len(tokens)) and tokens[before] == special[before]:
        before += 1
    after = 0
    while after < min(len(special), len(tokens)) - before and tokens[-1 - after] == special[-1 - after]:
        after += 1
    around = {*range(before), *range(len(tokens) - after, len(tokens))}
    return tuple(Chip(_parts(token), number in around) for number, token in enumerate(tokens))


def _parts(token: str) -> tuple[tuple[str, bool], ...]:
    """What is written of a token, cut where signs for white space begin and end."""
    found: list[tuple[str, bool]] = []
    for letter, own in zip(visible(token), token, strict=False):
        sign = letter != own and letter in SIGNS.values()
        if found and found[-1][1] == sign:
            found[-1] = found[-1][0] + letter, sign
        else:
            found.append((letter, sign))
    return tuple(found) or (("∅", True),)


def arranged(
    widths: Sequence[float], room: float, space: float, lines: int = MOST_LINES
) -> tuple[tuple[Place, ...], float]:
    """The places of chips on a few lines, in the order in which one reads.

    Args:
        widths: Of the chips.
        room: How wide a line may be; lines are wider, all alike, where there would be too many.
        space: Between two chips.
        lines: How many there may be.

    Returns:
        Where each stands, and the width of the widest line.
    """
    if not widths:
        return (), 0.0
    longest = sum(widths) + space * len(widths)
    least = max(room, *widths)
    tries = range(int(max(longest - least, 0)) + 2)
    more = bisect_left(tries, True, key=lambda more: _wrapped(widths, least + more, space)[-1].line < lines)
    places = _wrapped(widths, least + more, space)
    return places, max(place.left + width for place, width in zip(places, widths, strict=True))


def _wrapped(widths: Sequence[float], room: float, space: float) -> tuple[Place, ...]:
    places: list[Place] = []
    left, line = 0.0, 0
    for width in widths:
        if left > 0 and left + width > room:
            left, line = 0.0, line + 1
        places.append(Place(left, line))
        left += width + space
    return tuple(places)
