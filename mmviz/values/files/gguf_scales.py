"""Tensors of a GGUF file that only say more about a weight, such as the second scale of NVFP4; reads no numbers.

Source: llama.cpp, which multiplies a product by the tensor "scale" of its weight, whatever that is stored as; the
dequantize of gguf 0.19.0 does not know of it.
"""

import math
from pathlib import Path
from typing import Final

from mmviz.errors import SourceError
from mmviz.values.files.gguf_header import Header
from mmviz.values.files.store import FLOATS

SCALE: Final = "scale"
INPUT_SCALE: Final = "input_scale"
"""How activations may be rounded: nothing that changes the weight."""


def find_scales(header: Header, path: Path) -> tuple[dict[str, str], set[str]]:
    """Weights and their scales, as blk.0.attn_q.scale or blk.0.attn_q.weight.scale, by their names in the file.

    Returns:
        Weight -> scale, and all tensors that only say more about a weight.

    Raises:
        SourceError: one says what is not known here, or a scale is not one number.
    """
    scales: dict[str, str] = {}
    beside: set[str] = set()
    for name, tensor in header.tensors.items():
        weight, what = _belonging(name, header)
        if not weight:
            continue
        beside.add(name)
        if what == INPUT_SCALE:
            continue
        if what != SCALE:
            raise SourceError(
                f"{path}, {name}: belongs to {weight} in a way that is not known here; a weight with nothing beside it "
                f"but {SCALE} and {INPUT_SCALE} is needed."
            )
        if math.prod(tensor.shape) != 1 or tensor.kind not in FLOATS:
            size = " by ".join(map(str, tensor.shape))
            raise SourceError(f"{path}, {name}: is {size} numbers as {tensor.kind}; one number is needed.")
        if weight in scales:
            raise SourceError(f"{path}, {name}: {weight} has a scale already; one is needed.")
        scales[weight] = name
    return scales, beside


def _belonging(name: str, header: Header) -> tuple[str, str]:
    """The weight that a tensor says more about, and what; "" and "" for a weight or a bias itself."""
    bare, _, what = name.rpartition(".")
    if f"{bare}.weight" in header.tensors and what not in ("weight", "bias"):
        return f"{bare}.weight", what
    start, found, rest = name.partition(".weight")
    weight = start + found
    return (weight, rest[1:]) if rest and weight in header.tensors else ("", "")
