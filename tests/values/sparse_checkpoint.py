"""A checkpoint of the size of Llama 3.1 70B whose weights are holes: real headers in files that take no room."""

import json
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

LLAMA_70B: dict[str, Any] = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 8192,
    "intermediate_size": 28672,
    "num_attention_heads": 64,
    "num_key_value_heads": 8,
    "num_hidden_layers": 80,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
    "rms_norm_eps": 1e-05,
    "rope_theta": 500000.0,
    "tie_word_embeddings": False,
    "torch_dtype": "bfloat16",
}
SHARD = 5 << 30
"""Bytes of a file, at most."""


def save_sparse(folder: Path, said: dict[str, Any] = LLAMA_70B) -> int:
    """Write config.json, an index and shards of a Llama in bfloat16; gives the bytes that the weights seem to take."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(said))
    shards: list[dict[str, tuple[int, ...]]] = [{}]
    size = 0
    for name, shape in _shapes(said):
        if shards[-1] and size + 2 * prod(shape) > SHARD:
            shards.append({})
            size = 0
        shards[-1][name] = shape
        size += 2 * prod(shape)
    places, total = dict[str, str](), 0
    for number, shard in enumerate(shards, 1):
        name = f"model-{number:05}-of-{len(shards):05}.safetensors"
        places |= dict.fromkeys(shard, name)
        total += _save_shard(folder / name, shard)
    index = {"metadata": {"total_size": total}, "weight_map": places}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return total


def _shapes(said: dict[str, Any]) -> Iterator[tuple[str, tuple[int, ...]]]:
    wide, mlp, vocabulary = said["hidden_size"], said["intermediate_size"], said["vocab_size"]
    shared = wide * said["num_key_value_heads"] // said["num_attention_heads"]
    yield "model.embed_tokens.weight", (vocabulary, wide)
    for layer in range(said["num_hidden_layers"]):
        at = f"model.layers.{layer}."
        yield f"{at}input_layernorm.weight", (wide,)
        yield f"{at}self_attn.q_proj.weight", (wide, wide)
        yield f"{at}self_attn.k_proj.weight", (shared, wide)
        yield f"{at}self_attn.v_proj.weight", (shared, wide)
        yield f"{at}self_attn.o_proj.weight", (wide, wide)
        yield f"{at}post_attention_layernorm.weight", (wide,)
        yield f"{at}mlp.gate_proj.weight", (mlp, wide)
        yield f"{at}mlp.up_proj.weight", (mlp, wide)
        yield f"{at}mlp.down_proj.weight", (wide, mlp)
    yield "model.norm.weight", (wide,)
    yield "lm_head.weight", (vocabulary, wide)


def _save_shard(file: Path, shapes: dict[str, tuple[int, ...]]) -> int:
    """A header, and a hole as large as what it promises."""
    header, end = dict[str, Any](), 0
    for name, shape in shapes.items():
        begin, end = end, end + 2 * prod(shape)
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with file.open("wb") as opened:
        opened.write(len(text).to_bytes(8, "little") + text)
        opened.truncate(8 + len(text) + end)
    return end
