"""A checkpoint of three weights in one file and the same in two shards, and the message that opening one ends with."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint

EMBEDDING = torch.arange(12, dtype=torch.float16).reshape(4, 3)
QUERY = torch.arange(24, dtype=torch.bfloat16).reshape(6, 4)
NORM = torch.ones(3)
WEIGHTS = {
    "model.embed_tokens.weight": EMBEDDING,
    "model.layers.0.self_attn.q_proj.weight": QUERY,
    "model.norm.weight": NORM,
}
SHARDS = {
    "model-00001-of-00002.safetensors": ["model.embed_tokens.weight"],
    "model-00002-of-00002.safetensors": ["model.layers.0.self_attn.q_proj.weight", "model.norm.weight"],
}


def write_config(folder: Path) -> None:
    (folder / "config.json").write_text('{"model_type": "llama"}')


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    write_config(tmp_path)
    save_file(WEIGHTS, tmp_path / "model.safetensors")
    return tmp_path


@pytest.fixture
def sharded(tmp_path: Path) -> Path:
    write_config(tmp_path)
    weight_map = {}
    for shard, names in SHARDS.items():
        save_file({name: WEIGHTS[name] for name in names}, tmp_path / shard)
        weight_map.update(dict.fromkeys(names, shard))
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    return tmp_path


def refusal(path: Path) -> str:
    """The message that opening ends with, the folder written as F."""
    with pytest.raises(SourceError) as raised:
        Checkpoint.open(path)
    folder = path if path.is_dir() else path.parent
    return str(raised.value).replace(str(folder), "F")
