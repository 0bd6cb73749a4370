"""What lies below a deep layer: computed with word of how much has been read, and an input in its place."""

from collections.abc import Callable
from pathlib import Path

from mmviz.builders.opening import Opened
from mmviz.errors import SourceError
from mmviz.machine.listening import listening
from mmviz.pipeline import Scene

RANDOM = "random"


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
