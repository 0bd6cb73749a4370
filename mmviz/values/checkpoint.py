"""Weights out of safetensors files, only the bytes asked for; never opens a pickle, never computes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from mmviz.errors import SourceError
from mmviz.values.names import close_names

SINGLE = "model.safetensors"
INDEX = "model.safetensors.index.json"
PICKLES = (".bin", ".ckpt", ".pkl", ".pt", ".pth")

Span = slice  # inside Checkpoint, `slice` is its method


class Checkpoint:
    """The weights of one model. A name is found with or without the prefix `model.`.

    Attributes:
        path: What was opened, a folder or a .safetensors file.
        folder: The folder that config.json lies in.
        config: The content of config.json.
        bytes_read: Size of all slices read so far, in bytes as stored.
    """

    def __init__(self, path: Path, config: dict[str, Any], files: Mapping[str, Any]) -> None:
        self.path = path
        self.folder = path if path.is_dir() else path.parent
        self.config = config
        self.bytes_read = 0
        self._files = dict(sorted(files.items()))  # weight name -> its open file

    @classmethod
    def open(cls, path: Path) -> "Checkpoint":
        """Read config.json and the headers of the safetensors files, no weights.

        Args:
            path: A folder with model.safetensors or with an index and shards, or one .safetensors file;
                config.json lies beside it.

        Raises:
            SourceError: something is missing, broken, or stored as a pickle.
        """
        if not path.exists():
            raise SourceError(f"{path}: no such file or folder; a folder with config.json and {SINGLE} is needed.")
        if path.is_file() and path.suffix != ".safetensors":
            raise SourceError(f"{path}: {_wrong_kind([path])}")
        folder = path if path.is_dir() else path.parent
        config = _read_json(folder / "config.json")
        if path.is_file():
            return cls(path, config, _weights(path))
        if (folder / SINGLE).exists():
            return cls(path, config, _weights(folder / SINGLE))
        if (folder / INDEX).exists():
            return cls(path, config, _sharded_weights(folder))
        raise SourceError(f"{path}: {_wrong_kind(sorted(folder.iterdir()))}")

    @property
    def names(self) -> tuple[str, ...]:
        """Every weight's name as stored, in alphabetical order."""
        return tuple(self._files)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) is not None

    def shape(self, name: str) -> tuple[int, ...]:
        """A weight's shape, from the header alone.

        Raises:
            SourceError: there is no such weight.
        """
        stored = self._stored_name(name)
        return tuple(self._files[stored].get_slice(stored).get_shape())

    def slice(self, name: str, rows: Span | None = None, columns: Span | None = None) -> torch.Tensor:
        """A weight or a part of it, in the dtype it is stored in, on the CPU; no other bytes are read.

        Args:
            name: The weight.
            rows: Which of the first axis; all if None.
            columns: Which of the second axis; all if None.

        Raises:
            SourceError: there is no such weight.
        """
        stored = self._stored_name(name)
        file = self._files[stored]
        if rows is None and columns is None:
            part = file.get_tensor(stored)
        elif columns is None:
            part = file.get_slice(stored)[rows]
        else:
            part = file.get_slice(stored)[rows or Span(None), columns]
        owned: torch.Tensor = part.clone(memory_format=torch.contiguous_format)  # a view would hold the whole file
        self.bytes_read += owned.nbytes
        return owned

    def _find(self, name: str) -> str | None:
        candidates = (name, f"model.{name}", name.removeprefix("model."))
        return next((candidate for candidate in candidates if candidate in self._files), None)

    def _stored_name(self, name: str) -> str:
        stored = self._find(name)
        if stored is None:
            raise SourceError(f"{self.path}: has no weight {name!r}; {close_names(name, self.names)}.")
        return stored


def _wrong_kind(files: list[Path]) -> str:
    pickles = [file.name for file in files if file.suffix in PICKLES]
    if pickles:
        return f"{pickles[0]} is a pickle, which can run code and is never opened; convert it to safetensors."
    return f"no safetensors file; {SINGLE}, or {INDEX} with its shards, is needed."


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file; the model's {path.name} is needed.") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror}); a readable file is needed.") from error
    except ValueError as error:  # not UTF-8, or not JSON
        raise SourceError(f"{path}: broken JSON ({error}); a whole {path.name} is needed.") from error
    if not isinstance(content, dict):
        raise SourceError(f"{path}: is a JSON {type(content).__name__}; an object is needed.")
    return content


def _open_file(path: Path) -> Any:
    try:
        return safe_open(path, framework="pt")
    except FileNotFoundError:
        raise SourceError(f"{path}: no such file; every shard that {INDEX} names is needed.") from None
    except SafetensorError as error:
        size = path.stat().st_size
        raise SourceError(
            f"{path}: is cut off or no safetensors file ({size} bytes); a whole one is needed."
        ) from error
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error}); a readable file is needed.") from error


def _weights(path: Path) -> dict[str, Any]:
    file = _open_file(path)
    return dict.fromkeys(file.keys(), file)


def _sharded_weights(folder: Path) -> dict[str, Any]:
    index = folder / INDEX
    shard_names = _read_json(index).get("weight_map")
    if not isinstance(shard_names, dict) or not all(isinstance(name, str) for name in shard_names.values()):
        raise SourceError(f"{index}, weight_map: is missing or broken; weight names with file names are needed.")
    shards = {name: _weights(folder / name) for name in sorted(set(shard_names.values()))}
    for weight, shard in shard_names.items():
        if weight not in shards[shard]:
            raise SourceError(
                f"{folder / shard}: has no weight {weight!r}, which {INDEX} names; shards of one model are needed."
            )
    return {weight: shards[shard][weight] for weight, shard in shard_names.items()}
