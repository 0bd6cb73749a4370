"""Which of a model's parameters its files hold, and what else lies in them; reads headers, never weights."""

from dataclasses import dataclass

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.names import parameters
from mmviz.values.files.checkpoint import Checkpoint, bare_name
from mmviz.values.model.lookup import Lookup
from mmviz.values.model.unread import meaning_of

OTHER_STACK = "of the decoder; --stack decoder draws it"
"""What a tensor of a model of two stacks means that is not of its encoder."""


@dataclass(frozen=True, slots=True)
class Misshapen:
    """A parameter whose shape in the file is not the one that the configuration asks for."""

    name: str
    stored: tuple[int, ...]
    needed: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Extra:
    """A tensor that is no parameter of the model, and is not read."""

    name: str
    meaning: str
    dtype: str  # as the file says it
    size: int  # in bytes, as stored


@dataclass(frozen=True, slots=True)
class Stored:
    """All tensors of one dtype."""

    dtype: str  # as the file says it
    tensors: int
    size: int  # in bytes, as stored


@dataclass(frozen=True, slots=True)
class Inventory:
    """A model's files held against its configuration."""

    needed: int  # parameters
    missing: tuple[str, ...]
    misshapen: tuple[Misshapen, ...]
    extra: tuple[Extra, ...]
    stored: tuple[Stored, ...]  # the dtype with the most bytes first

    @property
    def size(self) -> int:
        """Of all tensors, in bytes as stored."""
        return sum(kind.size for kind in self.stored)


def take_inventory(config: ModelConfig, checkpoint: Checkpoint) -> Inventory:
    """Hold every tensor that the files have against every parameter that the model has, its encoder's, too."""
    needed: dict[str, tuple[int, ...]] = {}
    places: dict[str, str] = {}
    read: set[str] = set()
    for stack in (config.source, config):
        if stack is not None:
            shapes, stored_as, of_stack = _of_stack(stack, checkpoint)
            needed, places, read = needed | shapes, places | stored_as, read | of_stack
    there = [name for name in needed if places[name] in checkpoint]
    stored = {name: checkpoint.shape(places[name]) for name in there}
    bare = {bare_name(name) for name in read}
    lookup = Lookup(config, checkpoint)
    return Inventory(
        needed=len(needed),
        missing=tuple(name for name in needed if name not in stored),
        misshapen=tuple(Misshapen(name, stored[name], needed[name]) for name in there if stored[name] != needed[name]),
        extra=tuple(_extra(name, checkpoint, lookup) for name in checkpoint.names if bare_name(name) not in bare),
        stored=_by_dtype(checkpoint),
    )


def _of_stack(
    config: ModelConfig, checkpoint: Checkpoint
) -> tuple[dict[str, tuple[int, ...]], dict[str, str], set[str]]:
    """The shapes of a stack's parameters and what files call them, both by name; and all that is read of files."""
    sizes, lookup = config.sizes(), Lookup(config, checkpoint)
    needed = {name: tuple(sizes[axis] for axis in axes) for name, axes in parameters(config, lookup.names).items()}
    places = {name: lookup.of_model(name.removeprefix(lookup.names.prefix)) for name in needed}
    read = {*places.values(), lookup.unembedding} if config.unembeds else set(places.values())
    read |= set(lookup.names.unembedding_biases) if config.unembeds and config.unembed_bias else set()
    return needed, places, read


def _extra(name: str, checkpoint: Checkpoint, lookup: Lookup) -> Extra:
    bare = bare_name(name)
    meaning = OTHER_STACK if bare.startswith(lookup.names.beside) else meaning_of(bare)
    return Extra(name, meaning, checkpoint.dtype(name), checkpoint.stored_bytes(name))


def _by_dtype(checkpoint: Checkpoint) -> tuple[Stored, ...]:
    sizes: dict[str, list[int]] = {}
    for name in checkpoint.names:
        sizes.setdefault(checkpoint.dtype(name), []).append(checkpoint.stored_bytes(name))
    kinds = [Stored(dtype, len(of_dtype), sum(of_dtype)) for dtype, of_dtype in sizes.items()]
    return tuple(sorted(kinds, key=lambda kind: -kind.size))
