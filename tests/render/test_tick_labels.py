"""Many short texts in one actor: each at its place, whole, and as far as the others; and the badge in its corner."""

from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkActor

from mmviz.picture.drawlist import Caption, DrawList, TickLabels
from mmviz.picture.eye.camera import fit
from mmviz.picture.space.item_key import ItemKey
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.opengl.view import View
from mmviz.render.text.fonts import shipped

pytestmark = pytest.mark.usefixtures("canvases_kept")

Picture = NDArray[np.uint8]
X, Y, Z = np.eye(3)
EXTENT = np.array([[-10.0, -10.0, 0.0], [10.0, 10.0, 0.0]])
CAMERA = fit(EXTENT, Z, 1.0, border=(0.0, 0.0))


def ticks(*texts: str, ends: bool = False) -> TickLabels:
    places = np.array([[0.0, 6.0 - 3 * number, 0.0] for number in range(len(texts))])
    return TickLabels(ItemKey("tokens", "t"), texts, places, X, Y, 1.6, (1.0, 1.0, 1.0), ends)


def drawn(canvas: Canvas, *items: TickLabels) -> Picture:
    canvas.show(DrawList(ticks=items, extent=EXTENT), CAMERA)
    return canvas.draw()


def rows(picture: Picture, number: int) -> NDArray[np.int64]:
    """Columns of the bright pixels around the place of a text, from its place on, in pixels."""
    middle = round((10 - (6 - 3 * number)) / 20 * 240)
    bright = picture[middle - 12 : middle + 12, :, 0].max(axis=0) > 100
    columns: NDArray[np.int64] = np.flatnonzero(bright) - 120
    return columns


@pytest.mark.parametrize("ends", [False, True])
def test_every_text_begins_or_ends_at_its_place(canvas: Canvas, ends: bool) -> None:
    picture = drawn(canvas, ticks("H", "HHH", "·the", "⏎", ends=ends))
    widths = []
    for number in range(4):
        columns = rows(picture, number)
        widths.append(np.ptp(columns))
        nearest, farthest = (-columns.max(), columns.min()) if ends else (columns.min(), columns.max())
        assert -2 <= nearest <= 8
        assert (farthest < 0) if ends else (farthest > 0)
    assert widths[1] > 2.5 * widths[0]


def test_a_text_looks_the_same_alone_and_among_others(canvas: Canvas) -> None:
    alone = drawn(canvas, ticks("fox")).astype(int)
    among = drawn(canvas, ticks("fox", "quick", "fox", "Åg")).astype(int)
    assert abs(alone[:65] - among[:65]).mean() < 1
    np.testing.assert_array_equal(rows(among, 0), rows(among, 2))


def test_texts_of_the_same_key_are_replaced_and_go_away(canvas: Canvas) -> None:
    first = drawn(canvas, ticks("one", "two"))
    second = drawn(canvas, ticks("three", "four"))
    assert (first != second).any()
    np.testing.assert_array_equal(drawn(canvas, ticks("one", "two")), first)
    turned = replace(ticks("one", "two"), places=ticks("one", "two").places[::-1])
    assert (drawn(canvas, turned) != first).any()
    assert drawn(canvas).max() == 0


def test_all_the_texts_of_an_edge_are_one_actor() -> None:
    with Canvas(64, 64) as canvas:
        view = View(canvas.window)
        view.show(DrawList(ticks=(ticks(*(f"w{n}" for n in range(64))),), extent=EXTENT), CAMERA)
        found = view.writer.GetActors()
        actors = [found.GetItemAsObject(number) for number in range(found.GetNumberOfItems())]
        assert [actor.GetVisibility() for actor in actors if isinstance(actor, vtkActor)] == [0, 1]
        assert view.renderer.GetActors().GetNumberOfItems() == 0
        view.close()


def test_the_fonts_are_those_that_matplotlib_ships() -> None:
    folder = Path(mpl.get_data_path(), "fonts", "ttf")
    assert [font.path for font in shipped()] == [folder / "DejaVuSans.ttf", folder / "STIXGeneral.ttf"]
    assert all(font.path.is_file() for font in shipped())


@pytest.mark.parametrize("size", [(640, 360), (1280, 720), (360, 640)])
def test_a_badge_is_in_the_upper_right_corner_and_covers_no_title(size: tuple[int, int]) -> None:
    badge = Caption("badge", "✓ max |Δ| 3.1e-07 of transformers", 0.99, (0.5, 0.7, 0.6), 0.0095, badge=True)
    title = Caption("title", "A title that takes all of the width " * 3, 0.955, (1.0, 1.0, 1.0), 0.019)
    with Canvas(*size) as canvas:
        pictures = []
        for captions in ((badge,), (badge, title)):
            canvas.show(DrawList(captions=captions, extent=EXTENT), CAMERA)
            pictures.append(canvas.draw().max(axis=2) > 60)
    first, both = pictures
    second = both & ~first
    assert second.sum() > first.sum()
    across, down = np.flatnonzero(first.any(axis=0)), np.flatnonzero(first.any(axis=1))
    assert across.min() > 0.3 * size[0]
    assert 0.95 * size[0] < across.max() < size[0] - 1
    assert down.min() > 0
    assert down.max() < 0.05 * size[1]
    np.testing.assert_array_equal(first & both, first)
