"""Vocabularies trained in a test, and texts to try them on."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import tokenizers
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
END_OF_TEXT = "<|endoftext|>"
SPLITTERS = ["  ", "\n", "\n\n", "'s", "'LL", "_", "…", "/", "(", "\t", "\u00a0", "1", "2024", "e\u0301"]
FAMILIAR = ["the ", " a", "é", "License", "東", "🙂", *SPLITTERS]
NUMBERS = [f"{start} {start * start}\n\n, It's 20{start % 100} {start} (The\tof THE\n/" for start in range(10, 200)]

texts = (
    st.lists(st.one_of(st.sampled_from(FAMILIAR), st.text(max_size=4)), min_size=1, max_size=12)
    .map("".join)
    .filter(bool)
)
"""Any text, words of the training and what splits words among it."""


def training() -> list[str]:
    """Enough prose for a small vocabulary, always the same."""
    prose = ROOT / "assets" / "smollm2-135m-2layers" / "LICENSE"
    return prose.read_text(encoding="utf-8").splitlines(keepends=True)


@cache
def trained_bytes() -> tuple[dict[str, int], list[Any]]:
    """A byte-level vocabulary and its merges; pieces run across words, so that it matters how text is split first."""
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE())
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    trainer = tokenizers.trainers.BpeTrainer(vocab_size=1200, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator([*training(), *NUMBERS], trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return {**model["vocab"], END_OF_TEXT: len(model["vocab"])}, [tuple(merge) for merge in model["merges"]]


def a_word() -> str:
    """A piece of `trained_bytes` that is a space and letters."""
    return next(piece for piece in trained_bytes()[0] if re.fullmatch("Ġ[a-z]+", piece))


@cache
def trained_letters() -> list[str]:
    """The pieces of a SentencePiece-like vocabulary, those that were joined first before the others."""
    tokenizer = tokenizers.SentencePieceBPETokenizer(add_prefix_space=False)
    tokenizer.train_from_iterator(training(), vocab_size=700, min_frequency=1, show_progress=False)
    vocabulary = json.loads(tokenizer.to_str())["model"]["vocab"]
    return sorted(vocabulary, key=lambda piece: vocabulary[piece])
