"""What is said of single matrices: where their numbers come from, in words, over all scenes that come with mmviz."""

import numpy as np
import pytest

from mmviz import Scene
from mmviz.machine.shipped import scene_names
from mmviz.scene.language.tree import computed, find, walk
from mmviz.viewer.tabs.scene.kind_icons import sign_of
from mmviz.viewer.tabs.scene.node_facts import hook, kind, origin


def told(scene: Scene, name: str) -> str:
    found = find(scene.root, name)
    assert found is not None
    return origin(found, scene.root, scene.document, scene.model_sizes)


@pytest.mark.parametrize("name", scene_names())
def test_every_matrix_says_what_it_is_and_where_its_numbers_come_from(name: str) -> None:
    scene = Scene.load(name)
    for node in walk(scene.root):
        short, long = kind(node, scene.root, scene.document), origin(node, scene.root, scene.document)
        assert "matrix" not in short
        assert long.split(":")[0] not in ("matrix", "")
        source = hook(node, scene.document)
        assert source in long, "the name by which the model has it"


def test_matrices_of_a_head_say_layer_head_weight_and_hook() -> None:
    scene = Scene.load("attention_head")
    model = "smollm2-135m-2layers"
    assert (
        told(scene, "wQ") == f"layer 1, head 2, W_Q of {model} (blocks.1.attn.W_Q), columns 128 to 191: makes queries"
    )
    assert told(scene, "input") == (
        f"layer 1, ln1.hook_normalized of {model} (blocks.1.ln1.hook_normalized): "
        "the residual stream, normalized for attention"
    )
    assert told(scene, "attn").splitlines() == [
        "computed: Q @ K.T",
        f"compared with layer 1, head 2, attn.hook_pattern of {model} (blocks.1.attn.hook_pattern): "
        "the attention pattern",
    ]
    assert told(scene, "K.T").splitlines()[1].startswith("compared with layer 1, head 2, attn.hook_rot_k")
    short = {node.name: kind(node, scene.root, scene.document) for node in walk(scene.root)}
    assert short["wQ"] == "layer 1, head 2, W_Q"
    assert short["attn"] == "product, scale, tril, softmax"


def test_a_matrix_that_is_shown_again_says_which_and_one_that_is_held_against_nothing_has_no_hook() -> None:
    scene = Scene("out = (x = A @ B) + x @ C", {name: {"init": "gaussian", "shape": [4, 4]} for name in "ABC"})
    again = [node for node in walk(scene.root) if kind(node, scene.root, scene.document) == "x again"]
    assert len(again) == 1
    assert hook(again[0], scene.document) == ""
    assert origin(again[0], scene.root, scene.document).splitlines() == ["shows x again", "computed: A @ B"]


def test_what_is_joined_cut_reduced_and_taken_says_so() -> None:
    ones = {"x": np.ones((4, 4)), "ids": np.zeros((4, 1))}
    scene = Scene("y = concat(x[:, 0:2], sum(x, 1), embed(ids, x)) / x[0, 1]", ones)
    nodes = list(walk(scene.root))
    words = {node.path: kind(node, scene.root, scene.document) for node in nodes}
    assert words[""] == "quotient"
    assert words["left"] == "3 parts side by side"
    assert words["left.part0"] == "some of x"
    assert words["left.part1"] == "sum of every row"
    assert words["left.part2"] == "rows taken of x"
    signs = {sign_of(node, scene.document) for node in nodes if computed(node)}
    assert signs == {"slice", "reduced", "taken", "join", "quotient"}
    assert told(scene, "left.part1") == "computed: sum(x, 1)"
