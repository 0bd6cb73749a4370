"""Another layer, head or model of a scene that a builder made: built as it was, with what was changed since."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from mmviz.builders.forms import WeightForms
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene, layer_scene
from mmviz.errors import MmvizError, SceneError
from mmviz.scene.changes.carried_over import carried_over
from mmviz.scene.changes.refill import refilled
from mmviz.scene.document import Document, to_mapping
from mmviz.scene.keys.made_by import MadeBy, OfWeights


def built_again(
    document: Document,
    folder: Path,
    *,
    layer: int | None = None,
    head: int | None = None,
    model: str | None = None,
) -> Document | None:
    """The document of another layer, head or model; None where it cannot be built, but only filled anew.

    That is a document that no builder made, or whose expression was changed since.

    Args:
        document: Of a scene of a model.
        folder: What its relative paths start from.
        layer: From 0; None: as it is.
        head: From 0; None: as it is.
        model: A folder, a file, a name or a Hugging Face id; None: as it is.

    Raises:
        MmvizError: there is no such layer, head or model, or what was changed does not fit it.
    """
    made, reading = document.made_by, _reading(document, folder)
    if made is None or reading is None or (head is not None and made.head is None):
        return None
    try:
        before = _built(made, reading)
    except MmvizError:  # the model is not there any more, or is another one by now
        return None
    if before.text() != document.text():
        return None
    other = reading if model is None else replace(reading, model=_found(model.strip(), folder), adapter=None)
    wanted = {key: number for key, number in (("layer", layer), ("head", head)) if number is not None}
    after = _built(made.model_copy(update=wanted), other)
    content = to_mapping(document) | _said(document, layer, head, model)
    new_model = Document.model_validate({"expr": document.text(), "model": content["model"]}).model
    same = {"model": new_model, "made_by": after.made_by}  # in none of them it is a change of the person's
    mine, before, after = (one.model_copy(update=same) for one in (document, before, after))
    return carried_over(mine, before, after, content)


def _said(document: Document, layer: int | None, head: int | None, model: str | None) -> dict[str, Any]:
    """The parts of a document that name a layer, a head or a model, said of others, as far as they name one."""
    try:
        return refilled(document, layer=layer, head=head, model=model)
    except SceneError:  # it shows several layers or heads
        return refilled(document, model=model)


def _reading(document: Document, folder: Path) -> Reading | None:
    """What a builder reads to make a document."""
    model = document.model
    if model is None or (model.prompt is None) == (model.tokens is None):
        return None
    adapter = None if model.adapter is None else _found(model.adapter, folder)
    return Reading(
        _found(model.path, folder),
        model.prompt,
        model.tokens,
        device=model.device,
        dtype=model.dtype,
        adapter=adapter,
        special_tokens=model.special_tokens,
        stack=model.stack or "",
        cross=document.made_by is not None and document.made_by.cross,
        target=model.target,
        target_tokens=model.target_tokens,
    )


def _found(path: str, folder: Path) -> str:
    """A path from a scene's folder as one that leads there from anywhere; a name stays a name."""
    return str((folder / path).absolute()) if (folder / path).exists() else path


def _built(made: MadeBy, reading: Reading) -> Document:
    if made.head is None:
        return layer_scene(reading, made.layer, made.part or "layer", expert=made.expert).document
    forms = WeightForms(_numbers(made.svd), _numbers(made.ranks), made.difference)
    return head_scene(reading, made.layer, made.head, made.form, forms=forms).document


def _numbers(of_weights: OfWeights) -> dict[str, int]:
    return of_weights.model_dump(exclude_none=True)
