"""Straight lines of a width in pixels with smooth edges, without multisampling.

Each segment is a rectangle of four vertices that the vertex shader spreads out in the picture's plane; the
fragment shader fades its rim.
"""

import numpy as np
from vtkmodules.vtkCommonDataModel import vtkDataObject, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from mmviz.picture.drawlist import REFERENCE_HEIGHT, Lines
from mmviz.render.glsl import lines as line_shaders
from mmviz.render.opengl.drawable import Drawable
from mmviz.render.opengl.surface import attach, rectangles
from mmviz.render.region import Section


class LinesActor(Drawable[Lines]):
    """Draws the segments of one item."""

    actor: vtkActor

    def __init__(self, lines: Lines) -> None:
        self._lines: Lines | None = None
        self._mapper = vtkPolyDataMapper()
        self._mapper.SetVBOShiftScaleMethod(0)
        self._mapper.ScalarVisibilityOff()
        self._mapper.MapDataArrayToVertexAttribute("other_end", "other_end", vtkDataObject.FIELD_ASSOCIATION_POINTS, -1)
        self._mapper.MapDataArrayToVertexAttribute("side", "side", vtkDataObject.FIELD_ASSOCIATION_POINTS, -1)
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        self.actor.GetProperty().LightingOff()
        self.actor.ForceTranslucentOn()
        shader = self.actor.GetShaderProperty()
        shader.AddVertexShaderReplacement("//VTK::PositionVC::Dec", True, _VERTEX_DECLARATIONS, False)
        shader.AddVertexShaderReplacement("//VTK::PositionVC::Impl", True, _VERTEX, False)
        shader.AddFragmentShaderReplacement("//VTK::PositionVC::Dec", True, _FRAGMENT_DECLARATIONS, False)
        shader.AddFragmentShaderReplacement("//VTK::TCoord::Impl", True, _FRAGMENT, False)
        self._in_vertices = shader.GetVertexCustomUniforms()
        self._in_fragments = shader.GetFragmentCustomUniforms()
        self.update(lines)
        self.fit(Section.whole(REFERENCE_HEIGHT, REFERENCE_HEIGHT))
        self.give_way(0.0)

    def update(self, lines: Lines) -> None:
        """Show other segments of the same key."""
        if lines is self._lines:
            return
        self._mapper.SetInputData(_rectangles(np.asarray(lines.points, np.float32)))
        self.actor.GetProperty().SetColor(*lines.color)
        self.actor.GetProperty().SetOpacity(lines.opacity)
        self._lines = lines

    def fit(self, section: Section) -> None:
        """Keep the lines' share of the whole picture."""
        line = self._lines.width if self._lines else 1.0
        half = max(line_shaders.THINNEST, 0.5 * line * section.picture_height / REFERENCE_HEIGHT)
        self._in_vertices.SetUniform2f("picture_size", (float(section.seen.width), float(section.seen.height)))
        self._in_vertices.SetUniformf("reach", half + line_shaders.FADING)
        self._in_fragments.SetUniformf("half_width", half)

    def give_way(self, near: float) -> None:
        """Fade what of the segments is nearer to the eye than this, in cells."""
        self._in_fragments.SetUniformf("near", near)


def _rectangles(points: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> vtkPolyData:
    """Two vertices at each end of every segment: `side` says left or right of it, and which way `other_end` lies."""
    starts, ends = points[0::2], points[1::2]
    corners = np.stack([starts, starts, ends, ends], axis=1).reshape(-1, 3)
    others = np.stack([ends, ends, starts, starts], axis=1).reshape(-1, 3)
    sides = np.tile(np.array([[-1, 1], [1, 1], [1, -1], [-1, -1]], np.float32), (len(starts), 1))
    made: vtkPolyData = rectangles(corners)
    attach(made, "other_end", others)
    attach(made, "side", sides)
    return made


_VERTEX_DECLARATIONS = "//VTK::PositionVC::Dec\n" + line_shaders.vertex()

_VERTEX = "//VTK::PositionVC::Impl\n  gl_Position = spread(vertexMC.xyz, MCDCMatrix);"

_FRAGMENT_DECLARATIONS = "//VTK::PositionVC::Dec\n" + line_shaders.fragment()

_FRAGMENT = """//VTK::TCoord::Impl
  gl_FragData[0].a *= covered();
  if (gl_FragData[0].a < 0.004) discard;
"""
