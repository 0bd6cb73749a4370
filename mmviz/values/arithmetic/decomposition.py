"""Singular value decompositions of matrices, and their best approximations of a lower rank; reads and draws nothing."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mmviz.errors import SourceError
from mmviz.values.arithmetic.threads import steady

OF_SVD = 22
"""Operations of a decomposition for each element and singular value. Source: Golub and Van Loan 2013, figure 8.6.1."""


@dataclass(frozen=True, slots=True)
class Decomposition:
    """matrix = u @ diag(s) @ vt, in float64; n = min(rows, columns)."""

    u: Tensor  # (rows, n), orthonormal columns; of each the entry of the largest magnitude is positive
    s: Tensor  # (n,), not negative, largest first
    vt: Tensor  # (n, columns), orthonormal rows

    def factor(self, part: str, rank: int | None = None) -> Tensor:
        """One factor of the best approximation of a rank, in float32.

        Args:
            part: U, (rows, rank); S, (rank, rank), a diagonal; or Vt, (rank, columns).
            rank: From 1 to n; n by default.
        """
        kept = slice(0, rank)
        chosen = {"U": self.u[:, kept], "S": self.s[kept].diag(), "Vt": self.vt[kept]}[part]
        return chosen.to(torch.float32)

    def approximation(self, rank: int) -> Tensor:
        """The nearest matrix of a rank, (rows, columns), in float64.

        Source: Eckart and Young 1936.
        """
        return self.u[:, :rank] * self.s[:rank] @ self.vt[:rank]  # (rows, columns)

    def shares(self) -> tuple[float, ...]:
        """Which share of the energy, the sum of the squared singular values, the 1, 2, ... n largest of them have."""
        energies = self.s.square().cumsum(0)  # (n,)
        total = float(energies[-1])
        return tuple(float(energy) / total if total > 0 else 1.0 for energy in energies)


def decompose(matrix: Tensor) -> Decomposition:
    """The singular value decomposition of a matrix, in float64; the same matrix always gives the same factors.

    Args:
        matrix: (rows, columns).

    Raises:
        SourceError: it has NaN or infinities.
    """
    device = "cpu" if matrix.device.type == "mps" else matrix.device  # mps has no float64
    exact = matrix.to(device).double()  # (rows, columns)
    if odd := int((~exact.isfinite()).sum()):
        verb = "is" if odd == 1 else "are"
        raise SourceError(f"{odd} of its elements {verb} NaN or infinite; singular values need finite numbers.")
    with steady(OF_SVD * exact.numel() * min(exact.shape)):
        u, s, vt = torch.linalg.svd(exact, full_matrices=False)  # (rows, n), (n,), (n, columns)
    largest = u.abs().argmax(0, keepdim=True)  # (1, n)
    signs = torch.where(u.gather(0, largest) < 0, -1.0, 1.0).to(u)  # (1, n)
    return Decomposition(u * signs, s, vt * signs.mT)


def of_rank(matrix: Tensor, rank: int) -> Tensor:
    """The best approximation of a matrix by one of a rank: (rows, columns), in float32 on its device.

    Raises:
        SourceError: as `decompose`.
    """
    if rank >= min(matrix.shape):
        return matrix
    return decompose(matrix).approximation(rank).to(torch.float32).to(matrix.device)
