"""A font of empty letters, as wide as those of a page: what is drawn there is searched and copied by it."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.misc.timeTools import timestampSinceEpoch
from fontTools.pens.ttGlyphPen import TTGlyphPen

from mmviz.render.text.shaping import advance
from mmviz.render.vector.page import Letter

UNITS = 1000
"""Of an em."""
MISSING = ".notdef"
"""What a font calls the letter for characters that it does not have."""
NO_TIME = timestampSinceEpoch(0)
"""When it was made: the same letters make the same font."""


def widths_of(letters: Iterable[Letter]) -> dict[str, float]:
    """How wide each character is, in ems: from a letter to the next one, by which programs tell words apart.

    Characters that are one letter together have equal parts of it.
    """
    widths: dict[str, float] = {}
    for letter in letters:
        for character in letter.text:
            widths.setdefault(character, advance(letter.font, letter.number) / len(letter.text))
    return widths


def write_unseen_font(widths: Mapping[str, float], path: Path) -> None:
    """Write a TrueType font.

    Args:
        widths: Of its characters, in ems.
        path: The file.
    """
    names = {ord(character): f"u{ord(character):04X}" for character in widths}
    wide = dict(zip(names.values(), (round(UNITS * width) for width in widths.values()), strict=True))
    font = FontBuilder(UNITS, isTTF=True)
    font.font.recalcTimestamp = False
    font.updateHead(created=NO_TIME, modified=NO_TIME)
    font.setupGlyphOrder([MISSING, *wide])
    font.setupCharacterMap(names)
    font.setupGlyf({name: TTGlyphPen(None).glyph() for name in (MISSING, *wide)})
    font.setupHorizontalMetrics({name: (width, 0) for name, width in {MISSING: 0, **wide}.items()})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Unseen", "styleName": "Regular", "fullName": "Unseen"})
    font.setupOS2()
    font.setupPost()
    font.save(path)
