"""mmviz: matrix multiplication and transformer attention in three dimensions.

import mmviz

scene = mmviz.Scene.load("attention_head")
scene.movie("attention_head.mp4")

What is public is imported when it is first asked for: the command line heeds signals before that.
"""

TYPE_CHECKING = False  # as in typing, whose import takes longer than all that the command line does before
if TYPE_CHECKING:
    from mmviz.errors import MmvizError
    from mmviz.export import widget
    from mmviz.pipeline import Scene
    from mmviz.scene.language.calls import (
        abs,  # noqa: A004  (as in numpy: it is used as mmviz.abs)
        add,
        batchnorm,
        bfloat16,
        bias,
        chunk,
        clip,
        concat,
        cumsum,
        dropout,
        embed,
        exp,
        float16,
        gelu,
        gelu_tanh,
        layernorm,
        leaky_relu,
        local,
        log,
        maximum,
        minimum,
        onehot,
        pad,
        position_scale,
        power,
        prefix,
        relu,
        relu2,
        rmsnorm,
        rope,
        rope_pairs,
        scale,
        sdpa,
        share,
        sigmoid,
        silu,
        softcap,
        softmax,
        softmax_sink,
        split,
        square,
        stack,
        swish,
        tanh,
        topk,
        tril,
        triu,
        window,
        xielu,
    )
    from mmviz.scene.language.expression import names

__version__ = "0.1.0"

__all__ = [
    "MmvizError",
    "Scene",
    "abs",
    "add",
    "batchnorm",
    "bfloat16",
    "bias",
    "chunk",
    "clip",
    "concat",
    "cumsum",
    "dropout",
    "embed",
    "exp",
    "float16",
    "gelu",
    "gelu_tanh",
    "layernorm",
    "leaky_relu",
    "local",
    "log",
    "maximum",
    "minimum",
    "names",
    "onehot",
    "pad",
    "position_scale",
    "power",
    "prefix",
    "relu",
    "relu2",
    "rmsnorm",
    "rope",
    "rope_pairs",
    "scale",
    "sdpa",
    "share",
    "sigmoid",
    "silu",
    "softcap",
    "softmax",
    "softmax_sink",
    "split",
    "square",
    "stack",
    "swish",
    "tanh",
    "topk",
    "tril",
    "triu",
    "widget",
    "window",
    "xielu",
]


def __getattr__(name: str) -> object:
    """Import all that is public when the first of it is asked for; and rooms, as `mmviz.errors`."""
    if name not in __all__:
        return _room(name)
    from mmviz.errors import MmvizError
    from mmviz.export import widget
    from mmviz.pipeline import Scene
    from mmviz.scene.language import calls
    from mmviz.scene.language.expression import names

    public = {"MmvizError": MmvizError, "Scene": Scene, "names": names, "widget": widget}
    globals().update({one: public[one] if one in public else getattr(calls, one) for one in __all__})
    return globals()[name]


def _room(name: str) -> object:
    from importlib import import_module

    place = f"mmviz.{name}"
    try:
        if not name.startswith("__"):
            return import_module(place)
    except ModuleNotFoundError as error:
        if error.name != place:
            raise
    raise AttributeError(f"module 'mmviz' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
