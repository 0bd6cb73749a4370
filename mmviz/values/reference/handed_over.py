"""A model of transformers with our weights: of a model's files it reads none, so that only what it computes is its own.

For weights that transformers does not dequantize, or not to the numbers of their format. They are decoded again for it,
a layer at a time: before a layer runs its weights are read, and those of the layer before are let go of.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from mmviz.errors import SourceError
from mmviz.values.families.layouts import UNEMBEDDING, UNEMBEDDING_BIAS, Names, Weight
from mmviz.values.families.names import in_files
from mmviz.values.families.registry import names_of
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.lookup import Lookup
from mmviz.values.model.model import Model
from mmviz.values.reference.taps import taps_of

Parameters = Mapping[str, Tensor]
"""Of transformers' model, by their names in it, and what its files hold beside them, such as what routers add."""


def with_our_weights(model: Model, made: type[Any], config: Any, options: Mapping[str, Any]) -> tuple[Any, set[str]]:
    """A model of transformers, and the parameters that there are no weights for.

    Args:
        model: Ours, whose checkpoint is read; with an adapter the one below it, and all of it at once.
        made: The class of transformers' model.
        config: What it is made by, without a word of how weights are stored.
        options: What else `from_pretrained` is told.

    Raises:
        SourceError: a weight cannot be read, or is of another shape than transformers needs.
    """
    with torch.device("meta"):
        empty = made(config)
    nothing = torch.zeros((), dtype=model.dtype)
    state = {name: nothing.expand(each.shape) for name, each in empty.named_parameters(remove_duplicate=False)}
    lookup = Lookup(model.config, model.base)
    if lookup.unembedding != lookup.embedding and lookup.unembedding in state:  # what is equal would be tied
        state[lookup.unembedding] = torch.ones((), dtype=model.dtype).expand(state[lookup.unembedding].shape)
    theirs, _ = made.from_pretrained(None, config=config, state_dict=state, **options)
    parameters = dict(theirs.named_parameters())
    stored = theirs.state_dict().keys()
    beside = {name: each for name, each in theirs.named_buffers() if name in stored}
    shapes = {name: tuple(each.shape) for name, each in {**parameters, **beside}.items()}
    _empty(parameters.values())
    theirs.to(model.device, model.dtype)
    ours = _Ours(model, shapes)
    missing = {name for name in shapes if not ours.has(name)}
    at_once = {name: each for name, each in beside.items() if name not in missing}
    layers = f"{taps_of(model.config, names_of(model.config)).layers}."
    by_layer: dict[int, dict[str, Tensor]] = {}
    for name in parameters.keys() - missing:
        number, of_layer = (
            name.removeprefix(layers).partition(".")[0],
            model.adapter is None and name.startswith(layers),
        )
        (by_layer.setdefault(int(number), {}) if of_layer else at_once)[name] = parameters[name]
    ours.read_into(at_once)
    for name in missing & parameters.keys():
        parameters[name].data = torch.zeros(shapes[name], dtype=model.dtype, device=model.device)
    _read_as_they_run(theirs.get_submodule(layers.removesuffix(".")), by_layer, ours.read_into)
    return theirs, missing


def _read_as_they_run(
    layers: Iterable[torch.nn.Module], of_layers: Mapping[int, Parameters], read_into: Callable[[Parameters], None]
) -> None:
    """Have each layer's weights read before it runs, and those of the one that ran before let go of."""
    there: list[Parameters] = []

    def enter(number: int, *_: Any) -> None:
        while there:
            _empty(there.pop().values())
        read_into(of_layers[number])
        there.append(of_layers[number])

    for number, layer in enumerate(layers):
        if number in of_layers:
            layer.register_forward_pre_hook(partial(enter, number))


def _empty(parameters: Iterable[Tensor]) -> None:
    for parameter in parameters:
        parameter.data = parameter.data.new_empty(0)


class _Ours:
    """Our weights by the names that transformers has for them in memory."""

    def __init__(self, model: Model, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self._config = model.config
        self._checkpoint: Checkpoint = model.base
        self._device, self._dtype = model.device, model.dtype
        self._shapes = shapes
        self._names: Names = names_of(model.config)
        self._lookup = Lookup(model.config, model.base)

    def has(self, name: str) -> bool:
        """Whether there is a weight for a parameter."""
        return self._stored(name) in self._checkpoint or self._is_stack(name)

    def read_into(self, parameters: Parameters) -> None:
        """Read the weights of parameters, and let go of the files.

        Raises:
            SourceError: as `with_our_weights`.
        """
        for name, parameter in parameters.items():
            found = self._stack(name) if self._is_stack(name) else self._checkpoint.slice(self._stored(name))
            if tuple(found.shape) != self._shapes[name]:
                has, needed = ("x".join(map(str, shape)) for shape in (found.shape, self._shapes[name]))
                raise SourceError(f"{self._checkpoint.path}, {name}: is {has}; transformers needs {needed}.")
            parameter.data = found.to(self._device, self._dtype)
        self._checkpoint.release()

    def _stored(self, name: str) -> str:
        """The name of a parameter in the files."""
        layer, _ = self._in_layer(name)
        if layer is None:
            head = name in (UNEMBEDDING, UNEMBEDDING_BIAS, self._names.unembedding, *self._names.unembedding_biases)
            return self._lookup.of_model(name if head else name.removeprefix(self._names.prefix))
        return name if name in self._checkpoint else in_files(self._names, name)

    def _in_layer(self, name: str) -> tuple[int | None, str]:
        start = f"{self._names.prefix}{self._names.layer}"
        number, _, short = name.removeprefix(start).partition(".")
        return (int(number), short) if name.startswith(start) else (None, name)

    def _stacks(self, short: str) -> dict[str, Weight]:
        """What a parameter of a layer holds that transformers lays out otherwise than files do."""
        return {each: weight for each, weight in self._names.stacks.items() if weight.parameter == short}

    def _is_stack(self, name: str) -> bool:
        """Whether a parameter holds what files have for each expert by itself, or under another name."""
        layer, short = self._in_layer(name)
        return (
            layer is not None
            and name not in self._checkpoint
            and any(weight.stacked for weight in self._stacks(short).values())
        )

    def _stack(self, name: str) -> Tensor:
        """All experts of a layer, each read by itself."""
        layer, short = self._in_layer(name)
        whole = torch.empty(self._shapes[name], dtype=torch.float32)
        for each, weight in self._stacks(short).items():
            for expert in range(self._config.experts.count):
                of_expert = f"blocks.{layer}.{each.format(expert)}"
                place = self._lookup.place(of_expert, None)
                part = place.read(self._checkpoint)
                into = self._lookup.place_in_stack(of_expert, short, weight)
                into.of(whole).copy_(part if place.transposed == into.transposed else part.mT)
        return whole
