"""The scenes of the article "Inside the Matrix" compute what its figures compute, and what they say of it is true."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from torch import tensor
from torch.nn.functional import gelu

from mmviz.pipeline import Scene
from mmviz.scene.gallery import SECTIONS
from mmviz.scene.language.tree import Node, ProductNode, root_of, walk
from tests.gallery.computed import STILL, computation, figures
from tests.gallery.loaded import scene

Matrix = NDArray[np.float64]

HERE = Path(__file__).parent
FIGURES = figures((HERE / "figures.json").read_text("utf-8"))
"""Of each linked figure: what its link computes, by the name of our scene."""
LINKS = (HERE.parent / "mm" / "links.txt").read_text("utf-8").split()
WORDS = ("pitch", "animations", "expressions", "head", "parallel", "sizes", "rank")
ANOTHER_MODEL = {"first_token": "the first vector stands out behind layer 1, and not yet in what its heads read"}
"""Figures of GPT-2 that the shipped model shows elsewhere."""
SDPA = ["scale", "tril", "softmax"]
PLAIN = [name for name, figure in FIGURES.items() if not figure["functions"]]

every_figure = pytest.mark.parametrize("name", FIGURES)


def matrices(name: str) -> dict[str, Matrix]:
    """The matrices of a scene by their names."""
    one = scene(name)
    return {node.name: one.values()[node.path].astype(np.float64) for node in walk(one.root)}


def test_there_is_a_scene_for_each_of_the_41_figures() -> None:
    assert [name for section in SECTIONS if section.word in WORDS for name in section.scenes] == list(FIGURES)
    assert len(FIGURES) == 41


@pytest.mark.parametrize("number", range(len(LINKS)))
def test_figures_are_what_their_links_say(number: int) -> None:
    assert computation(Scene.from_mm(LINKS[number], missing="gaussian").document) in FIGURES.values()


@every_figure
def test_it_computes_what_the_figure_computes(name: str) -> None:
    figure, own = FIGURES[name], computation(scene(name).document)
    if name in ANOTHER_MODEL:
        assert own["products"] in figure["products"]
        return
    assert own["products"] == figure["products"]
    masked = [one for one in SDPA if one != "tril" or figure["shapes"][0][0] > 1]  # one query sees all that is before
    there = [word for function in figure["functions"] for word in (masked if function == "sdpa" else [function])]
    assert own["functions"] == there
    assert own["cuts"] == figure["cuts"]
    if scene(name).document.model is None:
        (factor,) = {
            theirs / ours
            for their, our in zip(figure["shapes"], own["shapes"], strict=True)
            for theirs, ours in zip(their, our, strict=True)
            if theirs > 1
        }
        assert factor in (1, 4), "as large, or a quarter of it"


@every_figure
def test_it_moves_as_the_figure_moves(name: str) -> None:
    figure, own = FIGURES[name], computation(scene(name).document)
    if figure["algorithm"] != STILL:
        assert (own["algorithm"], own["still"]) == (figure["algorithm"], figure["still"])


@pytest.mark.parametrize("name", PLAIN)
def test_plain_products_are_those_of_numpy(name: str) -> None:
    one = scene(name)
    values = one.values()

    def product(node: Node) -> Matrix:
        if isinstance(node, ProductNode):
            return product(node.left) @ product(node.right)
        return values[node.path].astype(np.float64)

    expected = product(root_of(one.root))
    np.testing.assert_allclose(values[""], expected, rtol=0, atol=1e-5 * np.abs(expected).max())


def test_the_identity_hands_every_row_on_and_dot_products_are_24_or_minus_24() -> None:
    mirror = matrices("identity_mirror")
    np.testing.assert_array_equal(mirror["I @ R"], mirror["R"])
    assert set(np.unique(matrices("dot")["L @ R"])) == {-24.0, 24.0}


@pytest.mark.parametrize(("name", "rank"), [("rank_builds_up", 24), ("low_rank", 4)])
def test_outer_products_add_one_rank_each_until_the_product_is_reached(name: str, rank: int) -> None:
    there = matrices(name)
    left, right, result = there["L"], there["R"], there["L @ R"]
    so_far = np.zeros_like(result)
    for k in range(rank):
        so_far += np.outer(left[:, k], right[k])
        assert np.linalg.matrix_rank(so_far) == k + 1
    np.testing.assert_allclose(so_far, result, atol=1e-5)


def test_a_network_turned_over_is_the_same_network() -> None:
    there = matrices("right_associative")
    turned = there["C"].T @ there["B"].T @ there["A"].T
    np.testing.assert_allclose(there["A @ (B @ C)"], turned.T, rtol=1e-5, atol=1e-4)


# What is computed in blocks is what is computed at once.


def blocks(length: int, count: int) -> list[slice]:
    size = -(-length // count)
    return [slice(begin, min(begin + size, length)) for begin in range(0, length, size)]


def test_rows_in_8_parts_need_the_whole_weights_and_nothing_of_each_other() -> None:
    there = matrices("data_parallel")
    parts = [there["A"][rows] @ there["B"] @ there["C"] @ there["D"] @ there["E"] for rows in blocks(64, 8)]
    np.testing.assert_allclose(np.concatenate(parts), there["out"], rtol=1e-5, atol=1e-3)


def test_8_partial_results_of_k_add_up_to_the_product() -> None:
    there = matrices("partition_ijk")
    parts = [(there["A"] @ there["B"][:, k]) @ (there["C"][k] @ there["D"]) for k in blocks(64, 8)]
    np.testing.assert_allclose(sum(parts), there["out"], atol=1e-5 * np.abs(there["out"]).max())


@pytest.mark.parametrize("name", ["queries_in_blocks", "attention_in_tiles", "layer_in_tiles", "layer_cut_every_way"])
def test_attention_in_blocks_of_queries_and_keys_with_running_sums_is_attention(name: str) -> None:
    there = matrices(name)
    queries, keys, values = there["Q"], there["K.T"].T, there["V"]
    count, width = queries.shape
    key_blocks = 1 if name == "queries_in_blocks" else 8
    for rows in blocks(count, 8):
        most = np.full((rows.stop - rows.start, 1), -np.inf)
        total, mixed = np.zeros_like(most), np.zeros((len(most), values.shape[1]))
        for tile in blocks(count, key_blocks):
            seen = np.arange(tile.start, tile.stop) <= np.arange(rows.start, rows.stop)[:, None]
            if not seen.any():
                continue
            scores = np.where(seen, queries[rows] @ keys[tile].T / np.sqrt(width), -np.inf)
            higher = np.maximum(most, scores.max(1, keepdims=True))
            weights, shrunk = np.exp(scores - higher), np.exp(most - higher)
            total = total * shrunk + weights.sum(1, keepdims=True)
            mixed, most = mixed * shrunk + weights @ values[tile], higher
        np.testing.assert_allclose(mixed / total, there["z"][rows], atol=1e-5 * np.abs(there["z"]).max())


@pytest.mark.parametrize("name", ["ffn_in_slices", "layer_cut_every_way"])
def test_slices_of_both_weights_give_partial_results_that_add_up(name: str) -> None:
    there = matrices(name)
    parts = [gelu(tensor(there["attn_out"] @ there["FFN_1"][:, k])).numpy() @ there["FFN_2"][k] for k in blocks(192, 8)]
    whole: Matrix = np.sum(parts, axis=0)
    normed = (whole - whole.mean(1, keepdims=True)) / np.sqrt(whole.var(1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(normed, there["layer_out"], atol=1e-4)


# What is said of sizes.


def test_what_is_counted_is_right() -> None:
    layer = matrices("layer_sizes")
    attention = sum(layer[name].size for name in ("wQ", "wK.T", "wV", "wO"))
    assert layer["FFN_1"].size + layer["FFN_2"].size == 2 * attention
    one = matrices("layer_one_token")
    assert sum(one[name].size for name in ("wQ", "wO", "FFN_1", "FFN_2")) == 23_040
    assert {one[name].shape[0] for name in ("Q", "attn", "z", "attn_out", "hidden", "layer_out")} == {1}
    lora = matrices("lora_head")
    assert np.linalg.matrix_rank(lora["wQ"], rtol=1e-5) == 8
    assert 3 * (lora["wQ_A"].size + lora["wQ_B"].size) == lora["wQ"].size
    low = matrices("low_rank")
    assert (low["L"].size + low["R"].size, low["L @ R"].size) == (1024, 128 * 128)


# What is said of the heads of the shipped model.


def common(rows: Matrix) -> float:
    """Which share of some rows is their mean; without the first ones, which have few tokens behind them."""
    rows = rows[4:]
    return float(1 - rows.var(0).sum() / (rows**2).mean(0).sum())


def before(pattern: Matrix) -> Matrix:
    """What each token but the first gives to the one before it."""
    return np.diagonal(pattern, -1)


def likeness(a: Matrix, b: Matrix) -> float:
    return float(np.mean((a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)))


def test_the_head_looks_at_the_token_before_and_hands_its_values_on() -> None:
    there = matrices("head_whole")
    assert before(there["attn"]).mean() > 0.7
    assert (there["attn"].argmax(1)[1:] == np.arange(22)).sum() >= 20
    assert likeness(there["z"][1:], there["V"][:-1]) > 0.9
    assert likeness(there["z"][1:], there["V"][1:]) < 0.3


def test_few_channels_of_queries_and_keys_do_most() -> None:
    there = matrices("head_scores")
    for rows in (there["Q"], there["K.T"].T):
        singular = np.linalg.svd(rows, compute_uv=False) ** 2
        assert singular[:8].sum() / singular.sum() > 0.9
        assert (np.abs(rows.mean(0)) > 2 * rows.std(0)).sum() >= 8, "channels that hardly change along the text"


def test_the_other_head_swings_between_its_neighbours_and_the_full_stop() -> None:
    there, stop = matrices("near_or_far")["attn"], 12
    near = np.array([row[max(0, i - 2) : i + 1].sum() for i, row in enumerate(there)])
    assert near[:stop].min() > 0.7
    later = there[stop + 3 :, stop]
    assert later.max() > 0.8
    assert later.min() < 0.1
    turns = np.abs(np.diff(there[stop + 1 :, stop] > 0.5)).sum()
    assert turns >= 8, "from one word to the next"


def test_a_channel_of_the_input_is_large_for_every_token() -> None:
    size = np.abs(matrices("input_threads")["input"])
    assert size.mean(0).argmax() == 507
    assert 50 < size[:, 507].mean() / np.median(size.mean(0)) < 70
    assert size[:, 507].min() > 30 * np.median(size)


def test_the_first_vector_is_three_times_as_long_as_most_and_only_behind_layer_1() -> None:
    shown = scene("first_token")
    long = np.sqrt(np.diagonal(shown.values()[""]))
    assert long.argmax() == 0
    assert 2.5 < long[0] / np.median(long) < 3.5
    assert (long > 2 * np.median(long)).sum() == 2
    earlier = shown.changed(tensors={"x": {"activation": "blocks.0.hook_resid_post"}}).values()[""]
    assert np.sqrt(np.diagonal(earlier))[0] < 1.3 * np.sqrt(np.median(np.diagonal(earlier)))


def test_the_even_head_gives_all_tokens_nearly_the_same_of_values_that_differ() -> None:
    there = matrices("even_head")
    even = np.tril(np.ones((23, 23))) / np.arange(1, 24)[:, None]
    assert np.abs(there["attn"] - even).sum(1).mean() / 2 < 0.3
    assert common(there["V"]) < 0.1
    assert round(common(there["z"]), 1) == 0.7
    assert round(common(there["out"]), 1) == 0.8
    strong = np.linalg.norm(there["wO"], axis=0)
    assert (strong > 2 * np.median(strong)).sum() == 5


def test_a_single_query_gives_the_last_row_of_all() -> None:
    one, all_rows = matrices("decode_one_token"), matrices("head_whole")
    assert one["attn"].shape == (1, 23)
    for name in ("attn", "z", "out"):
        expected = all_rows[name][-1:]
        np.testing.assert_allclose(one[name], expected, atol=1e-5 * np.abs(expected).max())
