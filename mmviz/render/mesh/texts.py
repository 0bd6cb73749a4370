"""Names, sizes and tokens as rectangles in space with their letters as textures, to be read from both sides."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mmviz.picture.drawlist import Label, TickLabels
from mmviz.picture.ground import LIGHT
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement, cross
from mmviz.render.mesh.shapes import CELL, Finish, Solid
from mmviz.render.text.fonts import CAPITAL as CAPITAL_SHARE
from mmviz.render.text.raster import centred

CAPITAL = 48
"""Height of a capital letter of a name, in texels."""
SMALL_CAPITAL = 24
"""Of texts that share a texture, in texels."""
RIM = 1 / 16
"""Width of the dark rim around light letters, as a share of a capital's height: the ground may be light."""
LONGEST = 4096
"""Most texels from end to end of a text; a longer one is drawn with smaller letters."""
TALLEST = 4096
"""Most texels from top to bottom of a texture that texts share, where they fit side by side."""


@dataclass(frozen=True, slots=True, eq=False)
class Writing:
    """A line of text, its capitals centred between top and bottom."""

    texels: NDArray[np.uint8]  # (height, width, 4): white letters, their rim black
    capital: float  # height of a capital letter, in texels
    border: int  # texels before the first letter and behind the last one


def labels(found: Iterable[Label], planes: Mapping[str, Placement], *, backs: bool) -> Iterator[tuple[ItemKey, Solid]]:
    """Each label; with backs once more behind the plane of its matrix, for those who look from there."""
    for label in found:
        line = written(label.text, CAPITAL, rimmed=min(label.color) > LIGHT)
        height, width = (label.height / line.capital * side for side in line.texels.shape[:2])  # in cells
        right, up = 0.5 * width * label.along, 0.5 * height * label.up
        backward = np.zeros(3)
        if label.key.path in planes:
            normal = cross(label.along, label.up)
            backward = 2 * np.dot(planes[label.key.path].center() - label.center, normal) * normal
        corners = np.stack([-right - up, right - up, right + up, up - right])
        front, back = label.center + corners, label.center + backward + corners[[1, 0, 3, 2]]
        places = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
        finish = Finish(label.color, label.opacity, texels=line.texels, edges="smooth", two_sided=not backs)
        sides = [front, back] if backs else [front]
        yield label.key, _rectangles(np.concatenate(sides), np.tile(places, (len(sides), 1)), finish)


def ticks(found: Iterable[TickLabels], *, backs: bool) -> Iterator[tuple[ItemKey, Solid]]:
    """The texts along each edge, from one texture that holds them all."""
    for tick in found:
        rimmed = min(tick.color) > LIGHT
        lines = {text: written(text, SMALL_CAPITAL, rimmed=rimmed) for text in tick.texts}
        page, boxes = _page(lines)
        corners, places = [], []
        for text, place in zip(tick.texts, tick.places, strict=True):
            line = lines[text]
            height, width = (tick.height / line.capital * side for side in line.texels.shape[:2])  # in cells
            border = tick.height / line.capital * line.border  # the letters touch the place
            start = border - width if tick.ends else -border
            left, right = place + start * tick.along, place + (start + width) * tick.along
            up = 0.5 * height * tick.up
            front = [left - up, right - up, right + up, left + up]
            corners += [*front, *(front[n] for n in (1, 0, 3, 2))] if backs else front
            places += [boxes[text]] * (2 if backs else 1)
        finish = Finish(tick.color, texels=page, edges="smooth", two_sided=not backs)
        yield tick.key, _rectangles(np.array(corners), np.concatenate(places), finish)


@lru_cache(maxsize=512)
def written(text: str, capital: int, *, rimmed: bool) -> Writing:
    """A line of text as it is drawn; what no font has is a code in brackets.

    Args:
        text: The line.
        capital: Height of a capital letter, in texels; less where the line would be too long.
        rimmed: The letters have a dark rim.
    """
    rim = max(1, round(capital * RIM)) if rimmed else 0
    border = rim + 2
    letters, high = centred(text, capital / CAPITAL_SHARE, border, LONGEST)
    texels = np.full((*letters.shape, 4), 255, np.uint8)
    texels[..., 3] = letters
    if rimmed:
        texels[..., :3] = letters[..., None]  # black outside the letters
        texels[..., 3] = np.asarray(Image.fromarray(letters).filter(ImageFilter.MaxFilter(2 * rim + 1)))
    return Writing(texels, high, border)


def _page(lines: Mapping[str, Writing]) -> tuple[NDArray[np.uint8], dict[str, NDArray[np.float64]]]:
    """Lines of text below each other, in as many columns as are needed, and where the corners of each are, 0..1."""
    high = max(line.texels.shape[0] for line in lines.values())
    wide = max(line.texels.shape[1] for line in lines.values())
    most = max(1, TALLEST // high)
    page = np.zeros((high * min(most, len(lines)), wide * -(-len(lines) // most), 4), np.uint8)
    boxes = {}
    for number, (text, line) in enumerate(lines.items()):
        column, row = divmod(number, most)
        top, left = row * high, column * wide
        height, width = line.texels.shape[:2]
        page[top : top + height, left : left + width] = line.texels
        u, v = np.array([left, left + width]) / page.shape[1], 1 - np.array([top + height, top]) / page.shape[0]
        boxes[text] = np.array([[u[0], v[0]], [u[1], v[0]], [u[1], v[1]], [u[0], v[1]]])
    return page, boxes


def _rectangles(corners: NDArray[np.float64], places: NDArray[np.float64], finish: Finish) -> Solid:
    """Rectangles of four corners each, counterclockwise."""
    faces = np.arange(len(corners)).reshape(-1, 4)[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3)
    return Solid("", CELL * corners, faces, finish, places=places)
