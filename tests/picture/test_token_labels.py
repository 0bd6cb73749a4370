"""Tokens along the edges and in the inset: each in line with its row or column, readable, never over a matrix."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import INSET_SIDE, TickLabels
from mmviz.picture.eye.camera import Camera, fit, project
from mmviz.picture.marks import inset, token_labels
from mmviz.picture.marks.guides import MARGIN
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.scene.keys.options import StyleOptions

WORDS = ("The", " quick", " brown", " fox", "\n", " jumps", " over", " incomprehensibilities")
SHOWN = ("The", "·quick", "·brown", "·fox", "⏎", "·jumps", "·over", "·incomprehe…")

SMALLEST = token_labels.LEGIBLE / token_labels.USUAL_HEIGHT
"""Least height of capitals in pictures of which nothing is said, as a share of their height."""


def head(*, size: int = 8, cut: int = 1, **options: Any) -> Composition:
    """attn = softmax(Q @ K.T) @ V with `size` tokens, in blocks of them."""
    sources = {name: {"init": "gaussian", "shape": [size, 4], "seed": n} for n, name in enumerate("QKV")}
    scene = Scene("z = (attn = softmax(Q @ K.T)) @ V", sources, partition={"i": cut}, **options)
    named = {"": ("tokens", ""), "left": ("tokens", "tokens"), "right": ("tokens", "")}
    named |= {"left.left": ("tokens", ""), "left.right": ("", "tokens")}
    texts = tuple(WORDS[number % len(WORDS)] for number in range(size))
    return replace(scene.composition, axes=named, tokens=texts, raw_tokens=tuple(f"Ġ{n}" for n in range(size)))


def near(composition: Composition, direction: NDArray[np.float64]) -> Camera:
    return fit(composition.extent, direction, 16 / 9)


directions = st.tuples(*[st.floats(-1, 1)] * 3).map(np.array).filter(lambda v: bool(np.linalg.norm(v) > 0.1))


@given(directions, st.sampled_from([1, 3]), st.sampled_from([1.0, 4.0]))
def test_every_token_is_in_line_with_its_row_or_column(direction: NDArray[np.float64], cut: int, gap: float) -> None:
    composition = head(cut=cut, layout={"gap": gap})
    found = token_labels.beside_edges(
        composition.root, composition.layout, composition.axes, {"tokens": SHOWN}, near(composition, direction)
    )
    for (path, axis), ticks in found.items():
        place = composition.layout[path]
        assert composition.axes[path][axis] == "tokens"
        assert ticks.texts == SHOWN
        edge, outward = (place.down, place.across) if axis == 0 else (place.across, place.down)
        cells = place.spot(np.arange(8), 0) if axis == 0 else place.element(0, np.arange(8))
        np.testing.assert_allclose(ticks.places @ edge, cells @ edge, atol=1e-9)
        np.testing.assert_allclose(ticks.places @ place.normal, cells @ place.normal, atol=1e-9)
        beyond = abs((ticks.places - place.center()) @ outward) - place.reach[1 - axis] / 2
        assert (beyond >= MARGIN).all()
        assert abs(ticks.along @ outward) == pytest.approx(1)
        away = np.sign((ticks.places[0] - place.center()) @ outward) * outward
        assert ticks.ends == (ticks.along @ away < 0), "the texts stand outside the matrix"


@given(directions)
def test_tokens_are_never_mirrored_and_never_too_small(direction: NDArray[np.float64]) -> None:
    composition = head()
    camera = near(composition, direction)
    for ticks in composition.at(0, camera).ticks:
        middle = ticks.places.mean(axis=0)
        assert np.cross(ticks.along, ticks.up) @ (camera.position - middle) > 0
        start, top, end = project(
            camera, np.array([middle, middle + ticks.height * ticks.up, middle + ticks.height * ticks.along]), 1.0
        )
        assert min(np.linalg.norm(top - start), np.linalg.norm(end - start)) >= SMALLEST


def test_an_attention_pattern_has_its_tokens_on_both_axes() -> None:
    composition = head()
    place = composition.layout["left"]
    camera = fit(place.corners(8.0), place.normal, 1.0, up=-place.down)
    keys = {ticks.key for ticks in composition.at(composition.timeline.steps, camera).ticks}
    assert {ItemKey("tokens", "left", 0), ItemKey("tokens", "left", 1)} <= keys


def test_far_away_there_are_no_tokens() -> None:
    composition = head()
    camera = near(composition, np.array([-1.0, 1.0, 1.0]))
    assert composition.at(0, camera).ticks
    far = replace(camera, position=camera.target + 6 * (camera.position - camera.target))
    assert composition.at(0, far).ticks == ()


def test_tokens_that_would_lie_over_another_matrix_are_left_out() -> None:
    rows = TickLabels(
        ItemKey("tokens", "x", 0),
        ("word",) * 4,
        np.array([[0.0, -n, 0] for n in range(4)]),
        X,
        Y,
        0.7,
        token_labels.TOKEN,
    )
    camera = fit(np.array([[-5.0, -5, 0], [9, 5, 0]]), Z, 1.0)
    beside = project(camera, np.array([[-4.0, 1, 0], [-1, 1, 0], [-1, -4, 0], [-4, -4, 0]]), 1.0)
    under = project(camera, np.array([[-1.0, 1, -2], [5, 1, -2], [5, -4, -2], [-1, -4, -2]]), 1.0)
    assert token_labels.covered(rows, [beside], camera) == 0
    assert token_labels.covered(rows, [beside, under], camera) == 1
    assert token_labels.covered(rows, [], camera) == 0


@pytest.mark.slow
def test_tokens_stand_on_the_side_where_they_cover_least() -> None:
    composition = head(layout={"gap": 0.0})
    seen = 0
    for direction in np.random.default_rng(0).normal(size=(60, 3)):
        camera = near(composition, direction)
        for ticks in composition.at(0, camera).ticks:
            path, axis = ticks.key.path, int(ticks.key.part == 1)
            place = composition.layout[path]
            others = [project(camera, x.corners(0.5), 1.0) for p, x in composition.layout.items() if p != path]
            share = token_labels.covered(ticks, others, camera)
            assert share <= token_labels.COVERED
            step = place.across if axis == 0 else place.down
            other_side = -np.sign((ticks.places[0] - place.center()) @ step) * step
            other = token_labels.beside(ticks.key, place, axis, other_side, ticks.texts, camera, ticks.height)
            if path == "left" and token_labels.seen_height(other, camera) >= SMALLEST:
                seen += 1
                assert share <= token_labels.covered(other, others, camera)
    assert seen > 10


def test_of_a_square_matrix_only_the_side_that_counts_tokens_has_them() -> None:
    sources = {name: {"init": "gaussian", "shape": [8, 8], "seed": n} for n, name in enumerate("AB")}
    named = {"": ("tokens", ""), "left": ("tokens", ""), "right": ("", "")}
    composition = replace(Scene("A @ B", sources).composition, axes=named, tokens=SHOWN)
    ways = np.random.default_rng(0).normal(size=(30, 3))
    keys = {ticks.key for way in ways for ticks in composition.at(0, near(composition, way)).ticks}
    assert keys == {ItemKey("tokens", "", 0), ItemKey("tokens", "left", 0)}


X, Y, Z = np.eye(3)


@pytest.mark.parametrize("size", [token_labels.MOST, token_labels.MOST + 1])
def test_up_to_512_tokens_are_written_where_they_can_be_read(size: int) -> None:
    sources = {"A": {"init": "gaussian", "shape": [size, 2]}, "B": {"init": "eye", "shape": [2, 2]}}
    named = {"": ("tokens", ""), "left": ("tokens", ""), "right": ("", "")}
    composition = replace(Scene("A @ B", sources).composition, axes=named, tokens=("a",) * size)
    place = composition.layout["left"]
    camera = fit(np.array([place.spot(size / 2, n) for n in (-5, 5)]), place.normal, 1.0, up=-place.down)
    assert bool(composition.at(0, camera).ticks) == (size == 512)


@pytest.mark.parametrize("size", [1, 5, 8, 513])
def test_only_axes_of_as_many_tokens_get_them_and_not_beyond_512(size: int) -> None:
    composition = replace(head(size=8), tokens=("a",) * size)
    found = composition.at(0, near(composition, np.array([-1.0, 1.0, 1.0]))).ticks
    assert bool(found) == (size == 8)


def test_white_space_is_seen_and_long_tokens_are_cut_off() -> None:
    assert tuple(token_labels.visible(word) for word in WORDS) == SHOWN
    assert token_labels.visible(" 我 2/3 是 1/2") == "·我 2/3 是 1/2"
    assert token_labels.visible("a 1/2") == "a·1/2"
    assert token_labels.visible("twelve chars") == "twelve·chars"
    assert token_labels.visible("thirteen char") == "thirteen·ch…"
    assert token_labels.visible("\t\r\u00a0x") == "⇥␍·x"
    assert max(map(len, SHOWN)) <= token_labels.LONGEST


@pytest.mark.parametrize(("chosen", "expected"), [("decoded", SHOWN), ("raw", tuple(f"Ġ{n}" for n in range(8)))])
def test_tokens_are_shown_as_text_or_as_the_tokenizer_writes_them(chosen: str, expected: tuple[str, ...]) -> None:
    composition = replace(head(), style=StyleOptions.model_validate({"tokens": chosen}))
    drawing = composition.at(0, near(composition, np.array([-1.0, 1.0, 1.0])))
    assert {ticks.texts for ticks in drawing.ticks} == {expected}


def test_a_scene_brings_both_the_texts_and_the_pieces_of_its_prompt() -> None:
    scene = Scene(
        "Q @ K.T",
        {name: {"activation": f"blocks.0.attn.hook_{name.lower()}", "head": 0} for name in "QK"},
        model={"path": "smollm2-135m-2layers", "prompt": "The keys\n"},
        style={"tokens": "raw"},
    )
    assert "".join(scene.composition.tokens) == "The keys\n"
    assert "".join(scene.composition.raw_tokens).replace("Ġ", " ").replace("Ċ", "\n") == "The keys\n"
    assert {ticks.texts for ticks in scene.composition.at(0, scene.composition.camera(1.5)).ticks} == {
        scene.composition.raw_tokens
    }


def test_without_tokens_the_sizes_stand_where_they_stood() -> None:
    composition, camera = head(), near(head(), np.array([-1.0, 1.0, 1.0]))
    silent = replace(composition, style=StyleOptions(tokens="none"))
    assert silent.at(0, camera).ticks == ()
    with_tokens = {label.key: label for label in composition.at(0, camera).labels if label.key.kind == "size"}
    without = {label.key: label for label in silent.at(0, camera).labels if label.key.kind == "size"}
    moved = {replace(ticks.key, kind="size") for ticks in composition.at(0, camera).ticks}
    assert with_tokens.keys() <= without.keys()  # farther out a size may find no room
    assert with_tokens.keys() & moved
    for key, label in without.items():
        if key not in with_tokens:
            continue
        shift = float(np.linalg.norm(with_tokens[key].center - label.center))
        assert (shift > 0) == (key in moved)


# The inset


def front(size: int) -> Placement:
    return Placement((size, size), np.zeros(3), -Y, X)


def test_tokens_of_an_inset_stand_at_the_left_and_above() -> None:
    view, *_ = inset.views("x", front(8), ("tokens", "tokens"), {"tokens": SHOWN}, 16 / 9)
    rows, columns = view.ticks
    assert INSET_SIDE <= view.side <= inset.LARGEST
    assert rows.ends
    assert not columns.ends
    assert (rows.places[:, 0] < 0).all()
    assert (columns.places[:, 1] > 0).all()
    for ticks in view.ticks:
        seen = project(view.camera, token_labels.corners(ticks), 1.0)
        assert ((seen > 0) & (seen < 1)).all()


def test_rows_and_columns_of_an_inset_may_count_other_tokens() -> None:
    texts = {"tokens": ("a", "b", "c"), "source_tokens": SHOWN}
    placement = Placement((3, 8), np.zeros(3), -Y, X)
    view, *_ = inset.views("x", placement, ("tokens", "source_tokens"), texts, 16 / 9)
    assert [ticks.texts for ticks in view.ticks] == [("a", "b", "c"), SHOWN]


def test_an_inset_grows_until_its_tokens_can_be_read() -> None:
    large, usual = inset.views("x", front(24), ("tokens", "tokens"), {"tokens": ("word",) * 24}, 16 / 9)
    assert usual.side == INSET_SIDE < large.side <= inset.LARGEST
    assert usual.ticks == ()
    assert usual.naming is not None
    for ticks in large.ticks:
        high = token_labels.seen_height(ticks, large.camera) * large.side
        assert high * token_labels.USUAL_HEIGHT >= 0.99 * inset.READABLE
    (small,) = inset.views("x", front(24), ("tokens", "tokens"), {"tokens": ("word",) * 24}, 1.0)
    assert (small.side, small.ticks) == (INSET_SIDE, ())


def test_an_inset_has_all_tokens_where_the_picture_has_the_pixels_for_them() -> None:
    def shown(pixels: int) -> inset.InsetView:
        return inset.views("x", front(64), ("tokens", "tokens"), {"tokens": ("word",) * 64}, 16 / 9, pixels=pixels)[0]

    for pixels in (480, 720, 1080):
        view = shown(pixels)
        assert view.ticks == ()
        assert view.naming is not None
        depth = (view.camera.position - np.zeros(3)) @ view.camera.axes()[2]
        seen = view.naming / (2 * depth * np.tan(np.radians(view.camera.view_angle) / 2)) * view.side
        assert seen * pixels >= 0.8 * inset.READABLE
    poster = shown(4320)
    assert len(poster.ticks) == 2
    for ticks in poster.ticks:
        assert token_labels.seen_height(ticks, poster.camera) * poster.side * 4320 >= inset.READABLE


@pytest.mark.parametrize("aspect", [1.0, 2.0])
def test_an_inset_covers_what_is_low_and_to_the_left(aspect: float) -> None:
    (view,) = inset.views("x", front(8), ("", ""), {}, aspect)
    corners = np.array([[-aspect, -1, 0], [aspect, -1, 0], [aspect, 1, 0], [-aspect, 1, 0]])
    camera = fit(corners, Z, aspect, border=(0.02, 0.02), up=Y)
    assert [inset.covers(view, camera, [corner[None]], aspect) for corner in corners] == [True, False, False, False]
    assert inset.covers(view, camera, [corners[2:], corners[:1]], aspect)


def test_a_scene_is_never_behind_its_inset() -> None:
    composition = head(size=40, camera={"inset": "attn"})
    drawing = composition.at(0, composition.camera(16 / 9), 16 / 9)
    (shown,) = drawing.insets
    assert [line.key.part for line in shown.drawing.lines if line.key.kind == "mark"] == ["tokens"]
    _, _, right, top = shown.place(16 / 9)
    for place in composition.layout.values():
        across, up = project(composition.camera(16 / 9), place.corners(), 16 / 9).T
        assert ((across > right) | (up > top)).all()


def test_the_same_camera_gives_the_same_texts_and_another_one_its_own() -> None:
    composition = head()
    first, second = (near(composition, np.array(way)) for way in ([-1.0, 1.0, 1.0], [1.0, 0.5, -1.0]))
    begin = composition.at(0, first)
    assert composition.at(1, first).ticks is begin.ticks
    assert composition.at(0, second).ticks is not begin.ticks
    again = composition.at(0, first)
    assert [ticks.key for ticks in again.ticks] == [ticks.key for ticks in begin.ticks]
    for one, other in zip(again.ticks, begin.ticks, strict=True):
        np.testing.assert_array_equal(one.places, other.places)


# The badge


def test_the_badge_is_in_the_picture_where_there_is_one() -> None:
    text = "✓ max |Δ| 3.1e-07 of transformers · float32 · cpu"
    composition = head()
    camera = composition.camera(1.0)
    assert all(caption.key != "badge" for caption in composition.at(0, camera).captions)
    (badge,) = (c for c in replace(composition, badge=text).at(0, camera).captions if c.badge)
    assert badge.text == text
    others = [caption for caption in composition.at(0, camera).captions if not caption.badge]
    assert all(caption.level + caption.height < badge.level - badge.height for caption in others)


def test_tokens_are_written_where_the_pixels_of_the_picture_let_them_be_read() -> None:
    composition = head(size=40, camera={"inset": "attn"})
    assert composition.for_height(composition.pixels) is composition

    def written(pixels: int) -> int:
        scene = composition.for_height(pixels)
        camera = scene.camera(16 / 9)
        ticks = scene.at(scene.timeline.steps, camera, 16 / 9).ticks
        for one in ticks:
            assert token_labels.seen_height(one, camera) * pixels >= token_labels.LEGIBLE
        return len(ticks)

    assert written(240) < written(4320)
    large, small = composition.for_height(4320), composition.for_height(360)
    assert large.looks is small.looks
