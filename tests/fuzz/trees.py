"""Changes plain values, as JSON and YAML hold them, and makes them up; everything follows from a seed alone."""

import copy
import math
import random
import string
from collections.abc import Callable, MutableMapping, MutableSequence, Sequence
from functools import partial
from typing import Any

LETTERS = string.ascii_letters + string.digits + " _.-:/@'\"\\%&*#{}[]()<>|\0\n\té東\U0001f642\u202e\ufeff\ud800"
NUMBERS: Sequence[Any] = (
    *(0, 1, -1, 2, 7, 10**6, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**30, 0.0, -0.0, 0.5, 1e-320, 1e308),
    *(math.inf, -math.inf, math.nan),
)
DEEPEST = 4

Place = tuple[MutableMapping[str, Any] | MutableSequence[Any], Any]
"""A mapping and a key, or a list and an index."""
Find = Callable[[], Place]
"""Gives some place of a tree."""


def anything(chance: random.Random, words: Sequence[str], depth: int = 0) -> Any:
    """Some value; its keys and texts are often among the words."""
    kind = chance.randrange(6 if depth >= DEEPEST else 9)
    if kind < 2:
        return chance.choice(NUMBERS)
    if kind < 4:
        return some_text(chance, words)
    if kind == 4:
        return chance.choice((None, True, False))
    if kind == 5:
        return chance.choice((chance.randint(-10, 100), chance.uniform(-3, 3), [], {}, ""))
    if kind == 6:
        return [anything(chance, words, depth + 1) for _ in range(chance.randint(0, 4))]
    return {some_text(chance, words): anything(chance, words, depth + 1) for _ in range(chance.randint(0, 5))}


def some_text(chance: random.Random, words: Sequence[str]) -> str:
    """One of the words, or letters."""
    if chance.random() < 0.8:
        return chance.choice(words)
    return "".join(chance.choice(LETTERS) for _ in range(chance.randint(0, 12)))


def mutated(tree: Any, chance: random.Random, words: Sequence[str]) -> Any:
    """A copy of the tree with one to three changes."""
    changed = copy.deepcopy(tree)
    for _ in range(chance.choice((1, 1, 2, 3))):
        if not isinstance(changed, dict | list) or not changed:
            return anything(chance, words)
        chance.choice(CHANGES)(partial(_place, changed, chance), chance, words)
    return changed


def _place(tree: Any, chance: random.Random) -> Place:
    """Some place; those in a long list are no more likely together than what stands beside it."""
    holder = tree
    while True:
        key = chance.choice(list(holder)) if isinstance(holder, dict) else chance.randrange(len(holder))
        below = holder[key]
        if not isinstance(below, dict | list) or not below or chance.random() < 0.3:
            return holder, key
        holder = below


def _replace(place: Find, chance: random.Random, words: Sequence[str]) -> None:
    holder, key = place()
    holder[key] = anything(chance, words)


def _drop(place: Find, chance: random.Random, words: Sequence[str]) -> None:
    holder, key = place()
    del holder[key]


def _swap(place: Find, chance: random.Random, words: Sequence[str]) -> None:
    """One value in the place of another."""
    (holder, key), (other, there) = place(), place()
    holder[key] = copy.deepcopy(other[there])


def _retype(place: Find, chance: random.Random, words: Sequence[str]) -> None:
    """The same as a text, in a list, in a mapping, or as another number."""
    holder, key = place()
    value = holder[key]
    forms: list[Any] = [str(value)[:200], [value], {chance.choice(words): value}]
    if isinstance(value, int | float) and not isinstance(value, bool):
        forms += [-value, value + 1, value + 0.5, float(value), bool(value)]
    holder[key] = chance.choice(forms)


def _add(place: Find, chance: random.Random, words: Sequence[str]) -> None:
    holder, _ = place()
    if isinstance(holder, MutableMapping):
        holder[some_text(chance, words)] = anything(chance, words)
    else:
        holder.insert(chance.randint(0, len(holder)), anything(chance, words))


def _repeat(place: Find, chance: random.Random, words: Sequence[str]) -> None:
    """A list many times over, a text too."""
    holder, key = place()
    value = holder[key]
    if isinstance(value, list | str) and 0 < len(value) < 50:
        holder[key] = value * chance.choice((2, 3, 50))


def _nudge(place: Find, chance: random.Random, words: Sequence[str]) -> None:
    """A value of the same type, as one may mean it."""
    holder, key = place()
    value = holder[key]
    if isinstance(value, bool):
        holder[key] = not value
    elif isinstance(value, int | float):
        holder[key] = chance.choice((0, 1, 2, 3, 5, value + 1, value - 1, value / 2, value * 2, -value))
    elif isinstance(value, str):
        holder[key] = chance.choice((*words, value[1:], value * 2, value + "x"))


CHANGES: Sequence[Callable[[Find, random.Random, Sequence[str]], None]] = (
    *(_replace, _replace, _drop, _swap, _swap, _retype, _retype, _add, _repeat, _nudge, _nudge, _nudge, _nudge),
)
