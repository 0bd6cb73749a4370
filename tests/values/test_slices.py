"""A model of 16 GB in files that take no room; of it one head is read: only the head's bytes, in little memory."""

import hashlib
import json
import struct
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import pytest
import torch

import mmviz
from mmviz.values.families.names import parameters
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.files.safetensors_file import RELEASE
from mmviz.values.model.model import Model
from tests.processes import STRICT, ran

ROOT = Path(mmviz.__file__).resolve().parents[1]
CONFIG = {  # of Llama 3.1 8B
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 4096,
    "intermediate_size": 14336,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
    "rope_theta": 500000.0,
}
SHARDS = 4
LAYER, HEAD, D_HEAD, D_MODEL, GROUP = 17, 21, 128, 4096, 4
ROWS = {"q_proj": HEAD, "k_proj": HEAD // GROUP, "v_proj": HEAD // GROUP}
HEAD_BYTES = 4 * D_MODEL * D_HEAD * 2
MODEL_BYTES = 2 * 8_030_261_248
MEMORY = 150 << 20
"""That reading may take beyond what Python and torch take; all heads of W_O would take 200 MB."""

Shapes = Mapping[str, tuple[int, ...]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All 32 layers in bfloat16, all numbers 0 but those of one head."""
    return written(tmp_path_factory.mktemp("llama"), CONFIG, MODEL_BYTES)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first layers of a model of half the width, all numbers 0."""
    sizes = {"hidden_size": 2048, "intermediate_size": 7168, "num_hidden_layers": 4, "num_attention_heads": 16}
    return written(tmp_path_factory.mktemp("narrow"), CONFIG | sizes, 4 * 104_000_000)


def written(place: Path, settings: dict[str, Any], least: int) -> Path:
    """A model in files that take no room, though they have more bytes than `least`."""
    (place / "config.json").write_text(json.dumps(settings))
    config = read_model_config(settings, "config.json")
    sizes = config.sizes()
    shapes = {name: tuple(sizes[axis] for axis in axes) for name, axes in parameters(config).items()}
    weight_map = {}
    for number in range(SHARDS):
        shard = f"model-{number + 1:05}-of-{SHARDS:05}.safetensors"
        here = dict(list(shapes.items())[number::SHARDS])
        write_sparse(place / shard, here)
        weight_map.update(dict.fromkeys(here, shard))
    (place / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    files = list(place.glob("*.safetensors"))
    assert sum(file.stat().st_size for file in files) > least
    if sum(file.stat().st_blocks for file in files) * 512 > 1 << 30:
        for file in files:
            file.unlink()
        pytest.skip("this file system has no sparse files")
    return place


def write_sparse(path: Path, shapes: Shapes) -> None:
    """A safetensors file, written by hand as its format says: length of the header, header, numbers."""
    offsets, end = {}, 0
    for name, shape in shapes.items():
        offsets[name] = end
        end += 2 * prod(shape)
    entries: dict[str, Any] = {
        name: {"dtype": "BF16", "shape": shape, "data_offsets": [offsets[name], offsets[name] + 2 * prod(shape)]}
        for name, shape in shapes.items()
    }
    header = json.dumps(entries).encode()
    header += b" " * (-len(header) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        begin = file.tell()
        file.truncate(begin + end)
        for name, offset in offsets.items():
            for place, numbers in parts_of_head(name):
                file.seek(begin + offset + place)
                file.write(numbers)


def parts_of_head(name: str) -> list[tuple[int, bytes]]:
    """Where in a parameter which bytes of the head lie: for queries, keys, values its rows, for the output columns."""
    if not name.startswith(f"model.layers.{LAYER}.self_attn."):
        return []
    kind = name.split(".")[-2]
    stored = head_weight(kind).view(torch.int16).numpy()
    if kind in ROWS:
        return [(ROWS[kind] * D_HEAD * D_MODEL * 2, stored.tobytes())]
    return [((row * D_MODEL + HEAD * D_HEAD) * 2, stored[row].tobytes()) for row in range(D_MODEL)]


def head_weight(kind: str) -> torch.Tensor:
    """(d_head, d_model) or, of the output, (d_model, d_head), as stored: no two kinds alike, no number 0."""
    number = ("q_proj", "k_proj", "v_proj", "o_proj").index(kind)
    shape = (D_MODEL, D_HEAD) if kind == "o_proj" else (D_HEAD, D_MODEL)
    return torch.rand(shape, generator=torch.Generator().manual_seed(number)).add(1 + number).to(torch.bfloat16)


def run(code: str, *arguments: str) -> Any:
    """What some code prints as JSON, in a process of its own."""
    done = ran(STRICT + code, *arguments, folder=ROOT)
    assert (done.code, done.err) == (0, "")
    return json.loads(done.out)


PEAK = """
import sys
def peak():
    if sys.platform == "linux":  # see findings/child-peak-memory.sh
        with open("/proc/self/status") as file:
            lines = file.read().splitlines()
        return 1024 * int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
    import resource
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
"""

READ_HEAD = f"""{PEAK}
import hashlib, json, torch, safetensors.torch
import mmviz
from pathlib import Path
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
torch.zeros(8, 8) @ torch.zeros(8, 8)
before = peak()
checkpoint = Checkpoint.open(Path(sys.argv[1]))
model = Model(checkpoint, device="cpu")
opened = checkpoint.bytes_read
weights = {{k: model.weight(f"blocks.{LAYER}.attn.W_{{k}}", {HEAD}) for k in "QKVO"}}
found = {{"opened": opened, "read": checkpoint.bytes_read, "before": before, "peak": peak()}}
found["weights"] = {{
    k: [list(w.shape), hashlib.sha256(w.contiguous().numpy().tobytes()).hexdigest()] for k, w in weights.items()
}}
print(json.dumps(found))
"""


def fingerprint(weight: torch.Tensor) -> list[Any]:
    return [list(weight.shape), hashlib.sha256(weight.contiguous().numpy().tobytes()).hexdigest()]


@pytest.mark.process
def test_a_head_of_a_large_model_is_read_in_little_memory(folder: Path) -> None:
    found = run(READ_HEAD, str(folder))
    kinds = {"Q": "q_proj", "K": "k_proj", "V": "v_proj", "O": "o_proj"}
    assert found["weights"] == {key: fingerprint(head_weight(kind).float().mT) for key, kind in kinds.items()}
    assert (found["opened"], found["read"]) == (0, HEAD_BYTES)
    assert found["peak"] - found["before"] < MEMORY


RUN_LAYERS = f"""{PEAK}
import json, torch, safetensors.torch
import mmviz
from pathlib import Path
from mmviz.values.files import safetensors_file
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
safetensors_file.RELEASE = int(sys.argv[2])
torch.zeros(8, 8) @ torch.zeros(8, 8)
before = peak()
model = Model(Checkpoint.open(Path(sys.argv[1])), device="cpu")
model.activations((1, 2, 3), ["blocks.3.hook_resid_post"])
print(json.dumps({{"read": model.checkpoint.bytes_read, "more": peak() - before}}))
"""


@pytest.mark.process
def test_layers_are_run_one_parameter_at_a_time(narrow: Path) -> None:
    release = RELEASE // 6  # so that a model of half the width has as much that may not stay mapped
    found = run(RUN_LAYERS, str(narrow), str(release))
    largest = 7168 * 2048
    assert found["read"] > 4.2e8  # four layers in bfloat16, more than may stay mapped
    assert found["more"] < release + (2 + 2 + 4 + 2) * largest  # mapped, read, computed with, and some to spare


INSPECT = f"""{PEAK}
import io, json, torch, safetensors.torch
import mmviz.cli, mmviz.values.origin.locate
torch.zeros(8, 8) @ torch.zeros(8, 8)
before, sys.argv[0], printed, sys.stdout = peak(), "mmviz", sys.stdout, io.StringIO()
try:
    mmviz.cli.main()
except SystemExit as ended:
    code = ended.code
print(json.dumps({{"code": code, "report": json.loads(sys.stdout.getvalue()), "more": peak() - before}}), file=printed)
printed.flush()
"""


@pytest.mark.process
def test_inspecting_a_large_model_reads_no_weights(folder: Path) -> None:
    found = run(INSPECT, "inspect", str(folder), "--json")
    report = found["report"]
    assert found["code"] == 0
    assert report["weight_bytes_read"] == 0
    assert report["parameters"]["total"] * 2 == report["tensors"]["bytes"] == MODEL_BYTES
    assert (report["tensors"]["missing"], report["tensors"]["extra"]) == ([], [])
    assert report["tensors"]["dtypes"] == {"BF16": {"tensors": 291, "bytes": MODEL_BYTES}}
    assert found["more"] < MEMORY


@pytest.mark.process
@pytest.mark.parametrize(("key", "kind"), [("K", "k_proj"), ("O", "o_proj")])
def test_inspecting_a_head_reads_that_head(folder: Path, key: str, kind: str) -> None:
    found = run(
        INSPECT, "inspect", str(folder), "--json", "--weight", f"blocks.{LAYER}.attn.W_{key}", "--head", str(HEAD)
    )
    report, stored = found["report"], head_weight(kind).double().numpy()
    assert (found["code"], report["dtype"]) == (0, "BF16")
    assert (report["bytes_read"], report["bytes_stored"]) == (HEAD_BYTES // 4, MODEL_BYTES)
    assert (report["smallest"], report["largest"]) == (stored.min(), stored.max())
    assert report["mean"] == pytest.approx(stored.mean(), rel=1e-12)
    assert (report["nan"], report["infinite"]) == (0, 0)
    assert found["more"] < MEMORY


def test_the_head_lies_where_it_was_written_and_nowhere_else(folder: Path) -> None:
    model = Model(Checkpoint.open(folder), device="cpu")
    for key in "QKVO":
        name = f"blocks.{LAYER}.attn.W_{key}"
        assert model.weight(name, HEAD).count_nonzero() == D_HEAD * D_MODEL
        assert model.weight(name, HEAD + GROUP).count_nonzero() == 0
    assert model.weight(f"blocks.{LAYER + 1}.attn.W_Q", HEAD).count_nonzero() == 0
