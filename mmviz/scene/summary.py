"""A scene in a line, for a prompt of Python: its expression, its inputs and its result with their shapes."""

from mmviz.scene.document import Document
from mmviz.scene.language.shapes import Shape, Shapes
from mmviz.scene.language.tree import plain, roots

LONGEST = 60
"""Letters of an expression that are shown."""
MOST = 5
"""Inputs that are listed."""


def told(document: Document, shapes: Shapes | None) -> str:
    """A scene in a line, such as: Scene("out = x @ w", x 4x3, w 3x2, out 4x2).

    Args:
        document: The scene.
        shapes: Of its matrices; None where they are not known.
    """
    expr = document.text().strip().replace("\n", "; ")
    expr = expr if len(expr) <= LONGEST else f"{expr[: LONGEST - 4].rpartition(' ')[0]} ..."
    if shapes is None:
        return f'Scene("{expr}")'
    root = document.tree()
    inputs = dict.fromkeys(node.tensor for node in plain(root))
    words = [f"{name} {_size(shapes.tensors[name])}" for name in inputs]
    if len(words) > MOST:
        words[MOST - 1 :] = ["..."]
    for node in roots(root):
        if node.name not in inputs:
            result = node.name if len(node.name) <= LONGEST // 2 else "result"
            words.append(f"{result} {_size(shapes.of[node.path])}")
    return f'Scene("{expr}", {", ".join(words)})'


def _size(shape: Shape) -> str:
    return f"{shape[0]}x{shape[1]}"
