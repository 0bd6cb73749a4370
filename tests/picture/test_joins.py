"""Joins in space and time: parts stand behind their own place, meet nothing, and come in step or one by one."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz import Scene
from mmviz.picture.cell.explanation import Selected, explain, lit
from mmviz.picture.marks.links import links
from mmviz.picture.marks.shared_axes import SharedAxes
from mmviz.picture.space.joining import begins, free_depth
from mmviz.picture.space.layout import Layout, lay_out
from mmviz.picture.time.parts import Parts
from mmviz.picture.time.starts import across, in_step
from mmviz.scene.keys.options import Algorithm, AnimationOptions, LayoutOptions
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import infer
from mmviz.scene.language.tree import joins
from tests.arrays import assert_equal
from tests.examples import examples
from tests.picture.test_timeline import Recipe, animate, laws, matrices, recipes
from tests.picture.trees import cuboid, facings, options

HEADS = "out = concat(h0 = softmax(Q @ K) @ V, h1 = softmax(R @ L) @ W, h2 = softmax(S @ M) @ X) @ wO"
SIZES = dict.fromkeys("QRSVWX", (5, 2)) | dict.fromkeys("KLM", (2, 5)) | {"wO": (6, 4)}


def laid_out(text: str, shapes: dict[str, tuple[int, int]], said: LayoutOptions) -> Layout:
    root = build(parse(text))
    return lay_out(root, infer(root, shapes).of, said)


@given(facings, st.sampled_from([0.0, 1.0, 4.0]), st.sampled_from(["concat", "stack"]))
@examples(30)
def test_each_element_of_a_part_stands_behind_that_of_the_join(code: str, gap: float, name: str) -> None:
    text = f"{name}(A @ B, C, D @ E)"
    shapes = {"A": (3, 2), "B": (2, 3), "C": (3, 3), "D": (3, 4), "E": (4, 3)}
    layout = laid_out(text, shapes, options(code, gap))
    whole = layout[""]
    for number, first in enumerate(begins(int(name == "concat"), [(3, 3)] * 3)):
        part = layout[f"part{number}"]
        for place in ((0, 0), (2, 1)):
            apart = part.spot(*place) - whole.spot(first[0] + place[0], first[1] + place[1])
            assert max(abs(apart @ whole.down), abs(apart @ whole.across)) < 1e-9
            assert abs(apart @ whole.normal) >= 1.0


@given(facings, st.sampled_from([0.0, 2.5]))
@examples(30)
def test_no_cubes_of_parts_meet(code: str, gap: float) -> None:
    layout = laid_out(HEADS, SIZES, options(code, gap))
    boxes = [cuboid(cube) for cube in layout.cubes.values()]
    for one, other in combinations(boxes, 2):
        lowest, highest = np.maximum(one[0], other[0]), np.minimum(one[1], other[1])
        assert (highest - lowest).min() < 1e-6


def test_plain_parts_stand_side_by_side_and_heads_in_steps() -> None:
    flat = laid_out("concat(A, B)", {"A": (3, 4), "B": (3, 5)}, LayoutOptions())
    assert len({round(float(flat[path].origin[2]), 6) for path in ("part0", "part1")}) == 1
    heads = laid_out(HEADS.partition("= ")[2].removesuffix(" @ wO"), SIZES, LayoutOptions())
    depths = [float(heads[f"part{number}"].origin[2]) for number in range(3)]
    assert depths[0] > depths[1] > depths[2]


def test_a_box_goes_no_deeper_than_it_has_to() -> None:
    box = np.array([[0.0, 0.0, 1.0], [4.0, 4.0, 2.0]])
    beside, behind, near = (box + np.array(shift) for shift in ([5.0, 0.0, 0.0], [1.0, 0.0, 5.0], [0.0, 0.0, 2.5]))
    assert free_depth(box, [beside], 0.5, 1.0) == 0.0
    assert free_depth(box, [box], 0.5, 1.0) == 2.0
    assert free_depth(box, [behind, box], 0.5, 1.0) == 2.0
    assert free_depth(box, [box, near], 0.5, 1.0) == 4.5


@given(recipes())
@laws
def test_what_is_there_of_a_join_is_final_and_what_stands_in_it_before_its_turn_is_its_part(recipe: Recipe) -> None:
    timeline = recipe.make()
    end = timeline.frame(timeline.steps)
    for step in range(timeline.steps + 1):
        frame = timeline.frame(step)
        for node in joins(timeline.root):
            state = frame[node.path]
            assert_equal(state.values[state.visible], end[node.path].values[state.visible])
            parts = [timeline.final(part.path, step).mask(frame[part.path].shape) for part in node.parts]
            whole = np.concatenate(parts, node.axis)
            assert not (state.visible & ~whole).any()
            seen = state.visible.copy()
            firsts = list(begins(node.axis, [frame[part.path].shape for part in node.parts]))
            for plane in (plane for plane in frame.planes if plane.owner == node.path and plane.kind == "term"):
                i, j = firsts[plane.number]
                seen[i : i + plane.shape[0], j : j + plane.shape[1]] |= plane.shown.mask(plane.shape)
            assert (seen | ~whole).all()


def test_heads_of_one_sweep_fill_their_join_row_by_row() -> None:
    tensors = matrices((3, 2), (2, 4), (2, 5))
    timeline = animate("concat(A @ B, A @ C)", tensors, AnimationOptions(fuse="chain"))
    assert timeline.steps == 3
    assert_equal(timeline.frame(1)[""].visible[:, 0], [True, True, False])
    assert timeline.frame(1)["part1"].highlighted[1].all()
    assert not [plane for plane in timeline.frame(1).planes if plane.kind == "term"]


def test_where_sums_run_parts_come_one_after_the_other_and_stand_in_their_join_at_once() -> None:
    tensors = matrices((3, 2), (2, 4), (2, 5))
    timeline = animate("concat(A @ B, A @ C)", tensors, AnimationOptions(fuse="chain", sums="running"))
    assert timeline.steps == 6
    frame = timeline.frame(1)
    assert not frame[""].visible.any()
    (plane,) = [plane for plane in frame.planes if plane.kind == "term"]
    assert_equal(plane.shown.mask((3, 4))[:, 0], [True, True, False])
    np.testing.assert_allclose(plane.placement.origin, timeline.parts.places[""][0].origin)
    assert timeline.frame(4)[""].visible.sum(axis=1).tolist() == [4, 4, 4]


def test_a_part_that_is_computed_at_once_flies_to_its_place() -> None:
    tensors = matrices((3, 2), (2, 4), (3, 5))
    timeline = animate("concat(C, A @ B)", tensors, AnimationOptions(algorithm="vvprod", easing="linear"))
    (plane,) = [plane for plane in timeline.frame(1.5).planes if plane.kind == "term"]
    place = timeline.parts.places[""][1]
    layout = laid_out("concat(C, A @ B)", {"A": (3, 2), "B": (2, 4), "C": (3, 5)}, LayoutOptions())
    np.testing.assert_allclose(plane.placement.origin, (layout["part1"].origin + place.origin) / 2)
    assert timeline.frame(1.5)[""].visible[0].tolist() == [True] * 5 + [False] * 4
    assert isinstance(timeline.parts, Parts)


@pytest.mark.parametrize(("text", "along", "over"), [("concat", "vmprod", "mvprod"), ("stack", "mvprod", "vmprod")])
def test_an_order_goes_through_all_parts_or_part_by_part(text: str, along: Algorithm, over: Algorithm) -> None:
    node = next(joins(build(parse(f"{text}(A, B)"))))
    assert across(node) == over
    orders: tuple[Algorithm, ...] = (along, over, "whole", "dotprod")
    assert [in_step(node, order) for order in orders] == [True, False, True, False]


def test_lines_lead_from_parts_and_slices_to_their_places() -> None:
    layout = laid_out("concat(A @ B, C[0:3])", {"A": (3, 2), "B": (2, 4), "C": (5, 5)}, LayoutOptions())
    root = build(parse("concat(A @ B, C[0:3])"))
    found = {str(line.key): line.points for line in links(root, layout)}
    assert set(found) == {f"link:{path}{part}" for path in ("part0", "part1") for part in ("", " place")}
    ends = found["link:part0"].reshape(4, 2, 3)
    np.testing.assert_allclose(ends[:, 0], layout["part0"].corners(0.75))
    np.testing.assert_allclose(ends[0, 1], layout[""].spot(-0.5, -0.5))
    np.testing.assert_allclose(ends[2, 1], layout[""].spot(2.5, 3.5))
    again = build(parse("(x = A @ B)[:, 0:1] + x[:, 1:2]"))
    shapes = infer(again, {"A": (3, 2), "B": (2, 4)}).of
    places = {line.key.path for line in links(again, lay_out(again, shapes, LayoutOptions()))}
    assert places == {"left"}


def joined_scene() -> Scene:
    chance = np.random.default_rng(1)
    tensors = {name: chance.normal(size=(3, 2)).astype(np.float32) for name in "AB"}
    return Scene("relu(concat(A, B @ M))", {**tensors, "M": chance.normal(size=(2, 4)).astype(np.float32)})


def test_an_element_says_which_part_it_comes_from() -> None:
    composition = joined_scene().composition
    found = explain(composition, "", 2, 3)
    assert isinstance(found.origin, Selected)
    target = found.origin.target
    assert (target.cell.path, target.cell.i, target.cell.j, found.origin.why) == ("part1", 2, 1, "part 2 of 2")
    assert found.origin.total == pytest.approx(float(composition.values["part1"][2, 1]))
    assert found.operands() == (target.cell,)
    assert set(lit(found, composition)) == {"", "part1"}
    assert [stage.function for stage in found.stages] == ["relu"]


def test_rows_of_a_join_are_those_of_its_parts_and_its_columns_its_own() -> None:
    scene = joined_scene()
    shared = SharedAxes.of(scene.root, scene.shapes.axes, scene.composition.values)
    assert set(shared.along(("", 0))) == {("", 0), ("part0", 0), ("part1", 0), ("part1.left", 0)}
    assert set(shared.along(("", 1))) == {("", 1)}
