"""A tokenizer out of the metadata of a GGUF file, without a file; ids are held against transformers elsewhere."""

from pathlib import Path
from typing import Any

import pytest

from mmviz.errors import SourceError
from mmviz.values.text.gguf_tokenizer import from_metadata, has_vocabulary
from mmviz.values.text.vocabulary import OTHER_NAMES, SPLITS

PATH = Path("m.gguf")
NORMAL, UNKNOWN, CONTROL, USER, BYTE = 1, 2, 3, 4, 6
BYTES: dict[str, Any] = {
    "model": "gpt2",
    "pre": "gpt-2",
    "tokens": ["<s>", "a", "b", "ab", "Ġ", "Ġa", "<tool>", "</s>"],
    "token_type": [CONTROL, NORMAL, NORMAL, NORMAL, NORMAL, NORMAL, USER, CONTROL],
    "merges": ["a b", "Ġ a"],
    "bos_token_id": 0,
    "eos_token_id": 7,
}
SCORED: dict[str, Any] = {
    "model": "llama",
    "tokens": ["<unk>", "<s>", "</s>", "▁", "a", "b", "ab", "▁a", "<0x63>"],
    "scores": [0.0, 0.0, 0.0, -4.0, -5.0, -6.0, -1.0, -2.0, 0.0],
    "token_type": [UNKNOWN, CONTROL, CONTROL, NORMAL, NORMAL, NORMAL, NORMAL, NORMAL, BYTE],
    "bos_token_id": 1,
    "eos_token_id": 2,
}


def made(base: dict[str, Any], architecture: str = "llama", **changes: Any) -> Any:
    """Of metadata with other keys; None: without that key."""
    said = {f"tokenizer.ggml.{key}": value for key, value in {**base, **changes}.items() if value is not None}
    return from_metadata({"general.architecture": architecture, **said}, PATH)


def ids(base: dict[str, Any], text: str, *, special: bool = False, **changes: Any) -> list[int]:
    tokenizer, refused = made(base, **changes)
    assert refused == ""
    found: list[int] = tokenizer.encode(text, add_special_tokens=special).ids
    return found


def refusal(base: dict[str, Any], **changes: Any) -> str:
    with pytest.raises(SourceError) as caught:
        made(base, **changes)
    return str(caught.value)


@pytest.mark.parametrize(
    ("metadata", "has"),
    [
        ({"tokens": ["a"], "model": "gpt2"}, True),
        ({"tokens": ["a"], "model": "llama"}, True),
        ({"tokens": [], "model": "llama"}, False),
        ({"model": "llama"}, False),
        ({"tokens": ["a"], "model": "bert"}, True),
        ({"tokens": ["a"], "model": "t5"}, False),
        ({"tokens": ["a"]}, False),
    ],
)
def test_which_metadata_hold_a_vocabulary(metadata: dict[str, Any], has: bool) -> None:
    assert has_vocabulary({f"tokenizer.ggml.{key}": value for key, value in metadata.items()}) is has


def test_bytes_are_merged_in_the_order_of_the_merges() -> None:
    assert ids(BYTES, "ab ab a") == [3, 4, 3, 5]
    assert ids(BYTES, "ab", merges=["Ġ a"]) == [1, 2]


def test_the_best_score_is_joined_first_and_other_letters_are_bytes() -> None:
    assert ids(SCORED, "ab") == [3, 6]
    assert ids(SCORED, "ab", scores=[0.0, 0.0, 0.0, -4.0, -5.0, -6.0, -2.0, -1.0, 0.0]) == [7, 5]
    assert ids(SCORED, "c") == [3, 8]
    assert ids(SCORED, "d") == [3, 0]
    assert ids(SCORED, "d", unknown_token_id=99) == [3]
    assert ids(SCORED, "ab", add_space_prefix=False) == [6]


def test_control_and_user_tokens_are_found_in_a_text_and_control_ones_are_special() -> None:
    assert ids(BYTES, "a<tool>b<s>") == [1, 6, 2, 0]
    tokenizer, _ = made(BYTES)
    assert {token.content: token.special for token in tokenizer.get_added_tokens_decoder().values()} == {
        "<s>": True, "</s>": True, "<tool>": False
    }  # fmt: skip
    assert ids(BYTES, "ab", token_type=None) == [3]


def test_of_two_tokens_of_one_spelling_the_first_counts() -> None:
    assert ids(BYTES, "a", tokens=["<s>", "a", "b", "ab", "Ġ", "Ġa", "a", "</s>"], token_type=[1] * 8) == [1]


@pytest.mark.parametrize(
    ("base", "changes", "around"),
    [
        (BYTES, {}, ([], [])),
        (BYTES, {"add_bos_token": True}, ([0], [])),
        (BYTES, {"add_bos_token": True, "add_eos_token": True}, ([0], [7])),
        (BYTES, {"add_eos_token": True, "eos_token_id": None}, ([], [])),
        (BYTES, {"pre": "llama-bpe"}, ([0], [])),  # whose texts begin so, where a file does not say
        (BYTES, {"pre": "tekken"}, ([0], [])),
        (BYTES, {"pre": "llama-bpe", "add_bos_token": False}, ([], [])),
        (SCORED, {}, ([1], [])),
        (SCORED, {"add_bos_token": False}, ([], [])),
        (SCORED, {"add_eos_token": True}, ([1], [2])),
        (SCORED, {"bos_token_id": None}, ([], [])),
    ],
)
def test_what_goes_around_a_text(base: dict[str, Any], changes: dict[str, Any], around: tuple[list[int], ...]) -> None:
    first, last = around
    assert ids(base, "a", special=True, **changes) == [*first, *ids(base, "a", **changes), *last]


@pytest.mark.parametrize("pre", [*SPLITS, *OTHER_NAMES])
def test_every_known_rule_splits_text(pre: str) -> None:
    assert ids(BYTES, "ab a", pre=pre) in ([3, 5], [3, 4, 1])


def test_an_architecture_may_say_the_rule() -> None:
    for architecture in ("gpt2", "qwen2"):
        assert made(BYTES, architecture, pre=None)[1] == ""


@pytest.mark.parametrize(("pre", "found"), [("x" * 50, f"{'x' * 40!r} is not known"), (None, "is missing")])
def test_an_unknown_rule_leaves_a_tokenizer_that_reads_no_text(pre: str | None, found: str) -> None:
    tokenizer, refused = made(BYTES, pre=pre)
    known = ", ".join(sorted((*SPLITS, *OTHER_NAMES)))
    assert refused == (
        f"m.gguf, tokenizer.ggml.pre: {found}, so how the model's tokenizer splits text is not ({known} are known); "
        "put its tokenizer.json beside the file, or give token ids, as in tokens: [1, 2, 3], in place of a prompt."
    )
    assert tokenizer.id_to_token(3) == "ab"


@pytest.mark.parametrize(
    ("base", "changes", "message"),
    [
        (BYTES, {"tokens": ["a", 1]}, "tokens: is missing or broken; a list is needed."),
        (BYTES, {"merges": None}, "merges: is missing or broken; a list is needed."),
        (BYTES, {"merges": "a b"}, "merges: is missing or broken; a list is needed."),
        (BYTES, {"token_type": [1]}, "token_type: has 1 entries, the vocabulary 8; as many are needed."),
        (SCORED, {"scores": None}, "scores: is missing or broken; a list is needed."),
        (SCORED, {"scores": [0.0]}, "scores: has 1 entries, the vocabulary 9; as many are needed."),
        (SCORED, {"add_bos_token": 1}, "add_bos_token: is 1; true or false is needed."),
        (SCORED, {"add_eos_token": "x" * 50}, f"add_eos_token: is {'x' * 40}; true or false is needed."),
        (SCORED, {"bos_token_id": 9}, "bos_token_id: is 9; one of the 9 ids is needed."),
        (SCORED, {"bos_token_id": -1}, "bos_token_id: is -1; one of the 9 ids is needed."),
        (BYTES, {"add_eos_token": True, "eos_token_id": "</s>"}, "eos_token_id: is </s>; one of the 8 ids is needed."),
    ],
)
def test_what_is_broken_is_named_by_its_key(base: dict[str, Any], changes: dict[str, Any], message: str) -> None:
    assert refusal(base, **changes) == f"m.gguf, tokenizer.ggml.{message}"


@pytest.mark.parametrize("merge", ["a x", "ab"])
def test_merges_that_do_not_fit_the_vocabulary_are_told_in_one_line(merge: str) -> None:
    assert refusal(BYTES, merges=[merge]).startswith("m.gguf, tokenizer.ggml: is broken (")
