"""What lies below a deep layer: how much is read before its activations are there, and an input in its place."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mmviz.builders.opening import Opened
from mmviz.errors import SourceError
from mmviz.machine.listening import listening
from mmviz.pipeline import Scene
from mmviz.scene.keys.sources import ActivationSource

LEAST = 1_000_000_000
"""Bytes of layers below; of fewer nothing is said, for they are read within seconds."""
RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Below:
    """What is read before the activations of a scene are there."""

    layer: int  # the deepest whose activations the scene asks for
    size: int  # bytes of the layers below it that are computed, as stored
    first: int = 0  # the lowest of these: what enters it was kept when it was computed

    @property
    def layers(self) -> int:
        """How many are computed below the deepest."""
        return self.layer - self.first

    def __str__(self) -> str:
        them = "the layer below it computes" if self.layers == 1 else f"all {self.layers} layers below it compute"
        if self.first and self.layers > 1:
            them = f"the {self.layers} layers below it compute, from layer {self.first} on"
        size = f"{self.size / 1e9:,.1f} GB" if self.size >= LEAST else f"{self.size / 1e6:,.1f} MB"
        return f"layer {self.layer} needs what {them}: {size} are read first"


def below(scene: Scene, least: int = LEAST) -> Below | None:
    """The layers that are computed before the activations of a scene are there; None where that is little to read.

    Layers below one whose residual stream was kept in a file are not computed.

    Args:
        scene: Its numbers come from a model, or not.
        least: Bytes below which it is little.
    """
    from mmviz.values.families.names import SAID, in_which_layer

    tensors = scene.document.tensors.values()
    names = (in_which_layer(source.activation) for source in tensors if isinstance(source, ActivationSource))
    layers = [layer for layer, name in names if layer is not None and name not in SAID]
    if not any(layers):
        return None
    deepest = max(layers)
    if _size(scene, 0, deepest) < least:
        return None
    first = scene.sources.first_layer()
    size = _size(scene, first, deepest)
    return Below(deepest, size, first) if size >= least else None


def _size(scene: Scene, first: int, deepest: int) -> int:
    """Bytes of the layers below one, from another on, as stored."""
    model = scene.sources.model
    there, not_read = (model.parameters(count) for count in (deepest, first))
    return sum(model.checkpoint.stored_bytes(name) for name in there - not_read)


def compute_below(scene: Scene, read: Callable[[int], None]) -> None:
    """Compute the numbers of a scene, and say after every layer how many bytes of weights have been read.

    Raises:
        MmvizError: as `Scene.values`.
    """
    model = scene.sources.model
    before = model.checkpoint.bytes_read
    with listening(lambda *_: read(model.checkpoint.bytes_read - before)):
        scene.values()


def with_input(scene: Scene, given: str, model: Opened) -> Scene:
    """A scene of a head that reads other numbers than those of the layers below, which need not be read then.

    What is drawn is still computed with the head's own weights, but it is nothing that the model computes on its
    prompt: the scene has no checks, and says so in its title.

    Args:
        scene: Of a head, without a badge.
        given: "random": normal numbers, of variance 1 as after a norm; or a file with a matrix.
        model: Its model, and how many tokens it reads.

    Raises:
        SourceError: the file cannot be read, or is not (tokens, d_model).
    """
    from mmviz.values.tensors.matrix_files import read_shape

    needed = model.tokens, model.config.d_model
    source = {"init": "gaussian", "shape": needed} if given == RANDOM else {"file": given}
    if given != RANDOM and (found := read_shape(Path(given), None)) != needed:
        raise SourceError(
            f"{given}: is {found[0]}x{found[1]}; {needed[0]}x{needed[1]} is needed, a row for each token and a column "
            "for each number of the residual stream."
        )
    called = "random numbers" if given == RANDOM else Path(given).name
    return scene.changed(
        tensors={**scene.document.tensors, "input": source},
        checks={},
        title=f"{scene.document.title}, of {called} as input",
        made_by=None,
    )
