"""Forty scenes and six cameras on each, without numbers: what it is counted on how well texts are read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mmviz import Scene
from mmviz.machine.shipped import scene_names
from mmviz.picture.composition import Composition
from mmviz.picture.eye.camera import Camera
from mmviz.picture.marks.sheet_before import Before, sheet_names
from mmviz.picture.shots.framing import Look
from mmviz.picture.time.timeline import Timeline

SIZE = (1280, 720)
"""Of the pictures, in pixels."""
LOOKS = ((-1.0, 1.0, 1.0), (1.0, 0.6, 1.0), (-0.3, 0.2, 1.0), (0.1, 1.0, 0.25))
"""Toward the eye; besides there are the scene's own camera and one that is close."""
HEAD = "out = (z = (attn = softmax(tril(scale(Q @ K.T)))) @ V) @ wO"
MADE: dict[str, tuple[str, dict[str, tuple[int, int]], dict[str, Any]]] = {
    "square": ("y = A @ B", {"A": (32, 32), "B": (32, 32)}, {}),
    "tiny": ("y = A @ B", {"A": (4, 3), "B": (3, 5)}, {}),
    "flat": ("y = A @ B", {"A": (16, 128), "B": (128, 16)}, {}),
    "wide": ("y = A @ B", {"A": (64, 8), "B": (8, 256)}, {}),
    "unnamed": ("A @ B @ C", {"A": (32, 16), "B": (16, 48), "C": (48, 24)}, {}),
    "long chain": ("w = A @ B @ C @ D", {"A": (32, 16), "B": (16, 48), "C": (48, 24), "D": (24, 40)}, {}),
    "pair": ("w = (u = A @ B) @ (v = C @ D)", {"A": (32, 16), "B": (16, 48), "C": (48, 24), "D": (24, 40)}, {}),
    "sum": ("s = a + b", {"a": (32, 48), "b": (32, 48)}, {}),
    "sum of four": ("s = a + b + c - d", dict.fromkeys("abcd", (32, 48)), {}),
    "sum of products": (
        "s = (p = A @ B) + (q = C @ D)",
        {"A": (24, 16), "B": (16, 32), "C": (24, 8), "D": (8, 32)},
        {},
    ),
    "gated": ("h = (g = x @ U) * (v = x @ W)", {"x": (24, 32), "U": (32, 64), "W": (32, 64)}, {}),
    "block": ("o = x + (c = relu(x @ U) @ W)", {"x": (24, 32), "U": (32, 64), "W": (64, 32)}, {}),
    "biased": ("y = x @ W + b", {"x": (24, 32), "W": (32, 40), "b": (24, 40)}, {}),
    "head": (HEAD, {"Q": (24, 16), "K": (24, 16), "V": (24, 16), "wO": (16, 64)}, {}),
    "wide head": (HEAD, {"Q": (24, 64), "K": (24, 64), "V": (24, 64), "wO": (64, 512)}, {}),
    "long head": (HEAD, {"Q": (256, 16), "K": (256, 16), "V": (256, 16), "wO": (16, 64)}, {}),
    "head with scores": (
        HEAD,
        {"Q": (24, 16), "K": (24, 16), "V": (24, 16), "wO": (16, 64)},
        {"style": {"before": {"attn": "scores"}}},
    ),
    "whole head": (
        "out = (attn = softmax((Q = x @ wQ) @ (K = x @ wK).T)) @ (V = x @ wV) @ wO",
        {"x": (32, 96), "wQ": (96, 12), "wK": (96, 12), "wV": (96, 12), "wO": (12, 96)},
        {"camera": {"inset": "attn"}},
    ),
    "one token": (HEAD.replace("tril", ""), {"Q": (1, 16), "K": (48, 16), "V": (48, 16), "wO": (16, 64)}, {}),
    "one token of many": (
        HEAD.replace("tril", ""),
        {"Q": (1, 64), "K": (256, 64), "V": (256, 64), "wO": (64, 512)},
        {},
    ),
    "four tokens": (HEAD, {"Q": (4, 16), "K": (4, 16), "V": (4, 16), "wO": (16, 64)}, {}),
    "vector": ("y = A @ x + b", {"A": (64, 64), "x": (64, 1), "b": (64, 1)}, {}),
    "inner": ("s = a @ b", {"a": (1, 96), "b": (96, 1)}, {}),
    "outer": ("u = a @ b", {"a": (48, 1), "b": (1, 48)}, {}),
    "thin": ("W = B @ A", {"B": (64, 4), "A": (4, 96)}, {}),
    "blocks": ("y = A @ B", {"A": (32, 32), "B": (32, 32)}, {"partition": {"i": 4, "j": 4, "k": 2}}),
    "no gap": ("y = A @ B", {"A": (32, 24), "B": (24, 40)}, {"layout": {"gap": 0}}),
}
"""Expression, the shapes of its tensors, and other parts."""


def scenes() -> Iterator[tuple[str, Scene]]:
    """Name and scene: those that come with mmviz, and MADE."""
    for name in scene_names():
        yield name, Scene.load(name)
    for name in MADE:
        yield name, made(name)


def made(name: str) -> Scene:
    """One of MADE."""
    expr, shapes, parts = MADE[name]
    sources = {one: {"init": "gaussian", "shape": list(shape), "seed": 1} for one, shape in shapes.items()}
    return Scene(expr, sources, folder=Path(), **parts)


def without_numbers(scene: Scene) -> Composition:
    """The scene as it is composed, but every number is 0, no token has a text, and nothing is masked."""
    shapes, document = scene.shapes, scene.document
    values = {path: np.zeros(shape, np.float32) for path, shape in shapes.of.items()}
    before = {path: values[path] for path in sheet_names(scene.root, document.style)}
    still = {"algorithm": "none", "matrices": {}, "fuse": "none", "chapters": ()}
    options = document.animation.model_copy(update=still)
    layout = scene.placed
    timeline = Timeline(
        scene.root, values, layout, options, lambda _path, sums: sums.astype(np.float32), lambda _path, sums: sums
    )
    return Composition(
        root=scene.root,
        layout=layout,
        timeline=timeline,
        values=values,
        masked={},
        axes=shapes.axes,
        style=document.style,
        eye=document.camera.model_copy(update={"keyframes": ()}),
        title=document.title or document.expr,
        subtitle=document.expr if document.title else "",
        animation=options,
        before=Before(sheet_names(scene.root, document.style), before),
    )


def cameras(composition: Composition) -> Iterator[Camera]:
    """Six: the scene's own, four other sides, and close to the result."""
    aspect = SIZE[0] / SIZE[1]
    yield composition.camera(aspect)
    for direction in LOOKS:
        yield composition.camera_toward(Look(np.array(direction)), aspect)
    yield composition.camera_toward(Look(np.array((-0.6, 0.5, 1.0)), 1.6), aspect)
