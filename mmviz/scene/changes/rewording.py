"""Titles and captions that say which layer, head and model they are about, said of another; knows no document."""

import re
from collections.abc import Iterable
from pathlib import PurePath

LONGEST = 200
"""Letters of a title or caption."""
WORD = re.compile(r"\w(?:[\w.-]*\w)?")
CLAIM = re.compile(r" that [^:]*(?=: )")
"""What a title says of one head, as in "A head that looks at the previous token: MODEL, head 2"."""
ENERGY = re.compile(r"(?<=%) of (its|their) energy$")
SHARE = re.compile(r":? [\d.]+ %")

Move = tuple[str, int, int]
"""layer or head, its number, and the number in its place."""


def said_of_another(text: str, moves: Iterable[Move], *, title: bool = False) -> str:
    """A text in which "layer 1" and "head 2" have other numbers, where they stand as words of their own.

    What a title claims of that one head ("that looks at the previous token") is left out, for it need not be true of
    another.
    """
    said = text
    for kind, old, new in moves:
        words = rf"(?<![\w-])(?<!value )(?<!kv )({kind}\s+){old}(?!\w|[.,]\d)"
        said = re.sub(words, rf"\g<1>{new}", said, flags=re.IGNORECASE)
    if title and said != text:
        said = CLAIM.sub("", said, count=1)
    return said if len(said) <= LONGEST else text


def without_shares(text: str) -> str:
    """A caption of singular values, such as "wQ, rank 3 of 8: 18 % of its energy", that is true of any weight."""
    if not ENERGY.search(text):
        return text
    return SHARE.sub("", ENERGY.sub("", text))


def said_of_model(text: str, old: str, new: str) -> str:
    """A text in which a model has another name.

    Args:
        text: Whatever it says.
        old: The model that it may name, by its path or id, by the last part of it, or by the beginning of that, as
            SmolLM2-135M is of smollm2-135m-2layers.
        new: The other model; a word that fits both stays.
    """
    name = called(new)
    said = text.replace(old, name) if "/" in old else text
    before, after = called(old).casefold(), name.casefold()

    def other(match: re.Match[str]) -> str:
        word = match[0].casefold()
        return name if _names(word, before) and not _names(word, after) else match[0]

    said = WORD.sub(other, said)
    return said if name and len(said) <= LONGEST else text


def called(model: str) -> str:
    """What to call a model that is named by a path or id: its last part, without ending and revision."""
    return PurePath(model.strip()).name.partition("@")[0].removesuffix(".gguf")


def _names(word: str, model: str) -> bool:
    """Whether a word is a model's name, or so much of its beginning that it can be nothing else."""
    if word == model:
        return True
    telling = any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word)
    return telling and model.startswith(f"{word}-")
