import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from mmviz.errors import SourceError
from mmviz.machine.listening import listening
from mmviz.values.arithmetic.primitives import KeyValueCache
from mmviz.values.arithmetic.rotary import plain_frequencies, rotary_frequencies
from mmviz.values.families.names import activation_names, attention_input, parameters, weight_names
from mmviz.values.families.registry import names_of
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from tests.values.tiny_transformers import last_stream
from tests.values.variants import VARIANTS, load_reference, save_variant

ASSET = Path(__file__).resolve().parents[2] / "assets" / "smollm2-135m-2layers"
TOKENS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 31, 90, 0)


@dataclass
class Case:
    model: Model
    reference: Any  # what transformers says about TOKENS


@pytest.fixture(scope="module", params=[*VARIANTS, "sharded", "float16", "bfloat16", "smollm2"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("tiny")
    match request.param:
        case "smollm2":
            folder = ASSET
        case "sharded":
            save_variant(folder, "llama grouped, wide heads", shard_size="60KB")
            assert len(list(folder.glob("*.safetensors"))) > 1
        case "float16" | "bfloat16":
            save_variant(folder, "gpt2", getattr(torch, request.param))
        case variant:
            save_variant(folder, variant)
    with torch.inference_mode():
        reference = load_reference(folder)(
            torch.tensor([TOKENS]), output_hidden_states=True, output_attentions=True, use_cache=False
        )
    return Case(Model(Checkpoint.open(folder), "cpu"), reference)


@pytest.fixture(scope="module", params=["llama biased", "gpt2"])
def tiny(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return Model(Checkpoint.open(save_variant(tmp_path_factory.mktemp("tiny"), request.param)), "cpu")


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = save_variant(tmp_path_factory.mktemp("llama"), "llama grouped, wide heads")
    return Model(Checkpoint.open(folder), "cpu")


def off(found: Tensor, expected: Tensor) -> float:
    """The largest difference, relative to the largest entry."""
    assert found.shape == expected.shape
    return float((found - expected).abs().max() / expected.abs().max())


# The numbers are those of transformers. (test_reference.py compares every activation.)


def test_patterns_residuals_and_logits_are_those_of_transformers(case: Case) -> None:
    layers = case.model.config.layers
    found = case.model.activations(TOKENS, activation_names(case.model.config))
    assert all(value.dtype == torch.float32 for value in found.values())
    if case.model.config.unembeds:
        assert off(found["logits"], case.reference.logits[0]) < 1e-5
    for layer in range(layers):
        pattern = found[f"blocks.{layer}.attn.hook_pattern"]
        assert (pattern - case.reference.attentions[layer][0]).abs().max() < 1e-5
        assert off(found[f"blocks.{layer}.hook_resid_pre"], case.reference.hidden_states[layer][0]) < 1e-5
    assert off(found[last_stream(case.model.config)], case.reference.hidden_states[layers][0]) < 1e-5


def test_the_heads_results_and_the_bias_add_up_to_the_attention_output(case: Case) -> None:
    found = case.model.activations(TOKENS, ["blocks.1.attn.hook_result", "blocks.1.hook_attn_out"])
    total = found["blocks.1.attn.hook_result"].sum(1)
    if case.model.config.o_bias:
        total = total + case.model.weight("blocks.1.attn.b_O")
    if case.model.config.norm_outputs:
        gain = case.model.weight("blocks.1.ln1_post.w")[0]
        total = torch.nn.functional.rms_norm(total, total.shape[-1:], gain, case.model.config.norm_eps)
    total = total * case.model.config.residual_factor
    assert off(total, found["blocks.1.hook_attn_out"]) < 1e-5


def test_float64_is_computed_when_it_is_asked_for(case: Case) -> None:
    last = last_stream(case.model.config)
    exact = Model(case.model.checkpoint, "cpu", "float64").activation(TOKENS, last)
    assert exact.dtype == torch.float64
    assert 0 < off(case.model.activation(TOKENS, last).double(), exact) < 1e-4


# Decoding: the tokens after a prompt, each on its own, with the keys and values of those before.


def check_none_is_kept(model: Model) -> None:
    """Where tokens look at later ones, what was computed of a beginning is not what is computed of the whole."""
    with pytest.raises(SourceError, match=r": its tokens look at later ones, too, so that no keys and"):
        model.activations(TOKENS[:3], ["hook_embed"], KeyValueCache())


@pytest.mark.parametrize("chunks", [(7, 1, 1, 1, 1, 1), (1,) * 12, (5, 7)])
def test_decoding_with_a_cache_equals_the_full_forward_pass(case: Case, chunks: tuple[int, ...]) -> None:
    names: tuple[str, ...] = ("logits", "blocks.2.attn.hook_q", "blocks.2.hook_resid_post", "blocks.1.attn.hook_result")
    names = tuple(n for n in names if "2" not in n or case.model.config.layers > 2)
    if not case.model.config.causal:
        check_none_is_kept(case.model)
        return
    whole = case.model.activations(TOKENS, names)
    cache, parts, first = KeyValueCache(), [], 0
    for count in chunks:
        parts.append(case.model.activations(TOKENS[first : first + count], names, cache))
        first += count
        assert cache.tokens == first
    for name in names:
        assert off(torch.cat([part[name] for part in parts]), whole[name]) < 1e-5


def test_a_decoded_tokens_pattern_is_the_last_row_of_the_full_one(case: Case) -> None:
    name = "blocks.1.attn.hook_pattern"
    cache = KeyValueCache()
    if not case.model.config.causal:
        check_none_is_kept(case.model)
        return
    case.model.activations(TOKENS[:-1], [], cache)
    last = case.model.activations(TOKENS[-1:], [name], cache)[name]
    assert last.shape == (case.model.config.heads, 1, len(TOKENS))
    torch.testing.assert_close(last, case.model.activation(TOKENS, name)[:, -1:], rtol=0, atol=1e-5)


def test_a_cache_holds_keys_and_values_of_every_layer(llama: Model) -> None:
    cache = KeyValueCache()
    llama.activations(TOKENS, ["hook_embed"], cache)
    sizes = llama.config.sizes()
    shape = (len(TOKENS), sizes["kv_heads"], sizes["d_head"])
    assert [tuple(cache.keys[layer].shape) for layer in range(3)] == [shape] * 3
    assert [tuple(cache.values[layer].shape) for layer in range(3)] == [shape] * 3


def test_no_more_tokens_are_read_than_there_are_positions(tiny: Model) -> None:
    most, cache = tiny.config.positions, KeyValueCache()
    long = (1,) * most
    assert tiny.activation(long, "hook_embed").shape[0] == most
    with pytest.raises(SourceError, match=rf": the prompt has {most + 1} tokens; the model reads at most {most}\.$"):
        tiny.activations((*long, 1), ["hook_embed"])
    tiny.activations(long, [], cache)
    with pytest.raises(SourceError, match=rf": the prompt has {most + 1} tokens; the model reads at most {most}\.$"):
        tiny.activations((1,), ["hook_embed"], cache)


# Shapes and names.


def test_shapes_are_known_before_anything_is_computed(case: Case) -> None:
    names = activation_names(case.model.config)
    before = case.model.checkpoint.bytes_read
    shapes = {name: case.model.activation_shape(len(TOKENS), name) for name in names}
    assert case.model.checkpoint.bytes_read == before
    assert shapes == {name: tuple(x.shape) for name, x in case.model.activations(TOKENS, names).items()}


def test_activations_are_named_in_the_order_in_which_they_are_computed(tiny: Model) -> None:
    assert tuple(tiny.activations(TOKENS, activation_names(tiny.config))) == activation_names(tiny.config)


def test_one_activation_does_not_depend_on_the_others_asked_for(tiny: Model) -> None:
    together = tiny.activations(TOKENS, activation_names(tiny.config))
    for name in ("hook_embed", "blocks.0.attn.hook_z", "blocks.1.attn.hook_result", "logits"):
        assert torch.equal(tiny.activation(TOKENS, name), together[name])


@pytest.mark.parametrize("part", ["q", "k", "v", "z", "result", "pattern", "attn_scores"])
def test_a_head_is_a_matrix_of_its_own(tiny: Model, part: str) -> None:
    name = f"blocks.1.attn.hook_{part}"
    everything = tiny.activation(TOKENS, name)
    by_head = everything if part in ("pattern", "attn_scores") else everything.transpose(0, 1)
    group = tiny.config.group if part in ("k", "v") else 1
    for head in range(tiny.config.heads):
        found = tiny.activation(TOKENS, name, head)
        assert torch.equal(found, by_head[head // group])
        assert tiny.activation_shape(len(TOKENS), name, head) == tuple(found.shape)


# A head's matrices are enough to compute the head again.


def test_a_heads_weights_rebuild_its_queries_keys_values_and_result(case: Case) -> None:
    def bias(kind: str, head: int) -> Tensor | float:
        return case.model.weight(f"blocks.1.attn.b_{kind}", head) if case.model.config.qkv_bias else 0.0

    read, most = attention_input(case.model.config, 1), case.model.config.clip_qkv or math.inf
    hooks = (read, *(f"attn.hook_{kind}" for kind in ("q", "k", "v", "z", "result")))
    found = case.model.activations(TOKENS, [f"blocks.1.{hook}" for hook in hooks])

    def activation(hook: str, head: int | None) -> Tensor:
        return case.model.of_head(f"blocks.1.{hook}", found[f"blocks.1.{hook}"], head)

    x = activation(read, None)  # (tokens, d_model)
    for head in range(case.model.config.heads):
        for kind in "QKV":
            rebuilt = x @ case.model.weight(f"blocks.1.attn.W_{kind}", head) + bias(kind, head)  # (tokens, d_head)
            rebuilt = rebuilt if case.model.config.qk_norm and kind in "QK" else rebuilt.clamp(-most, most)
            assert off(rebuilt, activation(f"attn.hook_{kind.lower()}", head)) < 1e-5
        result = activation("attn.hook_z", head) @ case.model.weight("blocks.1.attn.W_O", head)  # (tokens, d_model)
        assert off(result, activation("attn.hook_result", head)) < 1e-5


def test_the_weights_of_all_heads_stand_side_by_side(tiny: Model) -> None:
    config = tiny.config
    for kind, axis in (("Q", 1), ("O", 0)):
        together = tiny.weight(f"blocks.1.attn.W_{kind}")
        heads = [tiny.weight(f"blocks.1.attn.W_{kind}", head) for head in range(config.heads)]
        assert torch.equal(together, torch.cat(heads, axis))
    keys = [tiny.weight("blocks.1.attn.W_K", head) for head in range(0, config.heads, config.group)]
    assert torch.equal(tiny.weight("blocks.1.attn.W_K"), torch.cat(keys, 1))


def test_the_mlp_the_norms_and_the_unembedding_are_rebuilt_from_their_weights(tiny: Model) -> None:
    found = tiny.activations(TOKENS, activation_names(tiny.config))
    pre = "hook_pre_linear" if tiny.config.gated else "hook_pre"
    for read, weight, bias, product in (
        ("blocks.0.ln2.hook_normalized", "blocks.0.mlp.W_in", "blocks.0.mlp.b_in", f"blocks.0.mlp.{pre}"),
        ("blocks.0.mlp.hook_post", "blocks.0.mlp.W_out", "blocks.0.mlp.b_out", "blocks.0.hook_mlp_out"),
    ):
        assert off(found[read] @ tiny.weight(weight) + tiny.weight(bias), found[product]) < 1e-5
    assert off(found["ln_final.hook_normalized"] @ tiny.weight("unembed.W_U"), found["logits"]) < 1e-5
    assert torch.equal(tiny.weight("embed.W_E")[list(TOKENS)], found["hook_embed"])


def test_every_weight_has_the_shape_that_was_promised(case: Case) -> None:
    sizes = {**case.model.config.sizes(), "": 1}
    weights = names_of(case.model.config).layer_weights
    heads = {name: (1,) if each.apart else (None, 1) for name, each in weights.items() if each.of_heads}
    matrices = (name for name in case.model.checkpoint.names if len(case.model.checkpoint.shape(name)) < 3)
    for name in (*weight_names(case.model.config), *matrices):
        for head in heads.get(name.split(".", 2)[-1], (None,)):
            found = case.model.weight(name, head)
            assert found.dtype == torch.float32
            assert case.model.weight_shape(name, head) == tuple(found.shape)
            assert tuple(sizes[axis] for axis in case.model.weight_axes(name, head)) == tuple(found.shape)


def test_the_parameters_are_those_in_the_files(case: Case) -> None:
    sizes = case.model.config.sizes()
    needed = {name: tuple(sizes[axis] for axis in axes) for name, axes in parameters(case.model.config).items()}
    assert needed == {name: case.model.checkpoint.shape(name) for name in case.model.checkpoint.names}


def test_axes_say_what_is_counted(llama: Model) -> None:
    assert llama.activation_axes("blocks.0.attn.hook_q") == ("tokens", "heads", "d_head")
    assert llama.activation_axes("blocks.0.attn.hook_q", head=1) == ("tokens", "d_head")
    assert llama.activation_axes("blocks.0.attn.hook_pattern", head=1) == ("tokens", "tokens")
    assert llama.weight_axes("blocks.0.attn.W_V", head=1) == ("d_model", "d_head")
    assert llama.weight_axes("blocks.0.attn.W_V") == ("d_model", "kv_width")
    assert llama.weight_axes("blocks.0.attn.W_O", head=1) == ("d_head", "d_model")
    assert llama.weight_axes("blocks.0.mlp.W_out") == ("d_mlp", "d_model")
    assert llama.weight_axes("unembed.W_U") == ("d_model", "vocabulary")
    assert llama.weight_axes("layers.0.mlp.down_proj.weight") == ("d_model", "d_mlp")
    assert llama.weight_axes("lm_head.weight") == ("vocabulary", "d_model")
    assert llama.weight_axes("model.norm.weight") == ("", "d_model")


def test_a_parameter_comes_as_it_is_stored(llama: Model) -> None:
    for name in ("model.layers.1.self_attn.o_proj.weight", "layers.1.self_attn.o_proj.weight"):
        stored = llama.checkpoint.slice("model.layers.1.self_attn.o_proj.weight")
        assert torch.equal(llama.weight(name), stored)
    assert llama.weight_shape("model.norm.weight") == (1, 48)
    assert torch.equal(llama.weight("model.norm.weight")[0], llama.checkpoint.slice("model.norm.weight"))


# Only what is needed is read.


@pytest.mark.parametrize("kind", ["W_Q", "W_K", "W_V", "W_O"])
def test_a_heads_weight_reads_only_its_own_bytes(tiny: Model, kind: str) -> None:
    before = tiny.checkpoint.bytes_read
    tiny.weight(f"blocks.2.attn.{kind}", head=5)
    assert tiny.checkpoint.bytes_read - before == 48 * 8 * 4  # d_model * d_head * 4 bytes


@pytest.fixture
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every parameter is read each time."""
    monkeypatch.setattr("mmviz.values.model.weights.SMALL", 0)


@pytest.mark.usefixtures("nothing_kept")
def test_the_model_runs_no_further_than_asked(llama: Model) -> None:
    fresh = Model(llama.checkpoint, "cpu")  # others have kept some

    def read_for(*names: str) -> int:
        before = llama.checkpoint.bytes_read
        fresh.activations(TOKENS, names)
        return llama.checkpoint.bytes_read - before

    sizes = llama.config.sizes()
    first = {n: axes for n, axes in parameters(llama.config).items() if ".layers.0." in n}
    layer = 4 * sum(math.prod(sizes[axis] for axis in axes) for axes in first.values())
    embedding = 4 * sizes["d_model"] * len(set(TOKENS))
    assert read_for() == 0
    assert read_for("hook_embed") == embedding
    assert read_for("blocks.0.hook_resid_post") == embedding + layer
    assert read_for("blocks.1.hook_resid_pre") == embedding + layer
    assert embedding + layer < read_for("blocks.1.attn.hook_pattern", "hook_embed") < embedding + 2 * layer
    assert read_for("blocks.2.hook_resid_post") == embedding + 3 * layer


def test_a_run_from_what_enters_a_layer_is_bit_for_bit_the_rest_of_a_whole_run(case: Case) -> None:
    entered: dict[int, Tensor] = {}
    whole = case.model.activations(TOKENS, activation_names(case.model.config), passed=entered.__setitem__)
    assert list(entered) == list(range(case.model.config.layers))
    assert all(torch.equal(x, whole[f"blocks.{layer}.hook_resid_pre"]) for layer, x in entered.items())
    for layer in (1, case.model.config.layers - 1):
        above = [name for name in whole if name.startswith(f"blocks.{layer}.") or name == "logits"]
        found = case.model.activations(TOKENS, above, entering=(layer, entered[layer]))
        assert all(torch.equal(found[name], whole[name]) for name in above)


def test_after_every_layer_a_run_tells_how_many_of_those_that_it_needs_are_done(llama: Model) -> None:
    told: list[tuple[int, int]] = []
    with listening(lambda *far: told.append(far)):
        entering = 1, llama.activations(TOKENS, ["blocks.1.hook_resid_pre"])["blocks.1.hook_resid_pre"]
        llama.activations(TOKENS, ["blocks.2.hook_resid_post"], entering=entering)
    assert told == [(1, 2), (1, 2), (2, 2)]


def test_the_last_tokens_never_change_the_first_ones(tiny: Model) -> None:
    name = "blocks.2.hook_resid_post"
    torch.testing.assert_close(tiny.activation(TOKENS, name)[:4], tiny.activation(TOKENS[:4], name), rtol=0, atol=1e-4)


# Rotary positions.


def test_the_stretch_is_what_transformers_divides_its_frequencies_by(tmp_path: Path) -> None:
    for variant in (
        "llama",
        "llama llama3",
        "llama linear",
        "qwen2 yarn",
        "llama dynamic",
        "llama longrope",
        "llama proportional",
    ):
        folder = save_variant(tmp_path / variant, variant)
        model = Model(Checkpoint.open(folder), "cpu")
        theirs = load_reference(folder).model
        for tokens in (TOKENS, TOKENS * 3):
            theirs(torch.tensor([tokens]))
            used = theirs.rotary_emb.inv_freq  # (d_head / 2,)
            assert model.config.rope is not None
            plain = plain_frequencies(model.config.rope.theta, 8)  # (d_head / 2,)
            assert torch.equal(rotary_frequencies(model.config.rope, 8, len(tokens)), used)  # to the last bit
            stretch = model.activation(tokens, "blocks.2.rotary.stretch")  # (1, d_head)
            torch.testing.assert_close(stretch, (plain / used).repeat(2)[None], rtol=1e-6, atol=0)
            if not model.config.rope.by_length:
                assert torch.equal(model.weight("rotary.stretch"), stretch)


def test_a_stretch_that_depends_on_the_prompt_or_the_layer_is_no_weight(tmp_path: Path) -> None:
    for variant, on in (("llama dynamic", "the number of tokens"), ("gemma3 scaled", "the layer")):
        model = Model(Checkpoint.open(save_variant(tmp_path / variant, variant)), "cpu")
        with pytest.raises(SourceError) as caught:
            model.weight("rotary.stretch")
        assert str(caught.value) == (
            f"{tmp_path / variant}, rotary.stretch: depends on {on}; an activation such as blocks.0.rotary.stretch is "
            "needed."
        )


def test_layers_that_slide_have_a_stretch_of_their_own(tmp_path: Path) -> None:
    model = Model(Checkpoint.open(save_variant(tmp_path, "gemma3 scaled")), "cpu")
    slides, sees_all = (model.activation(TOKENS, f"blocks.{layer}.rotary.stretch") for layer in (0, 1))
    assert slides.tolist() == [[4.0] * 8]
    assert sees_all[0, 0] < sees_all[0, 3] == 4


def test_a_model_without_rotary_positions_has_no_stretch(tmp_path: Path) -> None:
    model = Model(Checkpoint.open(save_variant(tmp_path, "gpt2")), "cpu")
    with pytest.raises(SourceError, match=r", rotary\.stretch: this model has no rotary positions\.$"):
        model.weight("rotary.stretch")
