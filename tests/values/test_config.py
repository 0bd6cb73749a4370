import re
from typing import Any

import pytest
from transformers import LlamaConfig as HuggingFaceConfig

from mmviz.errors import SourceError
from mmviz.values.config import LlamaConfig

SMALL: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 12,
    "intermediate_size": 40,
    "num_hidden_layers": 2,
    "num_attention_heads": 6,
    "vocab_size": 32,
}


def test_what_a_config_leaves_out_is_what_transformers_assumes() -> None:
    ours, theirs = LlamaConfig.from_json(SMALL, "config.json"), HuggingFaceConfig(**SMALL)
    assert (ours.kv_heads, ours.d_head, ours.group) == (theirs.num_key_value_heads, theirs.head_dim, 1)
    assert (ours.rms_norm_eps, ours.tied) == (theirs.rms_norm_eps, theirs.tie_word_embeddings)
    assert ours.rope_theta == 10000.0


@pytest.mark.parametrize(
    "rope",
    [
        {"rope_theta": 5e5},
        {"rope_theta": 500000, "rope_scaling": None},
        {"rope_theta": 5e5, "rope_scaling": {"type": "default"}},
        {"rope_parameters": {"rope_theta": 5e5, "rope_type": "default"}},
        {"rope_parameters": {"rope_theta": 5e5}, "rope_theta": 1.0},
    ],
)
def test_old_and_new_ways_to_write_the_rotary_base_are_read(rope: dict[str, Any]) -> None:
    assert LlamaConfig.from_json({**SMALL, **rope}, "config.json").rope_theta == 5e5


@pytest.mark.parametrize(
    ("change", "end"),
    [
        ({"model_type": "gpt2"}, ", model_type: 'gpt2' is not supported yet; 'llama' is needed."),
        ({"model_type": None}, ", model_type: None is not supported yet; 'llama' is needed."),
        ({"hidden_act": "gelu"}, ", hidden_act: 'gelu' is not supported yet; 'silu' is needed."),
        ({"attention_bias": True}, ", attention_bias: True is not supported yet; False is needed."),
        (
            {"quantization_config": {"bits": 4}},
            ", quantization_config: quantized weights are not supported yet; plain ones are needed.",
        ),
        (
            {"rope_scaling": {"rope_type": "llama3", "factor": 8.0}},
            ", rope_scaling: rotary scaling 'llama3' is not supported yet; 'default' is needed.",
        ),
        (
            {"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4}},
            ", rope_parameters: rotary scaling 'yarn' is not supported yet; 'default' is needed.",
        ),
        ({"rope_scaling": 2}, ", rope_scaling: is 2; an object or null is needed."),
        ({"rope_theta": 0}, ", rope_theta: is 0; a number above 0 is needed."),
        ({"rms_norm_eps": "x"}, ", rms_norm_eps: is 'x'; a number above 0 is needed."),
        ({"hidden_size": None}, ", hidden_size: is missing; a whole number from 1 up is needed."),
        ({"vocab_size": 3.5}, ", vocab_size: is 3.5; a whole number from 1 up is needed."),
        ({"num_hidden_layers": 0}, ", num_hidden_layers: is 0; a whole number from 1 up is needed."),
        ({"head_dim": 3}, ", head_dim: is 3; rotary positions need an even number."),
        (
            {"num_key_value_heads": 4},
            ": 6 heads do not share 4 key-value heads evenly; "
            "num_attention_heads must be a multiple of num_key_value_heads.",
        ),
    ],
)
def test_a_config_that_cannot_be_computed_is_refused(change: dict[str, Any], end: str) -> None:
    with pytest.raises(SourceError, match=f"^{re.escape('m/config.json' + end)}$"):
        LlamaConfig.from_json({**SMALL, **change}, "m/config.json")
