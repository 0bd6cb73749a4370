"""What is odd about numbers, in words: no numbers, no bounds, and rows of which a mask leaves nothing."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mmviz.scene.language.functions import PATTERNS
from mmviz.scene.language.tree import Tree, plain, walk
from mmviz.values.tensors.evaluate import Values


def notes_on(root: Tree, values: Values) -> Iterable[str]:
    """A line for whatever is odd about the matrices of a tree, and about the patterns that a mask makes."""
    for name, path in {node.name: node.path for node in plain(root)}.items():
        yield from odd_numbers(name, values.of[path])
    for node in walk(root):
        softmax = next((worn for worn in reversed(node.worn) if worn.function in PATTERNS), None)
        if softmax is not None and node.path in values.masked:
            yield from rows_without_any(node.name, values.masked[node.path], turned=softmax.turned)


def odd_numbers(name: str, matrix: NDArray[np.float32]) -> Iterable[str]:
    """A line for each kind of odd number in a matrix, with how many there are.

    Args:
        name: What the matrix is called.
        matrix: (rows, columns).
    """
    for kind, odd in (("NaN", np.isnan(matrix)), ("infinite", np.isinf(matrix))):
        count = int(odd.sum())
        if count:
            row, column = (int(index[0]) for index in np.nonzero(odd))
            verb = "is" if count == 1 else "are"
            yield f"{name}: {count:,} of {matrix.size:,} numbers {verb} {kind}, the first at [{row}, {column}]."


def rows_without_any(name: str, mask: NDArray[np.bool_], *, turned: bool = False) -> Iterable[str]:
    """A line where a softmax had rows of which a mask allows no element: they are 0, and sum to 0 instead of 1.

    Args:
        name: What the matrix is called.
        mask: (rows, columns), True where an element is forbidden.
        turned: True where the softmax goes down the columns, of which it is then told.
    """
    empty = np.flatnonzero(mask.all(axis=0 if turned else 1))
    if len(empty):
        lines = f"{mask.shape[1]:,} columns" if turned else f"{mask.shape[0]:,} rows"
        verb, they = ("has", "it is") if len(empty) == 1 else ("have", "they are")
        of_all = f"{len(empty):,} of {lines}"
        yield f"{name}: {of_all} {verb} no element that its mask allows, the first at {empty[0]}; {they} 0."
