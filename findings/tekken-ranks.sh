#!/usr/bin/env bash
# Finding:  In Mistral's tekken.json a token's rank is not its id, and 19,928 of the 150,000 tokens have no id at all.
# Versions: mistral-common 1.13.1
# Guess:    The file lists pieces with their ranks, as tiktoken's files do, where the rank is the id; and a vocabulary
#           is as large as its list.
# Seen:     The first 1,000 ids belong to control tokens that the list does not hold, so an id is the rank and 1,000.
#           And the model has 131,072 ids in all: the list is cut off there, at rank 130,071, although it goes on. Who
#           takes ids for ranks gets words that look real, of another language; who takes the list for the vocabulary
#           splits text into pieces for which the model has no row.
# Output:
#   tokens in the list: 150000; ids: 131072, of which 1000 are control tokens; tokens without an id: 19928
#   ids of "Hello world": [22177, 4304]
#   read as ranks: [' 主', ' stop']; less 1000: ['Hello', ' world']
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet mistral-common==1.13.1
"$folder/venv/bin/python" -I - <<'PYTHON'
import json
from pathlib import Path

import mistral_common
from mistral_common.tokens.tokenizers.tekken import Tekkenizer

path = Path(mistral_common.__file__).parent / "data" / "tekken_240911.json"
listed = json.loads(path.read_text(encoding="utf-8"))["vocab"]
tokenizer = Tekkenizer.from_file(path)
control = tokenizer.num_special_tokens
left = len(listed) - (tokenizer.n_words - control)
print(f"tokens in the list: {len(listed)}; ids: {tokenizer.n_words}, of which {control} are control tokens;", end=" ")
print(f"tokens without an id: {left}")
ids = tokenizer.encode("Hello world", bos=False, eos=False)
print('ids of "Hello world":', ids)
pieces = {entry["rank"]: entry["token_str"] for entry in listed}
as_ranks, shifted = [pieces[number] for number in ids], [pieces[number - control] for number in ids]
print(f"read as ranks: {as_ranks}; less {control}: {shifted}")
assert (len(listed), tokenizer.n_words, control, left) == (150000, 131072, 1000, 19928)
assert shifted == ["Hello", " world"] and as_ranks != shifted
PYTHON
