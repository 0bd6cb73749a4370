"""Runs mypy, which is asked to look for nothing that could be given back: that is a fifth of its time, then it ends."""

import gc

from mypy.__main__ import console_entry


def nothing(*_: int) -> None:
    """Stand in for what mypy would ask of the collector."""


gc.disable()
gc.enable = gc.set_threshold = nothing
console_entry()
