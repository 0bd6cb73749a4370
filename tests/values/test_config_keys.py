"""The tables of keys know every key of transformers' own classes, and let the configurations open that people have."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

import pytest
from transformers import CONFIG_MAPPING, GenerationConfig
from transformers.modeling_rope_utils import RopeParameters

from mmviz.errors import SourceError
from mmviz.values.families.keys import OF_A_RUN, OF_ROPE, SCALING, suspicious
from mmviz.values.families.reading import read_model_config
from mmviz.values.families.registry import KINDS
from tests.values.kinds import everything
from tests.values.tiny_transformers import tiny


def sizes(kind: str) -> dict[str, Any]:
    """Of a tiny model with heads of 16 numbers."""
    said = {key: value for key, value in tiny(kind).items() if key != "model_type"}
    return said | {key: 64 for key in ("hidden_size", "n_embd", "d_model", "embedding_size") if key in said}


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_knows_every_key_of_the_class_of_transformers_and_its_default(kind: str) -> None:
    theirs, table = CONFIG_MAPPING[kind], KINDS[kind].keys
    known = {field.name: field.default for field in fields(theirs)}
    assert set(known) - set(table) == set()
    followed = {key: table[key] for key in known if table[key].use != "harmless" and not table[key].needed}
    followed = {key: each for key, each in followed.items() if each.default not in (None, {})}  # of a class of keys
    assert {key: each.default for key, each in followed.items()} == {key: known[key] for key in followed}
    assert all(known[key] is not MISSING for key in followed)
    assert dict(KINDS[kind].other_names) == dict(theirs.attribute_map)


READ_BESIDE = {
    *("head_dim", "layer_types", "rotary_dim", "n_positions", "num_local_experts"),
    *("n_ctx", "seq_length", "attention_layers", "decoder_start_token_id", "scale_decoder_outputs"),
    *("rope_local_base_freq", "sliding_window_pattern", "rotary_emb_base", "rotary_pct"),
    *("global_attn_every_n_layers", "global_rope_theta", "local_rope_theta", "use_bidirectional_attention"),
}
"""What no class of transformers names, and it reads all the same, as the key of an old file, or where a model asks for
it; or what limits a prompt, or is refused."""


@pytest.mark.parametrize("kind", KINDS)
def test_no_key_is_followed_that_transformers_does_not_read(kind: str) -> None:
    theirs = CONFIG_MAPPING[kind]
    read = {field.name for field in fields(theirs)} | set(theirs.attribute_map) | set(OF_A_RUN) | set(OF_ROPE)
    table = KINDS[kind].keys
    assert {key for key, each in table.items() if each.use == "followed"} - read - READ_BESIDE == set()


def test_the_table_of_scaling_knows_every_key_of_transformers() -> None:
    assert set(get_type_hints(RopeParameters)) - set(SCALING) == set()
    assert OF_ROPE["rope_theta"].default == CONFIG_MAPPING["llama"].default_theta


def test_how_texts_are_sampled_is_no_part_of_a_model() -> None:
    for key, default in GenerationConfig._get_default_generation_params().items():
        known = KINDS["llama"].keys.get(key)
        assert known.use == "harmless" if known else not suspicious(key, default or 0.5), key


REAL: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "gpt2": (
        "gpt2",
        {
            "activation_function": "gelu_new",
            "architectures": ["GPT2LMHeadModel"],
            "attn_pdrop": 0.1,
            "bos_token_id": 50256,
            "embd_pdrop": 0.1,
            "eos_token_id": 50256,
            "initializer_range": 0.02,
            "layer_norm_epsilon": 1e-05,
            "n_ctx": 1024,
            "n_positions": 1024,
            "n_special": 0,
            "output_past": True,
            "predict_special_tokens": True,
            "resid_pdrop": 0.1,
            "summary_activation": None,
            "summary_first_dropout": 0.1,
            "summary_proj_to_labels": True,
            "summary_type": "cls_index",
            "summary_use_proj": True,
            "task_specific_params": {"text-generation": {"do_sample": True, "max_length": 50}},
        },
    ),
    "distilgpt2": (
        "gpt2",
        {
            "_num_labels": 1,
            "id2label": {"0": "LABEL_0"},
            "label2id": {"LABEL_0": 0},
            "architectures": ["GPT2LMHeadModel"],
            "n_ctx": 1024,
            "n_positions": 1024,
        },
    ),
    "gpt2 by layer": (
        "gpt2",
        {
            "n_inner": None,
            "reorder_and_upcast_attn": True,
            "scale_attn_by_inverse_layer_idx": True,
            "scale_attn_weights": True,
            "gradient_checkpointing": False,
            "use_cache": False,
            "transformers_version": "4.13.0",
        },
    ),
    "llama 1": (
        "llama",
        {
            "_name_or_path": "",
            "architectures": ["LlamaForCausalLM"],
            "hidden_act": "silu",
            "max_sequence_length": 2048,
            "pad_token_id": 0,
            "rms_norm_eps": 1e-06,
            "tie_word_embeddings": False,
            "torch_dtype": "float16",
            "transformers_version": "4.28.0.dev0",
            "use_cache": True,
        },
    ),
    "llama 2": (
        "llama",
        {
            "architectures": ["LlamaForCausalLM"],
            "max_position_embeddings": 4096,
            "pretraining_tp": 2,
            "rms_norm_eps": 1e-05,
            "rope_scaling": None,
            "attention_bias": False,
            "attention_dropout": 0.0,
        },
    ),
    "llama 3.1": (
        "llama",
        {
            "attention_bias": False,
            "bos_token_id": 128000,
            "eos_token_id": [128001, 128008, 128009],
            "head_dim": 16,
            "max_position_embeddings": 131072,
            "mlp_bias": False,
            "pretraining_tp": 1,
            "rope_scaling": {
                "factor": 32.0,
                "high_freq_factor": 4.0,
                "low_freq_factor": 1.0,
                "original_max_position_embeddings": 8192,
                "rope_type": "llama3",
            },
            "rope_theta": 500000.0,
            "unsloth_fixed": True,
        },
    ),
    "code llama for a longer context": (
        "llama",
        {"rope_scaling": {"factor": 4.0, "type": "linear"}, "rope_theta": 100000, "max_position_embeddings": 16384},
    ),
    "smollm": (
        "llama",
        {
            "is_llama_config": True,
            "rope_interleaved": False,
            "rope_theta": 100000,
            "transformers.js_config": {"dtype": "q4", "kv_cache_dtype": {"q4f16": "float16"}},
            "tie_word_embeddings": True,
        },
    ),
    "a qwen as llama": ("llama", {"max_window_layers": 28, "sliding_window": 4096, "use_sliding_window": False}),
    "mistral 0.1": (
        "mistral",
        {
            "architectures": ["MistralForCausalLM"],
            "hidden_act": "silu",
            "rms_norm_eps": 1e-05,
            "rope_theta": 10000.0,
            "sliding_window": 4096,
        },
    ),
    "mistral 0.3": ("mistral", {"attention_dropout": 0.0, "rope_theta": 1000000.0, "sliding_window": None}),
    "mistral nemo": ("mistral", {"head_dim": 128, "max_position_embeddings": 1024000, "sliding_window": None}),
    "qwen 2.5": (
        "qwen2",
        {
            "architectures": ["Qwen2ForCausalLM"],
            "attention_dropout": 0.0,
            "max_position_embeddings": 32768,
            "max_window_layers": 24,
            "rms_norm_eps": 1e-06,
            "rope_theta": 1000000.0,
            "sliding_window": 32768,
            "tie_word_embeddings": True,
            "use_cache": True,
            "use_mrope": False,
            "use_sliding_window": False,
        },
    ),
    "pythia": (
        "gpt_neox",
        {
            "architectures": ["GPTNeoXForCausalLM"],
            "bos_token_id": 0,
            "eos_token_id": 0,
            "hidden_act": "gelu",
            "initializer_range": 0.02,
            "layer_norm_eps": 1e-05,
            "max_position_embeddings": 2048,
            "rotary_emb_base": 10000,
            "rotary_pct": 0.25,
            "tie_word_embeddings": False,
            "torch_dtype": "float16",
            "transformers_version": "4.24.0",
            "use_cache": True,
            "use_parallel_residual": True,
        },
    ),
    "gpt-neox 20b": (
        "gpt_neox",
        {
            "attention_probs_dropout_prob": 0,
            "hidden_act": "gelu_fast",
            "hidden_dropout_prob": 0,
            "rotary_emb_base": 10000,
            "rotary_pct": 0.25,
            "use_parallel_residual": True,
        },
    ),
    "gpt-j 6b": (
        "gptj",
        {
            "activation_function": "gelu_new",
            "architectures": ["GPTJForCausalLM"],
            "attn_pdrop": 0.0,
            "gradient_checkpointing": False,
            "layer_norm_epsilon": 1e-05,
            "n_inner": None,
            "n_positions": 2048,
            "rotary": True,
            "scale_attn_weights": True,
            "summary_type": "cls_index",
            "summary_use_proj": True,
            "task_specific_params": {"text-generation": {"do_sample": True}},
            "tie_word_embeddings": False,
            "tokenizer_class": "GPT2Tokenizer",
        },
    ),
    "phi 2": (
        "phi",
        {
            "architectures": ["PhiForCausalLM"],
            "attention_dropout": 0.0,
            "embd_pdrop": 0.0,
            "hidden_act": "gelu_new",
            "layer_norm_eps": 1e-05,
            "max_position_embeddings": 2048,
            "partial_rotary_factor": 0.5,
            "qk_layernorm": False,
            "resid_pdrop": 0.1,
            "rope_scaling": None,
            "rope_theta": 10000.0,
            "tie_word_embeddings": False,
        },
    ),
    "gemma 2 9b": (
        "gemma2",
        {
            "architectures": ["Gemma2ForCausalLM"],
            "attn_logit_softcapping": 50.0,
            "cache_implementation": "hybrid",
            "final_logit_softcapping": 30.0,
            "hidden_act": "gelu_pytorch_tanh",
            "hidden_activation": "gelu_pytorch_tanh",
            "query_pre_attn_scalar": 256,
            "sliding_window": 4096,
            "sliding_window_size": 4096,
        },
    ),
    "qwen 2.5 1m": ("qwen2", {"dual_chunk_attention_config": {"chunk_size": 262144, "local_size": 8192}}),
    "tiny random gpt2": ("gpt2", {"hidden_act": "gelu", "intermediate_size": 37, "type_vocab_size": 16}),
    "tiny random gptj": ("gptj", {"hidden_act": "gelu", "intermediate_size": 37, "is_decoder": True}),
    "tiny random bloom": ("bloom", {"n_positions": 512, "is_decoder": True, "slow_but_exact": True}),
    "tiny random opt": ("opt", {"embed_dim": 16, "is_encoder_decoder": False}),
    "dolly": ("gpt_neox", {"attention_bias": True, "attention_dropout": 0.0, "classifier_dropout": 0.1}),
    "qwen 2 of transformers 5": (
        "qwen2",
        {
            "dtype": "bfloat16",
            "layer_types": ["full_attention", "full_attention"],
            "max_window_layers": 28,
            "rope_parameters": {"rope_theta": 1000000.0, "rope_type": "default"},
            "sliding_window": None,
            "use_sliding_window": False,
        },
    ),
    **everything.REAL,
}
"""What the config.json files of well-known models say beside their sizes."""


@pytest.mark.parametrize("name", REAL)
def test_the_configuration_of_a_well_known_model_opens(name: str) -> None:
    kind, said = REAL[name]
    config = read_model_config({"model_type": kind, **sizes(kind), **said}, "config.json")
    assert config.kind == kind


@pytest.mark.parametrize("kind", KINDS)
def test_what_transformers_saves_opens(kind: str) -> None:
    theirs = CONFIG_MAPPING[kind](**sizes(kind))
    for said in (theirs.to_dict(), theirs.to_diff_dict()):
        assert read_model_config({**said, "model_type": kind}, "config.json").kind == kind


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("attn_logit_softcapping", 50.0), ("final_logit_softcapping", 30.0), ("query_pre_attn_scalar", 256)),
        *(("attention_multiplier", 0.01), ("residual_multiplier", 0.2), ("embedding_multiplier", 12.0)),
        *(("logit_scale", 0.06), ("logits_scaling", 16.0), ("use_qk_norm", True), ("qk_layernorm", True)),
        *(("clip_qkv", 8.0), ("use_parallel_residual", True), ("rotary_pct", 0.25), ("rotary_emb_base", 500)),
        *(("num_experts", 8), ("num_local_experts", 8), ("no_rope_layers", [1, 0]), ("attention_chunk_size", 8)),
        *(("rope_local_base_freq", 1e4), ("sliding_window_pattern", 6), ("position_embedding_type", "alibi")),
        *(("use_logn_attn", True), ("use_dynamic_ntk", True), ("scale_emb", 12), ("scale_depth", 1.4)),
        *(("dim_model_base", 256), ("text_config", {"hidden_size": 8}), ("lm_head_bias", True), ("norm_type", "ln")),
        *(("new_decoder_architecture", True), ("learned_pos_emb", True), ("first_k_dense_replace", 1)),
    ],
)
def test_a_key_by_which_models_of_other_families_compute_otherwise_is_refused(key: str, value: Any) -> None:
    others = [kind for kind in KINDS if key not in KINDS[kind].keys]
    assert len(others) > 4
    for kind in others:
        with pytest.raises(SourceError) as caught:
            read_model_config({"model_type": kind, **sizes(kind), key: value}, "config.json")
        assert f"config.json, {key}: is {value!r}; a model of type {kind} has no such key" in str(caught.value)
        assert read_model_config({"model_type": kind, **sizes(kind), key: None}, "config.json").kind == kind
