"""Matrices out of files: .npy, .csv and one tensor of a .safetensors file; never a pickle."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from mmviz.errors import SourceError

SUFFIXES = (".npy", ".csv", ".safetensors")


def read_matrix(path: Path, key: str | None) -> NDArray[np.float32]:
    """Read a matrix.

    Args:
        path: A .npy, .csv or .safetensors file.
        key: Name of the tensor in a .safetensors file; may be left out when there is only one.

    Returns:
        (rows, columns); a vector is one row.

    Raises:
        SourceError: the file is missing, of another kind, broken, or holds no matrix of numbers.
    """
    if path.suffix not in SUFFIXES:
        raise SourceError(f"{path}: files of kind '{path.suffix}' are not read; give one of {', '.join(SUFFIXES)}.")
    if not path.is_file():
        raise SourceError(f"{path}: there is no such file.")
    reader = {".npy": _npy, ".csv": _csv}.get(path.suffix)
    matrix = reader(path) if reader else _safetensors(path, key)
    if matrix.ndim == 1:
        matrix = matrix[None, :]
    if matrix.ndim != 2 or 0 in matrix.shape:
        found = "x".join(str(side) for side in matrix.shape) or "a single number"
        raise SourceError(f"{path}: holds {found}; a matrix of rows and columns is needed.")
    return matrix.astype(np.float32)


def _npy(path: Path) -> NDArray[np.generic]:
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, OSError, EOFError) as error:
        raise SourceError(f"{path}: not a readable .npy file ({error}).") from None
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
        raise SourceError(f"{path}: holds {getattr(array, 'dtype', type(array).__name__)}; real numbers are needed.")
    return array


def _csv(path: Path) -> NDArray[np.float64]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read as text ({error}).") from None
    rows: list[list[float]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        cells = line.split(",")
        try:
            rows.append([float(cell) for cell in cells])
        except ValueError:
            raise SourceError(
                f"{path}, line {number}: numbers separated by commas are needed, got {line[:60]!r}."
            ) from None
        if len(cells) != len(rows[0]):
            raise SourceError(f"{path}, line {number}: {len(cells)} numbers, but the first row has {len(rows[0])}.")
    if not rows:
        raise SourceError(f"{path}: is empty; at least one row of numbers is needed.")
    return np.array(rows)


def _safetensors(path: Path, key: str | None) -> NDArray[np.float32]:
    try:
        with safe_open(str(path), framework="pt") as file:
            keys = sorted(file.keys())
            chosen = keys[0] if key is None and len(keys) == 1 else key
            if chosen not in keys:
                raise SourceError(
                    f"{path}: key names one of its tensors ({', '.join(keys[:8])}{', ...' if len(keys) > 8 else ''}), "
                    f"got {chosen!r}."
                )
            tensor: torch.Tensor = file.get_tensor(chosen)
    except (SafetensorError, OSError) as error:
        raise SourceError(f"{path}: not a readable .safetensors file ({error}).") from None
    return tensor.to(torch.float32).numpy()
