"""Encoders as people have them: old names of norms, no head, a head for another task, padding within the prompt."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor
from transformers import (
    AutoModel,
    BertConfig,
    BertForPreTraining,
    BertForSequenceClassification,
    BertModel,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    ElectraConfig,
    ElectraForPreTraining,
    RobertaConfig,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)

from mmviz.errors import SourceError
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from mmviz.values.reference.comparison import compare
from tests.values.kinds.bert import CASES as ENCODERS
from tests.values.kinds.bert import DISTILBERT, ROBERTA, SMALL
from tests.values.tiny_transformers import furthest
from tests.values.variants import changed, save_variant, silently

TOKENS = (3, 1, 4, 1, 5, 9, 2, 6, 5, 31, 90, 0)
LAST = "blocks.2.hook_normalized_resid_post"


def model_of(folder: Path) -> Model:
    return Model(Checkpoint.open(folder), "cpu")


def saved(folder: Path, kind: Any, config: Any) -> Path:
    """A model of transformers with random weights that are far from 0."""
    torch.manual_seed(3)
    model = kind(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    silently(model.save_pretrained, folder)
    return folder


def off(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).abs().max() / expected.abs().max())


def renamed(rename: Callable[[str], str]) -> Callable[[dict[str, Tensor]], None]:
    def change(weights: dict[str, Tensor]) -> None:
        before = dict(weights)
        weights.clear()
        weights.update({rename(name): weight for name, weight in before.items()})

    return change


def old_norms(name: str) -> str:
    return name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")


@pytest.mark.parametrize("rename", [old_norms, lambda name: name.removeprefix("bert."), lambda name: f"module.{name}"])
def test_weights_are_found_by_the_names_of_old_files_without_a_prefix_and_with_that_of_training(
    rename: Callable[[str], str], tmp_path: Path
) -> None:
    expected = model_of(save_variant(tmp_path, "bert")).activation(TOKENS, "logits")
    changed(tmp_path, renamed(rename))
    model = model_of(tmp_path)
    assert torch.equal(model.activation(TOKENS, "logits"), expected)
    assert not compare(model, TOKENS).exceeding


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        (BertModel, BertConfig(**SMALL)),
        (BertForSequenceClassification, BertConfig(**SMALL)),
        (DistilBertForSequenceClassification, DistilBertConfig(**DISTILBERT)),
        (ElectraForPreTraining, ElectraConfig(**SMALL, embedding_size=48)),
    ],
)
def test_an_encoder_without_the_head_for_masked_tokens_ends_with_its_last_layer(
    kind: Any, config: Any, tmp_path: Path
) -> None:
    model = model_of(saved(tmp_path, kind, config))
    theirs = silently(AutoModel.from_pretrained, tmp_path, local_files_only=True).eval()
    with torch.no_grad():
        expected = theirs(torch.tensor([TOKENS])).last_hidden_state[0]
    assert off(model.activation(TOKENS, LAST), expected) < 1e-5
    model.check_parameters()
    with pytest.raises(SourceError) as caught:
        model.activation(TOKENS, "logits")
    assert str(caught.value) == f"{tmp_path}, logits: the model ends with its last layer and has no unembedding."
    found = compare(model, TOKENS)
    assert not found.exceeding
    assert found.every[-1].hook == "hook_normalized_resid_post"


def test_what_a_bert_was_trained_with_beside_its_head_is_passed_over(tmp_path: Path) -> None:
    model = model_of(saved(tmp_path, BertForPreTraining, BertConfig(**SMALL)))
    assert {"cls.seq_relationship.weight", "bert.pooler.dense.weight"} <= set(model.checkpoint.names)
    model.check_parameters()
    theirs = silently(BertForPreTraining.from_pretrained, tmp_path, local_files_only=True).eval()
    with torch.no_grad():
        expected = theirs(torch.tensor([TOKENS])).prediction_logits[0]
    assert off(model.activation(TOKENS, "logits"), expected) < 1e-5


def test_an_unembedding_of_its_own_has_a_bias_of_its_own(tmp_path: Path) -> None:
    config = XLMRobertaConfig(**ROBERTA, tie_word_embeddings=False)
    model = model_of(saved(tmp_path, XLMRobertaForMaskedLM, config))
    stored = load_file(tmp_path / "model.safetensors")
    assert not torch.equal(stored["lm_head.bias"], stored["lm_head.decoder.bias"])
    model.check_parameters()
    assert not compare(model, TOKENS).exceeding
    changed(tmp_path, lambda weights: weights.pop("lm_head.decoder.bias"))
    with pytest.raises(SourceError, match=r"has no weight 'lm_head\.decoder\.bias'"):
        model_of(tmp_path).activation(TOKENS, "logits")


@pytest.mark.parametrize("kind", ["roberta", "xlm-roberta", "camembert"])
@pytest.mark.parametrize("padding", [0, 5])
def test_tokens_of_padding_are_no_positions(kind: str, padding: int) -> None:
    tokens = (padding, 7, 8, padding, padding, 9, 3, 2, padding)
    said = {**ENCODERS.sizes[kind], "model_type": kind, "pad_token_id": padding}
    assert furthest(said, tokens)[0] < 1e-5
    config = read_model_config(said, "config.json")
    assert config.positions == 64 - padding - 1


def test_a_roberta_with_no_position_behind_that_of_padding_is_refused() -> None:
    said = {**ENCODERS.sizes["roberta"], "model_type": "roberta", "pad_token_id": 63}
    with pytest.raises(SourceError) as caught:
        read_model_config(said, "config.json")
    assert str(caught.value) == (
        "config.json, max_position_embeddings: is 64; positions begin behind pad_token_id, so that 65 or more are "
        "needed."
    )


def test_a_decoder_of_berts_layers_looks_at_no_later_token(tmp_path: Path) -> None:
    model = model_of(save_variant(tmp_path, "bert as a decoder"))
    pattern = model.activation(TOKENS, "blocks.1.attn.hook_pattern")
    assert (pattern.triu(1) == 0).all()
    said: Mapping[str, Any] = json.loads((tmp_path / "config.json").read_text()) | {"is_decoder": False}
    assert not read_model_config(said, "config.json").causal


@pytest.mark.parametrize(
    ("key", "value", "end"),
    [
        ("add_cross_attention", True, "True is not supported; False is needed."),
        ("position_embedding_type", "relative_key", "'relative_key' is not supported; 'absolute' is needed."),
        ("embedding_size", 24, "is 24; a model of type bert has no such key, and by its name it would change what is "
         "computed; a configuration without it is needed."),
    ],
)  # fmt: skip
def test_a_bert_that_computes_otherwise_is_refused(key: str, value: object, end: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_model_config({**SMALL, "model_type": "bert", key: value}, "config.json")
    assert str(caught.value) == f"config.json, {key}: {end}"


def test_distilberts_and_robertas_have_no_more_positions_than_vectors_for_them() -> None:
    distilbert = read_model_config({**DISTILBERT, "model_type": "distilbert"}, "config.json")
    roberta = read_model_config({**RobertaConfig(**ROBERTA).to_dict()}, "config.json")
    assert (distilbert.positions, roberta.positions) == (32, 32)
    assert roberta.sizes()["position_rows"] == 34


def test_an_electra_whose_vectors_of_tokens_are_narrower_is_refused() -> None:
    with pytest.raises(SourceError) as caught:
        read_model_config({**SMALL, "model_type": "electra", "embedding_size": 16}, "config.json")
    assert str(caught.value) == (
        "config.json, embedding_size: is 16, so that vectors of tokens are taken to d_model; 48 is needed."
    )
