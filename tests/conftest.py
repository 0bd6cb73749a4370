"""What holds for every test: one seed, numpy errors raised, hypothesis always on the same examples."""

import random
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import settings

SEED = 20240501

settings.register_profile("mmviz", derandomize=True, deadline=None, max_examples=60, database=None)
settings.load_profile("mmviz")


@pytest.fixture(autouse=True)
def _fixed_seed() -> None:
    """The same random numbers in every run; torch is seeded only where a test has imported it."""
    random.seed(SEED)
    np.random.seed(SEED)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(SEED)


@pytest.fixture(autouse=True)
def _numpy_errors_raised() -> Iterator[None]:
    """Overflow, division by zero and invalid values are errors; underflow to 0 is what float32 is expected to do."""
    with np.errstate(all="raise", under="ignore"):
        yield
