"""What is hidden is gone with everything that belongs to it, is looked through, and moves no camera."""

from dataclasses import replace
from math import ceil

import numpy as np
import pytest

from mmviz import Scene
from mmviz.picture.cell.explanation import explain, lit
from mmviz.picture.cell.picking import pick
from mmviz.picture.composition import Composition
from mmviz.picture.drawlist import DrawList
from mmviz.picture.eye.camera import Camera, fit, project, same
from mmviz.picture.marks.emphasis import Emphasis, Keyed
from mmviz.picture.shots.framing import Look
from mmviz.picture.space.item_key import BEHIND, ItemKey
from mmviz.picture.space.sweep import Sweep

ASPECT = 1.5
ATTENTION = ("left", "left.left", "left.right")
"""The scores and what they are made of."""


def shape(rows: int, columns: int, seed: int) -> dict[str, object]:
    return {"init": "gaussian", "shape": [rows, columns], "seed": seed}


@pytest.fixture(scope="module")
def attention() -> Composition:
    tensors = {"Q": shape(8, 6, 1), "Kt": shape(6, 8, 2), "V": shape(8, 5, 3)}
    return Scene(
        "(attn = softmax(tril(Q @ Kt))) @ V",
        tensors,
        style={"before": {"attn": "scores"}},
        camera={"inset": "attn"},
        animation={"algorithm": "vmprod"},
    ).composition


@pytest.fixture(scope="module")
def total() -> Composition:
    tensors = {"x": shape(6, 6, 1), "A": shape(6, 4, 2), "B": shape(4, 6, 3)}
    return Scene("x + A @ B", tensors).composition


def keys(drawing: DrawList) -> set[ItemKey]:
    """Of everything that belongs to a matrix."""
    items: list[Keyed] = [*drawing.sheets, *drawing.lines, *drawing.labels, *drawing.ticks, *drawing.patches]
    return {item.key for item in [*items, *drawing.insets]}


def drawn(composition: Composition, t: float, hidden: tuple[str, ...] = ()) -> DrawList:
    camera = composition.camera(ASPECT)
    return composition.at(t, camera, ASPECT, Emphasis(hidden=frozenset(hidden)))


def times(composition: Composition) -> list[float]:
    steps = composition.timeline.steps
    return [0.0, ceil(steps / 3) + 0.5, steps - 0.5, float(steps)]


def inset_of(composition: Composition, emphasis: Emphasis) -> DrawList:
    camera = composition.camera(ASPECT)
    return composition.at(composition.timeline.steps, camera, ASPECT, emphasis).insets[0].drawing


def seen_from(composition: Composition, path: str) -> Camera:
    place = composition.layout[path]
    return fit(place.corners(), place.normal, ASPECT, up=-place.down)


@pytest.mark.parametrize("name", ["attention", "total"])
def test_every_item_of_a_frame_names_its_matrix(name: str, request: pytest.FixtureRequest) -> None:
    composition: Composition = request.getfixturevalue(name)
    for t in times(composition):
        for key in keys(drawn(composition, t)):
            assert key.path in composition.layout, key


@pytest.mark.parametrize("hidden", [("left.left",), ATTENTION, ("",), ("right",)])
def test_nothing_of_a_hidden_matrix_is_drawn_and_all_else_is(attention: Composition, hidden: tuple[str, ...]) -> None:
    for t in times(attention):
        whole, rest = drawn(attention, t), drawn(attention, t, hidden)
        texts = {label.key for label in whole.labels if label.key.kind == "size"}  # may find room now
        texts |= {line.key for line in whole.lines if line.key.kind == "leader"}
        kept = {key for key in keys(whole) if key.path not in hidden}
        assert kept - texts <= keys(rest)
        assert not {key for key in keys(rest) if key.path in hidden}


def test_hiding_moves_no_camera_and_keeps_the_depth_that_is_drawn(attention: Composition) -> None:
    before = attention.camera(ASPECT)
    assert np.array_equal(drawn(attention, 0.0, ATTENTION).extent, drawn(attention, 0.0).extent)
    assert same(attention.camera(ASPECT), before)


def test_the_inset_and_the_sheet_behind_go_with_their_matrix(attention: Composition) -> None:
    assert [inset.key for inset in drawn(attention, 0.0).insets] == [ItemKey("inset", "left")]
    rest = drawn(attention, 0.0, ("left",))
    assert not rest.insets
    assert not {key for key in keys(rest) if key.part == BEHIND}
    assert drawn(attention, 0.0, ("right",)).insets


def test_what_flies_goes_with_the_matrix_that_it_goes_to(attention: Composition) -> None:
    t = 0.5
    assert {plane.owner for plane in attention.timeline.frame(t).planes} == {"left"}
    assert any(sheet.key.kind == "plane" for sheet in drawn(attention, t, ("",)).sheets)
    assert not any(sheet.key.kind == "plane" for sheet in drawn(attention, t, ("left",)).sheets)


def test_a_term_has_no_sign_when_its_sum_is_hidden(total: Composition) -> None:
    names = {label.key for label in drawn(total, 0.0).labels}
    assert {ItemKey("term", "right"), ItemKey("name", "right")} <= names
    alone = {label.key for label in drawn(total, 0.0, ("",)).labels}
    assert {ItemKey("name", "right"), ItemKey("name", "left")} <= alone
    assert not {key for key in alone if key.kind == "term"}


def test_hidden_matrices_are_looked_through(total: Composition) -> None:
    camera = seen_from(total, "")
    frame = total.timeline.frame(total.timeline.steps)
    spot = project(camera, total.layout[""].element(2, 3)[None], ASPECT)[0]
    hits = []
    for hidden in ((), ("",), ("", "left"), ("", "left", "right", "right.left", "right.right")):
        found = pick(total, Emphasis(hidden=frozenset(hidden)).seen(frame), camera, spot[0], 1 - spot[1], ASPECT)
        hits.append(None if found is None else found.path)
    assert hits[0] == ""
    assert hits[1] == "left"
    assert hits[2] == "right"
    assert hits[3] is None


def test_the_sheet_behind_a_hidden_matrix_is_not_picked(attention: Composition) -> None:
    place = attention.behind.placements["left"]
    camera = fit(place.corners(), place.normal, ASPECT, up=-place.down)
    behind = replace(camera, position=2 * camera.target - camera.position)
    frame = attention.timeline.frame(attention.timeline.steps)
    for eye in (camera, behind):
        for i, j in ((1, 1), (6, 2)):
            x, y = project(eye, place.element(i, j)[None], ASPECT)[0]
            found = pick(attention, Emphasis(hidden=frozenset(["left"])).seen(frame), eye, x, 1 - y, ASPECT)
            assert found is None or found.path != "left"


def test_a_frame_of_which_nothing_is_hidden_is_the_frame_itself(attention: Composition) -> None:
    frame = attention.timeline.frame(1.5)
    assert Emphasis().seen(frame) is frame


@pytest.mark.parametrize("direction", [(0, 0, 1), (-1, 0, 0), (0, 1, 0), (-1, 1, 1)])
def test_a_view_of_what_is_left_sees_all_of_it_nearer_than_the_whole(
    total: Composition, direction: tuple[int, int, int]
) -> None:
    look = Look(np.array(direction, float))
    emphasis = Emphasis(hidden=frozenset(["", "left", "right.left"]))
    near = total.camera_toward(look, ASPECT, emphasis=emphasis)
    wide = total.camera_toward(look, ASPECT)
    for path in ("right", "right.right"):
        spots = project(near, total.layout[path].corners(0.5), ASPECT)
        assert ((spots > 0) & (spots < 1)).all()
    assert all(
        ((project(wide, total.layout[path].corners(0.5), ASPECT) - 0.5) ** 2 < 0.25).all() for path in total.layout
    )
    height = [np.ptp(project(eye, total.layout["right"].corners(), ASPECT), axis=0).max() for eye in (near, wide)]
    assert height[0] > 1.05 * height[1]


def test_what_is_lit_is_lit_in_the_inset_too_and_the_rest_is_dimmed(attention: Composition) -> None:
    row = (Sweep(row_turn=1, first=3, last=3),)
    plain, emphasized = (inset_of(attention, Emphasis(lit=lit)) for lit in ({}, {"left": row, "left.left": ()}))
    assert (plain.sheets[0].lit, plain.sheets[0].dimmed) == ((), 0.0)
    assert emphasized.sheets[0].lit == row
    assert emphasized.sheets[0].dimmed > 0
    assert keys(emphasized) == keys(plain)


def test_a_cell_that_is_lit_alone_has_a_frame_in_the_inset(attention: Composition) -> None:
    explained = explain(attention, "left", 5, 2)
    drawing = inset_of(attention, Emphasis(lit=lit(explained, attention)))
    frame = next(line for line in drawing.lines if line.key == ItemKey("mark", "left"))
    place = attention.layout["left"]
    away = frame.points - place.element(5, 2)
    assert np.allclose(away @ place.down, [-1, -1, -1, 1, 1, 1, 1, -1])
    assert np.allclose(away @ place.across, [-1, 1, 1, 1, 1, -1, -1, -1])
    assert (away @ place.normal > 0.5).all()
    assert not any(line.key.kind == "mark" for line in inset_of(attention, Emphasis()).lines)


def test_what_is_pointed_at_is_lit_more_softly_and_gives_way_to_what_is_pinned(attention: Composition) -> None:
    row, column = (Sweep(row_turn=1, first=3, last=3),), (Sweep(column_turn=1, first=2, last=2),)
    both = Emphasis(lit={"left": row}, pointed={"left": column, "left.left": column})
    sheets = {sheet.key: sheet for sheet in attention.at(8.0, attention.camera(ASPECT), ASPECT, both).sheets}
    pinned, pointed, other = (sheets[ItemKey("matrix", path)] for path in ("left", "left.left", "right"))
    assert (pinned.lit, pointed.lit, other.lit) == (row, column, ())
    assert 0 == other.dimmed < pointed.dimmed < pinned.dimmed
    assert inset_of(attention, both).sheets[0].lit == row


def test_strokes_stand_at_the_ends_of_what_is_pointed_at_and_outside_of_its_matrix(attention: Composition) -> None:
    cross = (Sweep(row_turn=1, first=3, last=3), Sweep(column_turn=1, first=2, last=2))
    drawing = attention.at(8.0, attention.camera(ASPECT), ASPECT, Emphasis(pointed={"left.left": cross}))
    strokes = [line for line in drawing.lines if line.key == ItemKey("mark", "left.left", "pointed")]
    assert len(strokes) == 1
    place = attention.layout["left.left"]
    away = strokes[0].points - place.element(3, 2)
    assert np.allclose(away[:4] @ place.down, 0), "beside the row"
    assert np.allclose(away[4:] @ place.across, 0), "above and below the column"
    along = np.concatenate([away[:4] @ place.across + 2, away[4:] @ place.down + 3])
    assert ((along < -0.5) | (along > np.repeat([5.5, 7.5], 4))).all(), "8 rows and 6 columns are not covered"
    hidden = Emphasis(pointed={"left.left": cross}, hidden=frozenset(["left.left"]))
    drawing = attention.at(8.0, attention.camera(ASPECT), ASPECT, hidden)
    assert not any(line.key.kind == "mark" for line in drawing.lines)


def test_the_selected_matrix_has_a_frame_around_all_of_it_unless_it_is_hidden(attention: Composition) -> None:
    camera, t = attention.camera(ASPECT), attention.timeline.steps
    plain = attention.at(t, camera, ASPECT)
    chosen = attention.at(t, camera, ASPECT, Emphasis(outlined="left"))
    (frame,) = (line for line in chosen.lines if line.key not in keys(plain))
    assert frame.key == ItemKey("selected", "left")
    place = attention.layout["left"]
    corners = place.corners()
    for corner in corners:  # in its plane, and outside of every corner
        ways = frame.points - corner
        np.testing.assert_allclose(ways @ place.normal, 0.0, atol=1e-9)
    center = corners.mean(axis=0)
    assert np.linalg.norm(frame.points - center, axis=1).min() > np.linalg.norm(corners - center, axis=1).max()
    for none in (Emphasis(outlined="left", hidden=frozenset({"left"})), Emphasis(outlined="nowhere")):
        shown = attention.at(t, camera, ASPECT, none)
        assert not [line for line in shown.lines if line.key.kind == "selected"]
