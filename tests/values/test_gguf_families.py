"""What GGUF files of families beside Llama say, in Hugging Face's words."""

from collections.abc import Mapping
from typing import Any

import pytest

from mmviz.errors import SourceError
from mmviz.values.files.gguf_families import FIRST_WINDOW
from mmviz.values.files.gguf_model import read_config
from tests.values.gguf_headers import PATH, header

SIZES = {
    "block_count": 1,
    "embedding_length": 8,
    "feed_forward_length": 12,
    "attention.head_count": 1,
    "context_length": 64,
    "attention.layer_norm_rms_epsilon": 1e-5,
    "attention.layer_norm_epsilon": 1e-5,
}
FACTORS = {"rope_factors_short.weight": [1.0], "rope_factors_long.weight": [4.0]}


def of(
    architecture: str,
    *names: str,
    factors: Mapping[str, list[float]] | None = None,
    said: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a file of another architecture says."""
    of_logits = {"logit_scale": 0.5} if architecture in ("command-r", "cohere2") else {}
    keys = {
        f"{architecture}.{key}": value
        for key, value in {**SIZES, **of_logits, **(said or {})}.items()
        if value is not None
    }
    metadata = {"general.architecture": architecture, **keys}
    return read_config(header(metadata, *names), PATH, lambda name: (factors or {}).get(name, []))


@pytest.mark.parametrize(
    ("context", "layers", "said", "window"),
    [(64, 1, None, None), (4096, 32, None, FIRST_WINDOW), (4096, 32, 0, None), (4096, 32, 262144, 262144)],
)
def test_a_phi3_of_4096_tokens_that_says_no_window_has_that_of_the_first_files(
    context: int, layers: int, said: int | None, window: int | None
) -> None:
    last = f"blk.{layers - 1}.ffn_norm.weight"
    keys = {"context_length": context, "block_count": layers, "attention.sliding_window": said}
    assert of("phi3", last, said=keys)["sliding_window"] == window
    assert FIRST_WINDOW == 2047


def test_longrope_of_a_phi3_is_read_with_its_factor_of_attention() -> None:
    keys = {"rope.scaling.attn_factor": 1.25, "rope.scaling.original_context_length": 16, "rope.dimension_count": 2}
    said = of("phi3", factors=FACTORS, said=keys)
    assert said["original_max_position_embeddings"] == 16
    assert said["rope_parameters"] == {
        "rope_type": "longrope",
        "rope_theta": 10000.0,
        "short_factor": [1.0],
        "long_factor": [4.0],
        "attention_factor": 1.25,
        "partial_rotary_factor": 0.25,
    }


@pytest.mark.parametrize(("size", "d_head"), [(2, 2), (64, 128), (96, 128), (30, 44), (2, 49)])
def test_the_share_of_a_head_that_turns_is_that_of_the_file_whatever_its_size(size: int, d_head: int) -> None:
    said = of("glm4", said={"rope.dimension_count": size, "attention.key_length": d_head})
    assert int(d_head * said["rope_parameters"]["partial_rotary_factor"]) == size


@pytest.mark.parametrize(
    ("architecture", "factors", "said", "message"),
    [
        (
            "phi3",
            {"rope_factors_short.weight": [1.0]},
            {},
            "phi3.rope.scaling.type: needs rope_factors_short.weight and rope_factors_long.weight; only one of them is "
            "there.",
        ),
        ("phi3", FACTORS, {}, "phi3.rope.scaling.attn_factor: is missing; a number above 0 is needed."),
        (
            "phi3",
            {},
            {"rope.scaling.type": "yarn"},
            "phi3.rope.scaling.type: is 'yarn'; of a Phi 3, longrope or none without a factor is needed.",
        ),
        (
            "phi3",
            {},
            {"rope.scaling.attn_factor": 1.5},
            "phi3.rope.scaling.attn_factor: is 1.5; 1, or none, is needed.",
        ),
        ("command-r", {}, {"logit_scale": None}, "command-r.logit_scale: is missing; a number above 0 is needed."),
        (
            "cohere2",
            {},
            {"rope.freq_base_swa": 500.0, "attention.sliding_window": 4},
            "cohere2.rope.freq_base_swa: is 500; the same as rope.freq_base, 10000, is needed.",
        ),
        ("cohere2", {}, {}, "cohere2.attention.sliding_window: is missing; a whole number from 1 up is needed."),
        (
            "stablelm",
            {},
            {"use_parallel_residual": False},
            "stablelm.use_parallel_residual: is False, and the norms of layers say True; the same is needed.",
        ),
        (
            "glm4",
            {},
            {"rope.dimension_sections": [8, 8, 8, 0]},
            "glm4.rope.dimension_sections: is [8, 8, 8, 0]; by its name it would change what is computed, and it is "
            "not known here; a file without it is needed.",
        ),
    ],
)
def test_what_a_family_does_not_follow_is_refused(
    architecture: str, factors: Mapping[str, list[float]], said: dict[str, Any], message: str
) -> None:
    with pytest.raises(SourceError) as caught:
        of(architecture, factors=factors, said=said)
    assert str(caught.value) == f"m.gguf, {message}"


def test_norms_of_each_heads_queries_are_refused_of_a_stablelm() -> None:
    with pytest.raises(SourceError) as caught:
        of("stablelm", "blk.0.attn_q_norm.weight")
    assert str(caught.value) == (
        "m.gguf, stablelm.attn_q_norm: norms of queries and keys are not read from GGUF files; the model's safetensors "
        "are needed."
    )


def test_a_norm_with_a_bias_is_no_bias_of_attention() -> None:
    norms = ("blk.0.attn_norm.bias", "blk.0.ffn_norm.bias", "blk.0.ffn_norm.weight")
    assert not of("stablelm", *norms)["use_qkv_bias"]
    assert of("stablelm", *norms, "blk.0.attn_q.bias")["use_qkv_bias"]
    assert not of("starcoder2", *norms)["use_bias"]
    assert of("starcoder2", *norms, "blk.0.attn_output.bias")["use_bias"]
