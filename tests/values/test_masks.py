"""Masks as functions: against those of Hugging Face transformers, and what their rows give."""

from typing import Any

import numpy as np
import pytest
import torch
from transformers import masking_utils as theirs

from mmviz import Scene
from mmviz.picture.cell.explanation import explain
from mmviz.scene.language.functions import CAUSAL, MASKING
from mmviz.scene.language.masks import MASKS
from mmviz.scene.language.tree import Worn
from mmviz.values.arithmetic.functions import wear

TOKENS = 11
UNPADDED = torch.zeros(1, dtype=torch.int64)


def of_transformers(function: str, numbers: tuple[int, ...]) -> Any:
    match function:
        case "tril":
            return theirs.causal_mask_function
        case "window":
            return theirs.sliding_window_causal_mask_function(*numbers)
        case "local":
            return theirs.sliding_window_bidirectional_mask_function(*numbers)
        case "chunk":
            return theirs.chunked_causal_mask_function(*numbers, UNPADDED)
        case "prefix":  # tokens of one block look at each other, as the image before a text
            block = torch.where(torch.arange(TOKENS) < numbers[0], 0, -1)[None]
            return theirs.or_masks(theirs.causal_mask_function, theirs.blockwise_overlay(block))
        case "pad":
            token = torch.arange(TOKENS)
            return theirs.padding_mask_function(((token < numbers[0]) & (token >= numbers[1]))[None])
        case _:
            raise AssertionError(function)


@pytest.mark.parametrize(
    ("function", "numbers"),
    [
        ("tril", ()),
        *(("window", (size,)) for size in (1, 2, 5, TOKENS, 99)),
        *(("local", (reach,)) for reach in (0, 1, 4, 99)),
        *(("chunk", (size,)) for size in (1, 3, TOKENS, 99)),
        *(("prefix", (length,)) for length in (0, 1, 4, 99)),
        *(("pad", numbers) for numbers in ((TOKENS, 0), (7, 0), (99, 3), (8, 2))),
    ],
)
def test_a_mask_forbids_what_transformers_forbids(function: str, numbers: tuple[int, ...]) -> None:
    x = torch.ones(TOKENS, TOKENS, dtype=torch.float64)
    allowed = of_transformers(function, numbers)
    expected = [[bool(allowed(0, 0, torch.tensor(i), torch.tensor(j))) for j in range(TOKENS)] for i in range(TOKENS)]
    result, mask = wear(Worn(function, tuple(map(float, numbers))), x, None, None)
    assert mask is not None
    assert (~mask).tolist() == expected
    assert (result == 1).tolist() == expected
    part, of_part = wear(Worn(function, tuple(map(float, numbers))), x[4:7, 2:], None, None, first=(4, 2))
    assert of_part is not None
    assert torch.equal(of_part, mask[4:7, 2:])
    assert torch.equal(part, result[4:7, 2:])


def test_triu_leaves_the_upper_triangle() -> None:
    x = torch.arange(12.0).reshape(3, 4) + 1
    result, _ = wear(Worn("triu", ()), x, None, None)
    np.testing.assert_array_equal(result, np.triu(x.numpy()))


def test_every_function_that_looks_at_places_has_a_rule_and_says_whether_it_is_causal() -> None:
    assert set(MASKING) == {*MASKS, "sdpa"}
    assert set(CAUSAL) == {"sdpa", "tril", "window", "chunk"}


@pytest.mark.parametrize(
    "mask", ["window(x, 3)", "chunk(x, 4)", "prefix(x, 2)", "local(x, 2)", "pad(x, 6, 1)", "triu(x)"]
)
def test_rows_of_a_pattern_behind_any_mask_sum_to_one_and_its_cells_say_why(mask: str) -> None:
    scene = Scene(
        f"p = softmax({mask.replace('(x', '(scale(Q @ K.T)')})",
        {name: {"init": "gaussian", "shape": [8, 4], "seed": seed} for seed, name in enumerate("QK")},
    )
    pattern = scene.values()[""]
    np.testing.assert_allclose(pattern.sum(axis=1), 1.0, rtol=1e-6)
    function, _, numbers = mask.partition("(x")
    own = [int(number) for number in numbers.strip("), ").split(", ") if number]
    own += [0] * (function == "pad" and len(own) == 1)
    for i in range(8):
        for j in range(8):
            forbidden = bool(MASKS[function].forbids(i, j, own))
            stage = explain(scene.composition, "", i, j).stages[-2]
            said = MASKS[function].why if forbidden else MASKS[function].why_not
            assert stage.masked == forbidden
            assert stage.formula == f"{'' if forbidden else 'not '}masked: {said(i, j, own)}"
            assert (pattern[i, j] == 0) == forbidden
