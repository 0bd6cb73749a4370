"""Colour bars: which there are, what stands on them, and that neither covers the scene nor another text."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from mmviz import Scene
from mmviz.picture.cell.picking import pick
from mmviz.picture.drawlist import DrawList, Inset
from mmviz.picture.eye.camera import project
from mmviz.picture.look.bars import Bar, bars
from mmviz.picture.look.color import magnitude
from mmviz.picture.look.palette import SEQUENTIAL, MmLook, Palette
from mmviz.picture.marks.labels import span
from mmviz.picture.marks.token_labels import corners
from mmviz.scene.keys.options import MmColors

LOOKS = [
    Palette(),
    Palette(curve="linear"),
    Palette(curve="log", decades=3),
    SEQUENTIAL,
    MmLook(MmColors(), 0.0, 7.0),
    MmLook(MmColors(), 1.0, 7.0),
]
G = {"init": "gaussian", "shape": [6, 6]}


def scene(expr: str = "A @ B", **parts: Any) -> Scene:
    return Scene(expr, {name: G for name in "ABCDEF" if name in expr}, **parts)


def titles(made: Scene) -> list[str]:
    one, path = made.composition, made.composition.inset_path
    return [bar.title for bar in bars(one, path)]


def drawn(made: Scene, aspect: float = 1.6) -> DrawList:
    composition = made.composition
    return composition.at(0, composition.camera(aspect), aspect)


def bar_of(made: Scene, aspect: float = 1.6) -> Inset:
    (found,) = [inset for inset in drawn(made, aspect).insets if inset.key.kind == "bar"]
    return found


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("signed", [True, False])
def test_numbers_go_evenly_in_size_from_one_full_size_to_the_other(look: Palette | MmLook, signed: bool) -> None:
    bar = Bar("x", look, 7.0, signed, False)
    numbers = bar.numbers(9)
    assert numbers[-1] == pytest.approx(7)
    assert (np.diff(numbers) > 0).all()
    if signed:
        np.testing.assert_allclose(numbers, -numbers[::-1])
    np.testing.assert_allclose(bar.places(numbers), np.linspace(0, 1, 9), atol=1e-12)
    if isinstance(look, Palette):
        sizes = magnitude(numbers, 7.0, look)
        np.testing.assert_allclose(np.abs(np.diff(sizes)), 0.25 if signed else 0.125, atol=1e-12)


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("signed", [True, False])
@pytest.mark.parametrize("full", [1e-6, 0.0345, 1.0, 7.0, 4321.0, 2.5e9])
def test_ticks_are_round_numbers_that_leave_room_and_both_ends(
    look: Palette | MmLook, signed: bool, full: float
) -> None:
    if isinstance(look, MmLook):
        look = MmLook(look.colors, look.low * full / 7, full)
    ticks = Bar("x", look, full, signed, False).ticks(lambda _text: 0.05)
    places = list(ticks.values())
    assert max(places) == 1
    assert min(places) == pytest.approx(0, abs=0.51 if "0" in ticks and not signed else 1)
    assert all(after - before > 0.1 - 1e-9 for before, after in pairwise(places))
    inner = [text.strip("−") for text, place in ticks.items() if 0 < place < 1 and text != "0"]
    assert inner
    assert all(text.replace(".", "").replace("0", "")[:1] in set("125") for text in inner)
    if signed:
        assert {text.strip("−") for text in ticks if text.startswith("−")} == {
            text for text in ticks if not text.startswith("−") and text != "0"
        }


def test_all_matrices_have_a_bar_where_there_are_few_and_those_with_one_scale_have_it_together() -> None:
    assert titles(scene()) == []
    assert titles(scene(style={"bar": "side"})) == ["A", "B", "A @ B"]
    assert titles(scene(style={"bar": "side", "scales": {"shared": ["A", "B"]}})) == ["A, B", "A @ B"]
    assert titles(scene("A @ A", style={"bar": "side"})) == ["A", "A @ A"]


def test_of_many_matrices_the_inset_and_the_result_have_a_bar_or_those_that_are_said() -> None:
    expr = "out = relu(A @ B) @ C @ D"
    assert titles(scene(expr, style={"bar": "below"})) == ["out"]
    assert titles(scene(expr, style={"bar": "below"}, camera={"inset": "C"})) == ["C", "out"]
    assert titles(scene(expr, style={"bar": {"of": ["D", "A"]}})) == ["D", "A"]


def test_a_long_title_is_cut() -> None:
    assert titles(scene("(A @ B @ C @ D) @ (E @ F)", style={"bar": {"of": [""]}})) == ["A @ B @ C @ D @…"]


def test_what_is_never_negative_has_half_a_bar() -> None:
    composition = scene("softmax(A)", style={"bar": "side"}).composition
    (bar,) = bars(composition, None)
    assert not bar.signed
    assert bar.numbers(3)[0] == 0


@pytest.mark.parametrize("aspect", [0.7, 1.0, 16 / 9, 2.4])
@pytest.mark.parametrize("at", ["side", "below"])
@pytest.mark.parametrize("of", [["A"], ["A", "B"], ["A", "B", "A @ B"], ["A", "B", "A @ B", "A @ B @ C"]])
def test_bars_lie_in_the_picture_and_nothing_of_the_scene_behind_them(aspect: float, at: str, of: list[str]) -> None:
    made = scene("A @ B @ C", style={"bar": {"at": at, "of": of}})
    left, bottom, right, top = bar_of(made, aspect).place(aspect)
    assert 0 <= left < right <= 1
    assert 0.05 < bottom < top < 0.95
    composition = made.composition
    x, y = project(composition.camera(aspect), composition.extent, aspect).T
    if right - left < 0.4:  # else there is no room for a scene beside it
        assert not ((x > left) & (x < right) & (y > bottom) & (y < top)).any()
    assert (x.min() > 0, y.min() > 0, x.max() < 1, y.max() < 1) == (True,) * 4


@pytest.mark.parametrize("at", ["side", "below"])
def test_the_texts_of_bars_lie_inside_and_none_on_another(at: str) -> None:
    bar = bar_of(scene("A @ B @ C", style={"bar": {"at": at, "of": ["A", "B", "A @ B"]}, "quantile": 0.5}))
    boxes = [span(label) for label in bar.drawing.labels]
    for ticks in bar.drawing.ticks:
        each = [(text, place) for text, place in zip(ticks.texts, ticks.places, strict=True)]
        boxes += [
            corners(
                type(ticks)(
                    ticks.key, (text,), place[None], ticks.along, ticks.up, ticks.height, ticks.color, ticks.ends
                )
            )
            for text, place in each
        ]
    flat = [(box.min(axis=0)[:2], box.max(axis=0)[:2]) for box in boxes]
    (left, bottom, _), (right, top, _) = bar.drawing.extent
    assert all(
        (low >= (left - 0.01, bottom - 0.01)).all() and (high <= (right + 0.01, top + 0.01)).all() for low, high in flat
    )
    for number, (low, high) in enumerate(flat):
        for other_low, other_high in flat[:number]:
            assert (low >= other_high).any() or (other_low >= high).any()


@pytest.mark.parametrize("at", ["side", "below"])
def test_names_keep_off_the_bars(at: str) -> None:
    made = scene("A @ B @ C @ D", style={"bar": at, "scales": {"shown": True}}, layout={"scheme": "wheel"})
    left, bottom, right, top = bar_of(made).place(1.6)
    composition = made.composition
    camera = composition.camera(1.6)
    for label in drawn(made).labels:
        x, y = project(camera, span(label), 1.6).T
        assert not (x.max() > left and x.min() < right and y.max() > bottom and y.min() < top), label.text


def test_a_value_beyond_is_shown_where_there_are_some() -> None:
    assert len(bar_of(scene("A", style={"bar": "side", "scale": {"A": 1e6}})).drawing.sheets) == 1
    plain, clipped = (bar_of(scene("A", style={"bar": "side", "scale": scale})) for scale in ({}, {"A": 0.1}))
    assert len(plain.drawing.sheets) == 1
    assert [float(sheet.values.max()) > sheet.scale for sheet in clipped.drawing.sheets if sheet.values.size == 1] == [
        True,
        False,
    ]
    assert [float(abs(sheet.values[0, 0])) / sheet.scale for sheet in clipped.drawing.sheets[1:]] == pytest.approx(
        [2, 2]
    )


def test_without_bars_nothing_is_drawn_or_kept_free_and_frames_share_one_bar() -> None:
    assert [inset.key.kind for inset in drawn(scene()).insets] == []
    made = scene(style={"bar": "side"}).composition
    camera = made.camera(1.6)
    assert made.at(0, camera, 1.6).insets[-1] is made.at(3, camera, 1.6).insets[-1]


def test_a_bar_lets_nothing_be_picked_through_it() -> None:
    made = scene(style={"bar": "side"}).composition
    camera = made.camera(1.6)
    insets = made.at(0, camera, 1.6).insets
    left, bottom, right, top = insets[-1].place(1.6)
    frame = made.timeline.frame(made.timeline.steps)
    for across in np.linspace(left, right, 8)[1:-1]:
        for up in np.linspace(bottom, top, 32)[1:-1]:
            assert pick(made, frame, camera, across, 1 - up, 1.6, insets=insets) is None
