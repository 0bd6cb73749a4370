"""The sheet behind a matrix: it shows what the matrix was before its last function, and stands out of the way."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.errors import SceneError
from mmviz.picture.cell.picking import Picked, describe, pick
from mmviz.picture.eye.camera import Camera, fit
from mmviz.picture.look.palette import MmLook, Palette
from mmviz.picture.space.item_key import BEHIND, ItemKey, of_matrix
from mmviz.scene.keys.options import StyleOptions

ASPECT = 1.5
ATTENTION = "z = (attn = softmax(tril(scale(Q @ K.T)))) @ V"


def attention(expr: str = ATTENTION, before: dict[str, str] | None = None, **parts: Any) -> Scene:
    names = [name for name in "QKV" if name in expr]
    sources = {name: {"init": "gaussian", "shape": [6, 4], "seed": n} for n, name in enumerate(names)}
    return Scene(expr, sources, style={"before": {"attn": "scores"} if before is None else before}, **parts)


def scores(scene: Scene, inner: int = 4) -> NDArray[np.float64]:
    """Scaled scores by numpy in float64, from the first `inner` columns of Q and K."""
    values = scene.values()
    q, k_t = values["left.left"].astype(np.float64), values["left.right"].astype(np.float64)
    found: NDArray[np.float64] = q[:, :inner] @ k_t[:inner] / np.sqrt(4)
    return found


def test_the_sheet_shows_the_masked_scores_before_the_softmax() -> None:
    scene = attention()
    composition = scene.composition
    (sheet,) = (
        s for s in composition.at(scene.timeline().steps, composition.camera(ASPECT)).sheets if s.key.part == BEHIND
    )
    allowed = np.tril(np.ones((6, 6), bool))
    np.testing.assert_allclose(sheet.values[allowed], scores(scene)[allowed], rtol=1e-6)
    assert sheet.masked is not None
    np.testing.assert_array_equal(sheet.masked, ~allowed)
    weights = np.exp(np.where(allowed, sheet.values.astype(np.float64), -np.inf))
    np.testing.assert_allclose(scene.values()["left"], weights / weights.sum(axis=1, keepdims=True), atol=1e-6)


def test_one_function_is_taken_off_and_no_more() -> None:
    composition = attention("attn = softmax(scale(Q @ K.T, 0.5))").composition
    values = composition.values
    found = composition.behind.values("", composition.timeline.steps)
    expected = 0.5 * values["left"].astype(np.float64) @ values["right"].astype(np.float64)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert not composition.behind.masked


def test_a_leaf_and_a_sum_have_sheets_too() -> None:
    scene = attention("y = relu((a = square(Q)) + K)", {"a": "x", "y": "sum"})
    composition, end = scene.composition, scene.timeline().steps
    q, k = scene.values()["left"].astype(np.float64), scene.values()["right"].astype(np.float64)
    np.testing.assert_allclose(composition.behind.values("left", end).astype(np.float64) ** 2, q, rtol=1e-6)
    np.testing.assert_allclose(composition.behind.values("", end), q + k, rtol=1e-6)
    front, behind, term = composition.layout[""], composition.behind.placements[""], composition.layout["left"]
    assert 0 < (front.origin - behind.origin) @ front.normal < (front.origin - term.origin) @ front.normal


@pytest.mark.parametrize("gap", [0.0, 1.0, 4.0])
@pytest.mark.parametrize("polarity", ["negative", "positive"])
def test_the_sheet_stands_behind_its_matrix_cell_behind_cell(gap: float, polarity: str) -> None:
    composition = attention(layout={"gap": gap, "polarity": polarity}).composition
    front, behind = composition.layout["left"], composition.behind.placements["left"]
    shift = behind.origin - front.origin
    assert np.linalg.norm(shift) > 0
    np.testing.assert_allclose(np.cross(shift, front.normal), 0, atol=1e-9)
    np.testing.assert_allclose(behind.element(3, 2) - front.element(3, 2), shift)
    consumer = composition.layout.cubes[""].center() - front.center()
    assert shift @ consumer < 0, "it is between the matrix and what reads it"
    depth = composition.layout.cubes["left"].reach[1] + 2 * gap
    assert np.linalg.norm(shift) < depth / 2


@pytest.mark.parametrize("algorithm", ["vmprod", "mvprod", "vvprod", "dotprod", "none"])
def test_its_cells_come_with_those_of_the_matrix(algorithm: str) -> None:
    composition = attention(animation={"algorithm": algorithm}).composition
    camera = composition.camera(ASPECT)
    for t in np.arange(0, composition.timeline.steps + 0.5, 0.5):
        sheets = {sheet.key: sheet for sheet in composition.at(float(t), camera).sheets}
        assert sheets[ItemKey("matrix", "left", BEHIND)].shown == sheets[ItemKey("matrix", "left")].shown


def test_outer_products_add_up_on_it_before_the_function() -> None:
    scene = attention(animation={"algorithm": "vvprod"})
    composition = scene.composition
    start = composition.timeline.schedule.runs["left"].start
    allowed = np.tril(np.ones((6, 6), bool))
    for step in range(4):
        shown = composition.behind.values("left", start + step + 0.5)
        np.testing.assert_allclose(shown[allowed], scores(scene, step + 1)[allowed], rtol=1e-5, atol=1e-6)
        assert composition.behind.values("left", start + step) is shown
    assert composition.behind.finished("left", composition.behind.values("left", start + 4))


def test_the_camera_sees_the_sheet_and_its_name() -> None:
    composition = attention("attn = softmax(Q @ K.T)").composition
    drawing = composition.at(0, composition.camera(ASPECT))
    corners = composition.behind.placements[""].corners()
    low, high = drawing.extent.min(axis=0), drawing.extent.max(axis=0)
    assert ((corners >= low) & (corners <= high)).all()
    assert [label.text for label in drawing.labels if label.key.part == BEHIND] == ["scores"]
    assert {ItemKey("outline", "", BEHIND), ItemKey("outline", "")} <= {line.key for line in drawing.lines}


def test_it_has_a_scale_of_its_own_and_changes_none() -> None:
    with_sheet, without = attention().composition, attention(before={}).composition
    assert {key: scale for key, (_, scale) in with_sheet.looks.items()} == {
        key: scale for key, (_, scale) in without.looks.items()
    }
    _, scale = with_sheet.behind.looks["left"]
    largest = abs(with_sheet.behind.values("left", with_sheet.timeline.steps)).max()
    assert 0 < scale <= largest
    assert scale != with_sheet.looks[of_matrix("left")][1]


@pytest.mark.parametrize("mm", [False, True])
def test_its_elements_are_smaller_than_those_of_its_matrix(mm: bool) -> None:
    style: dict[str, Any] = {"before": {"attn": "scores"}} | ({"mm": {}} if mm else {})
    composition = replace(attention().composition, style=StyleOptions.model_validate(style), known_looks=None)
    behind, front = composition.behind.looks["left"][0], composition.looks[of_matrix("left")][0]
    if isinstance(behind, MmLook):
        assert isinstance(front, MmLook)
        assert behind.colors.elem_scale < front.colors.elem_scale
    else:
        assert isinstance(front, Palette)
        assert (behind.smallest, behind.largest) < (front.smallest, front.largest)
    assert isinstance(behind, MmLook) == mm


def test_what_a_mask_forbids_does_not_change_the_scale_of_the_sheet() -> None:
    composition = attention().composition
    spoilt = composition.before.values["left"].copy()
    spoilt[composition.before.masked["left"]] = 1e9
    other = replace(composition, before=replace(composition.before, values={"left": spoilt}))
    assert other.behind.looks == composition.behind.looks


def test_an_inset_shows_the_matrix_without_its_sheet() -> None:
    for expr, name in ((ATTENTION, "left"), ("attn = softmax(Q @ K.T)", "")):
        composition = attention(expr, camera={"inset": "attn"}).composition
        (shown,) = composition.at(0, composition.camera(ASPECT), ASPECT).insets
        assert [sheet.key for sheet in shown.drawing.sheets] == [ItemKey("matrix", name)]
        assert all(line.key.part != BEHIND for line in shown.drawing.lines)


def test_its_elements_are_picked_and_told() -> None:
    composition = attention("attn = softmax(tril(Q @ K.T))").composition
    place, t = composition.behind.placements[""], float(composition.timeline.steps)
    camera = fit(place.corners(2.0), -composition.layout[""].normal, ASPECT, up=-place.down)
    camera = replace(camera, position=place.center() - 8.0 * composition.layout[""].normal)
    frame = composition.timeline.frame(t)
    found = pick(composition, frame, camera, 0.5001, 0.5001, ASPECT, t=t)
    assert found is not None
    assert found.before
    values = composition.behind.values("", t)
    assert found.value == values[found.i, found.j]
    told = describe(found, composition)
    assert told.startswith(f"scores[{found.i}, {found.j}] = ")


def test_running_sums_and_masked_elements_say_so() -> None:
    composition = attention("attn = softmax(tril(Q @ K.T))", animation={"algorithm": "vvprod"}).composition
    sums = Picked("", "scores", 3, 1, 0.5, unfinished=True, before=True)
    assert describe(sums, composition) == "scores[3, 1] = 0.5 so far"
    assert describe(replace(sums, masked=True), composition) == "scores[3, 1] = masked"


@pytest.mark.parametrize(
    ("before", "message"),
    [
        (
            {"nothing": "x"},
            "scene, style.before.nothing: no matrix is named 'nothing'; those that wear a function are attn.",
        ),
        (
            {"Q": "x"},
            "scene, style.before.Q: Q wears no function, so there is nothing before it; those that wear one are attn.",
        ),
        (
            {"left.right": "x"},
            "scene, style.before.left.right: K.T wears no function, so there is nothing before it; "
            "those that wear one are attn.",
        ),
    ],
)
def test_a_matrix_that_wears_nothing_is_refused(before: dict[str, str], message: str) -> None:
    with pytest.raises(SceneError) as caught:
        attention(before=before)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("style", "message"),
    [
        ({"before": {"Q": ""}}, 'scene, style.before.Q: must not be empty, got "".'),
        (
            {"before": {"Q": 5}},
            "scene, style.before.Q: must be text, in quotes where it looks like something else, got 5.",
        ),
        ({"before": ["Q"]}, 'scene, style.before: must be a mapping, got ["Q"].'),
        ({"tokens": "both"}, "scene, style.tokens: must be 'decoded', 'raw' or 'none', got \"both\"."),
        ({"badge": 5}, "scene, style.badge: must be true or false, got 5."),
    ],
)
def test_other_values_of_the_options_are_refused(style: dict[str, Any], message: str) -> None:
    with pytest.raises(SceneError) as caught:
        Scene("softmax(Q)", {"Q": {"init": "eye", "shape": [2, 2]}}, style=style)
    assert str(caught.value) == message


def test_the_sheet_goes_while_the_eye_comes_within_a_few_cells() -> None:
    composition = attention().composition
    place = composition.behind.placements["left"]
    found = []
    for far in (30.0, 3.5, 2.5, 1.0):
        eye = Camera(place.center() + far * place.normal, place.center(), place.down / -np.linalg.norm(place.down))
        drawing = composition.at(composition.timeline.steps, eye, ASPECT)
        found.append([sheet.scale for sheet in drawing.sheets if sheet.key.part == BEHIND])
    scales = [scale for (scale,) in found[:3]]
    assert scales == sorted(scales)
    assert scales[0] == composition.behind.looks["left"][1] < scales[1] < scales[2]
    assert found[3] == []
