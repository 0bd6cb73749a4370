"""Tokens that are parts of characters: which character, by their neighbours, and which part of it; knows no tokenizer.

Vocabularies of bytes cut a character that they do not know into several tokens. None of them can be read by itself, but
together they can: the second of three tokens that make up 我 is told as "我 2/3".
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
"""How SentencePiece writes a byte that is a token of its own."""
PRINTABLE = (range(0x21, 0x7F), range(0xA1, 0xAD), range(0xAE, 0x100))
"""Bytes that GPT-2 writes as the letters of the same number; it writes the others as those from 256 on, in order."""


@dataclass(frozen=True, slots=True)
class _Character:
    text: str
    start: int  # among some bytes
    end: int


def bytes_of(piece: str) -> bytes | None:
    """The bytes that a piece of a vocabulary stands for, as SentencePiece or GPT-2 write them; None: it is none."""
    single = BYTE.fullmatch(piece)
    if single is not None:
        return bytes.fromhex(single[1])
    known = _letters()
    return bytes(known[letter] for letter in piece) if all(letter in known for letter in piece) else None


def told(tokens: Sequence[bytes]) -> tuple[str | None, ...]:
    """What neighbouring tokens are in words; None for one with bytes that are part of no character.

    Args:
        tokens: The bytes of each.
    """
    ends = list(accumulate(map(len, tokens)))
    words: list[list[str]] = [[] for _ in tokens]
    known = [0] * len(tokens)  # bytes that are part of a character
    for character in _characters(b"".join(tokens)):
        first, last = bisect_right(ends, character.start), bisect_left(ends, character.end)
        sharing = [number for number in range(first, last + 1) if tokens[number]]
        for place, number in enumerate(sharing):
            part = f" {place + 1}/{len(sharing)}" if len(sharing) > 1 else ""
            words[number].append(character.text + part)
            start = max(character.start, ends[number] - len(tokens[number]))
            known[number] += min(character.end, ends[number]) - start
    whole = [count == len(token) for count, token in zip(known, tokens, strict=True)]
    return tuple(_joined(some) if some and all_ else None for some, all_ in zip(words, whole, strict=True))


def _joined(parts: Sequence[str]) -> str:
    """Characters side by side; what follows a part of one is kept apart from it."""
    text = ""
    for part in parts:
        text += (" " if re.search(r"\d/\d$", text) else "") + part
    return text


def _characters(found: bytes) -> Iterator[_Character]:
    """The characters in UTF-8; bytes that are part of none are passed over."""
    at = 0
    while at < len(found):
        text = next(filter(None, (_decoded(found[at : at + length]) for length in (1, 2, 3, 4))), "")
        length = len(text.encode())
        if text:
            yield _Character(text, at, at + length)
        at += max(1, length)


def _decoded(some: bytes) -> str:
    """The character that some bytes are, "" if they are none."""
    try:
        return some.decode()
    except UnicodeDecodeError:
        return ""


@cache
def _letters() -> dict[str, int]:
    """The byte of each letter that GPT-2 writes for one."""
    others = (byte for byte in range(256) if not any(byte in some for some in PRINTABLE))
    return {chr(byte): byte for some in PRINTABLE for byte in some} | {chr(256 + n): b for n, b in enumerate(others)}
