"""Matrices out of files: arrays of numpy, texts, tensors of safetensors, GGUF or torch; never an object of a pickle."""

import zipfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from mmviz.errors import SourceError
from mmviz.scene.language.shapes import Shape
from mmviz.values.files.kind_of_file import kind_of
from mmviz.values.files.plain_file import check_plain
from mmviz.values.tensors.npy_file import Archive, open_npy
from mmviz.values.tensors.number_table import read_table
from mmviz.values.tensors.torch_file import check_numbers, open_tensors

SUFFIXES = (".npy", ".npz", ".csv", ".safetensors", ".gguf", ".pt")
BY_ENDING: Mapping[str, str] = {
    **{suffix: suffix[1:] for suffix in (".npy", ".npz", ".safetensors", ".gguf")},
    **dict.fromkeys((".csv", ".tsv", ".txt"), "text"),
    **dict.fromkeys((".pt", ".pth"), "torch"),
}
"""What files are called, where their first bytes say nothing."""
ENTRY = "data.pkl"
"""What an archive of torch.save has in its folder."""
PACKED = ("F4", "F6_E2M3", "F6_E3M2")
"""Types of safetensors with several numbers in a byte, or a number in parts of two."""
COMPLEX = ("C64",)

Index = tuple[int, ...]
Steps = tuple[int, ...]
Numbers = NDArray[Any] | torch.Tensor


class Arrays(Protocol):
    """The arrays that a file holds."""

    @property
    def names(self) -> Collection[str]:
        """Of all; one that has none is called ""."""

    def kind(self, name: str) -> str:
        """What the numbers of an array are stored as, in the words of the format."""

    def shape(self, name: str) -> tuple[int, ...]:
        """Of an array.

        Raises:
            SourceError: its numbers are of a kind that is not read.
        """

    def part(self, name: str, index: Index) -> Numbers:
        """What lies at an index of an array's first axes."""

    def every(self, name: str, steps: Steps) -> Numbers:
        """Every so many-th element along each axis, from the first on; as little of the rest as can be is read."""


class _Whole:
    """Arrays in memory, or mapped into it."""

    def __init__(self, arrays: Mapping[str, Numbers]) -> None:
        self._arrays = arrays
        self.names: Collection[str] = arrays.keys()

    def kind(self, name: str) -> str:
        return str(self._arrays[name].dtype).removeprefix("torch.")

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._arrays[name].shape)

    def part(self, name: str, index: Index) -> Numbers:
        return self._arrays[name][index]

    def every(self, name: str, steps: Steps) -> Numbers:
        return self._arrays[name][_slices(steps)]


class _Tensors(_Whole):
    """The tensors of a file of torch.save."""

    def __init__(self, path: Path) -> None:
        self._path = path
        super().__init__(open_tensors(path))

    def shape(self, name: str) -> tuple[int, ...]:
        tensor = self._arrays[name]
        assert isinstance(tensor, torch.Tensor)  # noqa: S101  (narrows the type)
        check_numbers(tensor, f"{self._path}, {name}")
        return super().shape(name)


class _Safetensors:
    """The tensors of a .safetensors file, in the shapes that it says."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = _mapped(path)
        self.names = tuple(sorted(map(str, self._file.keys())))

    def kind(self, name: str) -> str:
        return str(self._file.get_slice(name).get_dtype())

    def shape(self, name: str) -> tuple[int, ...]:
        dtype = self._file.get_slice(name).get_dtype()
        if dtype in PACKED:
            raise SourceError(
                f"{self._path}, {name}: is stored as {dtype}, whose numbers are smaller than a byte and share "
                "one scale with others; plain numbers are needed."
            )
        if dtype in COMPLEX:
            raise SourceError(f"{self._path}: holds complex64; real numbers are needed.")
        return tuple(self._file.get_slice(name).get_shape())

    def part(self, name: str, index: Index) -> Numbers:
        stored = self._file.get_slice(name)
        return self._numbers(name, lambda: stored[index] if index else self._file.get_tensor(name))

    def every(self, name: str, steps: Steps) -> Numbers:
        return self._numbers(name, lambda: self._file.get_tensor(name)[_slices(steps)])  # where it lies in the file

    def _numbers(self, name: str, read: Callable[[], torch.Tensor]) -> torch.Tensor:
        try:
            return read().to(torch.float32)
        except (SafetensorError, AttributeError, RuntimeError) as error:  # NotImplementedError is of RuntimeError
            raise SourceError(
                f"{self._path}, {name}: is stored as {self.kind(name)}, which torch {torch.__version__} "
                "cannot read; plain numbers are needed."
            ) from error


def read_matrix(path: Path, key: str | None, index: Index = ()) -> NDArray[np.float32]:
    """Read a matrix.

    Args:
        path: A .npy, .npz, .csv, .safetensors, .gguf or .pt file; what it is, its first bytes say.
        key: Name of the array, where the file has names; may be left out when there is only one.
        index: Which matrix of a stack: a number for each axis before its rows and columns. Axes of length 1 before
            them need none.

    Returns:
        (rows, columns); a vector is one row. Numbers too large for float32 are infinite.

    Raises:
        SourceError: the file is missing, of another kind, broken, or holds no matrix of numbers.
    """
    arrays, name = _chosen(path, key)
    shape = _sides(arrays.shape(name), path, index)
    found = arrays.part(name, index)
    if isinstance(found, torch.Tensor):
        return found.to(torch.float32).numpy().reshape(shape)
    with np.errstate(over="ignore"):
        return found.astype(np.float32).reshape(shape)


def read_shape(path: Path, key: str | None, index: Index = ()) -> Shape:
    """Rows and columns of the matrix that `read_matrix` gives; of all files but texts reads the header only.

    Raises:
        SourceError: as `read_matrix`.
    """
    arrays, name = _chosen(path, key)
    return _sides(arrays.shape(name), path, index)


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


def _chosen(path: Path, key: str | None) -> tuple[Arrays, str]:
    """The file, and which of its arrays is meant."""
    arrays = open_arrays(path)
    names = arrays.names
    if tuple(names) == ("",):
        if key is not None:
            raise SourceError(f"{path}: holds one matrix without a name; leave the key {key!r} out.")
        return arrays, ""
    if not names:
        raise SourceError(f"{path}: holds no array; a matrix of numbers is needed.")
    chosen = next(iter(names)) if key is None and len(names) == 1 else key
    if chosen is None or chosen not in names:
        known = f"{', '.join(sorted(names)[:8])}{', ...' if len(names) > 8 else ''}"
        raise SourceError(f"{path}: has the tensors {known}; the key must name one of them, got {chosen!r}.")
    return arrays, chosen


def open_arrays(path: Path) -> Arrays:
    """The arrays of a file, of which as little is read as its format allows.

    Raises:
        SourceError: it is missing, of another kind or broken.
    """
    try:
        return _open(path)
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror or error}); a readable file is needed.") from error


def _open(path: Path) -> Arrays:
    if not path.is_file():
        raise SourceError(f"{path}: there is no such file.") if _by_name(path) else _other_kind(path)
    path.open("rb").close()  # safetensors says of a file that may not be read that it is not there
    check_plain(path)
    kind = kind_of(path)
    reader = READERS.get(kind) or READERS.get(_by_name(path))
    if reader is None:
        raise _other_kind(path)
    return reader(path)


def _slices(steps: Steps) -> tuple[slice, ...]:
    return tuple(slice(None, None, step) for step in steps)


def _by_name(path: Path) -> str:
    return BY_ENDING.get(path.suffix.lower(), "")


def _npy(path: Path) -> Arrays:
    return _Whole({"": open_npy(path)})


def _text(path: Path) -> Arrays:
    return _Whole({"": read_table(path)})


def _gguf(path: Path) -> Arrays:
    from mmviz.values.files.gguf_arrays import GGUFArrays  # noqa: PLC0415  (the package takes its time to import)

    return GGUFArrays(path)


def _pickle(path: Path) -> Arrays:
    raise SourceError(
        f"{path}: is a pickle, which can run code and is never opened; .npy, .npz, .safetensors, or .pt as torch.save "
        "has written it since version 1.6, is needed."
    )


def _other_kind(path: Path) -> SourceError:
    kind = f"of kind '{path.suffix}'" if path.suffix else "without an ending"
    return SourceError(f"{path}: files {kind} are not read; give one of {', '.join(SUFFIXES)}.")


def _archive(path: Path) -> Arrays:
    """What a zip file is: numpy's, torch's, or another program's."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
    except Exception:  # noqa: BLE001  (of many kinds, where it is broken; its reader says so)
        members = []
    if any(name.rpartition("/")[2] == ENTRY for name in members) or _by_name(path) == "torch":
        return _Tensors(path)
    if any(name.endswith(".npy") for name in members) or _by_name(path) in ("npz", "npy"):
        return Archive(path)
    raise _other_kind(path)


def _mapped(path: Path) -> Any:
    return safe_open(path, framework="pt")


def _safetensors(path: Path) -> Arrays:
    try:
        return _Safetensors(path)
    except SafetensorError as error:
        size = path.stat().st_size
        raise SourceError(
            f"{path}: is cut off or no .safetensors file ({size} bytes); a whole one is needed."
        ) from error


READERS: Mapping[str, Callable[[Path], Arrays]] = {
    "npy": _npy,
    "npz": Archive,
    "zip": _archive,
    "text": _text,
    "torch": _Tensors,
    "safetensors": _safetensors,
    "gguf": _gguf,
    "pickle": _pickle,
}
"""By what a file is, or else by what its name says."""


def _sides(shape: tuple[int, ...], path: Path, index: Index) -> Shape:
    """Rows and columns of what is taken of an array."""
    text = "x".join(str(side) for side in shape) or "a single number"
    if len(index) >= max(len(shape), 1):
        axes = f"{len(shape)} axes" if len(shape) != 1 else "1 axis"
        raise SourceError(f"{path}: holds {text}, {axes}; index has {len(index)} numbers, and fewer are needed.")
    for axis, (number, size) in enumerate(zip(index, shape, strict=False)):
        if number >= size:
            raise SourceError(f"{path}: holds {text}; index {axis} must be from 0 to {size - 1}, got {number}.")
    left = shape[len(index) :]
    while len(left) > 2 and left[0] == 1:
        left = left[1:]
    sides = (1, *left) if len(left) == 1 else left
    if len(sides) != 2 or 0 in sides:
        way = ""
        if len(left) > 2 and 0 not in left:
            numbers = ", ".join("0" for _ in shape[:-2])
            way = f": index: [{numbers}] takes the first of this stack of matrices"
        raise SourceError(f"{path}: holds {text}; a matrix of rows and columns is needed{way}.")
    return sides[0], sides[1]
