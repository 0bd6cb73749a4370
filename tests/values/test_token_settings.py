"""What the files beside a vocabulary say about tokens, key by key; which file counts over which."""

import json
from pathlib import Path
from typing import Any

import pytest
from tokenizers import AddedToken

from mmviz.errors import SourceError
from mmviz.values.text.tokenizer_settings import (
    NAMED,
    NOT_FOLLOWED,
    TokenSettings,
    declared_class,
    not_followed,
    read_settings,
)

TYPED = {"__type": "AddedToken", "content": "<x>", "lstrip": True, "special": True}
OPTIONS = "content, single_word, lstrip, rstrip, normalized, special"


def write(folder: Path, **files: Any) -> Path:
    names = {"settings": "tokenizer_config.json", "special": "special_tokens_map.json", "added": "added_tokens.json"}
    for name, content in files.items():
        (folder / names[name]).write_text(json.dumps(content))
    return folder


def read(folder: Path, stored: Any = None, **files: Any) -> TokenSettings:
    return read_settings(write(folder, **files), stored)


def refusal(folder: Path, stored: Any = None, **files: Any) -> str:
    with pytest.raises(SourceError) as caught:
        read(folder, stored, **files)
    return str(caught.value).replace(str(folder), "F")


def shown(token: AddedToken | str | None) -> Any:
    if not isinstance(token, AddedToken):
        return token
    flags = {name: getattr(token, name) for name in ("single_word", "lstrip", "rstrip", "normalized", "special")}
    return (token.content, {name for name, on in flags.items() if on})


def test_no_file_says_nothing(tmp_path: Path) -> None:
    assert read(tmp_path) == TokenSettings(
        path=tmp_path / "tokenizer_config.json", listed=[], named={}, further=[], padding=None, prefix_space=None,
        legacy=False, split_special=False, bos=None, eos=None
    )  # fmt: skip


def test_tokens_have_names_and_null_is_one_that_the_model_does_not_have(tmp_path: Path) -> None:
    found = read(tmp_path, settings={"bos_token": "<s>", "eos_token": None, "pad_token": TYPED, "image_token": "<i>"})
    assert {key: shown(token) for key, token in found.named.items()} == {
        "bos_token": "<s>",
        "eos_token": None,
        "pad_token": ("<x>", {"lstrip", "normalized", "special"} - {"normalized"}),
        "image_token": "<i>",
    }
    assert set(found.named) - set(NAMED) == {"image_token"}


def test_listed_tokens_come_in_the_order_of_their_ids_and_are_those_that_are_named(tmp_path: Path) -> None:
    decoder = {"9": {"content": "<b>", "rstrip": True}, "3": {"content": "<a>", "__type": "AddedToken"}}
    found = read(tmp_path, settings={"added_tokens_decoder": decoder, "bos_token": "<b>", "unk_token": "<c>"})
    assert [token.content for token in found.listed] == ["<a>", "<b>"]
    assert found.named["bos_token"] is found.listed[1]
    assert found.named["unk_token"] == "<c>"


def test_where_the_settings_list_tokens_older_files_do_not_count(tmp_path: Path) -> None:
    files: dict[str, Any] = {"special": {"bos_token": "<old>"}, "added": {"<z>": 7}}
    settings = {"added_tokens_decoder": {"1": {"content": "<a>"}}, "bos_token": "<a>"}
    found = read(tmp_path, {"added_tokens": [{"id": 5, "content": "<t>"}]}, settings=settings, **files)
    assert [token.content for token in found.listed] == ["<a>"]
    assert shown(found.named["bos_token"])[0] == "<a>"
    older = read(tmp_path, {"added_tokens": [{"id": 5, "content": "<t>"}]}, settings={"bos_token": "<a>"}, **files)
    assert [token.content for token in older.listed] == ["<t>", "<z>"]
    assert older.named["bos_token"] == "<old>"  # the later file goes over the earlier


def test_an_added_token_is_special_where_it_has_a_name(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        settings={"additional_special_tokens": ["<tool>"]},
        special={"pad_token": {"content": "<pad>"}},
        added={"<pad>": 3, "<tool>": 2, "word": 1},
    )
    assert [shown(token) for token in found.listed] == [
        ("word", {"normalized"}),
        ("<tool>", {"special"}),
        ("<pad>", {"special"}),
    ]
    assert [shown(token) for token in found.further] == ["<tool>"]


def test_tokens_of_tokenizer_json_go_over_added_ones_of_the_same_id(tmp_path: Path) -> None:
    stored = {"added_tokens": [{"id": 1, "content": "<new>", "special": True, "normalized": False}]}
    found = read(tmp_path, stored, added={"<old>": 1, "<other>": 2})
    assert [token.content for token in found.listed] == ["<new>", "<other>"]


@pytest.mark.parametrize(
    ("settings", "further"),
    [
        ({"extra_special_tokens": ["<a>"]}, ["<a>"]),
        ({"additional_special_tokens": ["<b>"]}, ["<b>"]),
        ({"extra_special_tokens": ["<a>"], "additional_special_tokens": ["<b>"]}, ["<a>"]),
        ({"extra_special_tokens": [], "additional_special_tokens": ["<b>"]}, ["<b>"]),
        ({"extra_special_tokens": None}, []),
        ({"extra_special_tokens": [TYPED]}, [("<x>", {"lstrip", "special"})]),
    ],
)
def test_further_special_tokens_have_an_older_name(tmp_path: Path, settings: Any, further: list[Any]) -> None:
    found = [shown(token) for token in read(tmp_path, settings=settings).further]
    assert found == further


def test_further_tokens_of_two_files_are_put_together_once_each(tmp_path: Path) -> None:
    found = read(tmp_path, settings={"extra_special_tokens": ["<a>"]}, special={"extra_special_tokens": ["<a>", "<b>"]})
    assert found.further == ["<a>", "<b>"]


def test_further_tokens_may_have_names_of_their_own(tmp_path: Path) -> None:
    found = read(tmp_path, settings={"extra_special_tokens": {"image_token": "<i>", "odd": "<o>"}})
    assert (found.named, found.further) == ({"image_token": "<i>", "odd": "<o>"}, [])
    explicit = {"model_specific_special_tokens": {"audio": "<au>"}}
    assert read(tmp_path, settings=explicit).named == {"audio": "<au>"}
    assert read(tmp_path, settings={**explicit, "video_token": "<v>"}).named == {"video_token": "<v>"}


@pytest.mark.parametrize(
    ("settings", "bos", "eos"),
    [
        ({"add_bos_token": True, "add_eos_token": False}, True, False),
        ({"add_bos_token": None}, False, None),
        ({}, None, None),
    ],
)
def test_what_goes_around_a_text_is_said_by_the_settings_where_no_file_has_a_template(
    tmp_path: Path, settings: Any, bos: bool | None, eos: bool | None
) -> None:
    found = read(tmp_path, settings=settings)
    assert (found.bos, found.eos) == (bos, eos)
    with_template = read(tmp_path, {}, settings=settings)
    assert (with_template.bos, with_template.eos) == (None, None)


def test_switches_and_padding(tmp_path: Path) -> None:
    settings = {"add_prefix_space": False, "legacy": True, "split_special_tokens": True}
    found = read(tmp_path, {"padding": {"pad_token": "<p>"}}, settings=settings)
    assert (found.prefix_space, found.legacy, found.split_special, found.padding) == (False, True, True, "<p>")
    assert read(tmp_path, {"padding": None}, settings={"legacy": None}).legacy is False


DECODER = "is broken; ids with objects that have a content are needed."


@pytest.mark.parametrize(
    ("settings", "key", "message"),
    [
        ({"legacy": 1}, "legacy", "is 1; true or false is needed."),
        ({"bos_token": 3}, "bos_token", "is 3; a token is needed."),
        ({"bos_token": {"content": "x"}}, "bos_token", "is {'content': 'x'}; a token is needed."),
        ({"extra_special_tokens": "x"}, "extra_special_tokens", "is x; a list of tokens is needed."),
        ({"extra_special_tokens": [None]}, "extra_special_tokens", "is [None]; a list of tokens is needed."),
        ({"additional_special_tokens": 3}, "extra_special_tokens", "is 3; a list of tokens is needed."),
        (
            {"model_specific_special_tokens": [1]},
            "model_specific_special_tokens",
            "is [1]; an object of names and tokens is needed.",
        ),
        ({"added_tokens_decoder": []}, "added_tokens_decoder", DECODER),
        ({"added_tokens_decoder": {"a": {"content": "x"}}}, "added_tokens_decoder", DECODER),
        ({"added_tokens_decoder": {"1": {}}}, "added_tokens_decoder", DECODER),
        (
            {"pad_token": {**TYPED, "bold": True}},
            "pad_token",
            f"has the unknown option 'bold'; {OPTIONS} are known.",
        ),
        ({"pad_token": {**TYPED, "lstrip": 1}}, "pad_token", "is broken; options of a token are true or false."),
    ],
)
def test_what_is_broken_in_the_settings_is_named_by_its_key(
    tmp_path: Path, settings: dict[str, Any], key: str, message: str
) -> None:
    assert refusal(tmp_path, settings=settings) == f"F/tokenizer_config.json, {key}: {message}"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            {"special": {"extra_special_tokens": 4}},
            "special_tokens_map.json, extra_special_tokens: is 4; a list of tokens is needed.",
        ),
        (
            {"special": {"pad_token": {"content": 1}}},
            "special_tokens_map.json, pad_token: is broken; a token with a content is needed.",
        ),
        ({"added": {"<a>": True}}, "added_tokens.json, <a>: is True; an id, a whole number, is needed."),
        ({"added": {"<a>": "1"}}, "added_tokens.json, <a>: is 1; an id, a whole number, is needed."),
    ],
)
def test_what_is_broken_in_older_files_is_named_by_file_and_key(
    tmp_path: Path, files: dict[str, Any], message: str
) -> None:
    assert refusal(tmp_path, **files) == f"F/{message}"


def test_the_class_is_that_of_the_tokenizers_own_file_before_that_of_the_model(tmp_path: Path) -> None:
    assert declared_class(tmp_path, {}) is None
    assert declared_class(tmp_path, {"tokenizer_class": "B"}) == "B"
    assert declared_class(write(tmp_path, settings={"tokenizer_class": "A"}), {"tokenizer_class": "B"}) == "A"
    assert declared_class(write(tmp_path, settings={"tokenizer_class": None}), {"tokenizer_class": "B"}) == "B"
    for name, config in (("tokenizer_config", {}), ("config", {"tokenizer_class": [1]})):
        write(tmp_path, settings={"tokenizer_class": 3 if not config else ""})
        with pytest.raises(SourceError) as caught:
            declared_class(tmp_path, config)
        value = "[1]" if config else "3"
        assert str(caught.value) == (
            f"{tmp_path}/{name}.json, tokenizer_class: is {value}; the name of a class is needed."
        )


@pytest.mark.parametrize("key", NOT_FOLLOWED)
def test_what_is_not_followed_is_told_unless_it_is_empty(tmp_path: Path, key: str) -> None:
    assert not_followed(tmp_path) == ""
    empties: tuple[Any, ...] = (None, False, [], {}, "")
    for empty in empties:
        assert not_followed(write(tmp_path, settings={key: empty})) == ""
    assert not_followed(write(tmp_path, settings={key: ["x"]})) == (
        f"{tmp_path}/tokenizer_config.json, {key}: is not followed here ({NOT_FOLLOWED[key]})"
    )


def test_a_program_for_other_parts_of_a_model_is_none_for_its_tokenizer(tmp_path: Path) -> None:
    assert not_followed(write(tmp_path, settings={"auto_map": {"AutoModel": "x.Y"}})) == ""
    assert not_followed(write(tmp_path, settings={"auto_map": {"AutoTokenizer": "x.Y"}})) != ""
