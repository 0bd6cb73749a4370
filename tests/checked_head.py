"""A scene of one attention head whose matrices are held against transformers, for the tests of such checks."""

from pathlib import Path
from typing import Any

from mmviz import Scene

MODEL = "smollm2-135m-2layers"
AT = "blocks.1.attn."
HEAD: dict[str, Any] = {
    "expr": "out = (attn = sdpa((Q = rope(x @ wQ, 100000)) @ (K = rope(x @ wK, 100000)).T)) @ (V = x @ wV) @ wO",
    "model": {"path": MODEL, "tokens": (504, 338, 253, 504, 338, 28), "device": "cpu"},
    "tensors": {
        "x": {"activation": "blocks.1.ln1.hook_normalized"},
        **{f"w{kind}": {"weight": f"{AT}W_{kind}", "head": 2} for kind in "QKVO"},
    },
}
CHECKS = {
    "attn": {"activation": f"{AT}hook_pattern", "head": 2},
    "Q": {"activation": f"{AT}hook_rot_q", "head": 2},
    "K": {"activation": f"{AT}hook_rot_k", "head": 2},
    "V": {"activation": f"{AT}hook_v", "head": 2},
    "out": {"activation": f"{AT}hook_result", "head": 2},
}


def scene(**parts: Any) -> Scene:
    content = {**HEAD, "checks": CHECKS, **parts}
    return Scene(content.pop("expr"), content.pop("tensors"), **content)


def save(folder: Path, **parts: Any) -> Path:
    path = folder / "head.yaml"
    scene(**parts).save(path)
    return path
