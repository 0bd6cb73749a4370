"""What a frame consists of for other 3D programs: balls, pictures, lines, arrows and texts in the order of the tree.

Right is up (y) and to the right (x), as in glTF and USD; a cell is CELL metres. Colours are those of
picture/look/looks.py before light and shade. What is no element has the colours of a ground that nobody knows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import OutputError
from mmviz.orders.order import MeshOrder
from mmviz.picture.drawlist import DrawList, Lines, Patch, Sheet
from mmviz.picture.ground import Repainter
from mmviz.picture.look import color, mm_color
from mmviz.picture.look.looks import colors_of
from mmviz.picture.look.palette import MmLook
from mmviz.picture.space.item_key import BEHIND, ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.render.mesh.shapes import CELL, Balls, Finish, Group, Solid, Strokes
from mmviz.render.mesh.texts import labels, ticks

LARGEST_TEXTURE = 8192
"""Side of a texture, in texels: larger matrices show the strongest of several elements in each."""
BAND = 1 << 18
"""Elements whose colours are found at once: for each there are some hundred bytes meanwhile."""
SEVERAL = "side by side"
"""What a group of several roots is called."""
THIN = 1 / 1500
"""Width of a line as a share of the scene's diagonal, where a format gives lines a width."""


def check_largest(drawing: DrawList, order: MeshOrder, each: int, largest: int) -> None:
    """Refuse a file that would be too large, before anything of it is made.

    Args:
        drawing: The frame.
        order: The file.
        each: Bytes of a ball.
        largest: Bytes of the file, at most.

    Raises:
        OutputError: as said.
    """
    small = _small(drawing.sheets, order.spheres)
    balls = sum(sheet.values.size for sheet in drawing.sheets if sheet.key in small)
    texels = sum(min(x.values.size, LARGEST_TEXTURE**2) for x in drawing.sheets if x.key not in small)
    left = largest - 4 * texels
    if balls * each > left:
        found = f"{balls:,} spheres and pictures of {texels:,} elements" if texels else f"{balls:,} spheres"
        needed = f"a limit of {left // each:,} spheres or less" if left >= each else "a smaller scene"
        raise OutputError(
            f"{order.place}: {found} would take up to {(balls * each + 4 * texels) / 1e9:.1f} GB; a mesh may take "
            f"{largest / 1e9:.1f} GB: {needed} is needed."
        )


def groups_of(drawing: DrawList, names: Mapping[str, str], limit: int, *, backs: bool) -> Group:
    """All parts of a frame, in a group for each matrix; that of the whole expression holds the others.

    Args:
        drawing: The frame.
        names: The name of each matrix by path. A group is named so; where two are alike, the path follows.
        limit: Elements that are balls, at most, counted from the smallest matrix on.
        backs: Texts are there twice, the second time for those who look from behind; else they are mirrored there.
    """
    drawing = Repainter("transparent")(drawing)
    groups = _tree(names)
    balls = _small(drawing.sheets, limit)
    for sheet in drawing.sheets:
        group = groups[sheet.key.path]
        name = group.name if sheet.key.kind == "matrix" and not sheet.key.part else _named(sheet.key, group)
        if sheet.key in balls:
            group.balls += _balls(name, sheet)
        else:
            group.solids += _quads(f"picture of {name}", sheet)
    diagonal = CELL * float(np.linalg.norm(np.ptp(drawing.extent, axis=0)))
    for lines in drawing.lines:
        group = groups[lines.key.path]
        group.strokes.append(_strokes(_named(lines.key, group), lines, THIN * diagonal))
    for patch in drawing.patches:
        group = groups[patch.key.path]
        group.solids.append(_arrow(_named(patch.key, group), patch))
    planes = {sheet.key.path: sheet.placement for sheet in drawing.sheets if sheet.key.kind == "matrix"}
    for key, solid in (*labels(drawing.labels, planes, backs=backs), *ticks(drawing.ticks, backs=backs)):
        groups[key.path].solids.append(replace(solid, name=_named(key, groups[key.path])))
    return groups[""]


def _tree(names: Mapping[str, str]) -> dict[str, Group]:
    """A group for each matrix by path, each below that of the result which its matrix goes into.

    Several roots side by side are below one that has nothing else.
    """
    groups: dict[str, Group] = {} if "" in names else {"": Group(SEVERAL)}
    taken: set[str] = {group.name for group in groups.values()}
    for path in sorted(names, key=len):
        name = names[path] if names[path] not in taken else f"{names[path]} [{path}]"
        taken.add(name)
        groups[path] = Group(name)
        if path:
            groups[path.rpartition(".")[0]].below.append(groups[path])
    return groups


def _named(key: ItemKey, group: Group) -> str:
    """What a part of a group is called, such as `outline of A` or `plane of C (1)`."""
    match key.part:
        case "":
            return f"{key.kind} of {group.name}"
        case str(part) if part == BEHIND and key.kind == "matrix":
            return f"{group.name} {part}"
        case _:
            return f"{key.kind} of {group.name} ({key.part})"


def _small(sheets: Sequence[Sheet], limit: int) -> set[ItemKey]:
    """Keys of the sheets, from the smallest one on, that together have no more elements than the limit."""
    chosen, left = set(), limit
    for sheet in sorted(sheets, key=lambda sheet: sheet.values.size):
        left -= sheet.values.size
        if left < 0:
            break
        chosen.add(sheet.key)
    return chosen


def _visible(sheet: Sheet) -> NDArray[np.bool_]:
    """(rows, columns): which elements are there."""
    shown = sheet.shown.mask((sheet.values.shape[0], sheet.values.shape[1]))
    return shown if sheet.masked is None else shown & ~sheet.masked


def _radii(sheet: Sheet) -> NDArray[np.float64]:
    """(rows, columns): of each sphere, in cells; 0 for what is not drawn."""
    look = sheet.look
    if isinstance(look, MmLook):
        return mm_color.radius(sheet.values, look.low, look.high, look.colors)
    return color.radius(sheet.values, sheet.scale, look)


def _balls(name: str, sheet: Sheet) -> Iterator[Balls]:
    """The elements that are there, if any are."""
    radii = _radii(sheet)
    i, j = np.nonzero(_visible(sheet) & (radii > 0))
    if len(i):
        centers = CELL * sheet.placement.spot(i, j)
        colors = _texels(sheet.values[i, j][:, None], sheet)[:, 0]
        yield Balls(name, centers, CELL * radii[i, j], colors, _shares(sheet.placement))


def _shares(placement: Placement) -> NDArray[np.float64]:
    """(3,): how much of a cell a ball fills in x, y and z: less than 1 along an axis that is folded."""
    shares = np.ones(3)
    for way, step in zip(placement.ways, placement.steps, strict=True):
        shares[np.abs(way).argmax()] *= step
    return shares


def _quads(name: str, sheet: Sheet) -> Iterator[Solid]:
    """A matrix as a picture, one texel an element, in as many rectangles as it has blocks."""
    there = _visible(sheet)
    if there.any():
        step = max(1, -(-max(sheet.values.shape) // LARGEST_TEXTURE))
        values, there = _strongest(sheet.values, there, step)
        corners, places = (np.concatenate(parts) for parts in zip(*_rectangles(sheet), strict=True))
        texels = _texels(values, sheet)
        edges: Literal["whole", "cut"] = "whole"
        if not there.all():
            texels, edges = np.dstack([texels, np.where(there, 255, 0).astype(np.uint8)]), "cut"
        faces = np.arange(len(corners)).reshape(-1, 4)[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3)
        yield Solid(name, CELL * corners, faces, Finish(texels=texels, edges=edges, sharp=True), places=places)


def _texels(values: NDArray[np.float32], sheet: Sheet) -> NDArray[np.uint8]:
    """(rows, columns, 3): the colours of a sheet's numbers, 0..255."""
    texels = np.empty((*values.shape, 3), np.uint8)
    rows = max(1, BAND // values.shape[1])
    for first in range(0, len(values), rows):
        some = slice(first, first + rows)
        texels[some] = np.rint(255 * colors_of(values[some], sheet.look, sheet.scale))
    return texels


def _strokes(name: str, lines: Lines, width: float) -> Strokes:
    return Strokes(name, CELL * lines.points, lines.color, width * lines.width)


def _arrow(name: str, patch: Patch) -> Solid:
    return Solid(name, CELL * patch.points, patch.triangles, Finish(patch.color, patch.opacity))


def _rectangles(sheet: Sheet) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """(4, 3) corners, in cells, and (4, 2) places in the texture, of each block; places run from the lower left."""
    placement = sheet.placement
    rows, columns = sheet.values.shape
    tall, wide = placement.row_block or rows, placement.column_block or columns
    for top in range(0, rows, tall):
        for left in range(0, columns, wide):
            bottom, right = min(top + tall, rows) - 1, min(left + wide, columns) - 1
            centers = placement.spot([top, top, bottom, bottom], [left, right, right, left])  # (4, 3)
            outward = 0.5 * np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]])
            corners = centers + outward[:, :1] * placement.down + outward[:, 1:] * placement.across
            u = np.array([left, right + 1, right + 1, left]) / columns
            v = 1 - np.array([top, top, bottom + 1, bottom + 1]) / rows
            yield corners, np.stack([u, v], axis=1)


def _strongest(
    values: NDArray[np.float32], there: NDArray[np.bool_], step: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Of every square of `step` x `step` elements the one with the largest |x| that is there."""
    if step == 1:
        return values, there
    rows, columns = (-(-side // step) for side in values.shape)
    padding = [(0, rows * step - values.shape[0]), (0, columns * step - values.shape[1])]
    numbers, present = (
        np.pad(matrix, padding).reshape(rows, step, columns, step).swapaxes(1, 2).reshape(rows, columns, -1)
        for matrix in (values, there)
    )
    ranks = np.where(present, np.nan_to_num(np.abs(numbers), nan=np.inf), -1.0)
    chosen = ranks.argmax(axis=2)[..., None]
    strongest = np.take_along_axis(numbers, chosen, axis=2)[..., 0].astype(np.float32)
    return strongest, ranks.max(axis=2) >= 0
