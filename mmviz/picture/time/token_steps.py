"""Which token an animation is at, and at which step a token's row or column is computed; no numbers, no drawing."""

from bisect import bisect_left
from collections.abc import Mapping
from math import floor

from mmviz.picture.space.sweep import EVERYWHERE, NOWHERE, Sweep
from mmviz.picture.time.timeline import Timeline

AXIS = "tokens"
"""The name of the axes whose rows or columns are tokens."""
SOURCE_AXIS = "source_tokens"
"""The same of the tokens that an encoder has read, where the others are its decoder's."""
SWEPT = {"vmprod": 0, "mvprod": 1}
"""Algorithms whose steps each compute one row (0) or one column (1)."""
Axes = Mapping[str, tuple[str, str]]
"""Names of rows and columns by path."""


def token_at(timeline: Timeline, axes: Axes, count: int, t: float, path: str | None = None) -> int | None:
    """The token whose row or column is computed at a time; None where no product goes token by token.

    Args:
        timeline: The animation.
        axes: Names of rows and columns by path.
        count: How many tokens there are.
        t: The time, in steps.
        path: Of the matrix that is asked first.
    """
    if path is not None:
        line = newest(timeline.final(path, t))
        if line is not None and axes[path][line[0]] == AXIS and line[1] < count:
            return line[1]
    for own, run in timeline.schedule.runs.items():
        axis = SWEPT.get(run.algorithm)
        if axis is None or not run.start <= t < run.end or axes[own][axis] != AXIS:
            continue
        number = floor(t) - run.start
        if number < count:
            return number
    return None


def step_of(timeline: Timeline, axes: Axes, path: str, token: int) -> float:
    """The step at which a token's row of a matrix is computed, or its column where the matrix goes by columns.

    Where neither is computed by itself, the step at which all of the matrix is there.

    Args:
        timeline: The animation.
        axes: Names of rows and columns by path.
        path: Of the matrix; its rows or its columns are tokens.
        token: Which one.
    """
    run = timeline.schedule.runs.get(path)
    by_columns = run is not None and run.algorithm in ("mvprod", "dotprod-columns")
    axis = int(axes[path][1] == AXIS and (by_columns or axes[path][0] != AXIS))
    steps = range(timeline.steps + 1)
    return float(bisect_left(steps, True, key=lambda t: _begun(timeline.final(path, t), axis, token)))


def newest(there: Sweep) -> tuple[int, int] | None:
    """The axis along which cells come, 0 for row by row, and the newest row or column; None where they do not."""
    if there in (EVERYWHERE, NOWHERE) or there.row_turn == there.column_turn == 0:
        return None
    if there.row_turn >= there.column_turn:
        return 0, there.last // there.row_turn * there.row_size
    return 1, there.last // there.column_turn * there.column_size


def _begun(there: Sweep, axis: int, index: int) -> bool:
    """Whether a row or column is being computed by itself, or is there."""
    line = newest(there)
    if line is not None and line[0] != axis:
        return False
    return there.holds(index, 0) if axis == 0 else there.holds(0, index)
