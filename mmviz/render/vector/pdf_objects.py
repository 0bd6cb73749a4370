"""The numbered objects of a PDF file, written one after the other, and the table that says where each is."""

import zlib
from typing import BinaryIO


class PdfObjects:
    """Writes objects into a file.

    Args:
        file: That is new.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: list[int] = []  # of each object in the file
        file.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")  # the second line says that this is no text

    def add(self, content: str | bytes) -> int:
        """Write an object; gives its number."""
        at = self.reserve()
        self.put(at, content)
        return at

    def reserve(self) -> int:
        """The number of an object that is written later."""
        self._places.append(0)
        return len(self._places)

    def put(self, at: int, content: str | bytes) -> None:
        """Write an object that has a number."""
        self._places[at - 1] = self._file.tell()
        bare = content.encode("ascii") if isinstance(content, str) else content
        self._file.write(b"%d 0 obj\n" % at + bare + b"\nendobj\n")

    def end(self, root: int, about: int) -> None:
        """Write the table of all objects, and which one is the first and which one tells about the file."""
        start, count = self._file.tell(), len(self._places) + 1
        table = [b"0000000000 65535 f \n", *(b"%010d 00000 n \n" % place for place in self._places)]
        self._file.write(b"xref\n0 %d\n" % count + b"".join(table))
        self._file.write(b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\n" % (count, root, about))
        self._file.write(b"startxref\n%d\n%%%%EOF\n" % start)


def stream(head: str, content: bytes) -> bytes:
    """An object with a head and compressed content."""
    packed = zlib.compress(content)
    return f"<<{head}/Filter/FlateDecode/Length {len(packed)}>>\nstream\n".encode("ascii") + packed + b"\nendstream"


def number(value: float, digits: int = 4) -> str:
    """A number as PDF has it: never with an exponent."""
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text
