"""Random small scenes for hypothesis, with everything that decides what a frame shows."""

from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from mmviz import Scene
from mmviz.scene.keys.options import Easing, Fuse
from mmviz.scene.language.building import build
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import ProductNode, walk
from tests.picture.test_timeline import ALGORITHMS, recipes

N = 4
ODD = [float("nan"), float("inf"), float("-inf"), 1e30, -1e-40]
"""Numbers that are put into some of the tensors."""
WITH = {
    "softmax_sink": "softmax_sink({}, s)",
    "window": "window({}, 2)",
    "local": "local({}, 1)",
    "chunk": "chunk({}, 3)",
    "prefix": "prefix({}, 2)",
    "pad": "pad({}, 3, 1)",
    "topk": "topk({}, 2)",
    "swish": "swish({}, 1.5)",
    "softcap": "softcap({}, 2)",
    "minimum": "minimum({}, 0.5)",
    "maximum": "maximum({}, 0.5)",
    "dropout": "dropout({}, 0.3, 5)",
    "batchnorm": "batchnorm({}, w, v)",
    "share": "share({}, axis=0)",
    "cumsum": "cumsum({}, axis=0)",
    "clip": "clip({}, -0.5, 1)",
    "power": "power({}, 3)",
    "add": "add({}, 1)",
    "scale": "scale({}, 3)",
    "bias": "bias({}, v)",
    "layernorm": "layernorm({}, w, v)",
    "rmsnorm": "rmsnorm({}, w)",
    "rope": "rope({}, w, 100, 2)",
    "rope_pairs": "rope_pairs({}, w, 100, 4, 2)",
    "xielu": "xielu({}, s, s, s, s)",
    "position_scale": "position_scale({}, 0.1, 2, 1)",
}
"""How functions are called that need more than a matrix, or are most often given more."""
CALLS = [WITH.get(name, f"{name}({{}})") for name in FUNCTIONS if name != "sdpa"]


@dataclass(frozen=True)
class Made:
    """A scene as its parts, so that one that fails is easy to read."""

    expr: str
    shapes: tuple[tuple[str, int, int], ...]
    animation: dict[str, Any]
    partition: dict[str, Any] = field(default_factory=dict)
    layout: dict[str, Any] = field(default_factory=dict)
    style: dict[str, Any] = field(default_factory=dict)
    odd: float | None = None  # a number that one element of the first tensor is

    def scene(self) -> Scene:
        chance = np.random.default_rng(5)
        tensors = {name: chance.normal(size=(rows, columns)) for name, rows, columns in self.shapes}
        if "w" in tensors:
            tensors["w"] = np.abs(tensors["w"]) + 0.5
        tensors = {name: values.astype(np.float32) for name, values in tensors.items()}
        if self.odd is not None:
            tensors[self.shapes[0][0]].flat[-1] = self.odd
        parts: dict[str, Any] = {"partition": self.partition, "layout": self.layout, "style": self.style}
        return Scene(self.expr, dict(tensors), animation=self.animation, **parts)


animations = st.fixed_dictionaries(
    {
        "fuse": st.sampled_from(get_args(Fuse)),
        "easing": st.sampled_from(get_args(Easing)),
        "sums": st.sampled_from(["together", "running"]),
        "algorithm": st.sampled_from([*ALGORITHMS, "whole", "none", "vvprod", "vmprod", "axpy"]),
        "hide_inputs": st.sampled_from([False, False, False, True]),
    }
)
layouts = st.fixed_dictionaries(
    {
        "gap": st.sampled_from(["auto", 0, 0.3, 4]),
        "scheme": st.sampled_from(["blocks", "zigzag"]),
        "result": st.sampled_from(["front", "back"]),
        "polarity": st.sampled_from(["positive", "negative"]),
        "fold": st.sampled_from([{}, {"i": 2}, {"j": 0.5}, {"i": 1, "j": 1}]),
    }
)


@st.composite
def squares(draw: st.DrawFn) -> Made:
    """Square matrices with any functions, transposes, and parts that are used again."""
    known: list[str] = []

    def grow(depth: int) -> str:
        if known and draw(st.integers(0, 3)) == 0:
            return draw(st.sampled_from(known)) + draw(st.sampled_from(["", ".T"]))
        if depth == 0:
            text = f"m{draw(st.integers(0, 2))}"
        else:
            text = f"({grow(depth - 1)} {draw(st.sampled_from('@@@@+-*'))} {grow(depth - 1)})"
        for call in draw(st.lists(st.sampled_from(CALLS), max_size=2 if depth else 1)):
            text = call.format(text)
        text = f"({text})" + draw(st.sampled_from(["", "", ".T"]))
        if depth and draw(st.booleans()):
            known.append(f"n{len(known)}")
            return f"({known[-1]} = {text})"
        return text

    expr = grow(draw(st.integers(1, 3)))
    assume("@" in expr)
    used = {word for word in ("m0", "m1", "m2", "v", "w", "s") if word in expr.replace("swish", "").replace("(", " ")}
    heights = {"v": (1, N), "w": (1, N), "s": (1, 1)}
    names = names_in(expr)
    shapes = tuple((name, *heights.get(name, (N, N))) for name in sorted(used & names))
    return Made(
        expr,
        shapes,
        draw(animations) | {"matrices": draw(own_algorithms(expr))},
        draw(st.sampled_from([{}, {}, {"i": 2}, {"i": 2, "j": 2}])),
        draw(layouts),
        odd=draw(st.none() | st.none() | st.sampled_from(ODD)),
    )


@st.composite
def rectangles(draw: st.DrawFn) -> Made:
    """Trees of all shapes without functions, cut along all axes."""
    recipe = draw(recipes())
    cuts = {path or "i": counts.model_dump(exclude_none=True) for path, counts in recipe.cuts}
    root = cuts.pop("i", {})
    partition = {path: cut for path, cut in cuts.items() if cut} | root
    told = recipe.options.model_dump(include={"algorithm", "fuse", "matrices"})
    more = draw(animations)
    animation = told | {name: more[name] for name in ("easing", "sums", "hide_inputs")}
    layout = draw(layouts)
    if any(word in recipe.text for word in ("concat", "stack", "[")):  # parts are folded alike or not at all
        layout["fold"] = {}
    return Made(recipe.text, recipe.sizes, animation, partition, layout)


@st.composite
def tilings(draw: st.DrawFn) -> Made:
    """Attention block by block, masked in different ways."""
    scores = draw(
        st.sampled_from(["sdpa({})", "softmax(tril({}))", "softmax(window(scale({}), 2), 2)", "softmax({})"])
        | st.sampled_from(["softmax(softcap({}, 3))", "softmax(topk({}, 2))", "softmax(rmsnorm(pad({}, 5, 1)))"])
    )
    expr = f"(z = (attn = {scores.format('(Q = x @ a) @ (K = x @ b).T')}) @ (V = x @ c)) @ d"
    if draw(st.booleans()):
        expr += draw(st.sampled_from([" + attn @ U", " - x @ e", " + relu(attn) @ U + x @ e"]))
    sizes = {"x": (6, 5), "a": (5, 2), "b": (5, 2), "c": (5, 3), "d": (3, 4), "U": (6, 4), "e": (5, 4)}
    names = names_in(expr)
    shapes = tuple((name, *shape) for name, shape in sizes.items() if name in names)
    cuts = {letter: draw(st.integers(1, 6)) for letter in "ik"}
    animation = draw(animations) | {"matrices": {"z": "blockwise"}}
    odd = draw(st.none() | st.none() | st.sampled_from(ODD))
    return Made(expr, shapes, animation, {"z": cuts}, draw(layouts), odd=odd)


@st.composite
def own_algorithms(draw: st.DrawFn, expr: str) -> dict[str, str]:
    """What some of the products go by."""
    products = [node.path for node in walk(build(parse(expr))) if isinstance(node, ProductNode)]
    return draw(st.dictionaries(st.sampled_from(products), st.sampled_from([*ALGORITHMS, "whole"]), max_size=2))


def names_in(expr: str) -> set[str]:
    """The words of an expression."""
    for sign in "()@+-*,=.":
        expr = expr.replace(sign, " ")
    return set(expr.split())
