"""Small LoRA adapters of models of `variants`: written by peft, or by hand to be broken."""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from tests.values.variants import load_reference, silently

TARGETS = {
    "llama": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    "gpt2": ["c_attn", "c_proj", "c_fc"],
    "gpt_neox": ["query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h", "lm_head"],
    "phi3": ["qkv_proj", "o_proj", "gate_up_proj", "down_proj", "lm_head"],
}
CONFIG: dict[str, Any] = {
    "peft_type": "LORA",
    "r": 3,
    "lora_alpha": 6,
    "bias": "none",
    "target_modules": ["q_proj"],
    "use_rslora": False,
    "rank_pattern": {},
    "alpha_pattern": {},
}
MODULE = "model.layers.1.self_attn.q_proj"
A, B = (f"base_model.model.{MODULE}.lora_{which}.weight" for which in "AB")


def save_adapter(
    folder: Path, config: Mapping[str, Any] | None = None, tensors: Mapping[str, np.ndarray | None] | None = None
) -> Path:
    """An adapter of the queries of layer 1 of a llama that is 48 wide, in words of peft.

    Args:
        folder: Where; it is made.
        config: What adapter_config.json says otherwise.
        tensors: Matrices by A, B or another key; None leaves one out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(5)
    found: dict[str, np.ndarray | None] = {
        A: random.standard_normal((3, 48)).astype(np.float32),
        B: random.standard_normal((48, 3)).astype(np.float32),
    }
    found |= {{"A": A, "B": B}.get(key, key): value for key, value in (tensors or {}).items()}
    save_file({key: value for key, value in found.items() if value is not None}, folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps(CONFIG | dict(config or {})))
    return folder


def peft_model(base: Path, variant: str, folder: Path, **options: Any) -> Any:
    """A model of peft with random A and B, which are saved in a folder; in float64, ready to be run."""
    peft = pytest.importorskip("peft")
    family = variant.split(maxsplit=1)[0]
    config = peft.LoraConfig(
        **{"r": 4, "lora_alpha": 6, "target_modules": TARGETS[family], "fan_in_fan_out": family == "gpt2"} | options,
        init_lora_weights=False,
    )
    torch.manual_seed(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peft's own remarks about its dependencies
        model = peft.get_peft_model(load_reference(base), config)
        silently(model.save_pretrained, folder, save_embedding_layers=False)
    return model.double().eval()
