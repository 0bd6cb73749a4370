"""Weights in a GGUF file, of quantized ones only the blocks asked for; never computes with them."""

import mmap
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import torch
from gguf.constants import GGMLQuantizationType
from gguf.quants import dequantize
from numpy.typing import NDArray

from mmviz.errors import SourceError
from mmviz.values.files.gguf_header import StoredTensor
from mmviz.values.files.gguf_model import read_config
from mmviz.values.files.gguf_parts import Parts, open_parts
from mmviz.values.files.gguf_stacks import Stack, read_stack
from mmviz.values.files.gguf_weights import Weight, read_weights
from mmviz.values.files.store import FLOATS

# numpy has no bfloat16
PLAIN: Mapping[str, type[np.generic]] = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": np.int16}
INTEGERS = ("I8", "I16", "I32", "I64")
ROWS_AT_ONCE = 4096  # dequantized together, so that a large matrix does not need twice its memory

Span = slice


class GGUFStore:
    """The weights of a .gguf file, or of all parts of one, under Hugging Face names and in Hugging Face's order.

    Attributes:
        config: What a config.json would say.
        metadata: The key-value pairs of the file, or of the first part.
        bytes_read: Size of the blocks read so far, in bytes as stored.
    """

    def __init__(self, parts: Parts) -> None:
        header = parts.header
        self.bytes_read = 0
        self.metadata = header.metadata
        self._parts = parts
        self._contents = [np.frombuffer(content, dtype=np.uint8) for content in parts.contents]
        self.config = read_config(header, parts.paths[0], self._rope_factors)
        self._weights = read_weights(header, self.config, parts.paths[0])

    @classmethod
    def open(cls, path: Path) -> "GGUFStore":
        """Map the file, and the other parts of the same model, and read their headers.

        Raises:
            SourceError: it cannot be read, is broken or cut off, or holds a model that is not supported; or a part of
                the model is missing.
        """
        return cls(open_parts(path))

    @property
    def names(self) -> Collection[str]:
        """Every weight's Hugging Face name."""
        return self._weights.keys()

    @property
    def scaled(self) -> Collection[str]:
        """The names of those weights that have a scale in another tensor."""
        return [name for name, each in self._weights.items() if isinstance(each, Weight) and each.scale is not None]

    @property
    def files(self) -> tuple[Path, ...]:
        """The file, or all parts, the first before the others."""
        return self._parts.paths

    def shape(self, name: str) -> tuple[int, ...]:
        """A weight's shape in Hugging Face's orientation."""
        return self._weights[name].shape

    def dtype(self, name: str) -> str:
        """What a weight is stored as: F32, BF16, Q4_1."""
        return self._weights[name].kind

    def stored_bytes(self, name: str) -> int:
        """How many bytes a weight takes in the file."""
        return self._weights[name].stored_bytes

    def check(self, name: str) -> None:
        """Refuse a weight that is no vector or matrix, or matrices of experts, of numbers that can be had.

        Raises:
            SourceError: as `read`.
        """
        weight, where = self._weights[name], self._where(name)
        _check_axes(weight, where)
        for tensor in weight.tensors:
            decoded(np.zeros((1, tensor.block_bytes), np.uint8), tensor, where)

    def lend(self, name: str) -> torch.Tensor:
        """A whole weight, as `read`.

        Raises:
            SourceError: as `read`.
        """
        return self.read(name, None, None)

    def release(self) -> None:
        """Give the pages of the file back to the system, where it can be asked to take them."""
        if hasattr(mmap, "MADV_DONTNEED"):
            for content in self._parts.contents:
                content.madvise(mmap.MADV_DONTNEED)

    def read(self, name: str, rows: Span | None, columns: Span | None) -> torch.Tensor:
        """A weight or a part of it, in its own dtype, or in float32 if its numbers had to be computed.

        Raises:
            SourceError: it is neither a vector nor a matrix, or quantized in a way that the gguf package cannot undo.
        """
        weight, where = self._weights[name], self._where(name)
        if isinstance(weight, Stack):
            experts, one = _range(rows, weight.shape[0]), lambda tensor, span: self._rows(tensor, span, where)
            return read_stack(weight, experts, columns, one).contiguous()
        _check_axes(weight, where)
        spans = (rows, columns)[: len(weight.shape)]
        wanted = [_range(span, size) for span, size in zip(spans, weight.shape, strict=True)]
        if len(wanted) == 1:
            part = self._vector(weight, wanted[0], where)
        elif weight.transposed:
            part = self._matrix(weight.tensor, wanted[1], wanted[0], where).T
        else:
            part = self._matrix(weight.tensor, _stored_rows(weight, wanted[0]), wanted[1], where)
        if weight.scale is not None:
            part = part.to(torch.float32) * self._scale(weight.scale, where)
        if weight.added:
            part = part.to(torch.promote_types(part.dtype, torch.float32)) - weight.added
        return part.contiguous()

    def _where(self, name: str) -> str:
        """A weight in messages."""
        return f"{self._parts.paths[self._weights[name].tensors[0].part]}, {name}"

    def _rows(self, tensor: StoredTensor, rows: range, where: str) -> torch.Tensor:
        return self._matrix(tensor, rows, range(tensor.shape[-1]), where)

    def _scale(self, tensor: StoredTensor, where: str) -> torch.Tensor:
        return self._matrix(tensor, range(1), range(tensor.shape[-1]), f"{where}, scale").to(torch.float32).squeeze()

    def _vector(self, weight: Weight, wanted: range, where: str) -> torch.Tensor:
        if weight.rows is not None:
            wanted = weight.rows[wanted.start : wanted.stop]
        if not weight.heads and not weight.by_kind:
            return self._matrix(weight.tensor, range(1), wanted, where)[0]
        whole = self._matrix(weight.tensor, range(1), range(weight.tensor.shape[0]), where)[0]
        return whole[torch.as_tensor(_stored_rows(weight, wanted))]

    def _matrix(
        self, tensor: StoredTensor, rows: range | NDArray[np.int64], columns: range, where: str
    ) -> torch.Tensor:
        """Rows and columns as they lie in the file, of whose blocks no more than needed are touched."""
        first, last = columns.start // tensor.block, -(-columns.stop // tensor.block)  # blocks
        stored = self._contents[tensor.part][tensor.start : tensor.start + tensor.stored_bytes].reshape(
            -1, tensor.row_bytes
        )
        stored = stored[:, first * tensor.block_bytes : last * tensor.block_bytes]
        picked = stored[rows.start : rows.stop] if isinstance(rows, range) else stored[rows]
        self.bytes_read += picked.nbytes
        numbers = decoded(picked, tensor, where)
        skipped = first * tensor.block
        return numbers[:, columns.start - skipped : columns.stop - skipped]

    def _rope_factors(self, name: str) -> list[float]:
        """The numbers of a tensor; none where there is no such tensor."""
        tensor = self._parts.header.tensors.get(name)
        if tensor is None:
            return []
        where = f"{self._parts.paths[tensor.part]}, {name}"
        factors = self._vector(Weight(tensor), range(tensor.shape[0]), where) if len(tensor.shape) == 1 else None
        if factors is None or not bool(((factors > 0) & factors.isfinite()).all()):
            raise SourceError(
                f"{where}: is broken; a vector of divisors of rotary frequencies, all above 0, is needed."
            )
        self.bytes_read = 0  # a part of the configuration, not a weight that somebody asked for
        return [float(factor) for factor in factors]


def _range(span: Span | None, size: int) -> range:
    start, stop, _ = (span or Span(None)).indices(size)
    return range(start, max(start, stop))


def _stored_rows(weight: Weight, rows: range) -> range | NDArray[np.int64]:
    """Where rows lie in the file, which keeps those of a head that rotate together, j and j + size/2, side by side.

    Or it keeps those of all queries together, then those of all keys and values.
    """
    if weight.rows is not None:
        return weight.rows[rows.start : rows.stop]
    if weight.by_kind:
        return _by_kind(*weight.by_kind, weight.shape[0], rows)
    if not weight.heads:
        return rows
    size = weight.shape[0] // weight.heads
    wanted = np.arange(rows.start, rows.stop, dtype=np.int64)
    head, within = np.divmod(wanted, size)
    half, pair = np.divmod(within, size // 2)
    stored: NDArray[np.int64] = head * size + 2 * pair + half
    return stored


def _by_kind(heads: int, kv_heads: int, all_rows: int, rows: range) -> NDArray[np.int64]:
    """Where rows lie that are by key-value head: its queries, its keys, its values, then those of the next."""
    size, group = all_rows // (heads + 2 * kv_heads), heads // kv_heads
    number, row = np.divmod(np.arange(rows.start, rows.stop, dtype=np.int64), size)  # of a head's part, and in it
    shared, within = np.divmod(number, group + 2)
    found: NDArray[np.int64] = np.where(within < group, shared * group + within, heads + shared)
    found += np.where(within == group + 1, kv_heads, 0)
    return found * size + row


def _check_axes(weight: Weight | Stack, where: str) -> None:
    if isinstance(weight, Weight) and len(weight.shape) > 2:
        raise SourceError(f"{where}: has {len(weight.shape)} axes; a vector or a matrix is needed.")


def decoded(blocks: NDArray[np.uint8], tensor: StoredTensor, where: str) -> torch.Tensor:
    """What bytes mean: (rows, bytes) to (rows, numbers).

    Raises:
        SourceError: they are whole numbers, or quantized in a way that the gguf package cannot undo.
    """
    if tensor.kind in PLAIN:
        plain = torch.from_numpy(blocks.copy().view(PLAIN[tensor.kind]))
        return plain.view(torch.bfloat16) if tensor.kind == "BF16" else plain
    if tensor.kind in INTEGERS:
        raise SourceError(f"{where}: is stored as {tensor.kind}; {', '.join(FLOATS)} or a quantization is needed.")
    kind = GGMLQuantizationType[tensor.kind]
    numbers = np.empty((blocks.shape[0], blocks.shape[1] // tensor.block_bytes * tensor.block), np.float32)
    try:
        with np.errstate(all="ignore"):  # a block may hold infinity or NaN, which are shown as such
            for start in range(0, len(blocks) if numbers.size else 0, ROWS_AT_ONCE):
                chunk = np.ascontiguousarray(blocks[start : start + ROWS_AT_ONCE])
                numbers[start : start + ROWS_AT_ONCE] = dequantize(chunk, kind)
    except NotImplementedError:
        raise SourceError(
            f"{where}: is quantized as {tensor.kind}, which the gguf package cannot undo; "
            "another quantization, such as Q8_0, is needed."
        ) from None
    return torch.from_numpy(numbers)
