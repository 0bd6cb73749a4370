"""Lines of text in the picture's plane, on bands that keep them apart from what is behind; places none of them."""

from functools import lru_cache
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkPolyDataMapper2D, vtkTexturedActor2D

from mmviz.picture.look.palette import Color
from mmviz.render.opengl.drawable import Drawable
from mmviz.render.opengl.surface import picture_texture, rectangles, set_texture
from mmviz.render.region import Region, Section
from mmviz.render.text.captions import OPACITY, SOFT, THINNEST, Box, PlacedCaption
from mmviz.render.text.raster import coverage

Shares = NDArray[np.floating]


class CaptionActor(Drawable[PlacedCaption]):
    """Draws a caption where it has been placed."""

    actor: vtkTexturedActor2D

    def __init__(self, caption: PlacedCaption) -> None:
        self.actor = vtkTexturedActor2D()
        self._mapper = vtkPolyDataMapper2D()
        self.actor.SetMapper(self._mapper)
        self._shown: tuple[PlacedCaption, Region] | None = None
        self.update(caption)

    def update(self, caption: PlacedCaption) -> None:
        """Show another caption of the same key."""
        self._caption = caption

    def fit(self, section: Section) -> None:
        """Show as much of it as is drawn of the picture."""
        there = _pixels(self._caption.band).common(section.seen)
        seen = min(there.size) > 0
        self.actor.SetVisibility(seen)
        shown = self._caption, there
        if not seen or shown == self._shown:
            return
        self._shown = shown
        self.actor.SetTexture(picture_texture(_picture(self._caption, there), smooth=False))
        place = there.within(section.seen)
        right, top = place.left + place.width, place.bottom + place.height
        corners = [(place.left, place.bottom), (right, place.bottom), (right, top), (place.left, top)]
        made = rectangles([(*corner, 0) for corner in corners])
        set_texture(made, [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
        self._mapper.SetInputData(made)


def _pixels(box: Box) -> Region:
    left, bottom, right, top = floor(box[0]), floor(box[1]), ceil(box[2]), ceil(box[3])
    return Region(left, bottom, right - left, top - bottom)


@lru_cache(maxsize=16)
def _picture(caption: PlacedCaption, region: Region) -> NDArray[np.uint8]:
    """What is seen of a caption in a part of the picture; (height, width, 4), the bottom row first."""
    letters = coverage(caption.lines, region)[::-1].astype(np.float32) / 255  # (height, width)
    behind = np.zeros_like(letters) if caption.plate is None else OPACITY * _band(caption, region)
    colors = np.empty((*letters.shape, 3), np.float32)
    colors[:] = caption.plate or caption.color
    if caption.framed:
        colors, behind = _over(colors, behind, caption.frame, _outline(caption.band, region))
    colors, alpha = _over(colors, behind, caption.color, letters)
    picture: NDArray[np.uint8] = np.rint(255 * np.concatenate([colors, alpha[..., None]], axis=2)).astype(np.uint8)
    return picture


def _over(below: Shares, opacity: Shares, color: Color, share: Shares) -> tuple[Shares, Shares]:
    """What is seen where a colour covers a share of what has some opacity itself.

    Args:
        below: (height, width, 3).
        opacity: (height, width), of what is below.
        color: What covers it.
        share: (height, width).
    """
    alpha = share + opacity * (1 - share)  # (height, width)
    weight = np.divide(share, alpha, out=np.zeros_like(alpha), where=alpha > 0)[..., None]
    return below + weight * (np.asarray(color, np.float32) - below), alpha


def _band(caption: PlacedCaption, region: Region) -> Shares:
    """How much of each pixel the band hides: it fades away toward its rim, that of a frame ends at it."""
    across, up = _inside(caption.band, region)
    if caption.framed:
        return np.minimum.outer(np.clip(up, 0, 1), np.clip(across, 0, 1)).astype(np.float32)
    lowest = min(line.y for line in caption.lines)
    rim = SOFT * max(lowest - caption.band[1], THINNEST)
    return np.outer(_smooth(up / rim), _smooth(across / rim)).astype(np.float32)


def _outline(box: Box, region: Region) -> Shares:
    """A line one pixel wide along the inside of a box, on whole pixels, so that all its sides are as sharp."""
    edges = _pixels(box)
    rows = np.arange(region.height) + region.bottom - edges.bottom
    columns = np.arange(region.width) + region.left - edges.left
    rows_within, rows_at = _ends(rows, edges.height)
    columns_within, columns_at = _ends(columns, edges.width)
    return (np.outer(rows_at, columns_within) | np.outer(rows_within, columns_at)).astype(np.float32)


def _ends(places: NDArray[np.int64], length: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which places lie within a length, and which are its first and last one."""
    return (places >= 0) & (places < length), (places == 0) | (places == length - 1)


def _inside(box: Box, region: Region) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far the middles of a region's columns and rows are from the nearest side of a box, inward."""
    left, bottom, right, top = box
    across = np.arange(region.width) + region.left + 0.5
    up = np.arange(region.height) + region.bottom + 0.5
    return np.minimum(across - left, right - across), np.minimum(up - bottom, top - up)


def _smooth(share: NDArray[np.float64]) -> NDArray[np.float64]:
    kept = np.clip(share, 0, 1)
    smooth: NDArray[np.float64] = kept * kept * (3 - 2 * kept)
    return smooth
