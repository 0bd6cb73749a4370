"""What a scene of a model's matrices says of them."""

from mmviz.builders.opening import Reading, opened
from mmviz.builders.parts import Parts
from mmviz.builders.scene_of import scene_of

MODEL = "smollm2-135m-2layers"


def test_a_scene_says_its_model_and_layer_and_takes_the_files_that_were_opened() -> None:
    model = opened(Reading(MODEL, tokens=(1, 2, 3), device="cpu"), 1)
    parts = Parts(model.config, 1)
    x = parts.activation("x", "hook_resid_pre")
    scene = scene_of(model, parts, (x @ parts.weight("w", "mlp.W_in")).named("out"), "some of it", {"out": "So"}, False)
    assert scene.document.title == f"{MODEL}: layer 1, some of it"
    assert scene.document.captions[0].text == "So"
    assert scene.opened == (model.checkpoint, None)
    assert scene.shapes.of[""] == (3, 1536)
