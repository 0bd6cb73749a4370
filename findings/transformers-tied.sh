#!/usr/bin/env bash
# Finding:  transformers 5 leaves the output matrix untied although the configuration says tie_word_embeddings: true.
# Versions: transformers 5.24.0, torch 2.13.0, numpy 2.4.6, safetensors 0.8.0 (needs torch)
# Guess:    The configuration decides, as it did in version 4: the embedding is used twice, and an lm_head.weight that a
#           file also holds is left unread. So whoever trains with tied weights may leave an old one in the file.
# Seen:     Version 5 compares them. If the two are equal they are tied; if not, both are loaded, untied, after a
#           warning in the log, and the logits are those of the stored matrix. The configuration still says true, and
#           the next fine-tuning trains two matrices.
# Output:
#   no lm_head.weight in the file:  tied
#   one equal to the embedding:     tied
#   another one:                    not tied, config.tie_word_embeddings is True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 torch==2.13.0 numpy==2.4.6 safetensors==0.8.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()
HEAD, EMBEDDING = "lm_head.weight", "model.embed_tokens.weight"
found = []
with tempfile.TemporaryDirectory() as folder:
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    LlamaForCausalLM(LlamaConfig(**sizes, vocab_size=20, tie_word_embeddings=True)).save_pretrained(folder)
    path = Path(folder) / "model.safetensors"
    weights = load_file(path)
    assert HEAD not in weights
    embedding = weights[EMBEDDING]
    cases = {"no lm_head.weight in the file": None, "one equal to the embedding": embedding, "another one": 2 * embedding}
    for words, head in cases.items():
        save_file(weights if head is None else {**weights, HEAD: head.clone()}, path, {"format": "pt"})
        model = AutoModelForCausalLM.from_pretrained(folder)
        tied = model.lm_head.weight is model.model.embed_tokens.weight
        says = f"not tied, config.tie_word_embeddings is {model.config.tie_word_embeddings}"
        print(f"{words + ':':31} {'tied' if tied else says}")
        found.append(tied)
        assert model.config.tie_word_embeddings
        assert torch.equal(model.model.embed_tokens.weight, embedding)
        assert head is None or torch.equal(model.lm_head.weight, head)
assert found == [True, True, False], found
PYTHON
