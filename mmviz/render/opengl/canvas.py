"""An off-screen window that draws draw lists and gives pictures back as arrays."""

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkFloatArray, vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkRenderWindow
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLRenderWindow

from mmviz.errors import DisplayError
from mmviz.picture.drawlist import DrawList
from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.item_key import ItemKey
from mmviz.render.looking import CENTER, SAMPLES
from mmviz.render.opengl.coarse import Coarse
from mmviz.render.opengl.probe import choose_window
from mmviz.render.opengl.text import Letters
from mmviz.render.opengl.view import View
from mmviz.render.region import Region, Section, Size, shares
from mmviz.render.renderer import Renderer


class Canvas(Renderer):
    """Draws frames of one size into memory. Close it, or use it as a context manager.

    Args:
        width: Of the picture, in pixels.
        height: Of the picture, in pixels.
        part: What is drawn of it; see `cut`.
        light: The colours are for a light ground.
        rimmed: Names have dark rims: the ground is not known.

    Raises:
        DisplayError: this machine cannot draw.
    """

    def __init__(
        self, width: int, height: int, part: Region | None = None, *, light: bool = False, rimmed: bool = False
    ) -> None:
        choose_window()
        window = vtkRenderWindow()
        if not isinstance(window, vtkOpenGLRenderWindow):
            raise DisplayError(f"this machine cannot draw: VTK offers {type(window).__name__}, OpenGL is needed.")
        self.window = window
        self.window.SetOffScreenRendering(True)
        self.window.SetMultiSamples(0)  # every shader smooths its own edges, at a third of the cost
        self._light, self._rimmed = light, rimmed
        self._samples = CENTER
        self._part = part or Region(0, 0, width, height)
        self._size = width, height
        self.window.SetSize(*self._part.size)
        self._letters = Letters()
        self._main = View(self.window, self._letters)
        self._insets: dict[ItemKey, View] = {}
        self._coarse: Coarse | None = None  # made when it is needed
        self._buffer = vtkUnsignedCharArray()
        self.window.Render()  # textures need the window's OpenGL context

    @property
    def size(self) -> Size:
        """Width and height of the whole picture, in pixels."""
        return self._size

    def cut(self, part: Region, size: Size | None = None) -> None:
        """See Renderer."""
        self._part = part
        self._size = size or self._size
        self.window.SetSize(*part.size)

    def show(self, drawing: DrawList, camera: Camera) -> None:
        """See Renderer."""
        self.window.MakeCurrent()  # another canvas may have drawn since; textures go to the current context
        before = self._letters.atlas
        self._show(drawing, camera)
        if self._letters.atlas is not before:  # it was full, and what was made of it before is of no use any more
            self._show(drawing, camera)

    def _show(self, drawing: DrawList, camera: Camera) -> None:
        self._place(self._main, Region(0, 0, *self.size), drawing, camera)
        for key in set(self._insets) - {inset.key for inset in drawing.insets}:
            self._insets.pop(key).close()
        for inset in drawing.insets:
            if inset.key not in self._insets:
                self._insets[inset.key] = View(self.window, self._letters)
            place = shares(self.size, inset.place(self.size[0] / self.size[1]))
            self._place(self._insets[inset.key], place, inset.drawing, inset.camera)

    def refine(self) -> None:
        """See Renderer."""
        self._samples = SAMPLES

    def draw(self, coarse: int = 1) -> NDArray[np.uint8]:
        """See Renderer."""
        if coarse > 1:
            if self._coarse is None:
                self._coarse = Coarse(self.window)
            self._coarse.draw(self._main, self._insets.values(), coarse)
            return self.read()
        if self._samples == CENTER:
            return super().draw()
        views = (self._main, *self._insets.values())
        total = np.zeros((*self._part.size[::-1], 3), np.uint16)
        for right, up in self._samples:
            for view in views:
                view.shift(right, up)
            total += super().draw()
        for view in views:
            view.shift(0.0, 0.0)
        return np.rint(total / len(self._samples)).astype(np.uint8)

    def render(self) -> None:
        """See Renderer."""
        self.window.Render()
        self.window.WaitForCompletion()

    def read(self) -> NDArray[np.uint8]:
        """See Renderer."""
        width, height = self._part.size
        self.window.GetPixelData(0, 0, width - 1, height - 1, 0, self._buffer, 0)
        pixels = vtk_to_numpy(self._buffer)  # type: ignore[no-untyped-call]
        picture: NDArray[np.uint8] = pixels.reshape(height, width, 3)[::-1].copy()  # the buffer is used again
        return picture

    def depths(self) -> NDArray[np.float32]:
        """See Renderer."""
        width, height = self._part.size
        buffer = vtkFloatArray()
        self.window.GetZbufferData(0, 0, width - 1, height - 1, buffer)
        found = vtk_to_numpy(buffer).reshape(height, width)[::-1].astype(np.float64)  # type: ignore[no-untyped-call]
        near, far = self._main.renderer.GetActiveCamera().GetClippingRange()
        depths = 2 * near * far / (far + near - (2 * found - 1) * (far - near))
        return np.where(found < 1.0, depths, np.inf).astype(np.float32)

    def describe(self) -> dict[str, str]:
        """Vendor, renderer and version, in OpenGL's own words."""
        told = dict(line.partition(" string:  ")[::2] for line in self.window.ReportCapabilities().splitlines())
        return {name: told.get(f"OpenGL {name}", "unknown") for name in ("vendor", "renderer", "version")}

    def _place(self, view: View, place: Region, drawing: DrawList, camera: Camera) -> None:
        """Show a frame in a view that takes this place in the picture, or what is drawn of that."""
        seen = place.common(self._part)
        there = min(seen.size) > 0
        view.set_drawn(there)
        if not there:
            return
        box, (width, height) = seen.within(self._part), self._part.size
        view.place(
            box.left / width, box.bottom / height, (box.left + box.width) / width, (box.bottom + box.height) / height
        )
        sample = 1.0 / np.sqrt(len(self._samples))
        view.show(
            drawing, camera, Section(place.size, seen.within(place), self.size[1], self._light, self._rimmed, sample)
        )

    def close(self) -> None:
        """Free the window and everything in it."""
        self.window.MakeCurrent()
        if self._coarse is not None:
            self._coarse.release()
        for view in (*self._insets.values(), self._main):
            view.close()
        self._insets.clear()
        self.window.Finalize()
