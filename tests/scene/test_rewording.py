"""Words of another layer, head or model: only those that speak of it change, and none grows longer than a line may."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.scene.changes.rewording import LONGEST, called, said_of_another, said_of_model, without_shares


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("layer 1, head 2", "layer 12, head 2"),
        ("Layer  1 of it", "Layer  12 of it"),
        ("layer 10 and layer 1.5 and layer 1,5", "layer 10 and layer 1.5 and layer 1,5"),
        ("layer 1. Then more", "layer 12. Then more"),
        ("sublayer 1, multi-layer 1", "sublayer 1, multi-layer 1"),
        ("value layer 1", "value layer 1"),
    ],
)
def test_a_number_changes_where_it_is_that_of_the_layer(text: str, said: str) -> None:
    assert said_of_another(text, [("layer", 1, 12)]) == said


def test_numbers_may_change_places() -> None:
    assert said_of_another("layer 1, head 2, kv head 2", [("layer", 1, 2), ("head", 2, 1)]) == (
        "layer 2, head 1, kv head 2"
    )


def test_a_title_claims_nothing_of_another_head_and_a_caption_is_left_alone() -> None:
    text = "A head that looks back: model, head 2"
    assert said_of_another(text, [("head", 2, 3)], title=True) == "A head: model, head 3"
    assert said_of_another(text, [("head", 2, 3)]) == "A head that looks back: model, head 3"
    assert said_of_another(text, [("head", 5, 3)], title=True) == text


@pytest.mark.parametrize(("length", "grows"), [(LONGEST - 1, True), (LONGEST, False)])
def test_a_line_that_would_be_too_long_stays(length: int, grows: bool) -> None:
    text = "head 2".ljust(length, ".")
    assert said_of_another(text, [("head", 2, 10)]) == (text.replace("2", "10") if grows else text)
    text = "m1".ljust(length, ".")
    text = "m1 ".ljust(length, ".")
    assert said_of_model(text, "m1", "m10") == (text.replace("m1", "m10") if grows else text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wQ, rank 3 of 8: 18 % of its energy", "wQ, rank 3 of 8"),
        ("both: 7.5 % of their energy", "both"),
        ("18 % of its energy, or so", "18 % of its energy, or so"),
        ("18 % of it", "18 % of it"),
    ],
)
def test_shares_are_true_of_one_weight_alone(text: str, said: str) -> None:
    assert without_shares(text) == said


@pytest.mark.parametrize(
    ("model", "name"),
    [("org/Tiny-1B", "Tiny-1B"), ("a/b/m.gguf", "m"), ("org/m@main", "m"), (" m ", "m"), ("folder/m/", "m")],
)
def test_what_a_model_is_called(model: str, name: str) -> None:
    assert called(model) == name


@pytest.mark.parametrize(
    ("text", "old", "new", "said"),
    [
        ("tiny-1b, layer 2", "org/tiny-1b", "org/other-7b", "other-7b, layer 2"),
        ("org/tiny-1b", "org/tiny-1b", "x/y", "y"),
        ("TINY-1B", "tiny-1b", "y2", "y2"),
        ("SmolLM2-135M", "smollm2-135m-2layers", "smollm2-135m", "SmolLM2-135M"),  # it fits both
        ("SmolLM2-135M", "smollm2-135m-2layers", "gpt2", "gpt2"),
        ("smol", "smol-2", "gpt2", "smol"),  # a word without a number may be any word
        ("tiny-1bb", "tiny-1b", "y2", "tiny-1bb"),
    ],
)
def test_the_name_of_a_model_changes_where_it_can_be_nothing_else(text: str, old: str, new: str, said: str) -> None:
    assert said_of_model(text, old, new) == said


@given(text=st.text(max_size=LONGEST), old=st.integers(0, 9), new=st.integers(0, 9))
def test_there_and_back_is_the_same_or_nothing_was_said(text: str, old: int, new: int) -> None:
    words = f"head {old} {text}"[:LONGEST]
    if f"head {new}" in words:
        return
    there = said_of_another(words, [("head", old, new)])
    assert len(there) <= LONGEST
    if there != words:
        assert said_of_another(there, [("head", new, old)]) == words
