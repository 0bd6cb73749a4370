"""Matrices out of files: .npy, .csv and one tensor of a .safetensors file; never a pickle."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from mmviz.errors import SourceError
from mmviz.scene.shapes import Shape

SUFFIXES = (".npy", ".csv", ".safetensors")
Found = NDArray[Any] | torch.Tensor
"""What a file holds, in its own shape and type."""


def read_matrix(path: Path, key: str | None) -> NDArray[np.float32]:
    """Read a matrix.

    Args:
        path: A .npy, .csv or .safetensors file.
        key: Name of the tensor in a .safetensors file; may be left out when there is only one.

    Returns:
        (rows, columns); a vector is one row. Numbers too large for float32 are infinite.

    Raises:
        SourceError: the file is missing, of another kind, broken, or holds no matrix of numbers.
    """
    found = _open(path, key)
    shape = _sides(found, path)
    if isinstance(found, torch.Tensor):
        return found.to(torch.float32).numpy().reshape(shape)
    with np.errstate(over="ignore"):
        return found.astype(np.float32).reshape(shape)


def read_shape(path: Path, key: str | None) -> tuple[int, int]:
    """Rows and columns of the matrix that `read_matrix` gives; of a .npy or .safetensors file reads the header only.

    Raises:
        SourceError: as `read_matrix`.
    """
    return _sides(_open(path, key), path)


def wrapped(matrix: NDArray[np.float32], shape: Shape) -> NDArray[np.float32]:
    """The matrix cut to a shape, or continued from its start where the shape is larger, as mm does.

    Args:
        matrix: (rows, columns), both at least 1.
        shape: Rows and columns that are wanted.
    """
    if matrix.shape == shape:
        return matrix
    rows, columns = (np.arange(wanted) % size for wanted, size in zip(shape, matrix.shape, strict=True))
    return matrix[np.ix_(rows, columns)]


def _open(path: Path, key: str | None) -> Found:
    if path.suffix not in SUFFIXES:
        raise SourceError(f"{path}: files of kind '{path.suffix}' are not read; give one of {', '.join(SUFFIXES)}.")
    if not path.is_file():
        raise SourceError(f"{path}: there is no such file.")
    if key is not None and path.suffix != ".safetensors":
        raise SourceError(f"{path}: holds one matrix without a name; leave the key {key!r} out.")
    try:
        path.open("rb").close()  # safetensors says of a file that may not be read that it is not there
        match path.suffix:
            case ".npy":
                return _npy(path)
            case ".csv":
                return _csv(path)
            case _:
                return _safetensors(path, key)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror or error}); a readable file is needed.") from error


def _sides(found: Found, path: Path) -> tuple[int, int]:
    shape = tuple(found.shape)
    sides = (1, *shape) if len(shape) == 1 else shape
    if len(sides) != 2 or 0 in sides:
        text = "x".join(str(side) for side in shape) or "a single number"
        raise SourceError(f"{path}: holds {text}; a matrix of rows and columns is needed.")
    return sides


def _npy(path: Path) -> NDArray[Any]:
    try:
        # Maps the file, which reads the header only, and refuses Python objects without touching them.
        array = np.lib.format.open_memmap(path, mode="r")
    except ValueError as error:
        if "Python objects" in str(error):
            raise SourceError(
                f"{path}: holds Python objects, a pickle, which can run code and is never opened; "
                "real numbers are needed."
            ) from None
        raise SourceError(_broken(path)) from error
    if array.dtype.kind not in "biuf":
        raise SourceError(f"{path}: holds {array.dtype}; real numbers are needed.")
    return array


def _csv(path: Path) -> NDArray[Any]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()  # Excel writes a byte order mark
    except UnicodeDecodeError:
        raise SourceError(f"{path}: is no text; rows of numbers separated by commas are needed, in UTF-8.") from None
    rows: list[list[float]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rows.append([float(cell) for cell in line.split(",")])
        except ValueError:
            raise SourceError(
                f"{path}, line {number}: numbers separated by commas are needed, got {line[:60]!r}."
            ) from None
        if len(rows[-1]) != len(rows[0]):
            raise SourceError(f"{path}, line {number}: {len(rows[-1])} numbers, but the first row has {len(rows[0])}.")
    if not rows:
        raise SourceError(f"{path}: is empty; at least one row of numbers is needed.")
    return np.array(rows)


def _safetensors(path: Path, key: str | None) -> torch.Tensor:
    try:
        with safe_open(path, framework="pt") as file:
            keys = sorted(file.keys())
            chosen = keys[0] if key is None and len(keys) == 1 else key
            if chosen not in keys:
                known = f"{', '.join(keys[:8])}{', ...' if len(keys) > 8 else ''}"
                raise SourceError(f"{path}: has the tensors {known}; the key must name one of them, got {chosen!r}.")
            tensor: torch.Tensor = file.get_tensor(chosen)  # maps the file
    except SafetensorError as error:
        raise SourceError(_broken(path)) from error
    if tensor.is_complex():
        raise SourceError(f"{path}: holds {str(tensor.dtype).removeprefix('torch.')}; real numbers are needed.")
    return tensor


def _broken(path: Path) -> str:
    size = path.stat().st_size
    return f"{path}: is cut off or no {path.suffix} file ({size} bytes); a whole one is needed."
