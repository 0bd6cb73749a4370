"""A frame as a page: matrices are drawn into an image, everything else becomes outlines before and behind them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mmviz.orders.order import PictureOrder
from mmviz.picture.drawlist import REFERENCE_HEIGHT, DrawList, Lines, Patch, Sheet
from mmviz.picture.eye.camera import Camera
from mmviz.picture.ground import BLACK, WHITE, over
from mmviz.render.film.alpha import with_alpha
from mmviz.render.region import Region, Size, bands, shares
from mmviz.render.renderer import Renderer
from mmviz.render.text.captions import covered, placed, roof
from mmviz.render.text.shaping import Command
from mmviz.render.vector.page import Box, Image, Item, Outline, Page, Part, box_commands
from mmviz.render.vector.projection import Projection
from mmviz.render.vector.visible import before_the_eye, hiding, lenient, visible_pieces
from mmviz.render.vector.writing import caption_items, label_text, tick_texts

NEAREST = 1e-3
"""What is nearer to the eye is not drawn, in cells."""
Depths = NDArray[np.float32]
Pixel = TypeVar("Pixel", np.uint8, np.float32)


def composed(
    order: PictureOrder, drawing: DrawList, camera: Camera, title: str, renderer: Renderer, tile: Size
) -> Page:
    """The page of a picture.

    Args:
        order: Its size, ground and dpi.
        drawing: The frame, in the colours of the ground.
        camera: From where it is seen.
        title: What the picture is called.
        renderer: Draws the matrices.
        tile: The largest part that is drawn at once, in pixels.
    """
    width, height = order.size
    whole = Region(0, 0, width, height)
    views = [(whole, drawing, camera)]
    views += [
        (shares(order.size, inset.place(width / height)), inset.drawing, inset.camera) for inset in drawing.insets
    ]
    parts = []
    boxes = [_box(place, height) for place, _, _ in views]
    for number, (place, shown, eye) in enumerate(views):
        view = _View(Projection(eye, place, height), shown, clear=order.ground == "transparent")
        parts.append(Part(boxes[number], tuple(view.items(renderer, tile)), tuple(boxes[number + 1 :])))
    return Page(width, height, order.dpi, title, tuple(parts))


class _View:
    """A frame, or an inset of it.

    Args:
        projection: Where it is seen.
        drawing: What.
        clear: It has no ground.
    """

    def __init__(self, projection: Projection, drawing: DrawList, *, clear: bool) -> None:
        self._projection, self._drawing, self._clear = projection, drawing, clear

    def items(self, renderer: Renderer, tile: Size) -> Iterator[Item]:
        """What stands in it, from back to front."""
        pixels, depths = self._drawn(renderer, tile)
        ground = self._drawing.background
        if not self._clear:
            yield Outline(box_commands(_box(self._projection.place, self._projection.height)), fill=ground)
        yield from self._image(pixels, self._inked(pixels))
        yield from self._arrows(renderer, tile, pixels, depths)
        opaque = tuple(patch for patch in self._drawing.patches if patch.opacity == 1.0)
        if opaque and self._drawing.lines:
            depths = np.minimum(depths, lenient(self._depths(renderer, tile, opaque)))
        for lines in self._drawing.lines:
            yield from self._strokes(lines, depths)
        yield from self._texts()

    def _arrows(
        self, renderer: Renderer, tile: Size, pixels: NDArray[np.uint8], depths: Depths
    ) -> Iterator[Outline | Image]:
        """Arrows, and over them the pixels of what hides them."""
        arrows = [(patch, self._outline(patch)) for patch in self._drawing.patches]
        there = [(patch, found) for patch, found in arrows if found is not None]
        yield from (
            found for _, found in sorted(there, key=lambda one: -self._projection.camera.depths(one[0].points).mean())
        )
        if there and np.isfinite(depths).any():
            solid = tuple(replace(patch, opacity=1.0) for patch, _ in there)
            yield from self._image(pixels, hiding(depths, self._depths(renderer, tile, solid)))

    # the image

    def _drawn(self, renderer: Renderer, tile: Size) -> tuple[NDArray[np.uint8], Depths]:
        """The matrices: (height, width, 3), or 4 without a ground; and how far each pixel is."""
        drawing = _only(self._drawing, sheets=self._drawing.sheets)
        grounds = [over(drawing, BLACK), over(drawing, WHITE)] if self._clear else [drawing]
        colors: list[NDArray[np.uint8]] = []
        depths: list[Depths] = []
        for _ in self._tiles(renderer, tile):
            pictures = [self._picture(renderer, one) for one in grounds]
            colors.append(with_alpha(*pictures) if self._clear else pictures[0])
            depths.append(renderer.depths())
        columns = -(-self._projection.place.width // tile[0])
        return _joined(colors, columns), _joined(depths, columns)

    def _depths(self, renderer: Renderer, tile: Size, patches: tuple[Patch, ...]) -> Depths:
        """How far some arrows are at each pixel."""
        drawing = _only(self._drawing, patches=patches)
        depths: list[Depths] = []
        for _ in self._tiles(renderer, tile):
            renderer.show(drawing, self._projection.camera)
            renderer.render()
            depths.append(renderer.depths())
        return _joined(depths, -(-self._projection.place.width // tile[0]))

    def _tiles(self, renderer: Renderer, tile: Size) -> Iterator[None]:
        """The renderer draws one part of the view after the other."""
        size = self._projection.place.size
        for row in bands(size, tile):
            for region in row:
                renderer.cut(region, size)
                yield

    def _picture(self, renderer: Renderer, drawing: DrawList) -> NDArray[np.uint8]:
        renderer.show(drawing, self._projection.camera)
        return renderer.draw()

    def _image(self, pixels: NDArray[np.uint8], shown: NDArray[np.bool_]) -> Iterator[Image]:
        """The pixels of a picture that are shown; nothing where none are."""
        rows, columns = np.flatnonzero(shown.any(axis=1)), np.flatnonzero(shown.any(axis=0))
        if not len(rows):
            return
        box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
        part, seen = pixels[box], shown[box]
        if not seen.all():
            alpha = part[..., 3] if part.shape[2] == 4 else np.uint8(255)
            part = np.concatenate([part[..., :3], np.where(seen, alpha, 0).astype(np.uint8)[..., None]], axis=2)
        left, top = self._projection.place.left + int(columns[0]), self._projection.top + int(rows[0])
        yield Image(left, top, part)

    def _inked(self, pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """The rectangle around all pixels that are not the ground."""
        ground = np.zeros(4) if self._clear else np.rint(255 * np.asarray(self._drawing.background))
        inked = np.asarray((pixels != ground).any(axis=2))
        rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
        if len(rows):
            inked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
        return inked

    # lines and arrows

    def _strokes(self, lines: Lines, depths: Depths) -> Iterator[Outline]:
        """What is seen of some lines."""
        segments = np.asarray(lines.points, float).reshape(-1, 2, 3)
        cut, _ = before_the_eye(segments, self._projection.camera.depths(segments), NEAREST)
        if not len(cut):
            return
        flat = cut.reshape(-1, 3)
        ends = np.concatenate([self._projection.within(flat), self._projection.camera.depths(flat)[:, None]], axis=1)
        pieces, whole = visible_pieces(ends.reshape(-1, 2, 3), depths)
        width = max(1.0, lines.width * self._projection.height / REFERENCE_HEIGHT)
        for rounded in (False, True):  # a piece that goes on behind something ends there
            places = (pieces[whole == rounded] + self._projection.corner).tolist()
            commands = tuple(step for start, end in places for step in (("M", tuple(start)), ("L", tuple(end))))
            if commands:
                yield Outline(commands, None, lines.color, width, rounded, lines.opacity)

    def _outline(self, patch: Patch) -> Outline | None:
        """What is seen of an arrow, as one outline; None where it is not before the eye."""
        if not len(patch.triangles) or (self._projection.camera.depths(patch.points) < NEAREST).any():
            return None
        corners = self._projection.on_page(np.asarray(patch.points, float))[patch.triangles]  # (triangles, 3, 2)
        (ax, ay), (bx, by) = (corners[:, 1] - corners[:, 0]).T, (corners[:, 2] - corners[:, 0]).T
        turned = ax * by - ay * bx < 0
        corners[turned] = corners[turned, ::-1]  # all go around the same way: what they cover together is filled
        commands: list[Command] = []
        for one, two, three in corners.tolist():
            commands += [("M", tuple(one)), ("L", tuple(two)), ("L", tuple(three)), ("Z", ())]
        # One sees through the front and the back of a solid.
        opacity = 1 - (1 - patch.opacity) ** 2 if _is_solid(patch) else patch.opacity
        return Outline(tuple(commands), fill=patch.color, opacity=opacity)

    def _texts(self) -> Iterator[Item]:
        for label in self._drawing.labels:
            found = label_text(label, self._projection, rimmed=self._clear)
            if found is not None:
                yield found
        for ticks in self._drawing.ticks:
            yield from tick_texts(ticks, self._projection)
        place, height = self._projection.place, self._projection.height
        for caption in placed(
            self._drawing.captions, place.size, covered(self._drawing, place.size), roof(self._drawing, place.size)
        ):
            yield from caption_items(caption, place.left, height - place.bottom)


def _is_solid(patch: Patch) -> bool:
    """Whether triangles enclose a body: each of their sides is one of two."""
    sides = np.sort(np.concatenate([patch.triangles[:, pair] for pair in ([0, 1], [1, 2], [2, 0])]), axis=1)
    return bool((np.unique(sides, axis=0, return_counts=True)[1] == 2).all())


def _only(drawing: DrawList, sheets: tuple[Sheet, ...] = (), patches: tuple[Patch, ...] = ()) -> DrawList:
    """A frame with nothing but some items."""
    return DrawList(sheets=sheets, patches=patches, background=drawing.background, extent=drawing.extent)


def _joined(pieces: list[NDArray[Pixel]], columns: int) -> NDArray[Pixel]:
    """Tiles put together: row after row from the top, so many in each."""
    rows = [np.concatenate(pieces[at : at + columns], axis=1) for at in range(0, len(pieces), columns)]
    return np.concatenate(rows, axis=0)


def _box(place: Region, height: int) -> Box:
    """A region as a box on the page."""
    return place.left, height - place.bottom - place.height, place.left + place.width, height - place.bottom
