"""What reductions and selections make of numbers: one number for a row or column, and rows that ids name."""

import torch
from torch import Tensor

from mmviz.errors import SceneError
from mmviz.scene.language.expression import Reduction
from mmviz.scene.language.tree import TakenNode


def reduced(function: Reduction, x: Tensor, mask: Tensor | None, axis: int) -> Tensor:
    """One number for every column (axis 0) or row (axis 1): (1, columns) or (rows, 1).

    Args:
        function: What it is.
        x: (rows, columns).
        mask: (rows, columns), True where an element is left out; a row without any others gives 0.
        axis: Along which the numbers become one.
    """
    if mask is None:
        mask = torch.zeros_like(x, dtype=torch.bool)
    counts = (~mask).sum(dim=axis, keepdim=True)
    match function:
        case "sum" | "mean":
            found = x.masked_fill(mask, 0.0).sum(dim=axis, keepdim=True)
            found = found / counts if function == "mean" else found
        case "max":
            found = x.masked_fill(mask, -torch.inf).amax(dim=axis, keepdim=True)
        case "min":
            found = x.masked_fill(mask, torch.inf).amin(dim=axis, keepdim=True)
        case "argmax":
            found = x.masked_fill(mask, -torch.inf).argmax(dim=axis, keepdim=True).to(x.dtype)
    return found.masked_fill(counts == 0, 0.0)


def ids_of(node: TakenNode, ids: Tensor, size: int) -> Tensor:
    """(ids,), whole numbers: the rows of a table of this size that are taken.

    Raises:
        SceneError: one of the ids is no whole number, or the table has no such row.
    """
    numbers = ids.reshape(-1).double()
    wrong = ~((numbers >= 0) & (numbers < size) & (numbers == numbers.floor()))
    if wrong.any():
        place = int(wrong.nonzero()[0])
        word = "columns" if node.turned else "rows"
        raise SceneError(
            f"{node.formula}: {node.ids.name} number {place} is {numbers[place].item():g}; the {word} of "
            f"{node.table.name} are 0 to {size - 1}."
        )
    return numbers.long()
