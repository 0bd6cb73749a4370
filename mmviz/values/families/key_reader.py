"""Reads single keys of one config.json, each checked where it is read; knows no family."""

import sys
from collections.abc import Collection, Mapping
from typing import Any, TypeGuard

from mmviz.errors import SourceError
from mmviz.values.families.keys import Key, suspicious

LARGEST = (1 << 40) - 1
MOST_LAYERS, MOST_OF_HEAD = 1 << 14, 1 << 16
"""More than any model has: so many names and rotary frequencies are made before a weight is looked for."""
LONGEST = 80
"""Letters of a value that are repeated in a message."""


class Keys:
    """The keys of one config.json, or of an object in it.

    Every method raises SourceError where a key says what is not supported.

    Args:
        config: Its content.
        where: Its path, for messages.
        table: What each key means, and what holds where it is left out.
    """

    def __init__(self, config: Mapping[str, Any], where: str, table: Mapping[str, Key]) -> None:
        self.config = config
        self.where = where
        self._table = table

    def check(self, owner: str) -> None:
        """No key asks for what is not followed, as far as its table or its name says.

        Args:
            owner: Whose keys they are, for messages: a llama.
        """
        for key, value in self.config.items():
            known = self._table.get(key)
            if known is not None and known.use == "only":
                self._only(key, known.default)
            if known is None and suspicious(key, value):
                raise self.problem(
                    key,
                    f"is {short(value)}; {owner} has no such key, and by its name it would change what is computed; "
                    "a configuration without it is needed.",
                )

    def check_all_known(self, owner: str) -> None:
        """The same, and every key that says anything is in the table."""
        self.check(owner)
        for key, value in self.config.items():
            if key not in self._table and value not in (None, False, [], {}):
                raise self.problem(
                    key, f"is {short(value)}; {owner} have no such key that is known here, and it may change them."
                )

    def given(self, key: str) -> Any:
        """What a key says, null included; its default where it is left out."""
        return self.config[key] if key in self.config else self._table[key].default

    def whole(self, key: str, missing: int | None = None, least: int = 1, most: int = LARGEST) -> int:
        """A whole number; `missing` where there is none."""
        value = self.given(key)
        if value is None and missing is not None:
            return missing
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= LARGEST:
            raise self.problem(key, f"{found(value)}; a whole number from {least} up is needed.")
        if value > most:
            raise self.problem(key, f"is {value}; a whole number from {least} to {most} is needed.")
        return value

    def positive(self, key: str, missing: float | None = None) -> float:
        """A number above 0; `missing`, or else its default, where there is none."""
        if self.config.get(key) is None and missing is not None:
            return missing
        value = self._or_default(key)
        if not is_positive(value):
            raise self.problem(key, f"{found(value)}; a number above 0 is needed.")
        return float(value)

    def cap(self, key: str) -> float:
        """A number above 0 that others are capped by; 0 where there is none, or where the key says nothing here."""
        known = self._table.get(key)
        if known is None or known.use == "harmless" or self.given(key) is None:
            return 0.0
        return self.positive(key)

    def flag(self, key: str, *, null: bool = True) -> bool:
        """True or false; its default where it is null, if it may be null."""
        value = self._or_default(key) if null else self.given(key)
        if not isinstance(value, bool):
            raise self.problem(key, f"{found(value)}; true or false is needed.")
        return value

    def one_of(self, key: str, known: Mapping[str, str]) -> str:
        """What a name stands for; its default where it is null."""
        value = self._or_default(key)
        if not isinstance(value, str) or value not in known:
            raise self.problem(key, f"{value!r} is not supported; one of {', '.join(known)} is needed.")
        return known[value]

    def each(self, key: str, count: int, known: Collection[str]) -> list[str] | None:
        """A list of so many words, each one of those that are known; None where there is none."""
        value = self.given(key)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != count or not all(word in known for word in value):
            raise self.problem(key, f"is {short(value)}; {count} times {' or '.join(known)} is needed.")
        return value

    def part(self, key: str, table: Mapping[str, Key]) -> "Keys":
        """An object; empty where there is none."""
        value = self._or_default(key)
        if not isinstance(value, Mapping):
            raise self.problem(key, f"is {value!r}; an object or null is needed.")
        return Keys(value, f"{self.where}, {key}", table)

    def with_(self, **said: Any) -> "Keys":
        """The same configuration with other values of some keys."""
        return Keys({**self.config, **said}, self.where, self._table)

    def problem(self, key: str, text: str) -> SourceError:
        """What is wrong with a key."""
        return SourceError(f"{self.where}, {key}: {text}")

    def _or_default(self, key: str) -> Any:
        value = self.config.get(key)
        return self._table[key].default if value is None else value

    def _only(self, key: str, value: object) -> None:
        said = self.config[key]
        if said is not None and said != value:
            raise self.problem(key, f"{short(said)} is not supported; {value!r} is needed.")


def is_positive(value: object) -> TypeGuard[float]:
    """Whether a value is a number above 0 that a float can hold."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= sys.float_info.max


def found(value: object) -> str:
    """What a message says of a value."""
    return "is missing" if value is None else f"is {value!r}"


def short(value: object) -> str:
    """A value as Python writes it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
