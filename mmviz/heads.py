"""One attention head of a model as a scene: which weights, which activations, which expression."""

from pathlib import Path
from typing import Any

from mmviz.errors import SourceError
from mmviz.pipeline import Scene
from mmviz.scene.expression import write_number

EXPRESSION = (
    "out = (attn = sdpa((Q = rope(input @ wQ, {theta})) @ (K = rope(input @ wK, {theta})).T)) @ (V = input @ wV) @ wO"
)
CAPTIONS = (
    {"start": "K.T", "text": "First the keys and values of every token"},
    {"start": "out", "text": "Then each token: query → attention → mixed values → output"},
)


def head_scene(model: str, layer: int, head: int, prompt: str) -> Scene:
    """A scene of one head: queries, keys, attention pattern, values and output, animated token by token.

    Args:
        model: A folder, a .safetensors file, or the name of a model that comes with mmviz.
        layer: From 0.
        head: From 0.
        prompt: What the model reads.

    Raises:
        SourceError: the model cannot be opened, or has no such layer or head; or the prompt has no tokens.
    """
    from mmviz.values.checkpoint import Checkpoint
    from mmviz.values.config import LlamaConfig
    from mmviz.values.sources import find_model
    from mmviz.values.tokens import Tokenizer

    place = find_model(model, Path())
    checkpoint = Checkpoint.open(place)
    config = LlamaConfig.from_json(checkpoint.config, str(checkpoint.folder / "config.json"))
    _check("layer", layer, config.layers, model)
    _check("head", head, config.heads, model)
    Tokenizer.open(checkpoint.folder).encode(_text(prompt))  # refuses a prompt without tokens
    block = f"blocks.{layer}"
    tensors: dict[str, Any] = {"input": {"activation": f"{block}.ln1.hook_normalized"}}
    for name in ("Q", "K", "V", "O"):
        tensors[f"w{name}"] = {"weight": f"{block}.attn.W_{name}", "head": head}
    return Scene(
        expr=EXPRESSION.format(theta=write_number(config.rope_theta)),
        tensors=tensors,
        title=f"{checkpoint.folder.resolve().name}: layer {layer}, head {head}",
        model={"path": model, "prompt": prompt},
        animation={"algorithm": "vmprod", "fuse": "chain", "matrices": {"K.T": "mvprod"}},
        captions=CAPTIONS,
        camera={"direction": (-0.35, 0.85, 1.0), "inset": "attn"},
    )


def _check(kind: str, number: int, count: int, model: str) -> None:
    if not 0 <= number < count:
        has = f"has {count} {kind}s, 0 to {count - 1}" if count > 1 else f"has 1 {kind}, 0"
        raise SourceError(f"{model}: {has}; got {kind} {number}.")


def _text(prompt: str) -> str:
    try:
        prompt.encode()
    except UnicodeEncodeError:  # how a command line passes on bytes that are no UTF-8
        raise SourceError(f"prompt: {prompt!a} is no text; UTF-8 is needed.") from None
    return prompt
