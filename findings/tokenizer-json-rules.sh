#!/usr/bin/env bash
# Finding:  transformers 5 takes the vocabulary of a tokenizer.json, and for some names of classes its own rules.
# Versions: transformers 5.24.0, tokenizers 0.23.3
# Guess:    A tokenizer.json is the whole tokenizer: normalizer, cutting into words, merges. Version 4 ran it as it was,
#           under whatever name tokenizer_config.json gave the class.
# Seen:     Under the names GPT2Tokenizer and Qwen2Tokenizer version 5 builds the family's usual tokenizer anew from the
#           vocabulary and the merges. The file's own normalizer and its cutting of numbers into digits are gone,
#           without a warning; ids then differ from those that tokenizers gives for the same file. It is enough that
#           config.json says "qwen2". PreTrainedTokenizerFast runs the file.
# Output:
#   tokenizers itself:                 ['1', '2', '3', 'Ġ', 'a', 'b']
#   class PreTrainedTokenizerFast:     ['1', '2', '3', 'Ġ', 'a', 'b']
#   class GPT2TokenizerFast:           ['123', 'Ġ', 'Ab']
#   class Qwen2TokenizerFast:          ['1', '2', '3', 'Ġ', 'Ab']
#   no class, config.json says qwen2:  ['1', '2', '3', 'Ġ', 'Ab']
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 tokenizers==0.23.3
"$folder/venv/bin/python" -I - <<'PYTHON'
import json
import tempfile
from pathlib import Path

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import AutoTokenizer
from transformers.utils import logging

logging.set_verbosity_error()
MERGES = [("1", "2"), ("12", "3"), ("A", "b")]
PIECES = [*sorted(pre_tokenizers.ByteLevel.alphabet()), "12", "123", "Ab", "<|endoftext|>"]
TEXT = "123 Ab"

made = Tokenizer(models.BPE(vocab={piece: number for number, piece in enumerate(PIECES)}, merges=MERGES))
made.normalizer = normalizers.Lowercase()
made.pre_tokenizer = pre_tokenizers.Sequence(
    [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
)


def cut(name: str | None, family: str | None = None) -> list[str]:
    """How transformers cuts the text with this tokenizer under a class's name."""
    with tempfile.TemporaryDirectory() as folder:
        made.save(f"{folder}/tokenizer.json")
        for file, key, value in (("tokenizer_config", "tokenizer_class", name), ("config", "model_type", family)):
            if value:
                (Path(folder) / f"{file}.json").write_text(json.dumps({key: value}))
        return AutoTokenizer.from_pretrained(folder).tokenize(TEXT)


found = {"tokenizers itself": made.encode(TEXT).tokens}
for name in ("PreTrainedTokenizerFast", "GPT2TokenizerFast", "Qwen2TokenizerFast"):
    found[f"class {name}"] = cut(name)
found["no class, config.json says qwen2"] = cut(None, "qwen2")
for words, tokens in found.items():
    print(f"{words + ':':34} {tokens}")
whole = ["1", "2", "3", "Ġ", "a", "b"]
qwen = ["1", "2", "3", "Ġ", "Ab"]
assert list(found.values()) == [whole, whole, ["123", "Ġ", "Ab"], qwen, qwen]
PYTHON
