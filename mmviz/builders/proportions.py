"""How much shorter a scene draws the widths of a model than they are, so that its attention is seen; draws nothing."""

from typing import Any

from mmviz.values.families.config import ModelConfig

LEAST = 5
"""Cells that the widths are drawn as, at least, however few tokens there are."""
SMALL = 32
"""Cells up to which faces are a cell apart: what is about right for larger scenes would tear a small one to pieces."""


def folded(
    config: ModelConfig, tokens: int, *, head: bool = True, mlp: str | tuple[str, ...] = "", rank: int | None = None
) -> dict[str, Any]:
    """The key `layout` of a scene: heads are drawn about as wide as the tokens, and the model as wide as its heads.

    Widths that are no longer than that keep their true proportions; the MLP is to the model as it is.

    Args:
        config: The model's sizes.
        tokens: How many it reads.
        head: The scene has heads.
        mlp: The axis of what is inside its MLP, d_mlp or d_expert, or more of them; "": it has none.
        rank: Of weights that are written by their singular values: what these add is drawn one apart from the other.
    """
    room = max(tokens, LEAST)
    of_head = max(1, round(config.d_head / room))
    of_model = max(1, round(config.d_model / max(room, config.d_head / of_head if head else 0)))
    folds: dict[str, float] = {"d_model": of_model}
    if head:
        folds["d_head"] = of_head
    if mlp:
        folds |= dict.fromkeys((mlp,) if isinstance(mlp, str) else mlp, of_model)
    folds = {axis: fold for axis, fold in folds.items() if fold != 1}
    if rank is not None and (each := round(config.d_head / of_head / rank)) > 1:
        folds |= {"rank": 1 / each}
    return ({"fold": folds} if folds else {}) | ({"gap": 1.0} if room <= SMALL and not (head and config.sinks) else {})
