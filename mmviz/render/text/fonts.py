"""The fonts of pictures: which one has some letters, and what is asked of an open one; places no letter.

Two fonts are shipped, so that pictures look alike everywhere: DejaVu Sans, and STIX for mathematical letters that it
lacks; both come with matplotlib. What neither has is looked for in the fonts of the system.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

import uharfbuzz

from mmviz.render.text.system_fonts import FontFile, installed

SHIPPED = ("DejaVuSans.ttf", "STIXGeneral.ttf")
"""In the folder of matplotlib's fonts; the first one is that of pictures."""
CAPITAL = 0.729
"""Height of a capital letter of DejaVu Sans as a share of the font's size."""
REGULAR = 400.0
"""The weight of letters that are neither light nor bold."""
OUTLINES = frozenset(("glyf", "CFF ", "CFF2"))
"""Tables of which a font that can be drawn at any size has one; coloured pictures of letters are no such font."""


@cache
def shipped() -> tuple[FontFile, ...]:
    """The fonts that come with this program."""
    folder = Path("mpl-data", "fonts", "ttf")
    package = find_spec("matplotlib")
    place = Path(package.origin if package and package.origin else "").parent / folder
    if not (place / SHIPPED[0]).exists():  # some systems keep it elsewhere; to ask matplotlib costs a tenth of a second
        from matplotlib import get_data_path  # noqa: PLC0415

        place = Path(get_data_path(), *folder.parts[1:])
    return tuple(FontFile(place / name) for name in SHIPPED)


@lru_cache(maxsize=512)
def opened(font: FontFile) -> uharfbuzz.Font | None:
    """A font in its regular weight, one unit of its design a unit; None where it has no outlines or is broken."""
    try:
        face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(font.path)), font.number)
    except (OSError, uharfbuzz.HarfBuzzError):
        return None
    if not OUTLINES.intersection(face.table_tags):
        return None
    made = uharfbuzz.Font(face)
    if any(axis.tag == "wght" for axis in face.axis_infos):
        made.set_variations({"wght": REGULAR})
    return made


def units(font: FontFile) -> int:
    """How many units of its design are as long as the font is high."""
    return int(_known(font).face.upem)


def has(font: FontFile, letters: Iterable[str]) -> bool:
    """Whether a font has all of some letters."""
    there = opened(font)
    return there is not None and all(there.get_nominal_glyph(ord(letter)) is not None for letter in letters)


@lru_cache(maxsize=16384)
def font_of(letters: str, language: str = "") -> FontFile | None:
    """The font that letters which belong together are written in: the first one that has them all.

    Args:
        letters: Some letters, such as one with its accents.
        language: In which they are read; see `installed`.
    """
    for fonts in (shipped(), installed(language)):
        for font in fonts:
            if has(font, letters):
                return font
    return None


def _known(font: FontFile) -> uharfbuzz.Font:
    there = opened(font)
    if there is None:
        raise OSError(f"{font.path}: cannot be used as a font any more; it was there before.")
    return there
