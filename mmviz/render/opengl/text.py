"""Text in space: a rectangle for each letter, all letters of a view in one go, in front of everything else."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkDataObject, vtkImageData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkTexture

from mmviz.picture.drawlist import Label, TickLabels
from mmviz.picture.ground import LIGHT
from mmviz.picture.look.palette import Color
from mmviz.picture.space.placement import Vector
from mmviz.render.glsl import letters as letter_shader
from mmviz.render.opengl.surface import attach, rectangles, set_texture
from mmviz.render.text.atlas import EM, WIDTH, Atlas, FullError, Quads

_UNIT = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
"""The corners of a rectangle, around it."""

Text = tuple[Label | TickLabels, ...]


class Letters:
    """The picture of all letters of a window, as a texture; it grows with what is written."""

    def __init__(self) -> None:
        self.atlas = Atlas()
        self.texture = vtkTexture()
        self.texture.SetColorModeToDirectScalars()
        self.texture.InterpolateOn()
        self._shown: tuple[Atlas, int] | None = None

    def quads(self, texts: Sequence[str]) -> list[Quads]:
        """The rectangles of some texts; when the picture is full it begins anew, with smaller letters if it must."""
        for em in (self.atlas.em, *(EM >> smaller for smaller in range(5))):
            try:
                return [self.atlas.quads(text) for text in texts]
            except FullError:
                self.atlas = Atlas(em)
        return [self.atlas.quads("") for _ in texts]

    def upload(self) -> None:
        """Give the graphics card the letters that are new."""
        if self._shown == (self.atlas, self.atlas.version):
            return
        self._shown = self.atlas, self.atlas.version
        picture = self.atlas.picture()
        image = vtkImageData()
        image.SetDimensions(picture.shape[1], picture.shape[0], 1)
        image.GetPointData().SetScalars(numpy_to_vtk(picture.ravel(), deep=True))  # type: ignore[no-untyped-call]
        self.texture.SetInputData(image)


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A line of text in space, and the rectangles of its letters."""

    quads: Quads
    start: Vector  # (3,), where the line starts, at half the height of its capitals, in cells
    along: Vector  # (3,) as long as a capital is high, in the direction of reading
    up: Vector  # (3,) likewise, toward the head of the letters
    color: tuple[float, ...]  # and opacity


class LettersActor:
    """Draws all texts of one kind in a view: those of a frame are made in one go."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters
        self._texts: Text = ()
        self._made: tuple[Atlas, bool] | None = None
        self._em = EM
        self._mapper = vtkPolyDataMapper()
        self._mapper.SetVBOShiftScaleMethod(0)
        self._mapper.ScalarVisibilityOff()
        for name in ("ink", "origin", "rimmed"):
            self._mapper.MapDataArrayToVertexAttribute(name, name, vtkDataObject.FIELD_ASSOCIATION_POINTS, -1)
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        self.actor.SetTexture(letters.texture)
        self.actor.GetProperty().LightingOff()
        self.actor.ForceTranslucentOn()
        self._shader()

    def show(self, texts: Text, *, rimmed: bool) -> None:
        """Draw these texts from now on.

        Args:
            texts: Each of them as long as it stays the same is the same object.
            rimmed: Light ones get a dark rim.
        """
        same = len(texts) == len(self._texts) and all(map(_is, texts, self._texts))
        if not same or self._made != (self._letters.atlas, rimmed):
            self._texts = texts
            lines = _lines(texts, self._letters)
            self._made = self._letters.atlas, rimmed
            self._build([line for line in lines if len(line.quads.places)], rimmed)
            if self._letters.atlas.em != self._em:
                self._em = self._letters.atlas.em
                self._uniforms.SetUniformf("rim", letter_shader.RIM * self._em)
        self._letters.upload()

    def _build(self, lines: list[_Line], rimmed: bool) -> None:
        """All rectangles in one: the rims of all letters first, so that none lies on another letter."""
        dark = [line for line in lines if rimmed and min(line.color[:3]) > LIGHT]
        made = [(line, 1.0) for line in dark] + [(line, 0.0) for line in lines]
        self.actor.SetVisibility(bool(made))
        if not made:
            return
        corners = np.concatenate([_corners(line) for line, _ in made])  # (4 * letters, 3)
        within = np.concatenate([_UNIT * line.quads.sizes[:, None] for line, _ in made])  # (letters, 4, 2)
        origins = np.concatenate([line.quads.corners for line, _ in made])  # (letters, 2)
        counts = [4 * len(line.quads.places) for line, _ in made]
        inks = np.repeat([(0, 0, 0, line.color[3]) if rim else line.color for line, rim in made], counts, axis=0)
        data = rectangles(corners)
        set_texture(data, within.reshape(-1, 2))
        attach(data, "origin", np.repeat(origins, 4, axis=0))
        attach(data, "ink", inks)
        attach(data, "rimmed", np.repeat([rim for _, rim in made], counts)[:, None])
        self._mapper.SetInputData(data)

    def _shader(self) -> None:
        shader = self.actor.GetShaderProperty()
        in_vertices = {
            "//VTK::PositionVC::Dec": "//VTK::PositionVC::Dec" + _VERTEX,
            "//VTK::PositionVC::Impl": "//VTK::PositionVC::Impl" + _HANDED_ON,
        }
        in_fragments = {
            "//VTK::TCoord::Dec": "//VTK::TCoord::Dec\n#define letters actortexture\n" + letter_shader.fragment(WIDTH),
            "//VTK::PositionVC::Dec": "//VTK::PositionVC::Dec" + _IN_FRAGMENTS,
            "//VTK::TCoord::Impl": _FRAGMENT,
        }
        for place, text in in_vertices.items():
            shader.AddVertexShaderReplacement(place, True, text, False)
        for place, text in in_fragments.items():
            shader.AddFragmentShaderReplacement(place, True, text, False)
        self._uniforms = shader.GetFragmentCustomUniforms()
        self._uniforms.SetUniformf("rim", letter_shader.RIM * EM)


_VERTEX = """
in vec4 ink;
in vec2 origin;
in float rimmed;
flat out vec4 inkVS;
flat out vec2 originVS;
flat out float rimVS;
"""
_HANDED_ON = """
  inkVS = ink;
  originVS = origin;
  rimVS = rimmed;
"""
_IN_FRAGMENTS = """
flat in vec4 inkVS;
flat in vec2 originVS;
flat in float rimVS;
"""
_FRAGMENT = """
  vec2 within = tcoordVCVSOutput;
  float letter_covers = rimVS > 0.5 ? rim_of_letter(originVS, within) : letter(originVS, within);
  gl_FragData[0] = vec4(inkVS.rgb, inkVS.a * letter_covers);
  if (gl_FragData[0].a < 0.004) discard;
  gl_FragDepth = 0.0;
"""


def _is(one: object, other: object) -> bool:
    return one is other


def _lines(texts: Text, letters: Letters) -> list[_Line]:
    """Every line of some texts; the letters of a label are centred, those beside edges begin or end at their places."""
    quads = iter(letters.quads([line for text in texts for line in _words(text)]))
    found = []
    for text in texts:
        along, up = text.height * text.along, text.height * text.up
        if isinstance(text, Label):
            one = next(quads)
            start = text.center - 0.5 * (one.left + one.right) * along
            found.append(_Line(one, start, along, up, _ink(text.color, text.opacity)))
            continue
        for place, opacity in zip(text.places, text.opacities or repeat(1.0), strict=False):
            one = next(quads)
            start = place - (one.right if text.ends else one.left) * along
            found.append(_Line(one, start, along, up, _ink(text.color, opacity)))
    return found


def _words(text: Label | TickLabels) -> tuple[str, ...]:
    return (text.text,) if isinstance(text, Label) else text.texts


def _ink(color: Color, opacity: float) -> tuple[float, ...]:
    return (*color, opacity)


def _corners(line: _Line) -> NDArray[np.float64]:
    """(4 * letters, 3): around each letter from its lower left corner, in cells."""
    across = line.quads.places[:, [0, 2, 2, 0]].reshape(-1, 1)
    rise = line.quads.places[:, [1, 1, 3, 3]].reshape(-1, 1)
    corners: NDArray[np.float64] = line.start + across * line.along + rise * line.up
    return corners
