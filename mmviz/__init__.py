"""mmviz: matrix multiplication and transformer attention in three dimensions.

import mmviz

scene = mmviz.Scene.load("attention_head")
scene.movie("attention_head.mp4")
"""

from mmviz.errors import MmvizError
from mmviz.pipeline import Scene
from mmviz.scene.expression import (
    gelu,
    gelu_tanh,
    layernorm,
    names,
    relu,
    rmsnorm,
    rope,
    scale,
    sdpa,
    sigmoid,
    silu,
    softmax,
    square,
    tanh,
    tril,
)

__version__ = "0.1.0"

__all__ = [
    "MmvizError",
    "Scene",
    "gelu",
    "gelu_tanh",
    "layernorm",
    "names",
    "relu",
    "rmsnorm",
    "rope",
    "scale",
    "sdpa",
    "sigmoid",
    "silu",
    "softmax",
    "square",
    "tanh",
    "tril",
]
