"""Which expert of a layer is drawn, and whether all of them can be: counted, or computed where the prompt decides."""

from typing import Literal

from mmviz.builders.opening import Opened
from mmviz.errors import SourceError
from mmviz.pipeline import Scene
from mmviz.values.families.config import ModelConfig

MOST = 8
"""Experts that are drawn together; of more, the router is."""


def drawn_together(config: ModelConfig) -> bool:
    """Whether a layer has few enough experts to be seen in one scene."""
    return config.experts.count <= MOST


Chosen = int | Literal["chosen", "shared"]
"""An expert, from 0; that which most tokens choose; or the one that all tokens share."""


def check_expert(model: Opened, layer: int, part: str, expert: Chosen) -> None:
    """Refuse an expert that is not there.

    Args:
        model: The model.
        layer: From 0.
        part: Of the layer, that is to be drawn.
        expert: Which.

    Raises:
        SourceError: the layer has no experts, or not so many, or none that all tokens share, or the part is not the
            MLP.
    """
    name, config, count = model.reading.model, model.config, model.config.experts.count
    if part != "mlp":
        raise SourceError(
            f"{name}: expert {expert} is of an MLP, and the part {part} is wanted; the part mlp is needed."
        )
    if layer not in config.sparse:
        others = f"; {_listed(config)} has experts" if config.sparse else ""
        raise SourceError(f"{name}: layer {layer} has one MLP and no experts{others}.")
    if expert == "shared" and not config.experts.d_shared:
        raise SourceError(f"{name}: has {count} experts, of which a router chooses, and none that all tokens share.")
    if isinstance(expert, int) and not 0 <= expert < count:
        raise SourceError(f"{name}: has {count} experts, 0 to {count - 1}; got expert {expert}.")


def most_chosen(model: Opened, layer: int) -> tuple[int, str]:
    """The expert that most tokens of the prompt choose, the first of them, and how a title says so.

    Args:
        model: The model, and what it reads.
        layer: From 0, with experts.

    Raises:
        SourceError: as `Model.activations`.
    """
    name = f"{model.config.blocks}.{layer}.mlp.hook_expert_indices"
    chosen = Scene(expr="chosen", tensors={"chosen": {"activation": name}}, model=model.reading.source())
    chosen.opened = model.checkpoint, model.adapter
    numbers = chosen.values()[""]  # (tokens, chosen)
    tokens = [int((numbers == expert).any(1).sum()) for expert in range(model.config.experts.count)]
    most = max(tokens)
    return tokens.index(most), f", which most tokens choose ({most} of {model.tokens})"


def _listed(config: ModelConfig) -> str:
    first, *others = sorted(config.sparse)
    return f"layer {first}" if not others else f"layer {first}, for example,"
