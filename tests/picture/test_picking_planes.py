"""Pointing at what flies or stands beside its matrix during a run says what it is."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mmviz import Scene
from mmviz.picture.cell.picking import Picked, describe, pick
from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import fit
from mmviz.picture.space.item_key import BRIEF, Brief
from tests.picture.test_picking import ASPECT, share


def attention(**parts: Any) -> Composition:
    shapes = {"Q": (5, 3), "K": (5, 3), "V": (5, 4)}
    tensors = {name: {"init": "gaussian", "shape": shape, "seed": n} for n, (name, shape) in enumerate(shapes.items())}
    blockwise = {"partition": {"z": {"i": 2, "k": 2}}, "animation": {"matrices": {"z": "blockwise"}}}
    return Scene("z = (attn = sdpa(Q @ K.T)) @ V", tensors, **{**blockwise, **parts}).composition


def pointed(composition: Composition, t: float, kind: Brief, i: int, j: int) -> Picked | None:
    """What is found where an element of a plane stands, as seen from before it and with nothing else there."""
    frame = composition.timeline.frame(t)
    (plane,) = (plane for plane in frame.planes if plane.kind == kind)
    only = replace(frame, states={}, planes=(plane,))
    camera = fit(plane.placement.corners(1.0), plane.placement.normal, ASPECT, up=-plane.placement.down)
    return pick(composition, only, camera, *share(camera, plane.element(i, j)), ASPECT)


# Of five queries and keys in blocks of three: the steps of the first three queries are 0 scores, 1 add, 2 divide; of
# the other two 3 scores, 4 add, 5 scores, 6 add, 7 divide.
BLOCKWISE: list[tuple[float, Brief, tuple[int, int], tuple[str, int, int], str]] = [
    (0.4, "scores", (2, 1), ("left", 2, 1), "{:.4g}   (score, before the softmax, for attn[2, 1])"),
    (5.4, "scores", (1, 0), ("left", 4, 3), "{:.4g}   (score, before the softmax, for attn[4, 3])"),
    (0.0, "scores", (0, 2), ("left", 0, 2), "masked   (score, before the softmax, for attn[0, 2])"),
    (4.9, "gain", (1, 3), ("", 4, 3), "{:.4g}   (what this block of keys adds to z[4, 3])"),
    (5.5, "maximum", (3, 0), ("left", 3, 0), "{:.4g}   (m, the largest score so far of attn[3])"),
    (4.0, "total", (3, 0), ("left", 3, 0), "{:.4g}   (l, the sum of exp(score - m) so far of attn[3])"),
    (5.0, "factor", (4, 0), ("", 4, 0), "{:.4g}   (multiplies in this step what is summed up in z[4])"),
    (7.0, "factor", (3, 0), ("", 3, 0), "{:.4g}   (multiplies in this step what is summed up in z[3])"),
]


@pytest.mark.parametrize(("t", "kind", "place", "element", "text"), BLOCKWISE)
def test_what_flies_and_stands_beside_a_blockwise_attention_says_what_it_is(
    t: float, kind: Brief, place: tuple[int, int], element: tuple[str, int, int], text: str
) -> None:
    composition = attention()
    found = pointed(composition, t, kind, *place)
    assert found is not None
    (plane,) = (plane for plane in composition.timeline.frame(t).planes if plane.kind == kind)
    assert (found.path, found.i, found.j, found.kind) == (*element, kind)
    assert found.value == float(plane.values[place])
    assert describe(found, composition) == text.format(found.value)


@pytest.mark.parametrize(("t", "kind", "row"), [(0.0, "maximum", 3), (3.0, "total", 4), (5.0, "factor", 0)])
def test_numbers_of_rows_that_are_not_there_are_looked_through(t: float, kind: Brief, row: int) -> None:
    assert pointed(attention(), t, kind, row, 0) is None


def test_a_score_has_the_value_that_the_softmax_is_taken_of() -> None:
    composition = attention()
    found = pointed(composition, 5.0, "scores", 1, 0)
    assert found is not None
    q, k = (composition.values[path].astype(float) for path in ("left.left", "left.right"))
    assert found.value == pytest.approx(float(q[4] @ k[:, 3]) / np.sqrt(3), rel=1e-6)


def test_numbers_of_rows_name_the_token_of_a_row() -> None:
    composition = attention()
    tokens = replace(
        composition, tokens=("a", "b", "c", "d", "e"), axes=dict.fromkeys(composition.axes, ("tokens", ""))
    )
    found = pointed(composition, 4.0, "total", 3, 0)
    assert found is not None
    assert describe(found, tokens).endswith("so far of attn[3 “d”])")


def test_a_term_on_its_way_says_where_it_goes_and_has_its_sign() -> None:
    shapes = {"A": (4, 3), "B": (3, 5), "C": (4, 2), "D": (2, 5)}
    tensors = {name: {"init": "gaussian", "shape": shape, "seed": n} for n, (name, shape) in enumerate(shapes.items())}
    animation = {"algorithm": "whole", "sums": "running"}
    composition = Scene("s = A @ B - C @ D", tensors, animation=animation).composition
    found = pointed(composition, 1.5, "term", 2, 3)
    assert found is not None
    assert (found.path, found.i, found.j) == ("", 2, 3)
    assert found.value == -composition.values["right"][2, 3]
    assert describe(found, composition) == f"{found.value:.4g}   (on its way to s[2, 3])"


def test_the_keys_and_values_of_later_tokens_are_looked_through() -> None:
    composition = attention(animation={"fuse": "decode"}, partition={})
    frame = composition.timeline.frame(2)
    planes = {plane.owner: plane for plane in frame.planes}
    for owner, (row, column), there in (("left", (0, 2), True), ("left", (0, 3), False), ("", (3, 0), False)):
        only = replace(frame, states={}, planes=(planes[owner],))
        place = planes[owner].placement
        camera = fit(place.corners(1.0), place.normal, ASPECT, up=-place.down)
        found = pick(composition, only, camera, *share(camera, place.element(row, column)), ASPECT)
        assert (found is not None) == there


def test_the_column_of_a_sink_says_whose_share_it_is() -> None:
    tensors = {name: {"init": "gaussian", "shape": (5, 3), "seed": n} for n, name in enumerate("QKV")}
    sink = {"s": {"values": [[0.5]]}}
    composition = Scene("z = (attn = softmax_sink(Q @ K.T, s)) @ V", tensors | sink).composition
    found = pointed(composition, composition.timeline.steps, "sink", 3, 0)
    assert found is not None
    assert describe(found, composition) == f"{found.value:.4g}   (the share that the sink takes of attn[3])"


def test_every_kind_of_plane_is_pointed_at_in_some_test() -> None:
    assert {kind for _, kind, *_ in BLOCKWISE} | {"term", "plane", "partial", "sink"} == set(BRIEF)
