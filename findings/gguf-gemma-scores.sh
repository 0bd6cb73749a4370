#!/usr/bin/env bash
# Finding:  The same vocabulary cuts the same text otherwise in a GGUF file of a Gemma than in one of a Llama.
# Versions: transformers 5.24.0, gguf 0.19.0, torch 2.13.0, numpy 2.4.6 (needs torch)
# Guess:    tokenizer.ggml.model says llama in both, so both are read by SentencePiece's rule: the neighbours are joined
#           that make the piece of the highest score.
# Seen:     transformers asks general.architecture: of a Gemma, 1, 2 or 3, it passes over all scores and joins by ids, the
#           lowest first, as Gemma's own tokenizer does. No space goes before a text, either, whatever
#           add_space_prefix says, and pieces of two spaces and more, which the converter writes as spaces, are those
#           of SentencePiece. Who reads the scores of a Gemma gets other tokens, without an error.
# Output:
#   llama:  ['▁', 'a', 'bc']
#   gemma2: ['ab', 'c']
#   gemma3: ['ab', 'c']
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 gguf==0.19.0 torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import tempfile
from pathlib import Path

from gguf import GGUFWriter
from transformers import AutoTokenizer
from transformers.utils import logging

logging.set_verbosity_error()
TOKENS = ["<pad>", "<eos>", "<bos>", "<unk>", "▁", "a", "b", "c", "ab", "bc"]
SCORES = [0.0, 0.0, 0.0, 0.0, -9.0, -9.0, -9.0, -9.0, -2.0, -1.0]  # bc is better than ab
KINDS = [3, 3, 3, 2, 1, 1, 1, 1, 1, 1]


def pieces(architecture: str) -> list[str]:
    """Of the text abc, by a file with nothing but this vocabulary."""
    with tempfile.TemporaryDirectory() as folder:
        writer = GGUFWriter(Path(folder) / "model.gguf", architecture)
        writer.add_block_count(1)
        writer.add_context_length(64)
        writer.add_embedding_length(8)
        writer.add_feed_forward_length(8)
        writer.add_head_count(1)
        writer.add_head_count_kv(1)
        writer.add_layer_norm_rms_eps(1e-5)
        writer.add_tokenizer_model("llama")
        writer.add_token_list(TOKENS)
        writer.add_token_scores(SCORES)
        writer.add_token_types(KINDS)
        writer.add_bos_token_id(2)
        writer.add_eos_token_id(1)
        writer.add_unk_token_id(3)
        writer.add_add_space_prefix(True)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file="model.gguf")
    return tokenizer.convert_ids_to_tokens(tokenizer("abc", add_special_tokens=False)["input_ids"])


found = {architecture: pieces(architecture) for architecture in ("llama", "gemma2", "gemma3")}
for architecture, read in found.items():
    print(f"{architecture + ':':<7}", read)
assert found == {"llama": ["▁", "a", "bc"], "gemma2": ["ab", "c"], "gemma3": ["ab", "c"]}, found
PYTHON
