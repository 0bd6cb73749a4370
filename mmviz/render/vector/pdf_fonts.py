"""The letters of a page as fonts of a PDF: Type 3, whose shapes are outlines, with what each stands for."""

from collections.abc import Iterable, Iterator

from mmviz.render.text.shaping import advance, extent, outline
from mmviz.render.text.system_fonts import FontFile
from mmviz.render.vector.page import Letter, Text, cubic
from mmviz.render.vector.pdf_objects import PdfObjects, number, stream

UNITS = 1000
"""Of an em."""
MOST = 256
"""Shapes of one font: a code is a byte."""
OPERATORS = {"M": "m", "L": "l", "C": "c", "Z": "h"}
Shape = tuple[FontFile, int, str]
"""A font, the number of a shape in it, and what it stands for."""


class PdfFonts:
    """As many fonts as all letters of some texts need.

    Args:
        texts: What is written on the page.
    """

    def __init__(self, texts: Iterable[Text]) -> None:
        shapes = dict.fromkeys(_shape(letter) for text in texts for letter in text.letters)
        self._places: dict[Shape, int] = {shape: at for at, shape in enumerate(shapes)}

    def place_of(self, letter: Letter) -> tuple[int, int]:
        """The number of a letter's font, and its code in that."""
        return divmod(self._places[_shape(letter)], MOST)

    def write(self, objects: PdfObjects) -> Iterator[int]:
        """Write all fonts; gives the object of each."""
        shapes = list(self._places)
        for first in range(0, len(shapes), MOST):
            yield _font(shapes[first : first + MOST], objects)


def _shape(letter: Letter) -> Shape:
    return letter.font, letter.number, letter.text


def _font(shapes: list[Shape], objects: PdfObjects) -> int:
    drawn = [objects.add(stream("", _procedure(font, at).encode("ascii"))) for font, at, _ in shapes]
    procedures = "".join(f"/g{code} {one} 0 R" for code, one in enumerate(drawn))
    names = "".join(f"/g{code}" for code in range(len(shapes)))
    widths = " ".join(number(_width(font, at), 1) for font, at, _ in shapes)
    boxes = [_box(font, at) for font, at, _ in shapes]
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    around = " ".join(number(side, 1) for side in (min(lefts), min(bottoms), max(rights), max(tops)))
    said = objects.add(stream("", _said(shapes).encode("ascii")))
    return objects.add(
        f"<</Type/Font/Subtype/Type3/FontBBox[{around}]/FontMatrix[{number(1 / UNITS)} 0 0 {number(1 / UNITS)} 0 0]"
        f"/CharProcs<<{procedures}>>/Encoding<</Type/Encoding/Differences[0{names}]>>/FirstChar 0"
        f"/LastChar {len(shapes) - 1}/Widths[{widths}]/ToUnicode {said} 0 R/Resources<<>>>>"
    )


def _procedure(font: FontFile, at: int) -> str:
    """How a shape is drawn."""
    box = " ".join(number(side, 1) for side in _box(font, at))
    lines = [f"{number(_width(font, at), 1)} 0 {box} d1"]
    for letter, places in cubic(outline(font, at)):
        lines.append(" ".join([*(number(UNITS * place, 1) for place in places), OPERATORS[letter]]))
    return "\n".join([*lines, "f"])


def _box(font: FontFile, at: int) -> tuple[float, float, float, float]:
    left, bottom, right, top = (UNITS * side for side in extent(font, at))
    return left, bottom, right, top


def _width(font: FontFile, at: int) -> float:
    """From a shape to the next one: by what is left between two, programs that search a text tell words apart."""
    return UNITS * advance(font, at)


def _said(shapes: list[Shape]) -> str:
    """Which characters each code stands for, as a table of PDF."""
    pairs = [
        f"<{code:02X}> <{text.encode('utf-16-be', 'replace').hex().upper()}>"
        for code, (_, _, text) in enumerate(shapes)
        if text
    ]
    blocks = [pairs[at : at + 100] for at in range(0, len(pairs), 100)]  # a block has at most so many
    table = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /said def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<00> <FF>\nendcodespacerange\n{table}\nendcmap\nend\nend"
    )
