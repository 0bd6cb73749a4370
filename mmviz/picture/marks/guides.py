"""Outlines, row guides and corner marks: what helps to read a lattice without being data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.drawlist import Lines
from mmviz.picture.look.palette import Color
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement, Vector, length
from mmviz.picture.space.sweep import Sweep
from mmviz.picture.time.planes import Plane
from mmviz.scene.language.tree import Tree, walk

OUTLINE: Color = (0.34, 0.34, 0.38)
GUIDE: Color = (0.17, 0.17, 0.20)
MARGIN = 0.75
"""Distance from the outermost elements' centres to the outline, in cells."""
SELECTED: Color = (0.42, 0.68, 1.0)
"""Of the frame around the selected matrix: the window's accent, lighter, as it stands on black."""
AROUND = 1.25
"""Distance of that frame to the outermost elements' centres, in cells: outside the outline."""
FLYING: Color = (0.72, 0.72, 0.80)
EDGE: Color = (0.45, 0.45, 0.52)
MARK = 0.03
"""Distance from a marked cell's middle to its frame, as a share of the matrix's longer side."""
STROKE = 0.06
"""How long the strokes are beside a row or column that is lit, as a share of the matrix's shorter side."""
BREAK = 0.025
"""How wide the mark is that breaks a side which is drawn shorter than it is, as a share of that side."""
LONGEST_EDGE = 4096
"""Most steps of a mask's edge that are drawn."""
ROW_GUIDES = 8
"""About how many row guides a matrix gets."""
MOST_BLOCKS = 1024
"""Most blocks of a matrix, and most pieces of a line, that are drawn."""


def outline(path: str, placement: Placement, part: str = "") -> tuple[Lines, Lines]:
    """The border of a matrix with the corner mark at element (0, 0), and faint: its row guides and its blocks."""
    top_left, top_right, bottom_right, bottom_left = placement.corners(MARGIN)
    (row_fold, column_fold), (down, across) = placement.folds, placement.ways
    border: list[Vector] = []
    for start, end, fold, out in (
        (top_left, top_right, column_fold, down),
        (top_right, bottom_right, row_fold, across),
        (bottom_right, bottom_left, column_fold, down),
        (bottom_left, top_left, row_fold, across),
    ):
        border += [start, end] if fold <= 1 else _broken(start, end, out)
    rows, columns = placement.shape
    row_step, column_step = placement.steps
    whole = min(rows * row_step, columns * column_step)
    block = min((placement.row_block or rows) * row_step, (placement.column_block or columns) * column_step)
    size = min(block - 1 + 2 * MARGIN, max(2.0, 0.12 * whole))
    border += [top_left + size * across, top_left + size * down]
    faint = np.concatenate([_row_guides(placement), _block_borders(placement)])
    return (
        Lines(ItemKey("outline", path, part), np.array(border), OUTLINE, 1.4),
        Lines(ItemKey("rows", path, part), faint, GUIDE, 1.0),
    )


def _broken(start: Vector, end: Vector, out: Vector) -> list[Vector]:
    """A side that is drawn shorter than it is: interrupted in its middle by two slanted strokes.

    Args:
        start: (3,) in cells.
        end: (3,)
        out: (3,) unit vector across the side.
    """
    side = length(end - start)
    along = (end - start) / side
    middle, half = (start + end) / 2, BREAK * side / 2
    ends = middle - half * along, middle + half * along
    stroke = 2 * half * out + half * along
    return [start, ends[0], ends[1], end, *(place + way for place in ends for way in (-stroke, stroke))]


def _row_guides(placement: Placement) -> Vector:
    """(2 * segments, 3): lines between two rows of a block, about ROW_GUIDES of them, each across all columns."""
    rows = placement.shape[0]
    step = max(1, round(rows / ROW_GUIDES))
    above = np.arange(step, rows, step) - 1
    if placement.row_block:
        above = above[(above + 1) % placement.row_block > 0]
    return _across(placement, above, 0.5)


def _block_borders(placement: Placement) -> Vector:
    """(2 * segments, 3): the sides of all blocks that face another block; nothing where there are very many."""
    row_blocks, column_blocks = placement.blocks
    if not 1 < row_blocks * column_blocks <= MOST_BLOCKS:
        return np.zeros((0, 3))
    flipped = replace(
        placement,
        shape=placement.shape[::-1],
        down=placement.across,
        across=placement.down,
        row_block=placement.column_block,
        column_block=placement.row_block,
    )
    margin = _block_margin(placement)
    sides = []
    for place in (placement, flipped):
        if place.row_block:
            first = np.arange(place.row_block, place.shape[0], place.row_block)
            sides += [_across(place, first - 1, margin), _across(place, first, -margin)]
    return np.concatenate(sides)


def _block_margin(placement: Placement) -> float:
    """Distance from a block's outermost elements to its border: as around the matrix, or half of a narrow gap."""
    return min(MARGIN, (1 + placement.gap) / 2)


def _across(placement: Placement, rows: NDArray[np.int64], below: float) -> Vector:
    """(2 * segments, 3): lines along some rows, `below` cells under their centres, broken between column blocks."""
    columns = placement.shape[1]
    block = placement.column_block if placement.blocks[1] <= MOST_BLOCKS else 0
    first = np.arange(0, columns, block or columns)
    last = np.append(first[1:] - 1, columns - 1)
    margin = np.full((2, len(first)), _block_margin(placement))
    margin[0, 0] = margin[1, -1] = placement.margins(MARGIN)[1]
    _, across = placement.ways
    starts = placement.spot(rows[:, None], first) - margin[0, :, None] * across  # (rows, blocks, 3)
    ends = placement.spot(rows[:, None], last) + margin[1, :, None] * across
    return np.stack([starts, ends], axis=2).reshape(-1, 3) + below * placement.down


def border(plane: Plane) -> Lines:
    """A bright frame around a plane in flight."""
    corners = plane.drawn.corners(MARGIN)
    return Lines(
        ItemKey("border", plane.owner, plane.key),
        np.stack([corners, np.roll(corners, -1, axis=0)], axis=1).reshape(-1, 3),
        FLYING,
        1.2,
    )


def selected(path: str | None, layout: Mapping[str, Placement]) -> tuple[Lines, ...]:
    """A frame around the matrix at a path; nothing where none is selected, or it is not there."""
    if path is None or path not in layout:
        return ()
    corners = layout[path].corners(AROUND)
    points = np.stack([corners, np.roll(corners, -1, axis=0)], axis=1).reshape(-1, 3)  # (8, 3)
    return (Lines(ItemKey("selected", path), points, SELECTED, 2.6),)


def mark(path: str, placement: Placement, lit: Sequence[Sweep]) -> tuple[Lines, ...]:
    """A bright frame around a cell that is lit alone, at some distance: what it shows may be next to nothing."""
    columns = placement.shape[1]
    cells = [one.first for one in lit if one.first == one.last and (one.row_turn, one.column_turn) == (columns, 1)]
    if len(lit) != 1 or not cells:
        return ()
    reach = max(1.0, MARK * (max(placement.reach) + 1))
    down, across = (reach * way for way in placement.ways)
    middle = placement.spot(*divmod(cells[0], columns)) + 0.6 * placement.normal  # before the spheres
    corners = middle + np.stack([-down - across, across - down, down + across, down - across])
    points = np.stack([corners, np.roll(corners, -1, axis=0)], axis=1).reshape(-1, 3)  # (8, 3)
    return (Lines(ItemKey("mark", path), points, FLYING, 1.6),)


def strokes(path: str, placement: Placement, lit: Sequence[Sweep]) -> tuple[Lines, ...]:
    """Short strokes at both ends of rows and columns that are lit: what is found by them stays legible."""
    down, across = placement.ways
    long = STROKE * (min(placement.reach) + 1)
    above, beside = placement.margins(MARGIN)
    last_row, last_column = (size - 1 for size in placement.shape)
    points: list[Vector] = []
    for one in lit:
        if one.row_turn:
            ends, way, off = placement.spot(one.first, [0, last_column]), across, beside
        else:
            ends, way, off = placement.spot([0, last_row], one.first), down, above
        for end, out in zip(ends, (-way, way), strict=True):
            points += [end + off * out, end + (off + long) * out]
    return (Lines(ItemKey("mark", path, "pointed"), np.array(points), FLYING, 1.6),) if points else ()


def mask_edge(path: str, placement: Placement, masked: NDArray[np.bool_], part: str = "") -> Lines | None:
    """The line between allowed and forbidden cells, such as the causal staircase; None where it is too long.

    Args:
        path: Path of the matrix.
        placement: Where it stands.
        masked: (rows, columns), True where a cell is forbidden.
        part: Of the matrix, that stands there.
    """
    i, j = np.nonzero(masked[:, 1:] != masked[:, :-1])  # between columns j and j + 1
    m, n = np.nonzero(masked[1:] != masked[:-1])  # between rows m and m + 1
    if not 0 < len(i) + len(m) <= LONGEST_EDGE:
        return None
    # An edge belongs to its cell, so that it does not stand in the middle of a gap between blocks.
    down, across = placement.down / 2, placement.across / 2
    right, bottom = placement.spot(i, j) + across, placement.spot(m, n) + down
    upright = np.stack([right - down, right + down], axis=1)  # (segments, 2, 3)
    level = np.stack([bottom - across, bottom + across], axis=1)
    return Lines(ItemKey("mask", path, part), np.concatenate([upright, level]).reshape(-1, 3), EDGE, 1.2)


def all_guides(root: Tree, layout: Mapping[str, Placement], masked: Mapping[str, NDArray[np.bool_]]) -> Iterator[Lines]:
    """The outlines of all matrices, and the edges of their masks.

    Args:
        root: The tree.
        layout: Where everything stands, by path.
        masked: (rows, columns) by path, True where a cell is forbidden.
    """
    for node in walk(root):
        yield from outline(node.path, layout[node.path])
        edge = mask_edge(node.path, layout[node.path], masked[node.path]) if node.path in masked else None
        if edge is not None:
            yield edge
