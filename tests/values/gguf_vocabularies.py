"""GGUF files that hold a vocabulary and no weights, and their tokenizers."""

from pathlib import Path
from typing import Any

import gguf
import numpy as np

from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.text.tokens import Tokenizer, open_tokenizer
from tests.values.gguf_writer import finish, write_value
from tests.values.vocabularies import END_OF_TEXT, trained_bytes, trained_letters

ASSET = Path(__file__).resolve().parents[2] / "assets" / "smollm2-135m-2layers"
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE = 1, 2, 3, 4, 6


def file_of(folder: Path, vocabulary: dict[str, Any], architecture: str = "llama") -> Path:
    """A GGUF file with this vocabulary and next to nothing else."""
    path = folder / "m.gguf"
    writer = gguf.GGUFWriter(str(path), architecture)
    sizes = ("block_count", "embedding_length", "feed_forward_length", "context_length", "attention.head_count")
    for key in sizes:
        write_value(writer, f"{architecture}.{key}", 1)
    for key in ("attention.layer_norm_rms_epsilon", "attention.layer_norm_epsilon"):
        write_value(writer, f"{architecture}.{key}", 1e-5)
    for key, value in vocabulary.items():
        write_value(writer, f"tokenizer.ggml.{key}", value)
    for name in ("token_embd.weight", "blk.0.attn_norm.weight"):
        writer.add_tensor(name, np.zeros((1, 2), np.float32))
    finish(writer)
    return path


def opened(path: Path) -> Tokenizer:
    return open_tokenizer(Checkpoint.open(path))


def of_bytes(pre: str | None, merged: int | None = None) -> dict[str, Any]:
    """A byte-level vocabulary with its rule of splitting, or only so many of its merges."""
    vocabulary, merges = trained_bytes()
    merges = merges[:merged]
    pieces = [*list(vocabulary)[: len(vocabulary) - 1 - len(trained_bytes()[1]) + len(merges)], END_OF_TEXT]
    return {
        "model": "gpt2",
        **({"pre": pre} if pre else {}),
        "tokens": pieces,
        "token_type": [CONTROL if piece == END_OF_TEXT else NORMAL for piece in pieces],
        "merges": [" ".join(merge) for merge in merges],
    }


def of_letters(count: int | None = None, **more: Any) -> dict[str, Any]:
    """A vocabulary of SentencePiece, or only so many of its pieces beside the single bytes."""
    pieces = [piece for piece in trained_letters() if piece != "<unk>"][:count]
    special, single = ["<unk>", "<s>", "</s>"], [f"<0x{byte:02X}>" for byte in range(256)]
    return {
        "model": "llama",
        "tokens": [*special, *single, *pieces],
        "scores": [*[0.0] * 259, *(-float(number) for number in range(len(pieces)))],
        "token_type": [UNKNOWN, CONTROL, CONTROL, *[BYTE] * 256, *[NORMAL] * len(pieces)],
        "unknown_token_id": 0,
        **more,
    }
