"""A scene of an expression of a model's matrices: in which order it is computed, how it is drawn, what it is called."""

from typing import Any

from mmviz.builders.forms import KINDS, LOW, WeightForms
from mmviz.builders.opening import Opened
from mmviz.builders.parts import Parts
from mmviz.builders.proportions import folded
from mmviz.picture.space.head_grid import sums_of_heads
from mmviz.pipeline import Scene
from mmviz.scene.language.expression import Expression, write
from mmviz.scene.language.parsed import tree_of
from mmviz.scene.language.tree import walk


def scene_of(
    model: Opened,
    parts: Parts,
    expression: Expression,
    kind: str,
    captions: dict[str, str],
    badge: bool,
    speed: float = 8.0,
    **more: Any,
) -> Scene:
    """The scene of an expression: keys and circuits first, everything else token by token in one sweep."""
    more = {"layout": folded(model.config, model.tokens)} | more
    text, stack = write(expression), f"{parts.config.stack} " if parts.config.stack else ""
    tree = tree_of(text)
    drawn = {node.name for node in walk(tree)}
    keys = {name: "mvprod" for name in sorted(drawn) if name.startswith("K") and name.endswith(".T")}
    circuits = {name: "vvprod" for name in ("OV", "QK") if name in drawn}
    factors = _by_outer_products(parts.forms, drawn)
    low = "" if parts.forms.difference is None else LOW
    style: dict[str, Any] = {"before": parts.before} | ({"badge": True} if badge else {})
    style |= {"heads": "grid", "arrows": False} if sums_of_heads(tree) else {}
    scene = Scene(
        expr=text,
        tensors=parts.tensors,
        title=f"{model.name}: {stack}layer {parts.layer}, {kind}",
        model=model.reading.source(),
        animation={"algorithm": "vmprod", "fuse": "chain", "speed": speed, "matrices": keys | circuits | factors},
        captions=[{"start": start, "text": text} for start, text in captions.items()],
        checks=parts.checks,
        rank={f"w{kind}{low}": rank for kind, rank in parts.forms.ranks.items() if f"w{kind}{low}" in parts.tensors},
        style=style,
        **more,
    )
    scene.opened = model.checkpoint, model.adapter
    return scene


def _by_outer_products(forms: WeightForms, drawn: set[str]) -> dict[str, str]:
    """The algorithms of weights that are written as products: they are added up rank by rank."""
    svd = {f"w{kind}": "vvprod" for kind in forms.svd} | {f"w{kind}_SVt": "none" for kind in forms.svd}
    updates = {f"w{kind}_update": "vvprod" for kind in KINDS}
    return {
        f"{name}{turned}": algorithm
        for name, algorithm in (svd | updates).items()
        for turned in ("", ".T")
        if f"{name}{turned}" in drawn
    }
