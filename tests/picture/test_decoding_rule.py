"""fuse: decode as a rule: which products need no more than their own token, how arguments come, and when all starts."""

import pytest

from mmviz.picture.time.algorithms import I, J, K
from mmviz.picture.time.decoding import by_token, limit, limits, masks, partners_of
from mmviz.picture.time.starts import Arrival
from mmviz.scene.keys.options import Algorithm
from mmviz.scene.language.tree import Worn, products, walk
from tests.picture.plans import CutProduct, sweeps, tree

HEAD = "(attn = sdpa((q = X @ A) @ (k = X @ B).T)) @ (v = X @ C)"
ONE = (1, 1, 1)


def limit_of(text: str, algorithm: Algorithm, path: str = "", counts: tuple[int, int, int] = ONE) -> int | None:
    nodes = {node.path: node for node in walk(tree(text))}
    product = next(node for node in products(tree(text)) if node.path == path)
    return limit(product, nodes, algorithm, counts)


@pytest.mark.parametrize(
    ("text", "algorithm", "axis"),
    [
        ("tril(Q @ K)", "vmprod", J),  # a row of the scores: the keys up to its own
        ("softmax(tril(scale(Q @ K)))", "vmprod", J),
        ("sdpa(Q @ K)", "vmprod", J),
        ("softmax(Q @ K)", "vmprod", None),
        ("tril(softmax(Q @ K))", "vmprod", None),  # the softmax sees the whole row before it is masked
        ("tril(P) @ V", "vmprod", K),  # a row of the mixed values: the values up to its own
        ("relu(tril(P)) @ V", "vmprod", K),
        ("P @ tril(V)", "vmprod", None),
        ("tril(Q @ K)", "mvprod", None),
        ("tril(Q @ K)", "dotprod", None),
        ("tril(Q @ K)", "whole", None),
        ("tril(Q @ K).T", "mvprod", I),  # drawn turned: tokens are columns
        ("V @ tril(P).T", "mvprod", K),
        ("tril(P).T @ V", "vmprod", None),
    ],
)
def test_a_step_needs_its_own_index_alone_under_a_causal_mask(
    text: str, algorithm: Algorithm, axis: int | None
) -> None:
    assert limit_of(text, algorithm) == axis


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("(p = tril(A)) @ V + p @ V", K),
        ("tril(p = A) @ V + p @ V", None),  # what is used again is A before its mask
        ("(p = tril(A)) @ V + p.T @ V", None),
    ],
)
def test_a_mask_counts_where_a_matrix_is_shown_again_with_it(text: str, axis: int | None) -> None:
    assert limit_of(text, "vmprod", "right") == axis


@pytest.mark.parametrize(("counts", "axis"), [((1, 2, 1), J), ((2, 1, 1), None), ((1, 1, 2), None), ((1, 1, 1), J)])
def test_blocks_side_by_side_are_not_one_token_after_another(counts: tuple[int, int, int], axis: int | None) -> None:
    assert limit_of("tril(Q @ K)", "vmprod", "", counts) == axis


def test_the_limits_of_a_tree_are_those_of_its_causal_products() -> None:
    known = sweeps(HEAD)
    counts = {path: cut.counts for path, cut in known.cuts.items()}
    assert limits(known.root, known.algorithms, counts) == {"left": J, "": K}
    assert limits(known.root, known.algorithms, counts | {"left": CutProduct(counts=(2, 1, 1)).counts}) == {"": K}


@pytest.mark.parametrize(
    ("algorithm", "axis", "partners"),
    [
        ("vmprod", None, ("vmprod", None)),
        ("vmprod", J, ("vmprod", "mvprod")),  # keys come as columns of their transpose
        ("vmprod", K, ("vmprod", "vmprod")),  # values come row by row
        ("mvprod", None, (None, "mvprod")),
        ("mvprod", I, ("vmprod", "mvprod")),
        ("mvprod", K, ("mvprod", "mvprod")),
        ("vvprod", None, ("mvprod", "vmprod")),
        ("dotprod", None, (None, None)),
    ],
)
def test_what_a_step_needs_of_its_arguments(
    algorithm: Algorithm, axis: int | None, partners: tuple[Algorithm | None, Algorithm | None]
) -> None:
    assert partners_of(algorithm, axis) == partners


def test_a_mask_is_of_the_side_on_which_it_is_drawn() -> None:
    assert [masks(Worn(name), turned=False) for name in ("tril", "sdpa", "softmax", "relu")] == [
        True,
        True,
        False,
        False,
    ]
    assert masks(Worn("tril", turned=True), turned=True)
    assert not masks(Worn("tril", turned=True), turned=False)


def test_a_head_goes_token_by_token_through_all_of_its_products() -> None:
    own: dict[str, Algorithm] = {"left.right": "mvprod"}
    found = by_token(sweeps(HEAD, own=own))
    assert set(found.first.values()) == {0}
    assert found.limited == {"left": J, "": K}
    rows = Arrival("vmprod", 0, (3, 3))
    assert found.arriving == {
        "left.left.left": rows,
        "left.right.right": Arrival("mvprod", 0, (3, 3)),
        "right.left": rows,
    }
    assert {arrival.ready for arrival in found.arriving.values()} == {3}


def test_what_comes_by_tokens_comes_in_blocks_of_its_own_rows_and_columns() -> None:
    """Four tokens, d_model 3, d_head 2."""
    shapes = {"left.left": (4, 3, 2), "left.right": (2, 3, 4), "left": (4, 2, 4), "right": (4, 3, 2), "": (4, 4, 2)}
    arriving = by_token(sweeps(HEAD, own={"left.right": "mvprod"}, shapes=shapes)).arriving
    rows = Arrival("vmprod", 0, (4, 3))
    assert arriving == {"left.left.left": rows, "left.right.right": Arrival("mvprod", 0, (3, 4)), "right.left": rows}


def test_a_plain_term_comes_in_the_blocks_of_the_product_that_the_other_term_shows_again() -> None:
    """v: 4 x 2; the mixture takes the rows of X + v up to its own."""
    shapes = {"left": (4, 3, 2), "right": (4, 4, 2)}
    arriving = by_token(sweeps("(v = M @ B) + tril(P) @ (X + v)", shapes=shapes)).arriving
    assert arriving["right.right.left"] == Arrival("vmprod", 0, (4, 2))
    assert arriving["left.left"] == Arrival("vmprod", 0, (4, 3))


def test_without_a_mask_the_scores_wait_for_all_keys_and_the_mixture_for_all_values() -> None:
    text = HEAD.replace("sdpa", "softmax")
    found = by_token(sweeps(text, own={"left.right": "mvprod"}))
    assert found.first == {"left.left": 0, "left.right": 0, "left": 3, "right": 0, "": 3}
    assert (found.limited, found.arriving) == ({}, {})


def test_weights_that_every_step_takes_whole_are_there_from_the_start() -> None:
    arriving = by_token(sweeps(HEAD, own={"left.right": "mvprod"})).arriving
    tensors = {node.path: node.name for node in walk(tree(HEAD))}
    assert {tensors[path] for path in arriving} == {"X", "X.T"}


def test_a_plain_matrix_that_another_product_takes_at_once_does_not_come_by_tokens() -> None:
    shown = by_token(sweeps("(x = X) @ A + (tril(P) @ (x @ B))"))
    assert "left.left" in shown.arriving
    whole = by_token(sweeps("A @ (x = X) + (tril(P) @ (x @ B))"))
    assert "left.right" not in whole.arriving


def test_a_product_by_tokens_waits_for_what_it_is_said_to_wait_for() -> None:
    assert by_token(sweeps("A @ B + C @ D", waits={"right": ("left",)})).first == {"left": 0, "right": 3}


def test_nothing_flows_through_a_sum_that_shows_what_it_has() -> None:
    assert by_token(sweeps("(A @ B + C @ D) @ E")).first[""] == 0
    assert by_token(sweeps("(A @ B + C @ D) @ E", running={"left"})).first[""] == 3


@pytest.mark.parametrize(
    ("text", "own", "root"),
    [
        ("(x = A @ B) @ C + x @ D", {}, 0),  # a reference comes as its target does
        ("(x = A @ B) @ C + x.T @ D", {}, 3),
        ("softmax(A @ B) @ C", {}, 0),
        ("(A @ B) @ C", {"left": "dotprod"}, 9),
    ],
)
def test_a_product_starts_with_arguments_that_come_its_way_and_else_when_they_are_finished(
    text: str, own: dict[str, Algorithm], root: int
) -> None:
    first = by_token(sweeps(text, own=own)).first
    assert first["right" if "+" in text else ""] == root
