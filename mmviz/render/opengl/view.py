"""What stands in an off-screen window, or in a part of it: the drawables of one draw list, kept from frame to frame."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np
from vtkmodules.vtkRenderingCore import vtkFrustumCoverageCuller, vtkLight, vtkRenderer
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLRenderWindow

from mmviz.picture.drawlist import DrawList
from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.placement import Vector
from mmviz.render.looking import clipping
from mmviz.render.opengl.captions import CaptionActor
from mmviz.render.opengl.drawable import Drawable
from mmviz.render.opengl.lattice import LatticeActor
from mmviz.render.opengl.lines import LinesActor
from mmviz.render.opengl.shapes import PatchActor
from mmviz.render.opengl.text import Letters, LettersActor
from mmviz.render.region import Section
from mmviz.render.text.captions import covered, placed, roof

_Key = tuple[type, Hashable]
"""What a view keeps an item's drawable under: two items of different kinds may have the same key."""


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
        self.section: Section | None = None  # that was shown last
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
        eye.SetClippingRange(*clipping(camera, extent))
        self.section = section
        self.shift(0.0, 0.0)

    def lattices(self) -> Iterable[LatticeActor]:
        """What draws the elements of matrices."""
        return (one for one in self._drawn.values() if isinstance(one, LatticeActor))

    def others(self) -> Iterable[Drawable[Any]]:
        """What draws anything else in space."""
        apart = LatticeActor, CaptionActor
        return (one for one in self._drawn.values() if not isinstance(one, apart))

    def shift(self, right: float, up: float) -> None:
        """Look by so many pixels farther to the right and farther up than the camera does; texts on the glass stay."""
        if self.section is None:
            return
        (width, height), seen = self.section.view, self.section.seen
        # Where the middle of what is seen lies from the middle of the view, in halves of what is seen.
        self.renderer.GetActiveCamera().SetWindowCenter(
            (2 * (seen.left + right) + seen.width - width) / seen.width,
            (2 * (seen.bottom + up) + seen.height - height) / seen.height,
        )
