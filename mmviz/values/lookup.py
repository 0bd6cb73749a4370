"""What a name means in one model: axes, heads, places in the checkpoint; reads no weights."""

from collections.abc import Sequence
from dataclasses import dataclass

from mmviz.errors import SourceError
from mmviz.values.checkpoint import Checkpoint
from mmviz.values.config import LlamaConfig
from mmviz.values.names import (
    EMBEDDING,
    IN_LAYER,
    LAYER_ACTIVATIONS,
    LAYER_PARAMETERS,
    LAYER_WEIGHTS,
    MODEL_ACTIVATIONS,
    MODEL_PARAMETERS,
    MODEL_WEIGHTS,
    PARAMETER_IN_LAYER,
    UNEMBEDDING,
    Axes,
    activation_names,
    close_names,
    weight_names,
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a weight lies in the checkpoint: a part of a parameter, stored as it is or transposed."""

    parameter: str
    rows: slice | None = None  # None: all
    columns: slice | None = None
    transposed: bool = False


class Lookup:
    """Finds what a name means. Every method raises SourceError where it means nothing in this model."""

    def __init__(self, config: LlamaConfig, checkpoint: Checkpoint) -> None:
        self._config = config
        self._checkpoint = checkpoint

    def activation_axes(self, name: str) -> Axes:
        """The axes of an activation."""
        if name in MODEL_ACTIVATIONS:
            return MODEL_ACTIVATIONS[name]
        layer, short = self._split(name)
        if layer is None or short not in LAYER_ACTIVATIONS:
            known = close_names(name, activation_names(self._config.layers))
            raise SourceError(f"{self._checkpoint.path}, {name}: unknown activation; {known}.")
        self._check_layer(name, layer)
        return LAYER_ACTIVATIONS[short]

    def head_axis(self, name: str, head: int | None) -> tuple[int | None, int]:
        """Which axis of an activation counts heads, and which entry is this head's; None for all heads."""
        axes = self.activation_axes(name)
        if head is None:
            return None, 0
        for axis, size in enumerate(axes):
            if size in ("heads", "kv_heads"):
                self._check_head(name, head)
                return axis, head if size == "heads" else head // self._config.group
        raise SourceError(f"{self._checkpoint.path}, {name}: has no heads; leave the head out.")

    def place(self, name: str, head: int | None) -> Place:
        """Where a weight's bytes lie."""
        layer, short = self._split(name)
        if layer is not None and short in LAYER_WEIGHTS:
            self._check_layer(name, layer)
            return self._layer_place(name, f"model.layers.{layer}.{LAYER_WEIGHTS[short]}", head)
        if name not in MODEL_WEIGHTS and name not in self._checkpoint:
            known = close_names(name, (*self._checkpoint.names, *weight_names(self._config.layers)))
            raise SourceError(f"{self._checkpoint.path}, {name}: unknown weight; {known}.")
        if head is not None:
            raise SourceError(f"{self._checkpoint.path}, {name}: has no heads; leave the head out.")
        if name not in MODEL_WEIGHTS:
            return Place(name)
        parameter = EMBEDDING if name == "embed.W_E" else self.unembedding
        self.check_shape(parameter)
        return Place(parameter, transposed=name == "unembed.W_U")

    def weight_axes(self, name: str, head: int | None) -> tuple[str, str]:
        """What the rows and columns of a weight count; "" where that has no name."""
        place = self.place(name, head)
        *_, rows, columns = "", "", *_stored_axes(place.parameter)
        rows = "d_head" if place.rows else rows
        columns = "d_head" if place.columns else columns
        return (columns, rows) if place.transposed else (rows, columns)

    def _layer_place(self, name: str, parameter: str, head: int | None) -> Place:
        self.check_shape(parameter)
        rows, _ = axes = _stored_axes(parameter)
        cut = next((axis for axis in axes if axis in ("q_width", "kv_width")), None)
        if cut is None:
            if head is not None:
                raise SourceError(f"{self._checkpoint.path}, {name}: has no heads; leave the head out.")
            return Place(parameter, transposed=True)
        if head is None:
            last = self._config.heads - 1
            raise SourceError(f"{self._checkpoint.path}, {name}: is cut by head; a head, 0 to {last}, is needed.")
        self._check_head(name, head)
        first = (head if cut == "q_width" else head // self._config.group) * self._config.d_head
        span = slice(first, first + self._config.d_head)
        if cut == rows:
            return Place(parameter, rows=span, transposed=True)
        return Place(parameter, columns=span, transposed=True)

    @property
    def unembedding(self) -> str:
        """The parameter that turns the last layer's numbers into logits."""
        return EMBEDDING if self._config.tied else UNEMBEDDING

    @staticmethod
    def _split(name: str) -> tuple[int | None, str]:
        match = IN_LAYER.fullmatch(name)
        return (int(match[1]), match[2]) if match else (None, name)

    def check_tokens(self, token_ids: Sequence[int]) -> None:
        """At least one token, each inside the vocabulary."""
        if not token_ids:
            raise SourceError(f"{self._checkpoint.path}: the prompt has no tokens; at least one is needed.")
        last = self._config.vocabulary - 1
        outside = next((i for i in token_ids if not 0 <= i <= last), None)
        if outside is not None:
            raise SourceError(
                f"{self._checkpoint.path}: token {outside} is not in the vocabulary; ids go from 0 to {last}."
            )

    def _check_layer(self, name: str, layer: int) -> None:
        count = self._config.layers
        if layer >= count:
            has = f"has {count} layers, 0 to {count - 1}" if count > 1 else "has 1 layer, 0"
            raise SourceError(f"{self._checkpoint.path}, {name}: the model {has}; got layer {layer}.")

    def _check_head(self, name: str, head: int) -> None:
        count = self._config.heads
        if not 0 <= head < count:
            has = f"has {count} heads, 0 to {count - 1}" if count > 1 else "has 1 head, 0"
            raise SourceError(f"{self._checkpoint.path}, {name}: the model {has}; got head {head}.")

    def check_shape(self, parameter: str) -> None:
        """The file holds this parameter in the shape that config.json promises."""
        found = self._checkpoint.shape(parameter)
        sizes = self._config.sizes()
        needed = tuple(sizes[axis] for axis in _stored_axes(parameter))
        if found != needed:
            raise SourceError(
                f"{self._checkpoint.path}, {parameter}: is {_by(found)}; config.json needs {_by(needed)}."
            )


def _stored_axes(parameter: str) -> Axes:
    """The axes of a Hugging Face parameter; none if it is not one of a Llama."""
    if parameter == UNEMBEDDING:
        return MODEL_PARAMETERS[UNEMBEDDING]
    name = f"model.{parameter.removeprefix('model.')}"
    if name in MODEL_PARAMETERS:
        return MODEL_PARAMETERS[name]
    match = PARAMETER_IN_LAYER.fullmatch(name)
    return LAYER_PARAMETERS.get(match[2], ()) if match else ()


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(str(size) for size in shape)
