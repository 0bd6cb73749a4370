"""What the C library is told about freed memory, and that other systems are told nothing."""

import ctypes
import sys
from typing import Any

import pytest

from mmviz.machine import allocator


class CLibrary:
    """A C library that knows mallopt, and writes down what it is told."""

    def __init__(self, answer: int) -> None:
        self.told: list[tuple[int, int]] = []
        self._answer = answer

    def mallopt(self, name: int, value: int) -> int:
        self.told.append((name, value))
        return self._answer


def ask(monkeypatch: pytest.MonkeyPatch, platform: str, library: Any) -> bool:
    opened: list[Any] = []

    def load(name: Any) -> Any:
        opened.append(name)
        return library

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(ctypes, "CDLL", load)
    answer = allocator.give_back_large_blocks()
    assert opened == ([None] if platform == "linux" else []), "the library of the process itself"
    return answer


@pytest.mark.parametrize(("answer", "told"), [(1, True), (0, False)])
def test_blocks_from_a_megabyte_on_are_mapped_by_themselves(
    answer: int, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = CLibrary(answer)
    assert ask(monkeypatch, "linux", library) is told
    assert library.told == [(-3, 1024 * 1024)], "M_MMAP_THRESHOLD of malloc.h"


@pytest.mark.parametrize(("platform", "library"), [("linux", object()), ("darwin", CLibrary(1)), ("win32", None)])
def test_where_there_is_no_mallopt_nothing_is_told(
    platform: str, library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(monkeypatch, platform, library) is False
