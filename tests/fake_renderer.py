"""A renderer without OpenGL: pixels say where they lie and which frame was shown, so that films can be told apart."""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.drawlist import DrawList
from mmviz.picture.eye.camera import Camera
from mmviz.render.region import Region, Size
from mmviz.render.renderer import Renderer


class Painter(Renderer):
    """Red and green: a pixel's column and its row from below in the whole picture; blue: the frame."""

    def __init__(
        self, width: int, height: int, part: Region | None = None, *, light: bool = False, rimmed: bool = False
    ) -> None:
        self.cut(part or Region(0, 0, width, height), (width, height))
        self.light, self.rimmed = light, rimmed
        self.frame, self.shown, self.closed = 0, 0, False

    size: Size = (0, 0)
    coarse = 0  # as the last picture was asked for

    def cut(self, part: Region, size: Size | None = None) -> None:
        self.part, self.size = part, size or self.size

    def show(self, drawing: DrawList, camera: Camera) -> None:
        moving = [(sheet.key, sheet.shown, sheet.lit) for sheet in drawing.sheets]
        self.frame = crc32(repr((moving, camera.position.tolist(), drawing.background)).encode()) % 256
        self.shown += 1

    def draw(self, coarse: int = 1) -> NDArray[np.uint8]:
        self.coarse = coarse
        return super().draw()

    def render(self) -> None:
        assert not self.closed

    def read(self) -> NDArray[np.uint8]:
        columns, rows = np.meshgrid(np.arange(self.part.width), np.arange(self.part.height)[::-1])
        blue = np.full_like(rows, self.frame)
        return np.stack([columns + self.part.left, rows + self.part.bottom, blue], axis=2).astype(np.uint8)

    def depths(self) -> NDArray[np.float32]:
        return np.full((self.part.height, self.part.width), np.inf, np.float32)

    def close(self) -> None:
        self.closed = True


class Dabber(Painter):
    """One colour a frame, for windows of which no test looks at the picture: as cheap as a picture can be."""

    def read(self) -> NDArray[np.uint8]:
        return np.full((self.part.height, self.part.width, 3), self.frame, np.uint8)


class Painters:
    """Opens painters, and remembers those that it opened."""

    def __init__(self) -> None:
        self.opened: list[Painter] = []

    def __call__(
        self, width: int, height: int, part: Region | None = None, *, light: bool = False, rimmed: bool = False
    ) -> Painter:
        self.opened.append(Painter(width, height, part, light=light, rimmed=rimmed))
        return self.opened[-1]
