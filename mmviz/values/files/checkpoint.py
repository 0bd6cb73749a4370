"""A model's weights and configuration, from safetensors or GGUF; never opens a pickle, never computes."""

import re
from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mmviz.errors import SourceError
from mmviz.values.families.names import close_names
from mmviz.values.files.file_state import FileState, states_of
from mmviz.values.files.json_file import read_json
from mmviz.values.files.model_files import config_of, format_of, quantization_by, weights_of
from mmviz.values.files.safetensors_file import SINGLE, SafetensorsStore
from mmviz.values.files.store import FLOATS, Store
from mmviz.values.quantized.packed import PLAIN, Quantized

if TYPE_CHECKING:  # which is imported once a number is read
    import torch

PREFIXES = (
    "model.",
    "transformer.",
    "gpt_neox.",
    "bert.",
    "roberta.",
    "distilbert.",
    "electra.",
    "biogpt.",
)  # some files carry them, others of the same model do not
WRAPPERS = ("_orig_mod", "module", "_fsdp_wrapped_module", "_checkpoint_wrapped_module")
"""Parts of names that torch.compile and training in parallel put in; they mean nothing."""
OLD_NORM = re.compile(r"LayerNorm\.(gamma|beta)$")
NOT_DECODED = (*FLOATS, "I8", "I16", "I32", "I64")
Span = slice  # inside Checkpoint, `slice` is its method


class Checkpoint:
    """The weights of one model. A name is found with or without the prefix of its family, as `model.`, or a wrapper's.

    Attributes:
        path: What was opened, a folder, a .safetensors or a .gguf file.
        folder: The folder that the files lie in.
        where: The file that the configuration comes from, for messages: config.json or the (first) .gguf file.
        config: The content of config.json, or the same in its words for a GGUF file.
        metadata: The key-value pairs of a GGUF file, its vocabulary included; empty for safetensors.
        quantized: How its safetensors are, and which weights are made of several tensors of the files.
        opened_as: Its files as they were when it was opened; empty where they cannot be told from others.
    """

    def __init__(
        self,
        path: Path,
        where: Path,
        config: dict[str, Any],
        store: Store,
        metadata: Mapping[str, Any] | None = None,
        opened_as: tuple[FileState, ...] | None = None,
        quantized: Quantized = PLAIN,
    ) -> None:
        self.path = path
        self.folder = path if path.is_dir() else path.parent
        self.where = where
        self.config = config
        self.metadata: Mapping[str, Any] = metadata or {}
        self.quantized = quantized
        files = (*store.files, *_settings(self.folder)) if store.files else ()
        self.opened_as = states_of(files) if opened_as is None else opened_as
        self._store = store
        self._names = tuple(sorted(store.names))
        self._check_nothing_beside()
        self._bare = {bare_name(name): name for name in reversed(self._names)}

    @classmethod
    def open(cls, path: Path) -> "Checkpoint":
        """Read the configuration and the headers of the weights, no weights.

        Args:
            path: A folder with model.safetensors, with an index and shards, or with one .safetensors or .gguf file of
                any other name; or such a file, which is known by its first bytes, too; of a .gguf in parts, any of
                them. config.json lies beside safetensors.

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
        return cls._open_file(weights_of(path) if path.is_dir() else path, path)

    @classmethod
    def _open_file(cls, file: Path, path: Path) -> "Checkpoint":
        kind = format_of(file)
        if kind == "gguf":
            from mmviz.values.files.gguf_file import GGUFStore  # noqa: PLC0415  (the package takes its time to import)

            gguf = GGUFStore.open(file)
            return cls(path, gguf.files[0], gguf.config, gguf, gguf.metadata)
        where = config_of(file)
        open_store = SafetensorsStore.open_sharded if kind == "index" else SafetensorsStore.open
        config, stored = read_json(where), open_store(file)
        how = quantization_by(config, where)
        if how is None:
            return cls(path, where, config, stored)
        from mmviz.values.files.dequantized import DequantizedStore  # noqa: PLC0415  (torch takes its time to import)

        quantized = Quantized(how.method, how.find(stored))
        return cls(path, where, config, DequantizedStore(stored, quantized.packed), quantized=quantized)

    def over(self, other: Callable[[Store], Store]) -> "Checkpoint":
        """The same model with other weights, which `other` makes of its own; no files say which these are."""
        return Checkpoint(self.path, self.where, self.config, other(self._store), self.metadata, (), self.quantized)

    @property
    def bytes_read(self) -> int:
        """Size of all slices read so far, in bytes as stored; for quantized weights, of the blocks touched."""
        return self._store.bytes_read

    @cached_property
    def dequantized_from(self) -> str:
        """What its weights are stored as that are no floats by themselves, the most bytes first; "" where all are.

        Of safetensors as FP8 E4M3 (blocks of 128x128), of GGUF as Q4_K and Q6_K.
        """
        sizes: dict[str, int] = {}
        for name in self._names if self.metadata else self.quantized.packed:
            kind = self._store.dtype(name)
            sizes[kind] = sizes.get(kind, 0) + self._store.stored_bytes(name)
        kinds = sorted((kind for kind in sizes if kind not in NOT_DECODED), key=lambda kind: -sizes[kind])
        return " and ".join(filter(None, (", ".join(kinds[:-1]), *kinds[-1:])))

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

    def check(self, name: str) -> None:
        """Refuse a weight that cannot be read, from the header alone.

        Raises:
            SourceError: there is no such weight, or it is stored in a way that cannot be read.
        """
        self._store.check(self._stored_name(name))

    def slice(self, name: str, rows: Span | None = None, columns: Span | None = None) -> "torch.Tensor":
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

    def lend(self, name: str) -> "torch.Tensor":
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


def _settings(folder: Path) -> list[Path]:
    """The files beside the weights that may say what their numbers mean, such as quantize_config.json."""
    try:
        return sorted(file for file in folder.glob("*.json") if "config" in file.name or "quant" in file.name)
    except OSError:
        return []


def bare_name(name: str) -> str:
    """A weight's name without what files put before or into it, each in its own way."""
    bare = ".".join(part for part in name.split(".") if part not in WRAPPERS)
    while bare.startswith(PREFIXES):
        bare = bare.partition(".")[2]
    return with_new_norms(bare)


def with_new_norms(name: str) -> str:
    """A weight's name with that of today for norms: files of old encoders have LayerNorm.gamma and LayerNorm.beta."""
    return OLD_NORM.sub(lambda found: f"LayerNorm.{'weight' if found[1] == 'gamma' else 'bias'}", name)
