"""Some tests of each file, for a check that is quick: as many functions as may be, evenly over the file."""

from collections.abc import Sequence
from typing import TypeVar

import pytest

OPTION = "--of-each-file"
T = TypeVar("T")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option takes how many."""
    parser.addoption(OPTION, type=int, metavar="COUNT", help="run at most so many tests of each file")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the others, after those that marks leave out."""
    count = config.getoption(OPTION)
    if count is None:
        return
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.nodeid.partition("::")[0], []).append(item)
    kept = {item for of_file in files.values() for item in sample(of_file, count)}
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]


def sample(items: Sequence[pytest.Item], count: int) -> list[pytest.Item]:
    """The first case of as many functions as there are, and where these are fewer, other cases."""
    firsts = {*{item.nodeid.partition("[")[0]: item for item in reversed(items)}.values()}
    first = [item for item in items if item in firsts]
    others = [item for item in items if item not in firsts]
    return evenly(first, count) + evenly(others, max(count - len(first), 0))


def evenly(things: Sequence[T], count: int) -> list[T]:
    """So many of them, or all, with about as many left out between any two."""
    return [things[number * len(things) // count] for number in range(count)] if count < len(things) else [*things]
