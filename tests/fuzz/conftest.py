"""How many damaged inputs are tried, and from which seed on: `pytest tests/fuzz --fuzz 1000 --fuzz-seed 7`."""

import pytest

FEW = 20
"""That are tried of each kind where nothing is said, so that all of them take seconds."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fuzz", type=int, default=FEW, metavar="COUNT", help="damaged inputs of each kind in tests/fuzz")
    parser.addoption("--fuzz-seed", type=int, default=0, metavar="SEED", help="the first one's seed")


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> range:
    """Of the inputs that are tried. Without the folder on the command line pytest reads the options too late."""
    first = int(request.config.getoption("--fuzz-seed", default=0))
    return range(first, first + int(request.config.getoption("--fuzz", default=FEW)))
