"""Experts: which are chosen, how they are weighted, what of them is read, and from which files."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.nn.functional import silu

from mmviz.errors import SourceError
from mmviz.values.arithmetic.primitives import Routing, routed
from mmviz.values.families.experts import NO_EXPERTS, sparse_layers
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.kinds.experts import QWEN3_MOE, experts_apart, experts_stacked
from mmviz.values.families.names import EXPERT_ACTIVATIONS, activation_names, expert_activation, in_which_expert
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.around_layers import linear, normalized
from mmviz.values.model.inventory import take_inventory
from mmviz.values.model.lookup import Lookup
from mmviz.values.model.model import Model
from mmviz.values.model.weights import Weights
from mmviz.values.reference.recording import Reference
from tests.values.tiny_transformers import tiny
from tests.values.variants import changed, load_reference, save_variant

TOKENS = (3, 1, 4, 1, 5, 9, 2, 6)
HOOKS = tuple(EXPERT_ACTIVATIONS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("mixtral"), "mixtral")


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return Model(Checkpoint.open(folder), "cpu")


def stacked(folder: Path) -> Path:
    """The same weights in a file as transformers 5 has them in memory."""
    theirs = load_reference(folder)
    save_file({name: weight.contiguous() for name, weight in theirs.state_dict().items()}, folder / "model.safetensors")
    return folder


def test_each_token_goes_through_the_experts_with_the_largest_scores_by_weights_that_add_up_to_1() -> None:
    scores = torch.tensor([[0.0, 2.0, 1.0, -1.0], [3.0, 0.0, 0.5, 1.0]])
    weights, numbers = routed(scores, Routing(2, normalized=True))
    assert numbers.tolist() == [[1, 2], [0, 3]]
    e = np.exp(1.0)
    expected = [[0, e / (e + 1), 1 / (e + 1), 0], [e * e / (e * e + 1), 0, 0, 1 / (e * e + 1)]]
    np.testing.assert_allclose(weights, expected, rtol=1e-6)


def test_weights_that_are_not_normalized_are_shares_of_all_experts() -> None:
    scores = torch.tensor([[0.0, 2.0, 1.0, -1.0]])
    weights, _ = routed(scores, Routing(2, normalized=False))
    shares = np.exp(scores.numpy()) / np.exp(scores.numpy()).sum()
    np.testing.assert_allclose(weights, shares * [[0, 1, 1, 0]], rtol=1e-6)


def test_experts_are_chosen_by_what_is_added_to_their_shares_and_weigh_by_what_they_are() -> None:
    scores = torch.tensor([[0.0, 2.0, 1.0, -1.0]], dtype=torch.float64)
    shares = 1 / (1 + np.exp(-scores.numpy()))
    corrected = Routing(2, normalized=False, sigmoid=True, correction=torch.tensor([0.0, -1.0, 0.0, 1.0]), factor=3.0)
    weights, numbers = routed(scores, corrected)
    assert numbers.tolist() == [[2, 3]]
    np.testing.assert_allclose(weights, 3 * shares * [[0, 0, 1, 1]])
    weights, _ = routed(scores, replace(corrected, normalized=True, factor=1.0))
    np.testing.assert_allclose(weights, shares * [[0, 0, 1, 1]] / (shares[0, 2] + shares[0, 3]))


def test_what_the_experts_add_is_what_the_mlp_adds(model: Model) -> None:
    names = [f"blocks.1.mlp.experts.{expert}.hook_result" for expert in range(4)]
    found = model.activations(TOKENS, [*names, "blocks.1.hook_mlp_out", "blocks.1.mlp.hook_expert_weights"])
    whole = sum(found[name] for name in names)
    torch.testing.assert_close(whole, found["blocks.1.hook_mlp_out"], rtol=0, atol=1e-5)
    assert (found["blocks.1.mlp.hook_expert_weights"] > 0).sum(1).tolist() == [2] * len(TOKENS)


def test_an_experts_activations_are_those_of_its_weights_in_transformers_on_every_token(
    model: Model, folder: Path
) -> None:
    theirs = load_reference(folder).model.layers[2].mlp.experts
    at = "blocks.2.mlp.experts.3."
    hooks = ("hook_pre", "hook_pre_linear", "hook_post", "hook_out")
    found = model.activations(TOKENS, ["blocks.2.ln2.hook_normalized", *(f"{at}{hook}" for hook in hooks)])
    with torch.no_grad():
        gate, up = (found["blocks.2.ln2.hook_normalized"] @ theirs.gate_up_proj[3].mT).chunk(2, -1)
        hidden = silu(gate) * up
        expected = (gate, up, hidden, hidden @ theirs.down_proj[3].mT)
    for hook, each in zip(hooks, expected, strict=True):
        torch.testing.assert_close(found[f"{at}{hook}"], each, rtol=1e-5, atol=1e-5)
        assert tuple(each.shape) == model.activation_shape(len(TOKENS), f"{at}{hook}")


@pytest.mark.parametrize(
    "variant", ["mixtral", "qwen3_moe", "gpt_oss", "olmoe", "granitemoe", "dots1", "minimax_m2", "llama4"]
)
def test_an_experts_activations_are_held_against_those_of_transformers(variant: str, tmp_path: Path) -> None:
    ours = Model(Checkpoint.open(save_variant(tmp_path, variant)), "cpu")
    layers = min(ours.config.sparse), max(ours.config.sparse)
    names = [f"blocks.{layer}.mlp.experts.{expert}.{hook}" for layer in layers for expert in (0, 3) for hook in HOOKS]
    theirs, found = Reference(ours).activations(TOKENS, names), ours.activations(TOKENS, names)
    for name in names:
        largest = theirs[name].abs().max() or 1.0  # of an expert that no token chooses
        assert (found[name] - theirs[name]).abs().max() / largest < 1e-5, name


@pytest.mark.parametrize("variant", ["mixtral", "qwen3_moe", "ernie4_5_moe", "hunyuan_v1_moe", "minimax_m2"])
def test_stacks_of_experts_are_read_as_experts_each_apart(variant: str, tmp_path: Path) -> None:
    apart = Model(Checkpoint.open(save_variant(tmp_path / "apart", variant)), "cpu")
    other = Model(Checkpoint.open(stacked(save_variant(tmp_path / "stacked", variant))), "cpu")
    assert any(name.endswith("experts.gate_up_proj") for name in other.checkpoint.names)
    other.check_parameters()
    inventory = take_inventory(other.config, other.checkpoint)
    assert (inventory.missing, inventory.misshapen, inventory.extra) == ((), (), ())
    for name in ("W_gate", "W_in", "W_out"):
        weight = f"blocks.2.mlp.experts.2.{name}"
        assert torch.equal(apart.weight(weight), other.weight(weight))
        assert other.weight_shape(weight) == tuple(other.weight(weight).shape)
        assert other.weight_axes(weight) == apart.weight_axes(weight)
    names = activation_names(apart.config)
    ours, theirs = apart.activations(TOKENS, names), other.activations(TOKENS, names)
    assert all(torch.equal(ours[name], theirs[name]) for name in names)


def test_scores_of_experts_are_a_linear_map_of_what_the_mlp_reads_through_its_norm(model: Model) -> None:
    names = ["blocks.1.hook_resid_mid", "blocks.1.ln2.hook_normalized", "blocks.1.mlp.hook_router_scores"]
    middle, read, scores = model.activations(TOKENS, names).values()
    weights = Weights(model.checkpoint, Lookup(model.config, model.checkpoint), model.device, model.dtype)
    assert torch.equal(normalized(middle, weights, "blocks.1.ln2", model.config), read)
    assert torch.equal(linear(read, weights, "blocks.1.mlp.{}_router", biased=False), scores)
    root = middle.square().mean(-1, keepdim=True).add(model.config.norm_eps).sqrt()
    torch.testing.assert_close(read, middle / root * model.weight("blocks.1.ln2.w"))


def test_of_the_experts_only_those_that_a_token_chooses_are_read(model: Model) -> None:
    def read(name: str) -> int:
        before = model.checkpoint.bytes_read
        Model(model.checkpoint, "cpu").activation(TOKENS[:1], name)  # a new one, which has kept nothing
        return model.checkpoint.bytes_read - before

    experts = read("blocks.0.hook_mlp_out") - read("blocks.0.mlp.hook_expert_indices")
    assert experts == 2 * 3 * 48 * 20 * 4  # two experts of three matrices, in float32


def test_the_router_is_found_by_the_name_of_transformer_lens_and_gates_where_there_is_one_mlp(tmp_path: Path) -> None:
    model = Model(Checkpoint.open(save_variant(tmp_path, "qwen3_moe")), "cpu")
    assert torch.equal(model.weight("blocks.0.mlp.W_gate"), model.weight("blocks.0.mlp.W_router"))
    assert model.weight_shape("blocks.0.mlp.W_gate") == (48, 9)
    assert model.weight_shape("blocks.1.mlp.W_gate") == (48, 20)


def test_an_expert_that_is_not_there_is_refused_by_its_number(model: Model) -> None:
    with pytest.raises(SourceError) as caught:
        model.weight("blocks.0.mlp.experts.4.W_in")
    where = model.checkpoint.path
    assert str(caught.value) == (
        f"{where}, blocks.0.mlp.experts.4.W_in: the model has 4 experts, 0 to 3; got expert 4."
    )
    with pytest.raises(SourceError, match=r"blocks\.0\.mlp\.experts\.4\.hook_pre: unknown activation"):
        model.activation(TOKENS, "blocks.0.mlp.experts.4.hook_pre")


def test_a_stack_of_experts_is_no_matrix_that_can_be_drawn(tmp_path: Path) -> None:
    model = Model(Checkpoint.open(save_variant(tmp_path, "gpt_oss")), "cpu")
    name = "model.layers.1.mlp.experts.down_proj"
    with pytest.raises(SourceError) as caught:
        model.weight(name)
    assert str(caught.value) == (
        f"{tmp_path}, {name}: is 4x12x48, a matrix for each expert; one such as blocks.0.mlp.experts.0.W_in is needed."
    )
    assert model.weight_shape("blocks.1.mlp.experts.3.b_in") == (1, 12)
    stack = load_file(tmp_path / "model.safetensors")[name.replace("down_proj", "gate_up_proj")]
    assert torch.equal(model.weight("blocks.1.mlp.experts.3.W_gate"), stack[3, :, ::2])
    assert torch.equal(model.weight("blocks.1.mlp.experts.3.W_in"), stack[3, :, 1::2])


def test_a_file_that_lacks_an_expert_is_refused_by_its_name(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "mixtral")
    changed(folder, lambda weights: weights.pop("model.layers.1.block_sparse_moe.experts.3.w1.weight"))
    with pytest.raises(SourceError, match=r"has no weight .*\.1\.block_sparse_moe\.experts\.3\.w1\.weight"):
        Model(Checkpoint.open(folder), "cpu").check_parameters()


def test_tensors_of_an_expert_too_many_are_refused(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "mixtral")
    extra = "model.layers.1.block_sparse_moe.experts.4.w1.weight"
    changed(folder, lambda weights: weights.update({extra: torch.ones(20, 48)}))
    with pytest.raises(SourceError, match=r"has model\.layers\.1\.block_.*\.experts\.4\.w1\.weight, with which no"):
        Model(Checkpoint.open(folder), "cpu").activation(TOKENS, "blocks.1.hook_mlp_out")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"num_experts_per_tok": 5}, "config.json, num_experts_per_tok: is 5; at most the 4 experts are needed."),
        ({"mlp_only_layers": 1}, "config.json, mlp_only_layers: is 1; a list of layers is needed."),
        ({"mlp_only_layers": [0.5]}, "config.json, mlp_only_layers: is [0.5]; a list of layers is needed."),
        ({"decoder_sparse_step": 0}, "config.json, decoder_sparse_step: is 0; a whole number from 1 up is needed."),
        ({"num_experts": 0}, "config.json, num_local_experts: is 0; a whole number from 1 up is needed."),
        ({"norm_topk_prob": None}, "config.json, norm_topk_prob: is missing; true or false is needed."),
    ],
)
def test_a_configuration_of_experts_that_makes_no_sense_is_refused(said: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_model_config(tiny("qwen3_moe", **said), "config.json")
    assert str(caught.value) == message


def test_of_two_keys_for_the_number_of_experts_that_counts_which_counts_in_transformers() -> None:
    both = {"num_experts": 3, "num_local_experts": 5}
    assert read_model_config(tiny("qwen3_moe", **both), "config.json").experts.count == 5
    assert read_model_config(tiny("mixtral", **both), "config.json").experts.count == 3


def test_layers_have_experts_every_so_many_but_for_those_that_are_named() -> None:
    keys = Keys({"decoder_sparse_step": 2, "mlp_only_layers": [3]}, "config.json", QWEN3_MOE)
    assert sparse_layers(keys, 6) == {1, 5}
    only_dense = read_model_config(tiny("qwen3_moe", mlp_only_layers=[0, 1]), "config.json")
    assert only_dense.experts == NO_EXPERTS


def test_names_of_experts_are_taken_apart() -> None:
    config = read_model_config(tiny("mixtral"), "config.json")
    assert in_which_expert("mlp.experts.12.W_in") == (12, "mlp.experts.{}.W_in")
    assert in_which_expert("mlp.W_in") == (None, "mlp.W_in")
    assert expert_activation(config, 0, "mlp.experts.3.hook_post") == ("tokens", "d_expert")
    assert expert_activation(config, 0, "mlp.experts.4.hook_post") is None
    assert set(experts_apart("r", "e", "w1", "w3", "w2")) == set(experts_stacked("r", "i", "o"))
