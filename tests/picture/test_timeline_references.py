"""When a matrix that is used again is shown in its other places, how it looks there, and what waits for it."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mmviz.picture.cell.picking import describe, pick
from mmviz.picture.look.looks import looks
from mmviz.picture.look.palette import SEQUENTIAL
from mmviz.picture.space.item_key import ItemKey, of_matrix
from mmviz.picture.time.algorithms import SUMMING
from mmviz.picture.time.timeline import Timeline
from mmviz.pipeline import Scene
from mmviz.reports.scene_report import scene_report
from mmviz.scene.keys.options import AnimationOptions, StyleOptions
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.tree import LeafNode, Node, root_of, twins, walk
from tests.arrays import assert_equal
from tests.examples import examples
from tests.picture.test_timeline import ALGORITHMS, FUSES, Recipe, animate, laws, matrices, recipes

SHAPES = {"A": (4, 3), "B": (3, 5), "C": (5, 4), "D": (4, 5), "w": (1, 5)}
TEXTS = [
    "(x = A @ B) @ relu(x).T",
    "(x = A @ B) + softmax(x)",
    "(x = A @ B) + softmax(x.T).T",
    "(x = softmax(A @ B)) @ relu(x.T)",
    "((x = A @ B) @ rmsnorm(x, w).T).T",
    "rmsnorm(x = D + A @ B, w) + tanh(x)",
    "softmax(x = A @ B) + x + relu(x)",
    "(x = A @ B) + (y = softmax(x.T)).T + tanh(y.T)",
    "softmax((x = A @ B).T).T + (y = x) + tanh(y)",
    "(x = softmax(A @ B)) + (y = x) + tanh(y)",
    "(x = A @ B) @ softmax(x.T)",
    "((x = A @ B) @ softmax(x).T).T",
    "out = (m = D + (K = A @ B) @ C @ D + K) + relu(rmsnorm(m, w) @ C) @ K",
]


def scene(text: str, **parts: Any) -> Scene:
    used = {name: shape for name, shape in SHAPES.items() if name in text}
    tensors = {name: {"init": "gaussian", "shape": shape, "seed": n} for n, (name, shape) in enumerate(used.items())}
    return Scene(text, tensors, **parts)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Scenes in which matrices are used again under functions."""
    text = draw(st.sampled_from(TEXTS))
    products = [node.path for node in walk(scene(text).root) if not isinstance(node, LeafNode)]
    own = st.dictionaries(st.sampled_from(products), st.sampled_from(ALGORITHMS), max_size=2)
    fuse, algorithm = draw(st.sampled_from(FUSES)), draw(st.sampled_from(ALGORITHMS))
    return scene(text, animation={"algorithm": algorithm, "fuse": fuse, "matrices": draw(own)})


def times(timeline: Timeline) -> list[float]:
    return [step / 2 for step in range(2 * timeline.steps + 1)]


def turned(array: NDArray[Any], transposed: bool) -> NDArray[Any]:
    return array.T if transposed else array


def assert_twins_alike(root: Node, timeline: Timeline) -> None:
    for t in times(timeline):
        frame = timeline.frame(t)
        for path, (target, transposed) in twins(root).items():
            assert_equal(frame[path].visible, turned(frame[target].visible, transposed))
            assert_equal(frame[path].values, turned(frame[target].values, transposed))


@given(recipes())
@laws
def test_what_wears_nothing_shows_at_any_time_what_its_matrix_shows(recipe: Recipe) -> None:
    timeline = recipe.make()
    assert_twins_alike(root_of(timeline.root), timeline)


@given(scenes())
@laws
def test_it_shows_the_same_running_sums_under_functions_of_its_matrix(made: Scene) -> None:
    assert_twins_alike(root_of(made.root), made.timeline())


@given(scenes())
@laws
def test_under_functions_a_cell_is_there_only_when_all_that_it_is_made_of_is_final(made: Scene) -> None:
    timeline, nodes = made.timeline(), {node.path: node for node in walk(made.root)}
    again = [node for node in nodes.values() if isinstance(node, LeafNode) and node.target is not None]
    for t in range(timeline.steps + 1):
        frame = timeline.frame(t)
        for node in again:
            if node.path in twins(made.root):
                continue
            target, source = nodes[node.target or ""], frame[node.target or ""].visible
            run = timeline.schedule.runs.get(target.path)
            if run is not None and run.algorithm in SUMMING and t < run.end:
                source = np.zeros_like(source)
            needed = turned(frame[node.path].visible, node.transposed)
            for worn, flip in [*((w, False) for w in target.worn[: node.depth]), *((w, True) for w in node.worn)]:
                if FUNCTIONS[worn.function].along == "rows":
                    columns = worn.turned != (flip and node.transposed)
                    needed = needed | needed.any(axis=0 if columns else 1, keepdims=True)
            assert source[needed].all()


@given(scenes())
@laws
def test_no_product_starts_before_what_it_uses_again_is_complete(made: Scene) -> None:
    timeline = made.timeline()
    for step in range(timeline.steps):
        frame = timeline.frame(step)
        assert frame.planes
        for plane in frame.planes:
            node = timeline.products[plane.owner]
            for argument in (node.left, node.right):
                if isinstance(argument, LeafNode):
                    assert frame[argument.path].visible.all()
                    assert timeline.schedule.ready[argument.path] <= step


@given(scenes())
@laws
def test_in_the_end_all_is_there_with_the_values_of_the_scene(made: Scene) -> None:
    end = made.timeline().frame(made.timeline().steps)
    for path, matrix in made.values().items():
        assert end[path].visible.all()
        assert end[path].values is matrix


@pytest.mark.parametrize(
    ("text", "algorithm", "steps", "visible"),
    [
        ("(x = A @ B) + tanh(x)", "vmprod", 4, [1, 2, 3, 4, 4]),  # whole rows at the right that are there at each step
        ("(x = A @ B) @ tanh(x.T)", "mvprod", 9, [1, 2, 3, 4, 5, 5, 5, 5, 5, 5]),
        ("(x = A @ B) @ softmax(x.T)", "vmprod", 8, [0, 0, 0, 0, 5, 5, 5, 5, 5]),
        ("(x = A @ B) @ softmax(x.T)", "mvprod", 9, [1, 2, 3, 4, 5, 5, 5, 5, 5, 5]),
        ("(x = A @ B) @ softmax(x).T", "mvprod", 9, [0, 0, 0, 0, 0, 5, 5, 5, 5, 5]),
        ("(x = A @ B) @ tanh(x.T)", "dotprod", 36, [0] * 15 + [1, 2, 3, 4, 5] + [5] * 17),
        ("(x = A @ B) @ tril(x.T)", "dotprod", 36, [0] * 15 + [1, 2, 3, 4, 5] + [5] * 17),
        ("(x = A @ B) + softmax(x)", "vmprod", 4, [1, 2, 3, 4, 4]),
        ("(x = A @ B) + softmax(x)", "mvprod", 5, [0, 0, 0, 0, 0, 4]),
        ("(x = A @ B) + tanh(x)", "vvprod", 3, [0, 0, 0, 4]),
        ("(x = softmax(A @ B)) + tanh(x)", "vmprod", 4, [1, 2, 3, 4, 4]),
        ("(x = softmax(A @ B)) + tanh(x)", "mvprod", 5, [0, 0, 0, 0, 0, 4]),
        ("softmax(x = A @ B) + softmax(x)", "vmprod", 4, [1, 2, 3, 4, 4]),
        ("(x = D + A @ B) + softmax(x)", "vmprod", 4, [1, 2, 3, 4, 4]),
        ("(x = A @ B) @ (y = x.T) @ (x + tanh(y.T))", "vmprod", 12, [1, 2, 3, 4] + [4] * 9),
    ],
)
def test_under_functions_rows_come_as_soon_as_they_are_final(
    text: str, algorithm: str, steps: int, visible: list[int]
) -> None:
    timeline = scene(text, animation={"algorithm": algorithm}).timeline()
    assert timeline.steps == steps
    shown = [timeline.frame(step)["right"].visible for step in range(steps + 1)]
    assert [int(cells.all(axis=1).sum()) for cells in shown] == visible
    first = next(step for step, cells in enumerate(shown) if cells.any())
    assert timeline.schedule.begins["right"] == first


@pytest.mark.parametrize(
    ("text", "visible"),
    [
        ("(x = A @ B) + tanh(x)", [1, 2, 3, 4, 5, 5]),  # whole columns at the right that are there at each step
        ("softmax(x = A @ B) + tanh(x)", [1, 2, 3, 4, 5, 5]),
        ("tanh(y = softmax(x = A @ B)) + relu(y)", [0, 0, 0, 0, 0, 5]),
        ("(x = softmax(A @ B)) + (y = x) + tanh(y)", [0, 0, 0, 0, 0, 5]),
    ],
)
def test_functions_around_the_assignment_do_not_count_where_it_is_used_again(text: str, visible: list[int]) -> None:
    timeline = scene(text, animation={"algorithm": "mvprod"}).timeline()
    assert timeline.steps == 5
    shown = [timeline.frame(step)["right"].visible for step in range(6)]
    assert [int(cells.all(axis=0).sum()) for cells in shown] == visible
    first = next(step for step, columns in enumerate(visible) if columns)
    assert timeline.schedule.begins["right"] == first


def test_columns_that_have_not_begun_are_0_under_any_function() -> None:
    timeline = scene("softmax(A @ B)", animation={"algorithm": "axpy"}).timeline()
    for step in range(timeline.steps):
        begun = timeline.frame(step)[""].values.any(axis=0).tolist()
        assert begun == [column <= step // 3 for column in range(5)]


def test_a_sum_of_twins_comes_as_their_matrix_does_even_under_a_function_of_rows() -> None:
    text = "(x = softmax(A @ B)) @ C @ ((y = x) + x)"
    timeline = scene(text, animation={"algorithm": "mvprod"}).timeline()
    shown = [timeline.frame(step)["right"].visible.all(axis=0).sum() for step in range(6)]
    assert shown == [1, 2, 3, 4, 5, 5]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_turned_twin_begins_with_its_matrix(algorithm: str) -> None:
    timeline = scene("(x = A @ B) @ C @ D @ x.T", animation={"algorithm": algorithm}).timeline()
    assert timeline.schedule.begins["right"] == 0
    assert timeline.frame(0)["right"].visible.any()


@pytest.mark.parametrize("algorithm", ["vmprod", "mvprod", "dotprod", "dotprod-columns"])
def test_a_matrix_and_its_transpose_are_joined_at_the_end(algorithm: str) -> None:
    timeline = scene("(x = A @ A.T) + x.T", animation={"algorithm": algorithm}).timeline()
    shown = [timeline.frame(step)[""].visible for step in range(timeline.steps + 1)]
    assert not any(cells.any() for cells in shown[:-1])
    assert shown[-1].all()
    assert timeline.schedule.begins[""] == timeline.steps


def test_a_matrix_that_is_used_again_is_finished_before_its_consumer_starts() -> None:
    options = AnimationOptions(fuse="chain")
    sizes = ((3, 4), (4, 3), (3, 3))
    assert animate("(A @ B) @ C @ C", matrices(*sizes), options).steps == 3
    assert animate("(x = A @ B) @ C @ C + x", matrices(*sizes), options).steps == 3 + 3
    assert animate("((x = A @ B) + C) @ C + x", matrices(*sizes), options).steps == 3 + 3
    assert animate("(A @ B + (x = C)) @ C + x", matrices(*sizes), options).steps == 3


# How it looks.


@pytest.mark.parametrize("style", [StyleOptions(), StyleOptions(patterns="sequential"), StyleOptions(mm={})])
def test_a_twin_has_the_colours_of_its_matrix(style: StyleOptions) -> None:
    found = scene("(x = sdpa(A @ B)) @ x.T", style=style).composition.looks
    assert found[of_matrix("right")] == found[of_matrix("left")]


def test_what_shows_a_pattern_again_has_the_colours_of_patterns() -> None:
    made = scene("sdpa(z = softmax(x = A @ B)) @ (y = z.T) @ relu(y.T) @ x.T")
    found = looks(
        made.root,
        {of_matrix(path): matrix for path, matrix in made.values().items()},
        StyleOptions(patterns="sequential"),
    )
    patterns = {key.path for key, (look, _) in found.items() if look == SEQUENTIAL}
    assert patterns == {"left.left.left", "left.left.right"}


def test_scales_do_not_differ_where_a_large_matrix_is_turned() -> None:
    tensors = {"A": {"init": "gaussian", "shape": [1500, 1000]}}  # more than a quantile is taken over
    made = Scene("(x = A) @ x.T", tensors, style={"quantile": 0.5})
    assert made.composition.looks[of_matrix("right")] == made.composition.looks[of_matrix("left")]


@pytest.mark.slow
def test_an_element_says_its_own_name_and_is_unfinished_as_long_as_its_matrix_is() -> None:
    made = scene("(x = A @ B) @ x.T", animation={"algorithm": "vvprod"}, partition={"i": 2})
    composition, timeline = made.composition, made.timeline()
    for t in (1, timeline.steps):
        frame = timeline.frame(t)
        camera = composition.camera(1.0)
        found = [pick(composition, frame, camera, x / 60, y / 60, 1.0) for x in range(60) for y in range(60)]
        again = [picked for picked in found if picked is not None and picked.path == "right" and picked.k is None]
        assert again
        for picked in again:
            target = frame["left"].values[picked.j, picked.i]
            assert picked.value == target
            assert picked.unfinished is (t == 1)
            assert describe(picked, composition).startswith(f"x.T[{picked.i}, {picked.j}] = {target:.4g}")


def test_a_report_says_which_matrix_is_shown_again() -> None:
    made = scene("rmsnorm(x = relu(D + A @ B), w) @ (y = x.T) @ relu(y.T) @ C")
    entries = {entry["path"]: entry for entry in scene_report(made)["matrices"]}
    again = {path: (entry["kind"], entry["source"], entry["functions"]) for path, entry in entries.items()}
    assert again["left.left.right"] == ("reference", "transpose of left.left.left before rmsnorm", [])
    assert again["left.right"] == ("reference", "transpose of left.left.right", ["relu"])
    assert again["right"] == ("matrix", "gaussian", [])


@examples(20)
@given(scenes())
def test_every_picture_of_it_can_be_composed(made: Scene) -> None:
    composition = made.composition
    for t in (0, made.timeline().steps / 2, made.timeline().steps):
        drawn = composition.at(t, composition.camera(1.5))
        assert {sheet.key for sheet in drawn.sheets} >= {ItemKey("matrix", node.path) for node in walk(made.root)}
