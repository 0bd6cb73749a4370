"""An off-screen window that draws draw lists and gives pictures back as arrays."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkFloatArray, vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkFrustumCoverageCuller, vtkLight, vtkRenderer, vtkRenderWindow
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLRenderWindow

from mmviz.errors import DisplayError
from mmviz.picture.drawlist import DrawList
from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Vector
from mmviz.render.opengl.captions import CaptionActor
from mmviz.render.opengl.drawable import Drawable
from mmviz.render.opengl.lattice import LatticeActor
from mmviz.render.opengl.lines import LinesActor
from mmviz.render.opengl.probe import choose_window
from mmviz.render.opengl.shapes import PatchActor
from mmviz.render.opengl.text import Letters, LettersActor
from mmviz.render.region import Region, Section, Size, shares
from mmviz.render.renderer import Renderer
from mmviz.render.text.captions import covered, placed, roof

_Key = tuple[type, Hashable]
"""What a view keeps an item's drawable under: two items of different kinds may have the same key."""

Samples = tuple[tuple[float, float], ...]
CENTER: Samples = ((0.0, 0.0),)
"""Where in a pixel its only sample is, from its middle to the right and up, in pixels."""
SAMPLES: Samples = ((-0.125, -0.375), (0.375, -0.125), (0.125, 0.375), (-0.375, 0.125))
"""Where several are: no two in a row or in a column. Each stands for a quarter."""


class View:
    """What stands in a window, or in a part of it: one renderer for what is in space, and one for texts before it.

    Args:
        window: It is drawn in.
        letters: Of all texts in the window.
    """

    def __init__(self, window: vtkOpenGLRenderWindow, letters: Letters | None = None) -> None:
        self.renderer = vtkRenderer()
        self.renderer.UseOITOff()  # it mixes text with what is behind it: see findings/vtk-text-shines-through.sh
        light = vtkLight()
        light.SetLightTypeToHeadlight()
        self.renderer.AddLight(light)  # VTK tells only lit shaders where the camera is
        culler = vtkFrustumCoverageCuller()
        culler.SetSortingStyleToBackToFront()  # edges fade into what is behind them
        self.renderer.GetCullers().RemoveAllItems()
        self.renderer.AddCuller(culler)
        self._window = window
        self._drawn: dict[_Key, Drawable[Any]] = {}
        self._section: Section | None = None
        window.AddRenderer(self.renderer)
        self._letters = letters or Letters()
        self._texts = LettersActor(self._letters), LettersActor(self._letters)
        self.writer = vtkRenderer()
        self.writer.UseOITOff()
        self.writer.EraseOff()  # over what the other one has drawn
        self.writer.SetActiveCamera(self.renderer.GetActiveCamera())
        for text in self._texts:
            self.writer.AddActor(text.actor)
        window.AddRenderer(self.writer)

    def place(self, left: float, bottom: float, right: float, top: float) -> None:
        """Draw in this part of the window, as shares of it."""
        for renderer in (self.renderer, self.writer):
            renderer.SetViewport(left, bottom, right, top)

    def set_drawn(self, drawn: bool) -> None:
        """Whether it is drawn at all."""
        for renderer in (self.renderer, self.writer):
            renderer.SetDraw(drawn)

    def show(self, drawing: DrawList, camera: Camera, section: Section | None = None) -> None:
        """Take over a frame, or what is seen of it in a section; all of the view by default."""
        keys: set[_Key] = set()
        section = section or Section.whole(*self.renderer.GetSize())
        self._sync(drawing.sheets, lambda item: LatticeActor(item, self._window), keys)
        self._sync(drawing.lines, LinesActor, keys)
        self._sync(drawing.patches, PatchActor, keys)
        names, ticks = self._texts
        names.show(drawing.labels, rimmed=section.rimmed)
        ticks.show(drawing.ticks, rimmed=section.rimmed)
        self._sync(
            placed(drawing.captions, section.view, covered(drawing, section.view), roof(drawing, section.view)),
            CaptionActor,
            keys,
        )
        for key in set(self._drawn) - keys:
            self._remove(key)
        self.renderer.SetBackground(drawing.background)
        self._look(camera, drawing.extent, section)
        for drawable in self._drawn.values():
            drawable.fit(section)
            drawable.give_way(drawing.near)

    def close(self) -> None:
        """Remove everything, and the renderer from its window."""
        for key in list(self._drawn):
            self._remove(key)
        for text in self._texts:
            text.actor.ReleaseGraphicsResources(self._window)
        self._window.RemoveRenderer(self.writer)
        self._window.RemoveRenderer(self.renderer)

    def _sync(self, items: Iterable[Any], make: Callable[[Any], Drawable[Any]], keys: set[_Key]) -> None:
        for item in items:
            key = type(item), item.key
            keys.add(key)
            drawable = self._drawn.get(key)
            if drawable is None:
                drawable = self._drawn[key] = make(item)
                self._home(drawable).AddViewProp(drawable.actor)
            else:
                drawable.update(item)

    def _remove(self, key: _Key) -> None:
        drawable = self._drawn.pop(key)
        self._home(drawable).RemoveViewProp(drawable.actor)
        drawable.release()

    def _home(self, drawable: Drawable[Any]) -> vtkRenderer:
        """Captions are texts, too."""
        return self.writer if isinstance(drawable, CaptionActor) else self.renderer

    def _look(self, camera: Camera, extent: Vector, section: Section) -> None:
        height, seen = section.view[1], section.seen
        eye = self.renderer.GetActiveCamera()
        eye.SetPosition(*camera.position)
        eye.SetFocalPoint(*camera.target)
        eye.SetViewUp(*camera.up)
        slope = camera.slope * (seen.height / height)
        eye.SetViewAngle(camera.view_angle if seen.height == height else float(np.degrees(2 * np.arctan(slope))))
        eye.SetClippingRange(*_clipping(camera, extent))
        self._section = section
        self.shift(0.0, 0.0)

    def shift(self, right: float, up: float) -> None:
        """Look by so many pixels farther to the right and farther up than the camera does; texts on the glass stay."""
        if self._section is None:
            return
        (width, height), seen = self._section.view, self._section.seen
        # Where the middle of what is seen lies from the middle of the view, in halves of what is seen.
        self.renderer.GetActiveCamera().SetWindowCenter(
            (2 * (seen.left + right) + seen.width - width) / seen.width,
            (2 * (seen.bottom + up) + seen.height - height) / seen.height,
        )


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

    def draw(self) -> NDArray[np.uint8]:
        """See Renderer."""
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
        for view in (*self._insets.values(), self._main):
            view.close()
        self._insets.clear()
        self.window.Finalize()


def _clipping(camera: Camera, extent: Vector) -> tuple[float, float]:
    """Nearest and farthest depth that is drawn, in cells: as tight as the scene allows, for depth precision."""
    depths = camera.depths(extent)
    far = max(float(depths.max()) * 1.05 + 10.0, 1.0)
    near = max(float(depths.min()) * 0.95 - 10.0, far * 1e-3)
    return near, far
