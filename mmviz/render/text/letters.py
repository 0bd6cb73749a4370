"""What is written of a text: one line, with codes in place of letters that no font has, and a note on those."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from unicodedata import category, normalize

from mmviz.render.text.fonts import font_of, has, shipped
from mmviz.render.text.scripts import clusters, language_for, language_of, package_of, scripts, unseen
from mmviz.render.text.system_fonts import FontFile

SIGNS = {"\n": "↵", "\t": "⇥"}
"""What is drawn for characters that have no shape of their own."""
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""What is drawn for the other control characters."""
MOST_NAMED = 8
"""Letters that a note names, at most."""


def printable(text: str) -> str:
    """The text as one line in which every character has a shape: its code, such as [6CE8], where no font has it."""
    if all(map(usual, text)):
        return text
    line = "".join(map(_shown, text))
    missing = set(without_shape(line))
    return "".join(f"[{ord(letter):X}]" if letter in missing else letter for letter in line) if missing else line


def without_shape(text: str) -> tuple[str, ...]:
    """The letters of a text that no font has which is shipped or installed, each once."""
    if all(map(usual, text)):
        return ()
    line, found = "".join(map(_shown, text)), dict[str, None]()
    codes, language = scripts(line), language_of(line)
    for start, end in clusters(line):
        fonts = fonts_of(line[start:end], language_for(codes[start], language))
        found |= dict.fromkeys(letter for letter, font in zip(line[start:end], fonts, strict=True) if font is None)
    return tuple(found)


@lru_cache(maxsize=16384)
def usual(letter: str) -> bool:
    """Whether a character is written by itself in the font of pictures: most are, and need no search."""
    return (category(letter)[0] not in "MCZ" and has(shipped()[0], letter)) or letter == " "


def fonts_of(letters: str, language: str) -> tuple[FontFile | None, ...]:
    """The font of every letter of some that belong together: one for all where any has them all.

    Args:
        letters: Such as a letter with its accents.
        language: In which they are read.
    """
    seen = tuple(letter for letter in letters if not unseen(letter))
    whole = font_of("".join(seen), language) or font_of(normalize("NFC", "".join(seen)), language)
    if whole is not None or len(seen) < 2:
        return (whole,) * len(letters)
    first = next(filter(None, (font_of(letter, language) for letter in seen)), None)
    return tuple(first if unseen(letter) else font_of(letter, language) for letter in letters)


def notes_on_letters(texts: Iterable[str]) -> Iterator[str]:
    """A line on all letters of some texts for which there is no shape, if there are any."""
    missing = tuple(dict.fromkeys(letter for text in texts for letter in without_shape(text)))
    if missing:
        named = missing[:MOST_NAMED]
        more = f" and {len(missing) - MOST_NAMED:,} more" if len(missing) > MOST_NAMED else ""
        packages = " ".join(dict.fromkeys(map(package_of, missing)))
        yield (
            f"no font of this machine has a shape for {', '.join(named)}{more}; codes are drawn instead, such as "
            f"[{ord(missing[0]):X}]. On Debian and Ubuntu, apt install {packages} brings such fonts."
        )


def _shown(letter: str) -> str:
    """What a character is drawn as where a font has it: spaces as such, those that say how others are as they are."""
    kind = category(letter)
    if kind in {"Cc", "Cs", "Zl", "Zp"}:
        return SIGNS.get(letter, UNKNOWN)
    return " " if kind == "Zs" else "" if letter == "\N{SOFT HYPHEN}" else letter
