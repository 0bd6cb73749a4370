"""Whatever a config.json of a family says: it is computed as transformers computes it, or refused in one line."""

import re
from collections import Counter
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from mmviz.errors import SourceError
from mmviz.values.arithmetic.primitives import rms_norm
from mmviz.values.families.reading import read_model_config
from mmviz.values.families.registry import KINDS
from tests.examples import examples
from tests.values.kinds import everything
from tests.values.tiny_transformers import TOKENS, how_far, reference, tiny

SCALINGS = st.fixed_dictionaries(
    {},
    optional={
        "rope_type": st.sampled_from(
            ["default", "linear", "llama3", "yarn", "dynamic", "longrope", "proportional", None]
        ),
        "type": st.sampled_from(["linear", "llama3", "yarn", "dynamic", "longrope", "su"]),
        "rope_theta": st.sampled_from([300.0, 7, 1e6]),
        "factor": st.sampled_from([1.0, 4.0, 8, 3.3, 0.5, None]),
        "low_freq_factor": st.sampled_from([1.0, 2]),
        "high_freq_factor": st.sampled_from([4.0, 1.5, 1.0]),
        "original_max_position_embeddings": st.sampled_from([16, 40, 8192]),
        "partial_rotary_factor": st.sampled_from([1.0, 0.5]),
        "attention_factor": st.sampled_from([1.5, 2, None, 0]),
        "beta_fast": st.sampled_from([32, 2.0, 0.5, None, 0]),
        "beta_slow": st.sampled_from([1, 0.1, 4.0, None]),
        "mscale": st.sampled_from([1.0, 0.707, 0, None]),
        "mscale_all_dim": st.sampled_from([1, 0.5, None]),
        "truncate": st.sampled_from([True, False, None]),
        "short_factor": st.sampled_from([[1.0, 1.5], [2.0], [1.0, 2.0, 3.0]]),
        "long_factor": st.sampled_from([[4.0, 2], [3.0, 9.0, 0.5]]),
        "mrope_section": st.just([1, 1]),
    },
)
WHOLE = {
    "linear": {"rope_type": "linear", "factor": 4.0},
    "llama3": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0},
    "yarn": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 16},
    "dynamic": {"rope_type": "dynamic", "factor": 4.0},
    "proportional": {"rope_type": "proportional", "rope_theta": 300.0, "partial_rotary_factor": 0.5, "factor": 2.0},
    "longrope": {"rope_type": "longrope", "short_factor": [1.0, 1.5], "long_factor": [4.0, 9.0]},
}
ROPES: st.SearchStrategy[Any] = st.one_of(st.sampled_from([None, {}]), st.sampled_from(list(WHOLE.values())), SCALINGS)
LAYER_TYPES = st.lists(st.sampled_from(["full_attention", "sliding_attention"]), min_size=1, max_size=2)
FLAG = st.booleans()
ACTIVATION = st.sampled_from(["silu", "gelu", "gelu_new", "relu", "gelu_pytorch_tanh", "quick_gelu", "tanh"])
OF_ALL: dict[str, st.SearchStrategy[Any]] = {
    "is_causal": st.sampled_from([True, False, False, None]),
    "tie_word_embeddings": FLAG,
    "vocab_size": st.sampled_from([40, 64]),
    "initializer_range": st.just(0.1),
    "use_cache": FLAG,
    "torch_dtype": st.sampled_from(["float16", "float32"]),
    "pad_token_id": st.sampled_from([None, 0]),
    "architectures": st.sampled_from([None, ["X"], ["LlamaForCausalLM"], ["MistralForCausalLM"]]),
    "chunk_size_feed_forward": st.just(4),
    "per_layer_config": st.sampled_from([{}, {"0": {"intermediate_size": 12}}]),
    "logit_scale": st.sampled_from([0.5, 1]),
    "attn_logit_softcapping": st.sampled_from([None, 20.0]),
    "some_word": st.integers(0, 3),
    "use_qk_norm": FLAG,
    "residual_multiplier": st.sampled_from([1.0, 0.5]),
}
OF_LLAMAS: dict[str, st.SearchStrategy[Any]] = {
    "rope_scaling": ROPES,
    "rope_parameters": ROPES,
    "rope_theta": st.sampled_from([300.0, 7, 500000.0]),
    "original_max_position_embeddings": st.sampled_from([16, 40]),
    "partial_rotary_factor": st.sampled_from([1.0, 0.5]),
    "max_position_embeddings": st.sampled_from([8, 64, 128]),
    "num_key_value_heads": st.sampled_from([1, 2, 4, 3, None]),
    "head_dim": st.sampled_from([2, 6, 10, 5, None]),
    "hidden_act": ACTIVATION,
    "rms_norm_eps": st.sampled_from([1e-5, 0.1]),
    "attention_bias": FLAG,
    "mlp_bias": FLAG,
    "attention_dropout": st.just(0.1),
    "pretraining_tp": st.sampled_from([1, 2]),
    "sliding_window": st.sampled_from([None, 4, 4096]),
    "use_sliding_window": FLAG,
    "max_window_layers": st.sampled_from([0, 1, 28]),
    "layer_types": LAYER_TYPES,
    "num_hidden_layers": st.sampled_from([1, 2]),
}
OF_GEMMAS: dict[str, st.SearchStrategy[Any]] = {
    **OF_LLAMAS,
    "hidden_activation": ACTIVATION,
    "query_pre_attn_scalar": st.sampled_from([1, 7, 256]),
    "attn_logit_softcapping": st.sampled_from([None, 2.0, 50.0]),
    "final_logit_softcapping": st.sampled_from([None, 1.0, 30.0]),
    "sliding_window": st.sampled_from([1, 4, 4096]),
    "sliding_window_pattern": st.sampled_from([1, 2, 6]),
    "rope_local_base_freq": st.sampled_from([10.0, 10000.0]),
    "use_bidirectional_attention": st.sampled_from([False, None, True]),
    "layer_types": st.lists(st.sampled_from(["full_attention", "sliding_attention"]), min_size=2, max_size=2),
    "rope_parameters": ROPES
    | st.fixed_dictionaries({}, optional={"full_attention": ROPES, "sliding_attention": ROPES, "other": ROPES}),
}
OF_GPT_NEOX: dict[str, st.SearchStrategy[Any]] = {
    **{key: each for key, each in OF_LLAMAS.items() if key not in ("num_key_value_heads", "mlp_bias", "layer_types")},
    "rotary_pct": st.sampled_from([0.25, 0.5, 1.0, 0.75, 0.0, 1]),
    "rotary_emb_base": st.sampled_from([300, 10000.0]),
    "use_parallel_residual": FLAG,
    "layer_norm_eps": st.sampled_from([1e-5, 0.1]),
    "num_attention_heads": st.sampled_from([1, 2, 4, 3]),
    "hidden_dropout": st.just(0.1),
    "is_decoder": FLAG,
}
OF_GPT2: dict[str, st.SearchStrategy[Any]] = {
    "n_inner": st.sampled_from([None, 9]),
    "activation_function": ACTIVATION,
    "layer_norm_epsilon": st.sampled_from([1e-5, 0.1]),
    "scale_attn_weights": FLAG,
    "scale_attn_by_inverse_layer_idx": FLAG,
    "reorder_and_upcast_attn": FLAG,
    "add_cross_attention": FLAG,
    "n_ctx": st.sampled_from([8, 64]),
    "n_positions": st.sampled_from([8, 64]),
    "hidden_size": st.sampled_from([8, 16]),
    "num_attention_heads": st.sampled_from([2, 4, 3]),
    "num_hidden_layers": st.sampled_from([1, 2]),
    "max_position_embeddings": st.sampled_from([8, 32]),
    "head_dim": st.just(8),
    "rope_theta": st.just(100.0),
    "sliding_window": st.sampled_from([None, 4]),
    "summary_type": st.just("last"),
    "attn_pdrop": st.just(0.2),
}


OF_PHI: dict[str, st.SearchStrategy[Any]] = {
    **{key: each for key, each in OF_LLAMAS.items() if key not in ("mlp_bias", "layer_types")},
    "partial_rotary_factor": st.sampled_from([0.5, 1.0, 0.25, 0.0]),
    "qk_layernorm": FLAG,
    "layer_norm_eps": st.sampled_from([1e-5, 0.1]),
    "resid_pdrop": st.just(0.1),
}
OF_GPTJ: dict[str, st.SearchStrategy[Any]] = {**OF_GPT2, "rotary_dim": st.sampled_from([2, 4, 1, 3, 6, 64, 0])}
OF_KIND = {"gpt2": OF_GPT2, "gptj": OF_GPTJ, "gpt_neox": OF_GPT_NEOX, "phi": OF_PHI, **everything.RANDOM}
OF_KIND |= {kind: {**OF_LLAMAS, **keys} for kind, keys in everything.RANDOM_LLAMAS.items()}


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(KINDS)))
    known = {**OF_ALL, **(OF_GEMMAS if "gemma" in kind else OF_KIND.get(kind, OF_LLAMAS))}
    keys = draw(st.lists(st.sampled_from(sorted(known)), min_size=1, max_size=5, unique=True))
    return tiny(kind, **{key: draw(known[key]) for key in keys})


def outcome(config: dict[str, Any]) -> str:
    """Computed, refused, or not to be had of transformers either; fails where it is computed otherwise."""
    try:
        positions = read_model_config(config, "config.json").positions
        tokens = TOKENS[:positions]
        try:
            theirs, expected = reference(config, tokens)
        except Exception:  # noqa: BLE001  (whatever transformers raises of a model that it cannot make)
            return "none"
        off, where = how_far(config, tokens, theirs, expected)
    except SourceError as error:
        return "refused" if re.fullmatch(r".+\.", str(error)) else f"refused otherwise: {error}"
    assert off < 1e-5, (where, off)
    return "computed"


def try_many(options: settings) -> Counter[str]:
    """How often each outcome was met."""
    found: Counter[str] = Counter()

    @options
    @given(configs())
    def each(config: dict[str, Any]) -> None:
        found[outcome(config)] += 1

    each()
    assert set(found) <= {"computed", "refused", "none"}
    return found


ROUGH = tiny(
    "gemma3_text",
    num_key_value_heads=1,
    query_pre_attn_scalar=1,
    rope_local_base_freq=10.0,
    original_max_position_embeddings=16,
    hidden_activation="gelu_new",
)
"""Scores of hundreds: in float32 we and transformers differ by 2.5e-5 of the largest entry, and each as much from what
float64 gives."""


def test_rounding_that_grows_on_the_way_is_no_fault() -> None:
    assert outcome(ROUGH) == "computed"


@pytest.mark.parametrize("precision", ["wrong formula", "wrong precision"])
def test_a_fault_is_found_where_rounding_grows(precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(x: Tensor, *rest: Any) -> Tensor:
        right = rms_norm(x, *rest)
        if precision == "wrong formula":
            return right * (1 + 1e-4)
        return right if x.dtype == torch.float64 else right.half().float()

    monkeypatch.setattr("mmviz.values.model.around_layers.rms_norm", wrong)
    with pytest.raises(AssertionError):
        outcome(ROUGH)


@pytest.mark.slow
def test_random_configs_are_computed_as_transformers_does_or_refused_in_a_line() -> None:
    found = try_many(examples(40))
    assert found["computed"] > found.total() // 4
    assert found["refused"]


@pytest.mark.thousands
def test_hundreds_of_random_configs_are_computed_as_transformers_does_or_refused_in_a_line() -> None:
    found = try_many(settings(max_examples=500))
    assert found["computed"] > 100
    assert found["refused"] > 100
