"""What the scenes of the course say is so: held against torch and transformers, or as a law."""

import functools
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import AutoTokenizer, BartForConditionalGeneration

from docs.making.causal_rank import D_HEAD, TOKENS, patterns
from mmviz.machine.shipped import find_asset
from mmviz.pipeline import Scene
from mmviz.scene.language.tree import find
from tests.gallery.loaded import scene

Array = NDArray[np.float32]
HEARD = "我有一只猫"
WRITTEN = "I have a cat"


def value(name: str, matrix: str) -> Array:
    """A matrix of a scene, whichever way round it stands there."""
    one = scene(name)
    if node := find(one.root, matrix):
        return one.values()[node.path]
    turned = find(one.root, f"{matrix}.T")
    assert turned is not None
    return one.values()[turned.path].T


@functools.cache
def translator() -> tuple[Any, Any]:
    """The model and the tokenizer that come with mmviz, as transformers reads them."""
    folder = find_asset("tiny-translator")
    model = BartForConditionalGeneration.from_pretrained(folder, attn_implementation="eager").eval()
    return model, AutoTokenizer.from_pretrained(folder)


@functools.cache
def translated(heard: str, written: str | None) -> Any:
    """What transformers computes of a sentence; with what is written of the other one, if anything."""
    model, words = translator()
    given = words(written or "", add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        return model(
            **words(heard, return_tensors="pt"),
            decoder_input_ids=torch.tensor([[2, 0, *given]]),
            output_attentions=True,
            output_hidden_states=True,
        )


def near(found: Array, expected: Any) -> bool:
    """To 1e-5 of the largest entry."""
    other = np.asarray(expected, np.float32)
    return found.shape == other.shape and float(np.abs(found - other).max()) <= 1e-5 * float(np.abs(other).max())


def test_the_shipped_translator_translates() -> None:
    model, words = translator()
    for heard, said in {
        HEARD: WRITTEN,
        "他喜欢一只小猫": "he likes a small cat",
        "我没有猫": "I do not have a cat",
        "她看见一只狗": "she sees a dog",
    }.items():
        made = model.generate(**words(heard, return_tensors="pt"), max_new_tokens=12, num_beams=1, do_sample=False)
        assert words.decode(made[0], skip_special_tokens=True) == said


def test_an_encoder_layer_is_that_of_transformers() -> None:
    expected = translated("他喜欢一只小猫", None)
    assert near(value("encoder_layer", "attn"), expected.encoder_attentions[0][0, 0])
    assert near(value("encoder_layer", "y"), expected.encoder_last_hidden_state[0])


def test_a_decoder_layer_is_that_of_transformers() -> None:
    expected = translated(HEARD, WRITTEN)
    assert near(value("decoder_layer", "attn"), expected.decoder_attentions[0][0, 0])
    assert near(value("decoder_layer", "cross"), expected.cross_attentions[0][0, 0])
    assert near(value("decoder_layer", "y"), expected.decoder_hidden_states[-1][0])


def test_cross_attention_is_that_of_torch() -> None:
    said = {
        name: torch.tensor(value("cross_attention", name)) for name in ("written", "source", "wQ", "wK", "wV", "wO")
    }
    model, _ = translator()
    own = model.model.decoder.layers[0].encoder_attn
    torch_own = torch.nn.MultiheadAttention(32, 1, batch_first=True)
    with torch.no_grad():
        torch_own.in_proj_weight.copy_(torch.cat([said[name].T for name in ("wQ", "wK", "wV")]))
        torch_own.in_proj_bias.copy_(torch.cat([own.q_proj.bias, own.k_proj.bias, own.v_proj.bias]))
        torch_own.out_proj.weight.copy_(said["wO"].T)
        torch_own.out_proj.bias.zero_()
        out, pattern = torch_own(said["written"][None], said["source"][None], said["source"][None])
    assert near(value("cross_attention", "attn"), pattern[0])
    assert near(value("cross_attention", "out"), out[0])


@pytest.mark.parametrize(("asking", "asked"), [("<s>", "我"), ("I", "有"), ("a", "猫")])
def test_the_word_written_last_looks_at_the_source_of_the_next_one(asking: str, asked: str) -> None:
    rows, columns = (["</s>", "<s>", *WRITTEN.split()], ["<s>", *HEARD, "</s>"])
    assert value("cross_attention", "attn")[rows.index(asking)].argmax() == columns.index(asked)


def test_minus_infinity_before_the_softmax_is_zero_after_it() -> None:
    pattern = value("causal_mask", "attn")
    mask = value("causal_mask", "mask")
    above = np.triu(np.ones_like(pattern, bool), 1)
    assert (mask[above] == -np.inf).all()
    assert (mask[~above] == 0).all()
    assert (pattern[above] == 0).all()
    assert (pattern[~above] > 0).all()
    assert near(pattern.sum(axis=1), np.ones(len(pattern)))


def test_padding_gets_nothing_and_every_row_adds_up_to_1() -> None:
    pattern = value("padding_mask", "attn")
    seen = np.tril(np.ones_like(pattern, bool)) & (np.arange(16) < 10)
    assert (np.nan_to_num(pattern)[~seen] == 0).all()
    assert near(np.nan_to_num(pattern).sum(axis=1), np.ones(16))


def test_an_attention_layer_has_as_many_parameters_as_transformers_counts() -> None:
    model, _ = translator()
    names = ("wQ", "wK", "wV", "wO")
    counted = sum(value("attention_parameters", name).size for name in names)
    assert counted == 4 * 32**2 == 4096
    own = model.model.encoder.layers[0].self_attn
    assert sum(one.numel() for one in own.parameters()) == counted + 4 * 32


def test_scores_after_rope_are_equal_along_every_diagonal() -> None:
    scores = value("rope_distance", "scores")
    for offset in range(-31, 32):
        assert np.ptp(np.diagonal(scores, offset)) < 1e-4 * scores.max()
    assert np.ptp(scores) > 0.8 * scores.max(), "and not all the same"


def test_keys_and_values_of_a_prompt_do_not_change_with_what_comes_after_it() -> None:
    one = scene("kv_cache")
    assert one.document.model is not None
    assert one.document.model.prompt is not None
    words = one.document.model.prompt.split()
    shorter = one.changed(model=one.document.model.model_copy(update={"prompt": " ".join(words[:8])}))
    for path, name in (("left.left.right", "K.T"), ("left.right", "V")):
        assert find(one.root, name) == find(one.root, path)
        first, found = shorter.values()[path], one.values()[path]
        assert near(found[:, :8] if name == "K.T" else found[:8], first)


def test_flops_are_the_volume_of_the_cubes() -> None:
    one: Scene = scene("flops_are_volume")
    volume = {path: int(np.prod(cube.shape)) for path, cube in one.layout().cubes.items()}
    assert volume == {"": 24 * 64 * 16, "left": 24 * 16 * 64}
    assert sum(volume.values()) * 2 == 2 * 24 * 2 * 16 * 64, "two FLOPs for each weight and each token"


def test_where_queries_are_keys_scores_mirror_each_other_and_the_highest_is_a_token_s_own() -> None:
    mirror, scores = value("why_q_and_k", "mirror"), value("why_q_and_k", "scores")
    assert near(mirror, mirror.T)
    assert (np.diag(mirror) > 0).all()
    assert np.diag(mirror).max() == mirror.max(), "|q_i . q_j| is at most |q_i| |q_j|"
    assert np.abs(scores - scores.T).mean() > np.abs(scores).mean(), "the other is nothing like a mirror"


def test_scores_of_64_numbers_have_variance_64_and_their_softmax_is_all_or_nothing() -> None:
    queries, keys = (value("why_scale", name).astype(np.float64) for name in "QK")
    raw = queries @ keys.T
    spread = 64 * queries.var() * keys.var()  # of sums of 64 products of independent numbers
    assert abs(spread - 64) < 0.1 * 64
    assert abs(raw.var() - spread) < 0.15 * spread
    assert abs((raw / 8).var() - 1) < 0.15
    sharp, soft = (value("why_scale", name).astype(np.float64) for name in ("sharp", "soft"))
    for found, scores in ((sharp, raw), (soft, raw / 8)):
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        np.testing.assert_allclose(found, powers / powers.sum(axis=1, keepdims=True), atol=1e-5)
    bits = [float(-(p * np.log2(np.maximum(p, 1e-30))).sum(axis=1).mean()) for p in (sharp, soft)]
    assert bits[0] < 0.5
    assert 3 < bits[1] < 4, "4 bits are 16 equal shares"
    assert sharp.max(axis=1).mean() > 0.9
    assert soft.max(axis=1).mean() < 0.4
    gradient = [float((p * (1 - p)).mean()) for p in (sharp, soft)]  # of each share by its own score
    assert gradient[1] > 5 * gradient[0]


def test_heads_edge_to_edge_give_what_their_sum_gives() -> None:
    name = "sum_of_heads_and_concat"
    heads, rows = ([value(name, f"{letter}{n}") for n in range(3)] for letter in "zw")
    joined, summed = value(name, "joined"), value(name, "summed")
    assert near(joined, np.concatenate(heads, axis=1).astype(np.float64) @ np.concatenate(rows, axis=0))
    assert near(joined, summed)


def test_heads_that_share_keys_score_as_heads_with_the_same_keys_each() -> None:
    names = [f"Q{head}" for head in range(4)]
    queries = [value("grouped_queries", name) for name in names]
    keys = [value("grouped_queries", f"K{head}") for head in range(4)]
    for root, sets in (("a", (0, 1, 2, 3)), ("b", (0, 0, 2, 2)), ("c", (0, 0, 0, 0))):
        expected = np.concatenate([q.astype(np.float64) @ keys[of].T for q, of in zip(queries, sets, strict=True)])
        assert near(value("grouped_queries", root), expected)


def test_training_takes_16_bytes_for_each_weight() -> None:
    model = torch.nn.Linear(24, 1, bias=False, dtype=torch.bfloat16)
    model(torch.ones(1, 24, dtype=torch.bfloat16)).sum().backward()
    copy = torch.nn.Parameter(model.weight.detach().float())
    copy.grad = torch.ones_like(copy)
    optimizer = torch.optim.Adam([copy])
    optimizer.step()
    assert model.weight.grad is not None
    state = optimizer.state[copy]
    kept = [model.weight, model.weight.grad, copy, state["exp_avg"], state["exp_avg_sq"]]
    for matrix, tensor in zip(("weights", "gradients", "copy", "momentum", "variance"), kept, strict=True):
        assert value("bytes_of_training", matrix).shape == (24, tensor.nbytes // 24)
    assert value("bytes_of_training", "training").shape == (24, 16)


def test_one_stack_sees_backwards_and_two_see_all_of_the_source() -> None:
    two, one = value("one_stack_or_two", "two"), value("one_stack_or_two", "one")
    sources = np.arange(12) < 7
    assert (two[:7, :7] > 0).all()
    assert (two[:7, 7:] == 0).all(), "no source token sees the target"
    assert (two[7:, :7] > 0).all(), "all of the target sees all of the source"
    assert (two[7:, 7:] == np.tril(two[7:, 7:])).all()
    assert near(two.sum(axis=1), np.where(sources, 1, 2)), "across and back are a softmax each"
    assert (one == np.tril(one)).all()
    assert near(one.sum(axis=1), np.ones(12))
    x, y, wq, wk = (value("one_stack_or_two", name).astype(np.float64) for name in ("x", "y", "wQ", "wK"))
    scores = np.exp((y @ wq) @ (x @ wk).T / np.sqrt(8))
    assert near(two[7:, :7], scores / scores.sum(axis=1, keepdims=True))


def test_a_causal_pattern_has_full_rank_and_one_without_a_mask_little() -> None:
    for root, pattern in patterns().items():
        assert near(value("causal_rank", root), pattern), f"python -m docs.making.causal_rank makes {root} anew"
        singular = np.linalg.svd(pattern, compute_uv=False)
        assert near(np.diag(value("causal_rank", "S1" if root == "every" else "S2")), singular)
    every, causal = (value("causal_rank", root).astype(np.float64) for root in ("every", "causal"))
    assert (np.diag(causal) > 0).all(), "so that its determinant, the product of them, is not 0"
    large = {
        name: int((values > 0.01 * values[0]).sum())
        for name, values in (("every", np.linalg.svd(every)[1]), ("causal", np.linalg.svd(causal)[1]))
    }
    assert large == {"every": 6, "causal": TOKENS}
    assert D_HEAD < 6 < TOKENS


def test_a_softmax_hardens_with_the_length_of_queries_unless_scores_are_divided_by_its_root() -> None:
    largest = {root: float(value("scale_by_size", root).max(axis=1).mean()) for root in "abcefg"}
    assert largest["a"] < largest["b"] < largest["c"]
    assert largest["c"] > 0.95
    assert max(largest[root] for root in "efg") < 0.5
    for root, size, divided in (("b", 64, 1), ("g", 1024, 32)):
        queries, keys = (value("scale_by_size", f"{name}{size}").astype(np.float64) for name in "QK")
        expected = torch.softmax(torch.tensor(queries @ keys.T / divided), dim=1)
        assert near(value("scale_by_size", root), expected)


def test_where_a_softmax_is_saturated_no_gradient_comes_through() -> None:
    for pattern, gradient in (("sharp", "faint"), ("soft", "clear")):
        scores = torch.tensor(value("why_scale", "Q").astype(np.float64) @ value("why_scale", "K").T)
        scores = scores / 8 if pattern == "soft" else scores
        jacobian = torch.func.vmap(torch.func.jacrev(lambda row: torch.softmax(row, 0)))(scores)  # (rows, keys, keys)
        own = torch.diagonal(jacobian, dim1=1, dim2=2)  # of every share by its own score
        assert float((torch.tensor(value("why_scale", gradient)) - own).abs().max()) < 1e-6
    assert value("why_scale", "clear").mean() > 3 * value("why_scale", "faint").mean()


def test_a_softmax_in_half_precision_overflows_where_that_of_float32_and_bfloat16_does_not() -> None:
    scores = value("half_precision", "Q") @ value("half_precision", "K").T
    with np.errstate(over="ignore", invalid="ignore"):
        powers = np.exp(scores.astype(np.float16).astype(np.float64)).astype(np.float16).astype(np.float64)
        expected = powers / powers.sum(axis=1, keepdims=True)
    half = value("half_precision", "half")
    assert (np.isnan(half) == np.isnan(expected)).all()
    assert np.isnan(half).any()
    assert near(np.nan_to_num(half), np.nan_to_num(expected))
    assert (np.isinf(powers) == (scores.astype(np.float16) > np.log(65520))).all()
    whole = torch.softmax(torch.tensor(scores.astype(np.float64)), dim=1)
    assert near(value("half_precision", "full"), whole)
    coarse = np.abs(value("half_precision", "brain") - whole.numpy()).max()
    assert 1e-3 < coarse < 0.05, "bfloat16 is coarse, but gets there"


def test_padding_changes_what_batchnorm_makes_of_every_token_and_nothing_of_layernorm() -> None:
    batch = torch.tensor(value("layernorm_batchnorm", "batch").astype(np.float64))
    assert near(value("layernorm_batchnorm", "layer"), torch.nn.functional.layer_norm(batch, (16,)))
    assert near(value("layernorm_batchnorm", "over"), torch.nn.functional.batch_norm(batch, None, None, training=True))
    tokens = (batch != 0).any(dim=1)
    assert [int(text.sum()) for text in tokens.reshape(3, 8)] == [8, 5, 2]
    without = torch.nn.functional.batch_norm(batch[tokens], None, None, training=True)
    assert float((without - torch.tensor(value("layernorm_batchnorm", "over"))[tokens]).abs().min(dim=1)[0].max()) > 0
    assert (value("layernorm_batchnorm", "layer")[~tokens.numpy()] == 0).all()
