"""Activations that were computed lately, so that another head needs no forward pass; bounded, in memory."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from threading import Lock

from torch import Tensor

from mmviz.values.families.names import FIRST, SAID, in_which_layer, layer_activations, seen_from_encoder
from mmviz.values.model.kept_residuals import KeptResiduals
from mmviz.values.model.model import Model

MOST_BYTES = 64 << 20
"""Of all activations that are kept together."""

Key = tuple[tuple[int, ...], str]
"""A prompt and the name of an activation."""


class KeptActivations:
    """The latest activations of one model, by prompt and name; what was longest not asked for goes first.

    A forward pass to a layer goes by all layers before it: what is small there is kept, too, so that these layers are
    there at once when they are asked for.

    Args:
        model: What computes them.
        most_bytes: Of what is kept; an activation that is larger alone is not kept.
        residuals: Where residual streams are kept in files, with which a pass begins as late as it can; None: nowhere.
    """

    def __init__(self, model: Model, most_bytes: int = MOST_BYTES, residuals: KeptResiduals | None = None) -> None:
        self.model = model
        self._most = most_bytes
        self._residuals = residuals
        self._kept: OrderedDict[Key, Tensor] = OrderedDict()
        self._lock = Lock()  # a window computes in a thread of its own

    @property
    def bytes_kept(self) -> int:
        """Size of what is kept."""
        return sum(value.nbytes for value in self._kept.values())

    def of(self, token_ids: Sequence[int], names: Collection[str]) -> dict[str, Tensor]:
        """Activations of a prompt, as `Model.activations` gives them; not to be written to.

        Raises:
            SourceError: as there.
        """
        ids = tuple(token_ids)
        with self._lock:
            found = {name: self._kept[ids, name] for name in names if (ids, name) in self._kept}
        missing = set(names) - set(found)
        if missing:
            computed = self._computed(ids, missing)
            self._keep(ids, computed)
            found |= {name: computed[name] for name in missing}
        else:
            self._keep(ids, found)  # they were asked for last
        return found

    def begins(self, token_ids: Sequence[int], names: Collection[str]) -> int:
        """The layer that a pass for these activations would begin with: 0, but where a residual stream is kept.

        Where all of them are kept, none is left for it.
        """
        ids = tuple(token_ids)
        with self._lock:
            missing = [name for name in names if (ids, name) not in self._kept]
        if not missing:
            return self.model.config.layers
        entering = self._entering(ids, missing)
        return 0 if entering is None else entering[0]

    def keeping(self, token_ids: Sequence[int]) -> Callable[[int, Tensor], None] | None:
        """What a pass over all layers tells every layer and the residual stream that enters it, which keeps some."""
        if self._residuals is None:
            return None
        return self._residuals.keeping(tuple(token_ids), 0, self.model.config.layers - 1)

    def _computed(self, ids: tuple[int, ...], names: set[str]) -> dict[str, Tensor]:
        if self._residuals is None:
            return self.model.activations(ids, names | set(self._on_the_way(len(ids), names)))
        entering = self._entering(ids, names)
        lowest = 0 if entering is None else entering[0]
        names = names | set(self._on_the_way(len(ids), names, lowest))
        passed = self._residuals.keeping(ids, lowest, self.model.layers_of(names) - 1)
        return self.model.activations(ids, names, entering=entering, passed=passed)

    def _entering(self, ids: tuple[int, ...], names: Collection[str]) -> tuple[int, Tensor] | None:
        """A layer that none of the activations lies below, and the residual stream that enters it, if one is kept."""
        if self._residuals is None:
            return None
        own = self._own(names)
        layers = [layer for layer, short in (in_which_layer(name) for name in own) if short not in SAID]
        if not layers or not set(FIRST).isdisjoint(own):
            return None
        last = self.model.config.layers - 1
        return self._residuals.deepest(ids, min(last if layer is None else min(layer, last) for layer in layers))

    def _on_the_way(self, tokens: int, names: Iterable[str], lowest: int = 0) -> list[str]:
        """The same activations of the layers before, of those that are no larger than the residual stream."""
        earlier: list[str] = []
        config = self.model.config
        for name in self._own(names):
            layer, short = in_which_layer(name)
            if layer is None or self.model.activation_axes(name) != ("tokens", "d_model"):
                continue
            size = tokens * config.d_model * 8  # bytes, at most
            if layer * size <= self._most // 2:
                numbers = (n for n in range(lowest, layer) if short in layer_activations(config, n))
                earlier += [f"{config.blocks}.{number}.{short}" for number in numbers]
        return earlier

    def _own(self, names: Iterable[str]) -> list[str]:
        """Those of the stack itself, not of one that its layers look at, too."""
        source = self.model.source
        return [name for name in names if source is None or seen_from_encoder(name) is None]

    def _keep(self, ids: tuple[int, ...], computed: dict[str, Tensor]) -> None:
        with self._lock:
            for name, value in computed.items():
                self._kept[ids, name] = value
                self._kept.move_to_end((ids, name))
            while self._kept and self.bytes_kept > self._most:
                self._kept.popitem(last=False)
