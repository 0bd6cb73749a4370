"""Makes compressed_tensors.safetensors: weights as the package compressed-tensors stores them, and its own numbers.

Not run by the tests, which need no such package: `pip install compressed-tensors==0.20.1`, beside torch 2.13.0 and
safetensors 0.8.0, then `python -m tests.values.make_compressed_tensors`. What the package makes of what it stored is
kept as "expected", with scales in float32 so that it is not rounded once more; floats of 4 and 6 bits it gives in
bfloat16 only. With compressed-tensors==0.17.0 and `--gaps` it makes compressed_tensors_gaps.safetensors, of the widths
that versions up to that one pack with gaps.
"""

import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

FILE = Path(__file__).with_name("compressed_tensors.safetensors")
ROWS, COLUMNS, UNEVEN = 20, 64, 44
SHOWING = 61
"""Columns that take another number of words with gaps than without."""
BY_GROUP, BY_BLOCK = {"strategy": "group", "group_size": 32}, {"strategy": "block", "block_structure": [16, 32]}
BY_ROW, FOR_ALL, ASYMMETRIC = {"strategy": "channel"}, {"strategy": "tensor"}, {"symmetric": False}
CASES: tuple[tuple[str, Mapping[str, Any], int], ...] = (
    *(("pack-quantized", {"num_bits": bits, **BY_GROUP}, COLUMNS) for bits in (2, 4, 8)),
    *(("pack-quantized", {"num_bits": bits, **BY_GROUP, **ASYMMETRIC}, COLUMNS) for bits in (2, 4, 8)),
    ("pack-quantized", {"num_bits": 4, **BY_ROW}, UNEVEN),
    ("pack-quantized", {"num_bits": 4, **BY_ROW, **ASYMMETRIC}, UNEVEN),
    ("pack-quantized", {"num_bits": 4, **FOR_ALL, **ASYMMETRIC}, COLUMNS),
    *(("int-quantized", {"num_bits": 8, **by}, UNEVEN) for by in (BY_ROW, FOR_ALL)),
    ("int-quantized", {"num_bits": 8, **BY_ROW, **ASYMMETRIC}, COLUMNS),
    ("naive-quantized", {"num_bits": 8, **BY_GROUP, **ASYMMETRIC}, COLUMNS),
    *(("float-quantized", {"num_bits": 8, "type": "float", **by}, UNEVEN) for by in (BY_ROW, FOR_ALL, BY_BLOCK)),
    ("nvfp4-pack-quantized", {"num_bits": 4, "type": "float", "strategy": "tensor_group", "group_size": 16}, COLUMNS),
    ("mxfp4-pack-quantized", {"num_bits": 4, "type": "float", **BY_GROUP}, COLUMNS),
    ("mxfp8-quantized", {"num_bits": 8, "type": "float", **BY_GROUP, "scale_dtype": "torch.uint8"}, COLUMNS),
)
ODD = (3, 5, 6, 7)
"""Bits of which a word does not hold some number, and nothing else."""
OF_ODD: tuple[tuple[str, Mapping[str, Any], int], ...] = (
    *(("pack-quantized", {"num_bits": bits, **BY_GROUP}, COLUMNS) for bits in ODD),
    *(("pack-quantized", {"num_bits": bits, **BY_GROUP, **ASYMMETRIC}, COLUMNS) for bits in ODD),
    *(("pack-quantized", {"num_bits": bits, **BY_ROW, **ASYMMETRIC}, SHOWING) for bits in ODD),
)
SIXES = ("mxfp6-pack-quantized", {"num_bits": 6, "type": "float", **BY_GROUP}, COLUMNS)
LARGEST = {4: 6.0, 6: 7.5, 8: 448.0}
"""Floats of so many bits."""


def scales(weight: Tensor, form: str, said: Any) -> dict[str, Tensor]:
    """That hold all numbers of each block, with zero points; of floats as the formats want them."""
    least, largest = (end(blocks(weight, said), -1) for end in (torch.amin, torch.amax))
    if said.type != "float" or form == "float-quantized":
        made = importlib.import_module("compressed_tensors.quantization.utils").calculate_qparams(least, largest, said)
        return dict(zip(("weight_scale", "weight_zero_point"), made, strict=True))
    scale = torch.maximum(-least, largest) / LARGEST[said.num_bits]
    if form.startswith("mx"):
        return {"weight_scale": 2.0 ** torch.floor(torch.log2(scale))}
    whole = LARGEST[8] * LARGEST[4] / weight.abs().max().reshape(1)
    return {"weight_scale": (scale * whole).to(torch.float8_e4m3fn).float(), "weight_global_scale": whole}


def blocks(weight: Tensor, said: Any) -> Tensor:
    """The numbers of each block along the last axis."""
    match said.strategy:
        case "tensor":
            return weight.reshape(1, -1)
        case "channel":
            return weight.unsqueeze(1)
        case "block":
            rows, columns = said.block_structure
            across, down = -weight.shape[1] % columns, -weight.shape[0] % rows
            whole = torch.nn.functional.pad(weight, (0, across, 0, down))
            tall, wide = whole.shape
            return whole.reshape(tall // rows, rows, wide // columns, columns).transpose(1, 2).flatten(2)
        case _:
            return weight.reshape(len(weight), -1, said.group_size)


def made(form: str, args: Mapping[str, Any], columns: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors of a case, and what its configuration says."""
    quantization = importlib.import_module("compressed_tensors.quantization")
    compressors = importlib.import_module("compressed_tensors.compressors")
    weight = torch.randn(ROWS, columns, generator=torch.Generator().manual_seed(columns)) / 20
    said = quantization.QuantizationArgs(**args)
    scheme = quantization.QuantizationScheme(targets=["Linear"], weights=said, format=form)
    compressor = compressors.BaseCompressor.get_value_from_registry(form)
    stored = compressor.compress({"weight": weight, **scales(weight, form, said)}, scheme)
    expected = compressor.decompress(stored, scheme)["weight"]
    group = {key: value for key, value in scheme.model_dump(mode="json").items() if value is not None}
    return {**stored, "expected": expected}, {"format": form, "config_groups": {"group_0": group}}


def main() -> None:
    """Write one of the files."""
    tensors: dict[str, Tensor] = {}
    said = []
    gaps = "--gaps" in sys.argv
    for number, case in enumerate(OF_ODD if gaps else (*CASES, *OF_ODD, SIXES)):
        stored, config = made(*case)
        tensors |= {f"{number}.{name}": tensor.contiguous() for name, tensor in stored.items()}
        said.append(config)
    file = FILE.with_stem(f"{FILE.stem}_gaps") if gaps else FILE
    save_file(tensors, file, {"cases": json.dumps(said, default=str)})


if __name__ == "__main__":
    main()
