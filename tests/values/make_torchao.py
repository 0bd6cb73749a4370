"""Makes torchao.safetensors: weights as transformers saves those that torchao quantized, and its own numbers of them.

Not run by the tests, which need no such package: `pip install torchao==0.18.0`, beside torch 2.13.0, transformers
5.24.0 and safetensors 0.8.0, then `python -m tests.values.make_torchao`. What the package makes of what it stored is
kept as "expected", of weights in float32, so that it is not rounded once more.
"""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

FILE = Path(__file__).with_name("torchao.safetensors")
ROWS, COLUMNS = 20, 64
INT3, INT4 = (getattr(torch, name) for name in ("int3", "int4"))
Kinds = Any  # torchao.quantization
CASES: tuple[Callable[[Kinds], Any], ...] = (
    lambda kinds: kinds.Int8WeightOnlyConfig(),
    lambda kinds: kinds.Int8DynamicActivationInt8WeightConfig(),
    lambda kinds: kinds.Float8WeightOnlyConfig(),
    lambda kinds: kinds.IntxWeightOnlyConfig(),
    lambda kinds: kinds.IntxWeightOnlyConfig(weight_dtype=INT4, granularity=kinds.PerGroup(32)),
    lambda kinds: kinds.IntxWeightOnlyConfig(
        weight_dtype=INT3, granularity=kinds.PerGroup(32), mapping_type=kinds.MappingType.ASYMMETRIC
    ),
)


def made(number: int, kinds: Kinds) -> tuple[dict[str, Tensor], str]:
    """The tensors of a case, by their names after that of the module, and what the metadata says."""
    flatten = importlib.import_module("torchao.prototype.safetensors.safetensors_support").flatten_tensor_state_dict
    linear = torch.nn.Linear(COLUMNS, ROWS, bias=False)
    linear.weight.data = torch.randn(ROWS, COLUMNS, generator=torch.Generator().manual_seed(number)) / 20 + 0.01
    model = torch.nn.Sequential(linear)
    kinds.quantize_(model, CASES[number](kinds))
    stored, metadata = flatten(model.state_dict())
    own = {name.removeprefix("0."): tensor for name, tensor in stored.items()}
    return {**own, "expected": model[0].weight.dequantize()}, metadata["0.weight"]


def main() -> None:
    """Write the file."""
    kinds = importlib.import_module("torchao.quantization")
    tensors: dict[str, Tensor] = {}
    said = []
    for number in range(len(CASES)):
        stored, metadata = made(number, kinds)
        tensors |= {f"{number}.{name}": each.contiguous() for name, each in stored.items()}
        said.append(metadata)
    save_file(tensors, FILE, {"cases": json.dumps(said)})


if __name__ == "__main__":
    main()
