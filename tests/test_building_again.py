"""Another layer, head or model of a scene that a builder made is what the builder makes of it, and changes stay."""

from pathlib import Path
from typing import Any

import pytest

from mmviz import MmvizError, Scene
from mmviz.builders.again import built_again
from mmviz.builders.forms import WeightForms
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene, layer_scene
from mmviz.errors import SceneError
from mmviz.scene.document import Document, from_mapping, parts_of, to_mapping
from mmviz.scene.keys.made_by import MadeBy
from mmviz.scene.keys.sources import WeightSource
from tests.values.variants import VARIANTS, save_variant

SCENES = Path(__file__).parents[1] / "scenes"
TOKENS = (3, 1, 4, 1, 5, 9)


@pytest.fixture(scope="module", params=VARIANTS)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("model"), request.param)


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("gpt2"), "gpt2")


def reading(model: Path | str) -> Reading:
    return Reading(str(model), tokens=TOKENS, device="cpu")


def again(scene: Scene, **picked: Any) -> Document:
    found = built_again(scene.document, scene.folder, **picked)
    assert found is not None
    return found


def test_another_head_of_another_layer_is_what_the_builder_makes_of_it(place: Path) -> None:
    for form in ("steps", "circuits"):
        made = head_scene(reading(place), 0, 0, form)
        assert again(made, layer=1, head=1) == head_scene(reading(place), 1, 1, form).document
        assert again(made, layer=0, head=0) == made.document


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("all_heads", "All heads of a layer add up: SmolLM2-135M, layer {}"),
        ("attention_head", "An attention head: SmolLM2-135M, layer {}, head 2"),
        ("attention_tour", "A tour of an attention head: SmolLM2-135M, layer {}, head 2"),
        ("decoding", "Decoding with a key-value cache: SmolLM2-135M, layer {}, head 2"),
        ("transformer_layer", "A whole transformer layer: SmolLM2-135M, layer {}"),
    ],
)
def test_a_shipped_scene_of_a_model_is_built_again_for_another_layer(name: str, title: str) -> None:
    scene = Scene.load(SCENES / f"{name}.yaml")
    assert scene.document.made_by is not None
    other = 1 - scene.document.made_by.layer
    built = again(scene, layer=other)
    assert (built.title, built.expr) == (title.format(other), scene.document.expr)
    assert {source.weight.split(".")[1] for source in built.tensors.values() if isinstance(source, WeightSource)} == {
        str(other)
    }


@pytest.mark.parametrize(
    "forms",
    [
        WeightForms(svd={"Q": 3}),
        WeightForms(ranks={"Q": 2, "K": 2}),
        WeightForms(ranks={"V": 2}, difference="out"),
        WeightForms(ranks={"Q": 2}, difference="pattern"),
    ],
    ids=["svd", "ranks", "out", "pattern"],
)
def test_another_head_is_built_in_the_same_form(forms: WeightForms, gpt2: Path) -> None:
    made = head_scene(reading(gpt2), 0, 0, forms=forms)
    assert again(made, head=1) == head_scene(reading(gpt2), 0, 1, forms=forms).document


@pytest.mark.parametrize("part", ["attention", "mlp", "layer"])
def test_another_layer_is_built_of_the_same_part(part: Any, gpt2: Path) -> None:
    made = layer_scene(reading(gpt2), 0, part)
    assert again(made, layer=1) == layer_scene(reading(gpt2), 1, part).document
    assert built_again(made.document, made.folder, head=1) is None  # it shows them all


def test_another_model_gets_an_expression_of_its_own(place: Path, gpt2: Path) -> None:
    made = head_scene(reading(gpt2), 1, 1)
    other = again(made, model=str(place))
    assert other == head_scene(reading(place), 1, 1).document
    Scene.of(other, made.folder).values()  # they fit


def test_what_was_changed_since_stays(gpt2: Path) -> None:
    made = head_scene(reading(gpt2), 0, 0)
    captions = [to_mapping(made.document)["captions"][0], {"start": "attn", "text": "Head 0 looks back"}]
    changed = made.changed(
        title="My layer 0, head 0",
        camera={"direction": [1, 2, 3], "inset": "attn"},
        style={"before": made.document.style.before, "names": False, "badge": True},
        animation={**to_mapping(made.document)["animation"], "speed": 3},
        captions=captions,
        partition={"tokens": 2},
        tensors={**made.document.tensors, "wV": {"init": "gaussian", "shape": [32, 8]}},
        export={"fps": 50},
    )
    new = again(changed, layer=1, head=1)
    built = head_scene(reading(gpt2), 1, 1).document
    assert new.title == "My layer 1, head 1"
    assert new.camera == changed.document.camera
    assert (new.style, new.export, new.partition) == (
        changed.document.style,
        changed.document.export,
        changed.document.partition,
    )
    assert new.animation == built.animation.model_copy(update={"speed": 3.0})
    assert [caption.text for caption in new.captions] == [built.captions[0].text, "Head 1 looks back"]
    assert new.tensors == {**built.tensors, "wV": changed.document.tensors["wV"]}
    assert new.made_by == MadeBy(layer=1, head=1)
    assert (new.checks, new.expr) == (built.checks, built.expr)


def test_what_is_said_of_matrices_that_the_other_has_not_is_left_out(tmp_path: Path) -> None:
    gated = layer_scene(reading(save_variant(tmp_path / "llama", "llama")), 0, "mlp")
    captions = [{"start": "gate", "text": "g"}, {"start": "hidden", "text": "h"}]
    changed = gated.changed(captions=captions, camera={"keyframes": [{"focus": "gate"}]})
    other = again(changed, model=str(save_variant(tmp_path / "gpt2", "gpt2")))
    assert [caption.start for caption in other.captions] == ["hidden"]
    assert other.camera.keyframes == ()


def test_a_scene_whose_expression_was_changed_is_only_filled_anew(gpt2: Path) -> None:
    made = head_scene(reading(gpt2), 0, 0)
    edited = made.edited("input @ wQ")
    assert edited.document.made_by == made.document.made_by
    assert built_again(edited.document, edited.folder, head=1) is None
    back = edited.edited(made.document.expr)
    assert again(back, head=1).expr == head_scene(reading(gpt2), 0, 1).document.expr


def test_a_scene_that_nobody_built_or_whose_model_is_gone_is_only_filled_anew(gpt2: Path) -> None:
    shipped = Scene.load("attention_head").changed(made_by=None)
    assert built_again(shipped.document, shipped.folder, head=1) is None
    gone = head_scene(reading(gpt2), 0, 0).document
    assert gone.model is not None
    gone = gone.model_copy(update={"model": gone.model.model_copy(update={"path": "nowhere/at/all/x"})})
    assert built_again(gone, Path(), head=1) is None


def test_a_head_that_there_is_not_is_refused(gpt2: Path) -> None:
    made = head_scene(reading(gpt2), 0, 0)
    with pytest.raises(MmvizError, match="got head 99"):
        built_again(made.document, made.folder, head=99)


def test_a_scene_is_built_again_from_the_file_that_it_was_saved_in(gpt2: Path, tmp_path: Path) -> None:
    made = head_scene(reading(gpt2), 0, 0)
    made.save(tmp_path / "head.yaml")
    loaded = Scene.load(tmp_path / "head.yaml")
    assert loaded.document.made_by == MadeBy(layer=0, head=0)
    new = loaded.changed(**parts_of(again(loaded, head=1)))
    expected = head_scene(reading(gpt2), 0, 1).values()
    assert new.values().keys() == expected.keys()
    assert all((new.values()[path] == expected[path]).all() for path in expected)


@pytest.mark.parametrize(
    ("made_by", "message"),
    [
        ({"layer": 0}, "scene, made_by: needs a head or a part, one of them."),
        ({"layer": 0, "head": 1, "part": "mlp"}, "scene, made_by: needs a head or a part, one of them."),
        (
            {"layer": 0, "part": "mlp", "svd": {"Q": 2}},
            "scene, made_by: form, svd, ranks and difference are of a head; a part has none of them.",
        ),
        ({"layer": 0, "head": -1}, "scene, made_by.head: must be 0 or more, got -1."),
        ({"layer": 0, "head": 0, "svd": {"X": 1}}, "scene, made_by.svd: unknown key 'X'; known keys: K, O, Q, V."),
    ],
)
def test_what_no_builder_makes_is_refused(made_by: dict[str, Any], message: str) -> None:
    with pytest.raises(SceneError) as caught:
        from_mapping({"expr": "A", "tensors": {"A": {"init": "eye"}}, "made_by": made_by}, "scene")
    assert str(caught.value) == message
