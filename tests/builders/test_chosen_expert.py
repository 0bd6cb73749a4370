"""Scenes of experts: one, all, or their router where they are too many; which expert most tokens choose."""

import re
from pathlib import Path

import numpy as np
import pytest

from mmviz.builders.chosen_expert import MOST, drawn_together
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import LayerPart, layer_scene
from mmviz.errors import SourceError
from mmviz.pipeline import Scene
from mmviz.scene.language.tree import find
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from mmviz.values.tensors.below import below
from tests.values.test_experts import stacked
from tests.values.variants import save_variant

TOKENS = (3, 1, 4, 1, 5, 9, 2, 6)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("moe"), "qwen3_moe")


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return Model(Checkpoint.open(folder), "cpu")


def reading(folder: Path) -> Reading:
    return Reading(str(folder), tokens=TOKENS, device="cpu")


def drawn(scene: Scene, name: str) -> np.ndarray:
    node = find(scene.root, name)
    assert node is not None
    return scene.values()[node.path]


def off(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def test_one_expert_is_drawn_on_every_token_and_adds_nothing_where_it_is_not_chosen(folder: Path, model: Model) -> None:
    scene = layer_scene(reading(folder), 2, "mlp", expert=3)
    names = {name: check.activation for name, check in scene.document.checks.items()}
    found = model.activations(TOKENS, names.values())
    assert set(names) == {"weights", "up", "hidden", "given", "out"}
    for name, activation in names.items():
        assert off(drawn(scene, name), found[activation].numpy()) < 1e-5, name
    chosen = (model.activation(TOKENS, "blocks.2.mlp.hook_expert_indices") == 3).any(1).numpy()
    assert 0 < chosen.sum() < len(TOKENS)
    assert ((drawn(scene, "out") != 0).any(1) == chosen).all()
    assert scene.document.title == f"{folder.name}: layer 2, expert 3"
    assert scene.document.made_by is not None
    assert scene.document.made_by.expert == 3


@pytest.mark.parametrize("variant", ["qwen2_moe", "granitemoeshared"])
def test_the_expert_that_all_tokens_share_is_drawn_and_built_again(variant: str, tmp_path: Path) -> None:
    model = Model(Checkpoint.open(save_variant(tmp_path, variant)), "cpu")
    scene = layer_scene(reading(tmp_path), 2, "mlp", expert="shared")
    names = {name: check.activation for name, check in scene.document.checks.items()}
    assert set(names) == {"up_shared", "hidden_shared", "given_shared"}
    found = model.activations(TOKENS, names.values())
    for name, activation in names.items():
        assert off(drawn(scene, name), found[activation].numpy()) < 1e-5, name
    if model.config.experts.shared_gated:
        gate = model.activation(TOKENS, "blocks.2.mlp.shared.hook_gate").sigmoid()
        given = found["blocks.2.mlp.shared.hook_out"]
        assert off(drawn(scene, "out"), (given * gate).numpy()) < 1e-5
    assert scene.document.made_by is not None
    assert scene.document.made_by.expert == "shared"
    again = layer_scene(reading(tmp_path), 0, "mlp", expert=scene.document.made_by.expert)
    assert again.document.title == f"{tmp_path.name}: layer 0, the expert that all tokens share"


@pytest.mark.parametrize("variant", ["llama4", "dots1"])
def test_an_expert_beside_one_of_all_tokens_is_drawn_as_the_model_computes_it(variant: str, tmp_path: Path) -> None:
    model = Model(Checkpoint.open(save_variant(tmp_path, variant)), "cpu")
    scene = layer_scene(reading(tmp_path), 2, "mlp", expert="chosen")
    names = {name: check.activation for name, check in scene.document.checks.items()}
    assert {"weights", "up", "hidden", "out"} <= set(names)
    found = model.activations(TOKENS, names.values())
    for name, activation in names.items():
        assert off(drawn(scene, name), found[activation].numpy()) < 1e-5, name


def test_chosen_is_the_expert_that_most_tokens_choose_and_the_title_says_so(folder: Path, model: Model) -> None:
    numbers = model.activation(TOKENS, "blocks.0.mlp.hook_expert_indices").numpy()
    counts = [int((numbers == expert).any(1).sum()) for expert in range(9)]
    scene = layer_scene(reading(folder), 0, "mlp", expert="chosen")
    best = counts.index(max(counts))
    said = f"layer 0, expert {best}, which most tokens choose ({max(counts)} of {len(TOKENS)})"
    assert scene.document.title == f"{folder.name}: {said}"
    assert scene.document.made_by is not None
    assert scene.document.made_by.expert == best


def test_experts_that_are_too_many_to_be_seen_together_are_drawn_by_their_router(folder: Path, model: Model) -> None:
    assert model.config.experts.count == MOST + 1
    assert not drawn_together(model.config)
    scene = layer_scene(reading(folder), 0, "mlp")
    assert scene.document.title == f"{folder.name}: layer 0, the router of its 9 experts (--expert draws one)"
    weights = model.activation(TOKENS, "blocks.0.mlp.hook_expert_weights").numpy()
    assert off(drawn(scene, "weights"), weights) < 1e-5
    whole = layer_scene(reading(folder), 0)
    assert off(drawn(whole, "mlp_out"), model.activation(TOKENS, "blocks.0.hook_mlp_out").numpy()) < 1e-6
    assert off(drawn(whole, "out"), model.activation(TOKENS, "blocks.0.hook_resid_post").numpy()) < 1e-5


@pytest.mark.parametrize(("part", "path"), [("mlp", ""), ("layer", "right")])
def test_experts_that_can_be_seen_together_stand_in_a_grid(tmp_path: Path, part: LayerPart, path: str) -> None:
    scene = layer_scene(reading(save_variant(tmp_path, "mixtral")), 1, part)
    grid = scene.layout().grids[path]
    assert [term.name for term in grid.terms] == ["out0", "out1", "out2", "out3"]
    assert scene.notes() == ()


def test_how_much_is_read_below_a_layer_is_counted_however_experts_lie_in_files(tmp_path: Path) -> None:
    apart = save_variant(tmp_path / "apart", "mixtral")
    stacks = stacked(save_variant(tmp_path / "stacks", "mixtral"))
    scenes = (layer_scene(reading(folder), 2, "attention") for folder in (apart, stacks))
    sizes = {below(scene.document.tensors.values(), scene.sources, least=1) for scene in scenes}
    (found,) = sizes
    assert found is not None
    assert found.layers == 2


@pytest.mark.parametrize(
    ("layer", "part", "expert", "message"),
    [
        (0, "layer", 1, "expert 1 is of an MLP, and the part layer is wanted; the part mlp is needed."),
        (1, "mlp", "chosen", "layer 1 has one MLP and no experts; layer 0, for example, has experts."),
        (0, "mlp", 9, "has 9 experts, 0 to 8; got expert 9."),
        (0, "mlp", "shared", "has 9 experts, of which a router chooses, and none that all tokens share."),
    ],
)
def test_an_expert_that_cannot_be_drawn_is_refused(
    folder: Path, layer: int, part: str, expert: int | str, message: str
) -> None:
    with pytest.raises(SourceError, match=rf"^{re.escape(f'{folder}: {message}')}$"):
        layer_scene(reading(folder), layer, part, expert=expert)  # type: ignore[arg-type]


def test_a_model_without_experts_has_none_to_be_drawn() -> None:
    with pytest.raises(SourceError, match=r"^smollm2-135m-2layers: layer 0 has one MLP and no experts\.$"):
        layer_scene(Reading("smollm2-135m-2layers", tokens=(1, 2)), 0, "mlp", expert=0)
