"""What the configurations of GPT-Neo and its contemporaries come to, and what of them is refused, word by word."""

from typing import Any

import pytest

from mmviz.errors import SourceError
from mmviz.values.families.reading import read_model_config
from mmviz.values.families.registry import names_of
from tests.values.tiny_transformers import tiny


@pytest.mark.parametrize(
    ("said", "local"),
    [
        ({"attention_types": [[["global", "local"], 1]]}, {1}),
        ({"attention_types": [[["local"], 1], [["global"], 1]]}, {0}),
        ({"attention_types": [[["global"], 2]], "attention_layers": ["local", "local"]}, {0, 1}),
        ({"attention_types": None, "num_layers": 24}, set(range(1, 24, 2))),
    ],
)
def test_the_layers_of_a_gpt_neo_that_are_local_look_back_a_window(said: dict[str, Any], local: set[int]) -> None:
    config = read_model_config(tiny("gpt_neo", **said), "config.json")
    assert config.sliding == local
    assert config.window == 4


@pytest.mark.parametrize(
    ("kind", "said", "end"),
    [
        ("gpt_neo", {"attention_types": [[["global"], 3]]}, "attention_types: tells of 3 layers; 2 are needed."),
        ("gpt_neo", {"attention_layers": None}, "attention_layers: is null; 2 times global or local is needed."),
        (
            "gpt_neo",
            {"attention_types": [["global", 2]]},
            "attention_types: is [['global', 2]]; a list such as [[['global', 'local'], 12]] is needed.",
        ),
        ("arcee", {"layer_types": ["full_attention"] * 3}, "layer_types: tells of 3 layers; 2 are needed."),
        ("t5", {"is_decoder": True}, "is_decoder: True is not supported; False is needed."),
        ("gpt_neo", {"window_size": 0}, "window_size: is 0; a whole number from 1 up is needed."),
        ("opt", {"word_embed_proj_dim": 0}, "word_embed_proj_dim: is 0; a whole number from 1 up is needed."),
        ("opt", {"enable_bias": None}, "enable_bias: is missing; true or false is needed."),
        (
            "llama",
            {"rope_parameters": {"rope_type": "proportional", "partial_rotary_factor": 0.2}},
            "rope_parameters, partial_rotary_factor: is 0.2, of 2 pairs of numbers; a share that is one of them or "
            "more is needed.",
        ),
        (
            "phi",
            {"rope_parameters": {"rope_type": "proportional"}},
            "rope_parameters, rope_type: 'proportional' is not supported where only a part of each head is rotated.",
        ),
        ("bloom", {"n_inner": 9}, "n_inner: 9 is not supported; None is needed."),
        ("mpt", {"attn_config": {"qk_ln": True}}, "attn_config, qk_ln: True is not supported; False is needed."),
        ("mpt", {"attn_config": [1]}, "attn_config: is [1]; an object or null is needed."),
        (
            "mpt",
            {"attn_config": {"rope": True}},
            "attn_config, rope: is True; an attn_config has no such key, and by its name it would change what is "
            "computed; a configuration without it is needed.",
        ),
        (
            "falcon",
            {"alibi": True},
            "alibi: True is not supported: transformers 5 adds its bias to the scores twice (eager attention) or once "
            "(sdpa); False is needed.",
        ),
        (
            "falcon",
            {"new_decoder_architecture": True, "num_kv_heads": 3},
            "num_kv_heads: is 3, and num_attention_heads is 4; a divisor of it is needed.",
        ),
        (
            "falcon",
            {"multi_query": False, "num_kv_heads": 2},
            "num_kv_heads: is 2, and num_attention_heads is 4; as many is needed.",
        ),
        (
            "falcon",
            {"new_decoder_architecture": True, "parallel_attn": False},
            "parallel_attn: is false; with new_decoder_architecture true is needed.",
        ),
        (
            "falcon",
            {"num_ln_in_parallel_attn": 2},
            "num_ln_in_parallel_attn: is 2; 1, or new_decoder_architecture, is needed.",
        ),
    ],
)
def test_what_cannot_be_computed_is_refused(kind: str, said: dict[str, Any], end: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_model_config(tiny(kind, **said), "config.json")
    assert str(caught.value) == f"config.json, {end}"


@pytest.mark.parametrize(
    ("said", "kv_heads", "shared_norm", "parallel"),
    [
        ({}, 1, True, True),
        ({"multi_query": False, "parallel_attn": False}, 4, False, False),
        ({"new_decoder_architecture": True, "num_kv_heads": 2}, 2, False, True),
        ({"new_decoder_architecture": True, "num_ln_in_parallel_attn": 1}, 4, True, True),
    ],
)
def test_a_falcons_layers_are_of_its_architecture(
    said: dict[str, Any], kv_heads: int, shared_norm: bool, parallel: bool
) -> None:
    config = read_model_config(tiny("falcon", **said), "config.json")
    assert (config.kv_heads, config.shared_norm, config.parallel) == (kv_heads, shared_norm, parallel)
    assert read_model_config(tiny("falcon", n_embed=32, **said), "config.json").d_model == 32


def test_the_norms_of_a_falcon_are_called_otherwise_by_architecture() -> None:
    def first_norm(**said: Any) -> str:
        return names_of(read_model_config(tiny("falcon", **said), "config.json")).layer_weights["ln1.w"].parameter

    assert first_norm() == "input_layernorm.weight"
    assert first_norm(new_decoder_architecture=True) == "ln_attn.weight"


@pytest.mark.parametrize(
    ("said", "width", "before", "final"),
    [
        ({}, 16, True, True),
        ({"word_embed_proj_dim": 8}, 8, True, True),
        ({"do_layer_norm_before": False}, 16, False, False),
        ({"_remove_final_layer_norm": True}, 16, True, False),
    ],
)
def test_an_opt_has_its_norms_and_its_embedding_as_its_configuration_says(
    said: dict[str, Any], width: int, before: bool, final: bool
) -> None:
    config = read_model_config(tiny("opt", **said), "config.json")
    assert (config.norm_inputs, config.norm_sums, config.final_norm) == (before, not before, final)
    assert config.sizes()["d_embed"] == width
    assert config.sizes()["position_rows"] == 64 + 2
