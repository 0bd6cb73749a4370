#!/usr/bin/env bash
# Finding:  Of peft's rank_pattern the first entry that fits decides, not the most exact; half a name fits nothing.
# Versions: peft 0.21.2, transformers 5.24.0, torch 2.13.0, numpy 2.4.6 (needs torch)
# Guess:    The entry for one layer beats the one for all, as in routes and style sheets; "layers.1" means layer 1; and
#           a pattern that fits no layer is an error, as it is for target_modules.
# Seen:     Entries are tried in the order of the dictionary, each against the end of a module's name. With "q_proj"
#           first the exact entry after it is never looked at. "layers.1" and the whole name as named_modules gives it
#           fit nothing. All this passes in silence with the default rank. A configuration that a tool has sorted by
#           key so trains other ranks.
# Output:
#   {'q_proj': 4, 'layers.1.self_attn.q_proj': 2}   ranks of layers 0, 1, 2: [4, 4, 4]
#   {'layers.1.self_attn.q_proj': 2, 'q_proj': 4}   ranks of layers 0, 1, 2: [4, 2, 4]
#   {'layers.1': 2}                                 ranks of layers 0, 1, 2: [8, 8, 8]
#   {'base_model.model.model.layers.1.self_attn.q_proj': 2} ranks of layers 0, 1, 2: [8, 8, 8]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet peft==0.21.2 transformers==5.24.0 torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
from peft import LoraConfig, get_peft_model
from transformers import LlamaConfig, LlamaForCausalLM

SIZES = LlamaConfig(hidden_size=16, intermediate_size=16, num_hidden_layers=3, num_attention_heads=2, vocab_size=20)
ONE = "layers.1.self_attn.q_proj"
PATTERNS = ({"q_proj": 4, ONE: 2}, {ONE: 2, "q_proj": 4}, {"layers.1": 2}, {f"base_model.model.model.{ONE}": 2})
found = []
for pattern in PATTERNS:
    asked = LoraConfig(r=8, target_modules=["q_proj"], rank_pattern=pattern)
    model = get_peft_model(LlamaForCausalLM(SIZES), asked)
    modules = dict(model.named_modules())
    assert f"base_model.model.model.{ONE}" in modules
    ranks = [modules[f"base_model.model.model.layers.{number}.self_attn.q_proj"].r["default"] for number in range(3)]
    found.append(ranks)
    print(f"{pattern!s:47} ranks of layers 0, 1, 2: {ranks}")
assert found == [[4, 4, 4], [4, 2, 4], [8, 8, 8], [8, 8, 8]], found
PYTHON
