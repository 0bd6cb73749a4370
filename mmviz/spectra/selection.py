"""Which layers, heads and matrices are asked for; knows only how many there are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mmviz.errors import SourceError
from mmviz.values.families.config import ModelConfig
from mmviz.values.model.head_spectra import MATRICES, Matrix

NUMBERS: Final = re.compile(r"-?\d+|(-?\d+)?:(-?\d+)?")
"""One number, or a range a:b from a up to, but not including, b, of which both may be left out."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What of a model is computed, each once and in order."""

    layers: tuple[int, ...]
    heads: tuple[int, ...]  # query heads
    matrices: tuple[Matrix, ...]


def are_numbers(text: str) -> bool:
    """Whether a text is numbers and ranges with commas between them: 0,3,5 or 4:8 or 0,4:8."""
    return all(NUMBERS.fullmatch(part.strip()) for part in text.split(","))


def select(config: ModelConfig, model: str, layers: str | None, heads: str | None, matrices: str) -> Selection:
    """What texts such as 0,3,5 or 4:8 and q,k,ov mean.

    Args:
        config: The model's sizes.
        model: What it is called, for messages.
        layers: As `are_numbers` wants it; None for all.
        heads: The same of query heads.
        matrices: Names with commas between them.

    Raises:
        SourceError: there is no such layer, head or matrix, or none is named.
    """
    names = [name.strip() for name in matrices.split(",")]
    unknown = next((name for name in names if name not in MATRICES), None)
    if unknown is not None:
        raise SourceError(f"{model}: there is no matrix {unknown!r}; any of {', '.join(MATRICES)} is needed.")
    return Selection(
        _numbers(model, "layer", layers, config.layers),
        _numbers(model, "head", heads, config.heads),
        tuple(matrix for matrix in MATRICES if matrix in names),
    )


def _numbers(model: str, kind: str, text: str | None, count: int) -> tuple[int, ...]:
    if text is None:
        return tuple(range(count))
    chosen: set[int] = set()
    for part in text.split(","):
        first, last = _range(part.strip(), count)
        if not 0 <= first < count or not 0 <= last <= count:
            has = f"has {count} {kind}s, 0 to {count - 1}" if count > 1 else f"has 1 {kind}, 0"
            raise SourceError(f"{model}: the model {has}; got {kind} {part.strip()}.")
        if first >= last:
            raise SourceError(f"{model}: {kind}s {part.strip()} are none; a:b ends before b, so b must be above a.")
        chosen.update(range(first, last))
    return tuple(sorted(chosen))


def _range(part: str, count: int) -> tuple[int, int]:
    """The first, and the one after the last."""
    start, colon, stop = part.partition(":")
    if not colon:
        return int(start), int(start) + 1
    return int(start or 0), int(stop or count)


def spans(numbers: Sequence[int]) -> str:
    """Numbers as people write them: 0 to 29, or 0, 3, 5 to 7."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(str(part[0]) if len(part) == 1 else f"{part[0]} to {part[-1]}" for part in parts)
