"""How functions of few steps, such as share and dropout, make an element, in words and numbers; draws nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mmviz.scene.language.dropped import dropped

Steps = tuple[str, list[tuple[str, float]]]
"""A formula, and the numbers in it by their names."""


class Row(Protocol):
    """A row of a function's argument, as the function sees it."""

    @property
    def numbers(self) -> NDArray[np.float64]:
        """(columns,), before."""
        ...

    @property
    def allowed(self) -> NDArray[np.bool_]:
        """(columns,), after."""
        ...

    @property
    def at(self) -> int:
        """Where in them the element is."""
        ...

    @property
    def position(self) -> int:
        """Which row of the argument it is."""
        ...

    @property
    def column(self) -> int:
        """Of the element, in that row."""
        ...

    @property
    def x(self) -> float:
        """The element before."""
        ...

    @property
    def after(self) -> float:
        """The element after."""
        ...


def _share(row: Row, _: Sequence[float], __: Sequence[float]) -> Steps:
    return "x / sum of the row", [("sum of the row", float(row.numbers[row.allowed].sum()))]


def _bias(_: Row, __: Sequence[float], vectors: Sequence[float]) -> Steps:
    return "x + bias", [("bias", vectors[0])]


def _cumsum(row: Row, _: Sequence[float], __: Sequence[float]) -> Steps:
    before = row.numbers[: row.at][row.allowed[: row.at]]
    return "x + sum of the row before it", [("sum of the row before it", float(before.sum()))]


def _onehot(row: Row, _: Sequence[float], __: Sequence[float]) -> Steps:
    largest = float(row.numbers[row.allowed].max())
    if row.after:
        formula = "1: it is the largest of the row"
    elif row.x == largest:
        formula = "0: one as large stands before it in the row"
    else:
        formula = "0: it is not the largest of the row"
    return formula, [("maximum of the row", largest)]


def _batchnorm(row: Row, numbers: Sequence[float], vectors: Sequence[float]) -> Steps:
    given = vectors[2:]
    mean, variance = (given[0], given[1]) if given else (float(row.numbers.mean()), float(row.numbers.var()))
    source = "" if given else " of the row"
    formula = "(x - mean) / sqrt(variance + eps)"
    normal = float((row.x - mean) / np.sqrt(variance + numbers[0]))
    names, signs = ("weight", "bias")[: len(vectors)], ("*", "+")[: len(vectors)]
    words = [formula, *(f"{sign} {name}" for sign, name in zip(signs, names, strict=True))]
    told = [(f"mean{source}", mean), (f"variance{source}", variance), ("eps", numbers[0]), (formula, normal)]
    return " ".join(words), told + list(zip(names, vectors, strict=False))


def _dropout(row: Row, numbers: Sequence[float], _: Sequence[float]) -> Steps:
    p, seed = numbers
    is_dropped = dropped(row.position, row.column, p, int(seed))
    return "0: it is dropped" if is_dropped else "x / (1 - p): it is kept", [("p", p), ("seed", seed)]


COUNTED: Mapping[str, Callable[[Row, Sequence[float], Sequence[float]], Steps]] = {
    "share": _share,
    "bias": _bias,
    "cumsum": _cumsum,
    "onehot": _onehot,
    "batchnorm": _batchnorm,
    "dropout": _dropout,
}
"""By name: of the row, the function's numbers, and what its vectors have for the element."""
