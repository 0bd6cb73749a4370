"""The keys of scales and colour bars by themselves: what they take, which matrices they name, who shares a scale."""

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from mmviz.scene.keys.mentions import followed, mentions
from mmviz.scene.keys.scales import BarOptions, BarPlace, Bars, Full, ScaleOptions

names = st.sampled_from(["Q", "K", "V", "Q @ K.T", ""])
entries = st.lists(names | st.lists(names, max_size=3), max_size=5)
BARS: TypeAdapter[Any] = TypeAdapter(Bars)
FULL: TypeAdapter[float] = TypeAdapter(Full)


def flat(shared: list[Any]) -> list[str]:
    return [name for entry in shared for name in ([entry] if isinstance(entry, str) else entry)]


@given(entries)
def test_every_name_is_in_one_group_and_those_outside_of_lists_are_the_first(shared: list[Any]) -> None:
    groups = ScaleOptions.model_validate({"shared": shared}).groups()
    assert sorted(name for group in groups for name in group) == sorted(flat(shared))
    alone = [entry for entry in shared if isinstance(entry, str)]
    lists = [tuple(entry) for entry in shared if not isinstance(entry, str)]
    assert list(groups) == [tuple(alone), *lists][0 if alone else 1 :]


@given(entries)
def test_every_name_is_one_of_a_matrix_that_edits_can_follow(shared: list[Any]) -> None:
    options = ScaleOptions.model_validate({"shared": shared})
    told = list(mentions(options))
    assert [one.name for one in told] == flat(shared)
    for one in told:
        found: Any = {"shared": shared}
        for key in one.place:
            found = found[key]
        assert found == one.name
    same = followed(options, lambda mention: mention.name)
    assert same.model_dump(mode="json") == {"shared": shared, "roots": True, "shown": False}


@pytest.mark.parametrize("place", get_args(BarPlace))
def test_bars_are_a_word_or_a_mapping_that_stands_at_the_side(place: BarPlace) -> None:
    assert BARS.validate_python(place) == place
    assert BARS.validate_python({"at": place, "of": ["Q"]}) == BarOptions(at=place, of=("Q",))
    assert BARS.validate_python({}) == BarOptions(at="side", of=())
    made = BarOptions(at=place, of=("Q", "K"))
    assert BARS.validate_json(BARS.dump_json(made)) == made
    assert [one.name for one in mentions(made)] == ["Q", "K"]


@pytest.mark.parametrize("said", ["top", "", 1, True, None, ["side"], ["Q"]])
def test_bars_of_another_kind_get_one_message(said: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        BARS.validate_python(said)
    assert [(one["type"], one["msg"]) for one in caught.value.errors()] == [
        ("no_bar", "must be none, side, below or a mapping with at and of")
    ]


def test_a_full_size_is_a_positive_number_that_can_be_divided_by() -> None:
    assert [FULL.validate_python(said) for said in (1e-30, 1, 2.5, 1e30)] == [1e-30, 1, 2.5, 1e30]
    for said in (0, -1, 1e-31, 1e31, float("inf"), float("nan"), True, "1", None):
        with pytest.raises(ValidationError):
            FULL.validate_python(said)
