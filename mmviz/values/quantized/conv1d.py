"""Weights of modules that transformers stores as (inputs, outputs), made of ones that are packed as (outputs, inputs).

GPT-2 has such modules, of its class Conv1D. Programs that quantize replace them by what they have for a Linear, so that
numbers are packed the other way round. Opens no file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from mmviz.values.quantized.packed import Find, Headers, Packed, Read

TYPES, CLASSES = ("gpt2", "openai-gpt"), ("GPT2", "OpenAIGPT")
"""By model_type, and how the names of their classes begin. GPT-BigCode and GPT-Neo use the names for a Linear."""
MODULES = re.compile(r"(?:.*\.)?(?:c_attn|q_attn|c_proj|c_fc)\.weight")


@dataclass(frozen=True, slots=True)
class Transposed:
    """A matrix whose rows are the columns of another."""

    packed: Packed

    @property
    def stored(self) -> tuple[str, ...]:
        """As of the other."""
        return self.packed.stored

    @property
    def shape(self) -> tuple[int, ...]:
        """The other way round."""
        return tuple(reversed(self.packed.shape))

    @property
    def kind(self) -> str:
        """As of the other."""
        return self.packed.kind

    def check(self, read: Read) -> None:
        """As of the other."""
        self.packed.check(read)

    def numbers(self, read: Read, rows: range, columns: range | None) -> Tensor:
        """As `Packed`."""
        return self.packed.numbers(read, columns or range(self.shape[1]), rows).mT


def has_conv1d(config: Mapping[str, Any]) -> bool:
    """Whether modules of a model, by its config.json, are Conv1D of transformers."""
    named = config.get("architectures")
    first = str(named[0]) if isinstance(named, list) and named else ""
    return config.get("model_type") in TYPES or first.startswith(CLASSES)


def with_conv1d(find: Find) -> Find:
    """The same parameters, those of Conv1D as transformers has them."""

    def found(headers: Headers) -> dict[str, Packed]:
        packed = find(headers).items()
        return {name: Transposed(each) if MODULES.fullmatch(name) else each for name, each in packed}

    return found
