"""Captions as pixels: letters in their colour, bands that hide what is behind them, and the same picture in tiles."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.picture.drawlist import Caption, DrawList, Patch
from mmviz.picture.eye.camera import fit
from mmviz.picture.space.item_key import ItemKey
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.opengl.captions import CaptionActor
from mmviz.render.region import Region, Section
from mmviz.render.text.captions import OPACITY, placed

pytestmark = pytest.mark.usefixtures("canvases_kept")

Z = np.array([0.0, 0.0, 1.0])
EXTENT = np.array([[-10.0, -10.0, 0.0], [10.0, 10.0, 0.0]])
CAMERA = fit(EXTENT, Z, 1.0, border=(0.0, 0.0))
SQUARE = Patch(
    ItemKey("arrow", "a"),
    np.array([[-20.0, -20, 0], [20, -20, 0], [20, 20, 0], [-20, 20, 0]]),
    np.array([[0, 1, 2], [0, 2, 3]]),
    (0.0, 1.0, 0.0),
)


def caption(text: str = "HHHH", plate: tuple[float, float, float] | None = (0.0, 0.0, 0.0)) -> Caption:
    return Caption("caption", text, 0.5, (1.0, 1.0, 1.0), 0.08, plate=plate)


def drawn(canvas: Canvas, *captions: Caption) -> NDArray[np.uint8]:
    canvas.show(DrawList(captions=captions, patches=(SQUARE,), extent=EXTENT), CAMERA)
    return canvas.draw()


def test_a_band_hides_what_is_behind_the_letters_and_nothing_else(canvas: Canvas) -> None:
    picture = drawn(canvas, caption())
    (there,) = placed((caption(),), canvas.size)
    left, bottom, right, top = (round(side) for side in there.band)
    around = picture.copy()
    around[240 - top - 1 : 240 - bottom + 1, left - 1 : right + 1] = (0, 255, 0)
    assert (around == (0, 255, 0)).all()
    middle = picture[240 - (top + bottom) // 2, left:right]
    assert middle[:, 0].max() == 255, "letters are white"
    between = middle[np.flatnonzero(middle[:, 0] < 3)]
    assert between[:, 1].min() == pytest.approx(255 * (1 - OPACITY), abs=3)


def test_without_a_plate_only_letters_cover_what_is_behind(canvas: Canvas) -> None:
    picture = drawn(canvas, caption(plate=None))
    assert (picture[..., 1] > 250).all()
    assert (picture[..., 0] > 250).any()


def test_letters_are_where_they_were_placed_pixel_by_pixel(canvas: Canvas) -> None:
    """The foot and head of an H end on whole pixels: their rows are lit, the ones beside them are not."""
    picture = drawn(canvas, caption())[..., 0]
    (there,) = placed((caption(),), canvas.size)
    left, bottom, right, top = there.lines[0].box()
    rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
    assert rows.max() == 240 - int(bottom) - 1
    assert rows.min() == 240 - int(np.ceil(top))
    assert (columns.min(), columns.max()) == (int(left), int(np.ceil(right)) - 1)


def test_a_picture_in_parts_has_the_same_captions(canvas: Canvas) -> None:
    texts = caption("parts"), Caption("badge", "fine", 0.99, (0.5, 0.7, 0.6), 0.04, badge=True)
    whole = drawn(canvas, *texts)
    drawing = DrawList(captions=texts, patches=(SQUARE,), extent=EXTENT)
    with Canvas(240, 240, Region(100, 90, 64, 56)) as part:
        part.show(drawing, CAMERA)
        np.testing.assert_array_equal(part.draw(), whole[240 - 90 - 56 : 240 - 90, 100:164])


def test_a_badge_has_a_frame_of_one_pixel(canvas: Canvas) -> None:
    badge = Caption("badge", "fine", 0.9, (1.0, 0.0, 0.0), 0.06, badge=True)
    picture = drawn(canvas, badge)[..., 0].astype(int)
    (there,) = placed((badge,), canvas.size)
    column = picture[:, round(there.lines[0].x) - 3]
    lit = np.flatnonzero(column > 100)
    assert len(lit) == 2
    assert column[lit] == pytest.approx([128, 128], abs=2)


def test_a_caption_that_stays_is_not_made_anew() -> None:
    (there,) = placed((caption(),), (240, 240))
    actor = CaptionActor(there)
    actor.fit(Section.whole(240, 240))
    texture = actor.actor.GetTexture()
    actor.update(placed((caption(),), (240, 240))[0])
    actor.fit(Section.whole(240, 240))
    assert actor.actor.GetTexture() is texture
    actor.update(placed((caption("other"),), (240, 240))[0])
    actor.fit(Section.whole(240, 240))
    assert actor.actor.GetTexture() is not texture
