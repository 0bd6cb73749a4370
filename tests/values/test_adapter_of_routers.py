"""Adapters of a router of experts, which peft names by its parameter: as transformers calls it, or as files do."""

from pathlib import Path
from typing import Any

import numpy as np
import peft
import pytest
import torch
from safetensors.torch import load_file

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.adapter import Adapter
from mmviz.values.model.adapter_config import CONFIG
from mmviz.values.model.model import Model
from mmviz.values.reference.comparison import compare
from tests.values.tiny_adapters import save_adapter
from tests.values.variants import load_reference, save_variant, silently

TOKENS = (3, 1, 4, 1, 5, 9)


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: save_variant(tmp_path_factory.mktemp(name), name) for name in ("mixtral", "qwen3_moe", "granitemoe")}


def by_peft(base: Path, folder: Path, **targets: Any) -> Path:
    config = peft.LoraConfig(r=3, init_lora_weights=False, **targets)
    silently(silently(peft.get_peft_model, load_reference(base), config).save_pretrained, folder)
    return folder


def adapted(base: Path, folder: Path) -> Model:
    return Model(Checkpoint.open(base), "cpu", adapter=Adapter.open(folder))


@pytest.mark.parametrize(
    ("name", "targets"),
    [
        ("mixtral", {"target_modules": ["gate", "q_proj"]}),
        ("mixtral", {"target_modules": [], "target_parameters": ["mlp.gate.weight"]}),
        ("qwen3_moe", {"target_modules": ["gate", "q_proj"]}),
        ("granitemoe", {"target_modules": [], "target_parameters": ["router.weight"]}),
    ],
)
def test_what_peft_saves_today_is_merged_as_peft_merges_it(
    bases: dict[str, Path], tmp_path: Path, name: str, targets: dict[str, Any]
) -> None:
    folder = by_peft(bases[name], tmp_path, **targets)
    matrices = load_file(folder / "adapter_model.safetensors")
    assert any(key.endswith(("gate.lora_A.weight", "router.lora_A.weight")) for key in matrices)
    model = adapted(bases[name], folder)
    assert not compare(model, TOKENS).exceeding
    router = "blocks.0.mlp.W_router"
    assert not torch.equal(model.weight(router), Model(Checkpoint.open(bases[name]), "cpu").weight(router))


def test_an_adapter_from_before_has_the_name_that_files_have(bases: dict[str, Path], tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    module = "base_model.model.model.layers.0.block_sparse_moe.gate"
    matrices = {
        f"{module}.lora_A.weight": random.standard_normal((3, 48)).astype(np.float32),
        f"{module}.lora_B.weight": random.standard_normal((4, 3)).astype(np.float32),
    }
    save_adapter(tmp_path, {"target_modules": ["gate"]}, {"A": None, "B": None, **matrices})
    assert not compare(adapted(bases["mixtral"], tmp_path), TOKENS).exceeding


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"target_parameters": ["mlp.experts.gate_up_proj"]},
            "target_parameters: parameters of no linear layer: not supported, but for the weight of a router of "
            "experts.",
        ),
        (
            {"target_parameters": ["q_proj.weight"]},
            "target_parameters: model.layers.1.self_attn.q_proj: parameters of no linear layer: not supported, but for "
            "the weight of a router of experts.",
        ),
        (
            {"target_parameters": ["gate.weight"], "rank_pattern": {"gate": 4}},
            "target_parameters: not supported beside rank_pattern or alpha_pattern.",
        ),
    ],
)
def test_other_parameters_are_refused(
    bases: dict[str, Path], tmp_path: Path, config: dict[str, Any], message: str
) -> None:
    save_adapter(tmp_path, {"target_modules": [], **config})
    with pytest.raises(SourceError) as caught:
        adapted(bases["mixtral"], tmp_path)
    assert str(caught.value) == f"{tmp_path / CONFIG}, {message}"
