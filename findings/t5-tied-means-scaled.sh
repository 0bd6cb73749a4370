#!/usr/bin/env bash
# Finding:  tie_word_embeddings: false unties nothing in a T5; it takes the scale of the decoder's output away.
# Versions: transformers 5.24.0, torch 2.13.0 (needs torch)
# Guess:    The key says whether the output matrix is the embedding, and the config that was read says what the file said.
# Seen:     T5Config ties always, and says true whatever was given. What the key decides is scale_decoder_outputs: whether
#           the decoder's output is divided by the root of d_model (the first T5 did, 1.1 did not). A null of that key
#           is false, where a key left out is true. An mT5 passes over both keys and never divides.
# Output:
#   t5  nothing said:                tied True, logits divided by 4
#   t5  tie_word_embeddings false:   tied True, logits divided by 1
#   t5  scale_decoder_outputs null:  tied True, logits divided by 1
#   mt5 nothing said:                tied True, logits divided by 1
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet transformers==5.24.0 torch==2.13.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import torch
from transformers import CONFIG_MAPPING, AutoModelForSeq2SeqLM

SIZES = {"vocab_size": 20, "d_model": 16, "d_kv": 8, "d_ff": 16, "num_layers": 1, "num_heads": 2}
SAID = [("t5", "nothing said", {}), ("t5", "tie_word_embeddings false", {"tie_word_embeddings": False}),
        ("t5", "scale_decoder_outputs null", {"scale_decoder_outputs": None}), ("mt5", "nothing said", {})]
tokens = torch.arange(5)[None]
found = []
for kind, words, keys in SAID:
    config = CONFIG_MAPPING[kind](**SIZES, **keys)
    torch.manual_seed(0)
    model = AutoModelForSeq2SeqLM.from_config(config).eval()
    with torch.no_grad():
        out = model(input_ids=tokens, decoder_input_ids=tokens, output_hidden_states=True)
        ratio = (out.decoder_hidden_states[-1] @ model.lm_head.weight.T).norm() / out.logits.norm()
    tied = model.lm_head.weight is model.get_input_embeddings().weight
    assert config.tie_word_embeddings is True, config
    found.append((tied, round(float(ratio), 3)))
    print(f"{kind:3} {words + ':':28} tied {tied}, logits divided by {found[-1][1]:g}")
assert found == [(True, 4.0), (True, 1.0), (True, 1.0), (True, 1.0)], found
PYTHON
