"""Every activation of every family against transformers, and that a mistake on either side is found."""

import json
import math
import sys
import weakref
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from mmviz.errors import SourceError
from mmviz.values.arithmetic.functions import POINTWISE
from mmviz.values.arithmetic.primitives import Scoring, attend, rms_norm, rotate
from mmviz.values.arithmetic.rotary import rotary_frequencies
from mmviz.values.families.names import activation_names
from mmviz.values.families.rope import Rope
from mmviz.values.files import gguf_file
from mmviz.values.model import around_layers, decoder
from mmviz.values.model.place import Place
from mmviz.values.model.weights import Weights
from mmviz.values.reference.comparison import Comparison, compare, difference, drawn_difference
from mmviz.values.reference.recording import Reference
from tests.values.gguf_writer import write_gguf
from tests.values.opened_models import TOKENS, model_of
from tests.values.variants import SCALED, VARIANTS, load_reference, save_variant

ASSET = Path(__file__).resolve().parents[2] / "assets" / "smollm2-135m-2layers"
GGUF = {
    "gguf llama": "llama grouped, wide heads",
    "gguf gpt2": "gpt2",
    "gguf qwen2": "qwen2",
    "gguf mistral": "mistral",
    "gguf phi3": "phi4 mini",
}
STORED = ("sharded", "one file", "no prefix", "float16", "bfloat16", "says bfloat16", "window")


def stored(folder: Path, kind: str) -> Path:
    """A model whose files are special, not its numbers; what to open."""
    if kind in GGUF:
        save_variant(folder / "original", GGUF[kind])
        return write_gguf(folder / "model.gguf", load_reference(folder / "original"))
    variant = {"sharded": "llama biased", "one file": "llama biased", "window": "mistral"}.get(kind, "gpt2")
    dtype = getattr(torch, kind, torch.float32)
    save_variant(folder, variant, dtype, shard_size="60KB" if kind == "sharded" else "1GB")
    weights = folder / "model.safetensors"
    match kind:
        case "one file":
            return weights.rename(folder / "weights-of-mine.safetensors")
        case "no prefix":
            bare = {name.removeprefix("transformer."): weight for name, weight in load_file(weights).items()}
            assert "wte.weight" in bare
            save_file(bare, weights, metadata={"format": "pt"})
        case "says bfloat16":
            change_config(folder, dtype="bfloat16", torch_dtype="bfloat16")
        case "window":
            change_config(folder, sliding_window=len(TOKENS))
        case _:
            pass  # it is stored as any other
    return folder


def change_config(folder: Path, **changes: object) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


# The numbers are those of transformers.


@pytest.mark.parametrize("variant", [*VARIANTS, *SCALED])
def test_every_activation_of_every_variant_equals_that_of_transformers(variant: str, tmp_path: Path) -> None:
    check_all(compare(model_of(save_variant(tmp_path, variant)), TOKENS), layers=3)


@pytest.mark.parametrize("kind", [*STORED, *GGUF])
def test_every_activation_is_right_however_the_weights_are_stored(kind: str, tmp_path: Path) -> None:
    check_all(compare(model_of(stored(tmp_path, kind)), TOKENS), layers=3)


def test_every_activation_of_real_weights_equals_that_of_transformers() -> None:
    check_all(compare(model_of(ASSET), (504, 338, 253, 2277, 28, 253, 2277, 30)), layers=2)


def check_all(found: Comparison, layers: int) -> None:
    hooks = {"hook_embed", "hook_resid_pre", "attn.hook_pattern", "attn.hook_result", "hook_resid_post", "logits"}
    assert hooks <= {row.hook for row in found.rows} | {"logits"}  # which an encoder may have none of
    # GPT-2 has positions, Llama rotated queries and keys and a gate, BERT more norms, others a router, and an expert
    # that all tokens share, too
    assert 19 <= len(found.rows) <= 31
    assert all(row.relative < 1e-5 and not row.nans for row in found.rows)
    assert all(row.layer is None or 0 <= row.layer < layers for row in found.rows)
    assert found.first == ""
    assert not found.exceeding


@pytest.mark.parametrize(("variant", "needed"), [("llama", 1e-5), ("gpt2", 1e-12)])
def test_float64_is_as_near_as_transformers_lets_it_be(variant: str, needed: float, tmp_path: Path) -> None:
    found = compare(model_of(save_variant(tmp_path, variant), "float64"), TOKENS)
    assert found.dtype == "float64"
    assert 0 < max(row.relative for row in found.rows) < needed
    assert not found.exceeding


@pytest.mark.parametrize("variant", ["llama grouped, wide heads", "gpt2 odd"])
def test_the_reference_is_what_transformers_says_of_itself(variant: str, tmp_path: Path) -> None:
    model = model_of(save_variant(tmp_path, variant))
    recorded = Reference(model).activations(TOKENS, activation_names(model.config))
    with torch.inference_mode():
        said = load_reference(tmp_path)(
            torch.tensor([TOKENS]), output_hidden_states=True, output_attentions=True, use_cache=False
        )
    assert torch.equal(recorded["logits"], said.logits[0])
    for layer in range(3):
        assert torch.equal(recorded[f"blocks.{layer}.hook_resid_pre"], said.hidden_states[layer][0])
        assert torch.equal(recorded[f"blocks.{layer}.attn.hook_pattern"], said.attentions[layer][0])
    assert {name: tuple(x.shape) for name, x in recorded.items()} == {
        name: model.activation_shape(len(TOKENS), name) for name in activation_names(model.config)
    }


@pytest.mark.parametrize("variant", ["llama biased", "gpt2 odd"])
def test_scores_are_minus_infinity_just_where_a_query_may_not_look(variant: str, tmp_path: Path) -> None:
    reference = Reference(model_of(save_variant(tmp_path, variant)))
    name = "blocks.1.attn.hook_attn_scores"
    scores = reference.activations(TOKENS, [name])[name]  # (heads, tokens, tokens)
    later = torch.ones(len(TOKENS), len(TOKENS), dtype=torch.bool).triu(1)
    assert torch.equal(scores == -torch.inf, later.expand_as(scores))


@pytest.mark.parametrize("variant", ["llama biased", "gpt2", "qwen2"])
def test_the_results_of_all_heads_and_the_bias_add_up_to_the_attention_output(variant: str, tmp_path: Path) -> None:
    model = model_of(save_variant(tmp_path, variant))
    names = ("blocks.2.attn.hook_result", "blocks.2.hook_attn_out")
    for found in (Reference(model).activations(TOKENS, names), model.activations(TOKENS, names)):
        total = found[names[0]].sum(1)  # (tokens, d_model)
        if model.config.o_bias:
            total = total + model.weight("blocks.2.attn.b_O")
        assert difference(total, found[names[1]]).relative < 1e-5


# Mistakes are found, and where they begin.


def wrong_theta(rope: Rope, *rest: Any) -> Tensor:
    return rotary_frequencies(replace(rope, theta=1.05 * rope.theta), *rest)


def no_stretch(rope: Rope, *rest: Any) -> Tensor:
    return rotary_frequencies(Rope(rope.theta), *rest)


def no_gain(x: Tensor, angles: Tensor, _: float, *, neighbours: bool) -> Tensor:
    return rotate(x, angles, neighbours=neighbours)


def halves(x: Tensor, angles: Tensor, gain: float, **_: bool) -> Tensor:
    return rotate(x, angles, gain)


def of_all_queries(place: Place, whole: Tensor) -> Tensor:
    """As if queries, keys and values of all heads lay one after another, as GPT-2 has them."""
    if not place.block:
        return whole
    count = len(whole) // place.block
    first = (place.rows or slice(0)).start * count
    return whole[first : first + len(whole) // 3]


def no_eps(x: Tensor, weight: Tensor, _: float) -> Tensor:
    return rms_norm(x, weight, 1e-6)


def wrong_key_head(at: str, q: Tensor, k: Tensor, *rest: Any, **more: Any) -> Any:
    return attend(at, q, k.roll(1, dims=1), *rest, **more)


def wrong_value_head(at: str, q: Tensor, k: Tensor, v: Tensor, *rest: Any, **more: Any) -> Any:
    return attend(at, q, k, v.roll(1, dims=1), *rest, **more)


def unscaled(at: str, q: Tensor, k: Tensor, v: Tensor, how: Scoring) -> Any:
    return attend(at, q, k, v, replace(how, factor=q.shape[-1] ** -0.5))  # forgets the number of the layer


def without_bias(self: Any, x: Tensor, name: str, *, biased: bool) -> Tensor:
    found: Tensor = x @ self.part(name.format("W"))
    return found


def transposed(self: Weights, name: str) -> Tensor:
    part = original_part(self, name)
    return part.mT if part.ndim == 2 and part.shape[0] == part.shape[1] else part


original_part = Weights.part


def interleaved(_: Any, rows: range) -> range:
    return rows


MISTAKES: Mapping[str, tuple[str, object, str, object, str]] = {
    # what: model, module, name in it, mistake, the first activation that is wrong then
    "theta": ("llama", decoder, "rotary_frequencies", wrong_theta, "blocks.0.attn.hook_rot_q"),
    "scaling": ("llama llama3", decoder, "rotary_frequencies", no_stretch, "blocks.0.attn.hook_rot_q"),
    "attention factor": ("qwen2 yarn", decoder, "rotate", no_gain, "blocks.0.attn.hook_rot_q"),
    "eps": ("llama", around_layers, "rms_norm", no_eps, "blocks.0.ln1.hook_normalized"),
    "key head": ("llama grouped, wide heads", decoder, "attend", wrong_key_head, "blocks.0.attn.hook_attn_scores"),
    "value head": ("qwen2", decoder, "attend", wrong_value_head, "blocks.0.attn.hook_z"),
    "bias": ("llama biased", decoder._Layer, "linear", without_bias, "blocks.0.attn.hook_q"),
    "Conv1D": ("gpt2", Weights, "part", transposed, "blocks.0.attn.hook_q"),
    "layer scale": ("gpt2 odd", decoder, "attend", unscaled, "blocks.1.attn.hook_attn_scores"),
    "pairs": ("gptj", decoder, "rotate", halves, "blocks.0.attn.hook_rot_q"),
    "fused by head": ("gpt_neox", Place, "of", of_all_queries, "blocks.0.attn.hook_q"),
    "activation": ("gpt2", decoder, "POINTWISE", {"gelu_tanh": POINTWISE["gelu"]}, "blocks.0.mlp.hook_post"),
    "q and k rows": ("gguf llama", gguf_file, "_stored_rows", interleaved, "blocks.0.attn.hook_q"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_found_where_it_is_made(mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, module, name, wrong, first = MISTAKES[mistake]
    monkeypatch.setattr(module, name, wrong)
    place = stored(tmp_path, kind) if kind in GGUF else save_variant(tmp_path, kind)
    found = compare(model_of(place), TOKENS)
    assert found.first == first
    assert first.rsplit(".hook_", 1)[-1] in {row.hook.rsplit("hook_", 1)[-1] for row in found.exceeding}
    assert "hook_embed" not in {row.hook for row in found.exceeding}


def test_weights_that_changed_on_the_way_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = model_of(save_variant(tmp_path, "llama"))
    theirs = Reference(model)._theirs
    with torch.no_grad():
        theirs.model.layers[2].mlp.up_proj.weight[3, 4] += 0.1
    monkeypatch.setattr("mmviz.values.reference.recording.load_reference", lambda _: (theirs, "transformers", ""))
    found = compare(model, TOKENS)
    assert found.first == "blocks.2.mlp.hook_pre_linear"
    assert next(row.layer for row in found.rows if row.hook == "mlp.hook_post") == 2


def test_a_tolerance_of_ones_own_counts(tmp_path: Path) -> None:
    model = model_of(save_variant(tmp_path, "gpt2"))
    assert compare(model, TOKENS, tolerance=1e-9).exceeding
    assert not compare(model, TOKENS, tolerance=1e-5).exceeding


# What counts as a difference.


def test_a_difference_is_a_share_of_the_largest_finite_entry() -> None:
    theirs = torch.tensor([1.0, -8.0, 0.0, -math.inf])
    found = difference(theirs + torch.tensor([0.0, 2.0, 1.0, 0.0]), theirs)
    assert (found.largest, found.relative, found.nans) == (2.0, 0.25, 0)
    assert difference(theirs + 0.5, theirs, absolute=True).relative == 0.5
    assert difference(torch.zeros(3), torch.zeros(3)).relative == 0
    assert difference(torch.ones(3), torch.zeros(3)).relative == math.inf


def test_nan_on_both_sides_counts_as_equal_and_is_told() -> None:
    theirs = torch.tensor([math.nan, 1.0, math.nan])
    assert difference(theirs, theirs) == replace(difference(torch.ones(3), torch.ones(3)), nans=2)


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_what_only_one_side_has_is_infinitely_far(odd: float) -> None:
    plain, spoilt = torch.tensor([1.0, 2.0]), torch.tensor([1.0, odd])
    for found in (
        difference(plain, spoilt),
        difference(spoilt, plain),
        difference(spoilt, plain if math.isnan(odd) else -spoilt),
    ):
        assert found.largest == found.relative == math.inf


def test_another_shape_is_infinitely_far_even_where_it_would_broadcast() -> None:
    assert difference(torch.ones(1, 3), torch.ones(2, 3)).largest == math.inf


def test_nan_in_the_weights_is_on_both_sides(tmp_path: Path) -> None:
    weights = save_variant(tmp_path, "llama") / "model.safetensors"
    tensors = load_file(weights)
    tensors["model.layers.2.self_attn.v_proj.weight"][3, 4] = math.nan  # of head 0, in the last layer
    save_file(tensors, weights, metadata={"format": "pt"})
    found = compare(model_of(tmp_path), TOKENS)
    nans = {row.hook: row.nans for row in found.rows}
    assert nans["attn.hook_v"] == len(TOKENS)
    assert nans["attn.hook_result"] == len(TOKENS) * model_of(tmp_path).config.d_model  # of no other head
    assert nans["attn.hook_pattern"] == nans["hook_resid_pre"] == 0
    assert not found.exceeding


def test_masked_elements_must_be_masked_or_0_in_transformers() -> None:
    drawn = torch.tensor([[1.0, 0.0], [2.0, 3.0]]).numpy()
    masked = torch.tensor([[False, True], [False, False]]).numpy()
    scores = torch.tensor([[1.0, -math.inf], [2.0, 3.0]])
    for theirs in (scores, scores.nan_to_num(neginf=0.0)):
        assert drawn_difference(drawn, masked, theirs, "blocks.0.attn.hook_attn_scores").largest == 0
    assert drawn_difference(drawn, masked, scores.nan_to_num(neginf=0.5), "blocks.0.attn.hook_pattern").largest == 0.5
    assert drawn_difference(drawn, None, scores, "blocks.0.attn.hook_attn_scores").largest == math.inf
    seen = torch.zeros(2, 2, dtype=torch.bool).numpy()  # drawn without a mask, where transformers has one
    assert drawn_difference(drawn, seen, scores, "blocks.0.attn.hook_attn_scores").largest == math.inf
    assert drawn_difference(drawn, seen, torch.zeros(2, 2), "blocks.0.attn.hook_pattern").largest == 3


# How it goes about it.


def test_layers_are_handed_on_one_by_one_and_not_kept(tmp_path: Path) -> None:
    model = model_of(save_variant(tmp_path, "llama"))
    handed: list[list[str]] = []
    patterns: list[weakref.ref[Tensor]] = []

    def take(found: Mapping[str, Tensor]) -> None:
        assert all(pattern() is None for pattern in patterns)
        handed.append(list(found))
        patterns.extend(weakref.ref(value) for name, value in found.items() if name.endswith("hook_pattern"))

    Reference(model).each(TOKENS, activation_names(model.config), take)
    assert [names[0].rsplit(".", 1)[0] for names in handed[1:4]] == ["blocks.0", "blocks.1", "blocks.2"]
    assert [handed[0], *handed[4:]] == [["hook_embed"], ["ln_final.hook_normalized"], ["logits"]]
    assert len(patterns) == 3


@pytest.mark.parametrize("variant", ["llama", "gpt2"])
def test_transformers_is_left_as_it_was(variant: str, tmp_path: Path) -> None:
    reference = Reference(model_of(save_variant(tmp_path, variant)))
    modeling = sys.modules[type(reference._theirs).__module__]
    before = vars(modeling)["eager_attention_forward"]
    with pytest.raises(SourceError, match="cannot run this model"):
        reference.activations((1 << 40,), ["logits"])
    reference.activations(TOKENS, ["logits"])
    assert vars(modeling)["eager_attention_forward"] is before
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in reference._theirs.modules())


@pytest.mark.parametrize("kind", ["sharded", "gguf llama"])
def test_transformers_is_not_heard(kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    place = stored(tmp_path, kind)
    capfd.readouterr()
    compare(model_of(place), TOKENS)
    assert capfd.readouterr() == ("", "")
