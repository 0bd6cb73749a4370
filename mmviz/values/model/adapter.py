"""LoRA adapters of peft: W + scale * B A instead of a weight W; opens no pickle, and changes no file."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from torch import Tensor

from mmviz.errors import SourceError
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.layouts import UNEMBEDDING
from mmviz.values.families.names import in_files, is_router
from mmviz.values.families.registry import names_of
from mmviz.values.files.checkpoint import Checkpoint, bare_name
from mmviz.values.files.file_state import states_of
from mmviz.values.files.safetensors_file import SafetensorsStore
from mmviz.values.files.store import Store
from mmviz.values.model.adapter_config import CONFIG, AdapterConfig
from mmviz.values.model.adapter_targets import OTHER_PARAMETERS
from mmviz.values.model.module_pattern import PatternError
from mmviz.values.model.place import Place
from mmviz.values.model.tying import stored_unembedding

WEIGHTS, PICKLE = "adapter_model.safetensors", "adapter_model.bin"
PREFIX = "base_model.model."  # before the names of the base's own modules
A, B = ".lora_A.weight", ".lora_B.weight"
LONGEST_NAME = 300  # letters
NEEDED = f"a folder with {CONFIG} and {WEIGHTS} is needed"


Lora = Literal["base", "A", "B"]
"""The weight without the adapter, or a matrix of the adapter."""


@dataclass(frozen=True, slots=True)
class Update:
    """What an adapter adds to one weight: scale * B A. A is (rank, ins), B is (outs, rank)."""

    store: Store
    module: str
    rank: int
    scale: float
    turned: bool  # the weight is stored as (ins, outs), as GPT-2's are; else as (outs, ins)

    def a(self, ins: slice | None = None) -> Tensor:
        """(rank, ins), as it is stored."""
        return self.store.read(PREFIX + self.module + A, None, ins)

    def b(self, outs: slice | None = None) -> Tensor:
        """(outs, rank), as it is stored."""
        return self.store.read(PREFIX + self.module + B, outs, None)

    def factor(self, which: Literal["A", "B"], place: Place) -> Tensor:
        """A or B for a part of the weight."""
        ins, outs = (place.rows, place.columns) if self.turned else (place.columns, place.rows)
        if which == "A":
            return self.a(ins)
        return place.of(self.b()) if place.block else self.b(outs)

    def part(self, rows: slice | None, columns: slice | None) -> Tensor:
        """What is added to a part of the weight as it is stored, in float64: (rows, columns)."""
        ins, outs = (rows, columns) if self.turned else (columns, rows)
        added = self.scale * (self.b(outs).double() @ self.a(ins).double())  # (outs, ins)
        return added.mT if self.turned else added


class Adapter:
    """The matrices A and B of a LoRA adapter.

    Attributes:
        path: Its folder.
        config: Its ranks and scales.
        modules: The modules of the base that it changes, in alphabetical order.
        opened_as: Its files as they were when it was opened; empty where they cannot be told from others.
    """

    def __init__(self, path: Path, config: AdapterConfig, store: Store) -> None:
        self.path = path
        self.config = config
        self.opened_as = states_of((path / CONFIG, *store.files))
        self._store = store
        self.modules = tuple(sorted({self._module(name) for name in store.names}))
        for module in self.modules:
            self._check_pair(module)

    @classmethod
    def open(cls, path: Path) -> "Adapter":
        """Read the configuration and the header of the weights, no weights.

        Raises:
            SourceError: something is missing, broken, a pickle, or more than W + scale * B A.
        """
        try:
            names = {file.name for file in path.iterdir()}
        except (OSError, ValueError) as error:  # ValueError: a null character in the path
            reason = getattr(error, "strerror", None) or error
            raise SourceError(f"{path}: cannot be opened as an adapter ({reason}); {NEEDED}.") from error
        if CONFIG not in names:
            raise SourceError(f"{path}: has no {CONFIG}, so it is no adapter of peft; {NEEDED}.")
        if WEIGHTS not in names and PICKLE in names:
            raise SourceError(
                f"{path}: {PICKLE} is a pickle, which can run code and is never opened; write {WEIGHTS} in an "
                "environment that you trust: PeftModel.from_pretrained(MODEL, FOLDER).save_pretrained(NEW_FOLDER)."
            )
        config = AdapterConfig.read(path)
        return cls(path, config, SafetensorsStore.open(path / WEIGHTS))

    def updates(self, checkpoint: Checkpoint, config: ModelConfig) -> dict[str, Update]:
        """What is added to which weights of a base, by their names as `bare_name` writes them.

        Raises:
            SourceError: the adapter does not fit the base: it has no such module, or one of another size.
        """
        found: dict[str, Update] = {}
        for module in self.modules:
            name = self._weight_of(module, checkpoint, config)
            if name not in checkpoint:
                raise SourceError(
                    f"{self.path}: changes {module}, which {checkpoint.path} does not have; an adapter of this very "
                    "model is needed."
                )
            unembeds = name == stored_unembedding(names_of(config), checkpoint)
            if config.tied and unembeds:
                raise SourceError(
                    f"{self.path}: changes {module}, which in {checkpoint.path} is the embedding as well (tied); an "
                    "adapter of other modules is needed."
                )
            if self.config.targets.is_parameter(module) and not is_router(names_of(config), name):
                raise SourceError(f"{self.path / CONFIG}, target_parameters: {module}: {OTHER_PARAMETERS}")
            turned = not unembeds and names_of(config).is_stored_by_inputs(name)
            self._check_sizes(module, name, checkpoint, turned=turned)
            rank, scale = self.config.rank_of(module), self.config.scale_of(module)
            found[bare_name(name)] = Update(self._store, module, rank, scale, turned)
        return found

    @staticmethod
    def _weight_of(module: str, checkpoint: Checkpoint, config: ModelConfig) -> str:
        """The weight of a module; peft calls the layer that makes logits as transformers does, not as the files do."""
        name, names = f"{module}.weight", names_of(config)
        if bare_name(name) == UNEMBEDDING:
            return stored_unembedding(names, checkpoint)
        return name if name in checkpoint else in_files(names, name)

    def _module(self, name: str) -> str:
        """The module of the base that a matrix of the adapter belongs to."""
        for end in (A, B):
            if name.startswith(PREFIX) and name.endswith(end):
                module = name.removeprefix(PREFIX).removesuffix(end)
                self._check_changes(module)
                return module
        raise SourceError(
            f"{self.path / WEIGHTS}: has {name!r}, which is neither a lora_A nor a lora_B of a linear layer; "
            "W + scale * B A alone is supported."
        )

    def _check_changes(self, module: str) -> None:
        """Refuse matrices that peft would pass over."""
        if len(module) > LONGEST_NAME:
            found = f"has a module whose name is {len(module):,} letters long"
            raise SourceError(f"{self.path / WEIGHTS}: {found}; {LONGEST_NAME} are read.")
        try:
            key = self.config.targets.left_out_by(module)
        except PatternError as error:
            raise SourceError(f"{self.path / CONFIG}, target_modules or exclude_modules: {error}") from error
        if key is None:
            return
        but = "is none of the target_modules" if key == "target_modules" else f"is left out by {key}"
        raise SourceError(
            f"{self.path}: has matrices for {module}, which {but} of {CONFIG}; both of one adapter are needed."
        )

    def _check_pair(self, module: str) -> None:
        rank = self.config.rank_of(module)
        for end, axis in ((A, 0), (B, 1)):
            name = PREFIX + module + end
            if name not in self._store.names:
                raise SourceError(f"{self.path / WEIGHTS}: has no {name!r}; lora_A and lora_B of a module are needed.")
            shape = self._store.shape(name)
            if len(shape) != 2 or shape[axis] != rank:
                needed = f"{CONFIG} needs {rank} {('rows', 'columns')[axis]}, its rank"
                raise SourceError(f"{self.path / WEIGHTS}, {name}: is {_by(shape)}; {needed}.")

    def _check_sizes(self, module: str, weight: str, checkpoint: Checkpoint, *, turned: bool) -> None:
        outs, ins = self._store.shape(PREFIX + module + B)[0], self._store.shape(PREFIX + module + A)[1]
        needed, found = (ins, outs) if turned else (outs, ins), checkpoint.shape(weight)
        if found != needed:
            raise SourceError(
                f"{self.path}: adds a matrix of {_by(needed)} to {module}, which in {checkpoint.path} is "
                f"{_by(found)}; an adapter of this very model is needed."
            )


class Updates:
    """What is added to the weights of a model; to none of them without an adapter."""

    def __init__(self, by_name: Mapping[str, Update]) -> None:
        """Read nothing yet.

        Args:
            by_name: As `Adapter.updates` gives them.
        """
        self._by_name = by_name

    def __bool__(self) -> bool:
        return bool(self._by_name)

    def of(self, parameter: str) -> Update | None:
        """What is added to a parameter, however its name is written."""
        return self._by_name.get(bare_name(parameter))

    def onto(self, checkpoint: Checkpoint) -> Checkpoint:
        """The same model with all of it merged in."""
        return checkpoint.over(lambda base: AdaptedStore(base, self)) if self else checkpoint

    def stores(self) -> dict[int, Store]:
        """The files that it lies in."""
        return {id(update.store): update.store for update in self._by_name.values()}


class AdaptedStore:
    """The weights of a base with those of an adapter merged into them; read in float64, where they are changed."""

    def __init__(self, base: Store, updates: Updates) -> None:
        """Read nothing yet.

        Args:
            base: The weights as they are without it.
            updates: What is added.
        """
        self.bytes_read = base.bytes_read
        self._base = base
        self._stores = (base, *updates.stores().values())
        self._updates = updates

    @property
    def names(self) -> Collection[str]:
        """Every weight's name."""
        return self._base.names

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that the base's weights lie in."""
        return self._base.files

    def shape(self, name: str) -> tuple[int, ...]:
        """A weight's shape."""
        return self._base.shape(name)

    def dtype(self, name: str) -> str:
        """What the base's weight is stored as."""
        return self._base.dtype(name)

    def stored_bytes(self, name: str) -> int:
        """How many bytes the base's weight takes in its file."""
        return self._base.stored_bytes(name)

    def check(self, name: str) -> None:
        """Refuse a weight of the base that cannot be read.

        Raises:
            SourceError: as `Checkpoint.check`.
        """
        self._base.check(name)

    def lend(self, name: str) -> Tensor:
        """A whole weight, to compute with at once and not to keep.

        Raises:
            SourceError: as `read`.
        """
        return self._merged(name, self._base.lend(name), None, None)

    def read(self, name: str, rows: slice | None, columns: slice | None) -> Tensor:
        """A weight or a part of it, on the CPU.

        Raises:
            SourceError: the weight is stored in a way that cannot be read.
        """
        return self._merged(name, self._base.read(name, rows, columns), rows, columns)

    def release(self) -> None:
        """Let go of what was read of the files."""
        for store in self._stores:
            store.release()

    def _merged(self, name: str, stored: Tensor, rows: slice | None, columns: slice | None) -> Tensor:
        update = self._updates.of(name)
        merged = stored if update is None else stored.double() + update.part(rows, columns)
        self.bytes_read = sum(store.bytes_read for store in self._stores)
        return merged


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(str(size) for size in shape) or "a single number"
