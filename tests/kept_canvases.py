"""Canvases that tests use again: the shaders of a new one are compiled anew, which takes as long as ten pictures.

That a canvas draws the same whatever it drew before is held by tests/render/test_canvas.py.
"""

import threading

import numpy as np

from mmviz.picture.drawlist import DrawList
from mmviz.picture.eye.camera import Camera
from mmviz.render.looking import CENTER
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.region import Region

ANYWHERE = Camera(np.array([0.0, 0.0, 1.0]), np.zeros(3), np.array([0.0, 1.0, 0.0]))


class Canvases:
    """Opens canvases, as mmviz.render.offscreen does; those that were closed are emptied, and opened again."""

    def __init__(self) -> None:
        self.closed: list[_Kept] = []

    def __call__(
        self, width: int, height: int, part: Region | None = None, *, light: bool = False, rimmed: bool = False
    ) -> Canvas:
        here = threading.get_ident()  # an OpenGL context is bound to a thread
        again = next((canvas for canvas in self.closed if canvas.thread == here), None)
        if again is None:
            return _Kept(self, width, height, part, light=light, rimmed=rimmed)
        self.closed.remove(again)
        again.begin_again(width, height, part, light=light, rimmed=rimmed)
        return again

    def end(self) -> None:
        """Close them all."""
        for canvas in self.closed:
            Canvas.close(canvas)
        self.closed.clear()


class _Kept(Canvas):
    def __init__(
        self, keeper: Canvases, width: int, height: int, part: Region | None, *, light: bool, rimmed: bool
    ) -> None:
        super().__init__(width, height, part, light=light, rimmed=rimmed)
        self.thread = threading.get_ident()
        self._keeper = keeper

    def begin_again(self, width: int, height: int, part: Region | None, *, light: bool, rimmed: bool) -> None:
        """Be as a new canvas is."""
        self._light, self._rimmed = light, rimmed
        self._samples = CENTER
        self.cut(part or Region(0, 0, width, height), (width, height))

    def close(self) -> None:
        """Take everything away, and be opened again."""
        if self not in self._keeper.closed:
            self.show(DrawList(), ANYWHERE)
            self._keeper.closed.append(self)
