"""Pages for tests, and files of them taken apart: what a reader of the format finds in them."""

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pypdf import PdfReader
from pypdf.generic import ContentStream, DictionaryObject

from mmviz.render.text.shaping import shaped
from mmviz.render.vector.page import Image, Letter, Outline, Page, Part, Text, box_commands

RED, BLUE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)


def text(said: str, x: float = 10.0, y: float = 40.0, size: float = 20.0, rim: float = 0.0) -> Text:
    line = shaped(said)
    matrices = [(size, 0.0, 0.0, -size, x + size * one.x, y - size * one.y) for one in line.glyphs]
    letters = tuple(
        Letter(one.font, one.number, line.text[one.first], matrix)
        for one, matrix in zip(line.glyphs, matrices, strict=True)
    )
    return Text(line.text, letters, BLUE, (size, 0.0, 0.0, -size, x, y), line.length, rim)


def pixels(channels: int = 3) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (5, 7, channels), np.uint8)


def page(*items: Image | Outline | Text, title: str = "", dpi: int = 100) -> Page:
    return Page(200, 100, dpi, title, (Part((0, 0, 200, 100), items),))


def box(left: float, top: float, right: float, bottom: float, opacity: float = 1.0) -> Outline:
    return Outline(box_commands((left, top, right, bottom)), fill=RED, opacity=opacity)


class Pdf:
    """A PDF file of one page, as another library reads it, and complains of whatever is wrong in it."""

    def __init__(self, path: Path) -> None:
        self.content = path.read_bytes()
        self.file = PdfReader(path, strict=True)
        (self.page,) = self.file.pages

    @property
    def size(self) -> tuple[float, float]:
        """In points."""
        return float(self.page.mediabox.width), float(self.page.mediabox.height)

    @property
    def resources(self) -> DictionaryObject:
        found = self.page["/Resources"].get_object()
        assert isinstance(found, DictionaryObject)
        return found

    def drawn(self) -> list[str]:
        """What is drawn on the page: each operator after its numbers and names."""
        content = ContentStream(self.page.get_contents(), self.file)
        return [" ".join([*map(_word, operands), operator.decode()]) for operands, operator in content.operations]

    def images(self) -> list[NDArray[np.uint8]]:
        """The pixels of all images, in the order in which they are drawn, with the alpha of those that have it."""
        return [np.asarray(one.image) for one in self.page.images]

    def said(self) -> str:
        """The words of the page."""
        return self.page.extract_text()

    def spoken(self) -> str:
        """The characters that stand on letters, in the order in which they are drawn, without what reading adds."""
        found: list[str] = []
        table = self._characters()
        content = ContentStream(self.page.get_contents(), self.file)
        for operands, operator in content.operations:
            if operator == b"Tj":
                codes = operands[0].original_bytes
                found += (table[code] for code in zip(codes[::2], codes[1::2], strict=True))
        return "".join(found)

    def _characters(self) -> dict[tuple[int, ...], str]:
        """What each code stands for, by the font's own table."""
        (font,) = self.resources["/Font"].get_object().values()  # type: ignore[union-attr]
        table = font.get_object()["/ToUnicode"].get_data().decode("ascii")
        pairs = re.findall(r"<(\w{4})> <(\w{4,})>", table.partition("endcodespacerange")[2])
        return {tuple(bytes.fromhex(code)): bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}


def _word(operand: object) -> str:
    return f"{float(operand):g}" if isinstance(operand, (int, float)) else str(operand)


def places(drawn: list[str], operator: str) -> list[list[float]]:
    """The numbers of all operators of a kind."""
    return [[float(word) for word in step.split()[:-1]] for step in drawn if step.split()[-1] == operator]
