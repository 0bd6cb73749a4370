"""Positions as sines and cosines, and what files may leave out."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers.models.m2m_100.modeling_m2m_100 import M2M100SinusoidalPositionalEmbedding
from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding

from mmviz.values.arithmetic.sinusoids import position_vectors
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model import around_layers
from mmviz.values.model.left_out import as_stored
from mmviz.values.model.model import Model
from tests.values.variants import changed, save_variant

ROWS = [0, 1, 2, 7, 30, 511, 90_000]
TOKENS = (2, 5, 9)


@pytest.mark.parametrize("width", [4, 9, 48])
def test_positions_are_those_of_transformers(width: int) -> None:
    theirs = MarianSinusoidalPositionalEmbedding(600, width).create_weight()
    assert torch.equal(position_vectors(ROWS[:-1], width, "float64"), theirs[ROWS[:-1]])
    other = M2M100SinusoidalPositionalEmbedding.get_embedding(90_001, width, None)
    assert torch.equal(position_vectors(ROWS, width, "float32"), other[ROWS])


def opened(folder: Path) -> Model:
    return Model(Checkpoint.open(folder), "cpu", stack="decoder", source_ids=TOKENS)


def test_files_may_hold_positions_that_else_are_computed(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "marian")
    computed = opened(folder).activation(TOKENS, "hook_pos_embed")
    assert torch.equal(computed, position_vectors(range(3), 48, "float64"))
    held = torch.randn(32, 48)
    changed(folder, lambda weights: weights.update({"model.decoder.embed_positions.weight": held}))
    assert torch.equal(opened(folder).activation(TOKENS, "hook_pos_embed"), held[:3])
    opened(folder).check_parameters()


def test_a_bias_of_logits_that_files_leave_out_is_none(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "bart")
    bias = load_file(folder / "model.safetensors")["final_logits_bias"]
    before = opened(folder).activation(TOKENS, "logits")
    changed(folder, lambda weights: weights.pop("final_logits_bias"))
    torch.testing.assert_close(opened(folder).activation(TOKENS, "logits") + bias, before)
    opened(folder).check_parameters()
    checkpoint = Checkpoint.open(folder)
    said = read_model_config(checkpoint.config, "config.json", "decoder")
    assert (said.unembed_bias, as_stored(said, checkpoint).unembed_bias) == (True, False)


def test_a_token_of_padding_has_no_position(tmp_path: Path) -> None:
    found = opened(save_variant(tmp_path, "m2m_100")).activation((2, 1, 5), "hook_pos_embed")
    assert not found[1].any()
    assert torch.equal(found[[0, 2]], position_vectors([2, 3], 48, "float32"))


def test_what_is_around_the_layers_is_computed_by_name(tmp_path: Path) -> None:
    model = opened(save_variant(tmp_path, "bart"))
    x = torch.randn(3, 48)
    bare = around_layers.linear(x, model._weights, "decoder.0.attn.{}_Q", biased=False)
    assert torch.allclose(bare, x @ model.weight("decoder.0.attn.W_Q"), atol=1e-5)
    names = [name for name, _ in around_layers.embedded(model._weights, model.config, TOKENS, 0)]
    assert names == ["hook_embed", "hook_pos_embed", "hook_full_embed"]
