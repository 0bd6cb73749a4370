"""What names mean in one model, and which prompts it reads: axes, heads, places in the checkpoint; no weights."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cached_property

from mmviz.errors import SourceError
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.layouts import OF_HEAD, UNEMBEDDING, UNEMBEDDING_BIAS, Axes, Names, Weight
from mmviz.values.families.names import (
    STRETCH,
    activation_names,
    close_names,
    expert_activation,
    in_layer,
    in_layer_of,
    in_which_expert,
    layer_activations,
    model_activations,
    parameters,
    seen_from_encoder,
    stored_axes,
    weight_names,
)
from mmviz.values.families.registry import names_of
from mmviz.values.families.rope import Rope
from mmviz.values.files.checkpoint import Checkpoint, bare_name
from mmviz.values.model.place import Place
from mmviz.values.model.tying import stored_unembedding
from mmviz.values.model.unread import UNKNOWN_EXTRA, layer_of, listed, meaning_of

ROUTER, ROUTER_TOO = "mlp.W_router", "mlp.W_gate"
"""The router of a layer with experts, and what TransformerLens calls it, which elsewhere makes the gates of an MLP."""
MATRIX = 2
"""Axes of what can be drawn."""


class Lookup:
    """Finds what a name means. Every method raises SourceError where it means nothing in this model."""

    def __init__(self, config: ModelConfig, checkpoint: Checkpoint) -> None:
        self._config = config
        self._checkpoint = checkpoint
        self.names = _as_stored(names_of(config), config, checkpoint)
        self._encoder = None if config.source is None else Lookup(config.source, checkpoint)
        self._axes: dict[str, Axes] = {}  # of activations that were asked for
        self._in_layers: dict[int, dict[str, Axes]] = {}  # activations of layers that were asked for

    @property
    def embedding(self) -> str:
        """The parameter that turns token ids into numbers; where it is tied, some files have it as the unembedding."""
        usual = f"{self.names.prefix}{self.names.embedding}"
        usual = next((name for name in self.names.other_embeddings if name in self._checkpoint), usual)
        elsewhere = self._config.tied and usual not in self._checkpoint and self._stored_unembedding in self._checkpoint
        return self._stored_unembedding if elsewhere else usual

    @property
    def unembedding(self) -> str:
        """The parameter that turns the last layer's numbers into logits; that of the file, tied or not, if it has one.

        Source: Hugging Face transformers 5, tie_weights. See findings/transformers-tied.sh.
        """
        stored = self._stored_unembedding
        return self.embedding if self._config.tied and stored not in self._checkpoint else stored

    @property
    def unembedding_bias(self) -> str:
        """What is added to logits; the last of its names will do only where the unembedding is tied, as it is then."""
        names = self.names.unembedding_biases
        stored = (name for name in names if name in self._checkpoint)
        return next(stored, names[-1]) if self._config.tied else names[0]

    @property
    def _stored_unembedding(self) -> str:
        return stored_unembedding(self.names, self._checkpoint)

    def of_model(self, name: str) -> str:
        """The parameter of a name outside the layers, which comes without the family's prefix."""
        if name in (UNEMBEDDING, self.names.unembedding):
            return self.unembedding
        if name in (UNEMBEDDING_BIAS, *self.names.unembedding_biases):
            return self.unembedding_bias
        if name in self.names.of_head:
            return name
        return self.embedding if name == self.names.embedding else f"{self.names.prefix}{name}"

    def parameters(self, layers: int) -> frozenset[str]:
        """The names, as in the files, of the parameters of so many layers, and of what is before them."""
        return frozenset(parameters(replace(self._config, layers=layers, unembeds=False), self.names))

    def check_parameters(self) -> None:
        """Every parameter of the model is there, in its shape, and can be read."""
        for name in parameters(self._config, self.names):
            parameter = self.of_model(name.removeprefix(self.names.prefix))
            self.check_shape(parameter)
            self._checkpoint.check(parameter)

    def check_all_used(self, layers: Collection[int]) -> None:
        """These layers, and what is of no layer, have no tensors that no forward pass reads.

        Of a model that says to be of another class than ours, no layer may have any.
        """
        other, kind = self._config.other_class, self._config.kind
        names = [name for layer, name in self._unused if layer is None or other or layer in layers]
        if names:
            as_said = f" (it says to be a {other})" if other else ""
            raise SourceError(
                f"{self._checkpoint.path}: has {listed(names)}, with which no model of type {kind} "
                f"computes{as_said}; a model of a type that is known here is needed."
            )

    @cached_property
    def _unused(self) -> tuple[tuple[int | None, str], ...]:
        """Tensors that are no parameters and not known to be of no use, each with its layer."""
        of_ours = {self.of_model(name.removeprefix(self.names.prefix)) for name in parameters(self._config, self.names)}
        biases = self.names.unembedding_biases if self._config.unembed_bias else ()
        of_head = (self._stored_unembedding, *biases, *self.names.of_head)
        shared = f"{self.names.prefix}{self.names.embedding}"  # which other stacks read, too
        read = {bare_name(name) for name in (*of_ours, *of_head, shared)}
        others = ((name, bare) for name in self._checkpoint.names if (bare := bare_name(name)) not in read)
        others = (each for each in others if not each[1].startswith(self.names.beside))
        return tuple((layer_of(bare), name) for name, bare in others if meaning_of(bare) == UNKNOWN_EXTRA)

    def activation_axes(self, name: str) -> Axes:
        """The axes of an activation."""
        if name not in self._axes:
            self._axes[name] = self._activation_axes(name)
        return self._axes[name]

    def sizes_of(self, name: str) -> dict[str, int]:
        """The length of every axis of an activation, but for tokens: of a decoder's encoder, as that has them."""
        of_encoder = self._encoder is not None and seen_from_encoder(name) is not None
        return (self._config.source if of_encoder and self._config.source else self._config).sizes()

    def _activation_axes(self, name: str) -> Axes:
        if self._encoder is not None and (own := seen_from_encoder(name)) is not None:
            return tuple("source_tokens" if axis == "tokens" else axis for axis in self._encoder.activation_axes(own))
        if name in self._of_model:
            self._check_unembeds(name)
            return self._of_model[name]
        layer, short = in_layer_of(self._config, name)
        if layer is not None and short == STRETCH:
            self.rope_of(name, layer)
            return "", "d_head"
        of_expert = None if layer is None else expert_activation(self._config, layer, short)
        if of_expert is not None:
            return of_expert
        in_layers = {} if layer is None else self._in_layer(layer)
        if layer is None or short not in in_layers:
            known = close_names(name, activation_names(self._config))
            raise self._problem(name, f"unknown activation; {known}.")
        self._check_layer(name, layer)
        return in_layers[short]

    @cached_property
    def _of_model(self) -> dict[str, Axes]:
        return model_activations(self._config)

    def _in_layer(self, layer: int) -> dict[str, Axes]:
        """The activations of a layer, whether it is there or not; those of the model's own are made once."""
        if layer in self._in_layers:
            return self._in_layers[layer]
        found = layer_activations(self._config, layer)
        if layer < self._config.layers:
            self._in_layers[layer] = found
        return found

    def rope_of(self, name: str, layer: int | None) -> Rope:
        """How a layer rotates, whose stretch has this name; without one, how all do."""
        config = self._config
        if layer is not None:
            self._check_layer(name, layer)
        rope = config.rope if layer is None else config.rope_of(layer)
        if rope is None:
            which = "model" if layer is None or config.rope is None else "layer"
            raise self._problem(name, f"this {which} has no rotary positions.")
        if layer is None and (rope.by_length or config.sliding_rope is not None or config.unrotated):
            on = "the number of tokens" if rope.by_length else "the layer"
            raise self._problem(name, f"depends on {on}; an activation such as {config.blocks}.0.{STRETCH} is needed.")
        return rope

    def head_axis(self, name: str, head: int | None) -> tuple[int | None, int]:
        """Which axis of an activation counts heads, and which entry is this head's; None for all heads."""
        if self._encoder is not None and (own := seen_from_encoder(name)) is not None:
            return self._encoder.head_axis(own, head)
        axes = self.activation_axes(name)
        if head is None:
            return None, 0
        for axis, size in enumerate(axes):
            if size in ("heads", "kv_heads"):
                self._check_head(name, head)
                return axis, head if size == "heads" else head // self._config.group
        raise self._problem(name, "has no heads; leave the head out.")

    def place(self, name: str, head: int | None) -> Place:
        """Where a weight's bytes lie."""
        if (encoder := self._of_encoder(name)) is not None:
            return encoder.place(name, head)
        parameter, weight = self._weight(name, head)
        if head is not None and not weight.of_heads:
            raise self._problem(name, "has no heads; leave the head out.")
        if weight.stacked:
            return self.place_in_stack(name, parameter, weight)
        shape = self._checkpoint.shape(parameter)
        if len(shape) > MATRIX:
            raise self._problem(
                name, f"is {_by(shape)}, a matrix for each expert; one such as {self._of_expert} is needed."
            )
        axes = stored_axes(self.names, parameter)
        if not weight.cut:
            return Place(parameter, transposed=weight.transposed, plus=weight.plus)
        if weight.by_head:
            return self._place_by_head(name, parameter, weight, head)
        span = self._span(name, weight, head)
        along_rows = axes[0] != "d_model"
        return Place(parameter, span if along_rows else None, None if along_rows else span, weight.transposed)

    def _of_encoder(self, name: str) -> "Lookup | None":
        """That of the encoder, of a decoder that is asked for a weight of its encoder's layers."""
        return (
            self._encoder
            if self._encoder is not None and in_layer_of(self._encoder._config, name)[0] is not None
            else None
        )

    def weight_axes(self, name: str, head: int | None) -> tuple[str, str]:
        """What the rows and columns of a weight count; "" where that has no name."""
        if name == STRETCH:
            return "", "d_head"
        if (encoder := self._of_encoder(name)) is not None:
            return encoder.weight_axes(name, head)
        _, weight = self._weight(name, head)
        place = self.place(name, head)
        axes = list(stored_axes(self.names, place.parameter))
        if weight.stacked:
            axes = ["d_expert" if axis == "gate_up" else axis for axis in axes[1:]]
        if weight.cut:
            one = "" if weight.cut in ("heads", "kv_heads") else "d_head"
            axes[0 if place.rows else 1] = one if head is not None else weight.cut
        *_, rows, columns = "", "", *axes
        return (columns, rows) if place.transposed else (rows, columns)

    def check_shape(self, parameter: str) -> None:
        """The file holds this parameter in the shape that config.json promises."""
        found = self._checkpoint.shape(parameter)
        sizes = self._config.sizes()
        needed = tuple(sizes[axis] for axis in stored_axes(self.names, parameter))
        if found != needed:
            raise self._problem(parameter, f"is {_by(found)}; config.json needs {_by(needed)}.")

    def check_tokens(self, token_ids: Sequence[int], before: int = 0) -> None:
        """At least one token, each inside the vocabulary, no more than the model has positions for."""
        if not token_ids:
            raise SourceError(f"{self._checkpoint.path}: the prompt has no tokens; at least one is needed.")
        last = self._config.vocabulary - 1
        outside = next((i for i in token_ids if not 0 <= i <= last), None)
        if outside is not None:
            raise SourceError(
                f"{self._checkpoint.path}: token {outside} is not in the vocabulary; ids go from 0 to {last}."
            )
        count = before + len(token_ids)
        if count > self._config.positions:
            read = "target" if self._config.stack == "decoder" else "prompt"
            raise SourceError(
                f"{self._checkpoint.path}: the {read} has {count} tokens; "
                f"the model reads at most {self._config.positions}."
            )

    def _weight(self, name: str, head: int | None) -> tuple[str, Weight]:
        """The parameter of a weight, and what of it is meant; the shapes of those that we know by name are checked."""
        layer, short = in_layer_of(self._config, name)
        if layer in self._config.sparse and short == ROUTER_TOO:
            short = ROUTER
        expert, of_each = in_which_expert(short)
        if layer is not None and of_each in self.names.layer_weights:
            self._check_layer(name, layer)
            self._check_expert(name, expert)
            weight = self.names.layer_weights[of_each]
            number = expert if not weight.apart else self._number(name, weight, head)
            parameter = in_layer(self.names, layer, weight.parameter.format(number))
        elif name in self.names.model_weights:
            self._check_unembeds(name)
            weight = self.names.model_weights[name]
            parameter = self.of_model(weight.parameter)
        elif name in self._checkpoint:
            return name, Weight(name)
        else:
            known = close_names(name, (*self._checkpoint.names, *weight_names(self._config)))
            raise self._problem(name, f"unknown weight; {known}.")
        self.check_shape(parameter)
        return parameter, weight

    def _number(self, name: str, weight: Weight, head: int | None) -> int:
        """Of the parameter of a head, where each has its own."""
        if head is None:
            raise self._problem(name, "each head has a parameter of its own; a head is needed.")
        self._check_head(name, head)
        return head if weight.apart == "heads" else head // self._config.group

    def _span(self, name: str, weight: Weight, head: int | None) -> slice:
        """Where along the axis that is cut a head's part lies, or that of all heads."""
        sizes = self._config.sizes()
        first = sum(sizes[axis] for axis in weight.after)
        if head is None:
            return slice(first, first + sizes[weight.cut])
        self._check_head(name, head)
        number = head if weight.cut in ("q_width", "heads") else head // self._config.group
        size = self._config.d_head if weight.cut in ("q_width", "kv_width") else 1
        return slice(first + number * size, first + (number + 1) * size)

    def _place_by_head(self, name: str, parameter: str, weight: Weight, head: int | None) -> Place:
        """Where a part lies of a parameter that keeps each key-value head's queries, keys and values together."""
        sizes, blocks = self._config.sizes(), weight.blocks or self._config.kv_heads
        block, width = sizes["qkv_width"] // blocks, sizes[weight.cut] // blocks
        first = sum(sizes[axis] for axis in weight.after) // blocks
        if head is None:
            return Place(parameter, slice(first, first + width), None, weight.transposed, block=block)
        self._check_head(name, head)
        number = head if weight.cut == "q_width" else head // self._config.group
        part, within = divmod(number, width // self._config.d_head)
        first += part * block + within * self._config.d_head
        return Place(parameter, slice(first, first + self._config.d_head), None, weight.transposed)

    def place_in_stack(self, name: str, parameter: str, weight: Weight) -> Place:
        """Where a part of an expert, by its name, lies in a parameter that holds those of all."""
        expert, _ = in_which_expert(in_layer_of(self._config, name)[1])
        axes = weight.axes[1:]
        cut = self._half(weight) if weight.half else None
        along_rows = axes[0] == "gate_up"
        rows, columns = (cut, None) if along_rows else (None, cut)
        return Place(parameter, rows, columns, weight.transposed, entry=expert)

    @property
    def _of_expert(self) -> str:
        """The name of a weight of an expert."""
        return f"{self._config.blocks}.{min(self._config.sparse, default=0)}.mlp.experts.0.W_in"

    def _half(self, weight: Weight) -> slice:
        size = self._config.experts.d_expert
        halves = {"first": slice(0, size), "second": slice(size, None), "even": slice(0, None, 2)}
        return halves.get(weight.half, slice(1, None, 2))

    def _check_expert(self, name: str, expert: int | None) -> None:
        count = self._config.experts.count
        if expert is not None and expert >= count:
            raise self._problem(name, f"the model has {count} experts, 0 to {count - 1}; got expert {expert}.")

    def _check_layer(self, name: str, layer: int) -> None:
        count = self._config.layers
        if layer >= count:
            has = f"has {count} layers, 0 to {count - 1}" if count > 1 else "has 1 layer, 0"
            raise self._problem(name, f"the model {has}; got layer {layer}.")

    def _check_unembeds(self, name: str) -> None:
        if name.startswith(OF_HEAD) and not self._config.unembeds:
            last = "norm" if self._config.final_norm else "layer"
            raise self._problem(name, f"the model ends with its last {last} and has no unembedding.")

    def _check_head(self, name: str, head: int) -> None:
        count = self._config.heads
        if not 0 <= head < count:
            has = f"has {count} heads, 0 to {count - 1}" if count > 1 else "has 1 head, 0"
            raise self._problem(name, f"the model {has}; got head {head}.")

    def _problem(self, name: str, text: str) -> SourceError:
        return SourceError(f"{self._checkpoint.path}, {name}: {text}")


def _as_stored(names: Names, config: ModelConfig, checkpoint: Checkpoint) -> Names:
    """The names of a model's parameters in files that may have experts in stacks, as transformers 5 has in memory."""
    others = {weight.parameter for weight in names.layer_weights.values()}
    only_stacked = [weight.parameter for weight in names.stacks.values() if weight.parameter not in others]
    stored = any(
        in_layer(names, layer, each) in checkpoint for layer in sorted(config.sparse)[:1] for each in only_stacked
    )
    return names.stacked if stored else names


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(str(size) for size in shape)
