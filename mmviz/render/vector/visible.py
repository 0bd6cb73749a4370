"""What is seen of lines and arrows behind and before matrices, by how far each pixel is from the eye; draws nothing."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]

STEP = 0.5
"""From one place of a line at which it is asked whether it is hidden to the next, in pixels."""
LEAST = 1.5 * STEP
"""Pieces that are shorter are left out: single places that peep out beside what hides a line, or between spheres."""
CLOSE = 2e-5
"""Share of a distance by which what hides a line is nearer at least: less is rounding. Far less than a cell, for lines
between the rows of a matrix are hidden by its spheres."""


def visible_pieces(ends: Floats, depths: Floats) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The pieces of straight lines that nothing hides.

    Args:
        ends: (lines, 2, 3): start and end of each; pixels from the left and from the top, and distance from the eye.
        depths: (height, width): how far what hides them is from the eye at each pixel, infinite where nothing is.

    Returns:
        (pieces, 2, 2): start and end of each, in pixels; and which of them are whole lines.
    """
    height, width = depths.shape
    enter, leave = _within(ends, width, height)
    kept = leave > enter
    ends, enter, leave = ends[kept], enter[kept], leave[kept]
    start, way = ends[:, 0, :2], ends[:, 1, :2] - ends[:, 0, :2]
    near = 1.0 / ends[:, :, 2]  # (lines, 2); it grows evenly along the picture
    counts = np.ceil((leave - enter) * np.hypot(*way.T) / STEP).astype(int) + 1  # (lines,)
    line = np.repeat(np.arange(len(ends)), counts)  # (places,)
    number = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    stride = ((leave - enter) / np.maximum(counts - 1, 1))[line]
    share = enter[line] + stride * number
    places = start[line] + share[:, None] * way[line]
    depth = 1.0 / (near[line, 0] + share * (near[line, 1] - near[line, 0]))
    column, row = np.clip(places.astype(int), 0, [width - 1, height - 1]).T
    seen = depth <= depths[row, column] * (1 + CLOSE)
    goes_on = seen[:-1] & seen[1:] & (line[:-1] == line[1:])
    first = seen & ~np.concatenate([[False], goes_on]) if len(seen) else seen
    last = seen & ~np.concatenate([goes_on, [False]]) if len(seen) else seen
    # A place stands for half a step before and behind it.
    low = np.maximum(share - stride / 2, enter[line])[first]
    high = np.minimum(share + stride / 2, leave[line])[last]
    line = line[first]
    shares = np.stack([low, high], axis=1)[..., None]  # (pieces, 2, 1)
    pieces: NDArray[np.float64] = start[line][:, None] + shares * way[line][:, None]
    whole = (low == 0.0) & (high == 1.0)
    kept = whole | (np.hypot(*(pieces[:, 1] - pieces[:, 0]).T) >= LEAST)
    return pieces[kept], whole[kept]


def hiding(front: Floats, back: Floats) -> NDArray[np.bool_]:
    """Where something hides what is behind it, and one pixel around where there is nothing to be seen of that.

    Outlines have smooth edges, which would shine out beside what hides them.

    Args:
        front: (height, width), distance from the eye.
        back: The same of what may be hidden.
    """
    hidden: NDArray[np.bool_] = np.isfinite(back) & (front * (1 + CLOSE) < back)
    around = hidden.copy()
    padded = np.pad(hidden, 1)
    for down in range(3):
        for right in range(3):
            around |= padded[down : down + hidden.shape[0], right : right + hidden.shape[1]]
    wider: NDArray[np.bool_] = hidden | (around & ~np.isfinite(back))
    return wider


def lenient(depths: Floats) -> NDArray[np.float32]:
    """What hides something, as far as the farthest pixel beside each, and a step more: it does not hide its own edges.

    Args:
        depths: (height, width), infinite where nothing is.
    """
    height, width = depths.shape
    there = np.isfinite(depths)
    padded = np.pad(np.where(there, depths, -np.inf), 1, constant_values=-np.inf)
    around = [padded[down : down + height, right : right + width] for down in range(3) for right in range(3)]
    slope = np.zeros_like(depths)
    with np.errstate(invalid="ignore"):  # the difference of nothing and nothing
        for before, after in ((around[1], around[7]), (around[3], around[5])):
            step = np.fmin(abs(depths - before), abs(after - depths))  # on its own side, not over an edge
            slope += np.where(np.isfinite(step), step, 0.0)
    farthest = depths.copy()  # one after the other: pages have millions of pixels
    for moved in around:
        np.maximum(farthest, moved, out=farthest, where=there)
    return np.asarray(farthest + slope, np.float32)


def before_the_eye(segments: Floats, depth: Floats, nearest: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The parts of segments that are farther than a distance from the eye.

    Args:
        segments: (segments, 2, 3), in space.
        depth: (segments, 2), distance of each end from the eye.
        nearest: The distance.

    Returns:
        The segments that have such a part, cut; and which ones these are.
    """
    there = np.asarray((depth > nearest).any(axis=1))
    ends, depth = segments[there], depth[there]
    span = np.where(depth[:, 1] == depth[:, 0], 1.0, depth[:, 1] - depth[:, 0])
    share = ((nearest - depth[:, 0]) / span)[:, None]
    crossing = ends[:, 0] + share * (ends[:, 1] - ends[:, 0])
    cut = np.where((depth > nearest)[..., None], ends, crossing[:, None])
    return np.asarray(cut, float), there


def _within(ends: Floats, width: int, height: int) -> tuple[Floats, Floats]:
    """From which to which share of each line it lies within the picture."""
    start, way = ends[:, 0, :2], ends[:, 1, :2] - ends[:, 0, :2]
    still = np.where(way == 0, 1e-12, way)
    first, second = -start / still, ([width, height] - start) / still  # (lines, 2)
    enter: Floats = np.minimum(first, second).max(axis=1)
    leave: Floats = np.maximum(first, second).min(axis=1)
    return np.maximum(enter, 0.0), np.minimum(leave, 1.0)
