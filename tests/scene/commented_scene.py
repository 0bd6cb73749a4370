"""A scene as someone wrote it, with comments, and the document of such a text with some parts changed."""

from typing import Any

from mmviz.scene.document import Document, from_mapping, to_mapping
from mmviz.scene.text.yaml_text import read_yaml

MINE = """\
# A scene of mine
version: 1
title:   "Low rank"   # shown above

# What is multiplied
expr: >-
    out = relu(x @ down)
    @ up
tensors:
    x:    {init: gaussian, shape: [32, 64], seed: 1}   # the input
    # the factors
    down: { init: uniform,   shape: [64, 4] }
    up:
        formula: 'sin(i + j / 8)'
        shape: [4, 64]
layout:
    gap: auto   # the default, for now
# how it moves
animation:
    algorithm: vmprod   # rows
    speed: 4
    # both share a sweep
    fuse: chain
    chapters:
      # first
      - {to: x, caption: a}
      # second
      - from: x
        caption: b    # to be reworded
# the end
"""


def document(text: str, **parts: Any) -> Document:
    return from_mapping(to_mapping(from_mapping(read_yaml(text, "scene"), "scene")) | parts, "scene")
