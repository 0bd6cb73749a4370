"""The tensors of a file, of an index's shards or of a folder, and a look into each; opens no model."""

import re
from collections.abc import Sequence
from math import prod
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from mmviz.errors import SourceError
from mmviz.scene.keys.listed_tensor import ListedTensor
from mmviz.values.files.kind_of_file import kind_of
from mmviz.values.files.no_scene import holds_arrays
from mmviz.values.files.safetensors_file import INDEX, shards_of
from mmviz.values.tensors.matrix_files import READERS, Arrays, open_arrays
from mmviz.values.tensors.npy_file import Archive

LISTED = (".npy", ".npz", ".csv", ".tsv", ".pt", ".pth", ".safetensors", ".gguf")
"""Endings of files that hold tensors."""
IN_FOLDERS = (".safetensors", ".gguf", ".npy", ".npz")
"""Endings of files whose tensors a folder is said to have."""
MOST_FILES = 1000
LOOKED_AT = 1 << 12
"""Bytes of a text in which a first line of numbers is looked for."""
NUMBERS = re.compile(r"[-+0-9.eE,;\s]*[0-9][-+0-9.eE,;\s]*", re.ASCII)
FEWEST_ROWS = 16
"""Rows of a sample, where the tensor has as many."""
THINNED = 16
"""So many times fewer elements are looked at where they lie apart: each lies in a page of its own."""
MOST_UNPACKED = 1 << 26
"""Elements of an array in an archive, which can only be read from its start to its end."""


def holds_tensors(path: Path) -> bool:
    """Whether a file may be listed: by its first bytes, or else by its name."""
    if not path.is_file() or path.suffix.lower() in LISTED or path.name == INDEX:
        return path.is_file()
    if path.suffix.lower() == ".txt":  # as numpy.savetxt writes it, or a scene, or words
        return _begins_with_numbers(path)
    kind = kind_of(path)
    return kind in READERS and (kind != "zip" or holds_arrays(path))


def _begins_with_numbers(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            lines = file.read(LOOKED_AT).decode("utf-8", "replace").splitlines()
    except OSError:
        return False
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    return NUMBERS.fullmatch(first) is not None


class TensorList:
    """What tensors there are, from headers alone.

    Attributes:
        where: The file or folder.
        tensors: All of them, in the order of their files and names.
    """

    def __init__(self, where: Path, files: Sequence[Path]) -> None:
        """List the tensors of some files.

        Raises:
            SourceError: one cannot be read.
        """
        self.where = where
        self._opened: dict[Path, Arrays] = {}
        self.tensors = tuple(tensor for file in files for tensor in self._list(file))

    @classmethod
    def open(cls, path: Path) -> "TensorList":
        """List the tensors of a file, of the shards that an index names, or of the files of a folder.

        Raises:
            SourceError: there is no such file, or it holds no tensors.
        """
        if path.is_dir():
            files = _files_of(path)
        elif path.name == INDEX:
            files = shards_of(path)
        else:
            files = [path]
        found = cls(path, files)
        if not found.tensors:
            raise SourceError(f"{path}: holds no tensor.")
        return found

    def sample(self, tensor: ListedTensor, most: int) -> NDArray[np.float32]:
        """A tensor's numbers, or every so many-th along its axes where it has more than `most`; as many axes as it has.

        Raises:
            SourceError: they cannot be read.
        """
        arrays = self._arrays(tensor.file)
        if isinstance(arrays, Archive) and tensor.elements > MOST_UNPACKED:
            raise SourceError(
                f"{tensor.file}, {tensor.name}: has {tensor.elements:,} elements and would have to be unpacked as a "
                "whole to be looked at; a .npy or .safetensors file is read in parts."
            )
        found = arrays.every(tensor.name, steps(tensor.shape, most)) if tensor.elements else np.zeros(tensor.shape)
        self._let_go(tensor.file)
        if isinstance(found, torch.Tensor):
            return found.to(torch.float32).numpy()
        with np.errstate(over="ignore"):
            return found.astype(np.float32)

    def _list(self, file: Path) -> list[ListedTensor]:
        arrays = self._arrays(file)
        listed = [_listed(arrays, file, name) for name in arrays.names]
        self._let_go(file)
        return listed

    def _arrays(self, file: Path) -> Arrays:
        if file not in self._opened:
            self._opened[file] = open_arrays(file)
        return self._opened[file]

    def _let_go(self, file: Path) -> None:
        """Close what is quickly opened again: what is read of a mapped file counts as the process's own memory."""
        if kind_of(file) in ("safetensors", "npy"):
            self._opened.pop(file, None)


def steps(shape: tuple[int, ...], most: int) -> tuple[int, ...]:
    """How far apart the elements of a sample lie along each axis, for some `most` of them or fewer.

    Of stacks there are fewer matrices first, then fewer rows, and last fewer columns.
    """
    found = [1] * len(shape)
    for axis, size in enumerate(shape):
        left = prod(-(-side // step) for side, step in zip(shape, found, strict=True))
        if left <= most:
            break
        widest = size
        if axis == len(shape) - 2:
            widest = max(1, size // FEWEST_ROWS)
        elif axis == len(shape) - 1:
            left *= THINNED
        found[axis] = max(1, min(-(-left // most), widest))
    return tuple(found)


def _listed(arrays: Arrays, file: Path, name: str) -> ListedTensor:
    try:
        return ListedTensor(file, name, arrays.shape(name), arrays.kind(name))
    except SourceError as error:
        return ListedTensor(file, name, (), "", str(error))


def _files_of(folder: Path) -> list[Path]:
    """The files of a folder whose tensors are listed: the shards of its index, or all that hold any.

    Raises:
        SourceError: there are none, or the folder cannot be read.
    """
    try:
        names = sorted(file for file in folder.iterdir() if not file.name.startswith("."))
    except OSError as error:
        raise SourceError(f"{folder}: cannot be read ({error.strerror}); a readable folder is needed.") from error
    if (folder / INDEX).is_file():
        return shards_of(folder / INDEX)
    for ending in IN_FOLDERS:
        files = [file for file in names if file.suffix.lower() == ending and file.is_file()]
        if files:
            return files[:MOST_FILES]
    raise SourceError(
        f"{folder}: holds no model and no tensors; a folder with {', '.join(IN_FOLDERS[:-1])} or {IN_FOLDERS[-1]} "
        "files is needed."
    )
