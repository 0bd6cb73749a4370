#!/usr/bin/env bash
# Finding:  the same sliding_window of 4 is 4 keys where attention is causal, and 9 where is_causal is false.
# Versions: transformers 5.24.0, torch 2.13.0 (needs torch)
# Guess:    A window of W is W keys, the query's own among them; without the causal mask half of them lie on the other
#           side, or as many again without the own one: 2 W - 1.
# Seen:     Causal, a query sees itself and the W - 1 tokens before (distance < W). With is_causal: false, which turns
#           any decoder of transformers 5 both ways, it sees W to each side (distance <= W): 2 W + 1, and one token
#           further back than before. A Mistral that is fine-tuned as an embedder sees a token more in its past.
# Output:
#   is_causal true:  row 6 of 12 sees columns 3 4 5 6
#   is_causal false: row 6 of 12 sees columns 2 3 4 5 6 7 8 9 10
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 torch==2.13.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import torch
from transformers import MistralConfig, MistralForCausalLM

SIZES = {"vocab_size": 20, "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1,
         "num_attention_heads": 2, "num_key_value_heads": 2}
found = {}
for causal in (True, False):
    config = MistralConfig(**SIZES, sliding_window=4, is_causal=causal)
    model = MistralForCausalLM._from_config(config, attn_implementation="eager").eval()
    with torch.no_grad():
        (pattern,) = model(torch.arange(12)[None], output_attentions=True).attentions
    found[causal] = pattern[0, 0, 6].nonzero().flatten().tolist()
    print(f"is_causal {str(causal).lower() + ':':6} row 6 of 12 sees columns {' '.join(map(str, found[causal]))}")
assert found == {True: [3, 4, 5, 6], False: [2, 3, 4, 5, 6, 7, 8, 9, 10]}, found
PYTHON
