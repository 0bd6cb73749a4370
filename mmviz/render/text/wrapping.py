"""Where a text is broken into lines that fit: between words, or between characters where a writing has no words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mmviz.render.text.scripts import clusters, script_of

Measure = Callable[[str], float]
"""How long a text is as one line."""
WITHOUT_SPACES = frozenset(("Hani", "Hira", "Kana", "Bopo", "Thai", "Laoo", "Khmr", "Mymr"))
"""Writings that leave no space between words: they may be broken after any letter."""
NEVER_FIRST = frozenset("、。，．」』）】〉》！？：；ー,.;:!?)]}”’…·")
"""Signs that belong to what is before them."""
MORE = "…"
"""What ends a text of which there is no room for the rest."""


def wrapped(text: str, width: float, most: int, measure: Measure) -> tuple[str, ...]:
    """A text in as few lines as its width allows, which are about equally long; what is too much is cut off.

    Args:
        text: What is to be broken.
        width: Of the longest line that fits.
        most: Lines there may be, at least 1.
        measure: Says how long a line is.
    """
    if measure(text) <= width:
        return (text,)
    pieces = [
        _Piece(part, measure(part), measure(part.rstrip()))
        for piece in broken(text)
        for part in _fitting(piece, width, measure)
    ]
    lines = _filled(pieces, width)
    if len(lines) > most:
        return (
            *map(_text, lines[: most - 1]),
            _cut(_text([piece for line in lines[most - 1 :] for piece in line]), width, measure),
        )
    return tuple(map(_text, _filled(pieces, _narrowest(pieces, len(lines), width))))


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stays together in one line."""

    text: str  # with the spaces after it
    length: float
    seen: float  # its length without them


def _narrowest(pieces: Sequence[_Piece], count: int, width: float) -> float:
    """About the least width that needs no more lines."""
    low, high = max(piece.seen for piece in pieces), width
    while high - low > 0.01 * width:
        middle = (low + high) / 2
        low, high = (low, middle) if len(_filled(pieces, middle)) <= count else (middle, high)
    return high


def _filled(pieces: Sequence[_Piece], width: float) -> list[list[_Piece]]:
    """Lines that are as long as they can be."""
    lines: list[list[_Piece]] = []
    length = 0.0
    for piece in pieces:
        if not lines or length + piece.seen > width:
            lines.append([])
            length = 0.0
        lines[-1].append(piece)
        length += piece.length
    return lines


def _text(line: Sequence[_Piece]) -> str:
    return "".join(piece.text for piece in line).strip()


def broken(text: str) -> list[str]:
    """What stays together: words with the spaces after them, and characters of writings without words."""
    pieces: list[str] = []
    piece = ""
    for start, end in clusters(text):
        cluster = text[start:end]
        apart = bool(piece) and (
            (piece[-1].isspace() and not cluster.isspace())
            or WITHOUT_SPACES.intersection((script_of(piece[0]), script_of(cluster[0])))
        )
        if apart and cluster[0] not in NEVER_FIRST and not cluster.isspace():
            pieces.append(piece)
            piece = ""
        piece += cluster
    return [*pieces, piece] if piece else pieces


def _fitting(piece: str, width: float, measure: Measure) -> list[str]:
    """A piece that is too long for a line, broken anywhere between its characters."""
    if measure(piece.strip()) <= width:
        return [piece]
    parts = [""]
    for start, end in clusters(piece):
        if parts[-1] and measure(parts[-1] + piece[start:end]) > width:
            parts.append("")
        parts[-1] += piece[start:end]
    return parts


def _cut(text: str, width: float, measure: Measure) -> str:
    """As much of the beginning as fits, and a sign that there is more."""
    if measure(text) <= width:
        return text
    ends = [end for _, end in clusters(text)]
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high + 1) // 2
        fits = measure(text[: ends[middle - 1]].rstrip() + MORE) <= width
        low, high = (middle, high) if fits else (low, middle - 1)
    return (text[: ends[low - 1]].rstrip() if low else "") + MORE
