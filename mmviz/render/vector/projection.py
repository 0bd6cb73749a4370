"""Where points in space are seen on a page, and what becomes of what stands there; knows no file format."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.eye.camera import Camera, project
from mmviz.picture.space.placement import Vector
from mmviz.render.region import Region
from mmviz.render.vector.page import Matrix

SMALL = 1e-3
"""Of a length in space: over so much of it, what perspective does to a letter is measured."""


@dataclass(frozen=True, slots=True)
class Projection:
    """A view on a page."""

    camera: Camera
    place: Region  # of the view in the picture, in pixels from its lower left corner
    height: int  # of the whole picture, in pixels

    @property
    def top(self) -> int:
        """Of the view, in pixels from the picture's top."""
        return self.height - self.place.bottom - self.place.height

    @property
    def corner(self) -> NDArray[np.float64]:
        """The view's upper left corner on the page, (2,)."""
        return np.array([self.place.left, self.top], float)

    def within(self, points: Vector) -> NDArray[np.float64]:
        """Where points are seen, (n, 2) of (n, 3): pixels from the view's own upper left corner."""
        width, height = self.place.size
        shares = project(self.camera, points, width / height)
        return np.stack([shares[:, 0] * width, (1.0 - shares[:, 1]) * height], axis=1)

    def on_page(self, points: Vector) -> NDArray[np.float64]:
        """The same from the page's upper left corner."""
        return self.within(points) + self.corner

    def plane(self, origin: Vector, x: Vector, y: Vector) -> Matrix:
        """What the neighbourhood of a point looks like: from steps along two vectors of space to the page.

        Args:
            origin: (3,) before the eye.
            x: (3,), what is one step to the right.
            y: (3,), what is one step up.
        """
        around = [origin + SMALL * way for way in (x, -x, y, -y)]
        here, right, left, up, down = self.on_page(np.array([origin, *around]))
        (a, b), (c, d) = (right - left) / (2 * SMALL), (up - down) / (2 * SMALL)
        return float(a), float(b), float(c), float(d), float(here[0]), float(here[1])
