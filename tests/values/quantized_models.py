"""Tiny models of variants.py with quantized weights, and what the numbers of small floats are by their definition."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from mmviz.values.families.names import activation_names
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from mmviz.values.reference.comparison import difference
from mmviz.values.reference.recording import Reference
from tests.values.variants import save_variant

GROUPED = "llama grouped, wide heads"
PROJECTIONS = re.compile(r"(_proj|\.c_\w+|query_key_value|\.dense\w*)\.weight$")
"""The weights that are multiplied with, in any family."""
TOKENS = (3, 1, 4, 1, 5, 9, 2, 6)
Floats = NDArray[np.float64]


def save_quantized(
    folder: Path,
    said: Mapping[str, Any],
    quantize: Callable[[str, Tensor], Mapping[str, Tensor]],
    variant: str = GROUPED,
    layers: int | None = 2,
) -> Path:
    """Save a variant whose projections are stored otherwise, and say so in config.json.

    Args:
        folder: Where.
        said: The content of quantization_config.
        quantize: What is stored in the place of a weight, given its name and its numbers.
        variant: One of those of variants.py.
        layers: As many as the variant has by default.
    """
    save_variant(folder, variant, layers=layers)
    file = folder / "model.safetensors"
    stored: dict[str, Tensor] = {}
    for name, weight in load_file(file).items():
        stored |= quantize(name, weight) if PROJECTIONS.search(name) else {name: weight}
    save_file(stored, file, {"format": "pt"})
    say(folder, quantization_config=dict(said))
    return folder


def say(folder: Path, **keys: Any) -> None:
    """Change keys of config.json; None takes one out."""
    file = folder / "config.json"
    config = json.loads(file.read_text()) | keys
    file.write_text(json.dumps({key: value for key, value in config.items() if value is not None}))


def save_with(folder: Path, weights: Mapping[str, Tensor], variant: str = GROUPED, layers: int | None = None) -> Path:
    """Save a variant, not quantized, with some other weights."""
    save_variant(folder, variant, layers=layers)
    file = folder / "model.safetensors"
    save_file(load_file(file) | dict(weights), file, {"format": "pt"})
    return folder


def most_off(quantized: Path, plain: Path) -> float:
    """The largest difference of any activation from what transformers computes with a model that is not quantized.

    As a share of the largest there is in its layer.
    """
    ours = model_of(quantized)
    names = activation_names(ours.config)
    theirs = Reference(model_of(plain)).activations(TOKENS, names)
    found = {name: difference(value, theirs[name]).relative for name, value in ours.steps(TOKENS, names)}
    assert len(found) == len(names) == len(theirs)
    return max(found.values())


def model_of(folder: Path) -> Model:
    """On the CPU."""
    return Model(Checkpoint.open(folder), "cpu")


def minifloats(codes: Tensor, exponent: int, mantissa: int, bias: int) -> Floats:
    """Numbers of so many bits of exponent and mantissa, from their bits: sign, exponent, mantissa; no infinities.

    Source: OCP 8-bit Floating Point Specification 1.0 and Microscaling Formats 1.0, section 5.3.
    """
    bits = codes.numpy().astype(np.int64)
    sign = np.where(bits >> (exponent + mantissa) & 1, -1.0, 1.0)
    power, rest = bits >> mantissa & (1 << exponent) - 1, (bits & (1 << mantissa) - 1) / (1 << mantissa)
    number: Floats = sign * np.where(power == 0, rest * 2.0 ** (1 - bias), (1 + rest) * 2.0 ** (power - bias))
    return number
