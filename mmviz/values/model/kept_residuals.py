"""Residual streams in the user's cache folder, so that a deep layer costs one layer when it is asked for again.

One file for each layer that a forward pass enters, whole or not there, with a checksum: what is damaged is computed
again, and a folder in which nothing can be written is no trouble. It is bounded; what was longest not used goes.
"""

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mmviz.errors import OutputError
from mmviz.machine.output_files import whole_file
from mmviz.values.families.costs import forward_operations
from mmviz.values.families.registry import names_of
from mmviz.values.files.checkpoint import bare_name
from mmviz.values.model.model import Model
from mmviz.values.model.pass_key import PassKeys
from mmviz.values.model.unread import layer_of

GIGABYTE = 1 << 30
KIND = ".safetensors"
NAME = "resid_pre"


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is kept, and how much of it."""

    least_bytes: int = 100_000_000  # of weights in the layers below a layer that is kept; or
    least_operations: int = 10_000_000_000  # that they take: less is computed again at once
    most_bytes: int = 4 * GIGABYTE  # of all files
    most_files: int = 4096
    of_free: float = 0.1  # of what is free on the disk, at most


class KeptResiduals:
    """The residual streams that enter the layers of one model, on the prompts that it has read lately.

    Args:
        model: What computes them.
        folder: Where they lie, those of other models, too; it need not be there.
        bounds: How much is kept.
    """

    def __init__(self, model: Model, folder: Path, bounds: Bounds = Bounds()) -> None:
        self._model = model
        self._folder = folder
        self._bounds = bounds

    def deepest(self, token_ids: Sequence[int], layer: int) -> tuple[int, Tensor] | None:
        """The deepest layer up to this one whose residual stream is kept, and that stream: (tokens, d_model)."""
        key = self._key(token_ids, layer)
        if key is None:
            return None
        for number in range(layer, 0, -1):
            found = self._read(self._file(key, number), self._told(key, number))
            if found is not None and found.shape == (len(token_ids), self._model.config.d_model):
                return number, found.to(self._model.device)
        return None

    def keeping(self, token_ids: Sequence[int], lowest: int, highest: int) -> Callable[[int, Tensor], None] | None:
        """What a pass over some layers tells them to, which keeps them; None where nothing is kept of it.

        Args:
            token_ids: What is read.
            lowest: The layer that the pass begins with.
            highest: The last that it enters, whose residual stream is kept first of all.
        """
        key = self._key(token_ids, highest)
        size = len(token_ids) * self._model.config.d_model * self._model.dtype.itemsize  # bytes of a layer's
        most = self._most()
        if key is None or size > most:
            return None
        every = max(1, -(-size * (highest - lowest) // most))  # rounded up

        def keep(layer: int, x: Tensor) -> None:
            chosen = layer == highest or layer % every == 0
            if chosen and lowest < layer <= highest and self._is_worth_it(layer, len(token_ids)):
                self._write(self._file(key, layer), x, self._told(key, layer))

        return keep

    @cached_property
    def _keys(self) -> PassKeys:
        return PassKeys(self._model)

    def _key(self, token_ids: Sequence[int], layer: int) -> str | None:
        """The word of the pass on a prompt; None where this layer, and so those below it, are not worth keeping."""
        return self._keys.of(token_ids) if self._is_worth_it(layer, len(token_ids)) else None

    def _is_worth_it(self, layer: int, tokens: int) -> bool:
        config, bounds = self._model.config, self._bounds
        if layer < 1:
            return False
        operations = forward_operations(config, tokens).layers * layer // config.layers
        return operations >= bounds.least_operations or self._bytes_below[layer] >= bounds.least_bytes

    @cached_property
    def _bytes_below(self) -> tuple[int, ...]:
        """Of the weights of all layers below each layer, as stored."""
        sizes = [0] * (self._model.config.layers + 1)
        beside = names_of(self._model.config).beside  # of another stack, which has layers of the same numbers
        for name in self._model.checkpoint.names:
            layer = None if bare_name(name).startswith(beside) else layer_of(bare_name(name))
            if layer is not None and layer < self._model.config.layers:
                sizes[layer + 1] += self._model.checkpoint.stored_bytes(name)
        return tuple(accumulate(sizes))

    def _file(self, key: str, layer: int) -> Path:
        return self._folder / f"{key[:40]}-{layer}{KIND}"

    def _told(self, key: str, layer: int) -> dict[str, str]:
        """What a file says about itself, but for its checksum."""
        return {"pass": key, "layer": str(layer), "holds": f"{self._model.config.blocks}.{layer}.hook_resid_pre"}

    def _read(self, file: Path, told: Mapping[str, str]) -> Tensor | None:
        """What a file holds; None where it is not there, damaged, or of another pass."""
        if not file.is_file():
            return None
        try:
            with safe_open(file, framework="pt") as opened:
                said = opened.metadata() or {}
                found: Tensor = opened.get_tensor(NAME).clone()
            if found.dtype == self._model.dtype and said == {**told, "sha256": _checksum(found)}:
                file.touch()  # it was used last
                return found
        except (OSError, SafetensorError):
            pass
        return None

    def _write(self, file: Path, x: Tensor, told: Mapping[str, str]) -> None:
        """Keep a residual stream, if it can be written, and nothing was written to the model's files meanwhile."""
        if not (x.is_contiguous() and self._keys.files_are_the_same()):
            return
        here = x.to("cpu")
        with suppress(OSError, OutputError, SafetensorError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with whole_file(file) as part:
                save_file({NAME: here}, part, {**told, "sha256": _checksum(here)})
            self._make_room(file)

    def _make_room(self, newest: Path) -> None:
        """Delete what was longest not used, until the rest is within the bounds."""
        found = [(file.stat(), file) for file in self._folder.glob(f"*{KIND}") if file != newest]
        room, files = self._room() - newest.stat().st_size, self._bounds.most_files - 1
        for state, file in sorted(found, key=lambda each: each[0].st_mtime_ns, reverse=True):
            room -= state.st_size
            files -= 1
            if room < 0 or files < 0:
                file.unlink(missing_ok=True)

    def _most(self) -> int:
        """Bytes that the files of one pass may take: half of the room, the rest of which is left to other prompts."""
        try:
            return self._room() // 2
        except OSError:
            return 0

    def _room(self) -> int:
        """Bytes that all files together may take.

        Raises:
            OSError: nothing can be known of the folder; or a file went while it was looked at.
        """
        there = self._folder
        while not there.exists() and there != there.parent:
            there = there.parent
        kept = sum(file.stat().st_size for file in self._folder.glob(f"*{KIND}"))
        free = shutil.disk_usage(there).free
        return min(self._bounds.most_bytes, int(kept + free * self._bounds.of_free))


def _checksum(x: Tensor) -> str:
    return hashlib.sha256(x.view(torch.uint8).numpy().data).hexdigest()
