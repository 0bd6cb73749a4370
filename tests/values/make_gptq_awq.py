"""Makes gptq_awq.safetensors: weights as GPT-QModel stores them by GPTQ and AWQ, and its own numbers of them.

Not run by the tests, which need no such package. It wants gptqmodel 7.7.0, whose Python alone is used, beside torch
2.13.0, transformers 5.24.0 and safetensors 0.8.0; then `python -m tests.values.make_gptq_awq`. What GPT-QModel makes of
what it stored is kept as "expected", with scales in float32 so that it is not rounded once more. It has to be the same
as what AutoAWQ 0.2.9 and AutoGPTQ 0.7.1 make, where they are there: `--against FOLDER`, which has their two files.
"""

import importlib
import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

FILE = Path(__file__).with_name("gptq_awq.safetensors")
INS, OUTS, GROUP = 64, 32, 32
GPTQ: tuple[dict[str, Any], ...] = (
    *({"bits": bits, "sym": True} for bits in (2, 3, 4, 8)),
    *({"bits": bits, "sym": False, "checkpoint_format": "gptq_v2"} for bits in (2, 3, 4, 8)),
    *({"bits": bits, "sym": False, "meta": {"quantizer": ["gptqmodel:7.7.0"]}} for bits in (2, 3, 4, 8)),
    {"bits": 4, "sym": True, "desc_act": True},
    {"bits": 3, "sym": False, "desc_act": True, "checkpoint_format": "gptq_v2"},
    {"bits": 4, "sym": True, "group_size": -1},
)
AWQ: tuple[dict[str, Any], ...] = ({}, {"group_size": -1})
COUNT = len(GPTQ) + len(AWQ)


def numbers(case: int, bits: int, groups: int) -> tuple[Tensor, Tensor, Tensor]:
    """A weight, and a scale and a zero point for each group of a row; of these the first is 0."""
    chance = torch.Generator().manual_seed(case)
    weight = torch.randn(OUTS, INS, generator=chance) / 20
    scale = (weight.abs().max() * 2 / (1 << bits) * (0.5 + torch.rand(OUTS, groups, generator=chance))).half().float()
    zero = torch.randint(0, 1 << bits, (OUTS, groups), generator=chance).float()
    zero[0, 0] = 0
    return weight, scale, zero


def linear_of(weight: Tensor) -> torch.nn.Linear:
    """A layer with these weights."""
    linear = torch.nn.Linear(INS, OUTS, bias=False)
    linear.weight.data = weight
    return linear


def layer_of(name: str, said: dict[str, Any]) -> Any:
    """One of GPT-QModel's, without weights."""
    kind = getattr(importlib.import_module(f"gptqmodel.nn_modules.qlinear.{name}"), said.pop("class"))
    return kind(in_features=INS, out_features=OUTS, bias=False, pack_dtype=torch.int32, register_buffers=True, **said)


def by_gptq(case: int, given: dict[str, Any]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors of a case, and what its configuration says."""
    said = {"group_size": GROUP, "desc_act": False, "checkpoint_format": "gptq", **given}
    bits, size = said["bits"], INS if said["group_size"] < 0 else said["group_size"]
    weight, scale, zero = numbers(case, bits, INS // size)
    zero = torch.full_like(zero, 1 << bits - 1) if said["sym"] else zero
    order = torch.arange(INS) // size
    order = order[torch.randperm(INS, generator=torch.Generator().manual_seed(case))] if said["desc_act"] else order
    layer = layer_of(
        "torch", {"class": "TorchLinear", **{key: said[key] for key in ("bits", "group_size", "sym", "desc_act")}}
    )
    layer.pack_original(linear_of(weight), scale, zero, order.to(torch.int32))
    stored = {name: getattr(layer, name).clone() for name in ("qweight", "qzeros", "scales", "g_idx")}
    layer.scales = layer.scales.float()
    layer.post_init()
    expected = layer.dequantize_weight().T
    if said["checkpoint_format"] == "gptq":
        formats = importlib.import_module("gptqmodel.utils.model")
        quantization = importlib.import_module("gptqmodel.quantization")
        layer.qzeros = stored["qzeros"].clone()
        formats.convert_gptq_v2_to_v1_format_module(layer, quantization.QuantizeConfig(bits=bits))
        stored["qzeros"] = layer.qzeros.clone()
    return {**stored, "expected": expected}, {"quant_method": "gptq", **said}


def by_awq(case: int, given: dict[str, Any]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The same for AWQ."""
    said = {"bits": 4, "group_size": GROUP, "zero_point": True, "version": "gemm", **given}
    size = INS if said["group_size"] < 0 else said["group_size"]
    weight, scale, zero = numbers(case, 4, INS // size)
    layer = layer_of(
        "torch_awq",
        {"class": "AwqTorchLinear", "bits": 4, "group_size": said["group_size"], "sym": False, "desc_act": False},
    )
    layer.pack(linear_of(weight), scale, zero)
    stored = {name: getattr(layer, name).clone() for name in ("qweight", "qzeros", "scales")}
    packing = importlib.import_module("gptqmodel.quantization.awq.utils.packing_utils")
    expected = packing.dequantize_gemm(stored["qweight"], stored["qzeros"], stored["scales"].float(), 4, size).T
    return {**stored, "expected": expected}, {"quant_method": "awq", **said}


def from_file(file: Path) -> Any:
    """A module by its file, without its package."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None  # noqa: PT018
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_against(folder: Path, stored: dict[str, Tensor], said: dict[str, Any]) -> None:
    """The numbers are those of the packages that files of the two methods were first made by."""
    scales, size = stored["scales"].float(), INS if said["group_size"] < 0 else said["group_size"]
    if said["quant_method"] == "awq":
        packing = from_file(folder / "packing_utils.py")
        theirs = packing.dequantize_gemm(stored["qweight"], stored["qzeros"], scales, 4, size).T
    elif said["checkpoint_format"] == "gptq" and said["sym"]:
        layer = from_file(folder / "qlinear_cuda.py").QuantLinear(said["bits"], size, INS, OUTS, bias=False)
        layer.qweight, layer.qzeros, layer.scales, layer.g_idx = (
            each.clone() for each in (stored["qweight"], stored["qzeros"], scales, stored["g_idx"])
        )
        layer.autogptq_cuda_available = False
        theirs = layer(torch.eye(INS)).T
    else:
        return
    torch.testing.assert_close(theirs, stored["expected"], rtol=0, atol=0)


def main() -> None:
    """Write the file."""
    tensors: dict[str, Tensor] = {}
    told = []
    cases = [*((by_gptq, given) for given in GPTQ), *((by_awq, given) for given in AWQ)]
    for number, (made, given) in enumerate(cases):
        stored, said = made(number, given)
        if "--against" in sys.argv:
            check_against(Path(sys.argv[-1]), stored, said)
        tensors |= {f"{number}.{name}": tensor.contiguous() for name, tensor in stored.items()}
        told.append(said)
    save_file(tensors, FILE, {"cases": json.dumps(told)})


if __name__ == "__main__":
    main()
