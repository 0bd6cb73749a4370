"""How many threads compute: one where there is little to do, so that numbers do not depend on how many there are.

Threads that share a product may divide its sums, and then its last bits are others. One thread takes as long as
several where the product is small. What is large is computed by all threads, and only its last bits depend on them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

LITTLE = 10_000_000_000
"""Additions and multiplications, which take one thread about a third of a second."""
_ALONE = threading.RLock()
"""Held by who computes with one thread: the number of threads of MKL is one for the whole process."""


@contextmanager
def steady(operations: int) -> Iterator[None]:
    """Compute with one thread if there is little to do.

    Args:
        operations: Additions and multiplications of what is computed, about.
    """
    if operations > LITTLE:
        yield
        return
    with _ALONE:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
