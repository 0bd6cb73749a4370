"""Frames as pages, held against what the canvas draws of the same: places of letters, what hides what, insets."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.orders.order import PictureOrder
from mmviz.picture.drawlist import Caption, DrawList, Inset, Label, Lines, Patch, Sheet, TickLabels
from mmviz.picture.eye.camera import Camera, fit
from mmviz.picture.ground_names import Ground
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.render.offscreen import offscreen
from mmviz.render.region import Size
from mmviz.render.text.shaping import outline
from mmviz.render.vector.composing import composed
from mmviz.render.vector.page import Image, Item, Outline, Page, Text, placed

pytestmark = pytest.mark.usefixtures("canvases_kept")

X, Y, Z = np.eye(3)
SIZE = (240, 160)
KEY = ItemKey("matrix", "")
EXTENT = np.array([-8 * X - 6 * Y - 4 * Z, 8 * X + 6 * Y + 4 * Z])
WHITE, GREEN = (1.0, 1.0, 1.0), (0.0, 1.0, 0.0)
Kind = TypeVar("Kind", Image, Outline, Text)


def camera(direction: NDArray[np.float64] = Z) -> Camera:
    return fit(EXTENT, direction, SIZE[0] / SIZE[1])


def sheet(depth: float = 0.0) -> Sheet:
    """Eight by eight large spheres in the middle of the picture."""
    placement = Placement((8, 8), -3.5 * X + 3.5 * Y + depth * Z, -Y, X)
    return Sheet(KEY, placement, np.ones((8, 8), np.float32), 1.0)


def drawing(**items: object) -> DrawList:
    return replace(DrawList(extent=EXTENT), **items)  # type: ignore[arg-type]


def page(shown: DrawList, eye: Camera, ground: Ground = "black", tile: Size = (4096, 4096)) -> Page:
    order = PictureOrder("x.svg", *SIZE, ground)
    with offscreen(*SIZE, light=ground == "white", rimmed=ground == "transparent") as renderer:
        return composed(order, shown, eye, "", renderer, tile)


def canvas_picture(shown: DrawList, eye: Camera) -> NDArray[np.uint8]:
    with offscreen(*SIZE) as canvas:
        canvas.show(shown, eye)
        return canvas.draw()


def items(made: Page, kind: type[Kind], part: int = 0) -> Iterator[Kind]:
    return (item for item in made.parts[part].items if isinstance(item, kind))


def strokes(made: Page) -> NDArray[np.float64]:
    """(pieces, 2, 2): the ends of what is drawn of lines."""
    found = [item for item in items(made, Outline) if item.stroke is not None]
    return np.array([place for item in found for _, place in item.commands]).reshape(-1, 2, 2)


def ink(item: Item) -> NDArray[np.float64]:
    """Left, top, right and bottom of the letters of a text."""
    assert isinstance(item, Text)
    steps = [placed(outline(one.font, one.number), one.matrix) for one in item.letters]
    places = np.array(
        [place for step in steps for _, places in step for place in zip(places[::2], places[1::2], strict=True)]
    )
    return np.concatenate([places.min(axis=0), places.max(axis=0)])


def box_of(picture: NDArray[np.uint8], least: int = 60) -> NDArray[np.float64]:
    """Left, top, right and bottom of what is brighter than the ground."""
    bright = picture.max(axis=2) > least
    rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], float)


NAME = Label(KEY, "Qy@K", 1.0 * X + Y, X, Y, 2.4, WHITE)
TURNED = replace(NAME, along=(X - Z) / np.sqrt(2))
TICKS = TickLabels(KEY, ("the", "mat"), np.array([-4 * X, 4 * X]), X, Y, 1.6, WHITE)


@pytest.mark.parametrize("direction", [Z, -X + Y + 2 * Z, X + 3 * Z], ids=["front", "above", "aside"])
@pytest.mark.parametrize("label", [NAME, TURNED], ids=["flat", "turned"])
def test_a_name_covers_what_it_covers_in_a_picture(label: Label, direction: NDArray[np.float64]) -> None:
    shown, eye = drawing(labels=(label,)), camera(direction)
    (text,) = items(page(shown, eye), Text)
    np.testing.assert_allclose(ink(text), box_of(canvas_picture(shown, eye)), atol=1.6)
    assert (text.text, text.color) == ("Qy@K", WHITE)


@pytest.mark.parametrize("ends", [False, True])
def test_tokens_begin_or_end_at_their_places_as_in_a_picture(ends: bool) -> None:
    shown, eye = drawing(ticks=(replace(TICKS, ends=ends),)), camera()
    texts = list(items(page(shown, eye), Text))
    assert [text.text for text in texts] == ["the", "mat"]
    boxes = np.array([ink(text) for text in texts])
    around = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    np.testing.assert_allclose(around, box_of(canvas_picture(shown, eye)), atol=1.6)


def test_a_caption_covers_what_it_covers_in_a_picture_and_has_its_band() -> None:
    shown, eye = drawing(captions=(Caption("title", "A title", 0.9, WHITE, 0.06),)), camera()
    made = page(shown, eye)
    (text,) = items(made, Text)
    np.testing.assert_allclose(ink(text), box_of(canvas_picture(shown, eye)), atol=1.1)
    band = [item for item in items(made, Outline) if item.opacity < 1]
    assert len(band) == 1


def test_words_run_along_their_letters() -> None:
    (text,) = items(page(drawing(labels=(NAME,)), camera()), Text)
    a, b, c, d, e, f = text.matrix
    left, _, right, bottom = ink(text)
    assert e == pytest.approx(left, abs=2)
    assert a * text.length + e == pytest.approx(right, abs=2)
    assert (b, c) == pytest.approx((0, 0), abs=1e-6)
    assert d == pytest.approx(-a, rel=0.01)
    assert f < bottom, "letters such as y go below the line"


def test_a_name_behind_the_eye_is_not_written() -> None:
    behind = replace(NAME, center=camera().position + 3 * Z)
    assert not list(items(page(drawing(labels=(behind,)), camera()), Text))


@pytest.mark.parametrize(("depth", "pieces"), [(1.5, 1), (-1.5, 2)])
def test_a_line_is_seen_before_a_matrix_and_on_both_sides_of_one_that_hides_it(depth: float, pieces: int) -> None:
    line = Lines(KEY, np.array([-7 * X, 7 * X]) + 0.5 * Y + depth * Z, GREEN, 2.0)
    shown, eye = drawing(sheets=(sheet(),), lines=(line,)), camera()
    found = strokes(page(shown, eye))
    green = canvas_picture(shown, eye).astype(int)
    columns = np.flatnonzero(((green[..., 1] > 90) & (green[..., 2] < 60)).any(axis=0))
    assert found[0, 0, 0] == pytest.approx(columns[0], abs=1.5)
    assert found[-1, 1, 0] == pytest.approx(columns[-1] + 1, abs=1.5)
    gaps = found[1:, 0, 0] - found[:-1, 1, 0]
    assert (gaps > 20).sum() == pieces - 1


def test_far_away_a_line_close_behind_a_matrix_is_hidden_by_it() -> None:
    """Large scenes are thousands of cells away: a small share of the distance is soon more than a cell."""
    large = Sheet(KEY, Placement((400, 8), -3.5 * X + 199.5 * Y, -Y, X), np.ones((400, 8), np.float32), 1.0)
    row = Lines(KEY, np.array([-3.5 * X, 3.5 * X]) - 0.3 * Z, GREEN)
    extent = np.array([-600 * X - 400 * Y, 600 * X + 400 * Y])
    shown = replace(drawing(sheets=(large,), lines=(row,)), extent=extent)
    made = page(shown, fit(extent, Z, SIZE[0] / SIZE[1]))
    drawn = [item for item in items(made, Outline) if item.stroke is not None]
    lengths = [
        abs(u - x)
        for item in drawn
        for (_, (x, _)), (_, (u, _)) in zip(item.commands[::2], item.commands[1::2], strict=True)
    ]
    assert sum(lengths) < 0.4


def test_the_image_is_that_of_the_canvas_in_one_piece_or_in_tiles() -> None:
    shown, eye = drawing(sheets=(sheet(),)), camera(-X + Y + 2 * Z)
    drawn = canvas_picture(shown, eye)
    for tile in ((4096, 4096), (50, 40)):
        (image,) = items(page(shown, eye, tile=tile), Image)
        whole = np.zeros_like(drawn)
        height, width = image.pixels.shape[:2]
        whole[image.top : image.top + height, image.left : image.left + width] = image.pixels
        assert np.abs(whole.astype(int) - drawn).mean() < 0.2
        assert height * width < 0.6 * drawn[..., 0].size, "the ground around it is left out"


ARROW = Patch(KEY, np.array([-6 * X - 2 * Y, 6 * X, -6 * X + 2 * Y]), np.array([[0, 1, 2]]), GREEN, 0.5)


def test_what_hides_an_arrow_is_drawn_over_it_once_more() -> None:
    eye = camera()
    behind = page(drawing(sheets=(sheet(2.0),), patches=(ARROW,)), eye)
    first, over = items(behind, Image)
    arrow = [item for item in items(behind, Outline) if item.fill == GREEN]
    kinds = [type(item) for item in behind.parts[0].items]
    assert (len(arrow), arrow[0].opacity) == (1, 0.5)
    assert kinds == [Outline, Image, Outline, Image], "ground, matrices, arrow, and the matrices before it"
    assert over.pixels.shape[2] == 4
    seen = over.pixels[over.pixels[..., 3] > 0]
    assert 0 < len(seen) < first.pixels[..., 0].size
    before = page(drawing(sheets=(sheet(-2.0),), patches=(ARROW,)), eye)
    assert len(list(items(before, Image))) == 1


BOX = np.array([[x, y, z] for x in (-3.0, 3) for y in (-2.0, 2) for z in (-1.0, 1)])
SIDES = [[0, 1, 3, 2], [4, 5, 7, 6], [0, 1, 5, 4], [2, 3, 7, 6], [0, 2, 6, 4], [1, 3, 7, 5]]
SOLID = Patch(KEY, BOX, np.array([[a, b, c] for w, x, y, z in SIDES for a, b, c in ((w, x, y), (w, y, z))]), GREEN)
EDGES = np.array([BOX[[a, b]] for a in range(8) for b in range(a) if (BOX[a] != BOX[b]).sum() == 1])


def area(commands: tuple[tuple[str, tuple[float, ...]], ...]) -> float:
    """Of the triangles of an outline, each with the sign of its turn."""
    (x, y), (u, v), (s, t) = (np.array([places for _, places in commands[at::4]]).T for at in range(3))
    return float(((u - x) * (t - y) - (v - y) * (s - x)).sum() / 2)


def test_the_triangles_of_a_solid_go_around_the_same_way_so_that_none_takes_another_out() -> None:
    eye = camera(-X + Y + 2 * Z)
    (_, solid) = items(page(drawing(patches=(SOLID,)), eye), Outline)
    picture = canvas_picture(drawing(patches=(SOLID,)), eye)
    covered = int((picture[..., 1] > 128).sum())
    assert abs(area(solid.commands)) == pytest.approx(2 * covered, rel=0.02), "its front and its back"


def test_a_solid_that_fades_is_as_faint_as_in_a_picture_which_shows_its_front_and_its_back() -> None:
    eye, faint = camera(-X + Y + 2 * Z), replace(SOLID, opacity=0.5)
    (_, solid) = items(page(drawing(patches=(faint,)), eye), Outline)
    picture = canvas_picture(drawing(patches=(faint,)), eye)
    assert solid.opacity == 0.75
    assert np.median(picture[picture[..., 1] > 60][:, 1]) == pytest.approx(255 * 0.75, abs=2)


def test_a_solid_shows_its_front_edges_from_end_to_end_and_hides_those_behind_it() -> None:
    eye = camera(-X + Y + 2 * Z)
    edges = Lines(KEY, EDGES.reshape(-1, 3), WHITE)
    made = page(drawing(patches=(SOLID,), lines=(edges,)), eye)
    (whole,) = [item for item in items(made, Outline) if item.rounded]
    assert len(whole.commands) == 2 * 9, "of twelve edges of a box nine are seen"
    cut = [item for item in items(made, Outline) if item.stroke is not None and not item.rounded]
    places = np.array([place for item in cut for _, place in item.commands]).reshape(-1, 2, 2)
    assert np.hypot(*(places[:, 1] - places[:, 0]).T).sum() < 8, "where they end"
    faint = page(drawing(patches=(replace(SOLID, opacity=0.5),), lines=(edges,)), eye)
    (all_of_them,) = [item for item in items(faint, Outline) if item.stroke is not None]
    assert len(all_of_them.commands) == 2 * 12, "they are seen through it"


def test_what_shines_through_does_so_on_a_page() -> None:
    line = Lines(KEY, np.array([-7 * X, 7 * X]), GREEN, 2.0, opacity=0.25)
    made = page(drawing(lines=(line,), labels=(replace(NAME, opacity=0.75),)), camera())
    *_, drawn = items(made, Outline)
    (text,) = items(made, Text)
    assert (drawn.opacity, text.opacity) == (0.25, 0.75)


def test_without_matrices_there_is_no_image() -> None:
    assert not list(items(page(drawing(labels=(NAME,), patches=(ARROW,)), camera()), Image))


def test_an_inset_is_a_part_of_its_own_and_the_frame_has_a_hole_there() -> None:
    inside = replace(drawing(sheets=(sheet(),), labels=(NAME,)), background=(0.1, 0.1, 0.1))
    inset = Inset(KEY, inside, fit(EXTENT, Z, 1.0), side=0.5, margin=0.1, bottom=0.2)
    made = page(drawing(labels=(TURNED,), insets=(inset,)), camera())
    frame, corner = made.parts
    assert list(corner.inside) == [16, 48, 96, 128], "80 pixels, 16 from the left and 32 from below"
    assert frame.holes == (corner.inside,)
    assert not corner.holes
    ground, *_ = items(made, Outline, 1)
    assert ground.fill == (0.1, 0.1, 0.1)
    (image,), (text,) = items(made, Image, 1), items(made, Text, 1)
    assert 16 < image.left < image.left + image.pixels.shape[1] < 96
    left, top, right, bottom = ink(text)
    assert 16 < left < right < 96
    assert 48 < top < bottom < 128


def test_without_a_ground_the_image_has_alpha_light_names_have_rims_and_nothing_is_behind() -> None:
    made = page(drawing(sheets=(sheet(),), labels=(NAME,)), camera(), "transparent")
    (image,), (text,) = items(made, Image), items(made, Text)
    assert image.pixels.shape[2] == 4
    assert {0, 255} <= set(image.pixels[..., 3].ravel().tolist())
    assert text.rim > 0
    assert not list(items(made, Outline))
