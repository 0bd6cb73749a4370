"""Makes bitsandbytes.safetensors: weights as bitsandbytes stores them, and its own numbers of them.

Not run by the tests, which need no such package: `pip install bitsandbytes==0.50.2`, beside torch 2.13.0 and
safetensors 0.8.0, then `python -m tests.values.make_bitsandbytes`. What the package makes of what it stored is kept as
"expected", of weights in float32, so that it is not rounded once more; rows are a whole number of blocks long, or odd,
as of others it makes other numbers (findings/bitsandbytes-rows-and-blocks.sh).
"""

import importlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

FILE = Path(__file__).with_name("bitsandbytes.safetensors")
CASES: tuple[tuple[dict[str, Any], tuple[int, int]], ...] = (
    ({"quant_type": "nf4", "compress_statistics": False}, (20, 64)),
    ({"quant_type": "nf4", "compress_statistics": True}, (20, 64)),
    ({"quant_type": "fp4", "compress_statistics": False}, (20, 64)),
    ({"quant_type": "fp4", "compress_statistics": True, "blocksize": 128}, (20, 128)),
    ({"quant_type": "nf4", "compress_statistics": False}, (7, 45)),
    ({"quant_type": "nf4", "compress_statistics": True, "blocksize": 64}, (130, 128)),
    ({"quant_type": "nf4", "compress_statistics": True, "quant_storage": torch.bfloat16}, (20, 64)),
    ({}, (20, 44)),
)


def made(number: int, args: dict[str, Any], shape: tuple[int, int]) -> dict[str, Tensor]:
    """The tensors of a case, as state_dict has them, by their names after that of the module."""
    functional = importlib.import_module("bitsandbytes.functional")
    weight = torch.randn(shape, generator=torch.Generator().manual_seed(number)) / 20
    if not args:
        stored, scales, _ = functional.int8_vectorwise_quant(weight.half())
        expected = functional.int8_vectorwise_dequant(stored, scales)
        form = torch.tensor(0, dtype=torch.uint8)
        return {"weight": stored, "SCB": scales, "weight_format": form, "expected": expected}
    stored, state = functional.quantize_4bit(weight, **args)
    beside = {f"weight.{name}": tensor for name, tensor in state.as_dict(packed=True).items()}
    return {"weight": stored, **beside, "expected": functional.dequantize_4bit(stored, state)}


def main() -> None:
    """Write the file."""
    tensors: dict[str, Tensor] = {}
    said = []
    for number, (args, shape) in enumerate(CASES):
        tensors |= {f"{number}.{name}": each.contiguous() for name, each in made(number, args, shape).items()}
        said.append({key: str(value) for key, value in args.items()})
    save_file(tensors, FILE, {"cases": json.dumps(said)})


if __name__ == "__main__":
    main()
