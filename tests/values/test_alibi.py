import math

import pytest
import torch
from transformers.models.bloom.modeling_bloom import build_alibi_tensor
from transformers.models.mpt.modeling_mpt import build_mpt_alibi_tensor

from mmviz.values.arithmetic.alibi import alibi_bias
from mmviz.values.families.alibi import Alibi, exponents
from tests.values.tiny_transformers import TOKENS, by_transformers, ours_of, tiny

HEADS = (1, 2, 3, 5, 6, 8, 12, 16, 25, 32, 71, 112)


@pytest.mark.parametrize("heads", HEADS)
def test_the_bias_of_a_bloom_is_that_of_transformers(heads: int) -> None:
    theirs = build_alibi_tensor(torch.ones(1, 9), heads, torch.float32)
    torch.testing.assert_close(alibi_bias(Alibi(), heads, 9), theirs, rtol=1e-6, atol=0)


@pytest.mark.parametrize("heads", HEADS)
def test_the_bias_of_an_mpt_is_that_of_transformers_for_its_last_tokens(heads: int) -> None:
    theirs = build_mpt_alibi_tensor(heads, 64)[..., -9:]
    torch.testing.assert_close(alibi_bias(Alibi(from_last=True), heads, 9), theirs, rtol=1e-6, atol=0)


@pytest.mark.parametrize("heads", [1, 4, 32])
def test_slopes_are_evenly_spaced_powers_of_two(heads: int) -> None:
    steps = {b - a for a, b in zip(exponents(heads), exponents(heads)[1:], strict=False)}
    assert len(steps) <= 1
    assert exponents(heads)[-1] == 8


def test_both_kinds_differ_by_the_same_number_in_a_row_which_a_softmax_takes_away() -> None:
    apart = alibi_bias(Alibi(), 6, 9) - alibi_bias(Alibi(from_last=True), 6, 9)
    torch.testing.assert_close(apart, apart[..., :1].expand(-1, -1, 9))


def test_what_alibi_adds_is_computed_without_any_layer() -> None:
    config = tiny("mpt", n_layers=2)
    model = ours_of(config, by_transformers(config))
    before = model.checkpoint.bytes_read
    added = model.activation(TOKENS, "blocks.1.attn.hook_alibi", head=1)
    assert model.checkpoint.bytes_read == before
    assert added.shape == (len(TOKENS), len(TOKENS))
    assert torch.equal(added[0], added[-1])
    assert math.isclose(float(added[0, 0]), -(len(TOKENS) - 1) / 2**4)
