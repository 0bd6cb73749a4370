"""How far a long piece of work has come, on a terminal; nothing in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def progress_bar(description: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on standard error with the time left; yields a function that takes the number of steps done.

    Args:
        description: What is being done, as 'film'.
        total: Number of steps; None where it is not known.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Not rich's own test: FORCE_COLOR would make it draw a bar into a pipe.
    hidden = not sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), disable=hidden) as progress:
        task = progress.add_task(description, total=total)
        yield lambda done: progress.update(task, completed=done)
