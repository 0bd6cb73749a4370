#!/usr/bin/env bash
# Finding:  transformers answers output_attentions=True with an empty tuple.
# Versions: transformers 5.24.0, torch 2.13.0, numpy 2.4.6 (needs torch)
# Guess:    One asks for the attention weights and gets a tensor for each layer, or an error where that cannot be done;
#           or None, as for everything that was not asked for.
# Seen:     The default implementation, sdpa, never has the weights. A warning goes to the log, and `attentions` is (),
#           so that code which looks at the last layer fails with an IndexError far away, and code which goes over
#           the layers shows nothing. attn_implementation="eager" gives all of them.
# Output:
#   by default (sdpa): attentions is ()
#   eager: attentions of 2 layers, each (1, 2, 3, 3)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import torch
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.utils import logging

logging.set_verbosity_error()
config = LlamaConfig(hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2, vocab_size=20)
found = {}
for kind in (None, "eager"):
    config._attn_implementation = kind
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        attentions = model(torch.tensor([[1, 2, 3]]), output_attentions=True).attentions
    found[model.config._attn_implementation] = attentions
assert list(found) == ["sdpa", "eager"], list(found)
print("by default (sdpa): attentions is", found["sdpa"])
print(f"eager: attentions of {len(found['eager'])} layers, each {tuple(found['eager'][0].shape)}")
assert found["sdpa"] == ()
assert [tuple(layer.shape) for layer in found["eager"]] == [(1, 2, 3, 3)] * 2
PYTHON
