"""Heads and experts in a grid: one sum, beside it each at its place, and nothing of the sums of two on the way."""

import re
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from mmviz import Scene
from mmviz.picture.marks.writing import Writing
from mmviz.picture.space.head_grid import columns_of, sums_of_heads
from mmviz.picture.space.placement import Vector
from mmviz.scene.keys.options import StyleOptions
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import find

HEAD = "r{0} = (attn{0} = softmax(tril(Q{0} @ K{0}.T))) @ V{0}"


def heads(count: int, *, group: int = 1, start: str = "total = ") -> str:
    """A sum of heads, of which the first ones of every group are added first."""
    terms = [f"({HEAD.format(number)})" for number in range(count)]
    groups = [" + ".join(terms[first : first + group]) for first in range(0, count, group)]
    return start + " + ".join(f"({one})" for one in groups)


def experts(count: int, start: str = "total = ") -> str:
    """A weighted sum of experts, which share the weights of one router."""
    weights = ["(weights = softmax(topk(x @ router, 2)))", *["weights"] * (count - 1)]
    shares = [f"(share{number} = {one} @ only{number})" for number, one in enumerate(weights)]
    return start + " + ".join(f"(r{n} = {share} * (x @ W{n}))" for n, share in enumerate(shares))


def expert_scene(count: int, start: str = "total = ") -> Scene:
    shapes = {"x": [6, 4], "router": [4, count]}
    shapes |= {f"{kind}{n}": [rows, 4] for n in range(count) for kind, rows in (("only", count), ("W", 4))}
    tensors = {name: {"init": "gaussian", "shape": shape} for name, shape in shapes.items()}
    return Scene(experts(count, start), tensors, style={"heads": "grid"})


def scene(expr: str, count: int, *, besides: dict[str, list[int]] | None = None, **more: Any) -> Scene:
    tensors = {name: {"init": "gaussian", "shape": shape} for name, shape in (besides or {}).items()}
    tensors |= {
        f"{kind}{number}": {"init": "gaussian", "shape": [5, width]}
        for kind, width in (("Q", 3), ("K", 3), ("V", 4))
        for number in range(count)
    }
    return Scene(expr, tensors, **{"style": {"heads": "grid"}, **more})


def box(composition: Any, path: str) -> Vector:
    """(2, 3): around a head with all that it is made of."""
    places = [place.corners(0.5) for at, place in composition.layout.items() if at.startswith(path)]
    points = np.concatenate(places)
    return np.array([points.min(axis=0), points.max(axis=0)])


@pytest.mark.parametrize("group", [1, 3])
def test_all_heads_of_a_sum_are_found_however_they_are_added(group: int) -> None:
    root = build(parse(heads(9, group=group)))
    ((path, found),) = sums_of_heads(root).items()
    assert path == ""
    assert [term.name for term in found.terms] == [f"r{number}" for number in range(9)]
    assert len(found.between) == 7


@pytest.mark.parametrize(
    "expr",
    [
        "A + B + C + D",
        heads(2),
        "x = a * (b + c)",
        f"({HEAD.format(0)}) - ({HEAD.format(1)}) - ({HEAD.format(2)})",
        experts(2),
        experts(4).replace("topk(x @ router, 2)", "x @ router"),
        experts(3).replace(" * ", " + "),
    ],
)
def test_other_sums_are_no_sums_of_heads(expr: str) -> None:
    assert sums_of_heads(build(parse(expr))) == {}


def test_a_sum_that_has_a_name_stays_and_what_is_added_to_heads_stays_apart() -> None:
    root = build(parse(f"out = x + ({heads(3)})"))
    assert list(sums_of_heads(root)) == ["right"]
    assert list(sums_of_heads(build(parse(heads(3) + " + rest")))) == ["left"]
    named = build(
        parse(f"s = (pair = ({HEAD.format(0)}) + ({HEAD.format(1)})) + ({HEAD.format(2)}) + ({HEAD.format(3)})")
    )
    assert [term.name for term in sums_of_heads(named)[""].terms] == ["pair", "r2", "r3"]


@pytest.mark.parametrize("count", [9, 32])
def test_heads_stand_in_rows_and_columns_and_none_covers_another_or_the_sum(count: int) -> None:
    composition = scene(heads(count), count).composition
    found = composition.layout.grids[""]
    boxes = [box(composition, term.path) for term in found.terms]
    total = composition.layout[""].corners(0.5)
    boxes.append(np.array([total.min(axis=0), total.max(axis=0)]))
    for one, other in combinations(boxes, 2):
        flat_one, flat_other = one[:, :2], other[:, :2]
        assert (flat_one[0] > flat_other[1]).any() or (flat_other[0] > flat_one[1]).any()
    patterns = [find(composition.root, f"attn{number}") for number in range(count)]
    origins = np.array([composition.layout[one.path].origin for one in patterns if one is not None])
    across, up = (len(np.unique(np.round(origins[:, axis], 6))) for axis in (0, 1))
    assert across * up >= count
    assert across >= up
    assert len(np.unique(np.round(origins[:, 2], 6))) == 1, "as far in front as each other"


def test_one_sum_is_shown_and_named_and_the_sums_on_the_way_are_not() -> None:
    composition = scene(heads(9), 9).composition
    merged = composition.layout.merged
    assert len(merged) == 7
    drawing = composition.at(composition.timeline.steps, composition.camera(16 / 9))
    shown = {item.key.path for items in (drawing.sheets, drawing.lines, drawing.labels) for item in items}
    assert not shown & merged
    assert {label.text for label in drawing.labels if label.key.kind in ("name", "sum", "term")} >= {"total", "attn4"}
    assert not [label for label in drawing.labels if label.key.kind == "term"]


def test_each_head_goes_over_to_the_one_sum() -> None:
    composition = scene(heads(9), 9, animation={"algorithm": "whole", "sums": "running", "fuse": "chain"}).composition
    timeline = composition.timeline
    flying = [plane for t in range(timeline.steps) for plane in timeline.frame(t + 0.5).planes if plane.kind == "term"]
    assert len(flying) == 9
    assert {plane.owner for plane in flying} == {""}
    np.testing.assert_allclose(timeline.frame(timeline.steps)[""].values, composition.values[""])


def test_a_layout_is_nested_unless_it_is_told_otherwise() -> None:
    plain = scene(heads(9), 9, style={})
    assert plain.layout().merged == frozenset()
    assert len(plain.timeline().frame(0)) == len(plain.layout())


def test_a_grid_is_a_little_wider_than_high_and_hardly_has_empty_places() -> None:
    assert [columns_of(count, 1.0, 1.0) for count in (3, 9, 12, 16, 32)] == [3, 3, 4, 4, 8]
    assert columns_of(12, 2.0, 1.0) < columns_of(12, 1.0, 1.0) < columns_of(12, 0.5, 1.0)


def test_of_all_heads_the_pattern_is_named_and_of_the_first_everything() -> None:
    composition = scene(heads(9), 9).composition
    writing = Writing(
        composition.root,
        composition.layout,
        composition.axes,
        {},
        StyleOptions(),
        composition.behind,
        composition.extent,
    )
    shown = {plate.text for plate in writing.names()}
    assert {"Q0", "K0.T", "V0", "r0"} <= shown
    assert {f"attn{number}" for number in range(9)} <= shown
    assert not {"Q1", "K1.T", "V1", "r1"} & shown


def test_experts_are_those_that_are_multiplied_by_their_share_of_what_a_router_chose() -> None:
    ((path, found),) = sums_of_heads(build(parse(experts(4)))).items()
    assert (path, found.experts) == ("", True)
    assert [term.name for term in found.terms] == ["r0", "r1", "r2", "r3"]
    assert len(found.between) == 2
    assert not sums_of_heads(build(parse(heads(3))))[""].experts


def test_an_expert_of_all_tokens_may_stand_behind_those_that_are_chosen() -> None:
    shared = " + (shared = hidden @ W)"
    ((path, found),) = sums_of_heads(build(parse(experts(3) + shared))).items()
    assert (path, found.experts) == ("", True)
    assert [term.name for term in found.terms] == ["r0", "r1", "r2", "shared"]
    assert not sums_of_heads(build(parse(experts(2) + shared)))
    assert [*sums_of_heads(build(parse(experts(3) + " + x")))] == ["left"]


def test_experts_may_be_weighted_by_what_they_read() -> None:
    weights = ["(weights = topk(sigmoid(x @ router), 1))", "weights", "weights"]
    terms = [f"(r{n} = relu(((share{n} = {one} @ only{n}) * x) @ U{n}) @ W{n})" for n, one in enumerate(weights)]
    ((_, found),) = sums_of_heads(build(parse(" + ".join(terms)))).items()
    assert found.experts
    assert [term.name for term in found.terms] == ["r0", "r1", "r2"]


def test_of_all_experts_what_they_add_is_named_and_of_the_first_everything() -> None:
    composition = expert_scene(4).composition
    root, layout = composition.root, composition.layout
    writing = Writing(root, layout, composition.axes, {}, StyleOptions(), composition.behind, composition.extent)
    names = [plate for plate in writing.names() if plate.key.kind == "name" and plate.key.path not in layout.merged]
    shown = sorted(plate.text for plate in names)
    of_first = ["W0", "only0", "router", "share0", "weights", "x", "x", "x @ W0"]
    assert shown == sorted([*of_first, "r0", "r1", "r2", "r3", "total"])


@pytest.mark.parametrize(("start", "side"), [("total = ", -1), ("total = x + ", 1)])
def test_experts_stand_at_the_left_of_their_sum_and_at_the_right_of_a_sum_with_something_else(
    start: str, side: int
) -> None:
    text = experts(5, "").join(("(", ")"))
    shown = expert_scene(5, start).changed(expr=start + text).composition
    ((path, found),) = shown.layout.grids.items()
    total = shown.layout[path].corners(0.5)[:, 0]
    for term in found.terms:
        own = box(shown, term.path)[:, 0]
        assert own.min() > total.max() if side > 0 else own.max() < total.min()


def test_a_grid_of_nothing_is_told() -> None:
    told = "style.heads: no grid, the expression adds up no heads or experts, of which 3 are needed."
    assert scene(heads(2), 2).notes() == (told,)
    assert scene(heads(2), 2, style={}).notes() == scene(heads(3), 3).notes() == ()


def test_of_two_grids_that_are_added_to_one_stream_the_later_one_stands_below() -> None:
    """As the attention of a decoder to itself and to what an encoder has read."""
    first = heads(3, start="attn_out = ")
    second = re.sub(r"\b(r|attn)(\d|_)", r"\1\2x", first)
    shown = scene(f"out = (mid = x + ({first})) + ({second})", 3, besides={"x": [5, 4]}).composition
    (one, other) = (shown.layout.grids[path] for path in ("left.right", "right"))
    above = np.concatenate([box(shown, term.path) for term in one.terms])
    below = np.concatenate([box(shown, term.path) for term in other.terms])
    assert below[:, 1].max() < above[:, 1].min()
    assert np.ptp([above[:, 0].max(), below[:, 0].max()]) < np.ptp(above[:, 0])
