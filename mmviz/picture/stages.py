"""What the functions that a matrix wears make of one of its elements, number by number; computes no other element."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mmviz.picture.counted_stages import COUNTED, Steps
from mmviz.scene.language.functions import FUNCTIONS, HIDING
from mmviz.scene.language.masks import MASKS, Mask
from mmviz.scene.language.tree import Worn

Numbers = NDArray[np.float64]


class Pane(Protocol):
    """Some neighbouring rows and columns of a matrix."""

    @property
    def numbers(self) -> Numbers:
        """(rows, columns)."""
        ...

    @property
    def masked(self) -> NDArray[np.bool_] | None:
        """(rows, columns), True where a mask forbids the element; None where nothing is forbidden."""
        ...


class Around(Protocol):
    """What is around one element, before the first function of its matrix and after each of them."""

    @property
    def first(self) -> tuple[int, int]:
        """Row and column of the element at [0, 0] of every pane."""
        ...

    @property
    def panes(self) -> Sequence[Pane]:
        """One more than functions; with whole rows of a function's argument where it looks at them."""
        ...

    @property
    def vectors(self) -> Mapping[str, Numbers]:
        """The functions' vectors by name, as long as a row of the matrix."""
        ...

    @property
    def inner(self) -> int | None:
        """Inner size k of the product that the matrix is, or that it shows again."""
        ...


class Ingredients(Protocol):
    """What the functions of a matrix are computed from besides the numbers that matrices show."""

    @property
    def parameters(self) -> Sequence[Sequence[float]]:
        """Of each function, those that were left out included."""
        ...

    @property
    def vectors(self) -> Mapping[str, Numbers]:
        """The functions' vectors by name."""
        ...

    @property
    def frequencies(self) -> Sequence[NDArray[np.float32] | None]:
        """Of each function that rotates, radians a position of each pair of columns."""
        ...

    @property
    def inner(self) -> int | None:
        """Inner size k of the product that the matrix is, or that it shows again."""
        ...

    @property
    def noise(self) -> Numbers | None:
        """(rows, columns): what an element before the first function is no larger than that is 0."""
        ...

    @property
    def bare(self) -> NDArray[np.float32] | None:
        """(rows, columns): a plain matrix or a reference before its first function."""
        ...

    @property
    def forbidden(self) -> NDArray[np.bool_] | None:
        """(rows, columns): where a mask forbids elements before the first function."""
        ...


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that a function meets on its way."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Stage:
    """One function, at one element."""

    function: str  # its name
    before: float
    after: float
    formula: str  # how the number after is made: of x, the number before, and the quantities
    quantities: tuple[Quantity, ...] = ()
    masked: bool = False  # after it a mask forbids the element, which counts as 0

    def __getitem__(self, name: str) -> float:
        """The number of that name.

        Raises:
            KeyError: the function meets no such number.
        """
        return {quantity.name: quantity.value for quantity in self.quantities}[name]


def stages(worn: Sequence[Worn], around: Around, i: int, j: int) -> tuple[Stage, ...]:
    """The functions of a matrix at element (i, j), innermost first.

    Args:
        worn: What the matrix wears.
        around: The numbers around that element.
        i: Row.
        j: Column.
    """
    sides = zip(worn, around.panes[:-1], around.panes[1:], strict=True)
    with np.errstate(all="ignore"):
        return tuple(_stage(w, _Row.of(w, before, after, around.first, (i, j)), around) for w, before, after in sides)


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """A row of a function's argument, or some of it, as the function sees it."""

    numbers: Numbers  # (columns,), before
    after: float
    allowed: NDArray[np.bool_]  # (columns,), after
    at: int  # where in them the element is
    position: int  # which row of the argument it is
    column: int  # of the element, in that row
    was_masked: bool

    @classmethod
    def of(cls, worn: Worn, before: Pane, after: Pane, first: tuple[int, int], place: tuple[int, int]) -> "_Row":
        row, column = place[0] - first[0], place[1] - first[1]
        along: tuple[int | slice, int | slice] = (slice(None), column) if worn.turned else (row, slice(None))
        numbers = before.numbers[along]
        allowed = np.ones(len(numbers), np.bool_) if after.masked is None else ~after.masked[along]
        return cls(
            numbers,
            float(after.numbers[row, column]),
            allowed,
            row if worn.turned else column,
            place[1] if worn.turned else place[0],
            place[0] if worn.turned else place[1],
            before.masked is not None and bool(before.masked[row, column]),
        )

    @property
    def x(self) -> float:
        """The element before."""
        return float(self.numbers[self.at])


def _stage(worn: Worn, row: _Row, around: Around) -> Stage:
    if not row.allowed[row.at]:
        return Stage(worn.function, row.x, row.after, _along(worn, _why_masked(worn, row)), masked=True)
    formula, quantities = _steps(worn, row, around)
    told = tuple(Quantity(_along(worn, name), value) for name, value in quantities)
    return Stage(worn.function, row.x, row.after, _along(worn, formula), told)


def _along(worn: Worn, words: str) -> str:
    """What is said of a row, said of a column where the function works along those."""
    return words.replace("row", "column") if worn.axis == 0 else words


def _why_masked(worn: Worn, row: _Row) -> str:
    if row.was_masked:
        return "masked already; it takes no part"
    if worn.function == "topk":
        offset = ", with what is added to each," if worn.vectors else ""
        return f"masked: {int(row.allowed.sum())} elements of the row{offset} are larger, or as large and further left"
    return f"masked: {_mask_of(worn).why(row.position, row.column, _mask_numbers(worn))}"


def _why_not_masked(worn: Worn, row: _Row, around: Around) -> str:
    if worn.function == "topk":
        by = row.numbers + around.vectors[worn.vectors[0]] if worn.vectors else row.numbers  # (columns,)
        larger = int((by[row.allowed] > by[row.at]).sum())
        offset = ", with what is added to each" if worn.vectors else ""
        return f"one of the {worn.parameters[0]:.0f} largest of its row{offset}; {larger} are larger"
    return _mask_of(worn).why_not(row.position, row.column, _mask_numbers(worn))


def _steps(worn: Worn, row: _Row, around: Around) -> Steps:
    spec = FUNCTIONS[worn.function]
    place = 0 if spec.single else row.position if spec.along == "columns" else row.column
    vectors = [float(around.vectors[name][place]) for name in worn.vectors]
    named = list(zip(FUNCTIONS[worn.function].vectors, vectors, strict=False))
    numbers = _parameters(worn)
    if worn.function in COUNTED:
        return COUNTED[worn.function](row, [number for _, number in numbers], vectors)
    match worn.function:
        case "sdpa" | "softmax":
            steps = _softmax(row, *_scaled(worn, row, around))
        case "softmax_sink":
            steps = _softmax_sink(row, vectors[0])
        case "scale":
            steps = "x * factor", _factor(worn, around)
        case _ if worn.function in HIDING:
            steps = f"not masked: {_why_not_masked(worn, row, around)}", []
        case "rope" | "rope_pairs" as name:
            stretch = around.vectors[worn.vectors[0]] if worn.vectors else np.ones(len(row.numbers))
            steps = _rope(row, [number for _, number in numbers], stretch, neighbours=name == "rope_pairs")
        case "layernorm" | "rmsnorm" as name:
            normed = _layernorm if name == "layernorm" else _rmsnorm
            steps = normed(row, vectors, numbers[0][1])
        case "position_scale":
            steps = _position_scale(row, *(number for _, number in numbers))
        case _:
            steps = FUNCTIONS[worn.function].meaning, [*named, *numbers]
    return steps


def _mask_of(worn: Worn) -> Mask:
    return MASKS["tril" if worn.function == "sdpa" else worn.function]


def _mask_numbers(worn: Worn) -> list[int]:
    return [int(number) for _, number in _parameters(worn)]


def _scaled(worn: Worn, row: _Row, around: Around) -> tuple[Numbers, list[tuple[str, float]]]:
    """A row before the exponentials, and how its element got there."""
    if worn.function == "sdpa":
        factor = _factor(worn, around)
        return row.numbers * factor[-1][1], [*factor, ("x * factor", row.x * factor[-1][1])]
    temperature = _parameters(worn)[0]
    if temperature[1] == 1:
        return row.numbers, []
    return row.numbers / temperature[1], [temperature, ("x / temperature", row.x / temperature[1])]


def _parameters(worn: Worn) -> list[tuple[str, float]]:
    """The numbers of a function by name, with those that were left out, but not a factor that goes by the size."""
    spec = FUNCTIONS[worn.function].parameters
    left_out = [p.default for p in spec[len(worn.parameters) :] if isinstance(p.default, float)]
    return [(p.name, value) for p, value in zip(spec, [*worn.parameters, *left_out], strict=False)]


def _factor(worn: Worn, around: Around) -> list[tuple[str, float]]:
    """What scores are multiplied by; where nothing is said, by the inner size of the product."""
    if worn.parameters:
        return [("factor", worn.parameters[0])]
    inner = around.inner or 1
    return [("k", float(inner)), ("factor = 1 / sqrt(k)", inner**-0.5)]


def _softmax(row: _Row, scaled: Numbers, so_far: list[tuple[str, float]]) -> Steps:
    """The last steps of a softmax over the allowed elements of a row."""
    largest = float(scaled[row.allowed].max())
    powers = np.exp(scaled[row.allowed] - largest)  # (allowed,)
    own = float(np.exp(scaled[row.at] - largest))
    x = so_far[-1][0] if so_far else "x"
    name = f"exp({x} - maximum)"
    numbers = [("maximum of the row", largest), (name, own), ("sum of these over the row", float(powers.sum()))]
    return f"{name} / sum", so_far + numbers


def _position_scale(row: _Row, rate: float, length: float, start: float) -> Steps:
    """What a row is multiplied by for its position, in float32, as in Hugging Face."""
    position = row.position + int(start)
    passed = float(np.floor(np.float32(position) / np.float32(length)))
    factor = float(np.float32(1) + np.float32(rate) * np.log(np.float32(1 + passed)))
    return "x * factor", [
        (f"floor({position} / {length:g})", passed),
        (f"factor = 1 + {rate:g} * log(1 + that)", factor),
    ]


def _softmax_sink(row: _Row, sink: float) -> Steps:
    """The same with one element more in every row."""
    largest = max(float(row.numbers[row.allowed].max()), sink)
    powers = float(np.exp(row.numbers[row.allowed] - largest).sum())
    own, share = float(np.exp(row.x - largest)), float(np.exp(sink - largest))
    name = "exp(x - maximum)"
    return f"{name} / (sum + exp(sink - maximum))", [
        ("maximum of the row and the sink", largest),
        (name, own),
        ("sum of these over the row", powers),
        ("sink", sink),
        ("exp(sink - maximum)", share),
    ]


def _rope(row: _Row, numbers: list[float], stretch: Numbers, *, neighbours: bool) -> Steps:
    """The turn of a pair of columns; the angle in float32, as in Hugging Face. The pair's first stretch counts."""
    theta, gain, size = np.float32(numbers[0]), numbers[2], int(numbers[1]) or len(row.numbers)
    if row.column >= size:
        return f"x, as it is: only the first {size} columns turn", []
    half, apart = size // 2, 1 if neighbours else size // 2
    pair = row.column // 2 if neighbours else row.column % half
    is_first = row.column == 2 * pair if neighbours else row.column < half
    partner = row.column + apart if is_first else row.column - apart
    exponent = np.float32(2 * pair) / np.float32(size)
    stretched = np.float32(stretch[min(row.column, partner)])
    frequency = np.float32(1) / theta**exponent / stretched  # radians a position
    angle = float(np.float32(row.position) * frequency)
    cos, sin, other = gain * float(np.cos(angle)), gain * float(np.sin(angle)), float(row.numbers[partner])
    times = "" if gain == 1 else f", times {gain:g}"
    sign, signed = ("-", -1.0) if is_first else ("+", 1.0)
    return f"x * cos {sign} partner * sin", [
        (f"partner, of column {partner}", other),
        (f"angle of position {row.position} in radians", angle),
        (f"cos{times}", cos),
        (f"sin{times}", sin),
        ("x * cos", row.x * cos),
        (f"{sign}partner * sin".removeprefix("+"), signed * other * sin),
    ]


def _layernorm(row: _Row, vectors: list[float], eps: float) -> Steps:
    mean, variance = float(row.numbers.mean()), float(row.numbers.var())
    formula = "(x - mean) / sqrt(variance + eps)"
    numbers = [("mean of the row", mean), ("variance of the row", variance), ("eps", eps)]
    normal = (row.x - mean) / np.sqrt(variance + eps)
    return _weighted(formula, [*numbers, (formula, float(normal))], vectors)


def _rmsnorm(row: _Row, vectors: list[float], eps: float) -> Steps:
    square = float(np.square(row.numbers).mean())
    formula = "x / sqrt(mean square + eps)"
    numbers = [("mean square of the row", square), ("eps", eps)]
    return _weighted(formula, [*numbers, (formula, float(row.x / np.sqrt(square + eps)))], vectors)


def _weighted(formula: str, numbers: list[tuple[str, float]], vectors: list[float]) -> Steps:
    """A norm's weight, and its bias, where it has them."""
    names = ("weight", "bias")[: len(vectors)]
    signs = ("*", "+")[: len(vectors)]
    words = [formula, *(f"{sign} {name}" for sign, name in zip(signs, names, strict=True))]
    return " ".join(words), numbers + list(zip(names, vectors, strict=True))
