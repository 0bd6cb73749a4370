"""Speed and memory of spectra, measured by hand: `pytest tests/bench/test_spectra.py --benchmark-only -s`.

Compare figures by their ratios within one run. The published way to such a table loads a layer into a model of
transformers for each layer, head and matrix, and decomposes one slice of it.
"""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pytest_benchmark.fixture import BenchmarkFixture
from safetensors import safe_open

from mmviz.machine.shipped import find_asset
from mmviz.values.families.names import parameters
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.head_spectra import SpectraReader
from tests.values.test_slices import CONFIG, PEAK, run, write_sparse

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no cuda"))]
LLAMA_8B: dict[str, Any] = {**CONFIG, "num_hidden_layers": 2}
LLAMA_70B: dict[str, Any] = {
    **LLAMA_8B,
    "hidden_size": 8192,
    "intermediate_size": 28672,
    "num_attention_heads": 64,
}
LAYERS = {"Llama-3-8B": 32, "Llama-3-70B": 80}


def published(folder: Path, layer: int, head: int, matrix: str) -> Any:
    """The singular values of one slice, by way of a model that has the layer."""
    from transformers import LlamaConfig
    from transformers.models.llama.modeling_llama import LlamaDecoderLayer

    config = LlamaConfig.from_pretrained(folder)
    config._attn_implementation = "eager"
    start = f"model.layers.{layer}."
    with safe_open(folder / "model.safetensors", framework="pt") as file:
        names = file.keys()
        state = {name.removeprefix(start): file.get_tensor(name) for name in names if name.startswith(start)}
    module = LlamaDecoderLayer(config, layer)
    module.load_state_dict(state)
    attention: Any = module.self_attn
    size = attention.head_dim
    number = head if matrix in "qo" else head // attention.num_key_value_groups
    weight = getattr(attention, f"{matrix}_proj").weight.detach().float().numpy()
    span = slice(number * size, number * size + size)
    return np.linalg.svd(weight[:, span] if matrix == "o" else weight[span], compute_uv=False)


def spectra(folder: Path, device: str) -> SpectraReader:
    checkpoint = Checkpoint.open(folder)
    config = read_model_config(checkpoint.config, "config.json")
    return SpectraReader(checkpoint, config, range(config.heads), ("q", "k", "v", "o"), device)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.benchmark(group="q, k, v and o of all heads of a layer of SmolLM2-135M")
def test_a_slice_takes_a_twentieth_of_the_published_way(benchmark: BenchmarkFixture, device: str) -> None:
    folder = find_asset("smollm2-135m-2layers")
    assert folder is not None
    slices = [(layer, head, matrix) for layer in (0, 1) for head in (0, 4, 8) for matrix in "qkvo"]
    published(folder, 0, 0, "q")
    begin = time.perf_counter()
    theirs = {where: published(folder, *where) for where in slices}
    theirs_took = (time.perf_counter() - begin) / len(slices)
    ours = spectra(folder, device)
    found = benchmark.pedantic(lambda: [ours.layer(layer) for layer in (0, 1)], rounds=5, warmup_rounds=1)
    for (layer, head, matrix), values in theirs.items():
        np.testing.assert_allclose(found[layer][matrix].values[head], values, rtol=1e-4)
    assert benchmark.stats is not None
    times = theirs_took / (benchmark.stats["mean"] / (2 * 4 * 9))
    benchmark.extra_info["times faster"] = round(times)
    assert times > 20


def large(folder: Path, settings: dict[str, Any]) -> Path:
    """Layers as large as the real ones, in a file that takes no room: all numbers are 0."""
    (folder / "config.json").write_text(json.dumps(settings))
    config = read_model_config(settings, "config.json")
    sizes = config.sizes()
    shapes = {name: tuple(sizes[axis] for axis in axes) for name, axes in parameters(config).items()}
    write_sparse(folder / "model.safetensors", shapes)
    return folder


MEMORY = f"""{PEAK}
import json
from pathlib import Path
import torch
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.families.reading import read_model_config
from mmviz.values.model.head_spectra import MATRICES, SpectraReader
torch.linalg.svdvals(torch.linalg.qr(torch.ones(8, 8)).R)
checkpoint = Checkpoint.open(Path(sys.argv[1]))
config = read_model_config(checkpoint.config, "config.json")
reader = SpectraReader(checkpoint, config, range(config.heads), MATRICES, "cpu")
before = peak()
for layer in range(config.layers):
    reader.layer(layer)
prefix = "model.layers.0."
layer = sum(checkpoint.stored_bytes(name) for name in checkpoint.names if name.startswith(prefix))
print(json.dumps({{"layer": layer, "took": peak() - before}}))
"""


@pytest.mark.benchmark(group="memory")
def test_memory_is_under_twice_a_layer(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    folder = large(tmp_path, LLAMA_8B)
    found = benchmark.pedantic(lambda: run(MEMORY, str(folder)), rounds=1)
    benchmark.extra_info.update(found)
    assert found["took"] < 2 * found["layer"]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("model", LAYERS)
@pytest.mark.benchmark(group="a layer of random numbers")
def test_a_layer_of_a_large_model(benchmark: BenchmarkFixture, tmp_path: Path, model: str, device: str) -> None:
    """From this follows what all layers take."""
    settings = LLAMA_8B if model == "Llama-3-8B" else LLAMA_70B
    folder = large(tmp_path, {**settings, "num_hidden_layers": 1})
    ours = spectra(folder, device)
    fill(ours)
    benchmark.pedantic(lambda: ours.layer(0), rounds=1, warmup_rounds=0)
    assert benchmark.stats is not None
    benchmark.extra_info["minutes for all layers"] = round(LAYERS[model] * benchmark.stats["mean"] / 60, 1)


def fill(ours: SpectraReader) -> None:
    """Random numbers in the place of those that take no room."""
    checkpoint: Any = ours._checkpoint
    names = [name for name in checkpoint.names if "self_attn" in name]
    random = torch.Generator().manual_seed(0)
    numbers = {name: torch.randn(checkpoint.shape(name), generator=random).to(torch.bfloat16) for name in names}
    checkpoint.lend = numbers.__getitem__
