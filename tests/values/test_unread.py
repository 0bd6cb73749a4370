"""Tensors that no forward pass reads, and weights that cannot be read, are refused by name before anything is drawn."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType as Kind

from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene, layer_scene
from mmviz.errors import SourceError
from mmviz.pipeline import Scene
from mmviz.spectra.run import Wish, prepare
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.lookup import Lookup
from mmviz.values.model.model import Model
from tests.values.gguf_writer import rewritten, write_gguf
from tests.values.memory_store import GPT2, GPT_NEOX, LLAMA, MemoryStore, checkpoint_of, weights_of
from tests.values.tiny_transformers import by_transformers, tiny
from tests.values.variants import changed, save_variant

ALONE = "with which no model of type {} computes; a model of a type that is known here is needed."


def refusal(config: Mapping[str, Any], more: list[str], layers: int = 2) -> str:
    """What is said of a model that holds these tensors, too."""
    store = MemoryStore({**weights_of(config), **{name: torch.ones(4) for name in more}})
    checkpoint = checkpoint_of(config, store)
    with pytest.raises(SourceError) as caught:
        Lookup(read_model_config(config, "config.json"), checkpoint).check_all_used(range(layers))
    assert store.asked == []
    return str(caught.value)


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (LLAMA, "model.layers.0.self_attn.q_norm.weight"),
        (LLAMA, "model.layers.1.self_attn.sinks"),
        (LLAMA, "_orig_mod.model.layers.1.self_attn.sinks"),
        (LLAMA, "layers.1.post_feedforward_layernorm.weight"),
        (LLAMA, "model.layers.1.self_attn.q_proj.bias"),
        (LLAMA, "model.layers.0.mlp.gate.weight"),
        (LLAMA, "model.embed_norm.weight"),
        (LLAMA, "lm_head.bias"),
        (LLAMA, "blk.1.attn_q_norm.weight"),
        (GPT_NEOX, "gpt_neox.layers.1.attention.q_norm.weight"),
        (GPT2, "transformer.h.1.crossattention.c_attn.weight"),
        (GPT2, "h.0.attn.rotary.weight"),
    ],
)
def test_a_tensor_that_nobody_reads_is_refused_by_its_name(config: Mapping[str, Any], name: str) -> None:
    assert refusal(config, [name]) == f"model: has {name}, {ALONE.format(config['model_type'])}"


def test_of_many_tensors_that_nobody_reads_a_few_are_named() -> None:
    names = [f"model.layers.{layer}.self_attn.{kind}_norm.weight" for layer in range(2) for kind in "kqv"]
    assert refusal(LLAMA, names) == f"model: has {', '.join(names[:4])} and 2 more, {ALONE.format('llama')}"
    assert "q_norm" in refusal(LLAMA, names, layers=1)


@pytest.mark.parametrize(
    ("config", "names"),
    [
        (LLAMA, ["model.layers.0.self_attn.rotary_emb.inv_freq", "score.weight", "v_head.summary.weight"]),
        (LLAMA, ["model.layers.2.self_attn.q_norm.weight"]),  # of a layer that it does not have
        (LLAMA, ["model.layers.1.self_attn.q_norm.weight"]),  # of a layer that is not computed
        (
            GPT_NEOX,
            [f"gpt_neox.layers.0.attention.{name}" for name in ("bias", "masked_bias", "rotary_emb.inv_freq")],
        ),
        (GPT2, ["h.0.attn.bias", "h.0.attn.masked_bias", "lm_head.weight"]),
    ],
)
def test_what_is_of_no_use_or_comes_later_is_let_be(config: Mapping[str, Any], names: list[str]) -> None:
    checkpoint = checkpoint_of(config, MemoryStore({**weights_of(config), **{name: torch.ones(4) for name in names}}))
    Lookup(read_model_config(config, "config.json"), checkpoint).check_all_used(range(1))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"architectures": ["IlamaForCausalLM"]}, "IlamaForCausalLM"),
        ({"architectures": ["MistralForCausalLM"]}, "MistralForCausalLM"),
        ({"auto_map": {"AutoModel": "modeling_x.X"}, "architectures": ["LlamaForCausalLM"]}, "LlamaForCausalLM"),
        ({"auto_map": {"AutoModel": "modeling_x.X"}}, "class of its own"),
    ],
)
def test_of_another_class_no_layer_may_hold_anything_else(said: dict[str, Any], told: str) -> None:
    name = "model.layers.1.self_attn.q_norm.weight"
    assert refusal({**LLAMA, **said}, [name], layers=1) == (
        f"model: has {name}, with which no model of type llama computes (it says to be a {told}); a model of a type "
        "that is known here is needed."
    )
    config = {**LLAMA, **said}
    Lookup(read_model_config(config, ""), checkpoint_of(config, MemoryStore(weights_of(config)))).check_all_used(
        range(2)
    )


# Every way to draw a model.


def add(folder: Path, name: str) -> None:
    changed(folder, lambda weights: weights.update({name: torch.ones(4)}))


def test_all_ways_to_compute_with_a_layer_refuse_it(tmp_path: Path) -> None:
    folder = save_variant(tmp_path / "m", "gpt2")
    head_scene(Reading(str(folder), tokens=(1, 2)), 1, 0).save(tmp_path / "scene.yaml")
    add(folder, name := "transformer.h.1.attn.q_norm.weight")
    message = f"^{re.escape(f'{folder}: has {name}, ' + ALONE.format('gpt2'))}$"
    reading = Reading(str(folder), tokens=(1, 2))
    model = Model(Checkpoint.open(folder), "cpu")
    for refused in (
        lambda: head_scene(reading, 1, 0),
        lambda: layer_scene(reading, 1),
        lambda: Scene.load(tmp_path / "scene.yaml").values(),
        lambda: prepare(Wish(str(folder), tmp_path / "s", "1")),
        lambda: model.activation((1, 2), "blocks.1.hook_resid_pre"),
        lambda: model.activation((1, 2), "ln_final.hook_normalized"),
        model.check_parameters,
    ):
        with pytest.raises(SourceError, match=message):
            refused()
    head_scene(reading, 0, 0)
    prepare(Wish(str(folder), tmp_path / "s", "0,2"))
    assert model.activation((1, 2), "blocks.0.hook_resid_post").shape == (2, 48)


# Weights that cannot be read.


@pytest.mark.parametrize(("dtype", "stored"), [(torch.int8, "I8"), (torch.float8_e4m3fn, "F8_E4M3")])
def test_weights_of_another_dtype_are_refused_before_a_scene_is_made(
    dtype: torch.dtype, stored: str, tmp_path: Path
) -> None:
    folder = save_variant(tmp_path, "llama")
    name = "model.layers.1.mlp.up_proj.weight"
    changed(folder, lambda weights: weights.update({name: weights[name].to(dtype)}))
    reading = Reading(str(folder), tokens=(1, 2))
    with pytest.raises(SourceError, match=rf"{re.escape(name)}: is stored as {stored}, as quantized weights and"):
        head_scene(reading, 1, 0)
    head_scene(reading, 0, 0)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = tiny("llama", hidden_size=32, intermediate_size=128, num_hidden_layers=1)
    return write_gguf(tmp_path_factory.mktemp("gguf") / "model.gguf", by_transformers(config))


@pytest.mark.parametrize("kind", ["Q8_1", "Q1_0", "I8"])
def test_quantizations_that_cannot_be_undone_are_refused_before_a_scene_is_made(file: Path, kind: str) -> None:
    block, size = gguf.GGML_QUANT_SIZES[Kind[kind]]
    numbers = np.zeros((32, 128 // block * size), np.int8 if kind == "I8" else np.uint8)
    path = rewritten(file, {"blk.0.ffn_down.weight": (numbers, Kind[kind])})
    with pytest.raises(SourceError, match=rf"mlp\.down_proj\.weight: is (quantized|stored) as {kind}"):
        head_scene(Reading(str(path), tokens=(1, 2)), 0, 0)


@pytest.mark.parametrize(
    ("key", "value"), [("attention.scale", 0.5), ("logit_scale", 2.0), ("attention.sliding_window", 8)]
)
def test_a_key_of_a_gguf_file_that_would_change_what_is_computed_is_refused(file: Path, key: str, value: float) -> None:
    path = rewritten(file, {}, {f"llama.{key}": value})
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(path)
    assert str(caught.value) == (
        f"{path}, llama.{key}: is {value}; by its name it would change what is computed, and it is not known here; a "
        "file without it is needed."
    )


def test_rotary_positions_that_are_made_larger_are_refused(file: Path) -> None:
    path = rewritten(file, {}, {"llama.rope.scaling.attn_factor": 1.5})
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(path)
    assert str(caught.value) == f"{path}, llama.rope.scaling.attn_factor: is 1.5; 1, or none, is needed."


def test_a_gguf_file_says_that_there_is_no_causal_mask(file: Path) -> None:
    for causal in (True, False):
        checkpoint = Checkpoint.open(rewritten(file, {}, {"llama.attention.causal": causal}))
        assert read_model_config(checkpoint.config, "").causal is causal
