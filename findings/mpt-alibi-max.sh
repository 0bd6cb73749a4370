#!/usr/bin/env bash
# Finding:  alibi_bias_max of an MPT changes nothing: with 16, as its storywriter has, transformers computes as with 8.
# Versions: transformers 5.24.0, torch 2.13.0 (needs torch)
# Guess:    attn_config says how steep the slopes of ALiBi are, the smallest being 2^-alibi_bias_max: the function that
#           makes them takes it as an argument, and MosaicML's own model follows it.
# Seen:     The model calls that function without it, so that its default of 8 holds. Two models that differ in nothing
#           else give the same logits to the bit; so a model that was trained with 16 looks less far back than it
#           learned to. Compute the bias oneself, or refuse such a model.
# Output:
#   logits with alibi_bias_max 8 and 16 differ by 0.0
#   the smallest slope of 8 heads: 0.00390625 by default, 1.52587890625e-05 if it is told
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 torch==2.13.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import torch
from transformers import MptConfig, MptForCausalLM
from transformers.models.mpt.modeling_mpt import build_mpt_alibi_tensor

found = []
for most in (8, 16):
    config = MptConfig(vocab_size=40, d_model=32, n_layers=1, n_heads=8, max_seq_len=64,
                       attn_config={"alibi_bias_max": most})
    model = MptForCausalLM._from_config(config, attn_implementation="eager").eval()
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
        found.append(model(torch.arange(12)[None]).logits)
apart = float((found[0] - found[1]).abs().max())
print(f"logits with alibi_bias_max 8 and 16 differ by {apart}")
slopes = [float(-build_mpt_alibi_tensor(8, 64, most)[-1, 0, -2]) for most in (8, 16)]
print(f"the smallest slope of 8 heads: {slopes[0]} by default, {slopes[1]} if it is told")
assert apart == 0 and slopes == [2.0**-8, 2.0**-16]
PYTHON
