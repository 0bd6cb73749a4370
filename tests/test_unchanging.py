"""A scene never changes: what it hands out is not written to, what is remembered goes along, another is made anew."""

import pickle
from typing import Any

import numpy as np
import pytest

from mmviz import MmvizError, Scene
from mmviz.scene.changes.refill import picks

SCENE = Scene("C = A @ B", {"A": [[1, 2], [3, 4]], "B": [[5, 6], [7, 8]]})


def test_no_array_that_pictures_are_made_of_can_be_written_to() -> None:
    place = SCENE.layout()["left"]
    arrays: list[Any] = [*SCENE.values().values(), place.origin, place.down, place.across]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[:] = -1


@pytest.mark.parametrize("name", ["document", "folder", "where"])
def test_what_a_scene_is_cannot_be_replaced(name: str) -> None:
    with pytest.raises(AttributeError) as caught:
        setattr(SCENE, name, 3)
    assert str(caught.value) == f"{name}: a scene never changes; scene.changed(...) makes another one."


def test_what_is_remembered_goes_through_pickle() -> None:
    edited = SCENE.changed(title="A product").edited("C = A")
    again: Scene = pickle.loads(pickle.dumps(edited))
    assert again.doubts() == edited.doubts() != ()
    np.testing.assert_array_equal(again.edited("C = A @ B").values()["right"], SCENE.values()["right"])


def test_numbers_of_numpy_are_taken_in_every_part_of_a_document() -> None:
    said: dict[str, Any] = {"partition": {"i": 2, "C": {"k": 2}}, "layout": {"gap": 2.5}, "animation": {"hold": 1.0}}
    numpy: dict[str, Any] = {
        "partition": {"i": np.int64(2), "C": {"k": np.uint8(2)}},
        "layout": {"gap": np.float32(2.5)},
        "animation": {"hold": np.array(1.0)},
    }
    assert SCENE.changed(**numpy).document == SCENE.changed(**said).document
    tensors = {"A": {"init": "eye", "shape": [np.int32(2), np.int64(3)]}}
    assert Scene("A", tensors).shapes.of[""] == (2, 3)


@pytest.mark.parametrize(
    ("tensors", "called"), [([1], "a list"), (np.eye(2), "a ndarray"), ([np.eye(2)], "a list"), (3, "an int")]
)
def test_tensors_without_names_are_refused(tensors: Any, called: str) -> None:
    needed = 'must be a mapping from the names of expr to their numbers, such as {"A": A}'
    with pytest.raises(MmvizError) as caught:
        Scene("A @ B", tensors)
    assert str(caught.value) == f"scene, tensors: {needed}, got {called}."
    with pytest.raises(MmvizError) as caught:
        SCENE.changed(tensors=tensors)
    assert str(caught.value) == f"scene, tensors: {needed}, got {called}."


def test_another_head_has_other_numbers_and_says_so() -> None:
    scene = Scene.load("attention_head")
    other = scene.another(layer=0, head=4)
    assert picks(other.document).heads == (4,)
    assert other.doubts() == ()
    assert other.another(layer=1, head=2).document.tensors == scene.document.tensors


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"head": -1}, "head: must be 0 or more, got -1."),
        ({"head": "x"}, 'head: must be a whole number, got "x".'),
        ({"prompt": 3}, "prompt: must be text, got 3."),
    ],
)
def test_what_no_head_or_prompt_is_cannot_be_asked_for(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(MmvizError) as caught:
        Scene.load("attention_head").another(**asked)
    assert str(caught.value) == message


def test_a_making_that_the_scene_does_not_show_is_told() -> None:
    scene = Scene.load("attention_head").changed(made_by={"layer": 1, "head": 2})
    assert scene.doubts() == ()
    assert (
        scene.another(layer=0, head=4).document.made_by
        == scene.changed(made_by={"layer": 0, "head": 4}).document.made_by
    )
    assert scene.changed(made_by={"layer": 0, "head": 4}).doubts() == (
        "made_by: says layer 0, and nothing in the scene is taken from it",
        "made_by: says head 4, and nothing in the scene is taken from it",
    )
