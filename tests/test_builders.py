"""What is drawn is what is computed: scenes built of models of every kind, against the models' own forward pass."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from mmviz.builders.chosen_expert import drawn_together
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import HeadForm, LayerPart, head_scene, layer_scene
from mmviz.errors import SourceError
from mmviz.pipeline import Scene
from mmviz.scene.language.tree import LeafNode, find, walk
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from tests.values.variants import VARIANTS, save_variant

ASSET = "smollm2-135m-2layers"
TOKENS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 31, 90, 0)
PARTS: tuple[LayerPart, ...] = ("attention", "mlp", "layer")
OfLayer = Callable[[LayerPart], Scene]


@pytest.fixture(scope="module", params=VARIANTS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return Model(Checkpoint.open(save_variant(tmp_path_factory.mktemp("model"), request.param)), "cpu")


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("gpt2"), "gpt2")


@pytest.fixture(scope="module")
def of_layer_1(model: Model) -> OfLayer:
    """The scene of a part of layer 1, which several tests look at; it is built and computed once."""
    return cache(lambda part: layer_scene(reading(model), 1, part))


def reading(model: Model | Path | str, **options: Any) -> Reading:
    place = model.checkpoint.path if isinstance(model, Model) else model
    return Reading(str(place), **{"tokens": TOKENS, "device": "cpu", **options})


def head(model: Model | Path | str, layer: int, number: int, form: HeadForm = "steps", **options: Any) -> Scene:
    return head_scene(reading(model, **options), layer, number, form)


def drawn(scene: Scene, name: str) -> np.ndarray:
    """A matrix as its name says it, however it stands."""
    node = find(scene.root, name) or find(scene.root, f"{name}.T")
    assert node is not None
    values = scene.values()[node.path]
    return values if node.name == name else values.T


def off(found: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference, relative to the largest entry; an expert that no token chooses adds nothing but 0."""
    assert found.shape == expected.shape
    return float(np.abs(found - expected).max() / (np.abs(expected).max() or 1.0))


def check_all(scene: Scene, model: Model) -> set[str]:
    """Compare every matrix that a scene has a check for; the hooks that were compared, without layer."""
    compared = set()
    expected_of = model.activations(TOKENS, [check.activation for check in scene.document.checks.values()])
    for name, check in scene.document.checks.items():
        expected = model.of_head(check.activation, expected_of[check.activation], check.head).numpy()
        assert off(drawn(scene, name), expected) < 1e-5, name
        compared.add(check.activation.split(".", 2)[2])
    return compared


def seen_by(model: Model, layer: int) -> np.ndarray:
    """Which keys, the columns, each query looks at."""
    count, window = len(TOKENS), model.config.window if layer in model.config.sliding else len(TOKENS)
    if model.config.chunked and layer in model.config.sliding:
        chunk = np.arange(count) // window
        alike: np.ndarray = np.tri(count, dtype=bool) & (chunk[:, None] == chunk)
        return alike
    first, last = (-window, window) if not model.config.causal else (1 - window, 0)  # keys, from each query's own
    seen: np.ndarray = np.tri(count, k=last) > np.tri(count, k=first - 1)
    return seen


HEAD = {"attn.hook_v", "attn.hook_pattern", "attn.hook_z", "attn.hook_result"}
MLP = {"mlp.hook_post", "hook_mlp_out"}
NORMED_SUMS = {"ln1.hook_normalized", "hook_normalized_resid_post", "hook_attn_out"}
LAYER = {"ln1.hook_normalized", "ln2.hook_normalized", "hook_resid_mid", "hook_resid_post", "hook_attn_out"}


@pytest.mark.parametrize(("layer", "number"), [(0, 0), (2, 5), (1, 2)])
def test_a_head_is_drawn_as_the_model_computes_it(model: Model, layer: int, number: int) -> None:
    turned = {"attn.hook_rot_q", "attn.hook_rot_k"} if model.config.rope_of(layer) else {"attn.hook_q", "attn.hook_k"}
    if model.config.norms_heads(layer) and not model.config.rope_of(layer):
        turned = set()  # the model has no name for what is normalized and not rotated
    if model.config.grows(layer):
        turned -= {"attn.hook_q"}  # nor for queries that grow and are not rotated
    scene = head(model, layer, number)
    assert check_all(scene, model) == HEAD | turned
    pattern = drawn(scene, "attn")
    sink = model.activation(TOKENS, f"blocks.{layer}.attn.hook_sink", number).numpy()[:, 0] if model.config.sinks else 0
    np.testing.assert_allclose(pattern.sum(1) + sink, 1, atol=1e-6)
    assert ((pattern > 0) == seen_by(model, layer)).all()


def test_the_sheet_behind_the_pattern_holds_the_models_scores(model: Model) -> None:
    scene = head(model, 1, 3)
    node = find(scene.root, "attn")
    assert node is not None
    assert scene.document.style.before == {"attn": "scores"}
    assert scene.evaluated.before is not None
    scores = model.activation(TOKENS, "blocks.1.attn.hook_attn_scores", 3).numpy()
    seen = seen_by(model, 1)
    assert off(scene.evaluated.before.of[node.path][seen], scores[seen]) < 1e-5
    assert (scene.evaluated.masked.get(node.path, np.zeros_like(seen)) == ~seen).all()


def test_the_circuits_of_a_head_without_rotary_positions_give_its_pattern_and_result(model: Model) -> None:
    scene = head(model, 1, 3, "circuits")
    compared = check_all(scene, model)
    left_out = ["the clipping of queries, keys and values"] * bool(model.config.clip_qkv)
    left_out += ["norms of queries and keys"] * model.config.norms_heads(1)
    left_out += ["the growth of queries"] * (model.config.grows(1))
    left_out += ["rotary positions"] * (model.config.rope_of(1) is not None)
    assert compared == (set() if left_out else {"attn.hook_pattern", "attn.hook_result"})
    said = f", without {' and '.join(left_out)}" if left_out else ""
    assert scene.document.title.endswith(f"by its circuits{said}")


def test_the_matrices_of_the_circuits_are_products_of_the_heads_weights(model: Model) -> None:
    scene = head(model, 1, 3, "circuits")
    w = {kind: model.weight(f"blocks.1.attn.W_{kind}", 3).double().numpy() for kind in "QKVO"}
    assert off(drawn(scene, "QK").astype(float), w["Q"] @ w["K"].T) < 1e-6
    assert off(drawn(scene, "OV").astype(float), w["V"] @ w["O"]) < 1e-6


def test_the_circuits_without_rotary_positions_are_those_of_the_plain_queries_and_keys(tmp_path: Path) -> None:
    model = Model(Checkpoint.open(save_variant(tmp_path, "llama biased")), "cpu")
    scene = head(model, 1, 3, "circuits")
    q, k = (model.activation(TOKENS, f"blocks.1.attn.hook_{kind}", 3).double() for kind in "qk")
    scores = q @ k.mT * model.config.d_head**-0.5  # (tokens, tokens)
    pattern = scores.masked_fill(scores.new_ones(scores.shape).triu(1).bool(), float("-inf")).softmax(-1)
    assert np.abs(drawn(scene, "attn") - pattern.numpy()).max() < 1e-5


def test_all_heads_add_up_to_the_attention_output(model: Model, of_layer_1: OfLayer) -> None:
    compared = check_all(of_layer_1("attention"), model)
    assert compared > {"attn.hook_pattern", "attn.hook_z", "hook_attn_out"}


def test_the_mlp_is_drawn_as_the_model_computes_it(model: Model) -> None:
    assert check_all(layer_scene(reading(model), 2, "mlp"), model) == of_mlp(model, 2)


def of_mlp(model: Model, layer: int) -> set[str]:
    """The activations that an MLP is held against, or the experts in its place."""
    gated = {"mlp.hook_pre_linear"} if model.config.gated else set()
    if layer not in model.config.sparse:
        return MLP | gated
    if not drawn_together(model.config):
        return {"mlp.hook_expert_weights"}
    cut = ("hook_pre_linear",) if not model.config.experts.limit else ()
    given = ("hook_out",) if not model.config.experts.scales_inputs else ()
    each = (*cut, "hook_post", *given, "hook_result")
    of_experts = {f"mlp.experts.{expert}.{hook}" for expert in range(model.config.experts.count) for hook in each}
    shared = ("hook_pre_linear", "hook_post", "hook_out") if model.config.experts.d_shared else ()
    of_experts |= {f"mlp.shared.{hook}" for hook in shared}
    return of_experts | {"mlp.hook_expert_weights", "hook_mlp_out"}


def test_the_whole_layer_is_drawn_as_the_model_computes_it(model: Model, of_layer_1: OfLayer) -> None:
    if model.config.norm_sums:
        assert check_all(of_layer_1("layer"), model) > NORMED_SUMS | MLP
        return
    missing = {"hook_resid_mid"} if model.config.parallel else set()
    missing |= {"ln2.hook_normalized"} if model.config.shared_norm else set()
    missing |= set() if model.config.norm_inputs else {"ln1.hook_normalized", "ln2.hook_normalized"}
    assert check_all(of_layer_1("layer"), model) > (LAYER | of_mlp(model, 1)) - missing


def test_attention_and_mlp_of_a_gpt_neox_read_the_same_stream(tmp_path: Path) -> None:
    save_variant(tmp_path, "gpt_neox")
    text = layer_scene(reading(tmp_path), 0).document.expr
    assert text.startswith("out = x + (attn_out = bias(")
    assert "(Q0 = rope(bias((ln1 = layernorm(x, ln1_w, ln1_b, 1e-05)) @ wQ0, bQ0), 10000, 4))" in text
    assert "(mlp_out = bias((hidden = gelu(bias((ln2 = layernorm(x, ln2_w, ln2_b, 1e-05)) @ W_in, b_in)))" in text
    assert "mid" not in text


def test_heads_of_a_group_share_one_structure_of_keys_and_values(model: Model, of_layer_1: OfLayer) -> None:
    scene = of_layer_1("attention")
    made = [node.name for node in walk(scene.root) if not isinstance(node, LeafNode)]
    again = [node.name for node in walk(scene.root) if isinstance(node, LeafNode)]
    for number in range(model.config.kv_heads):
        assert made.count(f"K{number}.T") == made.count(f"V{number}") == 1
        assert again.count(f"K{number}.T") == again.count(f"V{number}") == model.config.group - 1


def test_every_head_has_a_pattern_of_its_own(model: Model, of_layer_1: OfLayer) -> None:
    scene = of_layer_1("attention")
    patterns = model.activation(TOKENS, "blocks.1.attn.hook_pattern").numpy()
    for number in range(model.config.heads):
        assert np.abs(drawn(scene, f"attn{number}") - patterns[number]).max() < 1e-5


def test_a_built_scene_is_written_and_read_again(model: Model, of_layer_1: OfLayer, tmp_path: Path) -> None:
    heads = head(model, 0, 1), head(model, 0, 1, "circuits")
    for number, scene in enumerate((*map(of_layer_1, PARTS), *heads)):
        scene.save(tmp_path / f"{number}.yaml")
        assert Scene.load(tmp_path / f"{number}.yaml").document == scene.document


@pytest.mark.parametrize("form", ["steps", "circuits"])
def test_the_animation_of_a_head_ends_with_all_of_it(gpt2: Path, form: HeadForm) -> None:
    scene = head(gpt2, 1, 2, form)
    timeline = scene.timeline()
    assert all(state.visible.all() for state in timeline.frame(timeline.steps).values())
    assert timeline.steps <= 2 * len(TOKENS) + 3 * 48


def test_keys_come_first_column_by_column_and_circuits_by_outer_products(gpt2: Path) -> None:
    assert head(gpt2, 1, 2).document.animation.matrices == {"K.T": "mvprod"}
    assert head(gpt2, 1, 2, "circuits").document.animation.matrices == {"QK": "vvprod", "OV": "vvprod"}
    every = layer_scene(reading(gpt2), 1, "attention").document.animation.matrices
    assert every == {f"K{number}.T": "mvprod" for number in range(6)}


@pytest.mark.parametrize("part", ["mlp", "layer"])
def test_the_sheet_behind_the_mlps_function_holds_what_goes_into_it(
    model: Model, of_layer_1: OfLayer, part: LayerPart
) -> None:
    scene = of_layer_1(part)
    sparse = 1 in model.config.sparse
    cut = sparse and model.config.experts.limit
    called = ("cut0" if cut else "pre0") if sparse else "pre"
    (key,) = (key for key, name in scene.document.style.before.items() if name == called)
    node = find(scene.root, key)
    assert node is not None
    assert scene.evaluated.before is not None
    pre = model.activation(TOKENS, f"blocks.1.mlp.{'experts.0.' if sparse else ''}hook_pre").numpy()
    pre = np.minimum(pre, cut) if cut else pre
    assert off(scene.evaluated.before.of[node.path], pre) < 1e-5


def test_a_badge_is_shown_where_it_is_asked_for(gpt2: Path) -> None:
    for badge in (False, True):
        assert head_scene(reading(gpt2), 0, 0, badge=badge).document.style.badge == badge
        assert layer_scene(reading(gpt2), 0, "mlp", badge=badge).document.style.badge == badge


def test_circuits_without_rotary_positions_have_no_badge(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "llama")
    with pytest.raises(SourceError) as caught:
        head_scene(reading(folder), 0, 0, "circuits", badge=True)
    assert str(caught.value) == (
        f"{folder}: its circuits leave out rotary positions, so that there is nothing to hold against "
        "transformers; leave the badge out, or choose the form steps."
    )


def test_a_layers_heads_are_animated_side_by_side(gpt2: Path) -> None:
    one, all_heads = head(gpt2, 1, 0).timeline().steps, layer_scene(reading(gpt2), 1, "attention").timeline().steps
    assert all_heads <= 2 * one


def test_titles_say_which_part_of_which_model() -> None:
    prompt: dict[str, Any] = {"tokens": None, "prompt": "A short one"}
    titles = [head(ASSET, 1, 2, **prompt).document.title]
    titles += [layer_scene(reading(ASSET, **prompt), 1, part).document.title for part in PARTS]
    assert titles == [f"{ASSET}: layer 1, {kind}" for kind in ("head 2", "attention", "MLP", "the whole layer")]


def test_devices_and_dtypes_go_into_the_scene(gpt2: Path) -> None:
    model = head(gpt2, 0, 0, dtype="float64").document.model
    assert model is not None
    assert (model.dtype, model.device, model.tokens) == ("float64", "cpu", TOKENS)


@pytest.mark.parametrize(
    ("layer", "number", "options", "end"),
    [
        (3, 0, {}, ": has 3 layers, 0 to 2; got layer 3."),
        (-1, 0, {}, ": has 3 layers, 0 to 2; got layer -1."),
        (0, 6, {}, ": has 6 heads, 0 to 5; got head 6."),
        (0, 0, {"tokens": (96,)}, ": token 96 is not in the vocabulary; ids go from 0 to 95."),
        (0, 0, {"tokens": (1,) * 33}, ": the prompt has 33 tokens; the model reads at most 32."),
        (0, 0, {"tokens": ()}, ": the prompt has no tokens; at least one is needed."),
        (0, 0, {"tokens": None}, ": a prompt, or tokens instead of one, is needed."),
        (0, 0, {"prompt": "both"}, ": a prompt, or tokens instead of one, is needed."),
    ],
)
def test_what_a_model_does_not_have_is_refused(
    gpt2: Path, layer: int, number: int, options: dict[str, Any], end: str
) -> None:
    with pytest.raises(SourceError, match=f"^{re.escape(f'{gpt2}{end}')}$"):
        head(gpt2, layer, number, **options)


def test_a_scene_is_not_made_of_files_that_do_not_hold_what_it_needs(tmp_path: Path) -> None:
    weights = save_variant(tmp_path, "gpt2") / "model.safetensors"
    tensors = load_file(weights)
    tensors["transformer.h.1.mlp.c_fc.weight"] = tensors["transformer.h.1.mlp.c_fc.weight"][:-1].clone()
    save_file(tensors, weights, metadata={"format": "pt"})
    head(tmp_path, 0, 0)  # needs nothing of layer 1
    with pytest.raises(
        SourceError, match=r", transformer\.h\.1\.mlp\.c_fc\.weight: is 47x192; config\.json needs 48x192"
    ):
        head(tmp_path, 1, 0)
    del tensors["transformer.h.1.mlp.c_fc.weight"]
    save_file(tensors, weights, metadata={"format": "pt"})
    with pytest.raises(SourceError, match=r": has no weight 'transformer\.h\.1\.mlp\.c_fc\.weight'"):
        layer_scene(reading(tmp_path), 2, "attention")
