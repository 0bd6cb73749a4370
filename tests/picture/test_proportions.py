"""Heads that a builder makes: the attention is large in the picture; measured as projected areas, nothing is drawn."""

from functools import cache

import numpy as np
import pytest

from mmviz.builders.proportions import folded
from mmviz.picture.composition import Composition
from mmviz.scene.language.building import build
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shapes import infer
from mmviz.scene.language.tree import find, root_of
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.reading import read_model_config
from tests.picture.compositions import composed
from tests.picture.shares import filled, pixels
from tests.picture.trees import Tree

SIZE = (1280, 720)
HEAD = "out = (z = (attn = softmax(tril(scale((Q = x @ wQ) @ (K = x @ wK).T)))) @ (V = x @ wV)) @ wO"
CAMERA = {"direction": (-0.5, 0.7, 1.0), "inset": "attn"}
HEADS = [(5, 576), (8, 576), (16, 576), (24, 576), (64, 576), (120, 576), (200, 576), (10, 768), (40, 768), (100, 1280)]
"""Tokens and width of the model of ten heads."""


@cache
def head(tokens: int, width: int, *, true: bool = False) -> Composition:
    """A head of 64 values of a model of this width, as the builder draws it, or in its true proportions."""
    sides = {"tokens": tokens, "d_model": width, "d_head": 64}
    axes = {
        "x": ("tokens", "d_model"),
        **dict.fromkeys(("wQ", "wK", "wV"), ("d_model", "d_head")),
        "wO": ("d_head", "d_model"),
    }
    root = root_of(build(parse(HEAD)))
    shapes = infer(root, {name: (sides[rows], sides[columns]) for name, (rows, columns) in axes.items()}, axes)
    options = {} if true else folded(config(width), tokens)
    return composed(Tree(root, dict(shapes.of)), CAMERA, axes=shapes.axes, layout_options=options)


def config(width: int) -> ModelConfig:
    stated = {"model_type": "gpt2", "n_embd": width, "n_head": width // 64, "n_layer": 1, "vocab_size": 9}
    return read_model_config(stated, "config.json")


def side(composition: Composition) -> float:
    """Of a square as large as the pattern is seen, in pixels."""
    node = find(composition.root, "attn")
    assert node is not None
    camera = composition.camera(SIZE[0] / SIZE[1])
    return float(np.sqrt(pixels(composition.layout[node.path].corners(0.5), camera, SIZE)))


@pytest.mark.parametrize(("tokens", "width"), HEADS)
def test_the_pattern_is_at_least_four_times_as_large_as_in_true_proportions_or_a_seventh_of_the_picture(
    tokens: int, width: int
) -> None:
    drawn, true = side(head(tokens, width)), side(head(tokens, width, true=True))
    assert drawn > min(SIZE[1] / 7, 4 * true)
    assert drawn > 75


@pytest.mark.slow
def test_more_of_the_picture_holds_anything_than_in_true_proportions() -> None:
    aspect = SIZE[0] / SIZE[1]
    shares = [
        [filled(one, one.camera(aspect), aspect) for one in (head(*sizes, true=true) for sizes in HEADS)]
        for true in (False, True)
    ]
    assert np.mean(shares[0]) > 1.3 * np.mean(shares[1])
    assert np.mean(shares[0]) > 0.18


def test_what_is_no_longer_than_its_neighbours_keeps_its_proportions() -> None:
    assert folded(config(576), 64) == {"fold": {"d_model": 9}}
    assert folded(config(576), 8) == {"fold": {"d_model": 72, "d_head": 8}, "gap": 1.0}
    assert folded(config(576), 1000) == {}
    assert folded(config(576), 64, rank=8) == {"fold": {"d_model": 9, "rank": 0.125}}
    assert folded(config(576), 64, head=False, mlp="d_mlp") == {"fold": {"d_model": 9, "d_mlp": 9}}
