"""What a row of the table of tensors says, and by what it is sorted; plain words and numbers, no widget."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mmviz.picture.look.statistics import Statistics
from mmviz.scene.keys.listed_tensor import ListedTensor
from mmviz.viewer.browser.looks_into import Look
from mmviz.viewer.wording import sized

COLUMNS = ("", "Name", "Shape", "Type", "Min", "Max", "Mean", "Std", "Zeros", "NaN, inf", "Looked at", "File")
PICTURE, NAME, SHAPE, TYPE, MIN, MAX, MEAN, STD, ZEROS, ODD, SEEN, FILE = range(len(COLUMNS))
COUNTED = range(MIN, SEEN + 1)
"""Columns that are known when a tensor was looked into."""
WAITING = "…"
LAST = float("inf")
"""By which rows are sorted whose numbers are not known."""


@dataclass(frozen=True, slots=True)
class Row:
    """A tensor in words, by column."""

    texts: Mapping[int, str]
    keys: Mapping[int, Any]
    tip: str
    sampled: str  # what is to be said of a number; "" where all elements were looked at


def row_of(tensor: ListedTensor, look: Look | None) -> Row:
    """A row; the numbers are awaited where the tensor was not looked into."""
    size = sized(tensor.shape) or ("" if tensor.problem else "1")
    texts = {PICTURE: "", NAME: tensor.called, SHAPE: size, TYPE: tensor.kind, FILE: tensor.file.name}
    keys: dict[int, Any] = {**texts, NAME: natural(tensor.called), SHAPE: tensor.elements}
    tip = f"{tensor.called}\n{tensor.file}"
    if look is None:
        return Row(texts | dict.fromkeys(COUNTED, WAITING), keys | dict.fromkeys(COUNTED, LAST), tip, "")
    texts |= {**dict.fromkeys(COUNTED, ""), SEEN: seen(tensor, look)}
    keys |= {**dict.fromkeys(COUNTED, LAST), SEEN: look.looked_at / max(tensor.elements, 1)}
    if look.numbers is not None:
        texts |= _told(look.numbers)
        keys |= _numbers(look.numbers)
    part = f"Of a sample of {look.looked_at:,} of {tensor.elements:,} elements, evenly spaced."
    return Row(texts, keys, look.trouble or tip, part if 0 < look.looked_at < tensor.elements else "")


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """By what names are sorted: layers.2 comes before layers.10."""
    words = name.replace("_", ".").split(".")
    return tuple((0, int(word), "") if word.isascii() and word.isdigit() else (1, 0, word.lower()) for word in words)


def share(part: int, whole: int) -> str:
    """A part in percent; what is not nothing and not all is never said to be."""
    if part in (0, whole):
        return "0" if part == 0 else "100 %"
    percent = 100 * part / whole
    return "< 0.1 %" if percent < 0.1 else "> 99.9 %" if percent > 99.9 else f"{percent:.3g} %"


def seen(tensor: ListedTensor, look: Look) -> str:
    """How much of a tensor was looked at."""
    if look.trouble:
        return "cannot be read"
    return "all" if look.looked_at >= tensor.elements else f"1 in {round(tensor.elements / look.looked_at):,}"


def _told(numbers: Statistics) -> dict[int, str]:
    odd = (("NaN", numbers.nan), ("inf", numbers.infinite))
    told = {ODD: ", ".join(f"{count:,} {name}" for name, count in odd if count)}
    if not numbers.counted:
        return told
    plain = {MIN: numbers.least, MAX: numbers.largest, MEAN: numbers.mean, STD: numbers.deviation}
    return (
        told
        | {column: f"{number:.4g}" for column, number in plain.items()}
        | {ZEROS: share(numbers.zero, numbers.finite)}
    )


def _numbers(numbers: Statistics) -> dict[int, float]:
    odd: dict[int, float] = {ODD: numbers.nan + numbers.infinite}
    if not numbers.counted:
        return odd
    shown = {MIN: numbers.least, MAX: numbers.largest, MEAN: numbers.mean, STD: numbers.deviation}
    return odd | shown | {ZEROS: numbers.zero / numbers.finite}
