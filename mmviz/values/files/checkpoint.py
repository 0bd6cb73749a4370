"""A model's weights and configuration, from safetensors or GGUF; never opens a pickle, never computes."""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch

from mmviz.errors import SourceError
from mmviz.values.families.names import close_names
from mmviz.values.files.json_file import read_json
from mmviz.values.files.safetensors_file import INDEX, SINGLE, SafetensorsStore
from mmviz.values.files.store import Store

PICKLES = (".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth")
OTHER_FRAMEWORKS = {".h5": "TensorFlow", ".msgpack": "Flax"}
PREFIXES = ("model.", "transformer.")  # some files carry them, others of the same model do not
WRAPPERS = ("_orig_mod", "module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")
"""Parts of names that torch.compile and training in parallel put in; they mean nothing."""
SHARD = re.compile(r".+-[0-9]+-of-[0-9]+\.safetensors")
ADAPTER = "adapter_"  # files that hold what is added to a model, not the model

Span = slice  # inside Checkpoint, `slice` is its method


class Checkpoint:
    """The weights of one model. A name is found with or without the prefix `model.` or `transformer.`, or a wrapper's.

    Attributes:
        path: What was opened, a folder, a .safetensors or a .gguf file.
        folder: The folder that the files lie in.
        where: The file that the configuration comes from, for messages: config.json or the .gguf file.
        config: The content of config.json, or the same in its words for a GGUF file.
        metadata: The key-value pairs of a GGUF file, its vocabulary included; empty for safetensors.
    """

    def __init__(
        self, path: Path, where: Path, config: dict[str, Any], store: Store, metadata: Mapping[str, Any] | None = None
    ) -> None:
        self.path = path
        self.folder = path if path.is_dir() else path.parent
        self.where = where
        self.config = config
        self.metadata: Mapping[str, Any] = metadata or {}
        self._store = store
        self._names = tuple(sorted(store.names))
        self._check_nothing_beside()
        self._bare = {bare_name(name): name for name in reversed(self._names)}

    @classmethod
    def open(cls, path: Path) -> "Checkpoint":
        """Read the configuration and the headers of the weights, no weights.

        Args:
            path: A folder with model.safetensors, with an index and shards, or with one .safetensors or .gguf file of
                any other name; or such a file. config.json lies beside safetensors.

        Raises:
            SourceError: something is missing, broken, or stored as a pickle.
        """
        try:
            path.stat()
        except FileNotFoundError:
            raise SourceError(
                f"{path}: no such file or folder; a folder with config.json and {SINGLE}, or a .gguf file, is needed."
            ) from None
        except (OSError, ValueError) as error:  # ValueError: a null character in the path
            reason = getattr(error, "strerror", None) or error
            raise SourceError(f"{path}: cannot be opened ({reason}); a model that can be read is needed.") from error
        return cls._open_folder(path) if path.is_dir() else cls._open_file(path, path)

    @classmethod
    def _open_folder(cls, folder: Path) -> "Checkpoint":
        try:
            files = sorted(folder.iterdir())
        except OSError as error:
            raise SourceError(f"{folder}: cannot be read ({error.strerror}); a readable folder is needed.") from error
        for name, open_store in ((SINGLE, SafetensorsStore.open), (INDEX, SafetensorsStore.open_sharded)):
            if folder / name in files:
                where = folder / "config.json"
                return cls(folder, where, read_json(where), open_store(folder / name))
        for suffix in (".safetensors", ".gguf"):
            models = [file for file in files if file.suffix == suffix and _may_be_a_model(file)]
            if len(models) == 1:
                return cls._open_file(models[0], folder)
        raise SourceError(f"{folder}: {_wrong_kind(files)}")

    @classmethod
    def _open_file(cls, file: Path, path: Path) -> "Checkpoint":
        if file.suffix == ".safetensors":
            where = file.parent / "config.json"
            return cls(path, where, read_json(where), SafetensorsStore.open(file))
        if file.suffix == ".gguf":
            from mmviz.values.files.gguf_file import GGUFStore  # noqa: PLC0415  (the package takes its time to import)

            store = GGUFStore.open(file)
            return cls(path, file, store.config, store, store.metadata)
        raise SourceError(f"{file}: {_wrong_kind([file])}")

    def over(self, other: Callable[[Store], Store]) -> "Checkpoint":
        """The same model with other weights, which `other` makes of its own."""
        return Checkpoint(self.path, self.where, self.config, other(self._store), self.metadata)

    @property
    def bytes_read(self) -> int:
        """Size of all slices read so far, in bytes as stored; for quantized weights, of the blocks touched."""
        return self._store.bytes_read

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that hold the weights, in alphabetical order."""
        return self._store.files

    @property
    def names(self) -> tuple[str, ...]:
        """Every weight's name as stored, for GGUF its Hugging Face name, in alphabetical order."""
        return self._names

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) is not None

    def shape(self, name: str) -> tuple[int, ...]:
        """A weight's shape, from the header alone.

        Raises:
            SourceError: there is no such weight.
        """
        return self._store.shape(self._stored_name(name))

    def dtype(self, name: str) -> str:
        """What a weight is stored as: F32, F16, BF16, or a quantization such as Q4_1.

        Raises:
            SourceError: there is no such weight.
        """
        return self._store.dtype(self._stored_name(name))

    def stored_bytes(self, name: str) -> int:
        """How many bytes a weight takes in its file.

        Raises:
            SourceError: there is no such weight.
        """
        return self._store.stored_bytes(self._stored_name(name))

    def slice(self, name: str, rows: Span | None = None, columns: Span | None = None) -> torch.Tensor:
        """A weight or a part of it, on the CPU, in the dtype it is stored in or float32 if it was quantized.

        No other bytes are read; of quantized weights, no other blocks.

        Args:
            name: The weight.
            rows: Which of the first axis; all if None.
            columns: Which of the second axis; all if None.

        Raises:
            SourceError: there is no such weight, or it is stored in a way that cannot be read.
        """
        return self._store.read(self._stored_name(name), rows, columns)

    def lend(self, name: str) -> torch.Tensor:
        """A whole weight as `slice` gives it, to compute with at once and not to keep: it may lie in the file itself.

        Raises:
            SourceError: as `slice`.
        """
        return self._store.lend(self._stored_name(name))

    def release(self) -> None:
        """Let go of what was read of the files, as between two layers; what is asked for next is read again."""
        self._store.release()

    def _check_nothing_beside(self) -> None:
        """Refuse a weight whose numbers mean something only together with others, such as weight_scale_inv."""
        for name, following in pairwise(self._names):
            if name.endswith(".weight") and following.startswith((f"{name}_", f"{name}.")):
                raise SourceError(
                    f"{self.path}: {following} says how the numbers of {name} are meant, which is not known here; "
                    "weights that are not quantized, or a .gguf file, are needed."
                )

    def _find(self, name: str) -> str | None:
        return name if name in self._store.names else self._bare.get(bare_name(name))

    def _stored_name(self, name: str) -> str:
        stored = self._find(name)
        if stored is None:
            raise SourceError(f"{self.path}: has no weight {name!r}; {close_names(name, self.names)}.")
        return stored


def bare_name(name: str) -> str:
    """A weight's name without what files put before or into it, each in its own way."""
    bare = ".".join(part for part in name.split(".") if part not in WRAPPERS)
    while bare.startswith(PREFIXES):
        bare = bare.partition(".")[2]
    return bare


def _may_be_a_model(file: Path) -> bool:
    return not (file.name.startswith((".", ADAPTER)) or SHARD.fullmatch(file.name))


def _wrong_kind(files: list[Path]) -> str:
    """The end of the message about a path that is no model, by what was found in its place."""
    gguf = [file.name for file in files if file.suffix == ".gguf"]
    if gguf:
        named = ", ".join(gguf[:3]) + (", ..." if len(gguf) > 3 else "")
        return f"has {len(gguf)} .gguf files ({named}); give the path of one of them."
    safetensors = [file.name for file in files if file.suffix == ".safetensors"]
    if safetensors and SHARD.fullmatch(safetensors[0]):
        return f"has shards, such as {safetensors[0]}, but no {INDEX}; the model's own is needed."
    if safetensors:
        return f"has no {SINGLE} but {safetensors[0]}; give the path of that file."
    convert = (
        f"take the model's {SINGLE}, or write it in an environment that you trust: "
        "AutoModelForCausalLM.from_pretrained(FOLDER).save_pretrained(NEW_FOLDER)."
    )
    pickles = sorted((file.name for file in files if file.suffix in PICKLES), key=lambda name: "model" not in name)
    if pickles:
        return f"{pickles[0]} is a pickle, which can run code and is never opened; {convert}"
    for file in files:
        if file.suffix in OTHER_FRAMEWORKS:
            return f"{file.name} holds weights of {OTHER_FRAMEWORKS[file.suffix]}, which are not read; {convert}"
    return f"no safetensors file; {SINGLE}, or {INDEX} with its shards, or a .gguf file, is needed."
