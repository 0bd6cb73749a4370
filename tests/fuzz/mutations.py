"""Damages files as broken disks, other programs and mischief do; every change follows from its seed alone."""

import random
import re

NUMBER = re.compile(rb"-?[0-9]+")
WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_.]{0,40}")
NUMBERS = (b"0", b"-1", b"1", b"2147483648", b"1000000000", b"9223372036854775807", b"1e999", b"99999999999999999999")
WORDS = (
    *(b"null", b"true", b"NaN", b"[]", b"{}", b'""', b"F4", b"F6_E2M3", b"C64", b"BOOL", b"U64", b"F8_E8M0", b"I8"),
    *(b"<f8", b"|O", b"<V2", b">i2", b"<U4", b"<c16", b"True", b"lora_A", b"..", b"/etc", b"model", b"weight"),
)
LONGEST = 60_000
"""Letters of a word that is drawn out."""


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The content with one to three changes."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        content = chance.choice(CHANGES)(content, chance)
    return content


def _flip(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 8) if changed else 0):
        changed[chance.randrange(len(changed))] = chance.choice((0, 255, 0x80, chance.randrange(256)))
    return bytes(changed)


def _flip_early(content: bytes, chance: random.Random) -> bytes:
    return _flip(content[:200], chance) + content[200:]


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randint(0, len(content))]


def _repeat(content: bytes, chance: random.Random) -> bytes:
    start = chance.randint(0, len(content))
    part = content[start : start + chance.randint(1, 200)]
    return content[:start] + part * chance.choice((1, 2, 100)) + content[start:]


def _insert(content: bytes, chance: random.Random) -> bytes:
    start = chance.randint(0, len(content))
    return content[:start] + chance.choice((b"\0", b"\n", b"[" * 3000, b'"', b"\xff", b",")) + content[start:]


def _number(content: bytes, chance: random.Random) -> bytes:
    return _replaced(content, NUMBER, chance.choice(NUMBERS), chance)


def _word(content: bytes, chance: random.Random) -> bytes:
    return _replaced(content, WORD, chance.choice(WORDS), chance)


def _long_word(content: bytes, chance: random.Random) -> bytes:
    found = list(WORD.finditer(content))
    if not found:
        return content
    place = chance.choice(found)
    return content[: place.end()] + place[0] * (LONGEST // len(place[0])) + content[place.end() :]


def _replaced(content: bytes, form: re.Pattern[bytes], other: bytes, chance: random.Random) -> bytes:
    found = list(form.finditer(content))
    if not found:
        return content
    place = chance.choice(found)
    return content[: place.start()] + other + content[place.end() :]


CHANGES = (_flip, _flip_early, _cut, _repeat, _insert, _number, _number, _word, _word, _long_word)
