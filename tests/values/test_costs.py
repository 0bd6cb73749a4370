"""Costs against totals that are publicly known, and against what torch counts while transformers computes."""

import inspect
import re
from collections.abc import Mapping
from math import prod
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from mmviz.values.arithmetic.masking import forbidden
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.costs import (
    active_parameters,
    cache_bytes,
    forward_operations,
    layer_parameters,
    memory_bytes,
    model_parameters,
)
from mmviz.values.families.names import parameters
from mmviz.values.families.reading import read_model_config
from tests.values.variants import EAGER, VARIANTS, auto_class, silently

LLAMAS = {  # d_model, d_mlp, layers, heads, kv_heads, vocabulary, tied
    "Llama 3.1 8B": ("llama", 4096, 14336, 32, 32, 8, 128256, False),
    "Llama 2 7B": ("llama", 4096, 11008, 32, 32, 32, 32000, False),
    "Mistral 7B": ("mistral", 4096, 14336, 32, 32, 8, 32000, False),
    "Qwen2 0.5B": ("qwen2", 896, 4864, 24, 14, 2, 151936, True),
    "SmolLM2 135M": ("llama", 576, 1536, 30, 9, 3, 49152, True),
}
KEYS = (
    "model_type",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "vocab_size",
    "tie_word_embeddings",
)
CONFIGS: Mapping[str, Mapping[str, Any]] = {
    "GPT-2 small": {"model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12, "vocab_size": 50257},
    "GPT-J 6B": {"model_type": "gptj", "n_embd": 4096, "n_layer": 28, "n_head": 16, "vocab_size": 50400},
    "Phi 2": {
        "model_type": "phi",
        "hidden_size": 2560,
        "intermediate_size": 10240,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "partial_rotary_factor": 0.4,
        "vocab_size": 51200,
    },
    "Pythia 70M": {
        "model_type": "gpt_neox",
        "hidden_size": 512,
        "intermediate_size": 2048,
        "num_hidden_layers": 6,
        "num_attention_heads": 8,
        "vocab_size": 50304,
    },
    "BERT base": {
        "model_type": "bert",
        "hidden_size": 768,
        "intermediate_size": 3072,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "vocab_size": 30522,
    },
    **{name: dict(zip(KEYS, values, strict=True)) for name, values in LLAMAS.items()},
}
TOTALS = {
    "GPT-2 small": 124_439_808,
    "Llama 3.1 8B": 8_030_261_248,
    "Llama 2 7B": 6_738_415_616,
    "Mistral 7B": 7_241_732_096,
    "Qwen2 0.5B": 494_032_768,
    "SmolLM2 135M": 134_515_008,
    "Pythia 70M": 70_426_624,
    "Phi 2": 2_779_683_840,
    "GPT-J 6B": 6_050_882_784,
    "BERT base": 109_514_298,
}


def known(name: str) -> ModelConfig:
    return read_model_config(CONFIGS[name], name)


def transformers_model(variant: str) -> Any:
    torch.manual_seed(0)
    return silently(auto_class(VARIANTS[variant]).from_config, VARIANTS[variant], **EAGER).eval()


def config_of(variant: str) -> ModelConfig:
    return read_model_config(VARIANTS[variant].to_dict(), variant)


@pytest.mark.parametrize("name", TOTALS)
def test_known_models_have_as_many_parameters_as_is_known(name: str) -> None:
    assert sum(model_parameters(known(name)).values()) == TOTALS[name]


def test_known_models_with_experts_have_as_many_parameters_as_is_known_and_as_many_that_a_token_meets() -> None:
    mixtral = {"model_type": "mixtral", **dict(zip(KEYS[1:7], (4096, 14336, 32, 32, 8, 32000), strict=True))}
    config = read_model_config(mixtral, "Mixtral 8x7B")
    assert sum(model_parameters(config).values()) == 46_702_792_704
    assert active_parameters(config) == 12_879_925_248
    qwen = {"model_type": "qwen3_moe", **dict(zip(KEYS[1:7], (2048, 6144, 48, 32, 4, 151936), strict=True))}
    config = read_model_config({**qwen, "head_dim": 128}, "Qwen 3 30B-A3B")
    assert sum(model_parameters(config).values()) == 30_532_122_624
    assert active_parameters(config) == pytest.approx(3.3e9, rel=0.02)


PARTS = {
    "embedding": (
        "embed_tokens",
        "wte",
        "embed_in",
        "word_embeddings.",
        "tok_embeddings",
        "project_in",
        "tokens_embed",
    ),
    "positions": ("wpe", "embed_positions", "position_embeddings", "positions_embed"),
    "token_types": ("token_type",),
    "distances": ("relative_attention_bias",),
    "attention_q": ("q_proj", "self.query", "q_lin", "SelfAttention.q"),
    "attention_k": ("k_proj", "self.key", "k_lin", "SelfAttention.k"),
    "attention_v": ("v_proj", "self.value", "v_lin", "SelfAttention.v"),
    "attention_o": (
        *("o_proj", "attn.c_proj", "attention.dense", "self_attn.dense", "out_proj"),
        *("attention.output.dense", "out_lin", "attn.Wo", "SelfAttention.o"),
    ),
    "sinks": (".sinks",),
    "activation": (".act_fn.",),
    "shared_expert": (".shared_expert", ".shared_mlp."),
    "router": (".mlp.gate.", ".mlp.router.", "forward.router.", "_moe.router.", "score_correction_bias"),
    "experts": (".experts.",),
    "mlp": (
        *(".mlp.", "s.0.fc", "s.1.fc", "s.2.fc", "intermediate.", ".ffn.", "DenseReluDense", "feed_forward."),
        *(".0.output.dense", ".1.output.dense", ".2.output.dense"),
    ),
    "norms": ("norm", ".ln_", "LayerNorm"),
    "head": ("transform.dense", "lm_head.dense", "vocab_transform", "head.dense", "generator_predictions.dense"),
    "unembedding": (
        "lm_head.weight",
        "lm_head.bias",
        "decoder.weight",
        "decoder.bias",
        "project_out",
        "predictions.bias",
        "vocab_projector",
    ),
}


JOINED = ("c_attn", "query_key_value", "qkv_proj", "Wqkv")
"""Queries, keys and values in one."""


def is_embedding(name: str) -> bool:
    return any(mark in name for mark in PARTS["embedding"])


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_part_has_the_parameters_that_transformers_gives_it(variant: str) -> None:
    named = list(transformers_model(variant).state_dict(keep_vars=True).items())
    once = {id(parameter): name for name, parameter in sorted(named, key=lambda each: is_embedding(each[0]))}
    tensors = {name: parameter for name, parameter in named if once[id(parameter)] == name}  # of what is tied, one
    found, config = dict.fromkeys(PARTS, 0), config_of(variant)
    for name, parameter in tensors.items():
        if any(mark in name for mark in JOINED):
            width = parameter.numel() // (config.heads + 2 * config.kv_heads)
            for part, heads in (("q", config.heads), ("k", config.kv_heads), ("v", config.kv_heads)):
                found[f"attention_{part}"] += width * heads
            continue
        part = next(part for part, marks in PARTS.items() if any(mark in name for mark in marks))
        found[part] += parameter.numel()
    few = ("sinks", "activation", "router", "experts", "shared_expert")
    assert model_parameters(config) == {part: count for part, count in found.items() if count or part not in few}
    assert sum(found.values()) == sum(parameter.numel() for parameter in tensors.values())


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_parts_are_the_parameters_that_files_hold(variant: str) -> None:
    config = config_of(variant)
    sizes = config.sizes()
    shapes = {name: [sizes[axis] for axis in axes] for name, axes in parameters(config).items()}
    assert sum(model_parameters(config).values()) == sum(map(prod, shapes.values()))
    last = [prod(shape) for name, shape in shapes.items() if re.match(rf"[^0-9]+\.{config.layers - 1}\.", name)]
    assert sum(layer_parameters(config).values()) == sum(last)


def cache_name(model: Any) -> str:
    """What transformers calls the cache of keys and values: `cache` since 5.24, `past_key_values` before."""
    return "cache" if "cache" in inspect.signature(model.forward).parameters else "past_key_values"


def counted(model: Any, ids: torch.Tensor, past: Any = None) -> int:
    """Operations that torch counts; the angles of rotary positions, an outer product, are not ours to count."""
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        model(ids, **{cache_name(model): past})
    angles = [sum(ops.values()) for name, ops in counter.get_flop_counts().items() if name.endswith("rotary_emb")]
    return int(counter.get_total_flops() - sum(angles))


def in_vain(config: ModelConfig, tokens: int) -> int:
    """Operations of experts of a Llama 4 that no token chooses: transformers gives them nothing but zeros to read."""
    experts = config.experts
    unused = len(config.sparse) * (experts.count - experts.chosen) if experts.scales_inputs else 0
    return unused * 2 * tokens * 3 * config.d_model * experts.d_expert


@pytest.mark.parametrize("tokens", [1, 7])
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_prompt_takes_the_operations_that_torch_counts(variant: str, tokens: int) -> None:
    model, config = transformers_model(variant), config_of(variant)
    total = counted(model, torch.arange(tokens)[None])
    assert forward_operations(config, tokens).total + in_vain(config, tokens) == total


KEPT_BY_NONE = ("openai-gpt",)
"""Those of which transformers keeps none."""
CACHED = [variant for variant in VARIANTS if config_of(variant).causal]
"""Those of which keys and values of earlier tokens can be kept."""


def test_no_keys_and_values_are_kept_where_tokens_look_at_later_ones() -> None:
    assert {variant for variant in VARIANTS if not cache_bytes(config_of(variant), 7)} == set(VARIANTS) - set(CACHED)
    assert {"bert", "distilbert"} <= set(VARIANTS) - set(CACHED)


@pytest.mark.parametrize("variant", [one for one in CACHED if one not in KEPT_BY_NONE])
def test_a_token_after_others_takes_the_operations_that_torch_counts(variant: str) -> None:
    model, config = transformers_model(variant), config_of(variant)
    with torch.inference_mode():
        past = getattr(model(torch.arange(7)[None], use_cache=True), cache_name(model))
    found = counted(model, torch.tensor([[7]]), past)
    assert forward_operations(config, 1, before=7).total + in_vain(config, 1) == found


@pytest.mark.parametrize("name", TOTALS)
def test_a_token_takes_about_two_operations_for_each_parameter_that_it_is_multiplied_with(name: str) -> None:
    config, parts = known(name), model_parameters(known(name))
    looked_up = parts["positions"] + (0 if config.tied else parts["embedding"])
    expected = 2 * (sum(parts.values()) - looked_up)  # Kaplan et al. 2020: 2 N, biases and norms being few
    assert forward_operations(config, 1).weights == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("variant", CACHED)
def test_a_prompt_costs_what_its_tokens_cost_one_after_the_other_when_what_is_masked_is_left_out(variant: str) -> None:
    config = config_of(variant)
    whole = forward_operations(config, 9)
    single = [forward_operations(config, 1, before) for before in range(9)]
    assert whole.attention_unmasked == sum(step.attention_unmasked for step in single)
    assert whole.weights == sum(step.weights for step in single)
    assert all(step.attention == step.attention_unmasked for step in single) != config.chunked
    # A square of 9 x 9 pairs, of which a causal mask leaves 45, a window the last few of each row, a chunk its own.
    rows = ((row - 1) % config.window + 1 if config.chunked else min(row, config.window) for row in range(1, 10))
    in_window = sum(rows) if config.window else 0
    left = sum(in_window if layer in config.sliding else 45 for layer in range(config.layers))
    assert whole.attention * left == whole.attention_unmasked * 81 * config.layers


@pytest.mark.parametrize("config", [{}, {"is_causal": False}])
@pytest.mark.parametrize("window", [1, 3, 100])
def test_what_masks_leave_is_what_is_left_when_they_are_written_out(window: int, config: dict[str, Any]) -> None:
    said = {**CONFIGS["Mistral 7B"], "num_hidden_layers": 2, "sliding_window": window, **config}
    slides = read_model_config(said, "")
    masking = slides.masking(0)
    assert masking is not None
    for tokens in (1, 2, 7):
        left = int((~forbidden(masking, (tokens, tokens))).sum())
        found = forward_operations(slides, tokens)
        assert found.attention_unmasked * tokens * tokens == found.attention * left


def test_the_kv_cache_of_known_models() -> None:
    assert cache_bytes(known("Llama 2 7B"), 1) == 512 * 1024
    assert cache_bytes(known("Llama 3.1 8B"), 1) == 128 * 1024  # 8 of 32 heads
    assert cache_bytes(known("Llama 3.1 8B"), 131072) == 16 << 30


@pytest.mark.parametrize("variant", [one for one in CACHED if one not in KEPT_BY_NONE])
def test_the_kv_cache_is_as_large_as_that_of_transformers(variant: str) -> None:
    model = transformers_model(variant).to(torch.bfloat16)
    with torch.inference_mode():
        cache = getattr(model(torch.arange(7)[None], use_cache=True), cache_name(model))
    config = config_of(variant)
    size = sum(layer.keys.nbytes + layer.values.nbytes for layer in cache.layers)
    repeated = cache.layers[0].keys.shape[1] // config.kv_heads  # Falcon 40B keeps them for each head that shares them
    assert cache_bytes(config, 7) * repeated == size


def test_memory_is_that_of_the_tensors_that_adam_keeps() -> None:
    model = transformers_model("gpt2")
    count = sum(parameter.numel() for parameter in model.parameters())
    model(torch.arange(4)[None]).logits.sum().backward()
    optimizer = torch.optim.Adam(model.parameters(), foreach=False)
    optimizer.step()
    moments = sum(
        state[key].nbytes for state in optimizer.state.values() for key in ("exp_avg", "exp_avg_sq")
    )  # float32, as are the weights that they belong to
    weights = sum(parameter.nbytes for parameter in model.parameters())
    half = sum(parameter.to(torch.bfloat16).nbytes for parameter in model.parameters())
    memory = memory_bytes(model_parameters(config_of("gpt2")))
    assert memory == {"infer": half, "train": weights + moments + half + half}
    assert memory == {"infer": 2 * count, "train": 16 * count}
