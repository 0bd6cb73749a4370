"""The whole SmolLM2-135M, all 30 layers, against transformers; skipped where it cannot be had."""

from pathlib import Path

import pytest
import torch

from mmviz.values.arithmetic.primitives import KeyValueCache
from mmviz.values.families.names import activation_names
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from mmviz.values.text.tokens import open_tokenizer
from tests.values.variants import load_reference

pytestmark = pytest.mark.network
TEXT = "The quick brown fox jumps over 13 lazy dogs; the quick brown fox, they say, jumps over them every morning."


@pytest.fixture(scope="module")
def model(smollm2: Path) -> Model:
    return Model(Checkpoint.open(smollm2), "cpu")


@pytest.fixture(scope="module")
def ids(model: Model) -> tuple[int, ...]:
    return open_tokenizer(model.checkpoint).encode(TEXT)


def test_every_pattern_residual_and_logit_is_that_of_transformers(model: Model, ids: tuple[int, ...]) -> None:
    with torch.inference_mode():
        theirs = load_reference(model.checkpoint.folder)(
            torch.tensor([ids]), output_hidden_states=True, output_attentions=True, use_cache=False
        )
    ours = model.activations(ids, activation_names(model.config))
    for layer in range(30):
        pattern = ours[f"blocks.{layer}.attn.hook_pattern"]
        assert (pattern - theirs.attentions[layer][0]).abs().max() < 1e-4
        residual, expected = ours[f"blocks.{layer}.hook_resid_pre"], theirs.hidden_states[layer][0]
        assert (residual - expected).abs().max() < 1e-5 * expected.abs().max()
        total = ours[f"blocks.{layer}.attn.hook_result"].sum(1)
        assert (total - ours[f"blocks.{layer}.hook_attn_out"]).abs().max() < 1e-5 * total.abs().max()
    assert (ours["logits"] - theirs.logits[0]).abs().max() < 1e-5 * theirs.logits.abs().max()


def test_decoding_token_by_token_continues_as_the_full_forward_pass(model: Model, ids: tuple[int, ...]) -> None:
    cache = KeyValueCache()
    model.activations(ids[:-2], [], cache)
    decoded = torch.cat([model.activations((token,), ["logits"], cache)["logits"] for token in ids[-2:]])
    whole = model.activation(ids, "logits")[-2:]
    assert (decoded - whole).abs().max() < 1e-5 * whole.abs().max()
    assert torch.equal(decoded.argmax(-1), whole.argmax(-1))


@pytest.mark.parametrize(
    ("layer", "head", "looks", "least"),
    [(16, 0, "at the previous token", 0.6), (18, 8, "at the first token", 0.9)],
)
def test_known_heads_look_where_they_are_known_to_look(
    model: Model, ids: tuple[int, ...], layer: int, head: int, looks: str, least: float
) -> None:
    pattern = model.activation(ids, f"blocks.{layer}.attn.hook_pattern", head)[2:]
    shares = pattern.diagonal(1) if looks == "at the previous token" else pattern[:, 0]
    assert shares.mean() > least
