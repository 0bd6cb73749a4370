"""Which of many things a typed text may mean, the likeliest first, and which letters of them were typed; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["command", "setting", "matrix", "tab", "file", "example"]
KINDS: tuple[Kind, ...] = ("command", "setting", "matrix", "tab", "file", "example")
"""Of what is as like, those come first."""
PREFIXES: dict[str, Kind] = {">": "command", "@": "matrix"}
"""What a text begins with that means things of one kind only."""
AT_START, AT_WORD, INITIALS, INSIDE, SCATTERED = 8.0, 5.0, 4.0, 3.0, 1.0
"""What a letter is worth in a word that stands at the start, begins a word, is of first letters, stands inside one, or
whose letters are spread."""
REACH = 16
"""Letters over which a word may be spread: long texts have nearly every word in them."""
BESIDE = 0.4
"""What a word is worth that stands not in the name itself, but in what is written beside it."""
FRESH = 2.0
"""What it is worth to have been chosen last; it falls from there."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that can be chosen by its name."""

    key: str  # by which it is remembered
    kind: Kind
    text: str
    beside: str = ""  # its menu, its size, its folder
    keys: str = ""
    why_not: str = ""  # why it cannot be had now


@dataclass(frozen=True, slots=True)
class Hit:
    """A candidate that a text may mean."""

    candidate: Candidate
    letters: frozenset[int] = frozenset()  # places of its text that were typed


@dataclass(frozen=True, slots=True)
class _Found:
    worth: float
    letters: frozenset[int]


def ranked(candidates: Iterable[Candidate], typed: str, recent: Sequence[str] = ()) -> list[Hit]:
    """What a text may mean: every word of it occurs, or its letters do one after the other.

    Args:
        candidates: All there is, in the order in which it is told where nothing is typed.
        typed: The text; after > only commands are looked for, after @ only matrices.
        recent: Keys of what was chosen last, the latest first: they come first among what is as like.
    """
    text = typed.strip().lower()
    kind = PREFIXES.get(text[:1])
    words = (text[1:] if kind else text).split()
    order = {key: FRESH / (place + 1) for place, key in reversed(list(enumerate(recent)))}
    found: list[tuple[float, int, int, int, Hit]] = []
    for candidate in candidates:
        hit = None if kind not in (None, candidate.kind) else _match(candidate, words)
        if hit is not None:
            worth = hit.worth + order.get(candidate.key, 0.0) * (1 if words else len(order) + 1)
            alike = (KINDS.index(candidate.kind), len(candidate.text)) if words else (0, 0)
            found.append((-worth, *alike, len(found), Hit(candidate, hit.letters)))
    return [hit for *_, hit in sorted(found, key=lambda one: one[:4])]


def _match(candidate: Candidate, words: Sequence[str]) -> _Found | None:
    worth, letters = 0.0, frozenset[int]()
    for word in words:
        found = _find(candidate.text.lower(), word)
        if found is None:
            other = _whole(f"{candidate.beside} {candidate.keys}".lower(), word)
            if other is None:
                return None
            found = _Found(BESIDE * other.worth, frozenset())
        worth += found.worth
        letters |= found.letters
    return _Found(worth, letters)


def _find(text: str, word: str) -> _Found | None:
    """A word in a text as a whole, or else its letters one after the other: "rtv" means "Reset the view"."""
    begins = [place for place in range(len(text)) if _begins_word(text, place)]
    return _whole(text, word) or _spread(text, word, begins, INITIALS) or _scattered(text, word, begins)


def _whole(text: str, word: str) -> _Found | None:
    """A word in one piece, at the best place."""
    places = [place for place in range(len(text) - len(word) + 1) if text.startswith(word, place)]
    if not places:
        return None
    starts = [place for place in places if _begins_word(text, place)]
    place = (starts or places)[0]
    value = AT_START if place == 0 else AT_WORD if starts else INSIDE
    return _Found(value * len(word), frozenset(range(place, place + len(word))))


def _scattered(text: str, word: str, begins: Sequence[int]) -> _Found | None:
    """Its letters not too far apart, if the first begins a word."""
    start = next((place for place in begins if text[place] == word[0]), None)
    return None if start is None else _spread(text, word, range(start, min(start + REACH, len(text))), SCATTERED)


def _spread(text: str, word: str, places: Sequence[int], value: float) -> _Found | None:
    """Its letters in their order at some of the places that are allowed, each at the first that comes."""
    letters: list[int] = []
    for place in places:
        if len(letters) < len(word) and text[place] == word[len(letters)]:
            letters.append(place)
    return _Found(value * len(word), frozenset(letters)) if len(letters) == len(word) else None


def _begins_word(text: str, place: int) -> bool:
    return text[place].isalnum() and (place == 0 or not text[place - 1].isalnum())
