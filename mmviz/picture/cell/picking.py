"""Which element is under the pointer, and what to say about it: a ray against a handful of planes, no GPU."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mmviz.picture.cell.element_names import bracketed, element_name, place_name, short
from mmviz.picture.cell.rays import Hit, Target, hits
from mmviz.picture.cell.targets import is_there, targets_of
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import Inset
from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.giving_way import reach_of
from mmviz.picture.eye.orbit import ray
from mmviz.picture.space.item_key import Brief
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
    "sink": "the share that the sink takes of",
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


def shown_of(picked: Picked | None, path: str | None) -> float | None:
    """The number that is picked, where it is drawn in the colours of the matrix at a path; None for all else."""
    if picked is None or picked.path != path or picked.masked or picked.before:
        return None
    return picked.value if picked.k is None and picked.part is None and picked.kind == "plane" else None


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
    """The nearest element under a point of the picture; what is not there then, or gives way, is looked through.

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
    for inset in insets:
        left, top, width, height = _corner(inset, aspect)
        if left <= x <= left + width and top <= y <= top + height:
            if inset.key.kind == "bar":
                return None
            shown = [Target(path, composition.layout[path]) for path in frame if inset.key.path == path]
            eye, direction = ray(inset.camera, (x - left) / width, (y - top) / height, 1.0)
            return _first(composition, frame, at, hits(shown, eye, direction), 0.0)
    met = hits(targets_of(composition, frame, camera), *ray(camera, x, y, aspect))
    return _first(composition, frame, at, met, reach_of(camera))


def describe(picked: Picked, composition: Composition) -> str:
    """One line about an element, such as `attn[41 “ to”, 40 “ has”] = 0.9655   (rows: tokens, columns: tokens)`."""
    element = element_name(composition, picked.path, picked.i, picked.j, picked.name)
    if picked.k is not None:
        node = composition.timeline.products[picked.path]
        left = element_name(composition, node.left.path, picked.i, picked.k, node.left.name)
        right = element_name(composition, node.right.path, picked.k, picked.j, node.right.name)
        return f"{left} * {right} = {short(picked.value)}   (product k = {picked.k} in the sum for {element})"
    if picked.part is not None:
        first, last = picked.part
        return f"{short(picked.value)}   (products k = {first} to {last} in the sum for {element})"
    value = "masked" if picked.masked else short(picked.value)
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


def _first(composition: Composition, frame: Frame, t: float, met: Iterable[Hit], reach: float) -> Picked | None:
    for hit in met:
        if not is_there(hit, frame, reach):
            continue
        (i, j), target = hit.element or (0, 0), hit.target
        if target.plane is not None:
            return _flying(composition, target.plane, i, j)
        if target.before:
            return _element_before(composition, t, target.path, i, j)
        return _matrix_element(composition, frame, target.path, i, j)
    return None


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
