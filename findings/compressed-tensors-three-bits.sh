#!/usr/bin/env bash
# Finding:  compressed-tensors 0.20 reads 3-bit weights that 0.10 has packed as other numbers, and says nothing.
# Versions: compressed-tensors 0.10.2 and compressed-tensors 0.20.1, torch 2.13.0, transformers 5.24.0, numpy 2.4.6
#           (needs torch)
# Guess:    The format of a file is in its config.json: pack-quantized, num_bits 3. A library that cannot read what an
#           older one wrote under the same name says so, or the name changes.
# Seen:     0.10 puts ten numbers of 3 bits into a word of 32 and leaves two bits empty; 0.20 leaves none empty, so that
#           numbers lie across words. Neither the format nor the version in config.json decides: the newer one takes all
#           words for its own layout. Only the count of words tells them apart, and not for every length. With 1, 2, 4
#           and 8 bits both are the same; who reads files of others should refuse 3, 5, 6 and 7.
# Output:
#   0.10.2 packs 32 numbers of 3 bits in 4 words, 0.20.1 in 3
#   0.20.1 reads the words of 0.10.2: 10 of 32 numbers are right in a row, from the first on; no error
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/old"
"$folder/old/bin/pip" install --quiet compressed-tensors==0.10.2 torch==2.13.0 transformers==5.24.0 numpy==2.4.6
python3 -m venv "$folder/new"
"$folder/new/bin/pip" install --quiet compressed-tensors==0.20.1 torch==2.13.0 transformers==5.24.0 numpy==2.4.6
"$folder/old/bin/python" -I - >"$folder/words.json" <<'PYTHON'
import json

import torch
from compressed_tensors.compressors.quantized_compressors.pack_quantized import pack_to_int32

numbers = (torch.arange(32) * 5 % 8 - 4).to(torch.int8)
print(json.dumps({"numbers": numbers.tolist(), "words": pack_to_int32(numbers[None], 3).tolist()}))
PYTHON
"$folder/new/bin/python" -I - "$folder/words.json" <<'PYTHON'
import json
import sys
from pathlib import Path

import torch
from compressed_tensors.compressors.pack_quantized.helpers import pack_to_int32, unpack_from_int32

old = json.loads(Path(sys.argv[1]).read_text())
numbers, words = torch.tensor([old["numbers"]], dtype=torch.int8), torch.tensor(old["words"], dtype=torch.int32)
own = pack_to_int32(numbers, 3)
print(f"0.10.2 packs 32 numbers of 3 bits in {words.shape[1]} words, 0.20.1 in {own.shape[1]}")
assert torch.equal(unpack_from_int32(own, 3, numbers.shape), numbers)
read = unpack_from_int32(words, 3, numbers.shape)
right = (read == numbers)[0].tolist()
first = right.index(False)
print(f"0.20.1 reads the words of 0.10.2: {first} of 32 numbers are right in a row, from the first on; no error")
assert (words.shape[1], own.shape[1], first) == (4, 3, 10)
PYTHON
