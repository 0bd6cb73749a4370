"""Where a tensor's numbers come from: one model a kind of source; nothing is read here."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag

from mmviz.errors import ExpressionError
from mmviz.scene.formula import parse_formula

Side = Annotated[int, Field(ge=1, le=1 << 24)]
InitializerName = Literal[
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


class Strict(BaseModel):
    """A part of a scene document: immutable, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _formula(text: str) -> str:
    try:
        parse_formula(text)
    except ExpressionError as error:
        raise ValueError(str(error)) from None
    return text


class Initializer(Strict):
    """A pattern or random numbers."""

    init: Annotated[InitializerName, Field(description="Name of the pattern or distribution.")]
    shape: Annotated[
        tuple[Side | None, Side | None],
        Field(description="Rows and columns; null where the neighbours in the expression settle it."),
    ] = (None, None)
    min: Annotated[float, Field(description="Smallest value of the pattern.")] = -1.0
    max: Annotated[float, Field(description="Largest value of the pattern.")] = 1.0
    seed: Annotated[int, Field(ge=0, description="Of the random initializers.")] = 0


class FormulaSource(Strict):
    """Arithmetic over i (row), j (column), h (rows) and w (columns)."""

    formula: Annotated[
        str, AfterValidator(_formula), Field(description="For example: i < h / 2 ? sin(j) : 0")
    ]
    shape: Annotated[
        tuple[Side | None, Side | None],
        Field(description="Rows and columns; null where the neighbours in the expression settle it."),
    ] = (None, None)


class ValuesSource(Strict):
    """The numbers themselves."""

    values: Annotated[
        tuple[tuple[float, ...], ...], Field(min_length=1, description="A list of rows of equal length.")
    ]


class FileSource(Strict):
    """A .npy or .csv file, or one tensor of a .safetensors file."""

    file: Annotated[str, Field(min_length=1, description="Path, relative to the scene file.")]
    key: Annotated[str | None, Field(description="Name of the tensor in a .safetensors file.")] = None


class WeightSource(Strict):
    """A weight of the scene's model."""

    weight: Annotated[
        str, Field(min_length=1, description="blocks.1.attn.W_Q, or a Hugging Face parameter name.")
    ]
    head: Annotated[int | None, Field(ge=0, description="The query head whose part is taken.")] = None


class ActivationSource(Strict):
    """An activation of the scene's model on the scene's prompt."""

    activation: Annotated[str, Field(min_length=1, description="blocks.1.ln1.hook_normalized and the like.")]
    head: Annotated[int | None, Field(ge=0, description="The query head whose part is taken.")] = None


_KINDS = ("init", "formula", "values", "file", "weight", "activation")


def _kind(source: Any) -> str | None:
    keys = (
        source
        if isinstance(source, dict)
        else type(source).model_fields
        if isinstance(source, Strict)
        else ()
    )
    return next((kind for kind in _KINDS if kind in keys), None)


TensorSource = Annotated[
    Annotated[Initializer, Tag("init")]
    | Annotated[FormulaSource, Tag("formula")]
    | Annotated[ValuesSource, Tag("values")]
    | Annotated[FileSource, Tag("file")]
    | Annotated[WeightSource, Tag("weight")]
    | Annotated[ActivationSource, Tag("activation")],
    Discriminator(
        _kind,
        custom_error_type="tensor_source",
        custom_error_message=f"needs one of the keys {', '.join(_KINDS)}",
    ),
]


class ModelSource(Strict):
    """The model whose weights and activations a scene shows, and what it reads."""

    path: Annotated[
        str, Field(min_length=1, description="Folder or .safetensors file, relative to the scene.")
    ]
    prompt: Annotated[str | None, Field(description="Text; tokenized without special tokens.")] = None
    tokens: Annotated[
        tuple[Annotated[int, Field(ge=0)], ...] | None, Field(description="Token ids, instead of a prompt.")
    ] = None
    device: Annotated[
        Literal["auto", "cpu", "cuda", "mps"], Field(description="Where activations are computed.")
    ] = "auto"
