"""The encoder of a T5: its biases of distances, and files that hold a decoder, too."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from transformers import T5Config, T5EncoderModel, T5ForConditionalGeneration
from transformers.models.t5.modeling_t5 import T5Attention

from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.errors import SourceError
from mmviz.scene.language.tree import find
from mmviz.values.arithmetic.distances import distance_buckets
from mmviz.values.families.reading import read_model_config
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.inventory import take_inventory
from mmviz.values.model.model import Model
from mmviz.values.reference.comparison import compare
from tests.values.kinds.t5 import T5, TINY
from tests.values.variants import changed, save_variant, silently

TOKENS = tuple(5 * token % 96 for token in range(40))


def model_of(folder: Path) -> Model:
    return Model(Checkpoint.open(folder), "cpu")


@pytest.fixture
def both(tmp_path: Path) -> Path:
    """Files with both stacks."""
    torch.manual_seed(2)
    model: Any = T5ForConditionalGeneration(T5Config(**T5, feed_forward_proj="gated-gelu", num_decoder_layers=2))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    silently(model.save_pretrained, tmp_path)
    return tmp_path


@pytest.mark.parametrize(("count", "farthest"), [(32, 128), (8, 7), (9, 20), (4, 3)])
def test_each_distance_has_the_bucket_of_transformers(count: int, farthest: int) -> None:
    apart = torch.arange(300)[None] - torch.arange(300)[:, None]
    theirs = T5Attention._relative_position_bucket(apart, True, count, farthest)
    assert torch.equal(distance_buckets(300, 300, count, farthest), theirs)
    assert torch.equal(distance_buckets(7, 300, count, farthest), theirs[-7:])


def test_the_encoder_of_files_with_both_stacks_is_that_of_transformers(both: Path) -> None:
    model = model_of(both)
    model.check_parameters()
    theirs = silently(T5EncoderModel.from_pretrained, both, local_files_only=True).eval()
    with torch.no_grad():
        expected = theirs(torch.tensor([TOKENS])).last_hidden_state[0]
    found = model.activation(TOKENS, "encoder_final_ln.hook_normalized")
    assert float((found - expected).abs().max() / expected.abs().max()) < 1e-5
    assert not compare(model, TOKENS).exceeding
    with pytest.raises(SourceError, match=r"logits: the model ends with its last norm and has no unembedding\.$"):
        model.activation(TOKENS, "logits")


def test_what_files_hold_of_the_decoder_is_listed_as_such(both: Path) -> None:
    model = model_of(both)
    extra = take_inventory(model.config, model.checkpoint).extra
    assert {one.meaning for one in extra} == {"of the decoder; --stack decoder draws it"}
    assert {one.name.split(".")[0] for one in extra} == {"decoder"}


def test_an_encoder_may_have_an_embedding_of_its_own(both: Path) -> None:
    shared = load_file(both / "model.safetensors")["shared.weight"]
    before = model_of(both).activation(TOKENS, "hook_embed")
    changed(both, lambda weights: weights.update({"encoder.embed_tokens.weight": shared + 1}))
    assert torch.equal(model_of(both).activation(TOKENS, "hook_embed"), before + 1)
    model_of(both).check_parameters()


def test_a_tensor_of_the_encoder_that_nobody_reads_is_refused(both: Path) -> None:
    changed(both, lambda weights: weights.update({"encoder.block.1.layer.0.SelfAttention.sinks": torch.ones(6)}))
    with pytest.raises(SourceError, match=r"has encoder\.block\.1\.layer\.0\.SelfAttention\.sinks, with which no "):
        model_of(both).check_parameters()


def test_the_bias_of_a_head_is_drawn_as_what_is_added_to_its_scores(tmp_path: Path) -> None:
    folder = save_variant(tmp_path, "t5")
    scene = head_scene(Reading(str(folder), tokens=TOKENS[:12], device="cpu"), 2, 3)
    assert "softmax((qk = (Q = input @ wQ) @ (K = input @ wK).T) + distance)" in scene.document.expr
    model, name = model_of(folder), "encoder.2.attn.rel_pos_hook"
    bias = model.activation(TOKENS[:12], name, 3)
    assert torch.equal(bias, model.activation(TOKENS[:12], "encoder.0.attn.rel_pos_hook", 3))  # the same in all layers
    node = find(scene.root, "distance")
    assert node is not None
    torch.testing.assert_close(torch.tensor(scene.values()[node.path]), bias)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"feed_forward_proj": "gated-gelu-x"}, "feed_forward_proj: 'gated-gelu-x' is not supported; one of "),
        ({"feed_forward_proj": "tanh"}, "feed_forward_proj: 'tanh' is not supported; one of "),
        ({"relative_attention_num_buckets": 2}, "relative_attention_num_buckets: is 2; a whole number from 4 up "),
        ({"relative_attention_max_distance": 8}, "relative_attention_max_distance: is 8; more than 8 is needed."),
    ],
)
def test_what_no_t5_computes_is_refused(said: dict[str, Any], message: str) -> None:
    with pytest.raises(SourceError) as caught:
        read_model_config({**TINY, "model_type": "t5", **said}, "config.json")
    assert str(caught.value).startswith(f"config.json, {message}")
