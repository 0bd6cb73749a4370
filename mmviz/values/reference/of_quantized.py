"""What transformers has to be told to dequantize safetensors on a CPU, and where it does not do so; loads nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.quantized.floats import Floats8
from mmviz.values.quantized.packed import Packed

DEQUANTIZE: Mapping[str, Any] = {"dequantize": True}
TOLD: Mapping[str, Mapping[str, Any]] = {"fp8": DEQUANTIZE, "mxfp4": DEQUANTIZE, "compressed-tensors": DEQUANTIZE}
"""What is added to what config.json says, by method; of no other does transformers read the scales, and not all are
refused."""
READ_SCALES = ("_scale_inv", ".scale", ".qscale_weight")
"""How the scales of FP8 end that transformers 5.24.0 reads; others it passes over without a word. See
findings/fp8-scales-left-out.sh."""


def dequantizing(checkpoint: Checkpoint, said: Mapping[str, Any]) -> dict[str, Any]:
    """What config.json says, with what transformers has to be told beside."""
    more = TOLD.get(checkpoint.quantized.method)
    if not more or not isinstance(quantization := said.get("quantization_config"), Mapping):
        return dict(said)
    return {**said, "quantization_config": {**quantization, **more}}


def check_dequantizes(checkpoint: Checkpoint, name: str) -> None:
    """Refuse a model whose weights transformers would load as other numbers than those that are stored.

    Args:
        checkpoint: The model.
        name: What transformers is called, with its version.

    Raises:
        SourceError: it does not read how they are quantized, as far as that is known.
    """
    quantized = checkpoint.quantized
    if not quantized.method:
        return
    if quantized.method not in TOLD:
        raise SourceError(
            f"{checkpoint.path}: {name} does not read weights that are stored as {quantized.method}; plain weights, or "
            "a .gguf file, are needed."
        )
    why_not = WHY_NOT.get(quantized.method)
    if why_not is None:
        return
    for parameter, packed in sorted(quantized.packed.items()):
        if reason := why_not(packed):
            raise SourceError(
                f"{checkpoint.path}, {parameter}: {name} {reason}, and would compute with other numbers; plain "
                "weights, or a .gguf file, are needed."
            )


def _why_not_fp8(packed: Packed) -> str:
    assert isinstance(packed, Floats8)  # noqa: S101  (the method finds no others)
    scale = packed.scale
    if not scale.stored.endswith(READ_SCALES):
        return f"does not read {scale.stored}"
    sides = zip(scale.grid, packed.shape, scale.sizes, strict=True)
    cut = any(blocks > 1 and blocks * size != side for blocks, side, size in sides)
    return "makes other blocks of it, as the last one is cut short" if cut else ""


WHY_NOT: Mapping[str, Callable[[Packed], str]] = {"fp8": _why_not_fp8}
"""What transformers 5.24.0 does otherwise with a parameter, by method; "" where it does not."""
