"""frame(t) of the page is that of Python where parts are joined, cut out, reduced and taken; so are explanations."""

from typing import Any

import numpy as np
import pytest

from mmviz import Scene
from tests.page.explained import Explained
from tests.page.frames import check_finals, check_frame
from tests.page.test_explanation import check_cell
from tests.page.timed import opened

SHAPES = {"x": (4, 6), "w": (6, 12), "o": (4, 3), "E": (9, 6), "V": (4, 5), "y": (4, 1)}
TEXTS = {
    "heads": "qkv = x @ w; h = sdpa(qkv[:, 0:2] @ qkv[:, 4:6].T) @ qkv[:, 8:10]; "
    "g = sdpa(qkv[:, 2:4] @ qkv[:, 6:8].T) @ qkv[:, 10:12]; concat(h, g) @ o",
    "stacked": "stack(x @ w, relu(x) @ w, (x @ w)[1:2]) @ w.T",
    "normed": "p = exp(x @ x.T) / sum(exp(x @ x.T), 1); p @ V - mean(V, 0)".replace("exp", "square"),
    "extremes": "max(tril(x @ x.T), 1) * argmax(x, 0)[:, 0:4] + min(V, 0)[0, 1]",
    "taken": "embed(i, E) @ w[:, 0:3] + y",
    "taken turned": "(embed(i.T, E).T) @ V",
}


def scene(text: str, animation: dict[str, Any]) -> Scene:
    chance = np.random.default_rng(2)
    tensors = {
        name: chance.normal(size=shape).astype(np.float32)
        for name, shape in SHAPES.items()
        if name in text.replace("concat", "")
    }
    ids = {"i": np.array([[3], [0], [8], [3]], np.float32)} if "embed" in text else {}
    return Scene(text, tensors | ids, animation=animation)


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    "animation",
    [
        {"fuse": "chain"},
        {"fuse": "chain", "sums": "running"},
        {"fuse": "decode"},
        {"fuse": "async", "algorithm": "vvprod"},
        {"algorithm": "whole", "sums": "running", "easing": "linear"},
    ],
    ids=["chain", "running", "decode", "async", "whole"],
)
def test_the_page_has_the_same_frames(name: str, animation: dict[str, Any]) -> None:
    page = opened(scene(TEXTS[name], animation).composition)
    check_finals(page)
    steps = page.composition.timeline.steps
    for t in {*np.linspace(0, steps, 9).tolist(), *range(min(steps, 6))}:
        check_frame(page, t)


@pytest.mark.parametrize("name", TEXTS)
def test_the_page_explains_elements_in_the_same_words(name: str) -> None:
    composition = scene(TEXTS[name], {}).composition
    page = Explained(composition)
    for path, values in composition.values.items():
        rows, columns = values.shape
        for i, j in {(0, 0), (rows - 1, columns - 1), (rows // 2, columns // 2)}:
            check_cell(page, path, i, j)
