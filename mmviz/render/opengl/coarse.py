"""A frame whose matrices are drawn in large pixels, for speed, and everything else over them in the window's own.

The elements of matrices are drawn into a corner of the window first. Their colours and depths are read from there, and
fill the view as a picture: lines and arrows are drawn over it, and behind what hides them.
"""

from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from math import ceil

import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.util.vtkConstants import VTK_FLOAT, VTK_UNSIGNED_CHAR
from vtkmodules.vtkCommonCore import vtkFloatArray, vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkProp
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLRenderWindow, vtkTextureObject

from mmviz.render.opengl.surface import rectangles, set_texture, surface_texture
from mmviz.render.opengl.view import View
from mmviz.render.region import Region, Section

CORNERS = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
"""Of the picture, in OpenGL's clip coordinates."""


class Coarse:
    """Draws views of a window so.

    Args:
        window: It holds the textures.
    """

    def __init__(self, window: vtkOpenGLRenderWindow) -> None:
        self._window = window
        self._colors, self._depths = vtkTextureObject(), vtkTextureObject()
        self._read = vtkUnsignedCharArray(), vtkFloatArray()
        self._mapper = vtkPolyDataMapper()
        self._mapper.SetVBOShiftScaleMethod(0)
        self._actor = vtkActor()
        self._actor.SetMapper(self._mapper)
        self._actor.UseBoundsOff()  # it has no place in space
        self._actor.ForceOpaqueOn()
        self._actor.GetProperty().LightingOff()
        self._actor.SetTexture(surface_texture(self._colors, self._window))
        self._actor.GetProperty().SetTexture("depths", surface_texture(self._depths, self._window))
        shader = self._actor.GetShaderProperty()
        shader.AddVertexShaderReplacement("//VTK::PositionVC::Impl", True, _VERTEX, False)
        shader.AddFragmentShaderReplacement("//VTK::TCoord::Impl", True, _FRAGMENT, False)

    def draw(self, view: View, others: Collection[View], coarse: int) -> None:
        """Draw what the views of the window have been shown.

        Args:
            view: Fills the window; its matrices are drawn in large pixels.
            others: Are drawn as they are.
            coarse: Side of the large pixels, in the window's.
        """
        section = view.section
        if section is None:
            return
        width, height = section.view
        size = ceil(width / coarse), ceil(height / coarse)
        with ExitStack() as stack:
            for other in others:
                stack.enter_context(_undrawn(other))
            stack.enter_context(_hidden([one.actor for one in view.others()]))
            self._draw_lattices(view, section, size)
        self._take(size, (width / height) / (size[0] / size[1]))
        with _hidden([one.actor for one in view.lattices()]):
            view.renderer.AddViewProp(self._actor)
            self._window.Render()
            view.renderer.RemoveViewProp(self._actor)
        self._window.WaitForCompletion()

    def release(self) -> None:
        """Give the textures' memory back while the window still exists."""
        for texture in (self._colors, self._depths):
            texture.ReleaseGraphicsResources(self._window)

    def _draw_lattices(self, view: View, section: Section, size: tuple[int, int]) -> None:
        """Into the lower left corner of the window."""
        small = Section(size, Region(0, 0, *size), section.picture_height, section.light, sample=section.sample)
        for one in view.lattices():
            one.fit(small)
        view.writer.SetDraw(False)
        whole = section.view
        view.place(0.0, 0.0, size[0] / whole[0], size[1] / whole[1])
        self._window.Render()
        view.place(0.0, 0.0, 1.0, 1.0)
        view.writer.SetDraw(True)
        for one in view.lattices():
            one.fit(section)

    def _take(self, size: tuple[int, int], wider: float) -> None:
        """Read what was drawn, and make a picture of it that fills the view.

        Args:
            size: Of what was drawn, in pixels.
            wider: Width divided by height of the view, as a multiple of what was drawn: that is in whole pixels.
        """
        width, height = size
        colors, depths = self._read
        self._window.GetPixelData(0, 0, width - 1, height - 1, 0, colors, 0)
        self._window.GetZbufferData(0, 0, width - 1, height - 1, depths)
        for texture, numbers, channels, kind, filtering in (
            (self._colors, colors, 3, VTK_UNSIGNED_CHAR, vtkTextureObject.Linear),
            (self._depths, depths, 1, VTK_FLOAT, vtkTextureObject.Nearest),
        ):
            texels = vtk_to_numpy(numbers)  # type: ignore[no-untyped-call]
            texture.SetContext(self._window)
            texture.Create2DFromRaw(width, height, channels, kind, texels)
            texture.SetMinificationFilter(filtering)
            texture.SetMagnificationFilter(filtering)
            for wrap in (texture.SetWrapS, texture.SetWrapT):
                wrap(vtkTextureObject.ClampToEdge)
        made = rectangles(np.column_stack([CORNERS, np.zeros(4)]))
        set_texture(made, 0.5 + 0.5 * CORNERS * (wider, 1.0))
        self._mapper.SetInputData(made)


@contextmanager
def _hidden(actors: Collection[vtkProp]) -> Iterator[None]:
    """Without these; those that were hidden stay so."""
    seen = [one for one in actors if one.GetVisibility()]
    for one in seen:
        one.VisibilityOff()
    yield
    for one in seen:
        one.VisibilityOn()


@contextmanager
def _undrawn(view: View) -> Iterator[None]:
    drawn = bool(view.renderer.GetDraw())
    view.set_drawn(False)
    yield
    view.set_drawn(drawn)


_VERTEX = "//VTK::PositionVC::Impl\n  gl_Position = vec4(vertexMC.xy, 0.0, 1.0);\n"
_FRAGMENT = """
  gl_FragData[0] = vec4(texture(actortexture, tcoordVCVSOutput).rgb, 1.0);
  gl_FragDepth = texture(depths, tcoordVCVSOutput).r;
"""
