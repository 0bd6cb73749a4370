"""Tiny random models of every family and variation, as transformers makes and saves them."""

import logging
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    Gemma2Config,
    Gemma3TextConfig,
    GemmaConfig,
    GPT2Config,
    GPTJConfig,
    GPTNeoXConfig,
    LlamaConfig,
    MistralConfig,
    PhiConfig,
    Qwen2Config,
    Qwen3Config,
)

from mmviz.values.families.registry import KINDS
from tests.values.kinds import everything
from tests.values.kinds.cases import GPT2, GROUPED, SIZES

EAGER = {"attn_implementation": "eager", "experts_implementation": "eager"}
"""Other ways of transformers show no patterns, and take not every size of an expert."""
SLIDES = ["sliding_attention", "full_attention", "sliding_attention"]
LLAMA3: dict[str, Any] = {
    "rope_type": "llama3",
    "rope_theta": 5000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 16,
}
YARN: dict[str, Any] = {
    "rope_type": "yarn",
    "rope_theta": 5000.0,
    "factor": 4.0,
    "original_max_position_embeddings": 16,
}
DYNAMIC: dict[str, Any] = {"rope_type": "dynamic", "rope_theta": 5000.0, "factor": 4.0}
LONGROPE: dict[str, Any] = {
    "rope_type": "longrope",
    "rope_theta": 5000.0,
    "factor": 4.0,
    "original_max_position_embeddings": 10,
    "short_factor": [1.0, 1.1, 1.3, 1.7],
    "long_factor": [1.1, 2.3, 5.1, 9.7],
}
VARIANTS: Mapping[str, Any] = {
    "llama": LlamaConfig(**SIZES, rms_norm_eps=0.1),
    "llama grouped, wide heads": LlamaConfig(**GROUPED, head_dim=16),  # 6 * 16 > 48
    "llama one key for all, tied": LlamaConfig(**{**SIZES, "num_key_value_heads": 1}, tie_word_embeddings=True),
    "llama biased": LlamaConfig(**GROUPED, attention_bias=True, mlp_bias=True),
    "llama llama3": LlamaConfig(**GROUPED, rope_parameters=LLAMA3),
    "llama linear": LlamaConfig(
        **GROUPED, rope_parameters={"rope_type": "linear", "rope_theta": 5000.0, "factor": 4.0}
    ),
    "qwen2": Qwen2Config(**GROUPED),
    "mistral": MistralConfig(**GROUPED, sliding_window=5),
    "qwen3": Qwen3Config(**GROUPED, head_dim=16),
    "gemma": GemmaConfig(**GROUPED, head_dim=8),
    "gemma2": Gemma2Config(
        **GROUPED, head_dim=8, sliding_window=5, query_pre_attn_scalar=12, attn_logit_softcapping=2.0
    ),
    "gemma3": Gemma3TextConfig(**GROUPED, head_dim=8, sliding_window=5, layer_types=SLIDES),
    "gpt_neox": GPTNeoXConfig(**SIZES, rotary_pct=0.5),
    "gpt_neox one after the other": GPTNeoXConfig(
        **SIZES,
        use_parallel_residual=False,
        attention_bias=False,
        hidden_act="gelu_new",
        layer_norm_eps=0.1,
        rope_parameters={"rope_type": "linear", "rope_theta": 300.0, "factor": 4.0, "partial_rotary_factor": 0.5},
    ),
    "phi": PhiConfig(**GROUPED),
    "gptj": GPTJConfig(**GPT2, rotary_dim=4),
    "gpt2": GPT2Config(**GPT2),
    "gpt2 odd": GPT2Config(
        **GPT2,
        n_inner=100,
        activation_function="relu",
        scale_attn_by_inverse_layer_idx=True,
        reorder_and_upcast_attn=True,
        layer_norm_epsilon=0.1,
    ),
    "gpt2 untied, unscaled": GPT2Config(**GPT2, tie_word_embeddings=False, scale_attn_weights=False),
    **everything.VARIANTS,
}
"""By what is special about them."""

SCALED: Mapping[str, Any] = {
    "qwen2 yarn": Qwen2Config(**GROUPED, rope_parameters=YARN),
    "llama dynamic": LlamaConfig(**{**GROUPED, "max_position_embeddings": 10}, rope_parameters=DYNAMIC),
    "llama longrope": LlamaConfig(**GROUPED, rope_parameters=LONGROPE),
    "llama proportional": LlamaConfig(
        **GROUPED,
        rope_parameters={
            "rope_type": "proportional",
            "rope_theta": 5000.0,
            "partial_rotary_factor": 0.5,
            "factor": 2.0,
        },
    ),
    "gemma3 scaled": Gemma3TextConfig(
        **GROUPED,
        head_dim=8,
        sliding_window=5,
        layer_types=SLIDES,
        rope_parameters={"full_attention": YARN, "sliding_attention": {**DYNAMIC, "rope_type": "linear"}},
    ),
}
"""Those whose rotary positions are scaled in a way that few GGUF files say."""


def save_variant(
    folder: Path, variant: str, dtype: torch.dtype = torch.float32, shard_size: str = "1GB", layers: int | None = None
) -> Path:
    """Save a model whose attention is far from uniform, whose norms are far from 1 and whose biases are not 0.

    Args:
        folder: Where.
        variant: One of VARIANTS, SCALED or BOTH.
        dtype: What it is stored in.
        shard_size: Of one file.
        layers: As many as the variant has by default.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in _saved(variant, dtype, shard_size, layers).items():
        (folder / name).write_bytes(content)
    return folder


def stored_buffers(model: Any) -> list[torch.Tensor]:
    """What files keep of a model that no training changes by gradients: which experts are to be chosen more often."""
    kept = model.state_dict()
    return [buffer for name, buffer in model.named_buffers() if name in kept]


@cache
def _saved(variant: str, dtype: torch.dtype, shard_size: str, layers: int | None) -> Mapping[str, bytes]:
    """The files of a model by their names; made once, for many tests begin with the same model."""
    asked = {**VARIANTS, **SCALED, **everything.BOTH}[variant]
    config = type(asked).from_dict(asked.to_dict())
    if layers is not None:
        config.num_hidden_layers = layers
    random = torch.get_rng_state()  # whoever asks first has the same random numbers afterwards as all others
    torch.manual_seed(0)
    model = auto_class(config).from_config(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.normal_(0, 0.3)
            elif "norm" in name.lower() or "ln_" in name:
                parameter.uniform_(0.5, 2.0)
            else:  # scores of a T5 are not scaled, and rounding would grow where they are as large as they would be
                parameter.normal_(0, 0.05 if name.endswith(".q.weight") else 0.2)
        for buffer in stored_buffers(model):
            buffer.normal_(0, 0.3)
    torch.set_rng_state(random)
    with TemporaryDirectory() as folder:
        silently(model.to(dtype).save_pretrained, folder, max_shard_size=shard_size)
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def load_reference(folder: Path, dtype: torch.dtype = torch.float32) -> Any:
    """The model as transformers reads it, with eager attention."""
    config = silently(AutoConfig.from_pretrained, folder, local_files_only=True)
    model: Any = silently(auto_class(config).from_pretrained, folder, dtype=dtype, local_files_only=True, **EAGER)
    return model.eval()


def auto_class(config: Any) -> Any:
    """What makes the models of a configuration: with a head for masked tokens, or for the next; with both stacks."""
    kind = KINDS[config.model_type]
    kind = kind.decoder or kind
    if kind.loader:
        return getattr(transformers, kind.loader)
    masked = kind.masked and not getattr(config, "is_decoder", False)
    return AutoModelForMaskedLM if masked else AutoModelForCausalLM


def silently(call: Any, *arguments: Any, **options: Any) -> Any:
    """Call without the progress bars and remarks of transformers."""
    logging.getLogger("transformers").setLevel(logging.ERROR)
    transformers.utils.logging.disable_progress_bar()
    return call(*arguments, **options)


def changed(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    """Change the weights that were saved in a folder."""
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors")
