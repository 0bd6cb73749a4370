"""What transformers has to be told to dequantize safetensors on a CPU, and why it does not always; loads nothing."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

from mmviz.machine.installing import pip_install
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.quantized.bits import WORD, Packing
from mmviz.values.quantized.floats import Floats8, PackedFloats
from mmviz.values.quantized.integers import Integers
from mmviz.values.quantized.packed import Packed
from mmviz.values.quantized.scales import Blocks

DEQUANTIZE: Mapping[str, Any] = {"dequantize": True}
TOLD: Mapping[str, Mapping[str, Any]] = {"fp8": DEQUANTIZE, "mxfp4": DEQUANTIZE, "compressed-tensors": DEQUANTIZE}
"""What is added to what config.json says, by method; of no other does transformers read the scales, and not all are
refused."""
PACKAGES: Mapping[str, tuple[str, ...]] = {"compressed-tensors": ("compressed-tensors>=0.15",)}
ROUNDED = ("gptq", "awq", "bitsandbytes", "torchao")
"""Which are decoded by a package of that name or by gptqmodel, to 16 bits or to the dtype that was said when weights
were stored, so that other numbers than those of the format come out."""
READ_SCALES = ("_scale_inv", ".scale", ".qscale_weight")
"""How the scales of FP8 end that transformers 5.24.0 reads; others it passes over without a word. See
findings/fp8-scales-left-out.sh."""


def packages_for(checkpoint: Checkpoint) -> tuple[str, ...]:
    """What transformers needs beside itself to read how the weights of a model are quantized."""
    return PACKAGES.get(checkpoint.quantized.method, ())


def dequantizing(checkpoint: Checkpoint) -> dict[str, Any]:
    """What from_pretrained is given for a model whose weights are quantized.

    It goes by config.json, and passes over what a configuration says otherwise that it is given; but not over this.
    """
    more, said = TOLD.get(checkpoint.quantized.method), checkpoint.config.get("quantization_config")
    if not more or not isinstance(said, Mapping):
        return {}
    from transformers.quantizers.auto import AutoQuantizationConfig

    return {"quantization_config": AutoQuantizationConfig.from_dict({**said, **more})}


def why_not_by_itself(checkpoint: Checkpoint, name: str) -> str:
    """Why transformers has to be handed our weights: it would load other numbers than those that are stored.

    Args:
        checkpoint: The model.
        name: What transformers is called, with its version.

    Returns:
        A reason to be told; "" where it reads the weights as they are stored, as far as that is known.
    """
    quantized = checkpoint.quantized
    if not quantized.method:
        return ""
    if quantized.method in ROUNDED:
        return f"{name} needs another package for weights that are stored as {quantized.method}, which rounds them"
    said = checkpoint.config.get("quantization_config")
    if quantized.method not in TOLD or not isinstance(said, Mapping):
        return f"{name} does not read weights that are stored as {quantized.method}"
    groups = said.get("config_groups")
    if isinstance(groups, Mapping) and len(groups) > 1:
        return f"{name} goes by one of the {len(groups)} config_groups for all weights outside of experts"
    reasons = (WHY_NOT[quantized.method](parameter, packed) for parameter, packed in sorted(quantized.packed.items()))
    return next((f"{name} {reason}" for reason in reasons if reason), "") or _lacks(checkpoint, name)


def _lacks(checkpoint: Checkpoint, name: str) -> str:
    """What transformers needs and is not there; of which version it is, it says itself."""
    lacking = [each for each in packages_for(checkpoint) if find_spec(each.partition(">")[0].replace("-", "_")) is None]
    return f"{name} needs {lacking[0]} to read them, which is not there ({pip_install(lacking[0])})" if lacking else ""


def _why_not_fp8(parameter: str, packed: Packed) -> str:
    assert isinstance(packed, Floats8)  # noqa: S101  (the method finds no others)
    scale = packed.scale
    if not scale.stored.endswith(READ_SCALES):
        return f"does not read {scale.stored}"
    sides = zip(scale.grid, packed.shape, scale.sizes, strict=True)
    cut = any(blocks > 1 and blocks * size != side for blocks, side, size in sides)
    return f"makes other blocks of {parameter}, as the last one is cut short" if cut else ""


def _why_not_compressed(parameter: str, packed: Packed) -> str:
    """Also what some versions of the package alone read; it is not asked which one is there."""
    match packed:
        case PackedFloats(of_scales=Blocks()):
            return f"rounds {parameter} to bfloat16"
        case PackedFloats(sixes=True):
            return f"reads {parameter}, of 6 bits, by new versions of compressed-tensors alone"
        case Integers(packing=Packing(bits=bits)) if WORD % bits:
            return f"reads {parameter}, of {bits} bits, with gaps or without, as its version of compressed-tensors does"
    return ""


def _nothing(_: str, __: Packed) -> str:
    return ""


WHY_NOT: Mapping[str, Callable[[str, Packed], str]] = {
    "fp8": _why_not_fp8,
    "compressed-tensors": _why_not_compressed,
    "mxfp4": _nothing,
}
"""What transformers 5.24.0 does otherwise with a parameter, by method; "" where it does not."""
