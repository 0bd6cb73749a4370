"""Products in chains: which share a sweep, where a chain is broken, and what waits for what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.picture.time.fusing import above, adds, in_chains, joined, term_after_term, within
from mmviz.picture.time.starts import Sweeps
from mmviz.scene.keys.options import Algorithm
from mmviz.scene.language.tree import arguments, find, references, walk
from tests.examples import examples
from tests.picture.plans import sweeps, tree

Own = dict[str, Algorithm]


def first(text: str, algorithm: Algorithm = "vmprod", own: Own | None = None, **more: object) -> dict[str, int]:
    return dict(in_chains(sweeps(text, algorithm, own, **more)).first)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "algorithm", "starts"),
    [
        ("A @ B @ C", "vmprod", {"": 0, "left": 0}),
        ("A @ (B @ C)", "vmprod", {"": 3, "right": 0}),
        ("A @ (B @ C)", "mvprod", {"": 0, "right": 0}),
        ("A @ B @ C", "mvprod", {"": 3, "left": 0}),
        ("A @ B @ C", "dotprod", {"": 9, "left": 0}),
        ("A @ B @ C", "vvprod", {"": 3, "left": 0}),
        ("A @ B @ C", "whole", {"": 0, "left": 0}),
    ],
)
def test_a_product_shares_the_sweep_of_the_argument_that_comes_as_it_is_taken(
    text: str, algorithm: Algorithm, starts: dict[str, int]
) -> None:
    assert first(text, algorithm) == starts


def test_an_outer_product_goes_with_columns_from_the_left_and_rows_from_the_right() -> None:
    own: Own = {"left": "mvprod", "right": "vmprod"}
    assert first("(A @ B) @ (C @ D)", "vvprod", own) == {"": 0, "left": 0, "right": 0}
    turned: Own = {"left": "vmprod", "right": "mvprod"}
    assert first("(A @ B) @ (C @ D)", "vvprod", turned) == {"": 3, "left": 0, "right": 0}


@pytest.mark.parametrize(
    ("text", "algorithm", "start"),
    [
        ("softmax(A @ B) @ C", "vmprod", 0),  # a softmax of rows is final row by row
        ("softmax(A @ B).T @ C", "vmprod", 3),  # and turned it is not
        ("A @ softmax(B @ C)", "mvprod", 3),
        ("A @ relu(B @ C)", "mvprod", 0),
    ],
)
def test_a_function_of_whole_rows_breaks_a_chain_that_goes_by_columns(
    text: str, algorithm: Algorithm, start: int
) -> None:
    assert first(text, algorithm)[""] == start


def test_a_chain_goes_through_a_sum_and_takes_the_sum_along() -> None:
    found = in_chains(sweeps("(A @ B + C @ D) @ E"))
    assert found.first == {"left.left": 0, "left.right": 0, "left": 0, "": 0}
    assert set(found.leaders.values()) == {""}


def test_a_sum_within_a_sum_goes_with_the_same_chain() -> None:
    found = in_chains(sweeps("(A + (B @ C + D)) @ E"))
    assert found.leaders == {"left.right.left": "", "left.right": "", "left": "", "": ""}


def test_a_sum_that_shows_what_it_has_so_far_belongs_to_no_chain() -> None:
    assert first("(A @ B + C @ D) @ E", running={"left"}) == {"left.left": 0, "left.right": 0, "": 3}


def test_a_matrix_that_is_used_again_is_finished_before_a_chain_takes_it() -> None:
    assert first("(x = A @ B) @ C + x @ D") == {"left.left": 0, "left": 3, "right": 3}


def test_what_is_computed_whole_goes_along_unless_the_same_group_uses_it_twice() -> None:
    assert first("(x = A @ B) @ C + x @ D", "whole")["left"] == 0
    assert first("(x = A @ B) @ (x @ D)", "whole") == {"left": 0, "right": 1, "": 1}


def test_a_product_without_steps_is_ready_with_its_arguments() -> None:
    assert first("(A @ B) @ C @ D", "vmprod", {"left": "none"}) == {"left.left": 0, "": 3}


def test_a_group_waits_for_what_any_of_its_products_waits_for() -> None:
    found = first("(A @ B) @ C + (D @ E) @ F", waits={"right.left": ("left",)})
    assert found == {"left.left": 0, "left": 0, "right.left": 3, "right": 3}


def test_terms_that_come_one_after_the_other_wait_for_those_before_them_in_every_sum_around_them() -> None:
    waits = term_after_term(tree("A @ B + (C @ D - E @ F) * (G @ H)"))
    assert waits["left"] == ()
    assert waits["right.left.left"] == ("left",)
    assert waits["right.left.right"] == ("left", "right.left.left")
    assert waits["right.right"] == ("left",), "the factors of an elementwise product wait for nothing of each other"


def test_a_term_that_is_used_before_its_sum_comes_up_waits_for_nothing() -> None:
    """y is computed before A @ B, as what is left of the sum shows it again."""
    root = tree("(y = C @ D) @ E + (A @ B + y)")
    waits = term_after_term(root)
    assert waits["right.left"] == ("left",)
    assert waits["left.left"] == ()


def test_waits_are_joined_path_by_path() -> None:
    both = joined({"a": ("x",), "b": ("y",)}, {"b": ("z",), "c": ("w",)})
    assert both == {"a": ("x",), "b": ("y", "z"), "c": ("w",)}


def test_above_goes_from_the_root_down_to_what_a_matrix_is_an_argument_of() -> None:
    root = tree("(A @ B + C @ D) @ E")
    assert [node.path for node in above(root, "left.right.left")] == ["", "left", "left.right"]
    assert list(above(root, "")) == []


def test_sums_and_differences_add_and_nothing_else_does() -> None:
    assert [adds(tree(text)) for text in ("A + B", "A - B", "A * B", "A @ B", "A")] == [True, True, False, False, False]


def test_a_path_belongs_to_the_parts_that_begin_at_itself_and_above_it() -> None:
    path = "left.right"
    assert [within(path, part) for part in ("", "left", "left.right")] == [True] * 3
    assert [within(path, part) for part in ("lef", "right", "left.right.left", "left.r")] == [False] * 4


@st.composite
def plans(draw: st.DrawFn) -> Sweeps:
    known: list[str] = []

    def grow(depth: int) -> str:
        if depth == 0 or draw(st.integers(0, 4)) == 0:
            return str(draw(st.sampled_from([*"AB", *known])))
        text = f"({grow(depth - 1)} {draw(st.sampled_from('@@@+*'))} {grow(depth - 1)})"
        text = f"{draw(st.sampled_from(['', '', 'softmax', 'relu']))}{text}"
        if draw(st.booleans()):
            known.append(f"n{len(known)}")
            return f"({known[-1]} = {text})"
        return text

    text = f"{grow(3)} @ {grow(2)}"
    algorithm: Algorithm = draw(st.sampled_from(["vmprod", "mvprod", "vvprod", "whole", "dotprod"]))
    some: st.SearchStrategy[Algorithm] = st.sampled_from(["vmprod", "mvprod", "none"])
    own = {node.path: draw(some) for node in walk(tree(text))}
    return sweeps(text, algorithm, own if draw(st.booleans()) else None)


@given(plans())
@examples(150)
def test_every_product_starts_and_none_before_what_it_takes_from_outside_its_group(known: Sweeps) -> None:
    found = in_chains(known)
    assert known.steps.keys() <= found.first.keys()
    targets = {node.path: target for node, target in references(known.root)}
    ends = {path: found.first[path] + count for path, count in known.steps.items()}

    def end(path: str) -> int:
        """When all of a matrix is there."""
        if path in ends:
            return ends[path]
        node = find(known.root, targets.get(path, path))
        assert node is not None
        return end(node.path) if path in targets else max((end(side.path) for side in arguments(node)), default=0)

    for path in known.steps:
        node = find(known.root, path)
        assert node is not None
        for side in arguments(node):
            together = found.leaders.get(side.path) == found.leaders[path]
            assert found.first[path] >= (found.first[side.path] if together else end(side.path))
