"""Text: labels as textured rectangles in space, drawn once by Pillow and smooth at every distance; captions flat."""

from functools import cache, lru_cache
from pathlib import Path
from unicodedata import category

import matplotlib as mpl
import numpy as np
import pyvista as pv
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkTextActor, vtkTexture

from mmviz.picture.drawlist import Caption, Label
from mmviz.render.drawable import Drawable

CAPITAL = 72
"""Height of a capital letter in a text's texture, in pixels."""
CAPITAL_SHARE = 0.729
"""Height of a capital letter of DejaVu Sans as a share of the font's size."""
BORDER = 6
"""Empty pixels around a text."""
WIDEST = 0.96
"""Share of the picture's width that a caption takes at most."""
SMALLEST_FONT = 6
"""Of a caption that has room, in pixels: smaller letters cannot be read."""
TINIEST_FONT = 3
"""In pixels; a caption that would need a smaller one is not drawn: VTK cannot."""
LONGEST = 8192
"""Most pixels from end to end of a label's texture; a longer text is drawn with smaller letters."""
SIGNS = {"\n": "↵", "\t": "⇥"}
"""What is drawn for characters that have no shape of their own."""
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""What is drawn for the other control characters."""
VTK_FONT_FILE = 4
"""The font family that vtkTextProperty reads from a file."""


def font_file() -> Path:
    """DejaVu Sans, which matplotlib ships: it knows the letters that tokens and formulas need."""
    return Path(mpl.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def printable(text: str) -> str:
    """The text as one line in which every character has a shape."""
    return "".join(
        SIGNS.get(letter, UNKNOWN) if category(letter) in {"Cc", "Cs", "Zl", "Zp"} else letter for letter in text
    )


class LabelActor(Drawable[Label]):
    """Draws one label; a new label of the same key may stand elsewhere."""

    actor: vtkActor

    def __init__(self, label: Label) -> None:
        self._label: Label | None = None
        self._mapper = vtkPolyDataMapper()
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        self.actor.ForceTranslucentOn()
        self.actor.GetProperty().LightingOff()
        # In front of everything: a plane in flight would cut a name to pieces.
        self.actor.GetShaderProperty().AddFragmentShaderReplacement(
            "//VTK::TCoord::Impl", True, "//VTK::TCoord::Impl\n  gl_FragDepth = 0.0;", False
        )
        self.update(label)

    def update(self, label: Label) -> None:
        """Show another label of the same key."""
        if label is self._label:
            return
        alpha, capital = _letters(printable(label.text))
        if self._label is None or label.text != self._label.text:
            self.actor.SetTexture(_texture(alpha))
        self.actor.GetProperty().SetColor(*label.color)
        self._mapper.SetInputData(_rectangle(label, alpha.shape, capital))
        self._label = label


class CaptionActor(Drawable[Caption]):
    """Draws a line of text in the picture's plane, centred at its top or bottom."""

    actor: vtkTextActor

    def __init__(self, caption: Caption) -> None:
        self.actor = vtkTextActor()
        style = self.actor.GetTextProperty()
        style.SetFontFamily(VTK_FONT_FILE)
        style.SetFontFile(str(font_file()))
        style.SetJustificationToCentered()
        style.SetVerticalJustificationToCentered()
        self.actor.GetPositionCoordinate().SetCoordinateSystemToNormalizedViewport()
        self.update(caption)

    def update(self, caption: Caption) -> None:
        """Show another line of the same key."""
        self._caption = caption
        text = printable(caption.text)
        self.actor.SetInput(text.replace("$", "\\$"))  # VTK would read $...$ as a formula
        self._width = _font().getlength(text) / _font().size  # as a multiple of the font's size
        self.actor.GetTextProperty().SetColor(*caption.color)
        self.actor.SetPosition(0.5, caption.level)

    def fit(self, view: tuple[int, int], picture_height: int) -> None:  # noqa: ARG002
        """Keep the letters' share of the view's height, or less where the line would not fit into the width."""
        wanted = max(SMALLEST_FONT, self._caption.height * view[1] / CAPITAL_SHARE)
        most = WIDEST * view[0] / max(self._width, 1e-6)
        size = int(min(wanted, most))
        self.actor.SetVisibility(size >= TINIEST_FONT)
        self.actor.GetTextProperty().SetFontSize(max(size, TINIEST_FONT))


@cache
def _font(size: int = round(CAPITAL / CAPITAL_SHARE)) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_file()), size)


@lru_cache(maxsize=512)
def _letters(text: str) -> tuple[NDArray[np.uint8], float]:
    """A line of text, its capitals centred between top and bottom.

    Returns:
        (height, width), coverage 0..255; and the height of a capital letter in its pixels.
    """
    font = _font()
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


def _texture(alpha: NDArray[np.uint8]) -> vtkTexture:
    height, width = alpha.shape
    pixels = np.full((height, width, 4), 255, np.uint8)
    pixels[..., 3] = alpha[::-1]
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


def _rectangle(label: Label, pixels: tuple[int, ...], capital: float) -> pv.PolyData:
    half_up, half_along = (0.5 * label.height / capital * side for side in pixels)  # in cells
    corners = [
        label.center + x * half_along * label.along + y * half_up * label.up
        for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    rectangle = pv.PolyData(np.array(corners, np.float32), faces=[4, 0, 1, 2, 3])
    rectangle.active_texture_coordinates = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    return rectangle
