"""Regular expressions for names of modules, as adapters have them; matching never takes long, whoever wrote them.

A pattern that comes with an adapter can be written so that Python's matcher is busy for years. Here the same language
is matched by the sets of places that each part can end at, which takes steps in the square of the name's length, and no
more than `MOST_STEPS`. What is more than a regular language, looking around and back, is refused.
"""

import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

LONGEST: Final = 400
"""Letters of a pattern."""
DEEPEST: Final = 16
"""Groups in groups."""
MOST_STEPS: Final = 200_000
"""That one name takes, about a quarter of a second; those of models take some hundred."""
_COUNT: Final = re.compile(r"\{(\d*)(,?)(\d*)\}")
_LOOPS: Final = frozenset("*+{|?")
_BY_ONE: Final = r"\\[dwsDWS]|\\[^0-9A-Za-z]|\[\^?\]?(?:\\.|[^\]\\])*\]|\\[bBAZ]|[.^$]|[^\\()|*+?\[]"
_PIECE: Final = re.compile(_BY_ONE, re.DOTALL)
"""What takes one letter, or none; it is left to Python."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A letter, a class of letters, or a border, which has no length."""

    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """Parts one after the other."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """One of some parts."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True, eq=False)
class Repeat:
    """A part so many times."""

    part: "Part"
    least: int
    most: int | None  # None: any number of times


Part = Piece | Sequence | Choice | Repeat


class PatternError(ValueError):
    """A text is no regular expression, or one that is not read here."""


class _UnreadError(ValueError):
    """Python reads it, and this module does not, or not to its end."""


@dataclass(frozen=True, slots=True)
class ModulePattern:
    """A pattern that can be matched against names, from their beginning."""

    own: str  # as it was written
    text: str
    part: Part | None  # None: it has no loops or choices, and Python matches it in no time

    def matches(self, name: str) -> bool:
        """Whether `re.match` would find it.

        Raises:
            PatternError: to find out takes more than MOST_STEPS.
        """
        if self.part is None:
            return re.match(self.text, name) is not None
        try:
            return bool(_Ends(name).of(self.part, 0))
        except _UnreadError:
            raise PatternError(
                f"the pattern {self.own[:60]!r} takes more than {MOST_STEPS:,} steps for {name[:60]!r}; one with fewer "
                "loops is needed."
            ) from None


@lru_cache(maxsize=1024)
def ends_like(key: str) -> ModulePattern:
    """The pattern of a key of peft's rank_pattern or alpha_pattern: the end of a name, from a point on or all.

    Raises:
        PatternError: it is no regular expression that is read here.

    Source: get_pattern_key in peft 0.21.2, utils/other.py.
    """
    return _compiled(key, rf"(.*\.)?({key})$")


@lru_cache(maxsize=1024)
def whole_name(text: str) -> ModulePattern:
    """The pattern of target_modules and exclude_modules where they are one text: the whole name.

    Raises:
        PatternError: it is no regular expression that is read here.

    Source: match_target_against_key in peft 0.21.2, utils/other.py.
    """
    return _compiled(text, rf"(?:{text})\Z")


def _compiled(own: str, text: str) -> ModulePattern:
    """A pattern of `own`, which is part of the whole text."""
    if len(own) > LONGEST:
        raise PatternError(f"{own[:40]!r}... has {len(own)} letters; {LONGEST} are read.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of brackets in brackets, which may mean something else one day
        try:
            re.compile(own)
            re.compile(text)
            if _LOOPS & set(own):
                return ModulePattern(own, text, _Reader(text).all())
            _check_plain(own)
            return ModulePattern(own, text, None)
        except (re.error, OverflowError, RecursionError, _UnreadError) as error:
            raise PatternError(
                f"{own!r} is no regular expression that is read here; one of names, points, classes of letters, "
                "groups, | and counts is needed."
            ) from error


def _check_plain(own: str) -> None:
    if re.search(r"\\[0-9]|\(\?", own):
        raise _UnreadError


class _Reader:
    """Reads the text of a pattern that Python has found to be one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def all(self) -> Part:
        part = self._choice()
        if self._at != len(self._text):
            raise _UnreadError
        return part

    def _choice(self) -> Part:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return Choice(tuple(options))

    def _sequence(self) -> Part:
        parts = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            parts.append(self._repeated(self._atom()))
        return Sequence(tuple(parts))

    def _atom(self) -> Part:
        if self._take("("):
            if self._text.startswith("?", self._at) and not self._take("?:"):
                raise _UnreadError  # it looks ahead or back, changes how letters are compared, or has a name
            self._depth += 1
            if self._depth > DEEPEST:
                raise _UnreadError
            part = self._choice()
            self._depth -= 1
            if not self._take(")"):
                raise _UnreadError
            return part
        found = _PIECE.match(self._text, self._at)
        if found is None:
            raise _UnreadError
        self._at = found.end()
        return Piece(re.compile(found[0]))

    def _repeated(self, part: Part) -> Part:
        for sign, least, most in (("*", 0, None), ("+", 1, None), ("?", 0, 1)):
            if self._take(sign):
                return self._greedy_or_not(Repeat(part, least, most))
        count = _COUNT.match(self._text, self._at)
        if count is None or count[0] == "{}":
            return part
        self._at = count.end()
        least = int(count[1] or 0)
        return self._greedy_or_not(Repeat(part, least, least if not count[2] else int(count[3]) if count[3] else None))

    def _greedy_or_not(self, part: Part) -> Part:
        """With ? the same names fit; + would keep what it has."""
        if self._take("+"):
            raise _UnreadError
        self._take("?")
        return part

    def _take(self, sign: str) -> bool:
        found = self._text.startswith(sign, self._at)
        self._at += len(sign) if found else 0
        return found


class _Ends:
    """At which places of a name a part can end that begins at a place; each is found once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._steps = 0
        self._found: dict[tuple[int, int], frozenset[int]] = {}

    def of(self, part: Part, start: int) -> frozenset[int]:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise _UnreadError
        key = (id(part), start)
        if key not in self._found:
            self._found[key] = self._new(part, start)
        return self._found[key]

    def _new(self, part: Part, start: int) -> frozenset[int]:
        match part:
            case Piece(pattern):
                found = pattern.match(self._name, start)
                return frozenset() if found is None else frozenset({found.end()})
            case Choice(parts):
                return frozenset().union(*(self.of(option, start) for option in parts))
            case Sequence(parts):
                ends = frozenset({start})
                for each in parts:
                    ends = self._after(each, ends)
                return ends
            case Repeat(repeated, least, most):
                return self._repeated(repeated, least, most, start)

    def _after(self, part: Part, starts: Iterable[int]) -> frozenset[int]:
        return frozenset().union(*(self.of(part, start) for start in starts))

    def _repeated(self, part: Part, least: int, most: int | None, start: int) -> frozenset[int]:
        ends = frozenset({start})
        for _ in range(least):
            before, ends = ends, self._after(part, ends)
            if ends == before:  # as it will stay
                break
        reached = new = ends
        times = least
        while new and (most is None or times < most):
            new = self._after(part, new) - reached
            reached |= new
            times += 1
        return reached
