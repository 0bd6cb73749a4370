"""Parameters of Hugging Face's that hold matrices of experts, as GGUF files keep them: gates apart; reads no file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from mmviz.values.files.gguf_header import Header, StoredTensor
from mmviz.values.files.gguf_names import Stacked

AXES = 3
"""Of the matrices of all experts; their biases have one less."""


@dataclass(frozen=True, slots=True)
class Stack:
    """What one tensor of all experts holds, or two of the same shape, as one parameter."""

    tensors: tuple[StoredTensor, ...]
    transposed: bool = False  # each expert's matrix is the other way round
    by_turns: bool = False  # a row of the first before one of the second; else all of one before all of the other
    of_all: bool = True  # experts; else of one MLP

    @property
    def shape(self) -> tuple[int, ...]:
        """In Hugging Face's orientation."""
        if not self.of_all:
            first, columns = self.tensors[0].shape
            return first * len(self.tensors), columns
        experts, rows, *others = self.tensors[0].shape
        one = (rows * len(self.tensors), *others)
        return (experts, *(one[::-1] if self.transposed else one))

    @property
    def kind(self) -> str:
        """What it is stored as; of two kinds both."""
        return " + ".join(dict.fromkeys(tensor.kind for tensor in self.tensors))

    @property
    def stored_bytes(self) -> int:
        """Of all tensors."""
        return sum(tensor.stored_bytes for tensor in self.tensors)


def find_stacks(
    header: Header, layers: Mapping[str, str], stacks: Mapping[str, Stacked]
) -> tuple[dict[str, Stack], set[str]]:
    """The parameters of an architecture that are made of tensors of all experts.

    Args:
        header: The file's header.
        layers: What names of a layer begin with, in the file -> in Hugging Face's words.
        stacks: The parameters of a layer.

    Returns:
        They, by their names, and the tensors that they are made of. One whose tensors are not all there, or are not of
        one shape, is not among them.
    """
    found: dict[str, Stack] = {}
    used: set[str] = set()
    for begins, theirs in layers.items():
        for name, stacked in stacks.items():
            names = [f"{begins}{short}" for short in stacked.tensors]
            tensors = tuple(header.tensors[each] for each in names if each in header.tensors)
            axes = AXES if names[0].endswith(".weight") and stacked.of_all else AXES - 1
            if len(tensors) < len(names) or len({tensor.shape for tensor in tensors}) > 1:
                continue
            if len(tensors[0].shape) == axes:
                found[f"{theirs}{name}"] = Stack(tensors, stacked.transposed, stacked.by_turns, stacked.of_all)
                used |= set(names)
    return found, used


def read_stack(
    stack: Stack, experts: range, columns: slice | None, read: Callable[[StoredTensor, range], Tensor]
) -> Tensor:
    """Some experts of a stack, of no others anything, (experts, ...); or some rows of one MLP.

    Args:
        stack: The parameter.
        experts: Which of them, or which rows.
        columns: Of the second axis; None: all.
        read: Some rows of a tensor, the axes before the last counted as one: (rows, numbers of a row).
    """
    if not stack.of_all:
        both = torch.cat([read(tensor, range(tensor.shape[0])) for tensor in stack.tensors])  # (rows, columns)
        return both[experts.start : experts.stop, columns or slice(None)]
    one = [_expert(stack, expert, read)[columns or slice(None)] for expert in experts]
    return torch.stack(one) if one else torch.empty(0, *stack.shape[1:])[:, columns or slice(None)]


def _expert(stack: Stack, expert: int, read: Callable[[StoredTensor, range], Tensor]) -> Tensor:
    """The matrix, or the biases, of one expert."""
    if len(stack.tensors[0].shape) < AXES:
        parts = [read(tensor, range(expert, expert + 1))[0] for tensor in stack.tensors]  # (rows,) each
    else:
        rows = stack.tensors[0].shape[1]
        parts = [read(tensor, range(expert * rows, (expert + 1) * rows)) for tensor in stack.tensors]  # (rows, columns)
    joined = torch.stack(parts, 1).flatten(0, 1) if stack.by_turns else torch.cat(parts)  # (all rows, ...)
    return joined.T if stack.transposed else joined
