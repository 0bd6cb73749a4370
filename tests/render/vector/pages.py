"""Pages for tests, and files of them taken apart: what a reader of the format finds in them."""

import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

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


@dataclass
class Pdf:
    """The objects of a PDF file, by number, found by the file's own table."""

    content: bytes

    @classmethod
    def read(cls, path: Path) -> "Pdf":
        return cls(path.read_bytes())

    @property
    def places(self) -> list[int]:
        (start,) = re.findall(rb"startxref\n(\d+)\n%%EOF\n$", self.content)
        table = self.content[int(start) :]
        assert table.startswith(b"xref\n0 ")
        return [int(place) for place in re.findall(rb"(\d{10}) 00000 n \n", table)]

    def object(self, number: int) -> bytes:
        start = self.places[number - 1]
        head = b"%d 0 obj\n" % number
        assert self.content[start : start + len(head)] == head
        return self.content[start + len(head) : self.content.index(b"\nendobj\n", start)]

    def stream(self, number: int) -> bytes:
        found = self.object(number)
        start = found.index(b"stream\n") + 7
        (length,) = re.findall(rb"/Length (\d+)", found[:start])
        assert found[start + int(length) :] == b"\nendstream"
        return zlib.decompress(found[start : start + int(length)])

    def find(self, words: bytes) -> list[int]:
        """Objects whose heads have some words."""
        numbers = range(1, len(self.places) + 1)
        return [number for number in numbers if words in self.object(number).partition(b"stream\n")[0]]

    def drawn(self) -> str:
        """What is drawn on the page."""
        (one,) = self.find(b"/Type/Page/")
        (content,) = re.findall(rb"/Contents (\d+) 0 R", self.object(one))
        return self.stream(int(content)).decode("ascii")

    def samples(self, number: int) -> NDArray[np.uint8]:
        """The pixels of an image, each row of which is stored by how it differs from the one above."""
        head = self.object(number).partition(b"stream\n")[0]
        width, height, channels = (
            int(re.findall(rb"/" + key + rb" (\d+)", head)[0]) for key in (b"Width", b"Height", b"Colors")
        )
        rows = np.frombuffer(self.stream(number), np.uint8).reshape(height, 1 + width * channels)
        assert (rows[:, 0] == 2).all(), "PNG's filter Up"
        return np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8).reshape(height, width, channels)

    def said(self) -> str:
        """The characters of all letters in the order in which they are drawn."""
        tables = []
        for font in self.find(b"/Subtype/Type3"):
            (number,) = re.findall(rb"/ToUnicode (\d+) 0 R", self.object(font))
            pairs = re.findall(r"<(\w\w)> <(\w{4,})>", self.stream(int(number)).decode("ascii"))
            tables.append({code: bytes.fromhex(text).decode("utf-16-be") for code, text in pairs})
        drawn = re.findall(r"/F(\d+) 1 Tf .* <(\w\w)> Tj", self.drawn())
        return "".join(tables[int(font)].get(code, "") for font, code in drawn)
