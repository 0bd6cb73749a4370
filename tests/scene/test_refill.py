"""Another layer, head, prompt or model in a document: what can be picked, what changes and what is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mmviz.errors import SceneError
from mmviz.machine.shipped import find_scene, scene_names
from mmviz.scene.changes.refill import picks, refilled, why_no_other_layer, why_no_other_model
from mmviz.scene.changes.rewording import said_of_another, said_of_model, without_shares
from mmviz.scene.document import Document, from_mapping, load, to_mapping
from mmviz.scene.keys.model_sizes import ModelSizes

SIZES = ModelSizes("tiny", 4, 6, 2, 48, 8, 64, True, "llama")


def shipped(name: str) -> Document:
    place = find_scene(name)
    assert place is not None
    return load(place)


def document(tensors: dict[str, Any], expr: str = "A @ B", **parts: Any) -> Document:
    model = parts.pop("model", {"path": "org/tiny-7b", "prompt": "some words"})
    return from_mapping({"expr": expr, "tensors": tensors, "model": model, **parts}, "scene")


def refill(old: Document, **chosen: Any) -> Document:
    return from_mapping(to_mapping(old) | refilled(old, **chosen), "scene")


def weights(first: str, second: str, head: int | None = None) -> dict[str, Any]:
    of = {} if head is None else {"head": head}
    return {"A": {"weight": first, **of}, "B": {"weight": second, **of}}


def test_what_is_picked_in_an_attention_head() -> None:
    found = picks(shipped("attention_head"))
    assert (found.layer, found.head, found.model) == (1, 2, "../assets/smollm2-135m-2layers")
    assert (found.prompt or "").startswith("When a word wants to know")
    assert found.why_no_layer == found.why_no_head == ""


def test_what_is_picked_in_a_scene_of_all_heads() -> None:
    found = picks(shipped("all_heads"))
    assert (found.layer, found.head, found.heads) == (1, None, tuple(range(9)))
    assert found.why_no_head == "this scene shows 9 heads together (0, 1, 2, 3 ...), so that one alone cannot be picked"


def test_a_scene_without_a_model_has_nothing_to_pick() -> None:
    found = picks(shipped("matmul"))
    assert (found.model, found.layer, found.head, found.prompt) == (None, None, None, None)
    with pytest.raises(SceneError, match=r"^model: this scene takes no numbers from a model"):
        refilled(shipped("matmul"), layer=0)


def test_another_head_and_layer_stand_everywhere() -> None:
    old = shipped("attention_head")
    new = refill(old, layer=0, head=7)
    assert (picks(new).layers, picks(new).heads) == ((0,), (7,))
    assert new.title.endswith(": SmolLM2-135M, layer 0, head 7")
    one = to_mapping(old) | {"title": new.title}
    text = (
        str(one).replace("blocks.1.", "blocks.0.").replace("'head': 2", "'head': 7").replace("'layer': 1", "'layer': 0")
    )
    assert str(to_mapping(new) | {"title": new.title}) == text  # nothing else has changed


@pytest.mark.parametrize("name", scene_names())
def test_refilling_with_what_is_there_changes_nothing(name: str) -> None:
    old = shipped(name)
    found = picks(old)
    if found.model is not None:
        assert refilled(old, layer=found.layer, head=found.head, prompt=found.prompt, model=found.model) == {}


@pytest.mark.parametrize("name", scene_names())
def test_there_and_back_gives_the_same_sources(name: str) -> None:
    old = shipped(name)
    found = picks(old)
    if found.layer is not None:
        there = refill(old, layer=found.layer + 5, head=None if found.head is None else found.head + 3)
        assert picks(there).layer == found.layer + 5
        back = refill(there, layer=found.layer, head=found.head)
        assert (back.tensors, back.checks, back.model) == (old.tensors, old.checks, old.model)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("blocks.1.attn.W_Q", "blocks.12.attn.W_Q"),
        ("model.layers.1.self_attn.q_proj.weight", "model.layers.12.self_attn.q_proj.weight"),
        ("layers.1.mlp.up_proj.weight", "layers.12.mlp.up_proj.weight"),
        ("transformer.h.1.attn.c_attn.weight", "transformer.h.12.attn.c_attn.weight"),
        ("h.1.ln_1.weight", "h.12.ln_1.weight"),
        ("_orig_mod.model.layers.1.mlp.up_proj.weight", "_orig_mod.model.layers.12.mlp.up_proj.weight"),
    ],
)
def test_the_layer_stands_in_names_of_every_kind(name: str, other: str) -> None:
    old = document(weights(name, "embed.W_E"))
    assert picks(old).layer == 1
    assert [source.model_dump()["weight"] for source in refill(old, layer=12).tensors.values()] == [other, "embed.W_E"]


@pytest.mark.parametrize("name", ["embed.W_E", "lm_head.weight", "model.norm.weight", "blocks.01.attn.W_Q", "h.x.1"])
def test_other_names_have_no_layer(name: str) -> None:
    found = picks(document(weights(name, name)))
    assert found.layers == ()
    assert found.why_no_layer == "this scene shows nothing of a single layer"


def test_several_layers_cannot_be_one() -> None:
    old = document(weights("blocks.0.attn.W_O", "blocks.1.attn.W_Q"))
    assert picks(old).layer is None
    with pytest.raises(SceneError) as caught:
        refilled(old, layer=2)
    assert str(caught.value) == (
        "layer: this scene shows 2 layers together (0, 1), so that one alone cannot be picked."
    )


def test_a_check_of_another_head_counts() -> None:
    tensors = weights("blocks.1.attn.W_V", "blocks.1.attn.W_O", head=2)
    checks = {"A": {"activation": "blocks.1.attn.hook_v", "head": 0}}
    assert picks(document(tensors, checks=checks)).heads == (0, 2)


def test_all_heads_keep_their_numbers_in_another_layer() -> None:
    old = shipped("all_heads")
    new = refill(old, layer=0)
    assert (picks(new).layer, picks(new).heads) == (0, picks(old).heads)
    assert new.title == "All heads of a layer add up: SmolLM2-135M, layer 0"
    with pytest.raises(SceneError, match=r"^head: this scene shows 9 heads together"):
        refilled(old, head=0)


def test_another_prompt_takes_the_place_of_token_ids() -> None:
    tensors = weights("blocks.0.attn.W_Q", "blocks.0.attn.W_O")
    old = document(tensors, model={"path": "m", "tokens": [1, 2], "dtype": "float64"})
    new = refill(old, prompt="  two words ")
    assert new.model is not None
    assert (new.model.prompt, new.model.tokens, new.model.dtype) == ("  two words ", None, "float64")


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"prompt": " \n"}, "prompt: is empty; a text is needed."),
        ({"model": ""}, "model: is empty; the name of a model is needed."),
        ({"head": -1}, "head: must be 0 or more, got -1."),
        ({"layer": -2}, "layer: must be 0 or more, got -2."),
    ],
)
def test_what_cannot_be_is_refused(chosen: dict[str, Any], message: str) -> None:
    with pytest.raises(SceneError) as caught:
        refilled(shipped("attention_head"), **chosen)
    assert str(caught.value) == message


def test_captions_and_chapters_say_which_head_it_is() -> None:
    old = document(
        weights("blocks.1.attn.W_Q", "blocks.1.attn.W_O", head=2),
        title="Layer 1, head 2 of tiny-7B",
        captions=[{"start": "A", "text": "What head 2 reads in layer 10"}],
        animation={"speed": 3, "chapters": [{"caption": "Head 2 again"}, {"speed": 2}]},
    )
    new = refill(old, layer=3, head=5, model="other/large")
    assert new.title == "Layer 3, head 5 of large"
    assert new.captions[0].text == "What head 5 reads in layer 10"
    assert [chapter.caption for chapter in new.animation.chapters] == ["Head 5 again", None]
    assert new.animation.speed == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("head 2", "head 5"),
        ("Head 2's pattern", "Head 5's pattern"),
        ("overhead 2, head 20, heads 2, head 2.5, ahead 2", "overhead 2, head 20, heads 2, head 2.5, ahead 2"),
        ("key-value head 2 and kv head 2", "key-value head 2 and kv head 2"),
        ("head 2, not head 3", "head 5, not head 3"),
    ],
)
def test_only_whole_words_are_said_of_another(text: str, said: str) -> None:
    assert said_of_another(text, [("head", 2, 5)]) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wQ, rank 3 of 8: 18 % of its energy", "wQ, rank 3 of 8"),
        ("rank 2 of 8: wQ 14 %, wK 10.5 % of their energy", "rank 2 of 8: wQ, wK"),
        ("wQ, rank 2 of 8: 14 %; wV, rank 1 of 4: 99.97 % of their energy", "wQ, rank 2 of 8; wV, rank 1 of 4"),
        ("18 % of the words", "18 % of the words"),
    ],
)
def test_shares_of_energy_are_not_said_of_another_head(text: str, said: str) -> None:
    assert without_shares(text) == said


def test_another_head_of_a_scene_of_singular_values_has_captions_without_shares() -> None:
    document = shipped("svd_head")
    before = [chapter.caption for chapter in document.animation.chapters if chapter.caption]
    parts = refilled(document, head=3)
    after = [chapter["caption"] for chapter in parts["animation"]["chapters"] if chapter.get("caption")]
    assert len(after) == len(before) > 0
    assert any("energy" in caption for caption in before)
    assert not any("energy" in caption or "%" in caption for caption in after)


def test_a_title_does_not_claim_of_another_head_what_is_true_of_one() -> None:
    title = "An attention head that looks at the previous token: SmolLM2-135M, layer 1, head 2"
    assert said_of_another(title, [("head", 2, 5)], title=True) == "An attention head: SmolLM2-135M, layer 1, head 5"
    assert said_of_another(title, [("head", 7, 5)], title=True) == title


@pytest.mark.parametrize(
    ("text", "old", "new", "said"),
    [
        ("A head: SmolLM2-135M, layer 1", "../assets/smollm2-135m-2layers", "gpt2", "A head: gpt2, layer 1"),
        ("A head: SmolLM2-135M, layer 1", "../assets/smollm2-135m-2layers", "smollm2-135m", None),
        ("org/small-1b: layer 0", "org/small-1b", "org/large-7b@main", "large-7b: layer 0"),
        ("a-model: layer 0", "models/a-model", "/far/b.gguf", "b: layer 0"),
        ("A small model: a head", "a-small-model", "gpt2", None),
    ],
)
def test_a_model_is_called_by_its_new_name(text: str, old: str, new: str, said: str | None) -> None:
    assert said_of_model(text, old, new) == (said or text)


def test_a_title_that_would_be_too_long_stays() -> None:
    old = document(weights("blocks.0.attn.W_Q", "blocks.0.attn.W_O"), title="tiny-7b: " + "x" * 185)
    assert "title" not in refilled(old, model="organization/" + "n" * 90)


@pytest.mark.parametrize(
    ("name", "other", "why"),
    [
        ("attention_head", {}, ""),
        ("attention_head", {"heads": 2}, "other has no head 2; its heads go from 0 to 1"),
        ("attention_head", {"layers": 1}, "other has no layer 1; its layers go from 0 to 0"),
        ("attention_head", {"heads": 32, "kv_heads": 8, "d_model": 4096}, ""),
        ("attention_head", {"arithmetic": "gpt2"}, "other computes its layers otherwise than tiny"),
        ("all_heads", {"heads": 12}, "other has 12 heads and 3 key-value heads, tiny 9 heads and 3 key-value heads"),
    ],
)
def test_a_scene_is_kept_for_models_that_it_is_right_for(name: str, other: dict[str, Any], why: str) -> None:
    sizes = replace(SIZES, heads=9, kv_heads=3)
    assert why_no_other_model(shipped(name), sizes, replace(sizes, name="other", **other)) == why


def test_products_of_weights_are_right_for_every_model() -> None:
    circuit = document(weights("blocks.1.attn.W_V", "blocks.1.attn.W_O", head=2))
    assert why_no_other_model(circuit, SIZES, replace(SIZES, name="other", arithmetic="gpt2")) == ""
    assert why_no_other_layer(circuit, replace(SIZES, layers_alike=False)) == ""


def test_a_factor_that_goes_with_the_layer_keeps_it() -> None:
    head = shipped("attention_head")
    assert why_no_other_layer(head, SIZES) == ""
    assert why_no_other_layer(head, replace(SIZES, layers_alike=False)) == (
        "what tiny does to scores goes with the layer, and stands in this scene's expression"
    )


def test_paths_of_shipped_scenes_stay_relative() -> None:
    assert not any(Path(picks(shipped(name)).model or ".").is_absolute() for name in scene_names())
