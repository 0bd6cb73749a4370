"""What a page is told of its texts: the picture of their letters, where each stands, and lines that can be wrapped.

The page shapes no text: whatever it may write is told here. Letters in space are parts of one picture, as in
mmviz.render.text.atlas; those of captions are outlines, sharp in any size.
"""

from collections.abc import Iterator
from itertools import accumulate
from typing import TypedDict

import numpy as np

from mmviz.page.arrays import Arrays, Ref
from mmviz.picture.marks.captions import APART, LEADING, NARROW, PADDING, READABLE, ROOM
from mmviz.render.text import captions
from mmviz.render.text.atlas import EM, WIDTH, Atlas, FullError, Quads
from mmviz.render.text.directions import leftward_base
from mmviz.render.text.fonts import CAPITAL
from mmviz.render.text.scripts import clusters
from mmviz.render.text.shaping import Glyph, Line, extent, outline, shaped
from mmviz.render.text.system_fonts import FontFile
from mmviz.render.text.wrapping import MORE, broken

Letter = tuple[int, float, float, int]
"""An outline, the place of its origin in ems, and the cluster that it belongs to."""
ALIKE = 1e-6
"""Ems by which letters may differ that stand in the same place."""


class QuadsOf(TypedDict):
    """A text in space: its letters among all of them, and what they reach, in heights of a capital."""

    first: int
    count: int
    left: float
    right: float
    length: float  # with the room around its letters


class Piece(TypedDict):
    """What stays together in a line of a caption, with the spaces after it."""

    length: float  # in ems
    seen: float  # without those spaces
    stops: list[float]  # its length up to the end of each cluster
    letters: list[Letter]


class CaptionText(TypedDict):
    """A caption: its lines are its pieces one after the other, or, where letters depend on others, told one by one."""

    length: float  # of all of it as one line, in ems
    pieces: list[Piece]
    lines: dict[str, list[Letter]] | None  # by the numbers of their first piece and of the one after the last
    lengths: dict[str, float] | None  # of those


class LettersSection(TypedDict):
    """All of it."""

    picture: Ref
    width: int
    em: int
    shapes: Ref
    letters: Ref
    places: Ref
    texts: dict[str, QuadsOf]
    outlines: list[tuple[str, float, float, float, float]]
    captions: dict[str, CaptionText]
    more: Piece
    laws: dict[str, object]


class Letters:
    """The texts of a page.

    Args:
        arrays: Where their letters go.
    """

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self._texts: dict[str, None] = {}
        self._captions: dict[str, CaptionText] = {}
        self._outlines: dict[tuple[FontFile, int], int] = {}
        self._drawn: list[tuple[str, float, float, float, float]] = []

    def add(self, text: str) -> None:
        """A name, a size, a token: a text in space."""
        self._texts[text] = None

    def add_characters(self, characters: str) -> None:
        """What texts are spelled with that are not known yet, such as numbers: letter by letter."""
        for character in characters:
            self.add(character)

    def add_caption(self, text: str) -> None:
        """A line in the picture's plane."""
        if text not in self._captions:
            self._captions[text] = self._caption(text)

    def section(self) -> LettersSection:
        """What the page is told."""
        atlas, quads = _atlas(list(self._texts))
        shapes: dict[tuple[float, ...], int] = {}
        letters: list[int] = []
        told: dict[str, QuadsOf] = {}
        for text, one in zip(self._texts, quads, strict=True):
            told[text] = QuadsOf(
                first=len(letters),
                count=len(one.places),
                left=_short(one.left),
                right=_short(one.right),
                length=_short(shaped(text).length / CAPITAL),
            )
            for shape in np.hstack([one.sizes, one.corners]).tolist():
                letters.append(shapes.setdefault(tuple(shape), len(shapes)))
        places = np.concatenate([np.empty((0, 4)), *(one.places for one in quads)]).astype(np.float32)
        return LettersSection(
            picture=self._arrays.add(atlas.picture(), waits=True),
            width=WIDTH,
            em=atlas.em,
            shapes=self._arrays.add(np.array(list(shapes), np.float32).reshape(-1, 4), waits=True),
            letters=self._arrays.add(np.array(letters, np.int32), waits=True),
            places=self._arrays.add(places, waits=True),
            texts=told,
            outlines=self._drawn,
            captions=self._captions,
            more=self._piece(MORE),
            laws=_laws(),
        )

    def _caption(self, text: str) -> CaptionText:
        pieces, leftward = broken(text), leftward_base(text)
        told = [self._piece(piece) for piece in pieces]
        length = _short(shaped(text).length)
        if _is_sum(shaped(text, leftward=leftward), pieces):
            return CaptionText(length=length, pieces=told, lines=None, lengths=None)
        lines = {
            f"{first} {end}": shaped("".join(pieces[first:end]).strip(), leftward=leftward)
            for first in range(len(pieces))
            for end in range(first + 1, len(pieces) + 1)
        }
        return CaptionText(
            length=length,
            pieces=told,
            lines={name: list(self._letters(line)) for name, line in lines.items()},
            lengths={name: _short(line.length) for name, line in lines.items()},
        )

    def _piece(self, text: str) -> Piece:
        line = shaped(text)
        ends = [end for _, end in clusters(text)]
        return Piece(
            length=_short(line.length),
            seen=_short(shaped(text.rstrip()).length),
            stops=[_short(shaped(text[:end]).length) for end in ends],
            letters=list(self._letters(line, ends if line.text == text else [])),
        )

    def _letters(self, line: Line, ends: list[int] | None = None) -> Iterator[Letter]:
        for glyph in line.glyphs:
            box = extent(glyph.font, glyph.number)
            if box[0] < box[2]:
                cluster = sum(end <= glyph.first for end in ends or [])
                yield self._outline(glyph, box), _short(glyph.x), _short(glyph.y), cluster

    def _outline(self, glyph: Glyph, box: tuple[float, float, float, float]) -> int:
        key = glyph.font, glyph.number
        found = self._outlines.get(key)
        if found is None:
            found = self._outlines[key] = len(self._outlines)
            path = "".join(
                letter + " ".join(f"{place:.4g}" if abs(place) < 1 else f"{place:.4f}" for place in places)
                for letter, places in outline(*key)
            )
            left, bottom, right, top = map(_short, box)
            self._drawn.append((path, left, bottom, right, top))
        return found


def _atlas(texts: list[str]) -> tuple[Atlas, list[Quads]]:
    """The picture of the letters of all texts, smaller ones where there are very many."""
    for smaller in range(5):
        atlas = Atlas(EM >> smaller)
        try:
            return atlas, [atlas.quads(text) for text in texts]
        except FullError:
            continue
    atlas = Atlas()
    return atlas, [atlas.quads("") for _ in texts]


def _is_sum(line: Line, pieces: list[str]) -> bool:
    """Whether the letters of a line are those of its pieces one after the other."""
    lines = [shaped(piece) for piece in pieces]
    starts = accumulate((one.length for one in lines), initial=0.0)
    apart = [
        (glyph.font, glyph.number, start + glyph.x, glyph.y)
        for start, one in zip(starts, lines, strict=False)
        for glyph in one.glyphs
    ]
    whole = [(glyph.font, glyph.number, glyph.x, glyph.y) for glyph in line.glyphs]
    return len(whole) == len(apart) and all(
        one[:2] == other[:2] and abs(one[2] - other[2]) < ALIKE and abs(one[3] - other[3]) < ALIKE
        for one, other in zip(whole, apart, strict=True)
    )


def _short(number: float) -> float:
    """Enough digits for the largest pictures."""
    return round(number, 6)


def _laws() -> dict[str, object]:
    """The constants of captions."""
    return {
        "capital": CAPITAL,
        "leading": LEADING,
        "apart": APART,
        "padding": PADDING,
        "readable": READABLE,
        "room": ROOM,
        "least": captions.LEAST,
        "tiniest": captions.TINIEST,
        "shrinking": captions.SHRINKING,
        "cramped": captions.CRAMPED,
        "widest": captions.WIDEST,
        "narrow": NARROW,
        "narrowest": captions.NARROWEST,
        "half": captions.HALF,
        "tallest": captions.TALLEST,
        "beside": captions.BESIDE,
        "edge": captions.EDGE,
        "badgeMargin": captions.BADGE_MARGIN,
        "frame": captions.FRAME,
        "soft": captions.SOFT,
        "thinnest": captions.THINNEST,
    }
