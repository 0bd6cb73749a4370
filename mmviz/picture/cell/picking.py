"""Which element is under the pointer, and what to say about it: a ray against a handful of planes, no GPU."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import floor

import numpy as np

from mmviz.picture.cell.element_names import bracketed, element_name, place_name
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import Inset
from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.orbit import ray
from mmviz.picture.space.item_key import Brief
from mmviz.picture.space.placement import Placement, Vector
from mmviz.picture.time.planes import Plane
from mmviz.picture.time.timeline import Frame
from mmviz.scene.language.tree import find

MEANINGS: Mapping[Brief, str] = {
    "term": "on its way to",
    "scores": "score, before the softmax, for",
    "gain": "what this block of keys adds to",
}
"""What a single element is that flies."""
OF_ROWS: Mapping[Brief, str] = {
    "maximum": "m, the largest score so far of",
    "total": "l, the sum of exp(score - m) so far of",
    "factor": "multiplies in this step what is summed up in",
}
"""What a number of a whole row is."""


@dataclass(frozen=True, slots=True)
class Picked:
    """An element of a matrix, or one of the products that are being summed up to it."""

    path: str  # of the matrix; for a product in flight, of the matrix that it is summed up to
    name: str  # of that matrix, or of the sheet behind it
    i: int  # row
    j: int  # column
    value: float  # what is shown there at that time
    masked: bool = False  # a mask forbids the element
    unfinished: bool = False  # a running sum that is not complete
    k: int | None = None  # of a product in flight, L[i, k] * R[k, j]
    before: bool = False  # on the sheet behind the matrix: the element before the last function
    part: tuple[int, int] | None = None  # of the partial result of a k block: its first and its last k
    kind: Brief = "plane"  # of what flies or stands beside its matrix


@dataclass(frozen=True, slots=True, eq=False)
class _Target:
    path: str
    placement: Placement
    plane: Plane | None = None
    before: bool = False


def pick(
    composition: Composition,
    frame: Frame,
    camera: Camera,
    x: float,
    y: float,
    aspect: float,
    *,
    insets: tuple[Inset, ...] = (),
    t: float | None = None,
) -> Picked | None:
    """The nearest element under a point of the picture; cells that are not there at that time are looked through.

    Args:
        composition: What is shown.
        frame: The state of every matrix at the picture's time; one that is not in it is looked through.
        camera: The picture's camera.
        x: From left to right, 0..1.
        y: From top to bottom, 0..1.
        aspect: Width of the picture divided by its height.
        insets: The insets in the picture; each hides what is behind it.
        t: The time of the frame, in steps; the end by default.

    Returns:
        None where there is nothing. A cell is a square of 1 x 1 around its element's centre.
    """
    at = composition.timeline.steps if t is None else t
    targets = [_Target(path, composition.layout[path]) for path in frame]
    for inset in insets:
        left, top, width, height = _corner(inset, aspect)
        if left <= x <= left + width and top <= y <= top + height:
            if inset.key.kind == "bar":
                return None
            shown = [target for target in targets if inset.key.path == target.path]
            eye, direction = ray(inset.camera, (x - left) / width, (y - top) / height, 1.0)
            return _first(composition, frame, at, shown, eye, direction)
    targets += [_Target(plane.owner, plane.drawn, plane) for plane in frame.planes]
    behind = composition.behind.placements.items()
    targets += [_Target(path, place, before=True) for path, place in behind if path in frame]
    return _first(composition, frame, at, targets, *ray(camera, x, y, aspect))


def describe(picked: Picked, composition: Composition) -> str:
    """One line about an element, such as `attn[41 “ to”, 40 “ has”] = 0.9655   (rows: tokens, columns: tokens)`."""
    element = element_name(composition, picked.path, picked.i, picked.j, picked.name)
    if picked.k is not None:
        node = composition.timeline.products[picked.path]
        left = element_name(composition, node.left.path, picked.i, picked.k, node.left.name)
        right = element_name(composition, node.right.path, picked.k, picked.j, node.right.name)
        return f"{left} * {right} = {picked.value:.4g}   (product k = {picked.k} in the sum for {element})"
    if picked.part is not None:
        first, last = picked.part
        return f"{picked.value:.4g}   (products k = {first} to {last} in the sum for {element})"
    value = "masked" if picked.masked else f"{picked.value:.4g}"
    if picked.kind in MEANINGS:
        return f"{value}   ({MEANINGS[picked.kind]} {element})"
    if picked.kind in OF_ROWS:
        rows, _ = composition.axes[picked.path]
        return f"{value}   ({OF_ROWS[picked.kind]} {bracketed(picked.name)}[{place_name(composition, rows, picked.i)}])"
    so_far = " so far" if picked.unfinished and not picked.masked else ""
    sides = zip(("rows", "columns"), composition.axes[picked.path], strict=True)
    named = ", ".join(f"{side}: {axis}" for side, axis in sides if axis)
    return f"{element} = {value}{so_far}" + (f"   ({named})" if named else "")


def scale_told(picked: Picked, composition: Composition) -> str:
    """In words which |x| of the element's matrix is drawn at full size; nothing of what flies or lies behind one."""
    plain = picked.kind == "plane" and picked.k is None and picked.part is None and not picked.before
    return composition.scales[picked.path].told(composition.style) if plain else ""


def _corner(inset: Inset, aspect: float) -> tuple[float, float, float, float]:
    """An inset's left, top, width and height, as shares of the picture."""
    left, bottom, right, top = inset.place(aspect)
    return left, 1 - top, right - left, top - bottom


def _first(
    composition: Composition, frame: Frame, t: float, targets: list[_Target], eye: Vector, direction: Vector
) -> Picked | None:
    for target, row, column in _hits(targets, eye, direction):
        row_gap, column_gap = target.placement.gaps
        i = _index(row, target.placement.shape[0], target.placement.row_block, row_gap)
        j = _index(column, target.placement.shape[1], target.placement.column_block, column_gap)
        if i is None or j is None:
            continue
        if target.plane is not None:
            if target.plane.shown.holds(i, j):
                return _flying(composition, target.plane, i, j)
            continue
        if frame[target.path].shown.holds(i, j):
            if target.before:
                return _element_before(composition, t, target.path, i, j)
            return _matrix_element(composition, frame, target.path, i, j)
    return None


def _hits(targets: list[_Target], eye: Vector, direction: Vector) -> Iterator[tuple[_Target, float, float]]:
    """Where a ray meets the planes in front of the eye, nearest first: the target and the place on it.

    The place counts steps down and across from the target's origin.
    """
    if not targets:
        return
    origin = np.array([target.placement.origin for target in targets]) - eye  # (targets, 3)
    down = np.array([target.placement.down for target in targets])  # (targets, 3)
    across = np.array([target.placement.across for target in targets])  # (targets, 3)
    normal = np.cross(down, across)  # (targets, 3)
    area = np.einsum("nc,nc->n", normal, normal)  # (targets,), squared
    slope = normal @ direction  # (targets,)
    meets = np.abs(slope) > 1e-9 * np.sqrt(area)
    reach = np.einsum("nc,nc->n", normal, origin) / np.where(meets, slope, 1.0)  # (targets,), in cells
    spot = reach[:, None] * direction - origin  # (targets, 3), from the target's origin
    rows = np.einsum("nc,nc->n", np.cross(spot, across), normal) / area
    columns = np.einsum("nc,nc->n", np.cross(down, spot), normal) / area
    for number in np.argsort(reach, kind="stable"):
        if meets[number] and reach[number] > 0:
            yield targets[number], float(rows[number]), float(columns[number])


def _index(place: float, size: int, block: int, gap: float) -> int | None:
    """The row or column whose cell covers a place along its axis; None between blocks and outside."""
    block = block or size
    number = floor((place + 0.5) / (block + gap))
    within = floor(place + 0.5 - number * (block + gap))
    index = number * block + within
    return index if 0 <= within < block and 0 <= index < size else None


def _matrix_element(composition: Composition, frame: Frame, path: str, i: int, j: int) -> Picked:
    values = frame[path].values
    mask = composition.masked.get(path)
    return Picked(
        path,
        _name(composition, path),
        i,
        j,
        float(values[i, j]),
        masked=mask is not None and bool(mask[i, j]),
        unfinished=values is not composition.values[path],
    )


def _element_before(composition: Composition, t: float, path: str, i: int, j: int) -> Picked:
    values = composition.behind.values(path, t)
    mask = composition.behind.masked.get(path)
    return Picked(
        path,
        composition.behind.names[path],
        i,
        j,
        float(values[i, j]),
        masked=mask is not None and bool(mask[i, j]),
        unfinished=not composition.behind.finished(path, values),
        before=True,
    )


def _flying(composition: Composition, plane: Plane, i: int, j: int) -> Picked:
    if plane.kind == "plane":
        return _product(composition, plane, i, j)
    if plane.kind == "partial":
        return _partial(composition, plane, i, j)
    masked = plane.masked is not None and bool(plane.masked[i, j])
    first, value = plane.first, float(plane.values[i, j])
    name = _name(composition, plane.owner)
    return Picked(plane.owner, name, first[0] + i, first[1] + j, value, masked, kind=plane.kind)


def _product(composition: Composition, plane: Plane, row: int, column: int) -> Picked:
    """Its place in the cube says which product it is; a plane that glides has left its place by less than a step."""
    i, k, j = composition.layout.cubes[plane.owner].at(plane.element(row, column))
    return Picked(plane.owner, _name(composition, plane.owner), i, j, float(plane.values[row, column]), k=k)


def _partial(composition: Composition, plane: Plane, i: int, j: int) -> Picked:
    cube = composition.layout.cubes[plane.owner]
    first = plane.number * cube.block[1]
    part = (first, min(first + cube.block[1], cube.shape[1]) - 1)
    return Picked(plane.owner, _name(composition, plane.owner), i, j, float(plane.values[i, j]), part=part)


def _name(composition: Composition, path: str) -> str:
    node = find(composition.root, path)
    return "" if node is None else node.name
