"""Which layers of a model are alike, and what one of each kind costs; no weights, no torch."""

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from mmviz.scene.keys.model_sizes import KindOfLayer
from mmviz.scene.language.masks import Masking
from mmviz.values.families import costs
from mmviz.values.families.config import ModelConfig


@dataclass(frozen=True, slots=True)
class LayerKind:
    """Layers that attend alike and have as many parameters."""

    name: str
    layers: tuple[int, ...]
    parameters: int  # of one of them
    alone: ModelConfig  # a model of one such layer

    def operations(self, tokens: int, before: int = 0) -> int:
        """Additions and multiplications of one of them, attention counted in full; as `costs.forward_operations`."""
        found = costs.forward_operations(self.alone, tokens, before)
        return found.layers + found.attention

    def cache_bytes(self, tokens: int) -> int:
        """Of one of them; as `costs.cache_bytes`."""
        return costs.cache_bytes(self.alone, tokens)


def layer_kinds(config: ModelConfig) -> tuple[LayerKind, ...]:
    """All kinds, in the order of their first layers."""
    found: dict[tuple[str, int], list[int]] = {}
    for layer in range(config.layers):
        parameters = sum(costs.layer_parameters(config, layer).values())
        found.setdefault((_name(config, layer), parameters), []).append(layer)
    return tuple(
        LayerKind(name, tuple(layers), parameters, _alone(config, layers[0]))
        for (name, parameters), layers in found.items()
    )


def told_kinds(config: ModelConfig, tokens: int) -> tuple[KindOfLayer, ...]:
    """The kinds as a window tells them.

    Args:
        config: The model.
        tokens: Of the prompt.
    """

    def operations(kind: LayerKind) -> int:
        return kind.operations(1, tokens - 1) if config.causal else kind.operations(tokens) // tokens

    return tuple(
        KindOfLayer(kind.name, kind.layers, kind.parameters, operations(kind), kind.cache_bytes(tokens))
        for kind in layer_kinds(config)
    )


def _alone(config: ModelConfig, layer: int) -> ModelConfig:
    """A model of this layer alone: what is said of some layers is said of it or not."""
    said: dict[str, Any] = {field.name: getattr(config, field.name) for field in fields(config)}
    of_layers = {name: _of_layer(value, layer) for name, value in said.items()}
    changed = {name: value for name, value in of_layers.items() if value is not said[name]}
    return replace(config, **{**changed, "layers": 1})


def _of_layer(value: Any, layer: int) -> Any:
    if isinstance(value, frozenset):
        return frozenset({0} if layer in value else ())
    if is_dataclass(value) and not isinstance(value, type) and isinstance(getattr(value, "layers", None), frozenset):
        some: Any = value
        return replace(some, layers=_of_layer(some.layers, layer))
    return value


def _name(config: ModelConfig, layer: int) -> str:
    """How a layer attends, such as: window of 512 tokens, no positions; and which experts it has."""
    rotated = config.rope is None or config.rope_of(layer) is not None
    chosen, count = config.experts.chosen, config.experts.count
    experts = f", {chosen} of {count:,} experts" if layer in config.sparse else ""
    normed = ", no norm" if layer in config.unnormed else ""
    return f"{_reach(config.masking(layer))}{'' if rotated else ', no positions'}{normed}{experts}"


def _reach(masking: Masking | None) -> str:
    match masking:
        case None:
            return "attention both ways"
        case Masking("tril"):
            return "full attention"
        case Masking("local", (size, *_)):
            return f"window of {size:,} tokens to each side"
        case Masking(name, (size, *_)):
            return f"{name} of {size:,} tokens"
        case Masking(name):
            return name
