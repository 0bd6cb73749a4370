"""What draws: the seam between those who want pictures and whatever makes them. Draws nothing and knows no OpenGL.

Films, pictures and the window are handed something that opens renderers; see mmviz.render.offscreen for the real one.
"""

from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.drawlist import DrawList
from mmviz.picture.eye.camera import Camera
from mmviz.render.region import Region, Size


class Renderer(Protocol):
    """Draws frames of one size into memory. Close it, or use it as a context manager."""

    @property
    def size(self) -> Size:
        """Width and height of the whole picture, in pixels."""

    def cut(self, part: Region, size: Size | None = None) -> None:
        """Draw only this part of the picture from the next `show` on: pictures may be larger than can be drawn at once.

        Args:
            part: In pixels of the picture.
            size: Of the whole picture, where that is another one from now on.
        """

    def show(self, drawing: DrawList, camera: Camera) -> None:
        """Take over a frame; nothing is drawn yet."""

    def render(self) -> None:
        """Draw what was shown last, and wait until it is done."""

    def read(self) -> NDArray[np.uint8]:
        """What was drawn last of the part that is drawn; (height, width, 3), top row first."""

    def depths(self) -> NDArray[np.float32]:
        """How far what was drawn last is from the eye, along its direction, in cells: (height, width), top row first.

        Infinite where nothing is that hides something; texts and lines hide nothing. Of a frame without insets.
        """

    def close(self) -> None:
        """Give back what it holds."""

    def draw(self, coarse: int = 1) -> NDArray[np.uint8]:  # noqa: ARG002  (not every renderer is slow)
        """Draw what was shown last; (height, width, 3) of the part that is drawn, top row first.

        Args:
            coarse: Side of the pixels that the elements of matrices may be drawn in, for speed; all else is sharp. Of a
                whole picture alone.
        """
        self.render()
        return self.read()

    def refine(self) -> None:
        """Draw every pixel as the mean of several samples from now on, if it can: better, and as many times slower."""
        return

    def resize(self, width: int, height: int) -> None:
        """Draw pictures of another size from now on."""
        self.cut(Region(0, 0, width, height), (width, height))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Renderers(Protocol):
    """Opens renderers. It can be sent to another process."""

    def __call__(
        self, width: int, height: int, part: Region | None = None, *, light: bool = False, rimmed: bool = False
    ) -> Renderer:
        """A renderer for pictures of this size.

        Args:
            width: Of the picture, in pixels.
            height: Of the picture, in pixels.
            part: What is drawn of it; see `Renderer.cut`.
            light: The colours are for a light ground.
            rimmed: Names have dark rims: the ground is not known.

        Raises:
            DisplayError: this machine cannot draw.
        """
