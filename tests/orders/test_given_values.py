"""One by one what is taken as a whole number, a number, a word, an object and a pair of steps, and what is not."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from mmviz.errors import OutputError
from mmviz.orders import given


def refusal(call: Any, *arguments: Any) -> str:
    with pytest.raises(OutputError) as caught:
        call(*arguments)
    return str(caught.value)


@pytest.mark.parametrize("value", [3, 3.0, np.int8(3), np.uint64(3), np.float32(3), Fraction(3)])
def test_what_is_whole_becomes_an_int(value: Any) -> None:
    taken = given.whole("fps", value)
    assert (taken, type(taken)) == (3, int)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2.5, "2.5"),
        (float("nan"), "NaN"),
        ("3", '"3"'),
        (True, "true"),
        (None, "None"),
        ([3], "[3]"),
        ((3,), "[3]"),
        pytest.param(10**400, "a number of very many digits", id="more than a float holds"),
    ],
)
def test_what_is_not_whole_is_refused(value: Any, shown: str) -> None:
    assert refusal(given.whole, "fps", value) == f"fps: must be a whole number, got {shown}."
    assert refusal(given.whole, "crf", value, ' or "lossless"') == (
        f'crf: must be a whole number or "lossless", got {shown}.'
    )


@pytest.mark.parametrize(
    ("value", "kind"), [(2, int), (np.int16(2), int), (2.0, float), (np.float32(2), float), (Fraction(2), float)]
)
def test_a_number_is_an_int_or_a_float_as_it_was(value: Any, kind: type) -> None:
    taken = given.number("step", value)
    assert (taken, type(taken)) == (2, kind)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("2", '"2"'),
        (False, "false"),
        (np.bool_(True), '"True"'),
        (None, "None"),
        pytest.param(10**400, "a number of very many digits", id="more than a float holds"),
    ],
)
def test_what_is_no_number_is_refused(value: Any, shown: str) -> None:
    assert refusal(given.number, "step", value) == f"step: must be a number, got {shown}."


def test_a_word_must_be_one_of_those_that_are_known() -> None:
    known = ("black", "white", "transparent")
    given.one_of("ground", known, "white")
    assert refusal(given.one_of, "ground", known, "grey") == (
        'ground: must be black, white or transparent, got "grey".'
    )
    assert refusal(given.one_of, "ground", ("black", "white"), None) == "ground: must be black or white, got None."
    assert refusal(given.one_of, "ground", {"black": 1, "white": 2}, ["black"]) == (
        'ground: must be black or white, got ["black"].'
    )


def test_an_object_must_be_of_its_kind() -> None:
    given.of_kind("when", Fraction, "a fraction", Fraction(1, 2))
    assert refusal(given.of_kind, "when", Fraction, "a fraction", 0.5) == "when: must be a fraction, got 0.5."


@pytest.mark.parametrize(
    ("pair", "taken"),
    [((1, 2), (1, 2)), ([None, 2.5], (None, 2.5)), ((np.int64(0), None), (0, None)), ((None, None), (None, None))],
)
def test_steps_are_a_pair_of_numbers_or_nothing(pair: Any, taken: tuple[Any, Any]) -> None:
    found = given.steps("part", pair)
    assert (found, isinstance(found, tuple)) == (taken, True)


@pytest.mark.parametrize(
    ("pair", "shown"),
    [
        ((1,), "[1]"),
        ((1, 2, 3), "[1, 2, 3]"),
        ("12", '"12"'),
        (None, "None"),
        ((1, "2"), '[1, "2"]'),
        ((True, 2), "[true, 2]"),
    ],
)
def test_other_steps_are_refused(pair: Any, shown: str) -> None:
    assert refusal(given.steps, "part", pair) == (
        f"part: must be a first and a last step, such as (1, 2) or (1, None), got {shown}."
    )
