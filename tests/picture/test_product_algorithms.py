"""By which algorithm each product goes: its own, or one that it inherits; and which can go blockwise."""

from typing import Any

import pytest

from mmviz.errors import SceneError
from mmviz.picture.time.product_algorithms import after_scores, algorithms_of, own_algorithm, scores_of, tiles_of
from mmviz.scene.keys.options import AnimationOptions
from mmviz.scene.language.tree import find
from tests.picture.plans import CutProduct, cuts_of, tree

HEAD = "z = (attn = softmax(tril((q = X @ A) @ (k = Y @ B)))) @ (v = X @ C)"


def options(**said: Any) -> AnimationOptions:
    return AnimationOptions.model_validate(said)


def algorithms(text: str, **said: Any) -> dict[str, str]:
    """By name of each product."""
    root = tree(text)
    cuts = cuts_of(root)
    found = algorithms_of(root, options(**said), scores_of(root, options(**said)), cuts)
    named = {path: find(root, path) for path in cuts}
    return {node.name: found[path] for path, node in named.items() if node is not None}


def test_a_product_inherits_from_the_one_that_it_is_an_argument_of() -> None:
    found = algorithms("(a = (b = A @ B) @ C) @ (c = D @ E)", algorithm="vmprod", matrices={"a": "dotprod"})
    assert found == {"b": "dotprod", "a": "dotprod", "c": "vmprod", "a @ c": "vmprod"}


def test_a_path_says_more_than_a_name_and_inherit_says_nothing() -> None:
    text = "(a = A @ B) @ C"
    assert algorithms(text, matrices={"a": "axpy", "left": "mvprod"})["a"] == "mvprod"
    assert algorithms(text, algorithm="axpy", matrices={"a": "inherit"})["a"] == "axpy"
    said = options(matrices={"a": "axpy"})
    nodes = [find(tree(text), path) for path in ("left", "right")]
    assert [own_algorithm(node, said) for node in nodes if node is not None] == ["axpy", "inherit"]


def test_it_is_handed_on_through_sums() -> None:
    assert algorithms("(a = A @ B + (b = C @ D)) @ E", algorithm="vvprod")["b"] == "vvprod"


def test_under_decode_an_argument_goes_so_that_it_comes_token_by_token() -> None:
    """Keys come as columns of their transpose, values row by row."""
    found = algorithms(HEAD, algorithm="vmprod", fuse="decode")
    assert found == {"q": "vmprod", "k": "mvprod", "attn": "vmprod", "v": "vmprod", "z": "vmprod"}
    assert algorithms(HEAD, algorithm="vmprod", fuse="chain")["k"] == "vmprod"
    assert algorithms(HEAD, algorithm="dotprod", fuse="decode")["k"] == "dotprod"


def test_the_scores_of_a_blockwise_product_go_with_it_and_their_arguments_as_if_with_its_consumer() -> None:
    found = algorithms(HEAD, algorithm="vmprod", matrices={"z": "blockwise"})
    assert found == {"q": "vmprod", "k": "vmprod", "attn": "none", "v": "vmprod", "z": "blockwise"}
    assert scores_of(tree(HEAD), options(matrices={"z": "blockwise"})) == {"": "left"}
    assert scores_of(tree(HEAD), options()) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "z = softmax(P) @ V",
            "animation.matrices.z: blockwise is for the product of attention weights and values, "
            "softmax(Q @ K.T) @ V or sdpa(Q @ K.T) @ V; z is none.",
        ),
        (
            "z = relu(Q @ K) @ V",
            "animation.matrices.z: blockwise is for the product of attention weights and values, "
            "softmax(Q @ K.T) @ V or sdpa(Q @ K.T) @ V; z is none.",
        ),
        (
            "z = (attn = softmax(Q @ K)) @ (attn @ V)",
            "animation.matrices.z: blockwise computes attn and z together; z uses it twice.",
        ),
    ],
)
def test_what_cannot_go_blockwise_is_refused(text: str, message: str) -> None:
    with pytest.raises(SceneError) as caught:
        scores_of(tree(text), options(matrices={"z": "blockwise"}))
    assert str(caught.value) == message


def test_the_blocks_of_queries_and_keys_are_those_of_the_partition() -> None:
    root = tree("z = softmax(Q @ K) @ V")
    cut = CutProduct((5, 7, 3), (2, 3, 1))
    tiles = tiles_of("", "left", root, {"": cut})
    assert (tiles.shape, tiles.size, tiles.causal) == ((5, 7), (3, 3), False)


@pytest.mark.parametrize(
    ("weights", "causal"),
    [
        ("softmax(tril(Q @ K))", True),
        ("sdpa(Q @ K)", True),
        ("softmax(scale(Q @ K))", False),
        ("softmax(tril(K.T @ Q.T).T)", False),  # masked above the diagonal of what is drawn turned
    ],
)
def test_blocks_are_left_out_under_a_mask_of_the_scores(weights: str, causal: bool) -> None:
    root = tree(f"{weights} @ V")
    assert tiles_of("", "left", root, cuts_of(root)).causal == causal


@pytest.mark.parametrize(
    ("cut", "message"),
    [
        (
            CutProduct((4, 4, 4), (2, 2, 2)),
            "animation: the root goes blockwise, over blocks of queries (i) and of keys (k), and its partition cuts "
            "the columns (j) into 2 as well; leave j whole.",
        ),
        (
            CutProduct((257, 256, 4), (257, 256, 1)),
            "animation: the root is cut into 257 x 256 blocks; at most 65,536 can go blockwise. Cut it into fewer.",
        ),
    ],
)
def test_what_cannot_be_cut_so_is_refused(cut: CutProduct, message: str) -> None:
    with pytest.raises(SceneError) as caught:
        tiles_of("", "left", tree("softmax(Q @ K) @ V"), {"": cut})
    assert str(caught.value) == message


def test_as_many_blocks_as_there_may_be_are_taken() -> None:
    cut = CutProduct((256, 256, 4), (256, 256, 1))
    assert tiles_of("", "left", tree("softmax(Q @ K) @ V"), {"": cut}).size == (1, 1)


def test_what_uses_the_scores_of_a_blockwise_product_again_waits_for_it() -> None:
    text = "(z = (attn = softmax(Q @ K)) @ V) + (attn @ W) @ U + relu(attn) @ T"
    root = tree(text)
    scores = scores_of(root, options(matrices={"z": "blockwise"}))
    moving = [path for path in cuts_of(root) if path not in scores.values()]
    waits = {path: by for path, by in after_scores(root, scores, moving).items() if by}
    assert waits == {"left.right.left": ("left.left",), "right": ("left.left",)}


def test_waiting_is_handed_on_through_what_takes_no_steps() -> None:
    root = tree("(z = (attn = softmax(Q @ K)) @ V) + (y = attn @ W) @ U + y @ T")
    scores = scores_of(root, options(matrices={"z": "blockwise"}))
    still = {"left.left.left", "left.right.left"}
    waits = after_scores(root, scores, [path for path in cuts_of(root) if path not in still])
    assert {path: by for path, by in waits.items() if by} == {
        "left.right": ("left.left",),
        "right": ("left.left",),
    }
