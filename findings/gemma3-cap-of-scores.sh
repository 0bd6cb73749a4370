#!/usr/bin/env bash
# Finding:  attn_logit_softcapping of a Gemma 3 changes nothing, where the same key of a Gemma 2 caps every score.
# Versions: transformers 5.24.0, torch 2.13.0 (needs torch)
# Guess:    The key is a field of Gemma3TextConfig, and the attention module keeps its value in an attribute of
#           that name: with a cap of 1 no score is above 1, and patterns are nearly flat.
# Seen:     Gemma3Attention hands no softcap on to the function that computes attention: patterns are the same to the
#           bit with and without. Gemma2Attention does. The key final_logit_softcapping, beside it, holds in both.
# Output:
#   gemma2:      a cap of 1 changes the pattern: True
#   gemma3_text: a cap of 1 changes the pattern: False
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 torch==2.13.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import torch
from transformers import CONFIG_MAPPING, AutoModelForCausalLM

SIZES = {"vocab_size": 20, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1,
         "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 8, "query_pre_attn_scalar": 1}


def pattern(kind, cap):
    config = CONFIG_MAPPING[kind](**SIZES, attn_logit_softcapping=cap)
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("proj.weight"):
                parameter.normal_(0, 1)
        return model(torch.arange(12)[None], output_attentions=True).attentions[0]


found = {}
for kind in ("gemma2", "gemma3_text"):
    found[kind] = not torch.equal(pattern(kind, 1.0), pattern(kind, None))
    print(f"{kind + ':':12} a cap of 1 changes the pattern: {found[kind]}")
assert found == {"gemma2": True, "gemma3_text": False}, found
PYTHON
