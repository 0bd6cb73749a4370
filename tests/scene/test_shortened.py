"""Long expressions over a picture: names stand for what they name, from the inside outward."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.scene.language.expression import write
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shortened import shortened
from tests.scene.strategies import EXPRESSIONS

HEAD = "out = (z = (attn = softmax(tril(Q @ (K = rope(x @ wK, 10000)).T))) @ V) @ wO"


@pytest.mark.parametrize(
    ("longest", "short"),
    [
        (200, HEAD),
        (len(HEAD), HEAD),
        (len(HEAD) - 1, "out = (z = (attn = softmax(tril(Q @ K.T))) @ V) @ wO"),
        (45, "out = (z = attn @ V) @ wO"),
        (24, "out = z @ wO"),
        (11, "out = z …"),
    ],
)
def test_what_names_stand_for_is_left_out_from_the_inside(longest: int, short: str) -> None:
    assert shortened(HEAD, longest) == short


def test_the_heads_of_a_layer_are_told_by_their_outputs() -> None:
    heads = " + ".join(f"(z{n} = softmax(tril(scale(Q{n} @ K{n}.T))) @ V{n}) @ wO{n}" for n in range(4))
    assert shortened(f"out = {heads}", 100) == "out = z0 @ wO0 + z1 @ wO1 + z2 @ wO2 + z3 @ wO3"


def test_without_names_the_end_is_cut_between_words() -> None:
    assert shortened("A @ B @ C @ D", 9) == "A @ B …"
    assert shortened("A @ B @ C @ D", 9, 12) == "A @ B @ C …"


def test_what_cannot_be_told_in_few_letters_may_be_longer_before_it_is_cut() -> None:
    assert shortened("A @ B @ C @ D", 9, 13) == "A @ B @ C @ D"
    assert shortened(HEAD, 24, 99) == "out = z @ wO", "what can be told in few letters is"


@given(text=EXPRESSIONS.map(write), longest=st.integers(2, 80))
def test_what_is_left_is_never_too_long_and_is_an_expression_unless_it_is_cut(text: str, longest: int) -> None:
    short = shortened(text, longest)
    assert len(short) <= longest
    if not short.endswith("…"):
        parse(short)
