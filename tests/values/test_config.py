import re
from typing import Any

import pytest
import torch
from transformers import GPT2Config, LlamaForCausalLM
from transformers import LlamaConfig as HuggingFaceConfig
from transformers.activations import ACT2FN

from mmviz.errors import SourceError
from mmviz.values.arithmetic.functions import POINTWISE
from mmviz.values.families.architectures import kind_of
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.kind import ACTIVATIONS
from mmviz.values.families.names import parameters
from mmviz.values.families.reading import read_model_config
from mmviz.values.families.registry import KINDS
from mmviz.values.families.rope import Rope
from mmviz.values.families.sliding import beyond_the_first
from tests.values.variants import LLAMA3

SMALL: dict[str, Any] = {
    "model_type": "llama",
    "hidden_size": 12,
    "intermediate_size": 40,
    "num_hidden_layers": 2,
    "num_attention_heads": 6,
    "vocab_size": 32,
}


def test_what_a_config_leaves_out_is_what_transformers_assumes() -> None:
    ours, theirs = read_model_config(SMALL, "config.json"), HuggingFaceConfig(**SMALL)
    assert (ours.kv_heads, ours.d_head, ours.group) == (theirs.num_key_value_heads, theirs.head_dim, 1)
    assert (ours.norm_eps, ours.tied) == (theirs.rms_norm_eps, theirs.tie_word_embeddings)
    assert ours.rope == Rope(10000.0)
    assert ours.positions == theirs.max_position_embeddings
    assert ours.activation == theirs.hidden_act


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
    assert read_model_config({**SMALL, **rope}, "config.json").rope == Rope(5e5)


@pytest.mark.parametrize(
    ("change", "end"),
    [
        (
            {"model_type": "mamba"},
            ", model_type: 'mamba' is not supported: layers that keep a running state in the place of attention; mmviz "
            "models lists those that are.",
        ),
        (
            {"model_type": "x"},
            ", model_type: 'x' is not supported: it is none of the families that are known here; mmviz models lists "
            "those that are.",
        ),
        (
            {"model_type": None},
            ", model_type: is missing; one of those that mmviz models lists is needed.",
        ),
        (
            {"hidden_act": "quick_gelu"},
            ", hidden_act: 'quick_gelu' is not supported; one of silu, swish, relu, relu2, gelu, gelu_new, gelu_fast, "
            "gelu_pytorch_tanh is needed.",
        ),
        ({"attention_bias": 1}, ", attention_bias: is 1; true or false is needed."),
        (
            {"rope_scaling": {"rope_type": "llama3", "factor": 8.0}},
            ", rope_scaling, low_freq_factor: is missing; a number above 0 is needed.",
        ),
        (
            {"rope_scaling": {"type": "linear", "factor": 0}},
            ", rope_scaling, factor: is 0; a number above 0 is needed.",
        ),
        (
            {"rope_parameters": {"rope_type": "su", "rope_theta": 1e4}},
            ", rope_parameters, rope_type: rotary scaling 'su' is not supported; one of default, linear, "
            "llama3, yarn, dynamic, longrope, proportional, factors is needed.",
        ),
        (
            {"rope_parameters": {"rope_type": "yarn"}},
            ", rope_parameters, factor: is missing; a number above 0, or null, is needed.",
        ),
        (
            {"rope_parameters": {"rope_type": "yarn", "factor": 2.0, "rope_theta": 1}},
            ", rope_parameters, rope_theta: is 1; for yarn more than 1 is needed.",
        ),
        (
            {"rope_parameters": {"rope_type": "yarn", "factor": 2.0, "mscale": "x"}},
            ", rope_parameters, mscale: is 'x'; a number above 0 is needed.",
        ),
        (
            {"rope_parameters": {"rope_type": "longrope", "short_factor": [1.0]}},
            ", rope_parameters, long_factor: a list of numbers above 0 is needed.",
        ),
        (
            {"rope_parameters": {"rope_type": "longrope", "short_factor": [1.0], "long_factor": [1.0] * 3}},
            ", rope_parameters, long_factor: are 3 numbers; 1 are needed.",
        ),
        (
            {"rope_scaling": {"rope_type": "longrope"}, "original_max_position_embeddings": 1},
            ", rope_scaling, original_max_position_embeddings: is 1; more than 1 is needed.",
        ),
        (
            {"rope_scaling": {"rope_type": "dynamic", "factor": 2.0}, "head_dim": 2},
            ", rope_scaling, rope_type: is 'dynamic', where 2 numbers of a head turn; more of them are needed.",
        ),
        (
            {"rope_scaling": {**LLAMA3, "low_freq_factor": 5.0}},
            ", rope_scaling, high_freq_factor: is 4; low_freq_factor, 5, or more is needed.",
        ),
        ({"partial_rotary_factor": 0.5}, ", partial_rotary_factor: 0.5 is not supported; 1.0 is needed."),
        (
            {"rope_parameters": {"rope_theta": 1e4, "partial_rotary_factor": 0.5}},
            ", rope_parameters, partial_rotary_factor: 0.5 is not supported; 1.0 is needed.",
        ),
        (
            {"per_layer_config": {"0": {"head_dim": 4}}},
            ", per_layer_config: {'0': {'head_dim': 4}} is not supported; {} is needed.",
        ),
        (
            {"rope_parameters": {"full_attention": {"rope_theta": 1e4}}},
            ", rope_parameters, full_attention: is {'rope_theta': 10000.0}; one scaling for all layers is needed.",
        ),
        (
            {"layer_types": ["full_attention", "sliding_attention"]},
            ", layer_types: is ['full_attention', 'sliding_attention']; 2 times full_attention is needed.",
        ),
        (
            {"model_type": "qwen2", "num_key_value_heads": 6, "layer_types": ["sliding_attention"] * 2},
            ", layer_types: has sliding_attention, but there is no window; use_sliding_window is needed.",
        ),
        (
            {"attn_logit_softcapping": 50.0},
            ", attn_logit_softcapping: is 50.0; a model of type llama has no such key, and by its name it would change "
            "what is computed; a configuration without it is needed.",
        ),
        (
            {"rope_scaling": {"type": "linear", "factor": 2.0, "rope_alpha": [1] * 50}},
            f", rope_scaling, rope_alpha: is [{'1, ' * 26}1...; rotary scaling has no such key, and by its name it "
            "would change what is computed; a configuration without it is needed.",
        ),
        ({"hidden_size": 10}, ", hidden_size: is 10; a multiple of the 6 heads, or head_dim, is needed."),
        ({"hidden_size": True}, ", hidden_size: is True; a whole number from 1 up is needed."),
        ({"rope_scaling": 2}, ", rope_scaling: is 2; an object or null is needed."),
        ({"rope_theta": 0}, ", rope_theta: is 0; a number above 0 is needed."),
        ({"rms_norm_eps": "x"}, ", rms_norm_eps: is 'x'; a number above 0 is needed."),
        ({"rms_norm_eps": 1e999}, ", rms_norm_eps: is inf; a number above 0 is needed."),
        ({"rms_norm_eps": 10**400}, f", rms_norm_eps: is 1{'0' * 400}; a number above 0 is needed."),
        (
            {"rope_parameters": {"rope_type": "factors", "factors": [1.0, 2.0, 10**400]}},
            ", rope_parameters, factors: a list of numbers above 0 is needed.",
        ),
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
        read_model_config({**SMALL, **change}, "m/config.json")


@pytest.mark.parametrize("attention", [False, True])
@pytest.mark.parametrize("mlp", [False, True])
def test_a_llama_has_the_biases_that_transformers_gives_it(attention: bool, mlp: bool) -> None:
    config = {**SMALL, "attention_bias": attention, "mlp_bias": mlp}
    with torch.device("meta"):
        theirs = LlamaForCausalLM(HuggingFaceConfig(**config))
    assert parameters(read_model_config(config, "config.json")).keys() == theirs.state_dict().keys()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_the_function_that_transformers_means_by_its_name(name: str) -> None:
    x = torch.linspace(-6, 6, 241, dtype=torch.float64)
    found = POINTWISE[ACTIVATIONS[name]](x)
    assert (found - ACT2FN[name](x)).abs().max() < 1e-7  # the two GELUs are 5e-4 apart


GPT2: dict[str, Any] = {"model_type": "gpt2", "n_embd": 12, "n_layer": 2, "n_head": 3, "vocab_size": 32}


def test_what_a_gpt2_config_leaves_out_is_what_transformers_assumes() -> None:
    ours, theirs = read_model_config(GPT2, "config.json"), GPT2Config(**GPT2)
    assert (ours.norm_eps, ours.tied, ours.positions) == (
        *(theirs.layer_norm_epsilon, theirs.tie_word_embeddings),
        theirs.n_positions,
    )
    assert (ours.d_mlp, ours.kv_heads, ours.d_head, ours.activation) == (48, 3, 4, "gelu_tanh")
    assert (ours.rope, ours.score_factor(1)) == (None, 0.5)


def test_a_gpt2_config_may_call_its_positions_n_ctx() -> None:
    assert read_model_config({**GPT2, "n_ctx": 77}, "config.json").positions == 77
    assert read_model_config({**GPT2, "n_ctx": 77, "n_positions": 78}, "config.json").positions == 78


@pytest.mark.parametrize(
    ("change", "end"),
    [
        ({"n_embd": None}, ", n_embd: is missing; a whole number from 1 up is needed."),
        ({"n_head": None}, ", n_head: is missing; a whole number from 1 up is needed."),
        ({"n_embd": 13}, ", n_embd: is 13; a multiple of the 3 heads is needed."),
        ({"add_cross_attention": True}, ", add_cross_attention: True is not supported; False is needed."),
    ],
)
def test_a_gpt2_config_that_cannot_be_computed_is_refused(change: dict[str, Any], end: str) -> None:
    with pytest.raises(SourceError, match=f"^{re.escape('m/config.json' + end)}$"):
        read_model_config({**GPT2, **change}, "m/config.json")


GPT_NEOX = {**SMALL, "model_type": "gpt_neox", "rotary_pct": 1.0}  # heads of 2 numbers
SHARE = "of heads of 2 numbers; a share that is an even number of them is needed."


@pytest.mark.parametrize(
    ("change", "end"),
    [
        ({"hidden_size": 13}, ", hidden_size: is 13; a multiple of the 6 heads is needed."),
        ({"rotary_pct": 0.25}, f", rotary_pct: is 0.25, {SHARE}"),
        ({"rotary_pct": 2.0}, f", rotary_pct: is 2.0, {SHARE}"),
        ({"rotary_pct": None}, f", rotary_pct: is None, {SHARE}"),
        ({"rope_scaling": {"partial_rotary_factor": 0.5}}, f", rope_scaling, partial_rotary_factor: is 0.5, {SHARE}"),
        ({"head_dim": 2}, ", head_dim: 2 is not supported; None is needed."),
        ({"use_parallel_residual": None}, ", use_parallel_residual: is missing; true or false is needed."),
        (
            {"num_key_value_heads": 2},
            ", num_key_value_heads: is 2; a model of type gpt_neox has no such key, and by "
            "its name it would change what is computed; a configuration without it is needed.",
        ),
    ],
)
def test_a_gpt_neox_config_that_cannot_be_computed_is_refused(change: dict[str, Any], end: str) -> None:
    with pytest.raises(SourceError, match=f"^{re.escape('m/config.json' + end)}$"):
        read_model_config({**GPT_NEOX, **change}, "m/config.json")


@pytest.mark.parametrize("size", [3, 6])
def test_a_gptj_that_turns_no_even_part_of_its_heads_is_refused(size: int) -> None:
    message = f"config.json, rotary_dim: is {size}, of heads of 4 numbers; an even part is needed."
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        read_model_config({**GPT2, "n_embd": 12, "model_type": "gptj", "rotary_dim": size}, "config.json")


def test_a_phi_whose_heads_have_another_size_than_said_is_refused() -> None:
    with pytest.raises(SourceError, match=r"^config\.json, head_dim: 6 is not supported; None is needed\.$"):
        read_model_config({**SMALL, "model_type": "phi", "head_dim": 6}, "config.json")


def test_a_file_that_says_only_its_architecture_is_read() -> None:
    sizes = {"gpt2": GPT2, "qwen2": {**SMALL, "num_key_value_heads": 2}, "gpt_neox": GPT_NEOX}
    models = (("GPT2LMHeadModel", "gpt2"), ("Qwen2ForCausalLM", "qwen2"), ("GPTNeoXForCausalLM", "gpt_neox"))
    for architecture, kind in models:
        config = {**sizes[kind], "model_type": None, "architectures": [architecture]}
        assert read_model_config(config, "config.json").kind == kind
        assert kind_of(config, "config.json") is KINDS[kind]


def test_the_layers_that_look_back_a_window_only_are_those_of_the_configuration() -> None:
    def masks(**changes: Any) -> list[tuple[str, tuple[int, ...]]]:
        config = read_model_config({**SMALL, "num_hidden_layers": 3, "num_key_value_heads": 6, **changes}, "")
        found = [config.masking(layer) for layer in range(3)]
        return [("", ()) if one is None else (one.function, one.numbers) for one in found]

    full, slides = ("tril", ()), ("window", (100,))
    assert masks(model_type="mistral") == [("window", (4096,))] * 3
    assert masks(model_type="mistral", sliding_window=None) == [full] * 3
    assert masks(model_type="mistral", sliding_window=100, is_causal=False) == [("local", (100,))] * 3
    assert masks(model_type="llama", sliding_window=100) == [full] * 3
    assert masks(model_type="llama", is_causal=False) == [("", ())] * 3
    sliding = {"model_type": "qwen2", "use_sliding_window": True}
    assert masks(model_type="qwen2", sliding_window=100, max_window_layers=0) == [full] * 3
    assert masks(**sliding, sliding_window=100) == [full] * 3  # of the first 28 layers none looks back a window only
    assert masks(**sliding, sliding_window=100, max_window_layers=1) == [full, slides, slides]
    assert masks(**sliding, max_window_layers=0) == [("window", (4096,))] * 3
    assert masks(**sliding, sliding_window=None, max_window_layers=0) == [full] * 3
    types = ["sliding_attention", "full_attention", "sliding_attention"]
    assert masks(**sliding, sliding_window=100, layer_types=types) == [slides, full, slides]
    assert masks(**sliding, sliding_window=100, max_window_layers=0, layer_types=["full_attention"] * 3) == [full] * 3


def test_a_type_of_layer_that_is_not_known_is_refused() -> None:
    keys = Keys({"layer_types": ["full_attention", "chunked_attention"]}, "config.json", KINDS["qwen3"].keys)
    with pytest.raises(SourceError) as caught:
        beyond_the_first(keys, 2)
    assert str(caught.value) == (
        "config.json, layer_types: is ['full_attention', 'chunked_attention']; 2 times full_attention or "
        "sliding_attention is needed."
    )


def test_a_window_shortens_no_prompt() -> None:
    config = read_model_config({**SMALL, "num_key_value_heads": 6, "model_type": "mistral", "sliding_window": 4}, "")
    assert config.positions == 131072


@pytest.mark.parametrize("value", [0, False, "", [], {}])
def test_an_activation_that_is_no_name_is_refused(value: object) -> None:
    with pytest.raises(SourceError, match=r"activation_function: .* is not supported; one of silu, "):
        read_model_config({**GPT2, "activation_function": value}, "config.json")
