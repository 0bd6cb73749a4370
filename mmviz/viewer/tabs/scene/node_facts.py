"""What there is to say of a matrix: its kind, its source, its numbers; plain words and numbers, no widget."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmviz.scene.document import Document
from mmviz.scene.keys.origin import in_words
from mmviz.scene.keys.ranks import cut_told
from mmviz.scene.keys.sources import TensorSource
from mmviz.scene.language.tree import ElementwiseNode, LeafNode, Node, ProductNode, find, tensor_of

CHUNK = 1 << 20
"""Elements that are summed up at a time, so that little memory is needed."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """The numbers of a matrix in short; masked elements, NaN and infinities are left out of the first four."""

    least: float
    largest: float
    mean: float
    deviation: float
    nan: int
    infinite: int
    masked: int

    @property
    def counted(self) -> bool:
        """Whether there is any number at all."""
        return self.least <= self.largest


def statistics(values: NDArray[np.float32], mask: NDArray[np.bool_] | None = None) -> Statistics:
    """Smallest and largest number, mean and standard deviation.

    Args:
        values: (rows, columns).
        mask: (rows, columns), True where an element is forbidden.
    """
    least, largest, count, total, squares, nan, infinite = np.inf, -np.inf, 0, 0.0, 0.0, 0, 0
    step = max(1, CHUNK // max(values.shape[1], 1))
    for first in range(0, len(values), step):
        part = values[first : first + step]
        allowed = part.reshape(-1) if mask is None else part[~mask[first : first + step]]
        nan += int(np.isnan(allowed).sum())
        infinite += int(np.isinf(allowed).sum())
        finite = allowed[np.isfinite(allowed)].astype(np.float64)
        if finite.size:
            least, largest = min(least, float(finite.min())), max(largest, float(finite.max()))
            mean = float(finite.mean())
            share = finite.size / (count + finite.size)  # of this part in all so far
            squares += float(np.square(finite - mean).sum()) + (mean - total) ** 2 * count * share
            total += (mean - total) * share
            count += finite.size
    deviation = float(np.sqrt(squares / count)) if count else 0.0
    return Statistics(least, largest, total, deviation, nan, infinite, 0 if mask is None else int(mask.sum()))


def kind(node: Node) -> str:
    """What a matrix is, in a word or two, with the functions that it wears."""
    match node:
        case LeafNode():
            word = "again" if node.target is not None else "matrix"
        case ProductNode():
            word = "product @"
        case ElementwiseNode():
            word = {"+": "sum +", "-": "difference -", "*": "elementwise *"}[node.sign]
    return ", ".join([word, *(worn.function for worn in node.worn)])


def tensor_source(node: Node, document: Document) -> TensorSource | None:
    """Where the numbers of a plain matrix come from; None for what is computed or shown again."""
    tensor = tensor_of(node)
    return None if tensor is None else document.tensors.get(tensor)


def origin(node: Node, root: Node, document: Document) -> str:
    """Where the numbers of a matrix come from, in words."""
    match node:
        case ProductNode(formula=formula) | ElementwiseNode(formula=formula):
            return f"computed: {formula}"
        case LeafNode(target=str(path)):
            target = find(root, path)
            name = path if target is None else target.name
            return f"shows {name} again" + (", transposed" if node.transposed else "")
        case LeafNode(tensor=tensor):
            model = "the model" if document.model is None else document.model.path
            words = in_words(document.tensors[tensor], model, tensor)
            rank = cut_told(document.rank, tensor)
            return words + rank + (f" ({tensor}, transposed here)" if node.transposed else "")


def shape_in_words(shape: tuple[int, int], axes: tuple[str, str]) -> str:
    """Such as `64 x 576 (tokens x d_model)`."""
    text = f"{shape[0]:,} × {shape[1]:,}"
    return f"{text}   ({axes[0] or 'rows'} × {axes[1] or 'columns'})" if any(axes) else text
