"""How far a long piece of work has come, on a terminal; nothing in a pipe."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from mmviz.machine.endings import ENDINGS

SHOW_CURSOR = b"\n\x1b[?25h"
"""Goes on in a new line, where the cursor is seen again, which a bar hides."""


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
    ended_early = nullcontext() if hidden else ENDINGS.due(_leave_line)
    with ended_early, Progress(*columns, console=Console(stderr=True), disable=hidden) as progress:
        task = progress.add_task(description, total=total)
        yield lambda done: progress.update(task, completed=done)


def _leave_line() -> None:
    os.write(2, SHOW_CURSOR)
