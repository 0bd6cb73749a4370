"""Keys of a config.json, one by one: what each may say, what holds where it says nothing, and whole messages."""

from collections.abc import Callable
from typing import Any

import pytest

from mmviz.errors import SourceError
from mmviz.values.families.key_reader import LARGEST, LONGEST, Keys, is_positive, short
from mmviz.values.families.keys import Key

TABLE = {
    "layers": Key("a whole number", needed=True),
    "heads": Key("a whole number that may be null"),
    "eps": Key("a number", default=1e-5),
    "bias": Key("true or false", default=True),
    "act": Key("a name", default="silu"),
    "types": Key("a list of words"),
    "scaling": Key("an object", default={}),
    "cross": Key("what is not followed", "only", False),
    "seed": Key("whatever it says", "harmless"),
}
ACTS = {"silu": "silu", "swish": "silu", "gelu": "gelu_erf"}
Read = Callable[[Keys], object]


def keys(**config: Any) -> Keys:
    return Keys(config, "config.json", TABLE)


def whole(reader: Keys) -> object:
    return reader.whole("layers", most=64)


def positive(reader: Keys) -> object:
    return reader.positive("eps")


def flag(reader: Keys) -> object:
    return reader.flag("bias")


def strict_flag(reader: Keys) -> object:
    return reader.flag("bias", null=False)


def name(reader: Keys) -> object:
    return reader.one_of("act", ACTS)


def words(reader: Keys) -> object:
    return reader.each("types", 2, ("full", "sliding"))


def inner(reader: Keys) -> object:
    return reader.part("scaling", {"factor": Key("a number")}).positive("factor")


def check(reader: Keys) -> object:
    reader.check("a llama")
    return None


@pytest.mark.parametrize(
    ("read", "config", "value"),
    [
        (whole, {"layers": 64}, 64),
        (positive, {"eps": 3}, 3.0),
        (positive, {"eps": None}, 1e-5),
        (positive, {}, 1e-5),
        (flag, {"bias": False}, False),
        (flag, {"bias": None}, True),
        (flag, {}, True),
        (strict_flag, {}, True),
        (name, {"act": "swish"}, "silu"),
        (name, {"act": None}, "silu"),
        (words, {"types": ["full", "full"]}, ["full", "full"]),
        (words, {}, None),
        (inner, {"scaling": {"factor": 8}}, 8.0),
        (check, {"layers": -1, "cross": False, "seed": [1], "torch": 3, "alibi": None, "logit_scale": 1.0}, None),
        (check, {"cross": None}, None),
    ],
)
def test_a_key_says_its_value_and_its_default_holds_where_it_is_null_or_left_out(
    read: Read, config: dict[str, Any], value: object
) -> None:
    found = read(keys(**config))
    assert found == value
    assert type(found) is type(value)


def test_what_the_caller_says_of_a_missing_number_wins_over_the_table() -> None:
    assert keys().whole("heads", missing=4) == 4
    assert keys(heads=2).whole("heads", missing=4) == 2
    assert keys(eps=None).positive("eps", missing=0.5) == 0.5
    assert keys(eps=0.25).positive("eps", missing=0.5) == 0.25
    assert keys(layers=0).whole("layers", least=0) == 0
    assert keys(bias=None).given("bias") is None


@pytest.mark.parametrize(
    ("read", "config", "message"),
    [
        (whole, {}, "config.json, layers: is missing; a whole number from 1 up is needed."),
        (whole, {"layers": None}, "config.json, layers: is missing; a whole number from 1 up is needed."),
        (whole, {"layers": 0}, "config.json, layers: is 0; a whole number from 1 up is needed."),
        (whole, {"layers": 2.0}, "config.json, layers: is 2.0; a whole number from 1 up is needed."),
        (whole, {"layers": True}, "config.json, layers: is True; a whole number from 1 up is needed."),
        (whole, {"layers": "2"}, "config.json, layers: is '2'; a whole number from 1 up is needed."),
        (whole, {"layers": 65}, "config.json, layers: is 65; a whole number from 1 to 64 is needed."),
        (
            whole,
            {"layers": LARGEST + 1},
            "config.json, layers: is 1099511627776; a whole number from 1 up is needed.",
        ),
        (positive, {"eps": 0}, "config.json, eps: is 0; a number above 0 is needed."),
        (positive, {"eps": -1e-6}, "config.json, eps: is -1e-06; a number above 0 is needed."),
        (positive, {"eps": float("inf")}, "config.json, eps: is inf; a number above 0 is needed."),
        (positive, {"eps": float("nan")}, "config.json, eps: is nan; a number above 0 is needed."),
        (positive, {"eps": True}, "config.json, eps: is True; a number above 0 is needed."),
        (flag, {"bias": 1}, "config.json, bias: is 1; true or false is needed."),
        (strict_flag, {"bias": None}, "config.json, bias: is missing; true or false is needed."),
        (name, {"act": "relu"}, "config.json, act: 'relu' is not supported; one of silu, swish, gelu is needed."),
        (name, {"act": ["silu"]}, "config.json, act: ['silu'] is not supported; one of silu, swish, gelu is needed."),
        (words, {"types": ["full"]}, "config.json, types: is ['full']; 2 times full or sliding is needed."),
        (words, {"types": ["full", 1]}, "config.json, types: is ['full', 1]; 2 times full or sliding is needed."),
        (words, {"types": "full"}, "config.json, types: is 'full'; 2 times full or sliding is needed."),
        (inner, {"scaling": [8]}, "config.json, scaling: is [8]; an object or null is needed."),
        (inner, {"scaling": {}}, "config.json, scaling, factor: is missing; a number above 0 is needed."),
        (
            inner,
            {"scaling": {"factor": "8"}},
            "config.json, scaling, factor: is '8'; a number above 0 is needed.",
        ),
        (check, {"cross": True}, "config.json, cross: True is not supported; False is needed."),
        (
            check,
            {"alibi": True},
            "config.json, alibi: is True; a llama has no such key, and by its name it would change what is computed; "
            "a configuration without it is needed.",
        ),
    ],
)
def test_a_key_that_says_what_is_not_supported_gets_one_message(
    read: Read, config: dict[str, Any], message: str
) -> None:
    with pytest.raises(SourceError) as caught:
        read(keys(**config))
    assert str(caught.value) == message


def test_numbers_are_positive_as_long_as_a_float_holds_them() -> None:
    assert is_positive(5e-324)
    assert is_positive(1.7976931348623157e308)
    assert not any(is_positive(value) for value in (0, -1, 10**309, float("inf"), float("nan"), True, "1", None))


def test_a_long_value_is_cut_in_messages() -> None:
    assert short("x" * (LONGEST - 2)) == f"'{'x' * (LONGEST - 2)}'"
    assert short("x" * LONGEST) == f"'{'x' * (LONGEST - 1)}..."
