#!/usr/bin/env bash
# Finding:  With dynamic rotary scaling, what transformers answers to a prompt depends on the prompts before it.
# Versions: transformers 5.24.0, torch 2.13.0, numpy 2.4.6 (needs torch)
# Guess:    a forward pass without a cache is a function of weights and tokens: the base grows with the length of the
#           prompt at hand, and goes back for a shorter one.
# Seen:     the module keeps the longest length that it has met, and goes back only for a prompt that is shorter than
#           the original context. A prompt of 20 tokens after one of 40 is read with the base of 40, and one of just
#           16, the whole original context, too. Load the model anew for numbers that can be repeated.
# Output:
#   12 tokens: slowest wavelength 19869 before and 19869 after a prompt of 40; the same logits
#   16 tokens: slowest wavelength 19869 before and 139084 after a prompt of 40; other logits
#   20 tokens: slowest wavelength 39738 before and 139084 after a prompt of 40; other logits
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 torch==2.13.0 numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import math

import torch
from transformers import LlamaConfig, LlamaForCausalLM

torch.manual_seed(0)
config = LlamaConfig(
    vocab_size=32, hidden_size=32, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
    max_position_embeddings=16, rope_parameters={"rope_type": "dynamic", "factor": 4.0, "rope_theta": 10000.0},
    initializer_range=1.0,
)  # fmt: skip
model = LlamaForCausalLM(config).eval()
prompt = torch.arange(40) % 32


@torch.no_grad()
def read(tokens: int) -> tuple[int, torch.Tensor]:
    """The slowest wavelength, and the logits of a prompt that is read in one pass."""
    logits = model(prompt[None, :tokens], use_cache=False).logits
    return round(2 * math.pi / float(model.model.rotary_emb.inv_freq[-1])), logits


before = {tokens: read(tokens) for tokens in (12, 16, 20)}
read(40)
after = {tokens: read(tokens) for tokens in (20, 16, 12)}
same = {tokens: torch.equal(before[tokens][1], after[tokens][1]) for tokens in before}
for tokens in before:
    print(
        f"{tokens} tokens: slowest wavelength {before[tokens][0]} before and {after[tokens][0]} after a prompt of 40; "
        f"{'the same' if same[tokens] else 'other'} logits"
    )
assert same == {12: True, 16: False, 20: False}, same
PYTHON
