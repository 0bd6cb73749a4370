"""The tokens along the edges of matrices, one a row or column; only where they can be read, and never over a matrix."""

import re
from collections.abc import Iterator, Mapping
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.drawlist import TickLabels
from mmviz.picture.eye.camera import Camera, project
from mmviz.picture.eye.convex import inside
from mmviz.picture.look.palette import Color
from mmviz.picture.marks.guides import MARGIN
from mmviz.picture.marks.labels import largest_beside, outward, readable, sides
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.placement import Placement, Vector
from mmviz.picture.time.token_steps import AXIS, SOURCE_AXIS
from mmviz.scene.language.tree import Node, Tree, products

TOKEN: Color = (0.74, 0.74, 0.82)
LEGIBLE = 5.0
"""Least height of a capital letter, in pixels: what is smaller is not drawn."""
USUAL_HEIGHT = 720
"""Of pictures of which nothing is said, in pixels."""
MOST = 512
"""Most tokens that are written along an edge."""
LONGEST = 12
"""Most letters of a token; a longer one is cut off."""
FILLED = 0.7
"""Height of a capital letter as a share of a row, at most."""
COVERED = 0.15
"""Share of the texts beside an edge that may lie over other matrices."""
SAMPLES = np.stack(np.meshgrid(np.linspace(0.02, 0.98, 7), np.linspace(0.05, 0.95, 4))).reshape(2, -1, 1)
"""(2, 28, 1): shares of the way along and across a rectangle, at which it is asked what it covers."""
SIGNS = {" ": "·", "\n": "⏎", "\r": "␍", "\t": "⇥"}
"""What is drawn for white space."""

TokenTexts = Mapping[str, tuple[str, ...]]
"""What is written for each token, by the name of the axes that count them: tokens, or source_tokens."""
PART = re.compile(r"(?<=[^\0-\x7f]) (?=[1-4]/[2-4](?: |$))|(?<=[^\0-\x7f] [1-4]/[2-4]) ")
"""The spaces between a character, which part of it a token is, and what follows."""


def texts_of(tokens: TokenTexts) -> TokenTexts:
    """What is written for tokens; an axis that has none is left out."""
    return {axis: tuple(map(visible, some)) for axis, some in tokens.items() if some}


def visible(token: str) -> str:
    """A token with its white space made visible, but in "我 2/3", and no longer than LONGEST letters."""
    parts = {match.start() for match in PART.finditer(token)}
    text = "".join(
        letter if place in parts else SIGNS.get(letter, SIGNS[" "] if category(letter) == "Zs" else letter)
        for place, letter in enumerate(token)
    )
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def beside_edges(
    root: Tree,
    layout: Layout,
    axes: Mapping[str, tuple[str, str]],
    texts: TokenTexts,
    camera: Camera,
    pixels: int = USUAL_HEIGHT,
) -> dict[tuple[str, int], TickLabels]:
    """The tokens beside the edges where sizes are told, and beside products whose rows and columns are both tokens.

    Args:
        root: The tree.
        layout: Where everything stands.
        axes: Names of rows and columns of the matrix at each path.
        texts: What is written for each token, by the name of the axes that count them.
        camera: From where they are read.
        pixels: Height of the picture.

    Returns:
        By path and axis (0: along the rows' ends, 1: along the columns').
    """
    texts = {axis: some for axis, some in texts.items() if 0 < len(some) <= MOST}
    if not texts:
        return {}
    largest, smallest = largest_beside(layout), LEGIBLE / pixels
    outlines = _seen_outlines(layout, camera)
    found = {}
    for node, axis, directions in _edges(root, layout, axes):
        place, told = layout[node.path], texts.get(axes[node.path][axis], ())
        if not told or place.shape[axis] != len(told):
            continue
        key = ItemKey("tokens", node.path, axis)
        choices = [beside(key, place, axis, away, told, camera, largest) for away in directions]
        others = [outline for path, outline in outlines.items() if path != node.path]
        read = (ticks for ticks in choices if seen_height(ticks, camera) >= smallest)
        shares = ((covered(ticks, others, camera), ticks) for ticks in read)
        share, best = min(shares, key=lambda choice: choice[0], default=(1.0, None))
        if best is not None and share <= COVERED:
            found[node.path, axis] = best
    return found


def _seen_outlines(layout: Layout, camera: Camera) -> dict[str, Vector]:
    """By path the corners of every matrix that lies wholly in front of the eye, (4, 2) as they are seen."""
    corners = np.concatenate([place.corners(0.5) for place in layout.values()])  # (4 * matrices, 3)
    before: NDArray[np.bool_] = np.all((camera.depths(corners) > 0).reshape(-1, 4), axis=1)
    seen = project(camera, corners[np.repeat(before, 4)], 1.0).reshape(-1, 4, 2)
    return dict(zip((path for path, is_before in zip(layout, before, strict=True) if is_before), seen, strict=True))


def _edges(
    root: Tree, layout: Layout, axes: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[Node, int, tuple[Vector, ...]]]:
    """Matrices and axes along whose edges tokens may stand, and on which sides: unit vectors out of the matrix."""
    told = set()
    for node, axis, away_from, _ in sides(root, layout):
        told.add((node.path, axis))
        yield node, axis, (outward(layout[node.path], axis, away_from),)
    for node in products(root):
        if all(name in (AXIS, SOURCE_AXIS) for name in axes[node.path]):
            place = layout[node.path]
            for axis, step in enumerate(place.ways[::-1]):
                if (node.path, axis) not in told:
                    yield node, axis, (-step, step)


def beside(
    key: ItemKey, placement: Placement, axis: int, away: Vector, texts: tuple[str, ...], camera: Camera, largest: float
) -> TickLabels:
    """Texts beside one edge of a matrix, each in line with its row or column and across the edge.

    Args:
        key: Of the item.
        placement: Where the matrix stands.
        axis: 0: a text a row, 1: a text a column.
        away: (3,) unit vector across the edge, out of the matrix.
        texts: One for each row or column.
        camera: From where they are read.
        largest: Height of a capital letter at most, in cells.
    """
    height = min(FILLED * placement.steps[axis], largest)
    number = np.arange(len(texts))
    step, last = (placement.across, placement.shape[1] - 1) if axis == 0 else (placement.down, placement.shape[0] - 1)
    border = last if np.dot(away, step) > 0 else 0
    cells = placement.spot(number, border) if axis == 0 else placement.spot(border, number)  # (texts, 3)
    places = cells + (placement.margins(MARGIN)[1 - axis] + 0.5 * height) * away
    along, up = readable(away, placement.down if axis == 0 else placement.across, camera, places.mean(axis=0))
    return TickLabels(key, texts, places, along, up, height, TOKEN, ends=bool(np.dot(along, away) < 0))


def reach(ticks: TickLabels) -> float:
    """How far the longest text reaches out of the outline beside it, in cells."""
    return ticks.height * (0.5 + max(map(length_of, ticks.texts)))


def corners(ticks: TickLabels) -> Vector:
    """(4, 3): the corners of a rectangle around all the texts, in cells."""
    far = (-1 if ticks.ends else 1) * ticks.height * max(map(length_of, ticks.texts)) * ticks.along
    first, last = ticks.places[0], ticks.places[-1]
    edge = 0.7 * ticks.height * ticks.up * (1 if np.dot(last - first, ticks.up) >= 0 else -1)
    return np.array([first - edge, last + edge, last + edge + far, first - edge + far])


def seen_height(ticks: TickLabels, camera: Camera) -> float:
    """How high a capital letter is seen, or how wide a square of its height where that is less.

    Returns:
        A share of the picture's height; 0 behind the eye.
    """
    middle = ticks.places.mean(axis=0)
    if camera.depths(middle[None])[0] <= 0:
        return 0.0
    points = np.array([middle, middle + ticks.height * ticks.along, middle + ticks.height * ticks.up])
    start, *ends = project(camera, points, 1.0)
    along, up = ends[0] - start, ends[1] - start
    width = float(np.linalg.norm(along))
    height = abs(float(along[0] * up[1] - along[1] * up[0])) / max(width, 1e-12)  # across the direction of reading
    return min(width, height)


def covered(ticks: TickLabels, outlines: list[Vector], camera: Camera) -> float:
    """The share of the texts' rectangle, as it is seen, that lies over or under other matrices.

    Args:
        ticks: The texts.
        outlines: (4, 2) each: the corners of the other matrices as they are seen, with aspect 1.
        camera: From where they are read.
    """
    a, b, c, d = corners(ticks)
    points = (1 - SAMPLES[1]) * ((1 - SAMPLES[0]) * a + SAMPLES[0] * b) + SAMPLES[1] * (
        (1 - SAMPLES[0]) * d + SAMPLES[0] * c
    )  # (28, 3)
    if not outlines or (camera.depths(points) <= 0).any():
        return 0.0
    return float(inside(project(camera, points, 1.0), np.array(outlines)).any(axis=0).mean())
