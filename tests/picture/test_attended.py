"""Which tokens a token looks at: the largest weights of its row in every pattern."""

import numpy as np
import pytest

from mmviz import Scene
from mmviz.picture.cell.attended import PATTERNS, attended
from mmviz.picture.composition import Composition


@pytest.fixture(scope="module")
def head() -> Composition:
    return Scene.load("attention_head").composition


def test_the_largest_weights_of_the_row_are_named_in_their_order(head: Composition) -> None:
    row = head.values["left.left"][41]
    first, second = np.argsort(row)[::-1][:2]
    (line,) = attended(head, 41)
    assert line.startswith(f"attn looks at {first} “{head.tokens[first]}” ({row[first]:.2g}), {second} “")
    assert (first, head.tokens[first]) == (40, " answer"), "this head looks at the previous token"


def test_the_first_token_can_look_at_itself_alone(head: Composition) -> None:
    assert attended(head, 0) == ("attn looks at 0 “When” (1)",)


def test_every_head_of_a_layer_has_a_line_and_a_product_has_none() -> None:
    lines = attended(Scene.load("all_heads").composition, 5)
    assert len(lines) == 9 <= PATTERNS
    assert len({line.partition(" looks at ")[0] for line in lines}) == 9
    assert attended(Scene.load("matmul").composition, 0) == ()
