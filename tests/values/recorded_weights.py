"""Weights that a package has quantized, with what it makes of them: files that scripts here made, read for tests."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import safe_open
from torch import Tensor

X = "model.layers.0.mlp.up_proj"
W = f"{X}.weight"


@dataclass(frozen=True)
class Recorded:
    """The cases of one file, by their number."""

    said: list[Any]  # what config.json says of each
    tensors: Mapping[str, Tensor]

    def stored(self, case: int) -> dict[str, Tensor]:
        """What a file of the package holds of the weight W."""
        start = f"{case}."
        own = {name.removeprefix(start): each for name, each in self.tensors.items() if name.startswith(start)}
        return {f"{X}.{name}": each for name, each in own.items() if name != "expected"}

    def expected(self, case: int) -> Tensor:
        """The numbers that the package makes of it."""
        return self.tensors[f"{case}.expected"]


def recorded(name: str) -> Recorded:
    """A file of this folder, by its name without the ending; make_NAME.py says how it was made."""
    with safe_open(Path(__file__).with_name(f"{name}.safetensors"), framework="pt") as opened:
        tensors = {each: opened.get_tensor(each) for each in opened.keys()}  # noqa: SIM118
        return Recorded(json.loads(opened.metadata()["cases"]), tensors)
