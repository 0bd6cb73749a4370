"""GGUF files of encoders, BERT and its like, ModernBERT and T5, and of its decoder: as transformers has them."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from gguf import GGMLQuantizationType as Kind
from gguf.constants import MODEL_ARCH
from transformers import (
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    ModernBertConfig,
    ModernBertModel,
    RobertaConfig,
    RobertaModel,
    T5Config,
    T5EncoderModel,
    T5ForConditionalGeneration,
    UMT5Config,
    UMT5ForConditionalGeneration,
)

from mmviz.errors import SourceError
from mmviz.values.families.names import output_of
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.files.gguf_encoders import ENCODERS
from mmviz.values.model.inventory import take_inventory
from mmviz.values.model.model import Model
from mmviz.values.reference.comparison import compare
from tests.values.gguf_writer import finish, rewritten, write_value
from tests.values.variants import silently

TOKENS = (3, 8, 4, 9, 5, 9, 2, 6, 5, 31, 90, 7)
SIZES: dict[str, Any] = {
    "vocab_size": 96,
    "hidden_size": 48,
    "intermediate_size": 80,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "max_position_embeddings": 32,
}
PAD = {"pad_token_id": 0, "cls_token_id": 1, "sep_token_id": 2, "bos_token_id": 1, "eos_token_id": 2}
T5: dict[str, Any] = {
    "vocab_size": 96,
    "d_model": 48,
    "d_kv": 10,
    "d_ff": 80,
    "num_layers": 3,
    "num_heads": 6,
    "n_positions": 32,
    "relative_attention_num_buckets": 8,
    "decoder_start_token_id": 0,
}
MODELS: Mapping[str, tuple[MODEL_ARCH, type[Any], Any]] = {
    "bert": (MODEL_ARCH.BERT, BertModel, BertConfig(**SIZES, layer_norm_eps=0.1)),
    "roberta": (MODEL_ARCH.BERT, RobertaModel, RobertaConfig(**SIZES, type_vocab_size=1, pad_token_id=1)),
    "distilbert": (
        MODEL_ARCH.BERT,
        DistilBertModel,
        DistilBertConfig(vocab_size=96, dim=48, hidden_dim=80, n_layers=3, n_heads=6, max_position_embeddings=32),
    ),
    "modernbert": (MODEL_ARCH.MODERN_BERT, ModernBertModel, ModernBertConfig(**SIZES, **PAD, local_attention=4)),
    "t5encoder": (MODEL_ARCH.T5ENCODER, T5EncoderModel, T5Config(**T5)),
    "t5": (MODEL_ARCH.T5, T5ForConditionalGeneration, T5Config(**T5, num_decoder_layers=2)),
    "t5 gated": (
        MODEL_ARCH.T5,
        T5ForConditionalGeneration,
        T5Config(**T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False),
    ),
    "umt5": (MODEL_ARCH.T5, UMT5ForConditionalGeneration, UMT5Config(**T5, tie_word_embeddings=False)),
}
"""Which architecture they are converted to, by which class, and what they are."""
OF_TWO = ("t5", "t5 gated", "umt5")
"""Those with a decoder; all but the first have a matrix of their own that makes logits."""


@cache
def made(name: str) -> Any:
    """A model of transformers whose attention is far from uniform."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        _, made_by, config = MODELS[name]
        config._attn_implementation = "eager"
        model = silently(made_by, config)
        if name in OF_TWO[1:]:
            model.lm_head = torch.nn.Linear(48, 96, bias=False)
        with torch.no_grad():
            for of, parameter in model.named_parameters():
                far = "norm" in of.lower() and of.endswith("weight")
                parameter.uniform_(0.5, 2.0) if far else parameter.normal_(0, 0.2)
    return model.eval()


def written(folder: Path, name: str) -> Path:
    """As llama.cpp's converter writes it."""
    arch, _, config = MODELS[name]
    path = folder / "tiny.gguf"
    writer = gguf.GGUFWriter(str(path), gguf.MODEL_ARCH_NAMES[arch])
    keys = {
        "block_count": config.num_hidden_layers,
        "embedding_length": config.hidden_size,
        "attention.head_count": config.num_attention_heads,
        "context_length": 30 if name == "roberta" else 32,
        "feed_forward_length": 80,
        **(of_t5(config) if "t5" in name else of_bert(name, config)),
    }
    for key, value in keys.items():
        write_value(writer, f"{writer.arch}.{key}", value)
    names = gguf.get_tensor_name_map(arch, config.num_hidden_layers)
    for parameter, weight in made(name).state_dict().items():
        tied = name == "t5" and parameter == "lm_head.weight"
        if tied or parameter.endswith(".embed_tokens.weight") or "pooler" in parameter:
            continue
        stored = str(names.get_name(parameter, try_suffixes=(".weight", ".bias")))
        numbers = weight.numpy()
        writer.add_tensor(stored, numbers[2:] if name == "roberta" and stored == "position_embd.weight" else numbers)
    finish(writer)
    return path


def of_bert(name: str, config: Any) -> dict[str, Any]:
    causal = {"attention.causal": False}
    if name != "modernbert":
        return {**causal, "attention.layer_norm_epsilon": getattr(config, "layer_norm_eps", 1e-12)}
    bases = {"rope.freq_base": 160000.0, "rope.freq_base_swa": 10000.0, "rope.scaling.type": "none"}
    return {**causal, **bases, "attention.layer_norm_epsilon": config.norm_eps, "attention.sliding_window": 4}


def of_t5(config: Any) -> dict[str, Any]:
    eps = {f"attention.layer_norm{kind}_epsilon": config.layer_norm_epsilon for kind in ("", "_rms")}
    sizes = {"attention.key_length": 10, "attention.value_length": 10, "attention.relative_buckets_count": 8}
    decoder = {"decoder_start_token_id": 0, "decoder_block_count": config.num_decoder_layers}
    return {**eps, **sizes, **decoder}


def last_of(name: str) -> torch.Tensor:
    """What transformers gives behind the last layer, normalized where the model does so."""
    model, tokens = made(name), torch.tensor([TOKENS])
    with torch.inference_mode():
        encoder = model.get_encoder() if name in OF_TWO else model
        found: torch.Tensor = encoder(input_ids=tokens).last_hidden_state[0]
        return found


def test_every_encoder_is_tried() -> None:
    assert {gguf.MODEL_ARCH_NAMES[arch] for arch, _, _ in MODELS.values()} == set(ENCODERS)


@pytest.mark.parametrize("name", MODELS)
def test_a_file_computes_what_the_model_does_that_was_converted(name: str, tmp_path: Path) -> None:
    model = Model(Checkpoint.open(written(tmp_path, name)), "cpu")
    found, expected = model.activation(TOKENS, output_of(model.config)), last_of(name)
    assert (found - expected).abs().max() < 1e-5 * expected.abs().max()
    inventory = take_inventory(model.config, model.checkpoint)
    assert not inventory.missing
    assert not inventory.misshapen
    extra = {each.meaning for each in inventory.extra}
    assert extra == ({"of the decoder; --stack decoder draws it"} if name in OF_TWO else set())


@pytest.mark.parametrize("name", MODELS)
def test_every_activation_is_that_of_transformers(name: str, tmp_path: Path) -> None:
    assert not compare(Model(Checkpoint.open(written(tmp_path, name)), "cpu"), TOKENS).exceeding


@pytest.mark.parametrize("name", OF_TWO)
def test_a_decoder_computes_what_that_of_the_model_does(name: str, tmp_path: Path) -> None:
    model = Model(Checkpoint.open(written(tmp_path, name)), "cpu", stack="decoder", source_ids=TOKENS)
    assert (model.config.kind, model.config.layers) == ("umt5" if name == "umt5" else "t5", 2 if name == "t5" else 3)
    target = (0, *TOKENS[:5])
    assert not compare(model, target).exceeding
    found = model.activation(target, "logits")
    with torch.inference_mode():
        given = {"input_ids": torch.tensor([TOKENS]), "decoder_input_ids": torch.tensor([target])}
        expected = made(name)(**given).logits[0]
    assert (found - expected).abs().max() < 1e-5 * expected.abs().max()


def test_a_file_without_its_decoder_has_none_to_draw(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="decoder"):
        Model(Checkpoint.open(written(tmp_path, "t5encoder")), "cpu", stack="decoder", source_ids=TOKENS)


def test_a_modernbert_says_which_layers_slide_and_what_its_mlp_goes_through(tmp_path: Path) -> None:
    path = written(tmp_path, "modernbert")
    added: dict[str, Any] = {
        "modern-bert.attention.sliding_window_pattern": [True, False, True],
        "modern-bert.hidden_act": "silu",
    }
    config = Model(Checkpoint.open(rewritten(path, added=added)), "cpu").config
    assert (config.sliding, config.window, config.activation) == (frozenset({0, 2}), 2, "silu")
    assert Model(Checkpoint.open(rewritten(path, dropped="sliding_window|swa")), "cpu").config.sliding == frozenset()


def test_a_head_of_another_task_is_passed_over(tmp_path: Path) -> None:
    head = {
        "cls.weight": (np.ones((48, 48), np.float32), Kind.F32),
        "cls.output.bias": (np.ones(1, np.float32), Kind.F32),
    }
    model = Model(Checkpoint.open(rewritten(written(tmp_path, "bert"), head)), "cpu")
    extra = take_inventory(model.config, model.checkpoint).extra
    assert {each.meaning for each in extra} == {"a head for another task; it is no part of the model that is shown"}
    assert model.activation(TOKENS, "hook_embed").shape == (12, 48)


@pytest.mark.parametrize(
    ("name", "added", "dropped", "end"),
    [
        (
            "distilbert",
            {"bert.attention.layer_norm_epsilon": 0.5},
            "$^",
            "bert.attention.layer_norm_epsilon: is 0.5; without token_types.weight 1e-12, of a DistilBERT, is needed.",
        ),
        ("bert", {"bert.attention.causal": True}, "$^", "bert.attention.causal: is True; false, or none, is needed."),
        ("bert", {"bert.attention.head_count_kv": 2}, "$^", "bert.attention.head_count_kv: is 2; 6 is needed."),
        (
            "modernbert",
            {"modern-bert.hidden_act": "tanh"},
            "$^",
            "modern-bert.hidden_act: is tanh; one of gelu, silu is needed.",
        ),
        ("modernbert", {}, "swa", "modern-bert.rope.freq_base_swa: is missing; a number above 0 is needed."),
        (
            "t5",
            {},
            "relative_buckets",
            "t5.attention.relative_buckets_count: is missing; a whole number from 1 up is needed.",
        ),
    ],
)
def test_what_such_a_file_says_otherwise_is_refused(
    name: str, added: dict[str, Any], dropped: str, end: str, tmp_path: Path
) -> None:
    path = rewritten(written(tmp_path, name), added=added, dropped=dropped)
    with pytest.raises(SourceError) as caught:
        Checkpoint.open(path)
    assert str(caught.value) == f"{path}, {end}"
