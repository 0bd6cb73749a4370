"""mmviz: matrix multiplication and transformer attention in three dimensions.

import mmviz

scene = mmviz.Scene.load("attention_head")
scene.movie("attention_head.mp4")
"""

from mmviz.errors import MmvizError
from mmviz.pipeline import Scene
from mmviz.scene.language.expression import (
    add,
    bias,
    clip,
    gelu,
    gelu_tanh,
    layernorm,
    leaky_relu,
    names,
    power,
    relu,
    rmsnorm,
    rope,
    scale,
    sdpa,
    sigmoid,
    silu,
    softcap,
    softmax,
    square,
    tanh,
    tril,
)

__version__ = "0.1.0"

__all__ = [
    "MmvizError",
    "Scene",
    "add",
    "bias",
    "clip",
    "gelu",
    "gelu_tanh",
    "layernorm",
    "leaky_relu",
    "names",
    "power",
    "relu",
    "rmsnorm",
    "rope",
    "scale",
    "sdpa",
    "sigmoid",
    "silu",
    "softcap",
    "softmax",
    "square",
    "tanh",
    "tril",
]
