"""The singular values of every head's weights, a layer at a time; never forms a product of d_model x d_model."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from math import sqrt
from typing import Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmviz.values.arithmetic.device import choose_device
from mmviz.values.families.config import ModelConfig
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.files.rounding import rounding_errors
from mmviz.values.model.lookup import Lookup

Matrix = Literal["q", "k", "v", "o", "qk", "ov"]
MATRICES: Final[tuple[Matrix, ...]] = ("q", "k", "v", "o", "qk", "ov")
FACTORS: Final[Mapping[Matrix, tuple[Matrix, Matrix]]] = {"qk": ("q", "k"), "ov": ("v", "o")}
"""qk is W_Q W_K^T, before rotary positions, ov is W_V W_O; without biases, as all the others."""
WEIGHTS: Final[Mapping[Matrix, str]] = {"q": "attn.W_Q", "k": "attn.W_K", "v": "attn.W_V", "o": "attn.W_O"}
"""Those of the attention of a decoder to another stack begin with cross_ before that."""
SHARED: Final[tuple[Matrix, ...]] = ("k", "v")  # by the query heads of a group

CHUNK: Final = 1 << 20
"""Bytes of float64 that one thread computes with at once, unless a single head's are more."""
CHUNK_ON_DEVICE: Final = 512 << 20

EPSILON: Final = float(np.finfo(np.float64).eps)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeadSpectra:
    """The singular values of one matrix of a layer, for each of the query heads that were asked for."""

    values: Floats  # (heads, values), largest first; NaN for a head whose weights hold NaN or infinity
    rms: Floats  # (heads,), root of the mean square element; of products: of the factors' elements, multiplied
    noise: Floats  # (heads,), the noise floor: no rounding, of storage or of computing, is likely to have larger values
    odd: NDArray[np.int64]  # (heads, 2), how many NaN and how many infinities


LayerSpectra = Mapping[Matrix, HeadSpectra]


@dataclass(frozen=True, slots=True)
class _Triangles:
    """What is kept of a matrix's heads, once its weights are let go of: A = Q R with orthonormal columns in Q."""

    triangles: Tensor  # (heads, least of d_model and d_head, d_head), float64: R, without Q
    norm: Tensor  # (heads,), spectral
    frobenius: Tensor  # (heads,)
    longest: Tensor  # (heads,), the length of the longest column
    error_row: Tensor  # (heads,), how long a row of rounding errors is, at most
    error_column: Tensor  # (heads,)
    odd: Tensor  # (heads, 2)
    values: Tensor  # (heads, values)
    rows: int  # d_model


class SpectraReader:
    """Computes the spectra of one model's layers, each by itself.

    Args:
        checkpoint: The weights.
        config: The model's sizes.
        heads: Query heads, each at most once.
        matrices: Which of MATRICES.
        device: auto, cpu, cuda or mps; computed is in float64, on the CPU where the device has none.
        across: Heads are those of a decoder's attention to another stack.

    Raises:
        SourceError: there is no such device.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        config: ModelConfig,
        heads: Sequence[int],
        matrices: Sequence[Matrix],
        device: str = "auto",
        *,
        across: bool = False,
    ) -> None:
        self._begin = "cross_" if across else ""
        chosen = choose_device(device)
        self.device = torch.device("cpu") if chosen.type == "mps" else chosen  # mps has no float64
        self._checkpoint = checkpoint
        self._lookup = Lookup(config, checkpoint)
        self._config = config
        self._heads = tuple(heads)
        self._matrices = tuple(matrices)

    def check(self, layers: Iterable[int]) -> None:
        """Refuse layers whose weights are missing, not as config.json promises, or not all; reads no weights.

        Raises:
            SourceError: as said.
        """
        layers = tuple(layers)
        self._lookup.check_all_used(layers)
        for layer in layers:
            for matrix in self._read():
                self._checkpoint.check(self._lookup.place(self._name(layer, matrix), None).parameter)

    def stored_as(self, layer: int, matrix: Matrix) -> str:
        """What a matrix, or each factor of a product, is stored as: BF16, Q4_K, Q4_K and Q6_K.

        Raises:
            SourceError: there is no such weight.
        """
        kinds = (
            self._checkpoint.dtype(self._lookup.place(self._name(layer, part), None).parameter)
            for part in FACTORS.get(matrix, (matrix,))
        )
        return " and ".join(dict.fromkeys(kinds))

    def layer(self, layer: int) -> LayerSpectra:
        """The spectra of one layer; afterwards its weights are not in memory any more.

        Raises:
            SourceError: a weight is stored in a way that cannot be read.
        """
        with torch.inference_mode():
            parts = {matrix: self._triangles(layer, matrix) for matrix in self._read()}
            found = {matrix: self._spectra(matrix, parts) for matrix in self._matrices}
        self._checkpoint.release()
        return found

    def _read(self) -> tuple[Matrix, ...]:
        """The weights that are needed, products or not, in an order that does not depend on what was asked for."""
        needed = {part for matrix in self._matrices for part in FACTORS.get(matrix, (matrix,))}
        return tuple(matrix for matrix in WEIGHTS if matrix in needed)

    def _numbers(self, matrix: Matrix) -> tuple[int, ...]:
        """Which heads are computed: those that share a key-value head need it only once."""
        if matrix not in SHARED:
            return self._heads
        return tuple(sorted({head // self._config.group for head in self._heads}))

    def _triangles(self, layer: int, matrix: Matrix) -> _Triangles:
        place = self._lookup.place(self._name(layer, matrix), None)
        kind = self._checkpoint.dtype(place.parameter)
        stored = place.of(self._checkpoint.lend(place.parameter))
        stored = stored.mT if place.transposed else stored
        stored = stored if matrix != "o" else stored.mT  # (d_model, heads * d_head)
        heads = stored.reshape(stored.shape[0], -1, self._config.d_head).permute(1, 0, 2)  # (heads, d_model, d_head)
        along = 2 if matrix == "o" else 1  # the blocks of quantized weights lie along what is multiplied with them

        def factored(numbers: Sequence[int]) -> tuple[Tensor, ...]:
            part = heads[list(numbers)].to(self.device)
            squares = rounding_errors(part, kind, along).square()  # (heads, d_model, d_head)
            rows, columns = squares.sum(2).amax(1).sqrt(), squares.sum(1).amax(1).sqrt()
            return *_factored(part.to(torch.float64)), rows, columns

        size = 8 * heads.shape[1] * heads.shape[2]
        with _chunks(self.device, self._numbers(matrix), size) as (chunks, in_order):
            parts = [torch.cat(part) for part in zip(*in_order(factored, chunks), strict=True)]
        triangles, values, odd, error_row, error_column = parts
        frobenius = torch.linalg.vector_norm(values, dim=1)
        longest = torch.linalg.vector_norm(triangles, dim=1).amax(1)
        return _Triangles(
            triangles, values[:, 0], frobenius, longest, error_row, error_column, odd, values, heads.shape[1]
        )

    def _spectra(self, matrix: Matrix, parts: Mapping[Matrix, _Triangles]) -> HeadSpectra:
        """Of all heads that were asked for, those of a group with the same key-value head."""
        if matrix not in FACTORS:
            part, at = parts[matrix], self._places(matrix)
            rms = part.frobenius / sqrt(part.rows * self._config.d_head)
            # Source: Bandeira and van Handel 2016, Sharp nonasymptotic bounds on the norm of random matrices.
            noise = torch.maximum(part.error_row + part.error_column, self._computing(part.norm))
            return _on_cpu(part.values[at], rms[at], noise[at], part.odd[at])
        first, second = FACTORS[matrix]
        left, right = parts[first], parts[second]
        at, to = self._places(first), self._places(second)
        odd = left.odd[at] + right.odd[to]

        def product(heads: Sequence[int]) -> tuple[Tensor]:
            chosen = list(heads)
            small = left.triangles[at[chosen]] @ right.triangles[to[chosen]].mT  # (heads, values, values)
            return (torch.linalg.svdvals(small),)

        size = 8 * left.triangles.shape[1] * right.triangles.shape[1]
        with _chunks(self.device, range(len(self._heads)), size) as (chunks, in_order):
            values = torch.cat([part for (part,) in in_order(product, chunks)])
        values[odd.sum(1) > 0] = torch.nan
        rms = (left.frobenius[at] * right.frobenius[to]) / (self._config.d_head * sqrt(left.rows * right.rows))
        stored = torch.hypot(_of_product(left, at, right, to), _of_product(right, to, left, at))
        noise = torch.maximum(stored, self._computing(left.norm[at] * right.norm[to]))
        return _on_cpu(values, rms, noise, odd)

    def _computing(self, norm: Tensor) -> Tensor:
        """What is nothing but the rounding of decompositions in float64, of matrices or products of such norms.

        Source: the threshold of numpy.linalg.matrix_rank.
        """
        return norm * (EPSILON * max(self._config.d_model, self._config.d_head))

    def _name(self, layer: int, matrix: Matrix) -> str:
        return f"{self._config.blocks}.{layer}.{self._begin}{WEIGHTS[matrix]}"

    def _places(self, matrix: Matrix) -> Tensor:
        """Where, among the heads that were computed, each head that was asked for lies."""
        numbers = self._numbers(matrix)
        group = self._config.group if matrix in SHARED else 1
        return torch.tensor([numbers.index(head // group) for head in self._heads], device=self.device)


def _factored(heads: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The triangles of QR decompositions, their singular values, and how many numbers are NaN or infinite.

    Args:
        heads: (heads, d_model, d_head), float64.

    Returns:
        (heads, least, d_head); (heads, least), NaN for a head with an odd number; (heads, 2).
    """
    odd = torch.stack([heads.isnan().sum((1, 2)), heads.isinf().sum((1, 2))], dim=1)  # (heads, 2)
    broken = odd.sum(1) > 0
    if broken.any():
        heads = heads.masked_fill(broken[:, None, None], 0.0)
    triangles = torch.linalg.qr(heads, mode="r").R  # (heads, least, d_head)
    values = torch.linalg.svdvals(triangles)  # (heads, least)
    values[broken] = torch.nan
    return triangles, values, odd


def _of_product(noisy: _Triangles, at: Tensor, exact: _Triangles, to: Tensor) -> Tensor:
    """The spectral norm of one factor's random errors times the other factor, A.

    Of errors alike it is about rms (sqrt(rows) |A| + |A|_F); here the longest stand for all.

    Source: Chevet's inequality, as in Vershynin, High-Dimensional Probability, section 8.6.
    """
    return noisy.error_column[at] * exact.norm[to] + noisy.error_row[at] * exact.longest[to]


InOrder = Callable[
    [Callable[[Sequence[int]], tuple[Tensor, ...]], Sequence[Sequence[int]]], Iterable[tuple[Tensor, ...]]
]


@contextmanager
def _chunks(device: torch.device, numbers: Sequence[int], size: int) -> Iterator[tuple[list[Sequence[int]], InOrder]]:
    """Heads in groups that fit into memory, and what computes one group after the other, in order.

    On a CPU a thread takes a group: threads that share a small decomposition slow it down, and change its last bit.
    """
    room = CHUNK if device.type == "cpu" else CHUNK_ON_DEVICE
    length = max(room // max(size, 1), 1)
    chunks = [numbers[start : start + length] for start in range(0, len(numbers), length)]
    if device.type != "cpu":
        yield chunks, map
        return
    threads = torch.get_num_threads()
    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        try:
            yield chunks, pool.map
        finally:
            pool.shutdown(cancel_futures=True)
            torch.set_num_threads(threads)


def _on_cpu(values: Tensor, rms: Tensor, noise: Tensor, odd: Tensor) -> HeadSpectra:
    return HeadSpectra(values.cpu().numpy(), rms.cpu().numpy(), noise.cpu().numpy(), odd.cpu().numpy())
