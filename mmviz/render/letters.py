"""The font of pictures: which letters it has, and what is written in place of the others; draws nothing."""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from unicodedata import category

DEJAVU = Path("fonts", "ttf", "DejaVuSans.ttf")
"""Where the font lies in the folder of matplotlib's files."""
SIGNS = {"\n": "↵", "\t": "⇥"}
"""What is drawn for characters that have no shape of their own."""
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""What is drawn for the other control characters."""
LATIN = "\u0250"
"""The first character after the Latin letters, all of which the font has."""
MOST_NAMED = 8
"""Letters that a note names, at most."""


@cache
def font_file() -> Path:
    """DejaVu Sans, which matplotlib ships: it knows the letters that tokens and formulas need."""
    package = find_spec("matplotlib")
    file = Path(package.origin if package and package.origin else "").parent / "mpl-data" / DEJAVU
    if not file.exists():  # some systems keep it elsewhere; to ask matplotlib costs a tenth of a second
        from matplotlib import get_data_path  # noqa: PLC0415

        file = Path(get_data_path()) / DEJAVU
    return file


def printable(text: str) -> str:
    """The text as one line in which every character has a shape: its code, such as [6CE8], where the font has none."""
    missing = set(without_shape(text))
    return "".join(f"[{ord(letter):X}]" if letter in missing else _shown(letter) for letter in text)


def without_shape(text: str) -> tuple[str, ...]:
    """The letters of a text that the font does not have, each once."""
    if all(letter < LATIN for letter in text):
        return ()
    return tuple(dict.fromkeys(x for x in map(_shown, text) if x and ord(x) not in _letters_of_font()))


def notes_on_letters(texts: Iterable[str]) -> Iterator[str]:
    """A line on all letters of some texts for which there is no shape, if there are any."""
    missing = tuple(dict.fromkeys(letter for text in texts for letter in without_shape(text)))
    if missing:
        named = missing[:MOST_NAMED]
        more = f" and {len(missing) - MOST_NAMED:,} more" if len(missing) > MOST_NAMED else ""
        yield (
            f"the font of pictures, DejaVu Sans, has no shape for {', '.join(named)}{more}; their codes are "
            f"drawn instead, such as [{ord(missing[0]):X}]."
        )


@cache
def _letters_of_font() -> frozenset[int]:
    from fontTools.ttLib import TTFont  # noqa: PLC0415  (only who writes other letters than Latin ones needs it)

    with TTFont(font_file(), lazy=True) as font:
        return frozenset(font.getBestCmap())


def _shown(letter: str) -> str:
    """What a character is drawn as where the font has it: spaces as such, marks of the format not at all."""
    kind = category(letter)
    if kind in {"Cc", "Cs", "Zl", "Zp"}:
        return SIGNS.get(letter, UNKNOWN)
    return " " if kind == "Zs" else "" if kind == "Cf" else letter
