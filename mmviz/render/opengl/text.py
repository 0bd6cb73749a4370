"""Text: labels as textured rectangles in space, drawn once by Pillow and smooth at every distance; captions flat."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkTextActor, vtkTextRenderer, vtkTexture

from mmviz.picture.drawlist import Caption, Label, TickLabels
from mmviz.picture.ground import LIGHT
from mmviz.render.letters import font_file, printable
from mmviz.render.opengl.drawable import Drawable
from mmviz.render.opengl.surface import rectangles, set_texture
from mmviz.render.region import Section

CAPITAL = 72
"""Height of a capital letter in a text's texture, in pixels."""
CAPITAL_SHARE = 0.729
"""Height of a capital letter of DejaVu Sans as a share of the font's size."""
FONT = round(CAPITAL / CAPITAL_SHARE)
"""Size of a label's font, in pixels."""
SMALL_FONT = 36
"""Size of the font of texts that share a texture, in pixels."""
BORDER = 6
"""Empty pixels around a text."""
RIM = 11
"""Twice the width of the rim around letters, in pixels, and one."""
WIDEST = 0.96
"""Share of the picture's width that a caption takes at most."""
BADGE_MARGIN = 0.014
"""How far a badge is from the right edge of the picture, as a share of its height."""
SMALLEST_FONT = 6
"""Of a caption that has room, in pixels: smaller letters cannot be read."""
PLATE = 0.6
"""How much of what is behind a caption its plate hides."""
TINIEST_FONT = 3
"""In pixels; a caption that would need a smaller one is not drawn: VTK cannot."""
LONGEST = 8192
"""Most pixels from end to end of a label's texture; a longer text is drawn with smaller letters."""
TALLEST = 4096
"""Most pixels from top to bottom of a texture that texts share, where they fit side by side."""
VTK_FONT_FILE = 4
"""The font family that vtkTextProperty reads from a file."""


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
        alpha, capital = _letters(printable(label.text))
        if self._label is None or label.text != self._label.text:
            self.actor.SetTexture(_texture(alpha, rimmed=self._rimmed))
        self.actor.GetProperty().SetColor(*label.color)
        self._mapper.SetInputData(_rectangle(label, alpha.shape, capital))
        self._label = label

    def fit(self, section: Section) -> None:
        """Give the letters the rim that they need on an unknown ground."""
        rimmed = section.rimmed and self._label is not None and min(self._label.color) > LIGHT
        if rimmed != self._rimmed and self._label is not None:
            self._rimmed = rimmed
            self.actor.SetTexture(_texture(_letters(printable(self._label.text))[0], rimmed=self._rimmed))


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


@contextmanager
def letters_alone() -> Iterator[None]:
    """What is drawn within shows its letters as they are: VTK makes no columns of `a | b` and no formula of dollars.

    It would where something else has imported its Matplotlib module; see findings/vtk-dollar-signs.sh.
    """
    texts = vtkTextRenderer.GetInstance()
    before = texts.GetDefaultBackend()
    texts.SetDefaultBackend(vtkTextRenderer.FreeType)
    try:
        yield
    finally:
        texts.SetDefaultBackend(before)


class CaptionActor(Drawable[Caption]):
    """Draws a line of text in the picture's plane, centred at its top or bottom, or as a badge at its right edge."""

    actor: vtkTextActor

    def __init__(self, caption: Caption) -> None:
        self.actor = vtkTextActor()
        style = self.actor.GetTextProperty()
        style.SetFontFamily(VTK_FONT_FILE)
        style.SetFontFile(str(font_file()))
        self.actor.GetPositionCoordinate().SetCoordinateSystemToNormalizedViewport()
        self.update(caption)

    def update(self, caption: Caption) -> None:
        """Show another line of the same key."""
        self._caption = caption
        text = printable(f" {caption.text} " if caption.badge else caption.text)
        self.actor.SetInput(text.replace("$", "\\$"))  # see findings/vtk-dollar-signs.sh
        self._width = _font().getlength(text) / _font().size  # as a multiple of the font's size
        style = self.actor.GetTextProperty()
        style.SetColor(*caption.color)
        style.SetFrame(caption.badge)
        style.SetFrameColor(*(0.5 * part for part in caption.color))
        style.SetFrameWidth(1)
        style.SetBackgroundColor(caption.plate or caption.color)
        style.SetBackgroundOpacity(0.0 if caption.plate is None else PLATE)
        if caption.badge:
            style.SetJustificationToRight()
            style.SetVerticalJustificationToTop()
        else:
            style.SetJustificationToCentered()
            style.SetVerticalJustificationToCentered()

    def fit(self, section: Section) -> None:
        """Keep the letters' share of the view's height, or less where the line would not fit into the width."""
        (width, height), seen = section.view, section.seen
        across = width - BADGE_MARGIN * height if self._caption.badge else 0.5 * width
        self.actor.SetPosition(
            (across - seen.left) / seen.width, (self._caption.level * height - seen.bottom) / seen.height
        )
        wanted = max(SMALLEST_FONT, self._caption.height * height / CAPITAL_SHARE)
        most = WIDEST * width / max(self._width, 1e-6)
        size = int(min(wanted, most))
        self.actor.SetVisibility(size >= TINIEST_FONT)
        self.actor.GetTextProperty().SetFontSize(max(size, TINIEST_FONT))


@cache
def _font(size: int = FONT) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_file()), size)


@lru_cache(maxsize=512)
def _letters(text: str, size: int = FONT) -> tuple[NDArray[np.uint8], float]:
    """A line of text, its capitals centred between top and bottom.

    Args:
        text: The line.
        size: Of the font, in pixels.

    Returns:
        (height, width), coverage 0..255; and the height of a capital letter in its pixels.
    """
    font = _font(size)
    length = font.getlength(text)
    if length > LONGEST:
        font = _font(max(1, int(font.size * LONGEST / length)))
    capital = font.size * CAPITAL_SHARE
    left, top, right, bottom = font.getbbox(text, anchor="ls")
    half = max(-top - capital / 2, bottom + capital / 2) + BORDER
    width = max(1, round(right - left)) + 2 * BORDER
    image = Image.new("L", (width, round(2 * half)))
    ImageDraw.Draw(image).text((BORDER - left, half + capital / 2), text, fill=255, font=font, anchor="ls")
    return np.asarray(image), capital


@dataclass(frozen=True, slots=True, eq=False)
class _Page:
    """Several lines of text in one texture."""

    alpha: NDArray[np.uint8]  # (height, width), coverage 0..255
    boxes: NDArray[np.float64]  # (lines, 4): left, top, right and bottom of each, in pixels from the top left
    capital: float  # height of a capital letter, in pixels


@lru_cache(maxsize=8)
def _page(texts: tuple[str, ...]) -> _Page:
    """Lines of text below each other, in as many columns as are needed; equal ones are there once."""
    lines = {text: _letters(printable(text), SMALL_FONT)[0] for text in texts}
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
    return _Page(alpha, np.array([boxes[text] for text in texts], float), SMALL_FONT * CAPITAL_SHARE)


def _texture(alpha: NDArray[np.uint8], *, rimmed: bool = False) -> vtkTexture:
    height, width = alpha.shape
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[..., 3] = alpha[::-1]
    if rimmed:
        around = Image.fromarray(alpha[::-1]).filter(ImageFilter.MaxFilter(RIM)).filter(ImageFilter.GaussianBlur(1))
        pixels[..., :3] = alpha[::-1, :, None]  # black outside the letters, times their colour within
        pixels[..., 3] = np.maximum(np.asarray(around), alpha[::-1])
    image = vtkImageData()
    image.SetDimensions(width, height, 1)
    image.GetPointData().SetScalars(numpy_to_vtk(pixels.reshape(-1, 4), deep=True))  # type: ignore[no-untyped-call]
    texture = vtkTexture()
    texture.SetInputData(image)
    texture.SetColorModeToDirectScalars()
    texture.InterpolateOn()
    texture.MipmapOn()
    texture.SetMaximumAnisotropicFiltering(4.0)
    return texture


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
