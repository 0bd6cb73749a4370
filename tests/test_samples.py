"""Which tests of a file the quick check takes."""

from typing import Any

import pytest

from tests.samples import evenly, sample


class Item:
    """What is asked of a test."""

    def __init__(self, name: str) -> None:
        self.nodeid = f"tests/test_x.py::{name}"


def taken(names: list[str], count: int) -> list[str]:
    items: list[Any] = [Item(name) for name in names]
    return [item.nodeid.partition("::")[2] for item in sample(items, count)]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["test_a"], ["test_a"]),
        (["test_a[0]", "test_a[1]", "test_b"], ["test_a[0]", "test_b", "test_a[1]"]),
        (["test_a[0]", "test_a[1]", "test_b", "test_c", "test_d"], ["test_a[0]", "test_b", "test_c"]),
    ],
)
def test_every_function_comes_before_a_second_case_of_any(names: list[str], expected: list[str]) -> None:
    assert taken(names, 3) == expected


@pytest.mark.parametrize("size", [0, 1, 4, 5, 6, 23, 1000])
def test_what_is_taken_lies_evenly(size: int) -> None:
    found = evenly(range(size), 5)
    assert len(found) == min(size, 5)
    gaps = {after - before for before, after in zip(found, [*found[1:], size], strict=False)}
    assert not gaps or max(gaps) - min(gaps) <= 1
