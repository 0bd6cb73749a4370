"""What `mmviz inspect` prints of a model, from a report that is made up: each number and its words."""

from typing import Any

import pytest

from mmviz.reports.architecture_report import architecture_of
from mmviz.reports.architecture_text import architecture_rows
from mmviz.reports.model_text import FEW, model_text, weight_text
from mmviz.reports.number_words import binary, counted, metric
from mmviz.values.families.reading import read_model_config


def of_a_llama() -> dict[str, Any]:
    """What the report of a real configuration says, so that a key that comes anew has a value here, too."""
    said = {"model_type": "llama", "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 2}
    said |= {"num_attention_heads": 8, "vocab_size": 32000}
    return architecture_of(read_model_config(said, "config.json")) | {"said_to_be_tied": False}


ARCHITECTURE: dict[str, Any] = {
    **of_a_llama(),
    "model_type": "llama", "family": "Llama", "has": "rotary positions",
    "layers": 2, "d_model": 1024, "d_embed": None, "heads": 8, "kv_heads": 8,
    "heads_per_kv_head": 1, "d_head": 128, "d_mlp": 4096, "gated_mlp": True, "activation": "silu", "norm": "RMSNorm",
    "norm_eps": 1e-5, "norm_weighted": True, "norm_biased": False, "qk_norm": "", "alibi": None, "experts": None,
    "query_growth": 0.0, "query_span": 0.0, "norms_outputs_alone": False, "clip_qkv": 0.0,
    "rope": {"theta": 10000.0, "kind": "default", "factor": 1.0}, "longest_prompt": 2048,
    "vocabulary": 32000, "biases": {"qkv": False, "o": False, "mlp": False}, "tied": True, "said_to_be_tied": True,
    "unembeds": True, "scores_divided_by_root_d_head": True, "scores_divided_by_layer": False,
    "causal": True, "window": None, "parallel": False, "shared_norm": False,
    "layers_without_positions": [],
    "factors": {"embedding": 1.0, "scores": 128**-0.5, "residual": 1.0, "logits": 1.0},
    "sliding_rope": None, "norm_sums": False, "embedding_norm": False, "final_norm": True, "token_types": 0,
}  # fmt: skip
PARTS = {
    "embedding": 600, "positions": 0, "attention_q": 100, "attention_k": 100, "attention_v": 100, "attention_o": 50,
    "mlp": 40, "norms": 10, "unembedding": 0, "token_types": 0, "head": 0,
}  # fmt: skip
WORK = {"layers": 2_000_000_000, "unembedding": 1_500_000, "attention": 999_999, "total": 2_002_499_999}
REPORT: dict[str, Any] = {
    "model": "org/tiny",
    "architecture": ARCHITECTURE,
    "parameters": {
        "total": 1000, "active": 1000, "parts": PARTS,
        "a_layer": {"total": 200, "parts": {"attention_q": 50, "mlp": 20}},
    },
    "tensors": {
        "needed": 1234, "missing": [], "wrong_shape": [], "extra": [],
        "dtypes": {"BF16": {"tensors": 1, "bytes": 3 << 29}, "F32": {"tensors": 1233, "bytes": 1023}},
    },
    "layer_kinds": [{"name": "full attention", "layers": [0, 1]}],
    "operations": {
        "prefill": [{"tokens": 1024, **WORK}],
        "decode": [{"tokens": 1, "before": 1023, **WORK}],
    },
    "memory": {
        "inference_bytes": 1 << 30, "training_bytes": (1 << 30) - 1, "cache_bytes_a_token": 1 << 10,
        "cache": [{"tokens": 1, "bytes": 2}],
    },
    "quantized_by": None,
    "decoder": None, "parameters_of_both": None,
    "weight_bytes_read": 1234567,
}  # fmt: skip
TEXT = """\
org/tiny: llama, 2 layers, 1,000 parameters

Architecture
  model type       llama          Llama: rotary positions
  layers           2
  d_model          1,024          numbers that stand for a token
  query heads      8
  key-value heads  8
  d_head           128            numbers of a query, key or value
  d_mlp            4,096          numbers inside the MLP; gated, silu
  norm             RMSNorm        eps 1e-05
  positions        rotary         theta 10,000
  longest prompt   2,048 tokens
  vocabulary       32,000 tokens
  biases           none
  embedding        tied           the unembedding is the same matrix

Parameters
                number     share   in a layer
  embedding        600    60.0 %
  attention Q      100    10.0 %           50
  attention K      100    10.0 %
  attention V      100    10.0 %
  attention O       50     5.0 %
  MLP               40     4.0 %           20
  norms             10     1.0 %
  total          1,000   100.0 %          200

Tensors in the files
  all 1,234 parameters are there, in the shapes that the configuration asks for
  stored as BF16        1 tensor   1,610,612,736 bytes       1.5 GiB
  stored as F32    1,233 tensors           1,023 bytes   1,023 bytes

Operations of a forward pass (FLOPs; a multiply-add is 2)
                                layers   unembedding   attention   total
  prompt of 1,024 tokens         2.0 G         1.5 M     999,999   2.0 G
  one token more, after 1,023    2.0 G         1.5 M     999,999   2.0 G
  layers, unembedding: products with weights. attention: scores and weighted values, the whole square;
  the causal mask leaves about half of a prompt's. Logits are counted for every token.

Memory
  to infer            1.0 GiB      2 bytes a parameter, without the KV cache
  to train with Adam  1,024.0 MiB  16 bytes a parameter, without activations
  KV cache, a token   1.0 KiB      in 16-bit numbers
  KV cache, 1 token   2 bytes

bytes of weights read: 1,234,567"""


def lines(**changes: Any) -> list[str]:
    """Of a report with another architecture."""
    found = model_text({**REPORT, "architecture": {**ARCHITECTURE, **changes}}).splitlines()
    return found[3 : found.index("Parameters") - 1]


def tensors(**changes: Any) -> list[str]:
    found = model_text({**REPORT, "tensors": {**REPORT["tensors"], "dtypes": {}, **changes}}).splitlines()
    start = found.index("Tensors in the files")
    return found[start + 1 : found.index("", start)]


def test_a_whole_report_is_aligned_with_units() -> None:
    report = {**REPORT, "tensors": {**REPORT["tensors"]}}
    assert model_text(report) == TEXT


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"model_type": "mistral", "family": "Mistral"}, "model type mistral Mistral: rotary positions"),
        ({"heads_per_kv_head": 4, "kv_heads": 2}, "key-value heads 2 each is read by 4 query heads"),
        ({"gated_mlp": False, "activation": "gelu"}, "d_mlp 4,096 numbers inside the MLP; gelu"),
        ({"rope": None}, "positions learned"),
        ({"alibi": {"from_last": True}}, "positions ALiBi scores grow toward the last token, by a slope of each head, "
         "from 0 of the last"),
        ({"d_embed": 512}, "d_embed 512 numbers of a token's vector, before a linear map takes it to d_model"),
        ({"rope": {"theta": 5e5, "kind": "linear", "factor": 2.5}}, "positions rotary theta 500,000, wavelengths 2.5 "
         "times as long"),
        ({"rope": {"theta": 5e5, "kind": "llama3", "factor": 8}}, "positions rotary theta 500,000, long wavelengths 8 "
         "times as long (llama3)"),
        ({"rope": {"theta": 1e6, "kind": "yarn", "factor": 4, "gain": 1.13863}}, "positions rotary theta 1,000,000, "
         "long wavelengths 4 times as long (yarn); queries and keys times 1.139"),
        ({"rope": {"theta": 1e4, "kind": "dynamic", "factor": 2, "length": 4096.0}}, "positions rotary theta 10,000, "
         "wavelengths grow with prompts of more than 4,096 tokens (dynamic)"),
        ({"rope": {"theta": 1e4, "kind": "longrope", "length": 4096.0, "gain": 1.0}}, "positions rotary theta 10,000, "
         "wavelengths stretched pair by pair, others for more than 4,096 tokens (longrope)"),
        ({"rope": {"theta": 1e4, "kind": "proportional", "factor": 1.0, "share": 0.25}}, "positions rotary theta "
         "10,000, the first 0.25 of all pairs turn, 1 times as long (proportional)"),
        ({"rope": {"theta": 1e4, "kind": "linear", "factor": 4, "size": 16}},
         "rotated 16 numbers of each head, the first"),
        ({"rope": {"theta": 1e4, "kind": "longrope", "length": 4096.0, "gain": 1.19}},
         "rotated 1.19 times queries and keys; scores grow by its square"),
        ({"query_growth": 0.1, "query_span": 16384.0}, "queries growing times 1 + 0.1 * log(1 + "
         "floor(position / 16,384))"),
        ({"qk_norm": "whole"}, "queries and keys normalized of all heads together"),
        ({"norms_outputs_alone": True}, "norm RMSNorm eps 1e-05, of what attention and MLP give, not of what they "
         "read"),
        ({"clip_qkv": 8.0}, "queries, keys, values at most 8 what is larger is clipped"),
        ({"qk_norm": "each"}, "queries and keys normalized of each head by its own weights"),
        ({"norm": "LayerNorm"}, "norm LayerNorm eps 1e-05, without biases"),
        ({"norm": "LayerNorm", "norm_biased": True}, "norm LayerNorm eps 1e-05"),
        ({"norm": "LayerNorm", "norm_weighted": False}, "norm LayerNorm eps 1e-05, without weights"),
        ({"rope": {"theta": 1e4, "kind": "factors", "factor": 1}}, "positions rotary theta 10,000, wavelengths "
         "stretched pair by pair"),
        ({"sliding_rope": {"theta": 1e4, "kind": "default", "factor": 1}}, "positions rotary theta 10,000, in the "
         "layers that slide"),
        ({"rope": {"theta": 1e4, "kind": "default", "factor": 1, "size": 16}}, "positions rotary theta 10,000, the "
         "first 16 numbers of a head"),
        ({"parallel": True}, "attention and MLP side by side both read the same residual stream, each by a norm of its "
         "own"),
        ({"parallel": True, "shared_norm": True}, "attention and MLP side by side both read the same residual stream, "
         "by one norm"),
        ({"longest_prompt": 1}, "longest prompt 1 token"),
        ({"biases": {"qkv": True, "o": False, "mlp": True}}, "biases Q K V, MLP"),
        ({"biases": {"qkv": True, "o": True, "mlp": False}}, "biases Q K V, O"),
        ({"tied": False}, "embedding not tied though the configuration says so: the files have an unembedding of their "
         "own"),
        ({"tied": False, "said_to_be_tied": False}, "embedding not tied"),
        ({"tied": False, "said_to_be_tied": False, "unembeds": False}, "embedding not tied no unembedding: the model "
         "ends with its last norm"),
        ({"factors": {"embedding": 12.0, "scores": 0.1, "residual": 0.22, "logits": 0.0625}}, "residual stream times "
         "0.22 what attention and MLP give, before it is added"),
        ({"factors": {"embedding": 12.0, "scores": 0.1, "residual": 1.0, "logits": 1.0}}, "embedding times 12 before "
         "it enters the first layer"),
        ({"factors": {"embedding": 1.0, "scores": 0.0078125, "residual": 1.0, "logits": 1.0}}, "scores times 0.0078125 "
         "not divided by the root of d_head"),
        ({"factors": {"embedding": 1.0, "scores": 0.1, "residual": 1.0, "logits": 0.0625}}, "logits times 0.0625 "
         "before a softmax would make shares of them"),
        ({"tied": False, "said_to_be_tied": False, "unembeds": False, "final_norm": False}, "embedding not tied no "
         "unembedding: the model ends with its last layer"),
        ({"norm_sums": True}, "norm RMSNorm eps 1e-05, behind each sum"),
        ({"embedding_norm": True}, "embedding normalized before the first layer"),
        ({"scores_divided_by_root_d_head": False}, "scores not scaled by the root of d_head"),
        ({"causal": False}, "attention bidirectional every token looks at later ones, too"),
        ({"window": {"tokens": 4096, "layers": [0, 1]}}, "sliding window 4,096 tokens that all layers look back to, "
         "each token's own included"),
        ({"window": {"tokens": 9, "layers": [1]}, "causal": False}, "sliding window 9 tokens that 1 of 2 layers look "
         "to each side"),
        ({"scores_divided_by_layer": True}, "scores scaled divided by the layer's number, too, counted from 1"),
    ],
)  # fmt: skip
def test_what_is_special_about_a_model_is_said(changes: dict[str, Any], line: str) -> None:
    found = [" ".join(one.split()) for one in lines(**changes)]
    assert line in found
    assert line not in [" ".join(one.split()) for one in lines()]


def kind(name: str, layers: list[int], most: int) -> dict[str, Any]:
    return {
        "name": name, "layers": layers, "parameters": 70_000_000,
        "prefill": [{"tokens": 1, "operations": 5}, {"tokens": 4096, "operations": 2 * 10**12}],
        "decode": [{"before": 0, "operations": 5}, {"before": 4095, "operations": 3_000_000}],
        "cache": [{"tokens": 1, "bytes": 2}, {"tokens": 4096, "bytes": most << 20}],
    }  # fmt: skip


def test_kinds_of_layers_are_told_where_there_are_several_with_their_costs() -> None:
    kinds = [kind("window of 9 tokens", [0, 1, 3], 1), kind("full attention", [2], 64)]
    text = model_text({**REPORT, "layer_kinds": kinds})
    assert (
        """
Kinds of layers, and what one of each costs
                       layers   parameters   FLOPs of a prompt   of one token more   KV cache
  window of 9 tokens        3   70,000,000
    of 1 token                                               5                   5    2 bytes
    of 4,096 tokens                                      2.0 T               3.0 M    1.0 MiB
  full attention            1   70,000,000
    of 1 token                                               5                   5    2 bytes
    of 4,096 tokens                                      2.0 T               3.0 M   64.0 MiB
  window of 9 tokens: layers 0 to 1, 3
  full attention: layer 2

bytes of weights read: 1,234,567"""
        in text
    )
    both_ways = model_text({**REPORT, "architecture": {**ARCHITECTURE, "causal": False}, "layer_kinds": kinds})
    assert "3.0 M" not in both_ways, "no token is one more where all look at all"


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ([*range(40)], "layers 0 to 39"),
        ([*range(5, 60, 6)], "layers 5, 11, 17 and so on to 59"),
        ([*range(5, 30, 6)], "layers 5, 11, 17, 23, 29"),
    ],
)
def test_layers_of_a_kind_are_told_in_few_words(layers: list[int], told: str) -> None:
    text = model_text({**REPORT, "layer_kinds": [kind("full attention", layers, 1), kind("other", [1], 1)]})
    assert f"\n  full attention: {told}\n" in text


def test_parameters_that_are_not_as_they_must_be_are_named() -> None:
    assert tensors(missing=["a", "b"], wrong_shape=[{"name": "c", "stored": [2, 3], "needed": [4]}]) == [
        "  1,231 of 1,234 parameters are there, in the shapes that the configuration asks for",
        "  missing: a",
        "  missing: b",
        "  wrong shape: c is 2x3; 4 is needed",
    ]
    single = {"name": "c", "stored": [], "needed": [4, 1]}
    assert tensors(wrong_shape=[single])[1] == "  wrong shape: c is a single number; 4x1 is needed"


def test_of_many_the_first_are_listed_and_the_rest_is_counted() -> None:
    names = [f"w{number}" for number in range(FEW)]
    assert tensors(missing=names)[1:] == [f"  missing: {name}" for name in names]
    assert tensors(missing=[*names, *["x"] * 1000])[1:] == [
        *(f"  missing: {name}" for name in names),
        "  ... and 1,000 more; --json lists them all",
    ]


def test_tensors_that_differ_in_their_layer_alone_are_told_together() -> None:
    masks = [{"name": f"h.{layer}.attn.bias", "dtype": "F32", "meaning": "a mask", "bytes": 512} for layer in range(12)]
    other = {"name": "h.0.1", "dtype": "F32", "meaning": "a mask", "bytes": 2}
    assert tensors(extra=[masks[0], other, *masks[1:], {**masks[0], "dtype": "BF16"}])[1:] == [
        "  not read: h.*.attn.bias (12 tensors, F32, 6.0 KiB): a mask",
        "  not read: h.*.1 (F32, 2 bytes): a mask",
        "  not read: h.*.attn.bias (BF16, 512 bytes): a mask",
    ]


def test_a_model_whose_files_were_not_looked_at_says_why() -> None:
    report = {**REPORT, "tensors": None, "tensors_not_checked": "only the configuration was downloaded"}
    assert "  not checked: only the configuration was downloaded." in model_text(report).splitlines()


@pytest.mark.parametrize(
    ("total", "shown"),
    [
        (1, "1"),
        (999_999, "999,999"),
        (1_000_000, "1.0 M"),
        (134_515_008, "134.5 M"),
        (10**9, "1.0 B"),
        (10**12, "1.0 T"),
        (10**15, "1.0 P"),
        (1234 * 10**15, "1,234.0 P"),
    ],
)
def test_counts_of_parameters(total: int, shown: str) -> None:
    parameters = {**REPORT["parameters"], "total": total}
    assert model_text({**REPORT, "parameters": parameters}).startswith(
        f"org/tiny: llama, 2 layers, {shown} parameters\n"
    )


WEIGHT: dict[str, Any] = {
    "model": "org/tiny", "weight": "blocks.0.attn.W_Q", "head": 3, "shape": [576, 64], "axes": ["d_model", "d_head"],
    "nan": 0, "infinite": 0, "dtype": "BF16", "parameter": "model.q_proj.weight", "smallest": -1.0,
    "largest": 1234567.0, "mean": 0.1234567, "bytes_read": 73728, "bytes_stored": 1234567,
}  # fmt: skip


def test_a_weight_is_described() -> None:
    assert (
        weight_text(WEIGHT)
        == """\
org/tiny: blocks.0.attn.W_Q, head 3

  shape      576 x 64     d_model x d_head
  stored as  BF16         in model.q_proj.weight
  smallest   -1
  largest    1.23457e+06
  mean       0.123457
  NaN        0 of 36,864
  infinite   0 of 36,864

read 73,728 of 1,234,567 bytes"""
    )


def test_a_weight_that_is_computed_or_has_no_finite_numbers() -> None:
    found = weight_text(
        {**WEIGHT, "head": None, "shape": [1, 2], "axes": ["", "d_head"], "dtype": None, "parameter": None, "nan": 1,
         "infinite": 1, "smallest": None, "largest": None, "mean": None}
    )  # fmt: skip
    assert found.splitlines() == [
        "org/tiny: blocks.0.attn.W_Q",
        "",
        "  shape      1 x 2                    d_head",
        "  stored as  nothing: it is computed",
        "  smallest   none                     of its finite numbers",
        "  largest    none",
        "  mean       none",
        "  NaN        1 of 2",
        "  infinite   1 of 2",
        "",
        "read 73,728 of 1,234,567 bytes",
    ]


def test_of_attention_without_a_mask_nothing_is_left_out_and_no_token_comes_later() -> None:
    text = model_text({**REPORT, "architecture": {**ARCHITECTURE, "causal": False}})
    assert "  no mask leaves anything of it out. Logits are counted for every token." in text
    assert "one token more" not in text


def test_of_attention_both_ways_windows_leave_a_part() -> None:
    window = {"tokens": 9, "layers": [1]}
    text = model_text({**REPORT, "architecture": {**ARCHITECTURE, "causal": False, "window": window}})
    assert "  windows leave a part of it. Logits are counted for every token." in text


def test_where_nothing_can_be_kept_there_is_no_kv_cache() -> None:
    text = model_text({**REPORT, "memory": {**REPORT["memory"], "cache_bytes_a_token": 0}})
    assert "  KV cache            none         tokens look at later ones, so that nothing can be kept\n" in text
    assert text.count("KV cache, ") == 0


def test_numbers_are_said_with_their_units() -> None:
    assert (counted(1, "layer"), counted(1024, "token")) == ("1 layer", "1,024 tokens")
    assert (binary(1023), binary(1536), binary(3 << 29)) == ("1,023 bytes", "1.5 KiB", "1.5 GiB")
    assert (metric(999_999, "G"), metric(2_500_000, "G"), metric(10**9, "B")) == ("999,999", "2.5 M", "1.0 B")


def test_a_plain_model_is_told_in_few_lines() -> None:
    names = [name for name, _, _ in architecture_rows(ARCHITECTURE)]
    assert names[0] == "model type"
    assert len(names) == len(set(names)) < 16
