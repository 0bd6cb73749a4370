"""The numbers of a page: arrays by reference, each once, deflated in parts that a browser reads one after the other."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

TYPES = {"f4": "f32", "f8": "f64", "u1": "u8", "u2": "u16", "i4": "i32"}
"""What the page calls numpy's types."""
SMALL = 1 << 16
"""Bytes of an array up to which it lies in the first part, also where a page could wait for it."""
PART = 1 << 22
"""Bytes of a part, at least, before it is deflated; an array is never cut."""
LEVEL = 6
"""How hard zlib tries."""


class Ref(TypedDict):
    """Where an array is found."""

    array: int


class Entry(TypedDict):
    """How an array lies in its part."""

    dtype: str
    shape: list[int]
    part: int
    offset: int  # in the part, in bytes, a multiple of its items' size
    planes: bool  # all first bytes of its items come first, then all second ones ...: that deflates better


@dataclass(frozen=True, slots=True)
class Packed:
    """All arrays of a page."""

    entries: list[Entry]
    parts: list[bytes]  # deflated, without header
    sizes: list[int]  # of the parts before that, in bytes


class Arrays:
    """Arrays of a page, each kept once: the same object gives the same reference."""

    def __init__(self) -> None:
        self._arrays: list[NDArray[Any]] = []
        self._known: dict[int, int] = {}
        self._waited: set[int] = set()

    def add(self, array: NDArray[Any], *, waits: bool = False) -> Ref:
        """Take an array of one of TYPES, of any shape.

        Args:
            array: It is not changed any more.
            waits: The page asks whether it is there, and shows what it can until then; any other is there from the
                beginning.
        """
        number = self._known.get(id(array))
        if number is None:
            number = self._known[id(array)] = len(self._arrays)
            self._arrays.append(array)  # which keeps its id from being used again
            self._waited |= {number} if waits else set()
        return {"array": number}

    @property
    def stored(self) -> tuple[NDArray[Any], ...]:
        """All of them, in the order of their references."""
        return tuple(self._arrays)

    @property
    def waited(self) -> tuple[int, ...]:
        """The numbers of those for which the page waits."""
        return tuple(sorted(self._waited))

    @property
    def size(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in self._arrays)

    def packed(self) -> Packed:
        """All of them, first those that no page waits for, and the small ones."""
        entries: list[Entry | None] = [None] * len(self._arrays)
        parts, sizes = [], []
        for part, numbers in enumerate(self._split()):
            raw = bytearray()
            for number in numbers:
                array = self._arrays[number]
                raw += b"\0" * (-len(raw) % 8)
                planes = array.dtype.itemsize > 1 and array.nbytes > SMALL
                kind = TYPES[array.dtype.newbyteorder("=").str[1:]]
                entries[number] = Entry(dtype=kind, shape=list(array.shape), part=part, offset=len(raw), planes=planes)
                raw += _bytes(array, planes=planes)
            sizes.append(len(raw))
            parts.append(zlib.compress(bytes(raw), LEVEL, wbits=-15))
        return Packed([entry for entry in entries if entry is not None], parts, sizes)

    def _split(self) -> Iterator[list[int]]:
        """Which arrays lie together."""
        later = [number for number in self.waited if self._arrays[number].nbytes > SMALL]
        yield [number for number in range(len(self._arrays)) if number not in {*later}]
        together: list[int] = []
        for number in later:
            together.append(number)
            if sum(self._arrays[one].nbytes for one in together) >= PART:
                yield together
                together = []
        if together:
            yield together


def _bytes(array: NDArray[Any], *, planes: bool) -> bytes:
    """Of an array in its rows' order, the lowest byte first."""
    flat = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    if not planes:
        return flat.tobytes()
    return flat.reshape(-1).view(np.uint8).reshape(-1, array.dtype.itemsize).T.tobytes()
