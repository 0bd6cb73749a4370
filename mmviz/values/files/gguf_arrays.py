"""The tensors of any GGUF file by the names and in the order that it has them; knows no model, never computes."""

import math
import mmap
from collections.abc import Collection
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from mmviz.values.files.gguf_file import INTEGERS, decoded
from mmviz.values.files.gguf_header import StoredTensor, read_header
from mmviz.values.files.gguf_parts import mapped

WHOLE_NUMBERS = {"I8": np.int8, "I16": np.int16, "I32": np.int32, "I64": np.int64}


class GGUFArrays:
    """Arrays of a .gguf file, also of an architecture that is not known. Rows of queries and keys stay where they lie.

    Args:
        path: The file.

    Raises:
        SourceError: it cannot be read, is broken or cut off.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        content = mapped(path)
        self._tensors = read_header(content, path).tensors
        self._content = np.frombuffer(content, dtype=np.uint8)
        self._mapped: mmap.mmap = content

    @property
    def names(self) -> Collection[str]:
        """Every tensor's name in the file."""
        return self._tensors.keys()

    def kind(self, name: str) -> str:
        """What a tensor is stored as: F32, BF16, Q4_1."""
        return self._tensors[name].kind

    def shape(self, name: str) -> tuple[int, ...]:
        """Of a tensor, the axis that is contiguous last."""
        return self._tensors[name].shape

    def part(self, name: str, index: tuple[int, ...]) -> torch.Tensor:
        """What lies at an index of a tensor's first axes, of whose blocks no others are touched.

        Raises:
            SourceError: it is quantized in a way that the gguf package cannot undo.
        """
        tensor = self._tensors[name]
        left = tensor.shape[len(index) :]
        rows = math.prod(left[:-1])
        first = int(np.ravel_multi_index(index, tensor.shape[: len(index)])) * rows if index else 0
        return self._rows(tensor, name, np.arange(first, first + rows)).reshape(left)

    def every(self, name: str, steps: tuple[int, ...]) -> torch.Tensor:
        """Every so many-th element along each axis, from the first on; no other rows are read.

        Raises:
            SourceError: as `part`.
        """
        tensor = self._tensors[name]
        numbers = np.arange(math.prod(tensor.shape[:-1])).reshape(tensor.shape[:-1])
        which = numbers[tuple(slice(None, None, step) for step in steps[:-1])]
        found = self._rows(tensor, name, which.reshape(-1))[:, :: steps[-1]]
        return found.reshape(*which.shape, -1)

    def _rows(self, tensor: StoredTensor, name: str, which: NDArray[np.int64]) -> torch.Tensor:
        stored = self._content[tensor.start : tensor.start + tensor.stored_bytes].reshape(-1, tensor.row_bytes)[which]
        if tensor.kind in INTEGERS:
            return torch.from_numpy(stored.view(WHOLE_NUMBERS[tensor.kind]).astype(np.float32))
        return decoded(stored, tensor, f"{self._path}, {name}")
