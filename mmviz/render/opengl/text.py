"""Text in space: labels as textured rectangles, drawn once and smooth at every distance."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkTexture

from mmviz.picture.drawlist import Label, TickLabels
from mmviz.picture.ground import LIGHT
from mmviz.render.opengl.drawable import Drawable
from mmviz.render.opengl.surface import picture_texture, rectangles, set_texture
from mmviz.render.region import Section
from mmviz.render.text.fonts import CAPITAL
from mmviz.render.text.raster import centred

FONT = 99
"""Size of a label's font, in pixels."""
SMALL_FONT = 36
"""Size of the font of texts that share a texture, in pixels."""
BORDER = 6
"""Empty pixels around a text."""
RIM = 11
"""Twice the width of the rim around letters, in pixels, and one."""
LONGEST = 8192
"""Most pixels from end to end of a label's texture; a longer text is drawn with smaller letters."""
TALLEST = 4096
"""Most pixels from top to bottom of a texture that texts share, where they fit side by side."""


class LabelActor(Drawable[Label]):
    """Draws one label; a new label of the same key may stand elsewhere."""

    actor: vtkActor

    def __init__(self, label: Label) -> None:
        self._label: Label | None = None
        self._rimmed = False
        self._mapper, self.actor = _in_front()
        self.update(label)

    def update(self, label: Label) -> None:
        """Show another label of the same key."""
        if label is self._label:
            return
        alpha, capital = _letters(label.text)
        if self._label is None or label.text != self._label.text:
            self.actor.SetTexture(_texture(alpha, rimmed=self._rimmed))
        self.actor.GetProperty().SetColor(*label.color)
        self.actor.GetProperty().SetOpacity(label.opacity)
        self._mapper.SetInputData(_rectangle(label, alpha.shape, capital))
        self._label = label

    def fit(self, section: Section) -> None:
        """Give the letters the rim that they need on an unknown ground."""
        rimmed = section.rimmed and self._label is not None and min(self._label.color) > LIGHT
        if rimmed != self._rimmed and self._label is not None:
            self._rimmed = rimmed
            self.actor.SetTexture(_texture(_letters(self._label.text)[0], rimmed=self._rimmed))


class TickLabelsActor(Drawable[TickLabels]):
    """Draws many short texts at once, from one texture that holds them all."""

    actor: vtkActor

    def __init__(self, ticks: TickLabels) -> None:
        self._ticks: TickLabels | None = None
        self._mapper, self.actor = _in_front(_SHARPER)
        self.update(ticks)

    def update(self, ticks: TickLabels) -> None:
        """Show other texts of the same key."""
        if ticks is self._ticks:
            return
        page = _page(ticks.texts)
        if self._ticks is None or ticks.texts != self._ticks.texts:
            self.actor.SetTexture(_texture(page.alpha))
        self.actor.GetProperty().SetColor(*ticks.color)
        self._mapper.SetInputData(_rectangles(ticks, page))
        self._ticks = ticks


def _in_front(program: str = "//VTK::TCoord::Impl") -> tuple[vtkPolyDataMapper, vtkActor]:
    """A mapper and its actor for textures in front of everything: a plane in flight would cut a name to pieces."""
    mapper, actor = vtkPolyDataMapper(), vtkActor()
    actor.SetMapper(mapper)
    actor.ForceTranslucentOn()
    actor.GetProperty().LightingOff()
    actor.GetShaderProperty().AddFragmentShaderReplacement(
        "//VTK::TCoord::Impl", True, f"{program}\n  gl_FragDepth = 0.0;", False
    )
    return mapper, actor


_SHARPER = """  float level = -0.6;  // small letters rather too sharp than blurred
  gl_FragData[0].a *= texture(actortexture, tcoordVCVSOutput, level).a;
  if (gl_FragData[0].a < 0.004) discard;"""


def _letters(text: str, size: int = FONT) -> tuple[NDArray[np.uint8], float]:
    """A line of text, (height, width), its capitals centred; and the height of a capital letter in its pixels."""
    return centred(text, size, BORDER, LONGEST)


@dataclass(frozen=True, slots=True, eq=False)
class _Page:
    """Several lines of text in one texture."""

    alpha: NDArray[np.uint8]  # (height, width), coverage 0..255
    boxes: NDArray[np.float64]  # (lines, 4): left, top, right and bottom of each, in pixels from the top left
    capital: float  # height of a capital letter, in pixels


@lru_cache(maxsize=8)
def _page(texts: tuple[str, ...]) -> _Page:
    """Lines of text below each other, in as many columns as are needed; equal ones are there once."""
    lines = {text: _letters(text, SMALL_FONT)[0] for text in texts}
    height = max(line.shape[0] for line in lines.values())
    width = max(line.shape[1] for line in lines.values())
    most = max(1, TALLEST // height)
    alpha = np.zeros((height * min(most, len(lines)), width * -(-len(lines) // most)), np.uint8)
    boxes: dict[str, tuple[float, ...]] = {}
    for number, (text, line) in enumerate(lines.items()):
        column, row = divmod(number, most)
        top, left = row * height + (height - line.shape[0]) // 2, column * width
        alpha[top : top + line.shape[0], left : left + line.shape[1]] = line
        boxes[text] = left, top, left + line.shape[1], top + line.shape[0]
    return _Page(alpha, np.array([boxes[text] for text in texts], float), SMALL_FONT * CAPITAL)


def _texture(alpha: NDArray[np.uint8], *, rimmed: bool = False) -> vtkTexture:
    height, width = alpha.shape
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[..., 3] = alpha[::-1]
    if rimmed:
        around = Image.fromarray(alpha[::-1]).filter(ImageFilter.MaxFilter(RIM)).filter(ImageFilter.GaussianBlur(1))
        pixels[..., :3] = alpha[::-1, :, None]  # black outside the letters, times their colour within
        pixels[..., 3] = np.maximum(np.asarray(around), alpha[::-1])
    return picture_texture(pixels, smooth=True)


def _rectangle(label: Label, pixels: tuple[int, ...], capital: float) -> vtkPolyData:
    half_up, half_along = (0.5 * label.height / capital * side for side in pixels)  # in cells
    corners = [
        label.center + x * half_along * label.along + y * half_up * label.up
        for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    rectangle: vtkPolyData = rectangles(corners)
    set_texture(rectangle, [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    return rectangle


def _rectangles(ticks: TickLabels, page: _Page) -> vtkPolyData:
    """One rectangle for each text, with its part of the page."""
    left, top, right, bottom = page.boxes.T  # (texts,) each
    cells = ticks.height / page.capital  # of one pixel
    start = left - right + BORDER if ticks.ends else np.full(len(left), -float(BORDER))  # the letters touch the place
    rise = (bottom - top) / 2
    across = np.stack([start, start + right - left, start + right - left, start], axis=1) * cells  # (texts, 4)
    upward = np.stack([-rise, -rise, rise, rise], axis=1) * cells
    points = ticks.places[:, None] + across[..., None] * ticks.along + upward[..., None] * ticks.up  # (texts, 4, 3)
    made: vtkPolyData = rectangles(points.reshape(-1, 3))
    height, width = page.alpha.shape
    u = np.stack([left, right, right, left], axis=1) / width
    v = 1 - np.stack([bottom, bottom, top, top], axis=1) / height
    set_texture(made, np.stack([u, v], axis=2).reshape(-1, 2))
    return made
