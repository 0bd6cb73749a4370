"""What of a frame's texts can be read: named matrices, texts over each other and over cells, the smallest letter.

Nothing is drawn: the draw list, the camera and the size of the picture say it all. What is seen of a matrix is asked
of rays, one through each of SAMPLES x SAMPLES places on it; a ray is stopped by the first other matrix.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.drawlist import Caption, DrawList, Label, TickLabels
from mmviz.picture.eye.camera import Camera, project
from mmviz.picture.marks import labels, token_labels
from mmviz.picture.marks.crowding import apart
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement

Points = NDArray[np.float64]

SAMPLES = 8
"""Places along each side of a matrix at which it is looked for."""
LEAST_AREA = 200.0
"""Square pixels of a matrix, not hidden by others, from which it counts as visible."""
THIN = 8
"""Rows or columns up to which a matrix is thin: it counts as visible by its length."""
LEAST_LENGTH = 40.0
"""Pixels of a thin matrix, not hidden by others, from which it counts as visible."""
LEGIBLE = 6.0
"""Least height of a capital letter that can be read, in pixels."""
OVER = 0.1
"""Share of a text over the cells of other matrices from which it hides them."""


@dataclass(frozen=True)
class Legibility:
    """Counts of one frame."""

    visible: frozenset[str]  # paths of the matrices that are seen and should be named
    named: frozenset[str]  # those of them whose name can be read
    overlaps: tuple[tuple[str, str], ...]  # texts that lie over each other
    over_others: tuple[str, ...]  # texts over the visible cells of matrices that are not theirs
    over_own: float  # the largest share of a matrix's visible cells that its own name hides
    smallest: float  # height of the smallest capital letter, in pixels, but over columns; infinite where there is none


def legibility(
    drawing: DrawList, layout: Mapping[str, Placement], names: Mapping[str, str], camera: Camera, size: tuple[int, int]
) -> Legibility:
    """Count a frame.

    Args:
        drawing: The frame.
        layout: Where every matrix stands, by path.
        names: What every matrix is called that should be named, by path.
        camera: The picture's.
        size: Width and height of the picture, in pixels.
    """
    paths, places = list(layout), list(layout.values())
    faces = faces_of(places)
    areas = dict(zip(paths, _visible_areas(places, faces, camera, size).tolist(), strict=True))
    texts = [_Text.of(one, camera, size) for one in drawing.labels]
    texts += [_Text.of_ticks(one, camera, size) for one in drawing.ticks]
    inside = [text for text in texts if _in_picture(text.box, size)]
    boxes = [(str(text.key), text.box) for text in inside]
    boxes += [(f"caption:{one.key}", _flat(one, size)) for one in drawing.captions]
    visible = frozenset(path for path, area in areas.items() if area > 0 and path in names)
    read = {text.key: text.says for text in inside if text.height >= LEGIBLE}
    hidden = [(text.key, *_over_cells(text.box, paths, faces, text.key.path, camera, size)) for text in inside]
    return Legibility(
        visible=visible,
        named=frozenset(path for path in visible if _is_name(read.get(ItemKey("name", path), ""), names[path])),
        overlaps=tuple(_overlaps(boxes)),
        over_others=tuple(str(key) for key, share, _ in hidden if share > OVER),
        over_own=max((hides / areas[key.path] for key, _, hides in hidden if key.path in visible), default=0.0),
        smallest=min((text.height for text in inside if text.key.kind != "heading"), default=np.inf),
    )


@dataclass(frozen=True)
class _Text:
    """A text as it is seen, in pixels."""

    key: ItemKey
    says: str
    box: Points  # (4, 2); all infinite behind the eye
    height: float  # of its capitals, or the width of a square as high where that is less

    @classmethod
    def of(cls, one: Label, camera: Camera, size: tuple[int, int]) -> "_Text":
        ticks = TickLabels(one.key, (one.text,), one.center[None], one.along, one.up, one.height, one.color)
        height = token_labels.seen_height(ticks, camera) * size[1]
        return cls(one.key, one.text, _box(labels.span(one), camera, size), height)

    @classmethod
    def of_ticks(cls, one: TickLabels, camera: Camera, size: tuple[int, int]) -> "_Text":
        height = token_labels.seen_height(one, camera) * size[1]
        return cls(one.key, "", _box(token_labels.corners(one), camera, size), height)


def _is_name(text: str, name: str) -> bool:
    """Whether a text says a name, or the beginning of a long one."""
    return text == name or (len(text) > 20 and text.endswith("…") and name.startswith(text[:-1]))


def _overlaps(boxes: Sequence[tuple[str, Points]]) -> Iterator[tuple[str, str]]:
    """Which texts lie over each other."""
    corners = np.array([box for _, box in boxes]).reshape(-1, 4, 2)
    for number, (name, box) in enumerate(boxes):
        for other in np.flatnonzero(~apart(box, corners[number + 1 :])).tolist():
            yield name, boxes[number + 1 + other][0]


def faces_of(places: Sequence[Placement]) -> Points:
    """(matrices, 4, 3): the corners of the rectangles that a ray may meet."""
    return np.array([place.corners(0.5) for place in places])


def _visible_areas(
    places: Sequence[Placement], faces: Points, camera: Camera, size: tuple[int, int]
) -> NDArray[np.float64]:
    """(matrices,): square pixels that are seen of each; 0 where it does not count as visible."""
    along = (np.arange(SAMPLES) + 0.5) / SAMPLES
    points = np.stack(
        [
            place.spot(np.repeat(along * place.shape[0] - 0.5, SAMPLES), np.tile(along * place.shape[1] - 0.5, SAMPLES))
            for place in places
        ]
    )  # (matrices, samples, 3)
    first, way = first_hit(faces, camera, points.reshape(-1, 3))
    own = np.repeat(np.arange(len(places)), SAMPLES * SAMPLES)
    pixels = _pixels(points.reshape(-1, 3), camera, size)
    there = ((first == own) | (way > 1 - 1e-6)) & ((pixels >= 0) & (pixels <= size)).all(axis=1)
    shares = (there & _before(points.reshape(-1, 3), camera)).reshape(len(places), -1).mean(axis=1)
    return np.array([_area_seen(place, share, camera, size) for place, share in zip(places, shares, strict=True)])


def _area_seen(place: Placement, share: float, camera: Camera, size: tuple[int, int]) -> float:
    """Square pixels of a matrix of which this share is seen; 0 where it does not count as visible."""
    corners = place.corners(0.5)
    if not share or not _before(corners, camera).all():
        return LEAST_AREA if share else 0.0
    flat = _pixels(corners, camera, size)
    longest = float(np.linalg.norm(flat - np.roll(flat, -1, axis=0), axis=1).max())
    area = share * _area(flat)
    is_thin = min(place.shape) <= THIN
    return max(area, 1.0) if area >= LEAST_AREA or (is_thin and share * longest >= LEAST_LENGTH) else 0.0


def first_hit(corners: Points, camera: Camera, points: Points) -> tuple[NDArray[np.int64], Points]:
    """(n,) which rectangle a ray from the eye through each point, (n, 3), meets first, -1: none; and how far along."""
    across, down = corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0]
    normal, rays = np.cross(down, across), points - camera.position
    to_corner = corners[:, 0] - camera.position
    with np.errstate(divide="ignore", invalid="ignore"):
        way = (to_corner * normal).sum(axis=1) / (rays @ normal.T)  # (n, matrices)
        u, v = (
            (way * (rays @ side.T) - (to_corner * side).sum(axis=1)) / (side * side).sum(axis=1)
            for side in (across, down)
        )
    way[~((way > 1e-9) & (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1))] = np.inf
    number = way.argmin(axis=1)
    nearest: Points = way[np.arange(len(points)), number]
    return np.where(np.isfinite(nearest), number, -1), nearest


def _over_cells(
    box: Points, paths: Sequence[str], faces: Points, own: str, camera: Camera, size: tuple[int, int]
) -> tuple[float, float]:
    """Share of a text that is seen over other matrices, and how many square pixels of its own one it hides."""
    u, v = (grid.ravel() for grid in np.meshgrid(np.linspace(0.04, 0.96, 13), np.linspace(0.1, 0.9, 4)))
    a, b, c, d = box
    pixels = np.outer((1 - u) * (1 - v), a) + np.outer(u * (1 - v), b) + np.outer(u * v, c) + np.outer((1 - u) * v, d)
    right, up, toward = camera.axes()
    half = np.tan(np.radians(camera.view_angle) / 2)
    x, y = (2 * pixels[:, 0] - size[0]) / size[1] * half, (2 * pixels[:, 1] / size[1] - 1) * half
    points = camera.position - toward + np.outer(x, right) + np.outer(y, up)
    number, _ = first_hit(faces, camera, points)
    mine = paths.index(own)
    others = (number >= 0) & (number != mine)
    return float(others.mean()), float((number == mine).mean()) * _area(box)


def _before(points: Points, camera: Camera) -> NDArray[np.bool_]:
    before: NDArray[np.bool_] = (camera.position - points) @ camera.axes()[2] > 1e-6
    return before


def _box(corners: Points, camera: Camera, size: tuple[int, int]) -> Points:
    """(4, 2): corners of a text in pixels; infinite behind the eye."""
    if not _before(corners, camera).all():
        return np.full((4, 2), np.inf)
    return _pixels(corners, camera, size)


def _pixels(points: Points, camera: Camera, size: tuple[int, int]) -> Points:
    """(n, 2)"""
    pixels: Points = project(camera, points, size[0] / size[1]) * size
    return pixels


def _flat(caption: Caption, size: tuple[int, int]) -> Points:
    """(4, 2): corners of a line in the picture's plane, in pixels."""
    high = 1.4 * caption.height * size[1]
    wide = min(caption.height * size[1] * length_of(caption.text), 0.96 * size[0])
    right = size[0] - 0.014 * size[1] if caption.badge else 0.5 * (size[0] + wide)
    top = caption.level * size[1] + (0 if caption.badge else 0.5 * high)
    return np.array([[right - wide, top - high], [right, top - high], [right, top], [right - wide, top]])


def _in_picture(box: Points, size: tuple[int, int]) -> bool:
    """Whether any of a text is in the picture."""
    return bool((box.max(axis=0) > 0).all() and (box.min(axis=0) < size).all())


def _area(corners: Points) -> float:
    x, y = corners.T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)
