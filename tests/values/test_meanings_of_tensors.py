"""What tensors are that are no parameters, by the names that files give them, and of which layer they are."""

import pytest

from mmviz.values.model.unread import NAMED, UNKNOWN_EXTRA, layer_of, listed, meaning_of

MASK = "a causal mask of old files; the mask is computed"
TASK = "a head for another task; it is no part of the model that is shown"
ROTARY = "rotary frequencies of old files; they are computed"


@pytest.mark.parametrize(
    ("name", "meaning", "layer"),
    [
        ("h.0.attn.bias", MASK, 0),
        ("h.11.attn.masked_bias", MASK, 11),
        ("score.weight", TASK, None),
        ("classifier.bias", TASK, None),
        ("qa_outputs.weight", TASK, None),
        ("multiple_choice_head.summary.weight", TASK, None),
        ("v_head.summary.weight", TASK, None),
        ("layers.3.self_attn.rotary_emb.inv_freq", ROTARY, 3),
        ("rotary_emb.inv_freq", ROTARY, None),
        ("blk.7.attn_rot_embd.weight", ROTARY, 7),
        ("h.0.attn.c_attn.bias", UNKNOWN_EXTRA, 0),
        ("layers.10.self_attn.q_norm.weight", UNKNOWN_EXTRA, 10),
        ("h.0.attn.bias.weight", UNKNOWN_EXTRA, 0),
        ("my_score.weight", UNKNOWN_EXTRA, None),
        ("embed_tokens.weight", UNKNOWN_EXTRA, None),
        ("", UNKNOWN_EXTRA, None),
    ],
)
def test_a_name_says_what_a_tensor_is_and_of_which_layer(name: str, meaning: str, layer: int | None) -> None:
    assert (meaning_of(name), layer_of(name)) == (meaning, layer)


@pytest.mark.parametrize("name", ["layers.01.x", "layers.-1.x", "layers.x.y", "layers.1", "layers.1.", "my.layers.1.x"])
def test_a_layer_is_a_plain_number_with_something_below_it(name: str) -> None:
    assert layer_of(name) is None


def test_of_many_names_the_first_are_told_and_the_rest_is_counted() -> None:
    assert [listed(["a", "b", "c", "d", "e", "f"][:count]) for count in (1, NAMED, 5, 6)] == [
        "a",
        "a, b, c, d",
        "a, b, c, d and 1 more",
        "a, b, c, d and 2 more",
    ]
