"""Models of two stacks: every activation of encoder, decoder and attention across is that of transformers."""

from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from mmviz.builders.again import built_again
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene, layer_scene
from mmviz.errors import SourceError
from mmviz.pipeline import Scene
from mmviz.values.arithmetic.primitives import KeyValueCache
from mmviz.values.families.config import ModelConfig, Stack
from mmviz.values.families.costs import cache_bytes, forward_operations, model_parameters
from mmviz.values.families.names import activation_names, output_of, parameters, parameters_of_both
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.inventory import take_inventory
from mmviz.values.model.model import Model
from mmviz.values.model.pass_key import PassKeys
from mmviz.values.model.source import Source
from mmviz.values.model.tying import described
from mmviz.values.reference.comparison import compare
from mmviz.values.tensors.below import Below, below
from tests.values.kinds.everything import BOTH
from tests.values.variants import load_reference, save_variant

SOURCE = tuple(5 * token % 96 for token in range(20))
TARGET = (0, *(7 * token % 96 for token in range(1, 14)))


@pytest.fixture(scope="module", params=BOTH)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("both"), request.param)


def opened(folder: Path, stack: Stack = "decoder", source: tuple[int, ...] = SOURCE) -> Model:
    return Model(Checkpoint.open(folder), "cpu", stack=stack, source_ids=source if stack == "decoder" else ())


def config_of(folder: Path, stack: Stack) -> ModelConfig:
    return described(Checkpoint.open(folder), stack)


@pytest.mark.slow
def test_every_activation_of_both_stacks_is_that_of_transformers(folder: Path) -> None:
    model = opened(folder)
    model.check_parameters()
    found = compare(model, TARGET)
    assert not found.exceeding
    assert max(row.relative for row in found.rows) < 1e-5
    names = {row.hook for row in found.rows}
    assert {f"decoder.{part}attn.hook_{what}" for part in ("", "cross_") for what in ("pattern", "z", "result")} < names
    assert {"encoder.attn.hook_pattern", "decoder.hook_resid_mid_cross", "logits", "encoder.hook_embed"} < names
    alone = compare(opened(folder, "encoder"), SOURCE)
    assert not alone.exceeding
    assert len(alone.every) + len(activation_names(model.config)) == len(found.every)


def test_every_activation_has_the_shape_that_is_told(folder: Path) -> None:
    model = opened(folder)
    found = model.activations(TARGET, model.activation_names)
    told = {name: model.activation_shape(len(TARGET), name) for name in model.activation_names}
    assert {name: tuple(value.shape) for name, value in found.items()} == told
    cross = f"decoder.{model.config.layers - 1}.cross_attn.hook_pattern"
    assert told[cross] == (model.config.heads, len(TARGET), len(SOURCE))
    assert model.activation_axes(cross, 0) == ("tokens", "source_tokens")
    assert torch.equal(model.activation(TARGET, cross, 1), found[cross][1])
    assert torch.allclose(found[cross].sum(-1), torch.ones(()))  # nothing is masked
    own = found["decoder.1.attn.hook_pattern"]
    assert torch.equal(own, own.tril())


def test_the_activations_of_the_encoder_are_those_of_the_encoder_alone(folder: Path) -> None:
    name = output_of(config_of(folder, "encoder"))
    together, alone = opened(folder), opened(folder, "encoder")
    assert torch.equal(together.activation(TARGET, name), alone.activation(SOURCE, name))
    assert together.activation_axes(name) == ("source_tokens", "d_model")
    weight = "encoder.1.attn.W_Q"
    assert torch.equal(together.weight(weight, 2), alone.weight(weight, 2))
    assert together.weight_shape(weight, 2) == alone.weight_shape(weight, 2)


@pytest.mark.slow
def test_heads_and_layers_are_drawn_as_transformers_computes_them(folder: Path) -> None:
    reading = Reading(str(folder), tokens=SOURCE, device="cpu", target_tokens=TARGET, stack="decoder")
    across = replace(reading, cross=True)
    scenes = [head_scene(reading, 1, 2), head_scene(across, 1, 1)]
    scenes += [layer_scene(reading, 1), layer_scene(across, 1, "attention")]
    scenes += [head_scene(each, 1, 1, "circuits") for each in (reading, across)]
    for scene in scenes:
        assert scene.certificate.holds, scene.document.title
        assert scene.document.title.startswith(f"{folder.name}: decoder layer 1, ")
        again = built_again(scene.document, Path(), layer=0)
        assert again is not None
        assert again.title == scene.document.title.replace("layer 1", "layer 0")


def test_the_keys_of_a_head_across_are_of_the_source_and_nothing_is_masked(folder: Path) -> None:
    scene = head_scene(Reading(str(folder), tokens=SOURCE, device="cpu", target_tokens=TARGET, cross=True), 1, 2)
    assert "K = source @ wK" in scene.document.expr.replace("bias(source @ wK, bK)", "source @ wK")
    assert "tril" not in scene.document.expr
    nodes = {name: scene.shapes.of[path] for name, path in paths(scene).items()}
    assert nodes["attn"] == (len(TARGET), len(SOURCE))
    assert scene.shapes.axes[paths(scene)["attn"]] == ("tokens", "source_tokens")
    assert scene.document.model is not None
    assert scene.document.model.stack == "decoder"


def paths(scene: Scene) -> dict[str, str]:
    from mmviz.scene.language.tree import walk

    return {node.name: node.path for node in walk(scene.root)}


def test_tokens_one_after_the_other_give_what_all_together_do(folder: Path) -> None:
    model = opened(folder)
    names = ("logits", "decoder.1.cross_attn.hook_pattern")
    whole, cache = model.activations(TARGET, names), KeyValueCache()
    model.activations(TARGET[:9], names, cache)
    for number in range(9, len(TARGET)):
        step = model.activations(TARGET[number : number + 1], names, cache)
        torch.testing.assert_close(step["logits"][0], whole["logits"][number], rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(step[names[1]][:, 0], whole[names[1]][:, number], rtol=1e-4, atol=1e-5)


def test_a_run_from_what_enters_a_layer_is_the_rest_of_a_whole_run(folder: Path) -> None:
    model = opened(folder)
    whole = model.activations(TARGET, ["decoder.1.hook_resid_pre", "logits"])
    rest = model.activations(TARGET, ["logits"], entering=(1, whole["decoder.1.hook_resid_pre"]))
    assert torch.equal(rest["logits"], whole["logits"])


def test_files_and_costs_have_the_parameters_that_transformers_counts(folder: Path) -> None:
    theirs = load_reference(folder)
    named = [*theirs.named_parameters(remove_duplicate=False), *theirs.named_buffers()]
    kept = theirs.state_dict().keys() - set(theirs._keys_to_ignore_on_save or ())
    once = {id(each): each.numel() for name, each in named if name in kept}
    decoder, encoder = config_of(folder, "decoder"), config_of(folder, "encoder")
    both = parameters_of_both(decoder)
    assert take_inventory(decoder, Checkpoint.open(folder)).missing == ()
    for config in (encoder, decoder):
        counted = sum(prod(config.sizes()[axis] for axis in axes) for axes in parameters(config).values())
        assert sum(model_parameters(config).values()) == counted
    shared = parameters(encoder).keys() & parameters(decoder)
    twice = sum(prod(decoder.sizes()[axis] for axis in both[name]) for name in shared)
    counts = (sum(model_parameters(config).values()) for config in (encoder, decoder))
    assert sum(counts) - twice == sum(once.values())


def test_a_decoder_takes_the_operations_that_torch_counts(folder: Path) -> None:
    theirs, tokens = load_reference(folder), 7
    ids = torch.arange(tokens)[None]
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        theirs(input_ids=ids, decoder_input_ids=ids, use_cache=False)
    configs = (config_of(folder, "encoder"), config_of(folder, "decoder"))
    assert sum(forward_operations(config, tokens).total for config in configs) == counter.get_total_flops()
    decoder = configs[1]
    kept = 2 * 2 * 2 * decoder.layers * decoder.kv_heads * decoder.d_head * tokens  # of 16 bits, of two attentions
    assert cache_bytes(decoder, tokens) == kept


def test_another_source_is_another_pass(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, next(iter(BOTH)))
    keys = [PassKeys(opened(folder, source=source)).of(TARGET) for source in (SOURCE, SOURCE[1:])]
    assert None in keys or keys[0] != keys[1]


def test_what_is_read_before_a_head_across_is_there_counts_the_encoder(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, next(iter(BOTH)))
    reading = Reading(str(folder), tokens=SOURCE, device="cpu", target_tokens=TARGET, cross=True)
    encoder, decoder = opened(folder, "encoder"), opened(folder)
    size = sum(encoder.checkpoint.stored_bytes(name) for name in encoder.parameters(3))
    scene = head_scene(reading, 0, 1)
    found = below(scene.document.tensors.values(), scene.sources, least=1)
    assert found == Below(0, size, 0, encoder=3)
    amount = f"{size / 1e6:,.1f} MB"
    assert str(found) == f"layer 0 needs what all 3 layers of the encoder compute: {amount} are read first"
    deeper = head_scene(reading, 1, 1)
    found = below(deeper.document.tensors.values(), deeper.sources, least=1)
    more = sum(decoder.checkpoint.stored_bytes(name) for name in decoder.parameters(1) - decoder.parameters(0))
    assert found == Below(1, size + more, 0, encoder=3)
    assert "what the layer below it computes, and all 3 layers of the encoder: " in str(found)
    deeper.values()
    found = below(deeper.document.tensors.values(), deeper.sources, least=1)
    assert found is None or not found.encoder  # what it gives is there


def test_what_an_encoder_gives_is_computed_once(tmp_path: Path) -> None:
    encoder = opened(save_variant(tmp_path, next(iter(BOTH))), "encoder")
    source = Source(encoder, SOURCE)
    assert source.given() is source.given()
    assert torch.equal(source.given(), encoder.activation(SOURCE, output_of(encoder.config)))


def test_a_decoder_without_a_source_says_so(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, next(iter(BOTH)))
    with pytest.raises(SourceError) as caught:
        opened(folder, source=()).activation(TARGET, "logits")
    assert str(caught.value) == (
        f"{folder}: its decoder looks at what the encoder has read; a prompt, or tokens, for the encoder is needed."
    )


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            {"cross": True, "stack": "encoder"},
            "{}: the encoder's heads look at its own tokens alone; its decoder is needed to look across.",
        ),
        (
            {"target_tokens": (0,)},
            "{}: a target is what a decoder has been given; its decoder is needed (--stack decoder).",
        ),
        (
            {"cross": True, "target": "a", "target_tokens": (0,)},
            "{}: both a target and target tokens; give one of them.",
        ),
        ({"cross": True, "target_tokens": (96,)}, "{}: token 96 is not in the vocabulary; ids go from 0 to 95."),
        ({"cross": True, "tokens": (96,)}, "{}: token 96 is not in the vocabulary; ids go from 0 to 95."),
    ],
)
def test_what_a_model_of_two_stacks_does_not_do_is_refused(said: dict[str, Any], message: str, tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "t5")
    with pytest.raises(SourceError) as caught:
        head_scene(Reading(str(folder), **{"tokens": SOURCE, **said}), 0, 0)
    assert str(caught.value) == message.format(folder)


def test_a_target_that_is_too_long_is_called_so(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "bart")
    most = read_model_config(Checkpoint.open(folder).config, "", "decoder").positions
    with pytest.raises(SourceError) as caught:
        head_scene(Reading(str(folder), tokens=SOURCE, target_tokens=(0,) * (most + 1), cross=True), 0, 0)
    assert str(caught.value) == f"{folder}: the target has {most + 1} tokens; the model reads at most {most}."


def test_only_attention_goes_across(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "t5")
    with pytest.raises(
        SourceError, match=r": only attention goes across; --part attention is needed beside --cross\.$"
    ):
        layer_scene(Reading(str(folder), tokens=SOURCE, cross=True), 0, "mlp")


@pytest.mark.parametrize("said", [{"cross": True}, {"stack": "encoder"}])
def test_a_model_of_one_stack_has_no_other(said: dict[str, Any], tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "llama")
    with pytest.raises(SourceError) as caught:
        head_scene(Reading(str(folder), tokens=(1, 2), **said), 0, 0)
    assert str(caught.value) == (
        f"{folder}/config.json: a model of type llama has one stack alone; --stack and --cross are of models with two."
    )
    with pytest.raises(SourceError, match=r": has no decoder that a target could be given; leave the target out\.$"):
        head_scene(Reading(str(folder), tokens=(1, 2), target="a"), 0, 0)


def test_an_encoder_alone_has_no_decoder() -> None:
    said = {**BOTH["t5"].to_dict(), "architectures": ["T5EncoderModel"]}
    assert read_model_config(said, "config.json").stack == "encoder"
    with pytest.raises(SourceError) as caught:
        read_model_config(said, "config.json", "decoder")
    assert str(caught.value) == (
        "config.json, architectures: is T5EncoderModel, which has no decoder; only the encoder can be drawn."
    )


def test_where_a_decoder_begins_has_to_be_said(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "mbart" if "mbart" in BOTH else "t5")
    checkpoint = Checkpoint.open(folder)
    checkpoint.config.pop("decoder_start_token_id", None)
    from mmviz.values.text.target import target_ids

    with pytest.raises(SourceError) as caught:
        target_ids(checkpoint, None)
    assert str(caught.value) == (
        f"{folder}/config.json, decoder_start_token_id: is missing, so that it is not known what the decoder's tokens "
        "begin with; target_tokens (--target-tokens) are needed, all that it reads."
    )
