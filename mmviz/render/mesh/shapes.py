"""What a mesh consists of, as plain arrays: balls, solids, strokes and the groups they stand in; knows no format.

Lengths are in metres, x to the right and y up. Colours are those of pictures (sRGB), 0..1.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from io import BytesIO
from typing import Literal

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image

from mmviz.picture.look.palette import Color

CELL = 0.01
"""Metres."""
FINE = 2_000
"""Balls up to which each has 320 faces instead of 80."""
LARGE_BALL = 42 * 32 + 80 * 6
"""Bytes of a ball as triangles, where there are many: place, normal and texel of each vertex, vertices of each face."""
SHADES = 64
"""Colours of the balls of a file, at most, where each has a material of its own or a place in one small texture."""
ROUGH = 0.6
"""Roughness of what is lit: a soft light spot says that balls are round."""
WHITE: Color = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Finish:
    """What a surface looks like."""

    color: Color = WHITE
    opacity: float = 1.0
    texels: NDArray[np.uint8] | None = None  # (height, width, 3 or 4), times the colour
    lit: bool = False  # light and shade change it
    edges: Literal["whole", "cut", "smooth"] = "whole"  # what a texel's alpha does: nothing, all or nothing, a share
    sharp: bool = False  # texels are seen as squares
    two_sided: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """Triangles of one finish."""

    name: str
    points: NDArray[np.float64]  # (points, 3)
    faces: NDArray[np.int64]  # (faces, 3): indices into points, counterclockwise as seen from outside
    finish: Finish
    normals: NDArray[np.float64] | None = None  # (points, 3)
    places: NDArray[np.float64] | None = None  # (points, 2) in the texture: to the right and up, 0..1


@dataclass(frozen=True, slots=True, eq=False)
class Balls:
    """The elements of a matrix, each a ball of its colour."""

    name: str
    centers: NDArray[np.float64]  # (balls, 3)
    radii: NDArray[np.float64]  # (balls,)
    colors: NDArray[np.uint8]  # (balls, 3), 0..255
    shares: NDArray[np.float64]  # (3,): of a radius in x, y and z: 1, or less where balls are flat

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.radii)

    def parts(self, most: int) -> Iterator["Balls"]:
        """The same in parts of at most so many."""
        for first in range(0, self.count, most):
            some = slice(first, first + most)
            yield Balls(self.name, self.centers[some], self.radii[some], self.colors[some], self.shares)


@dataclass(frozen=True, slots=True, eq=False)
class Strokes:
    """Straight lines of one colour."""

    name: str
    points: NDArray[np.float64]  # (2 * lines, 3): start, end, start, end ...
    color: Color
    width: float  # where a format needs one


@dataclass(slots=True)
class Group:
    """What belongs to one matrix, and below it the matrices that it is made of."""

    name: str
    balls: list[Balls] = field(default_factory=list)
    solids: list[Solid] = field(default_factory=list)
    strokes: list[Strokes] = field(default_factory=list)
    below: list["Group"] = field(default_factory=list)

    def all(self) -> Iterator["Group"]:
        """The group and all that are below it."""
        yield self
        for group in self.below:
            yield from group.all()


@dataclass(frozen=True, slots=True, eq=False)
class Ball:
    """A ball of radius 1 around the origin, of triangles."""

    points: NDArray[np.float64]  # (points, 3); also its normals
    faces: NDArray[np.int64]  # (faces, 3)


def ball(count: int) -> Ball:
    """The ball that so many balls of a file are: of fewer triangles where there are many of them."""
    sphere = trimesh.creation.icosphere(2 if count <= FINE else 1)
    return Ball(np.asarray(sphere.vertices), np.asarray(sphere.faces))


def solid_of(balls: Balls, one: Ball, finish: Finish, places: NDArray[np.float64]) -> Solid:
    """All balls as triangles of one surface.

    Args:
        balls: The balls.
        one: What each of them is.
        finish: Of all.
        places: (balls, 2): where the texture has the colour of each.
    """
    points = balls.centers[:, None] + balls.radii[:, None, None] * (balls.shares * one.points)  # (balls, points, 3)
    normals, faces = _copies(one, balls.count, tuple(balls.shares))
    texels = places.repeat(len(one.points), axis=0)
    return Solid(f"balls of {balls.name}", points.reshape(-1, 3), faces, finish, normals, texels)


@lru_cache(maxsize=1)
def _copies(one: Ball, count: int, shares: tuple[float, ...]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """What equally many balls have in common, so that it is in memory once: normals, and indices of faces."""
    normals = one.points / shares
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    faces = one.faces + len(one.points) * np.arange(count)[:, None, None]  # (balls, faces, 3)
    return np.tile(normals, (count, 1)), faces.reshape(-1, 3)


def beams(strokes: Strokes) -> Solid:
    """Lines as thin beams of four sides, for formats and programs that draw no lines."""
    lines = strokes.points.reshape(-1, 2, 3)
    whole = trimesh.util.concatenate([_beam(start, end, strokes.width) for start, end in lines])
    return Solid(strokes.name, whole.vertices, whole.faces, Finish(strokes.color, two_sided=False))


def _beam(start: NDArray[np.float64], end: NDArray[np.float64], width: float) -> trimesh.Trimesh:
    place = trimesh.geometry.align_vectors((0, 0, 1), end - start)
    place[:3, :3] *= width, width, np.linalg.norm(end - start)
    place[:3, 3] = start
    place = place @ trimesh.transformations.rotation_matrix(np.pi / 4, (0, 0, 1))  # sides across the axes, not corners
    edge = np.sqrt(0.5)  # from the middle of a square of width 1 to a corner
    return trimesh.creation.revolve([[edge, 0], [edge, 1]], sections=4, transform=place, process=False)


def painted(colors: NDArray[np.uint8], side: int = 1) -> tuple[Finish, NDArray[np.float64]]:
    """A texture of colours for balls, and where each is in it.

    Args:
        colors: (count, 3), 0..255.
        side: Texels in a row, and in a column, that have the same colour.

    Returns:
        The finish, and the middle of the texels of each colour (count, 2).
    """
    wide = int(np.ceil(np.sqrt(len(colors))))
    texels = np.zeros((wide * wide, 3), np.uint8)
    texels[: len(colors)] = colors
    down, right = np.divmod(np.arange(len(colors)), wide)
    places = np.stack([(right + 0.5) / wide, 1 - (down + 0.5) / wide], axis=1)
    square = texels.reshape(wide, wide, 3).repeat(side, axis=0).repeat(side, axis=1)
    return Finish(texels=square, lit=True, sharp=True, two_sided=False), places


def few(colors: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """At most SHADES colours that stand for many: the same ones where they are few, else some close to all.

    Args:
        colors: (balls, 3).

    Returns:
        (shades, 3), and the shade of each ball (balls,).
    """
    shades, chosen = np.unique(colors, axis=0, return_inverse=True)
    if len(shades) <= SHADES:
        return shades, chosen.reshape(-1)
    fewer = Image.fromarray(shades[None]).quantize(SHADES, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    palette = np.array(fewer.getpalette(), np.uint8).reshape(-1, 3)
    return palette, np.asarray(fewer).astype(np.int64)[0][chosen.reshape(-1)]


def linear(color: Color) -> tuple[float, float, float]:
    """A colour as glTF and USD want it where it is no texel, from one that is written to pictures; 0..1 each.

    Source: IEC 61966-2-1 (sRGB).
    """
    shares = np.asarray(color)
    lights = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    red, green, blue = (round(float(light), 6) for light in lights)
    return red, green, blue


def png(texels: NDArray[np.uint8]) -> bytes:
    """Texels as a PNG picture."""
    content = BytesIO()
    Image.fromarray(texels).save(content, "PNG")
    return content.getvalue()
