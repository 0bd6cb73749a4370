"""GGUF files of SmolLM 3, Granite, OLMo and Seed-OSS: what they say is what the model's own config.json says."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    GraniteConfig,
    Olmo2Config,
    Olmo3Config,
    OlmoConfig,
    SeedOssConfig,
    SmolLM3Config,
)

from mmviz.errors import SourceError
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.files.gguf_llamas import LLAMAS, UNROTATED
from mmviz.values.model.model import Model
from tests.values.gguf_writer import rewritten, write_gguf
from tests.values.kinds.cases import GROUPED
from tests.values.variants import load_reference, save_variant, silently

TOKENS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 31, 90, 0)
SLIDES = ["sliding_attention", "full_attention", "sliding_attention"]
YARN = {"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 16, "attention_factor": 1.25}
GROWING: Mapping[str, Any] = {
    "mistral3.attention.temperature_scale": 0.25,
    "mistral3.rope.scaling.type": "yarn",
    "mistral3.rope.scaling.factor": 4.0,
    "mistral3.rope.scaling.original_context_length": 4,
    "mistral3.rope.scaling.yarn_log_multiplier": 1.0,
}
MODELS: Mapping[str, tuple[Any, Mapping[str, Any]]] = {
    "smollm3": (SmolLM3Config(**{**GROUPED, "num_hidden_layers": 4}, attention_bias=True, pad_token_id=0), {}),
    "granite": (
        GraniteConfig(
            **GROUPED,
            attention_multiplier=0.25,
            embedding_multiplier=12.0,
            residual_multiplier=0.5,
            logits_scaling=8.0,
            tie_word_embeddings=True,
        ),
        {
            "granite.attention.scale": 0.25,
            "granite.embedding_scale": 12.0,
            "granite.residual_scale": 0.5,
            "granite.logit_scale": 8.0,
        },
    ),
    "olmo": (OlmoConfig(**GROUPED, clip_qkv=0.5), {"olmo.attention.clamp_kqv": 0.5}),
    "olmo2": (Olmo2Config(**GROUPED), {}),
    "olmo3": (
        Olmo3Config(
            **GROUPED,
            sliding_window=5,
            layer_types=SLIDES,
            rope_parameters={
                "full_attention": {**YARN, "rope_theta": 5000.0},
                "sliding_attention": {"rope_type": "default", "rope_theta": 5000.0},
            },
        ),
        {
            "olmo2.attention.sliding_window": 5,
            "olmo2.attention.sliding_window_pattern": [True, False, True],
            "olmo2.rope.scaling.attn_factor": 1.25,
        },
    ),
    "seed_oss": (SeedOssConfig(**GROUPED, head_dim=16), {}),
}
"""A configuration, and what llama.cpp's converter writes of it beside sizes and positions."""


def test_every_architecture_is_tried() -> None:
    elsewhere = {"mistral3"}  # test_gguf.py and below
    assert {"olmo2" if name == "olmo3" else name for name in MODELS} == set(LLAMAS) - elsewhere
    assert SmolLM3Config().no_rope_layer_interval == UNROTATED


@cache
def made(name: str) -> Any:
    """A model of transformers whose attention is far from uniform."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        config = MODELS[name][0]
        model: Any = silently(AutoModelForCausalLM.from_config, config, attn_implementation="eager")
        with torch.no_grad():
            for of, parameter in model.named_parameters():
                parameter.uniform_(0.5, 2.0) if "norm" in of else parameter.normal_(0, 0.2)
    return model.eval()


def written(folder: Path, name: str) -> Path:
    return write_gguf(folder / "tiny.gguf", made(name), vocabulary=MODELS[name][1])


@pytest.mark.parametrize("name", MODELS)
def test_a_file_holds_the_model_that_was_converted(name: str, tmp_path: Path) -> None:
    checkpoint, theirs = Checkpoint.open(written(tmp_path, name)), made(name)
    own = read_model_config({**theirs.config.to_dict(), "architectures": None}, "config.json")
    read = read_model_config(checkpoint.config, "file")
    assert read == replace(own, layout=read.layout)
    for parameter, weight in theirs.named_parameters():
        assert torch.equal(checkpoint.slice(parameter), weight.detach()), parameter
    with torch.inference_mode():
        expected = theirs(torch.tensor([TOKENS])).logits[0]
    found = Model(checkpoint, "cpu").activation(TOKENS, "logits")
    assert (found - expected).abs().max() < 1e-5 * expected.abs().max()


@pytest.mark.parametrize(("name", "moved"), [("smollm3", True), ("granite", True), ("olmo", True), ("olmo2", False)])
def test_rows_that_rotate_together_lie_side_by_side_in_some(name: str, moved: bool, tmp_path: Path) -> None:
    file, last = written(tmp_path, name), made(name).config.num_hidden_layers - 1  # of SmolLM 3 without positions
    stored = next(one.data for one in gguf.GGUFReader(file).tensors if one.name == f"blk.{last}.attn_q.weight")
    own = made(name).get_parameter(f"model.layers.{last}.self_attn.q_proj.weight").detach().numpy()
    halves = own.reshape(6, 2, 4, 48)  # heads, halves of a head, pairs, d_model
    assert np.array_equal(stored, halves.swapaxes(1, 2).reshape(48, 48) if moved else own)


@pytest.mark.parametrize(
    ("name", "added", "end"),
    [
        (
            "granite",
            {"granite.rope.scaling.finetuned": False},
            "granite.rope.scaling.finetuned: is False, by which a Granite would not rotate; true, or none, is needed.",
        ),
        (
            "olmo",
            {"olmo.attention.layer_norm_epsilon": 0.5},
            "olmo.attention.layer_norm_epsilon: is 0.5; 1e-05, as all of OLMo have, is needed.",
        ),
        (
            "olmo2",
            {"olmo2.rope.scaling.attn_factor": 1.25},
            "olmo2.rope.scaling.attn_factor: is 1.25; 1, or none, is needed.",
        ),
    ],
)
def test_what_is_not_known_of_them_is_refused(name: str, added: dict[str, Any], end: str, tmp_path: Path) -> None:
    file = rewritten(written(tmp_path, name), added=added)
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(file)
    assert str(caught.value) == f"{file}, {end}"


def test_a_granite_says_by_what_its_scores_are_multiplied(tmp_path: Path) -> None:
    file = rewritten(written(tmp_path, "granite"), dropped=r"granite\.attention\.scale")
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(file)
    assert str(caught.value) == f"{file}, granite.attention.scale: is missing; a number above 0 is needed."


# Files that are a Llama's but for what they are called, or what lies in one.


def renamed(path: Path, architecture: str, added: Mapping[str, Any] | None = None) -> Path:
    """A file of a Llama as one of another architecture, whose names and rows are the same."""
    fields = {key: field.contents() for key, field in gguf.GGUFReader(path).fields.items() if key.startswith("llama.")}
    own = {key.replace("llama.", f"{architecture}."): value for key, value in fields.items()}
    return rewritten(path, added={"general.architecture": architecture, **own, **(added or {})}, dropped=r"^llama\.")


@pytest.mark.parametrize(
    ("architecture", "variant", "kind"), [("internlm2", "llama", "llama"), ("mistral3", "mistral", "mistral")]
)
def test_others_are_read_as_a_llama(architecture: str, variant: str, kind: str, tmp_path: Path) -> None:
    """InternLM 2, and Mistral Small 3, whose window no file says."""
    reference = load_reference(save_variant(tmp_path, variant))
    path = renamed(write_gguf(tmp_path / "tiny.gguf", reference), architecture)
    model = Model(Checkpoint.open(path), "cpu")
    assert (model.config.kind, model.config.sliding) == (kind, frozenset())
    with torch.inference_mode():
        expected = reference(torch.tensor([TOKENS[:5]])).logits[0]
    assert (model.activation(TOKENS[:5], "logits") - expected).abs().max() < 1e-5 * expected.abs().max()


@pytest.mark.parametrize(
    ("added", "end"),
    [
        (
            {"mistral3.attention.temperature_scale": 0.25},
            "mistral3.attention.temperature_scale: is 0.25, by which queries grow where yarn scales; it does not.",
        ),
        (
            {**GROWING, "mistral3.attention.temperature_length": 7},
            "mistral3.attention.temperature_length: is 7; the original context, 4, is needed.",
        ),
        (
            {**GROWING, "mistral3.rope.scaling.yarn_log_multiplier": 0.5},
            "mistral3.rope.scaling.yarn_log_multiplier: is 0.5; 1 is needed.",
        ),
    ],
)
def test_queries_that_grow_in_another_way_are_refused(added: dict[str, Any], end: str, tmp_path: Path) -> None:
    file = renamed(
        write_gguf(tmp_path / "tiny.gguf", load_reference(save_variant(tmp_path, "llama"))), "mistral3", added
    )
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(file)
    assert str(caught.value) == f"{file}, {end}"


def test_a_chatglm_has_queries_keys_and_values_in_one(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "tiny.gguf", load_reference(save_variant(tmp_path, "glm")))
    tensors = {each.name: np.array(each.data) for each in gguf.GGUFReader(path).tensors}
    joined = {
        f"blk.{layer}.attn_qkv.{end}": np.concatenate([tensors[f"blk.{layer}.attn_{kind}.{end}"] for kind in "qkv"])
        for layer in range(3)
        for end in ("weight", "bias")
    }
    of_one = {name: (numbers, gguf.GGMLQuantizationType.F32) for name, numbers in joined.items()}
    apart = Checkpoint.open(path)
    whole = Checkpoint.open(rewritten(path, of_one, dropped=r"attn_[qkv]\."))
    assert whole.names == apart.names
    for name in whole.names:
        assert torch.equal(whole.slice(name), apart.slice(name)), name
        rows = slice(3, 9)
        assert torch.equal(whole.slice(name, rows), apart.slice(name, rows)), name


def test_a_weight_that_two_tensors_are_is_refused(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "tiny.gguf", load_reference(save_variant(tmp_path, "glm")))
    twice = rewritten(path, {"blk.0.attn_qkv.weight": (np.ones((80, 48), np.float32), gguf.GGMLQuantizationType.F32)})
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(twice)
    assert str(caught.value) == (
        f"{twice}, blk.0.attn_qkv.weight: is model.layers.0.self_attn.q_proj.weight, which another tensor is, too; one "
        "of both is needed."
    )
