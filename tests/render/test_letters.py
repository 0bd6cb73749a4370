"""Letters as they are drawn: as their outlines are, at every size; with rims; all of them, however many there are."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.picture.drawlist import DrawList, Label, TickLabels
from mmviz.picture.eye.camera import fit
from mmviz.picture.look.palette import Color
from mmviz.picture.space.item_key import ItemKey
from mmviz.render.opengl import text
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.opengl.text import Letters
from mmviz.render.region import Region
from mmviz.render.text.atlas import Atlas
from mmviz.render.text.fonts import CAPITAL
from mmviz.render.text.raster import Written, coverage
from mmviz.render.text.shaping import shaped

pytestmark = pytest.mark.usefixtures("canvases_kept")

X, Y, Z = np.eye(3)
WHITE = (1.0, 1.0, 1.0)
EXTENT = np.array([[-120.0, -120.0, 0.0], [120.0, 120.0, 0.0]])
CAMERA = fit(EXTENT, Z, 1.0, border=(0.0, 0.0))
"""A cell is a pixel of a picture of 240 x 240, nearly."""


def label(words: str, height: float, along: NDArray[np.float64] = X, **more: float) -> Label:
    return Label(ItemKey("name", words), words, np.zeros(3), along, Y, height, WHITE, **more)


def drawn(canvas: Canvas, *labels: Label, background: Color = (0.0, 0.0, 0.0)) -> NDArray[np.uint8]:
    canvas.show(DrawList(labels=labels, extent=EXTENT, background=background), CAMERA)
    return canvas.draw()


@pytest.mark.parametrize(("words", "height"), [("Rag 8", 9.0), ("Rag 8", 30.0), ("R", 160.0), ("سلام", 40.0)])
def test_letters_are_as_smooth_as_their_outlines_at_every_size(canvas: Canvas, words: str, height: float) -> None:
    picture = drawn(canvas, label(words, height))[..., 0].astype(float)
    line, em = shaped(words), height / CAPITAL
    left, _, right, _ = line.ink
    start = 120 - em * (left + right) / 2
    exact = coverage((Written(line, start, 120 - height / 2, em),), Region(0, 0, 240, 240)).astype(float)
    assert picture.sum() == pytest.approx(exact.sum(), rel=0.04)
    lit = exact > 0
    assert abs(picture - exact)[lit].mean() < (12 if height > 20 else 26)
    if height > 100:
        edge = (picture > 25) & (picture < 230)
        assert edge.sum() < 1.6 * ((exact > 25) & (exact < 230)).sum(), "edges are a pixel wide"


def test_letters_are_seen_aslant_without_being_lost(canvas: Canvas) -> None:
    """Four times as narrow: a quarter of the light."""
    front = drawn(canvas, label("llll", 40.0)).sum(dtype=float)
    aslant = drawn(canvas, label("llll", 40.0, along=np.array([0.25, 0.0, np.sqrt(1 - 1 / 16)]))).sum(dtype=float)
    assert aslant == pytest.approx(front / 4, rel=0.12)


def test_a_label_that_is_half_gone_is_half_as_bright(canvas: Canvas) -> None:
    whole, half = drawn(canvas, label("H", 60.0)), drawn(canvas, label("H", 60.0, opacity=0.5))
    assert half.max() == pytest.approx(whole.max() / 2, abs=2)


def test_light_letters_get_a_dark_rim_where_the_ground_is_not_known() -> None:
    ground = (0.6, 0.6, 0.6)
    pictures = []
    for rimmed in (False, True):
        with Canvas(240, 240, rimmed=rimmed) as canvas:
            pictures.append(drawn(canvas, label("HH", 60.0), background=ground)[..., 0].astype(int))
    plain, rim = pictures
    assert plain.min() >= 152
    assert rim.min() < 20
    assert (plain > 250).sum() == pytest.approx((rim > 250).sum(), rel=0.05), "no rim lies on a letter"
    dark = rim < 76
    assert 0.15 < dark.sum() / (plain > 250).sum() < 1.6


@pytest.fixture
def small_atlas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters find little room."""

    class Small(Atlas):
        def __init__(self, em: int = 64, tallest: int = 256) -> None:
            super().__init__(em, tallest)

    monkeypatch.setattr(text, "Atlas", Small)


def test_more_letters_than_there_is_room_for_are_kept_smaller(small_atlas: None) -> None:
    letters = Letters()
    words = [chr(code) for code in range(0x400, 0x460)]
    assert [len(quads.places) for quads in letters.quads(words)] == [1] * len(words)
    assert letters.atlas.em < 64
    before = letters.atlas
    letters.quads(words)
    assert letters.atlas is before


def test_texts_stay_right_when_others_took_their_room(small_atlas: None) -> None:
    """The second item fills the picture of letters: the first one is made anew in the same frame."""
    crowd = tuple(chr(code) for code in range(0x400, 0x460))
    ticks = TickLabels(ItemKey("tokens", "t"), crowd, np.full((len(crowd), 3), 900.0), X, Y, 1.0, WHITE)
    with Canvas(240, 240) as canvas:
        alone = drawn(canvas, label("Rag", 40.0))
        canvas.show(DrawList(labels=(label("Rag", 40.0),), ticks=(ticks,), extent=EXTENT), CAMERA)
        among = canvas.draw()
    assert abs(alone.astype(int) - among).mean() < 1
