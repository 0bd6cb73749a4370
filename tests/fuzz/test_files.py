"""Damaged arrays, models and adapters end in numbers or in one MmvizError, soon: `--fuzz COUNT --fuzz-seed SEED`."""

import json
import random
import shutil
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from mmviz.errors import MmvizError
from mmviz.pipeline import Scene
from mmviz.reports.model_report import model_report
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.adapter import Adapter
from mmviz.values.model.model import Model
from mmviz.values.tensors.matrix_files import read_matrix, read_shape
from tests.fuzz.attempts import attempt, one_line
from tests.fuzz.mutations import damaged
from tests.values.gguf_writer import write_gguf
from tests.values.variants import load_reference, save_variant

MODELS = ("llama", "gpt2", "shards", "gguf")
LARGE = 1 << 20  # elements of a matrix that are not read any more


# Arrays.


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("arrays")
    chance = np.random.default_rng(0)
    stack = chance.normal(size=(2, 3, 4)).astype(np.float32)
    np.save(folder / "plain.npy", stack[0])
    np.save(folder / "columns.npy", np.asfortranarray(stack))
    np.save(folder / "whole.npy", (100 * stack[0]).astype(">i2"))
    np.savez(folder / "stored.npz", a=stack, b=stack[0])
    np.savez_compressed(folder / "packed.npz", a=stack[0])
    np.savetxt(folder / "numbers.csv", stack[0], delimiter=";")
    (folder / "names.csv").write_text('"a","b"\n"0,5",1\n2,"3,25"\n')
    torch.save({"a": torch.from_numpy(stack), "b": [torch.ones(2, 2)]}, folder / "x.pt")
    save_file({"a": torch.from_numpy(stack), "b": torch.ones(2, 2, dtype=torch.bfloat16)}, folder / "x.safetensors")
    save_file({"a": torch.ones(2, 2, dtype=torch.uint8)}, folder / "bytes.safetensors")
    return sorted(folder.iterdir())


def read_all(path: Path) -> None:
    """Every array of a file, as a scene asks for it."""
    for key in (None, "a", "b.0"):
        for index in ((), (1,)):
            try:
                rows, columns = read_shape(path, key, index)
                if rows * columns <= LARGE:
                    read_matrix(path, key, index)
            except MmvizError as error:
                one_line(error)


def test_damaged_arrays(arrays: list[Path], tmp_path: Path, seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(f"array {seed}")
        source = chance.choice(arrays)
        path = tmp_path / f"{seed}{source.suffix}"
        path.write_bytes(damaged(source.read_bytes(), chance))
        attempt(partial(read_all, path), f"array {seed}, {source.name}")
        path.unlink()


# Models and adapters.


def header_only(content: bytes) -> tuple[bytes, bytes]:
    """A safetensors file's header and what follows."""
    length = struct.unpack("<Q", content[:8])[0]
    return content[8 : 8 + length], content[8 + length :]


def damage_file(path: Path, chance: random.Random) -> None:
    """Damage a file; of safetensors often the header alone, whose length then fits."""
    content = path.read_bytes()
    if path.suffix == ".safetensors" and chance.random() < 0.7:
        header, numbers = header_only(content)
        header = damaged(header, chance)
        path.write_bytes(struct.pack("<Q", len(header)) + header + numbers)
    else:
        path.write_bytes(damaged(content, chance))


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Tiny models, each in its folder: one file, shards, GPT-2, GGUF; and an adapter."""
    base = tmp_path_factory.mktemp("models")
    save_variant(base / "llama", "llama grouped, wide heads", layers=1)
    save_variant(base / "gpt2", "gpt2", layers=1)
    save_variant(base / "shards", "llama", shard_size="60KB", layers=1)
    (base / "gguf").mkdir()
    write_gguf(base / "gguf" / "m.gguf", load_reference(base / "llama"))
    adapter = base / "adapter"
    adapter.mkdir()
    said: dict[str, Any] = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["q_proj", "v_proj"]}
    said |= {"rank_pattern": {"v_proj": 2}, "alpha_pattern": {"q_proj": 3.0}, "bias": "none"}
    (adapter / "adapter_config.json").write_text(json.dumps(said))
    start = "base_model.model.model.layers.0.self_attn."
    parts = {"q_proj": 96, "v_proj": 32}
    save_file(
        {f"{start}{name}.lora_A.weight": torch.ones(2, 48) for name in parts}
        | {f"{start}{name}.lora_B.weight": torch.ones(outs, 2) for name, outs in parts.items()},
        adapter / "adapter_model.safetensors",
    )
    return {folder.name: folder for folder in base.iterdir()}


def use(folder: Path) -> None:
    """What the commands do with a model: report on it, read a weight, run it on a few tokens."""
    asks: tuple[Callable[[], object], ...] = (
        lambda: model_report(str(folder)),
        lambda: Model(Checkpoint.open(folder), "cpu").weight("blocks.0.attn.W_Q", 0),
        lambda: Model(Checkpoint.open(folder), "cpu").weight("no such weight", 0),
        lambda: Model(Checkpoint.open(folder), "cpu").activation((1, 2, 3), "logits"),
    )
    for ask in asks:
        try:
            ask()
        except MmvizError as error:
            one_line(error)


def merge(base: Path, adapter: Path) -> None:
    """Read a weight of a model with an adapter."""
    Model(Checkpoint.open(base), "cpu", adapter=Adapter.open(adapter)).weight("blocks.0.attn.W_Q", 0)


@pytest.mark.parametrize("name", MODELS)
def test_what_is_not_damaged_is_read(name: str, arrays: list[Path], models: dict[str, Path]) -> None:
    model = Model(Checkpoint.open(models[name]), "cpu")
    assert model.activation((1, 2, 3), "logits").shape == (3, 96)
    assert not model_report(str(models[name]))["tensors"]["missing"]
    merge(models["llama"], models["adapter"])
    for path in arrays:
        assert any(_reads(path, key, index) for key in (None, "a", "b.0") for index in ((), (1,))), path


def _reads(path: Path, key: str | None, index: tuple[int, ...]) -> bool:
    try:
        return bool(read_matrix(path, key, index).size)
    except MmvizError:
        return False


@pytest.mark.parametrize("name", MODELS)
def test_damaged_models(name: str, models: dict[str, Path], tmp_path: Path, seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(f"{name} {seed}")
        folder = tmp_path / str(seed)
        shutil.copytree(models[name], folder)
        damage_file(chance.choice(sorted(folder.iterdir())), chance)
        attempt(partial(use, folder), f"{name} {seed}")
        shutil.rmtree(folder)


def test_damaged_adapters(models: dict[str, Path], tmp_path: Path, seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(f"adapter {seed}")
        folder = tmp_path / str(seed)
        shutil.copytree(models["adapter"], folder)
        damage_file(chance.choice(sorted(folder.iterdir())), chance)
        attempt(partial(merge, models["llama"], folder), f"adapter {seed}")
        shutil.rmtree(folder)


@pytest.mark.parametrize("key", ["num_hidden_layers", "head_dim", "num_attention_heads", "hidden_size", "vocab_size"])
def test_a_config_that_asks_for_a_billion_is_refused_soon(key: str, models: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "m"
    shutil.copytree(models["llama"], folder)
    config = folder / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {key: 600_000_000}))
    attempt(lambda: use(folder), key)


def test_a_tensor_that_repeats_one_number_without_end_is_refused_soon(tmp_path: Path) -> None:
    torch.save(torch.ones(1).expand(1 << 31, 1 << 31), tmp_path / "x.pt")
    with pytest.raises(MmvizError):
        Scene("A", {"A": {"file": "x.pt"}}, folder=tmp_path).values()
