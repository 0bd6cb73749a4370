"""A number for every element of every matrix of a tree."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmviz.scene.tree import LeafNode, Node, ProductNode, walk
from mmviz.values.functions import Masked, wear

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Values:
    """The numbers of a tree, as float32 arrays in main memory."""

    of: Mapping[str, Matrix]  # path -> (rows, columns), after the functions that the matrix wears
    masked: Mapping[str, NDArray[np.bool_]]  # path -> (rows, columns), True where a mask forbids the element
    finish: Callable[[str, NDArray[np.float64]], Matrix]  # what a product shows for (partial) sums


def evaluate(root: Node, tensors: Mapping[str, Tensor], device: torch.device) -> Values:
    """Compute every matrix of a tree.

    Sums run in float64 where the device has it and are rounded to float32 once, at the end of each matrix.

    Args:
        root: The tree.
        tensors: (rows, columns) of every tensor named in it.
        device: Where to compute.
    """
    dtype = torch.float32 if device.type == "mps" else torch.float64
    nodes = {node.path: node for node in walk(root)}
    vectors = {v: tensors[v].cpu().double()[0] for node in walk(root) for w in node.worn for v in w.vectors}
    finished: dict[str, Tensor] = {}
    masks: dict[str, Tensor] = {}
    with torch.inference_mode():
        for node in nodes.values():
            result, mask = _dress(node, _combine(node, finished, tensors, device, dtype), finished, vectors)
            finished[node.path] = result.to("cpu", torch.float32)
            if mask is not None:
                masks[node.path] = mask.cpu()

    def finish(path: str, sums: NDArray[np.float64]) -> Matrix:
        with torch.inference_mode():
            result, _ = _dress(nodes[path], torch.from_numpy(sums), finished, vectors)
            return result.to(torch.float32).numpy()

    return Values(
        of={path: tensor.numpy() for path, tensor in finished.items()},
        masked={path: mask.numpy() for path, mask in masks.items()},
        finish=finish,
    )


def _combine(
    node: Node,
    finished: Mapping[str, Tensor],
    tensors: Mapping[str, Tensor],
    device: torch.device,
    dtype: torch.dtype,
) -> Tensor:
    """The matrix of a node before the functions that it wears; (rows, columns)."""
    if isinstance(node, LeafNode):
        # What wears nothing is shown as it is: a copy, spared the way there and back.
        tensor = tensors[node.tensor].to(device, dtype) if node.worn else tensors[node.tensor].clone()
        return tensor.mT if node.transposed else tensor
    left, right = (finished[argument.path].to(device, dtype) for argument in (node.left, node.right))
    if isinstance(node, ProductNode):
        return left @ right  # (i, k) @ (k, j) -> (i, j)
    return COMBINED[node.sign](left, right)


def _dress(node: Node, x: Tensor, finished: Mapping[str, Tensor], vectors: Mapping[str, Tensor]) -> Masked:
    """Apply the functions that a node wears, innermost first."""
    inner = finished[node.left.path].shape[1] if isinstance(node, ProductNode) else None
    mask: Tensor | None = None
    for worn in node.worn:
        x, mask = wear(worn, x, mask, inner, tuple(vectors[name].to(x.device, x.dtype) for name in worn.vectors))
    return x, mask


COMBINED: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"+": torch.add, "-": torch.sub, "*": torch.mul}
"""How the two terms of an elementwise node are combined."""
