"""Another layer, head, prompt or model in the scene that is shown: what the tab Model and the grid of heads do."""

from mmviz.errors import SceneError
from mmviz.scene.changes.refill import picks, refilled, why_no_other_layer
from mmviz.scene.document import parts_of
from mmviz.viewer.session.shown_scene import BuildAgain, Opener, Shown, mapping


def another_head(scene: Shown, build_again: BuildAgain, *, layer: int | None, head: int | None) -> Shown:
    """The scene of another layer or head: built again, or filled anew where that is right.

    Args:
        scene: What is shown.
        build_again: Builds scenes that were built as they were.
        layer: From 0; None: as it is.
        head: From 0; None: as it is.

    Raises:
        MmvizError: there is no such layer or head, or the scene does not show just one.
    """
    built = build_again(scene.document, scene.folder, layer=layer, head=head)
    if built is not None:
        return scene.changed(**parts_of(built))
    sizes = scene.model_sizes
    reason = "" if layer is None or sizes is None else why_no_other_layer(scene.document, sizes)
    if reason and layer != picks(scene.document).layer:
        raise SceneError(f"layer: {reason}.")
    return filled_anew(scene, layer=layer, head=head)


def head_alone(scene: Shown, opener: Opener, build_again: BuildAgain, *, layer: int, head: int) -> Shown:
    """A new scene of one head, of the model and prompt of a scene that shows several heads, or none.

    Args:
        scene: What is shown.
        opener: Makes a scene of a model that is named.
        build_again: Builds scenes that were built as they were.
        layer: From 0.
        head: From 0.

    Raises:
        MmvizError: the model cannot be opened, or has an adapter, which a model that is named has not.
    """
    model = scene.document.model
    if model is None or model.adapter is not None:
        found = "no model" if model is None else f"the adapter {model.adapter}"
        raise SceneError(f"model: has {found}; one without an adapter is needed to open a head of it alone.")
    place = scene.folder / model.path
    opened = opener(str(place.absolute()) if place.exists() else model.path)
    if opened.document.model is None:
        raise SceneError(f"model {model.path}: is no model by itself; `mmviz head` makes a scene of one of its heads.")
    read = {**mapping(model), "path": opened.document.model.path}
    if model.stack == "decoder":
        raise SceneError(
            "model: its decoder is shown, of which no head is opened alone here; `mmviz head --stack decoder`, or "
            "--cross, makes a scene of one."
        )
    return another_head(opened.changed(model=read), build_again, layer=layer, head=head)


def filled_anew(
    scene: Shown,
    *,
    layer: int | None = None,
    head: int | None = None,
    prompt: str | None = None,
    target: str | None = None,
    model: str | None = None,
) -> Shown:
    """The same scene with other sources: of another layer, head, prompt or model.

    Raises:
        MmvizError: it shows no model, or not just one layer or head.
    """
    parts = refilled(scene.document, layer=layer, head=head, prompt=prompt, target=target, model=model)
    return scene.changed(**parts) if parts else scene
