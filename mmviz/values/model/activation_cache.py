"""Activations that were computed lately, so that another head needs no forward pass; bounded, reads no file."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from threading import Lock

from torch import Tensor

from mmviz.values.families.names import in_which_layer
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
    """

    def __init__(self, model: Model, most_bytes: int = MOST_BYTES) -> None:
        self.model = model
        self._most = most_bytes
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
            computed = self.model.activations(ids, missing | set(self._on_the_way(len(ids), missing)))
            self._keep(ids, computed)
            found |= {name: computed[name] for name in missing}
        else:
            self._keep(ids, found)  # they were asked for last
        return found

    def _on_the_way(self, tokens: int, names: Iterable[str]) -> list[str]:
        """The same activations of the layers before, of those that are no larger than the residual stream."""
        earlier: list[str] = []
        for name in names:
            layer, short = in_which_layer(name)
            if layer is None or self.model.activation_axes(name) != ("tokens", "d_model"):
                continue
            size = tokens * self.model.config.d_model * 8  # bytes, at most
            if layer * size <= self._most // 2:
                earlier += [f"blocks.{number}.{short}" for number in range(layer)]
        return earlier

    def _keep(self, ids: tuple[int, ...], computed: dict[str, Tensor]) -> None:
        with self._lock:
            for name, value in computed.items():
                self._kept[ids, name] = value
                self._kept.move_to_end((ids, name))
            while self._kept and self.bytes_kept > self._most:
                self._kept.popitem(last=False)
