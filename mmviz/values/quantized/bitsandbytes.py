"""bitsandbytes: numbers of 4 bits that name one of 16, NF4 or FP4, and LLM.int8's of 8 bits; opens no file.

Of 4 bits X.weight is a column of bytes, the higher half first, of all numbers of the matrix one row after the other,
perhaps as floats of more bytes that mean nothing. X.weight.absmax is a scale for each so many of them. Where scales are
quantized, too, they are bytes that name one of X.weight.nested_quant_map, times X.weight.nested_absmax for each so many
scales, with an offset added. X.weight.quant_state.bitsandbytes__nf4 is JSON that says how many, and the shape. Of 8
bits X.weight is a matrix of whole numbers, and X.SCB the largest number of each row, which 127 stands for.

The package decodes on a CPU, but whole matrices, to the dtype of the model; its own files are what the tests hold this
against. Its programs do not look at X.weight.quant_map, which has the 16 numbers: another one is refused.

Source: bitsandbytes 0.50.2, functional.py (QuantState, get_4bit_type), backends/default/ops.py; Dettmers et al. 2023,
appendix E, of NF4; transformers 5.24.0, integrations/bitsandbytes.py.
"""

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, float32, float64

from mmviz.errors import SourceError
from mmviz.values.families.key_reader import Keys, short
from mmviz.values.families.keys import Key
from mmviz.values.quantized.packed import Find, Headers, Packed, Read

STATE, SCALES8 = ".quant_state.bitsandbytes__", ".SCB"
NUMBERS: Mapping[str, tuple[float, ...]] = {
    "nf4": (
        *(-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453),
        *(-0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0),
        *(0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224),
        *(0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0),
    ),
    "fp4": tuple(sign * each / 12 for sign in (1, -1) for each in (0, 0.0625, 8, 12, 4, 6, 2, 3)),
}
"""Which number each of 4 bits names, for a scale of 1."""
CLOSE = 1e-6
WIDTHS: Mapping[str, int] = {"U8": 1, "I8": 1, "BF16": 2, "F16": 2, "F32": 4, "F64": 8}
"""Bytes of what packed numbers may be stored as."""
SCALE_DTYPES = ("F32", "F16", "BF16")
LARGEST8 = 127
BY_ROWS = 0
"""Of X.weight_format: matrices as they are. The others are for programs of old."""

KEYS: Mapping[str, Key] = {
    "quant_method": Key("which method it is"),
    **dict.fromkeys(
        (
            *("load_in_8bit", "load_in_4bit", "_load_in_8bit", "_load_in_4bit"),
            *("bnb_4bit_quant_type", "bnb_4bit_use_double_quant", "bnb_4bit_quant_storage"),
        ),
        Key("which kind of it, which the tensors say, too", "harmless"),
    ),
    **dict.fromkeys(
        ("bnb_4bit_compute_dtype", "llm_int8_enable_fp32_cpu_offload", "llm_int8_threshold"),
        Key("how activations would be rounded, which are not here", "harmless"),
    ),
    "llm_int8_has_fp16_weight": Key("how it is trained", "harmless"),
    "llm_int8_skip_modules": Key("whose weights are plain, which their dtype says, too", "harmless"),
}
OF_STATE: Mapping[str, Key] = {
    "quant_type": Key("which 16 numbers"),
    "blocksize": Key("how many numbers share a scale"),
    "shape": Key("rows and columns"),
    "dtype": Key("to what numbers would be rounded", "harmless"),
    "nested_blocksize": Key("how many scales share one of their own"),
    "nested_offset": Key("what is added to scales"),
    "nested_dtype": Key("of their own scales, which those say, too", "harmless"),
}


@dataclass(frozen=True, slots=True)
class NestedScales:
    """Scales of scales that are quantized, too."""

    numbers: str  # what each byte names
    scales: str
    size: int  # how many share one
    offset: float


@dataclass(frozen=True, slots=True)
class Named4:
    """A matrix: each number is one of 16 times the scale of those beside it, whatever row they are in."""

    weight: str
    shape: tuple[int, int]
    each: int  # numbers in a row of what is stored
    named: str  # whose 16 numbers
    numbers_stored: str  # where those are written down
    place: str  # of that, for messages
    scales: str
    size: int  # how many numbers share a scale
    state: str
    nested: NestedScales | None = None

    @property
    def kind(self) -> str:
        """For people."""
        return f"{self.named.upper()} (blocks of {self.size}{', scales quantized' if self.nested else ''})"

    @property
    def stored(self) -> tuple[str, ...]:
        """All tensors."""
        nested = () if self.nested is None else (self.nested.numbers, self.nested.scales)
        return self.weight, self.scales, self.numbers_stored, *nested, self.state

    def check(self, read: Read) -> None:
        """As `Packed`: other numbers may be written down than those of the kind."""
        if not torch.allclose(read(self.numbers_stored).to(float64).flatten(), self._known(), rtol=0, atol=CLOSE):
            raise SourceError(f"{self.place}: has other numbers than those of {self.named}, which is not supported.")

    def numbers(self, read: Read, rows: range, columns: range | None) -> Tensor:
        """As `Packed`; whole rows are read."""
        across = self.shape[1]
        span = range(rows.start * across, rows.stop * across)
        stretch = range(span.start // self.each, (span.stop - 1) // self.each + 1)
        pairs = read(self.weight, stretch).contiguous().view(torch.uint8).flatten()
        names = torch.stack((pairs >> 4, pairs & 15), -1).flatten()[span.start - stretch.start * self.each :]
        blocks = range(span.start // self.size, (span.stop - 1) // self.size + 1)
        which = torch.arange(span.start, span.stop) // self.size - blocks.start
        found = self._known().to(float32).index_select(0, names[: len(span)].int()).to(float64)
        found = found.mul_(self._scales(read, blocks).index_select(0, which)).to(float32).reshape(len(rows), across)
        return found if columns is None else found[:, columns.start : columns.stop]

    def _known(self) -> Tensor:
        return torch.tensor(NUMBERS[self.named], dtype=float64)  # (16,)

    def _scales(self, read: Read, blocks: range) -> Tensor:
        found = read(self.scales, blocks)
        if self.nested is None:
            return found.to(float64)
        over = torch.arange(blocks.start, blocks.stop) // self.nested.size
        first, last = int(over[0]), int(over[-1])
        scales = read(self.nested.scales, range(first, last + 1)).to(float64).index_select(0, over - first)
        named = read(self.nested.numbers).to(float64).index_select(0, found.int())
        return named.mul_(scales).add_(self.nested.offset)


@dataclass(frozen=True, slots=True)
class Rows8:
    """A matrix: each number is a whole one, of which 127 is the largest of the row."""

    weight: str
    shape: tuple[int, int]
    scales: str
    beside: tuple[str, ...]  # tensors that say no more than how it is stored
    kind: str = "LLM.int8 (a scale a row)"

    @property
    def stored(self) -> tuple[str, ...]:
        """All tensors."""
        return self.weight, self.scales, *self.beside

    def check(self, read: Read) -> None:
        """As `Packed`: any numbers will do."""

    def numbers(self, read: Read, rows: range, columns: range | None) -> Tensor:
        """As `Packed`."""
        scales = read(self.scales, rows).to(float64) / LARGEST8
        return read(self.weight, rows, columns).to(float64).mul_(scales.unsqueeze(1)).to(float32)


def read_bitsandbytes(keys: Keys) -> Find:
    """A way to find every weight that is packed or has a scale for each row; tensors say of which kind it is."""
    del keys

    def find(headers: Headers) -> dict[str, Packed]:
        states = [name for name in headers.names if STATE in name]
        packed: dict[str, Packed] = {}
        for state in states:
            weight = state.partition(STATE)[0]
            if weight in packed:
                raise SourceError(f"{headers.place(state)}: {weight} has another one, too; one is needed.")
            packed[weight] = _named4(weight, state, headers)
        for scales in (name for name in headers.names if name.endswith(SCALES8)):
            packed[f"{scales.removesuffix(SCALES8)}.weight"] = _rows8(scales, headers)
        return packed

    return find


def _named4(weight: str, state: str, headers: Headers) -> Named4:
    said = _state(state, headers)
    named = said.one_of("quant_type", {each: each for each in NUMBERS})
    if state != f"{weight}{STATE}{named}":
        raise said.problem("quant_type", f"is {named}, and the name of the tensor says another one.")
    shape, size = _shape(said), said.whole("blocksize")
    count = math.prod(shape)
    _check_there(weight, state, headers, tuple(WIDTHS))
    each = 2 * WIDTHS[headers.dtype(weight)]
    _check_shape(weight, headers, (-(-count // each), 1))
    blocks, scales = -(-count // size), f"{weight}.absmax"
    nested = "nested_blocksize" in said.config
    _check_there(scales, state, headers, ("U8",) if nested else SCALE_DTYPES)
    _check_shape(scales, headers, (blocks,))
    numbers = f"{weight}.quant_map"
    _check_there(numbers, state, headers, SCALE_DTYPES)
    _check_shape(numbers, headers, (16,))
    own = _nested(weight, state, said, blocks, headers) if nested else None
    return Named4(weight, shape, each, named, numbers, headers.place(numbers), scales, size, state, own)


def _nested(weight: str, state: str, said: Keys, blocks: int, headers: Headers) -> NestedScales:
    size, offset = said.whole("nested_blocksize"), said.given("nested_offset")
    if isinstance(offset, bool) or not isinstance(offset, int | float) or not abs(offset) <= sys.float_info.max:
        raise said.problem("nested_offset", f"is {short(offset)}; a number is needed.")
    numbers, scales = f"{weight}.nested_quant_map", f"{weight}.nested_absmax"
    for name, count in ((numbers, 256), (scales, -(-blocks // size))):
        _check_there(name, state, headers, SCALE_DTYPES)
        _check_shape(name, headers, (count,))
    return NestedScales(numbers, scales, size, float(offset))


def _state(state: str, headers: Headers) -> Keys:
    place = headers.place(state)
    try:
        said = json.loads(headers.content(state))
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{place}: is no JSON ({error}); what bitsandbytes wrote is needed.") from error
    if not isinstance(said, dict):
        raise SourceError(f"{place}: is {short(said)}; an object is needed.")
    keys = Keys(said, place, OF_STATE)
    keys.check_all_known("weights of bitsandbytes")
    return keys


def _shape(said: Keys) -> tuple[int, int]:
    sides = said.given("shape")
    if not isinstance(sides, list) or len(sides) != 2 or not all(type(side) is int and side > 0 for side in sides):
        raise said.problem("shape", f"is {short(sides)}; rows and columns are needed.")
    return sides[0], sides[1]


def _rows8(scales: str, headers: Headers) -> Rows8:
    bare = scales.removesuffix(SCALES8)
    weight, form = f"{bare}.weight", f"{bare}.weight_format"
    _check_there(weight, scales, headers, ("I8",))
    shape = headers.shape(weight)
    if len(shape) != 2:
        raise SourceError(f"{headers.place(weight)}: is quantized and has {len(shape)} axes; a matrix is needed.")
    _check_there(scales, weight, headers, SCALE_DTYPES)
    _check_shape(scales, headers, shape[:1])
    if form not in headers.names:
        return Rows8(weight, (shape[0], shape[1]), scales, ())
    if headers.sizes(form) not in ((), (BY_ROWS,)):
        raise SourceError(
            f"{headers.place(form)}: is {headers.sizes(form)[0]}, an order of numbers of old programs; {BY_ROWS}, one "
            "row after the other, is needed."
        )
    return Rows8(weight, (shape[0], shape[1]), scales, (form,))


def _check_there(name: str, of: str, headers: Headers, dtypes: tuple[str, ...]) -> None:
    if name not in headers.names:
        raise SourceError(f"{headers.place(of)}: belongs to {name}, which is not there; both are needed.")
    if headers.dtype(name) not in dtypes:
        raise SourceError(
            f"{headers.place(name)}: is stored as {headers.dtype(name)}; {' or '.join(dtypes)} is needed."
        )


def _check_shape(name: str, headers: Headers, needed: tuple[int, ...]) -> None:
    found = headers.shape(name)
    if found != needed:
        has, wanted = ("x".join(map(str, sizes)) or "one number" for sizes in (found, needed))
        raise SourceError(f"{headers.place(name)}: is {has}; {wanted} is needed.")
