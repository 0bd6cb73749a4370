"""A page as PDF 1.4: the image without loss, letters as shapes of its own fonts, to be copied and searched."""

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.look.palette import Color
from mmviz.render.film.png import up_filtered
from mmviz.render.text.shaping import Command, outline
from mmviz.render.vector.page import BLACK, Box, Image, Item, Matrix, Outline, Page, Part, Text, cubic, placed
from mmviz.render.vector.pdf_fonts import PdfFonts
from mmviz.render.vector.pdf_objects import PdfObjects, number, stream

POINTS = 72
"""Of an inch."""
LEVEL = 6
"""Of the compression."""


def write_pdf(page: Page, path: Path) -> None:
    """Write a page.

    Raises:
        OSError: the file cannot be written.
    """
    with path.open("wb") as file:
        objects = PdfObjects(file)
        content = _Content(page, objects)
        size = " ".join(number(POINTS * side / page.dpi) for side in (page.width, page.height))
        drawn = objects.add(stream("", content.text().encode("ascii")))
        resources = content.resources()
        pages = objects.reserve()
        one = objects.add(
            f"<</Type/Page/Parent {pages} 0 R/MediaBox[0 0 {size}]/Contents {drawn} 0 R/Resources<<{resources}>>"
            f"/Group<</S/Transparency/CS/DeviceRGB>>>>"
        )
        objects.put(pages, f"<</Type/Pages/Kids[{one} 0 R]/Count 1>>")
        root = objects.add(f"<</Type/Catalog/Pages {pages} 0 R/ViewerPreferences<</DisplayDocTitle true>>>>")
        title = page.title.encode("utf-16-be", "replace").hex().upper()
        objects.end(root, objects.add(f"<</Title<FEFF{title}>/Producer(mmviz)>>"))


class _Content:
    """What is drawn on a page, in PDF's operators."""

    def __init__(self, page: Page, objects: PdfObjects) -> None:
        self._objects = objects
        self._fonts = PdfFonts(item for part in page.parts for item in part.items if isinstance(item, Text))
        self._images: list[int] = []
        self._opacities: dict[str, str] = {}
        scale = number(POINTS / page.dpi, 6)
        height = number(POINTS * page.height / page.dpi, 6)
        lines = [f"{scale} 0 0 -{scale} 0 {height} cm"]  # from pixels downward to points upward
        for part in page.parts:
            lines += ["q", _clip(part)]
            for item in part.items:
                lines += self._item(item)
            lines.append("Q")
        self._lines = lines

    def text(self) -> str:
        """All operators."""
        return "\n".join(self._lines)

    def resources(self) -> str:
        """The dictionary of what the operators name; writes what it needs."""
        images = "".join(f"/I{at} {one} 0 R" for at, one in enumerate(self._images))
        fonts = "".join(f"/F{at} {one} 0 R" for at, one in enumerate(self._fonts.write(self._objects)))
        states = "".join(f"/{name}<</ca {value}/CA {value}>>" for value, name in self._opacities.items())
        return f"/XObject<<{images}>>/Font<<{fonts}>>/ExtGState<<{states}>>"

    def _item(self, item: Item) -> Iterator[str]:
        match item:
            case Image():
                height, width = item.pixels.shape[:2]
                self._images.append(_image(item.pixels, self._objects))
                at = len(self._images) - 1
                yield f"q {width} 0 0 -{height} {item.left} {item.top + height} cm /I{at} Do Q"
            case Outline():
                yield from self._seen(item.opacity, _outline(item))
            case Text():
                yield from self._seen(item.opacity, self._text(item))

    def _seen(self, opacity: float, lines: Iterator[str]) -> Iterator[str]:
        """Something with an opacity."""
        if opacity == 1.0:
            yield from lines
            return
        value = number(opacity)
        name = self._opacities.setdefault(value, f"G{len(self._opacities)}")
        yield f"q /{name} gs"
        yield from lines
        yield "Q"

    def _text(self, text: Text) -> Iterator[str]:
        if text.rim:
            yield from _rim(text)
        yield f"BT {_color(text.color)} rg"
        for letter in text.letters:
            font, code = self._fonts.place_of(letter)
            yield f"/F{font} 1 Tf {_matrix(letter.matrix)} Tm <{code:02X}> Tj"
        yield "ET"


def _rim(text: Text) -> Iterator[str]:
    """Dark edges around the letters: their outlines, drawn along below them."""
    a, b, c, d, _, _ = text.matrix
    size = abs(a * d - b * c) ** 0.5  # of an em, on the page
    yield f"q {_color(BLACK)} RG {number(2 * text.rim * size)} w 1 j"
    for letter in text.letters:
        if steps := outline(letter.font, letter.number):
            yield f"{_path(placed(cubic(steps), letter.matrix))} S"
    yield "Q"


def _outline(item: Outline) -> Iterator[str]:
    path = _path(cubic(item.commands))
    if item.fill is not None:
        yield f"{_color(item.fill)} rg {path} f"
    if item.stroke is not None:
        yield f"{_color(item.stroke)} RG {number(item.width)} w {int(item.rounded)} J {path} S"


def _path(commands: tuple[Command, ...]) -> str:
    operators = {"M": "m", "L": "l", "C": "c", "Z": "h"}
    return "\n".join(
        " ".join([*(number(place, 2) for place in places), operators[letter]]) for letter, places in commands
    )


def _clip(part: Part) -> str:
    return f"{' '.join(_rectangle(box) for box in (part.inside, *part.holes))} W* n"


def _rectangle(box: Box) -> str:
    left, top, right, bottom = box
    return f"{number(left)} {number(top)} {number(right - left)} {number(bottom - top)} re"


def _matrix(matrix: Matrix) -> str:
    return " ".join(number(one, 5) for one in matrix)


def _color(color: Color) -> str:
    return " ".join(number(min(max(part, 0.0), 1.0)) for part in color)


def _image(pixels: NDArray[np.uint8], objects: PdfObjects) -> int:
    """Write pixels, and their alpha as a mask of its own; gives the image's number."""
    mask = ""
    if pixels.shape[2] == 4:
        mask = f"/SMask {_samples(pixels[..., 3:], 'DeviceGray', '', objects)} 0 R"
    return _samples(pixels[..., :3], "DeviceRGB", mask, objects)


def _samples(pixels: NDArray[np.uint8], space: str, more: str, objects: PdfObjects) -> int:
    height, width, channels = pixels.shape
    packed = zlib.compress(up_filtered(pixels).tobytes(), LEVEL)
    head = (
        f"/Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/{space}/BitsPerComponent 8{more}"
        f"/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors {channels}/Columns {width}>>"
    )
    return objects.add(f"<<{head}/Length {len(packed)}>>\nstream\n".encode("ascii") + packed + b"\nendstream")
