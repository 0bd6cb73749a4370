"""Where a tensor's numbers come from: one model a kind of source; nothing is read here."""

import math
import zlib
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    ConfigDict,
    Discriminator,
    Field,
    SerializationInfo,
    Tag,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_serializer,
    model_validator,
)

from mmviz.errors import ExpressionError
from mmviz.scene.keys.fields import Address, Number, Prose, Strict, Text, Whole
from mmviz.scene.keys.grid import Grid
from mmviz.scene.language.formula import parse_formula

LARGEST = 3e38
"""Largest number of a scene file: every number is computed in float32."""

LARGEST_SIDE = 1 << 24
"""Most rows or columns of a matrix."""
Side = Annotated[Whole, Field(ge=1, le=LARGEST_SIDE)]
Head = Annotated[Whole, Field(ge=0, le=1 << 16)]
MmInitializer = Literal[
    "rows",
    "cols",
    "row major",
    "col major",
    "uniform",
    "gaussian",
    "pt linear",
    "eye",
    "diff",
    "tril mask",
    "triu mask",
]
"""The initializers that mm has, too."""
InitializerName = Literal[MmInitializer, "zeros", "ones", "full", "sinusoidal", "alibi", "t5 buckets"]
SCALED = ("rows", "cols", "row major", "col major", "uniform", "gaussian")
"""Initializers that run from min to max; the others are as they are."""
RANDOM = ("uniform", "gaussian", "pt linear")
"""Initializers that draw random numbers."""
OWN_KEYS: dict[str, InitializerName] = {"value": "full", "head": "alibi", "heads": "alibi", "causal": "t5 buckets"}
"""Keys that only one initializer has, and which."""


def _formula(text: str) -> str:
    try:
        parse_formula(text)
    except ExpressionError as error:
        raise ValueError(str(error)) from None
    return text


def _rectangle(rows: tuple[tuple[float, ...], ...]) -> tuple[tuple[float, ...], ...]:
    for number, row in enumerate(rows):
        if not row:
            raise ValueError(f"row {number} is empty; every row needs a number.")
        if len(row) != len(rows[0]):
            lengths = f"{len(rows[0])} and {len(row)}"
            raise ValueError(f"rows 0 and {number} have {lengths} numbers; all rows need the same length.")
        if large := [x for x in row if LARGEST < abs(x) < math.inf]:
            raise ValueError(f"row {number} has the number {large[0]}; numbers go up to {LARGEST:g}.")
    return rows


def _same_numbers(rows: Sequence[Sequence[float]], others: Sequence[Sequence[float]]) -> bool:
    if (len(rows), len(rows[0])) != (len(others), len(others[0])):
        return False
    pairs = (pair for row, other in zip(rows, others, strict=True) for pair in zip(row, other, strict=True))
    return all(one == other or (math.isnan(one) and math.isnan(other)) for one, other in pairs)


def _or_grid(values: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """A grid was checked when it was made, and is kept as it is."""
    return values if isinstance(values, Grid) else check(values)


class Factor(Strict):
    """One factor of a matrix: U @ S @ Vt is its best approximation of that rank (Eckart and Young 1936)."""

    part: Annotated[
        Literal["U", "S", "Vt"],
        Field(
            description="U: (rows, rank), orthonormal columns; S: (rank, rank), the singular values on the diagonal, "
            "largest first; Vt: (rank, columns), orthonormal rows."
        ),
    ]
    rank: Annotated[Side | None, Field(description="How many singular values, largest first; all by default.")] = None


Svd = Annotated[
    Factor | None, Field(description="Instead of the matrix one factor of its singular value decomposition.")
]


class Initializer(Strict):
    """A pattern or random numbers."""

    init: Annotated[
        InitializerName,
        Field(
            description="Name of the pattern or distribution. sinusoidal: positions as in Vaswani et al. 2017, a row "
            "each, sines in even and cosines in odd columns, base 10000; alibi: what one head of Press et al. 2022 "
            "adds to its scores, -slope * (row - column); t5 buckets: which of the 32 biases of T5 each query, a row, "
            "has for each key, a column, up to a distance of 128."
        ),
    ]
    shape: Annotated[
        tuple[Side | None, Side | None],
        Field(description="Rows and columns; null where the neighbours in the expression settle it."),
    ] = (None, None)
    min: Annotated[Number, Field(ge=-1e30, le=1e30, description="Smallest value of the pattern.")] = -1.0
    max: Annotated[Number, Field(ge=-1e30, le=1e30, description="Largest value of the pattern.")] = 1.0
    dropout: Annotated[
        Number,
        Field(
            ge=0,
            le=1,
            description="Share of elements that are set to 0, by chance; only of what has a range or is random.",
        ),
    ] = 0.0
    value: Annotated[Number, Field(ge=-1e30, le=1e30, description="Of full: what every element is.")] = 1.0
    head: Annotated[Head, Field(description="Of alibi: which head, from 0.")] = 0
    heads: Annotated[
        Whole, Field(ge=1, le=1 << 16, description="Of alibi: how many heads there are; each has a slope of its own.")
    ] = 8
    causal: Annotated[
        bool, Field(description="Of t5 buckets: all are for keys that come before, as in T5's decoder.")
    ] = False
    seed: Annotated[
        Whole | None,
        Field(
            ge=0,
            lt=1 << 32,
            description="Of the random initializers and of dropout. By default the CRC-32 of the tensor's name in "
            "UTF-8, so that no two tensors are alike, and 0 for a factor of a singular value decomposition.",
        ),
    ] = None
    svd: Svd = None

    @model_validator(mode="after")
    def _has_these_keys(self) -> "Initializer":
        for key, name in OWN_KEYS.items():
            said = key in self.model_fields_set and getattr(self, key) != type(self).model_fields[key].default
            if said and self.init != name:
                raise ValueError(f"'{self.init}' has no key '{key}'; only '{name}' has it.")
        if self.head >= self.heads:
            raise ValueError(f"head {self.head} is beyond the last of {self.heads} heads, which is {self.heads - 1}.")
        return self

    def seed_of(self, name: str) -> int:
        """The seed of the tensor of this name."""
        if self.seed is not None:
            return self.seed
        return zlib.crc32(name.encode()) if self.svd is None else 0  # factors of one matrix have names of their own


class FormulaSource(Strict):
    """Arithmetic over i (row), j (column), h (rows) and w (columns)."""

    formula: Annotated[str, AfterValidator(_formula), Field(description="For example: i < h / 2 ? sin(j) : 0")]
    shape: Annotated[
        tuple[Side | None, Side | None],
        Field(description="Rows and columns; null where the neighbours in the expression settle it."),
    ] = (None, None)
    svd: Svd = None


class ValuesSource(Strict):
    """The numbers themselves; NaN and infinity are shown as such."""

    model_config = ConfigDict(allow_inf_nan=True, ser_json_inf_nan="constants", arbitrary_types_allowed=True)

    values: Annotated[
        tuple[tuple[Number, ...], ...],
        Field(min_length=1, description="A list of rows of equal length."),
        AfterValidator(_rectangle),
        WrapValidator(_or_grid),
    ]
    svd: Svd = None

    def __eq__(self, other: object) -> bool:
        """The same numbers; NaN is NaN, as in the file that it was read from."""
        if not isinstance(other, ValuesSource) or self.svd != other.svd:
            return False
        return self.values == other.values or _same_numbers(self.values, other.values)

    def __hash__(self) -> int:
        return hash((len(self.values), len(self.values[0]), self.svd))

    @field_serializer("values")
    def _as_lists(
        self, values: Sequence[tuple[float, ...]], how: SerializationInfo
    ) -> list[list[float]] | tuple[tuple[float, ...], ...] | Grid:
        if how.mode == "json":
            return [list(row) for row in values]
        return values if isinstance(values, Grid) else tuple(values)


class FileSource(Strict):
    """A .npy or .csv file, or one array of a .npz, .safetensors, .gguf or .pt file."""

    file: Annotated[Text, Field(description="Path, relative to the scene file.")]
    key: Annotated[
        Text | None,
        Field(
            description="Name of the array in a .npz, .safetensors, .gguf or .pt file; needed where there are several."
        ),
    ] = None
    index: Annotated[
        tuple[Annotated[Whole, Field(ge=0, lt=1 << 31)], ...],
        Field(
            max_length=30,
            description="Which matrix of a stack is taken, from 0: a number for each axis before rows and columns. "
            "[0, 3] is head 3 of attentions that were saved as (batch, heads, queries, keys).",
        ),
    ] = ()
    shape: Annotated[
        tuple[Side, Side] | None,
        Field(description="Rows and columns that are taken, from the start again where the file has fewer."),
    ] = None
    svd: Svd = None


class UrlSource(Strict):
    """The address of a matrix, as mm's links have them; mmviz never fetches it, and asks for another source."""

    url: Annotated[Address, Field(description="Address of a CSV file.")]
    shape: Annotated[
        tuple[Side | None, Side | None],
        Field(description="Rows and columns; null where the neighbours in the expression settle it."),
    ] = (None, None)


class WeightSource(Strict):
    """A weight of the scene's model."""

    weight: Annotated[Text, Field(description="blocks.1.attn.W_Q, or a Hugging Face parameter name.")]
    head: Annotated[Head | None, Field(description="The query head whose part is taken.")] = None
    lora: Annotated[
        Literal["base", "A", "B"] | None,
        Field(
            description="Of a model with an adapter: base, the weight without it; A and B, the adapter's own matrices, "
            "(rank, what goes in) and (what comes out, rank). By default the weight with the adapter merged into it."
        ),
    ] = None
    svd: Svd = None


class ActivationSource(Strict):
    """An activation of the scene's model on the scene's prompt."""

    activation: Annotated[Text, Field(description="blocks.1.ln1.hook_normalized and the like.")]
    head: Annotated[Head | None, Field(description="The query head whose part is taken.")] = None
    svd: Svd = None


SOURCES: dict[str, type[Strict]] = {
    "init": Initializer,
    "formula": FormulaSource,
    "values": ValuesSource,
    "file": FileSource,
    "weight": WeightSource,
    "activation": ActivationSource,
    "url": UrlSource,
}
"""The kinds of sources by the key that tells them apart."""


def _kind(source: Any) -> str | None:
    keys = source if isinstance(source, dict) else type(source).model_fields if isinstance(source, Strict) else ()
    return next((kind for kind in SOURCES if kind in keys), None)


TensorSource = Annotated[
    Annotated[Initializer, Tag("init")]
    | Annotated[FormulaSource, Tag("formula")]
    | Annotated[ValuesSource, Tag("values")]
    | Annotated[FileSource, Tag("file")]
    | Annotated[WeightSource, Tag("weight")]
    | Annotated[ActivationSource, Tag("activation")]
    | Annotated[UrlSource, Tag("url")],
    Discriminator(
        _kind,
        custom_error_type="tensor_source",
        custom_error_message=f"needs one of the keys {', '.join(SOURCES)}",
    ),
]


def factor_of(source: TensorSource) -> Factor | None:
    """Which factor of its matrix a source stands for; None for the matrix itself."""
    return None if isinstance(source, UrlSource) else source.svd


def part_told(source: TensorSource) -> str:
    """What of its matrix a source stands for, in words: ", lora A, U of its svd"; "" for the matrix itself."""
    factor = factor_of(source)
    lora = f", lora {source.lora}" if isinstance(source, WeightSource) and source.lora is not None else ""
    index = index_told(source.index) if isinstance(source, FileSource) else ""
    return index + lora + ("" if factor is None else f", {factor.part} of its svd")


def index_told(index: tuple[int, ...]) -> str:
    """Which matrix of a stack is taken, in words: ", index [0, 3]"; "" where it is no stack."""
    return f", index {list(index)}" if index else ""


class ModelSource(Strict):
    """The model whose weights and activations a scene shows, and what it reads."""

    path: Annotated[
        Text, Field(description="Folder or file, relative to the scene; a shipped or fetched model; or org/name.")
    ]
    adapter: Annotated[
        Text | None,
        Field(description="Folder of a LoRA adapter of peft, relative to the scene, which is merged into the model."),
    ] = None
    prompt: Annotated[Prose | None, Field(min_length=1, description="Text that the model reads.")] = None
    special_tokens: Annotated[
        bool,
        Field(
            description="Put around the prompt what the model's tokenizer puts around a text, such as <s> before it. "
            "mmviz head and mmviz layer say true unless told otherwise."
        ),
    ] = False  # what scenes without the key have always meant
    tokens: Annotated[
        tuple[Annotated[Whole, Field(ge=0, lt=1 << 31)], ...] | None,
        Field(min_length=1, description="Token ids, instead of a prompt."),
    ] = None
    stack: Annotated[
        Literal["encoder", "decoder"] | None,
        Field(description="Of a model that has both: which one is shown; encoder where nothing is said."),
    ] = None
    target: Annotated[
        Prose | None,
        Field(
            min_length=1,
            description="Text that the decoder has been given so far, behind its start token, which stands alone "
            "otherwise; prompt and tokens are what the encoder reads.",
        ),
    ] = None
    target_tokens: Annotated[
        tuple[Annotated[Whole, Field(ge=0, lt=1 << 31)], ...] | None,
        Field(min_length=1, description="All token ids that the decoder reads, its start token, too, instead of one."),
    ] = None
    device: Annotated[Literal["auto", "cpu", "cuda", "mps"], Field(description="Where activations are computed.")] = (
        "auto"
    )
    dtype: Annotated[
        Literal["float32", "float64"], Field(description="What activations are computed with; shown in float32.")
    ] = "float32"

    def alone(self) -> "ModelSource":
        """The model without what it reads: equal where weights are the same."""
        read = dict.fromkeys(("prompt", "tokens", "target", "target_tokens"))
        return self.model_copy(update={**read, "special_tokens": False})

    def of_source(self) -> "ModelSource":
        """The model with what its encoder reads and without what its decoder does, where the decoder is shown."""
        if self.stack != "decoder":
            return self.alone()
        return self.model_copy(update={"target": None, "target_tokens": None})
