"""Slices, reductions and rows of tables in space and time, and how their elements are explained."""

import numpy as np
import pytest

from mmviz import Scene
from mmviz.picture.cell.explanation import Cell, Explanation, Reduced, Selected, Terms, explain, lit
from mmviz.picture.marks.shared_axes import SharedAxes
from mmviz.picture.space.item_key import of_matrix
from mmviz.picture.space.selecting import shown_elsewhere
from mmviz.picture.time.starts import in_step
from mmviz.picture.time.takings import Takings, line_of
from mmviz.scene.keys.options import AnimationOptions
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import root_of
from mmviz.viewer.tabs.explain.explain_text import origin_lines, story
from tests.arrays import assert_equal
from tests.picture.test_timeline import animate, matrices

SHAPES = {"A": (4, 3), "B": (3, 6), "C": (4, 1), "E": (7, 6), "ids": (4, 1)}


def made(text: str) -> Scene:
    chance = np.random.default_rng(1)
    used = {name: shape for name, shape in SHAPES.items() if name in text}
    tensors = {name: chance.normal(size=shape).astype(np.float32) for name, shape in used.items()}
    return Scene(text, tensors | ({"ids": np.array([[2], [0], [6], [2]], np.float32)} if "ids" in used else {}))


def explained(text: str, i: int, j: int, path: str = "") -> Explanation:
    return explain(made(text).composition, path, i, j)


@pytest.mark.parametrize("result", ["front", "back"])
def test_a_slice_stands_before_its_place(result: str) -> None:
    scene = Scene("(A @ B)[1:3, 2:]", {"A": np.ones((4, 3)), "B": np.ones((3, 6))}, layout={"result": result})
    layout = scene.composition.layout
    apart = layout["whole"].element(1, 2) - layout[""].element(0, 0)
    assert abs(apart @ layout[""].normal) == pytest.approx(float(np.linalg.norm(apart)))
    assert float(np.linalg.norm(apart)) >= 1.0


def test_a_reduction_stands_beyond_the_last_column_or_row() -> None:
    for axis in (0, 1):
        layout = made(f"sum(A @ B, {axis})").composition.layout
        whole, own = layout["whole"], layout[""]
        apart = own.element(0, 0) - whole.element(*((0, 5) if axis else (3, 0)))
        along, other = (whole.across, whole.down) if axis else (whole.down, whole.across)
        assert apart @ along >= 1.0
        assert abs(apart @ other) < 1e-9


def test_a_table_stands_where_a_right_matrix_does_and_ids_where_a_left_one_does() -> None:
    layout = made("embed(ids, E)").composition.layout
    assert not layout.cubes
    assert abs(layout["table"].across @ layout[""].across) == pytest.approx(1.0)
    assert abs(layout["ids"].down @ layout[""].down) == pytest.approx(1.0)
    row = Scene("embed(ids, E)", {"ids": np.zeros((1, 4)), "E": np.ones((7, 6))}).composition.layout
    assert abs(row["ids"].across @ row[""].down) == pytest.approx(1.0)


def test_what_is_cut_is_not_drawn_again_behind_every_slice() -> None:
    text = "(x = A @ B)[:, 0:3] @ x.T[0:3] @ E[0:4, 1:] @ E[2:, 1:].T"
    unseen = set(shown_elsewhere(build(parse(text))))
    assert unseen == {"left.left.right.whole", "right.whole"}
    scene = made("(x = A @ B)[:, 0:3] + x[:, 3:]")
    assert "right.whole" not in scene.composition.timeline.frame(0)
    assert scene.composition.layout.merged == {"right.whole"}


def test_a_slice_comes_with_the_rows_of_what_it_is_cut_from() -> None:
    tensors = matrices((4, 3), (3, 6), (2, 2))
    timeline = animate("(A @ B)[:, 2:4] @ C", tensors, AnimationOptions(fuse="chain"))
    assert timeline.steps == 4
    assert_equal(timeline.frame(1)["left"].visible[:, 0], [True, True, False, False])
    later = animate("(A @ B)[1:3] @ B.T", tensors, AnimationOptions(fuse="chain"))
    assert later.steps == 6
    assert not later.frame(3)["left"].visible.any()


def test_a_sum_of_rows_comes_row_by_row_and_one_of_columns_at_the_end() -> None:
    tensors = matrices((4, 3), (3, 6))
    rows = animate("sum(A @ B, 1)", tensors, AnimationOptions())
    assert_equal(rows.frame(1)[""].visible[:, 0], [True, True, False, False])
    assert rows.frame(1)["whole"].highlighted[1].all()
    columns = animate("sum(A @ B, 0)", tensors, AnimationOptions())
    assert not columns.frame(3)[""].visible.any()
    assert columns.frame(4)[""].visible.all()


def test_an_order_goes_through_a_slice_whose_lines_are_whole() -> None:
    for text, fits in (("A[:, 1:]", "vmprod"), ("A[1:]", "mvprod"), ("A[1:, 1:]", "whole"), ("max(A, 0)", "mvprod")):
        node = root_of(build(parse(text)))
        found = [order for order in ("vmprod", "mvprod", "dotprod") if in_step(node, order)]
        assert found == ([] if fits == "whole" else [fits])
        assert in_step(node, "whole")
    assert not in_step(root_of(build(parse("embed(A, B)"))), "whole")


def test_an_element_of_a_slice_is_that_of_its_place() -> None:
    found = explained("relu(B[1:, 2:4])", 1, 1)
    assert isinstance(found.origin, Selected)
    assert found.origin.target.cell == Cell("whole", 2, 3)
    assert story(found) == "taken over, cut out, then relu"
    assert origin_lines(found).startswith("The number of B[2, 3], cut out: ")


def test_an_element_of_a_table_says_which_id_named_its_row() -> None:
    for text, cell in (("embed(ids, E)", (2, 1)), ("embed(ids, E).T", (1, 2))):
        found = explained(text, *cell)
        assert isinstance(found.origin, Selected)
        assert found.origin.why.startswith("as ids")
        assert "= 6 says" in found.origin.why
        assert sorted((found.origin.target.cell.i, found.origin.target.cell.j)) == [1, 6]
        assert found.origin.target.value == pytest.approx(found.value)


def test_a_reduction_lights_its_row_and_names_the_largest() -> None:
    scene = made("max(tril(A), 1)")
    composition = scene.composition
    found = explain(composition, "", 1, 0)
    assert isinstance(found.origin, Reduced)
    row = composition.values["whole"][1]
    assert (found.origin.count, found.origin.line) == (2, "row 1 of tril(A)")
    assert found.origin.target is not None
    assert found.origin.target.cell.j == int(np.argmax(row[:2]))
    assert lit(found, composition)["whole"][0].mask((4, 3)).sum(axis=1).tolist() == [0, 3, 0, 0]
    assert origin_lines(found).startswith("The largest of row 1 of tril(A), 2 numbers, at tril(A)[1, ")
    total = explained("sum(A, 0)", 0, 2)
    assert isinstance(total.origin, Reduced)
    assert total.origin.target is None
    assert total.operands() == (Cell("whole", 0, 2),)
    assert story(total) == "the sum of column 2 of A"


def test_a_term_of_one_column_gives_its_number_to_the_whole_row() -> None:
    found = explained("A / C", 2, 1)
    assert isinstance(found.origin, Terms)
    assert found.origin.right.cell == Cell("right", 2, 0)
    assert found.origin.total == pytest.approx(found.value, rel=1e-6)
    nothing = explain(Scene("A / B", {"A": np.ones((1, 1)), "B": np.zeros((1, 1))}).composition, "", 0, 0)
    assert nothing.origin.total == np.inf


def test_rows_and_columns_go_on_where_they_are_whole() -> None:
    scene = made("sum(A @ B[:, 1:4], 1) + embed(ids, E)")
    shared = SharedAxes.of(scene.root, scene.shapes.axes, scene.composition.values)
    assert ("left.whole.left", 0) in shared.along(("", 0))
    assert ("left.whole.right.whole", 1) not in shared.along(("left.whole.right", 1))
    assert ("right.table", 1) in shared.along(("right", 1))


def test_rows_of_a_table_fly_one_a_step_and_are_lit_with_their_ids() -> None:
    composition = made("embed(ids, E)").composition
    timeline, layout = composition.timeline, composition.layout
    assert isinstance(timeline.takings, Takings)
    assert timeline.steps == 4
    frame = timeline.frame(2.0)
    (plane,) = frame.planes
    np.testing.assert_array_equal(plane.values, composition.values["table"][6:7])
    np.testing.assert_allclose(plane.placement.element(0, 3), layout["table"].element(6, 3))
    assert_equal(frame["table"].highlighted[:, 0], np.arange(7) == 6)
    assert_equal(frame["ids"].highlighted[:, 0], np.arange(4) == 2)
    assert_equal(frame[""].visible[:, 0], [True, True, True, False])
    late = timeline.frame(2.999).planes[0]
    np.testing.assert_allclose(late.placement.element(0, 0), layout[""].element(2, 0), atol=0.1)


def test_what_is_taken_shares_the_sweep_of_what_it_goes_into_and_turned_goes_by_columns() -> None:
    ids, table = np.array([[2], [0], [6]], np.float32), np.ones((7, 6), np.float32)
    scene = Scene("embed(ids, E) @ w", {"ids": ids, "E": table, "w": np.ones((6, 2))}, animation={"fuse": "chain"})
    assert scene.composition.timeline.steps == 3
    turned = Scene("v @ embed(ids, E).T", {"ids": ids, "E": table, "v": np.ones((2, 6))}).composition
    assert turned.timeline.schedule.runs["right"].algorithm == "mvprod"
    assert turned.timeline.steps == 3 + 2
    at_once = Scene("embed(ids, E)", {"ids": ids, "E": table}, animation={"algorithm": "whole"}).composition
    assert at_once.timeline.steps == 1
    assert not at_once.timeline.frame(0).planes
    still = Scene("embed(ids, E)", {"ids": ids, "E": table}, animation={"algorithm": "none"}).composition
    assert still.timeline.frame(0)[""].visible.all()


def test_a_row_of_a_matrix_stands_where_it_stands() -> None:
    place = made("embed(ids, E)").composition.layout["table"]
    np.testing.assert_allclose(line_of(place, 3, turned=False).element(0, 2), place.element(3, 2))
    np.testing.assert_allclose(line_of(place, 3, turned=True).element(2, 0), place.element(2, 3))


def test_only_sums_and_differences_show_what_they_have_so_far() -> None:
    tensors = matrices((3, 3), (3, 3), (3, 3))
    for sign in "*/":
        timeline = animate(f"A @ B {sign} C", tensors, AnimationOptions(sums="running"))
        assert not timeline.schedule.totals
    assert animate("A @ B - C", tensors, AnimationOptions(sums="running")).schedule.totals == {""}


def test_slices_of_patterns_and_patterns_side_by_side_have_the_colours_of_patterns() -> None:
    text = "concat(softmax(A)[0:2], softmax(A)[2:4, 0:2]) @ stack(A, A)[0:5] + softmax(A)[0:2] @ A[0:3]"
    looks = Scene(text, {"A": np.eye(4, 3)}, style={"patterns": "sequential"}).composition.looks
    own, plain_look = (looks[of_matrix(path)][0] for path in ("left.left.part0.whole", "left.right"))
    assert own != plain_look
    assert all(looks[of_matrix(path)][0] == own for path in ("left.left", "left.left.part1", "right.left"))
