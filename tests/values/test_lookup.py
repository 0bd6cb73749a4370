import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import LlamaConfig, LlamaForCausalLM

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from tests.values.variants import save_variant

TOKENS = (3, 1, 4, 1, 5)


def save_tiny(folder: Path, tied: bool = False) -> Path:
    config = LlamaConfig(
        vocab_size=32,
        hidden_size=24,
        intermediate_size=40,
        num_hidden_layers=3,
        num_attention_heads=6,
        num_key_value_heads=2,
        head_dim=8,
        tie_word_embeddings=tied,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def change_config(folder: Path, **changes: Any) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **changes}))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return Model(Checkpoint.open(save_tiny(tmp_path_factory.mktemp("tiny"))), "cpu")


def refuses(message: str) -> Any:
    return pytest.raises(SourceError, match=f"^{re.escape(message)}$")


@pytest.mark.parametrize(
    ("name", "end"),
    [
        (
            "blocks.0.attn.hook_patern",
            "unknown activation; close names: "
            "blocks.0.attn.hook_pattern, blocks.2.attn.hook_pattern, blocks.1.attn.hook_pattern.",
        ),
        ("zzz", "unknown activation; 60 names are known, such as logits."),
        ("blocks.7.attn.hook_q", "the model has 3 layers, 0 to 2; got layer 7."),
    ],
)
def test_an_impossible_activation_is_refused(tiny: Model, name: str, end: str) -> None:
    message = f"{tiny.checkpoint.path}, {name}: {end}"
    with refuses(message):
        tiny.activations(TOKENS, ["hook_embed", name])
    with refuses(message):
        tiny.activation_shape(5, name)
    with refuses(message):
        tiny.activation(TOKENS, name, head=0)


@pytest.mark.parametrize("name", ["blocks.00.hook_resid_pre", "blocks.-1.hook_resid_pre", "blocks.0", ""])
def test_a_name_written_otherwise_is_unknown(tiny: Model, name: str) -> None:
    with pytest.raises(SourceError, match=r": unknown activation; "):
        tiny.activations(TOKENS, [name])


@pytest.mark.parametrize("head", [-1, 6])
def test_a_head_that_is_not_there_is_refused(tiny: Model, head: int) -> None:
    for name in ("blocks.0.attn.hook_q", "blocks.0.attn.hook_k"):
        with refuses(f"{tiny.checkpoint.path}, {name}: the model has 6 heads, 0 to 5; got head {head}."):
            tiny.activation(TOKENS, name, head)
    for name in ("blocks.0.attn.W_Q", "blocks.0.attn.W_K"):
        with refuses(f"{tiny.checkpoint.path}, {name}: the model has 6 heads, 0 to 5; got head {head}."):
            tiny.weight(name, head)


def test_a_head_of_what_has_no_heads_is_refused(tiny: Model) -> None:
    with refuses(f"{tiny.checkpoint.path}, hook_embed: has no heads; leave the head out."):
        tiny.activation(TOKENS, "hook_embed", head=0)
    for name in ("blocks.0.mlp.W_in", "embed.W_E", "model.layers.0.self_attn.q_proj.weight"):
        with refuses(f"{tiny.checkpoint.path}, {name}: has no heads; leave the head out."):
            tiny.weight_shape(name, head=0)


@pytest.mark.parametrize(
    ("name", "end"),
    [
        (
            "blocks.0.attn.W_k",
            "unknown weight; close names: blocks.0.attn.W_V, blocks.0.attn.W_Q, blocks.0.attn.W_O.",
        ),
        ("blocks.3.attn.W_K", "the model has 3 layers, 0 to 2; got layer 3."),
    ],
)
def test_an_impossible_weight_is_refused(tiny: Model, name: str, end: str) -> None:
    with refuses(f"{tiny.checkpoint.path}, {name}: {end}"):
        tiny.weight(name)


def test_an_impossible_prompt_is_refused(tiny: Model) -> None:
    with refuses(f"{tiny.checkpoint.path}: the prompt has no tokens; at least one is needed."):
        tiny.activations((), ["hook_embed"])
    for token in (-1, 32):
        with refuses(f"{tiny.checkpoint.path}: token {token} is not in the vocabulary; ids go from 0 to 31."):
            tiny.activation((3, token), "hook_embed")


def test_a_file_that_does_not_fit_its_config_is_refused(tmp_path: Path) -> None:
    change_config(save_tiny(tmp_path), head_dim=16)
    llama = Model(Checkpoint.open(tmp_path), "cpu")
    message = f"{tmp_path}, model.layers.0.self_attn.q_proj.weight: is 48x24; config.json needs 96x24."
    with refuses(message):
        llama.activations(TOKENS, ["blocks.0.attn.hook_q"])
    with refuses(message):
        llama.weight_shape("blocks.0.attn.W_Q", head=0)


def test_an_untied_model_without_its_unembedding_is_refused(tmp_path: Path) -> None:
    change_config(save_tiny(tmp_path, tied=True), tie_word_embeddings=False)
    llama = Model(Checkpoint.open(tmp_path), "cpu")
    with pytest.raises(SourceError, match=r": has no weight 'lm_head\.weight'; "):
        llama.activations(TOKENS, ["logits"])


def test_a_models_refusal_names_its_config(tmp_path: Path) -> None:
    change_config(save_tiny(tmp_path), model_type="mamba")
    with refuses(
        f"{tmp_path / 'config.json'}, model_type: 'mamba' is not supported: layers that keep a running state in the "
        "place of attention; mmviz models lists those that are."
    ):
        Model(Checkpoint.open(tmp_path))


def test_a_parameter_that_no_llama_has_is_still_read_by_its_name(tmp_path: Path) -> None:
    save_tiny(tmp_path)
    extra = {"model.layers.0.self_attn.rotary_emb.inv_freq": torch.arange(4.0), "probe": torch.ones(2, 3)}
    save_file({**load_file(tmp_path / "model.safetensors"), **extra}, tmp_path / "model.safetensors")
    llama = Model(Checkpoint.open(tmp_path), "cpu")
    for name, value in extra.items():
        assert torch.equal(llama.weight(name), value if value.ndim > 1 else value[None])
        assert llama.weight_axes(name) == ("", "")


def test_of_norms_that_lie_apart_a_head_has_to_be_named(tmp_path: Path) -> None:
    model = Model(Checkpoint.open(save_variant(tmp_path, "stablelm normed")), "cpu")
    at = "blocks.1.attn"
    norms = load_file(tmp_path / "model.safetensors")
    for head in range(6):
        for kind, number in (("q", head), ("k", head // 3)):
            parameter = f"model.layers.1.self_attn.{kind}_layernorm.norms.{number}.weight"
            assert torch.equal(model.weight(f"{at}.{kind}_norm.w", head)[0], norms[parameter])
            assert model.weight_axes(f"{at}.{kind}_norm.w", head) == ("", "d_head")
    with refuses(f"{tmp_path}, {at}.q_norm.w: each head has a parameter of its own; a head is needed."):
        model.weight(f"{at}.q_norm.w")
    with refuses(f"{tmp_path}, {at}.k_norm.w: the model has 6 heads, 0 to 5; got head 6."):
        model.weight(f"{at}.k_norm.w", 6)
