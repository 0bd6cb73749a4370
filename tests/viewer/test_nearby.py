"""The numbers around the pointer: which elements, how they are written, how strongly, and where they are seen."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.cell.picking import Picked
from mmviz.picture.eye.camera import Camera, project
from mmviz.picture.space.placement import Placement
from mmviz.picture.space.sweep import EVERYWHERE, Sweep
from mmviz.viewer.canvas.nearby import (
    FAINTEST,
    MASKED,
    Eye,
    Number,
    Surroundings,
    around,
    eye_at,
    is_element,
    tight,
    written,
)
from mmviz.viewer.canvas.view import View
from tests.fake_renderer import Dabber

ROWS, COLUMNS = 20, 30
VALUES = np.arange(ROWS * COLUMNS, dtype=np.float32).reshape(ROWS, COLUMNS)
FLAT = Placement((ROWS, COLUMNS), np.zeros(3), np.array([0.0, -1, 0]), np.array([1.0, 0, 0]))
PICKED = Picked("", "m", 10, 12, 312.0)


def near(i: int = 10, j: int = 12, shown: Sweep = EVERYWHERE, masked: object = None) -> Surroundings:
    picked = replace(PICKED, i=i, j=j, value=float(VALUES[i, j]))
    return Surroundings(picked, FLAT, VALUES, shown, None if masked is None else np.asarray(masked, bool))


def cells(numbers: tuple[Number, ...]) -> set[tuple[int, int]]:
    return {(one.i, one.j) for one in numbers}


@pytest.mark.parametrize("radius", [1, 2])
def test_a_small_surrounding_is_a_square(radius: int) -> None:
    side = range(-radius, radius + 1)
    assert cells(around(near(), radius)) == {(10 + i, 12 + j) for i in side for j in side}


@pytest.mark.parametrize("radius", [3, 5])
def test_a_large_one_is_a_circle(radius: int) -> None:
    side = range(-radius, radius + 1)
    inside = {(10 + i, 12 + j) for i in side for j in side if i * i + j * j < (radius + 0.5) ** 2}
    assert cells(around(near(), radius)) == inside


def test_it_ends_where_the_matrix_does() -> None:
    assert cells(around(near(0, 0), 1)) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert cells(around(near(ROWS - 1, COLUMNS - 1), 1)) == {(i, j) for i in (18, 19) for j in (28, 29)}


def test_of_what_is_not_there_yet_nothing_is_written() -> None:
    rows = Sweep(1, 0, 0, 10)
    assert {i for i, _ in cells(around(near(shown=rows), 2))} == {8, 9, 10}


def test_each_element_has_its_own_number_and_masked_ones_a_dash() -> None:
    masked = np.zeros((ROWS, COLUMNS), bool)
    masked[9, 12] = True
    texts = {(one.i, one.j): one.text for one in around(near(masked=masked), 1)}
    assert texts[10, 12] == "312"
    assert texts[11, 13] == "343"
    assert texts[9, 12] == MASKED


def test_numbers_are_fainter_the_farther_away_they_are() -> None:
    strength = {(one.i, one.j): one.strength for one in around(near(), 2)}
    assert strength[10, 12] == 1
    assert strength[10, 13] == pytest.approx(1 - (1 - FAINTEST) / 2.5)
    assert strength[10, 13] == strength[9, 12] > strength[11, 13] > strength[12, 14]
    far = min(one.strength for one in around(near(), 6))
    assert FAINTEST < far < FAINTEST + 0.1


def test_alone_it_is_the_number_that_was_picked() -> None:
    """Also of what flies, whose number is none of the matrix."""
    alone = replace(near(), picked=replace(PICKED, value=0.125, k=3))
    assert around(alone, 0) == (Number(10, 12, "0.125", 1.0),)
    assert around(replace(alone, picked=replace(PICKED, masked=True)), 0)[0].text == MASKED


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-1.5, "-1.5"),
        (1234.0, "1.23e3"),
        (0.000012345, "1.23e-5"),
        (1e20, "1e+20"),
        (1e-20, "1e-20"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_three_digits_are_written_without_needless_zeros(value: float, text: str) -> None:
    assert written(value, masked=False) == text
    assert written(value, masked=True) == MASKED


@pytest.mark.parametrize(
    ("text", "short"), [("0.25", ".25"), ("-0.25", "-.25"), ("10.5", "10.5"), ("0", "0"), ("-1.05", "-1.05")]
)
def test_a_tight_number_goes_without_the_zero_before_its_point(text: str, short: str) -> None:
    assert tight(Number(1, 2, text, 0.5)) == Number(1, 2, short, 0.5)


@pytest.mark.parametrize(
    ("picked", "title"),
    [
        (PICKED, "m"),
        (replace(PICKED, k=3), "a product for m"),
        (replace(PICKED, kind="term"), "in flight to m"),
        (replace(PICKED, part=(0, 2)), "in flight to m"),
        (replace(PICKED, before=True), "m"),
    ],
)
def test_the_title_says_what_is_in_the_middle(picked: Picked, title: str) -> None:
    assert replace(near(), picked=picked).title == title
    assert is_element(picked) == (title == "m")


def test_the_title_says_what_the_dash_means_where_there_is_a_mask() -> None:
    assert near(masked=np.zeros((ROWS, COLUMNS))).title == "m   (– is masked)"


def test_places_are_those_of_the_elements() -> None:
    numbers = around(near(), 1)
    np.testing.assert_array_equal(near().places(numbers), [FLAT.element(one.i, one.j) for one in numbers])
    middle, below, right = near().cross()
    np.testing.assert_array_equal([middle, below, right], FLAT.element([10, 11, 10], [12, 12, 13]))
    beyond = near(ROWS - 1, COLUMNS - 1).cross()
    np.testing.assert_array_equal(beyond[1], [COLUMNS - 1, -ROWS, 0])


CAMERA = Camera(np.array([0.0, 0, 10]), np.zeros(3), np.array([0.0, 1, 0]))


def test_spots_are_where_the_camera_sees_points_in_pixels_from_the_upper_left() -> None:
    eye = Eye(CAMERA, QRectF(100, 50, 400, 200))
    points = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0]])
    spots = eye.spots(points)
    np.testing.assert_allclose(spots[0], [300, 150])
    assert spots[1, 0] > 300
    assert spots[2, 1] < 150
    shares = project(CAMERA, points, 2.0)
    np.testing.assert_allclose(spots, np.stack([100 + 400 * shares[:, 0], 50 + 200 * (1 - shares[:, 1])], axis=1))


def test_behind_the_eye_nothing_is_seen() -> None:
    spots = Eye(CAMERA, QRectF(0, 0, 400, 200)).spots(np.array([[0.0, 0, 11], [0, 0, 10], [0, 0, 9]]))
    assert np.isnan(spots).all(axis=1).tolist() == [True, True, False]


def test_the_surroundings_of_a_frame_are_those_of_its_matrix_or_of_the_sheet_behind_it() -> None:
    scene = Scene("p = softmax(tril(A))", {"A": {"init": "rows", "shape": [3, 3]}}, style={"before": {"p": "logits"}})
    composition, t = scene.composition, float(scene.timeline().steps)
    frame = composition.timeline.frame(t)
    front = Surroundings.of(composition, frame, t, Picked("", "p", 0, 0, 1.0))
    np.testing.assert_array_equal(front.values, scene.values()[""])
    assert front.placement is composition.layout[""]
    behind = Surroundings.of(composition, frame, t, Picked("", "logits", 0, 0, 0.0, before=True))
    assert behind.placement is composition.behind.placements[""]
    np.testing.assert_array_equal(behind.values, composition.behind.values("", t))
    for one in (front, behind):
        assert one.masked is not None
        np.testing.assert_array_equal(one.masked, np.triu(np.ones((3, 3), bool), 1))


def test_the_eye_is_that_of_an_inset_where_the_pointer_is_in_one(qtbot: QtBot) -> None:
    scene = Scene("A", {"A": {"init": "rows", "shape": [3, 3]}}, camera={"inset": "A"})
    view = View(scene.composition, 1.0, Dabber)
    qtbot.addWidget(view, before_close_func=View.release)
    view.resize(400, 320)
    view.grab()
    (inset,) = view.insets
    left, bottom, right, top = inset.place(view.aspect)
    middle = QPointF((left + right) / 2 * 400, (1 - (bottom + top) / 2) * 320)
    within = eye_at(view, middle)
    assert within.camera is inset.camera
    assert within.place.contains(middle)
    assert within.place.height() == pytest.approx((top - bottom) * 320)
    outside = eye_at(view, QPointF(399, 1))
    assert (outside.camera, outside.place) == (view.camera, QRectF(0, 0, 400, 320))
