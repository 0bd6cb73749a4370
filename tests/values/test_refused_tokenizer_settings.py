"""Settings of a tokenizer that are broken or not followed are refused by file and key, in one message."""

import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers import models

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.text.tokens import open_tokenizer
from tests.values.tokenizer_folders import VOCABULARIES, encoded, write

IDS = "give token ids, as in tokens: [1, 2, 3], in place of a prompt."
KNOWN = "PreTrainedTokenizerFast, TokenizersBackend, PreTrainedTokenizer, PythonBackend, BloomTokenizer, GPT2Tokenizer, CodeGenTokenizer, Qwen2Tokenizer, LlamaTokenizer, GemmaTokenizer, GPTNeoXTokenizer, CohereTokenizer, BertTokenizer, DistilBertTokenizer, RobertaTokenizer, XLMRobertaTokenizer, CamembertTokenizer, T5Tokenizer"  # noqa: E501  # fmt: skip


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (
            {"tokenizer_class": "AlbertTokenizer"},
            "tokenizer_class: how transformers' AlbertTokenizer splits text is not known here "
            f"({KNOWN} are followed); {IDS}",
        ),
        (
            {"auto_map": {"AutoTokenizer": ["tokenization.Mine", None]}},
            f"auto_map: is not followed here (the tokenizer is a program of its own, which is never run); {IDS}",
        ),
        (
            {"fix_mistral_regex": True},
            "fix_mistral_regex: is not followed here (text would be split in another way than tokenizer.json says); "
            f"{IDS}",
        ),
        (
            {"vocab": {"a": 0}},
            f"vocab: is not followed here (the vocabulary of the other files would not count); {IDS}",
        ),
    ],
)
def test_what_is_not_followed_is_refused_by_file_and_key(tmp_path: Path, found: dict[str, Any], message: str) -> None:
    write(tmp_path, "plain", "llama", {"tokenizer_config": found})
    tokenizer = open_tokenizer(Checkpoint.open(tmp_path))
    assert tokenizer.strings((65,))  # ids still have their texts
    with pytest.raises(SourceError) as raised:
        tokenizer.encode("the")
    assert str(raised.value) == f"{tmp_path / 'tokenizer_config.json'}, {message}"


@pytest.mark.parametrize(
    ("name", "found", "message"),
    [
        ("tokenizer_config", {"pad_token": 3}, "pad_token: is 3; a token is needed."),
        ("tokenizer_config", {"pad_token": {"content": "x"}}, "pad_token: is {'content': 'x'}; a token is needed."),
        ("tokenizer_config", {"extra_special_tokens": "x"}, "extra_special_tokens: is x; a list of tokens is needed."),
        ("added_tokens", {"a\nb": "\n"}, "a\\u000ab: is \\u000a; an id, a whole number, is needed."),
        ("tokenizer_config", {"extra_special_tokens": [3]}, "extra_special_tokens: is [3]; a token is needed."),
        ("tokenizer_config", {"add_prefix_space": "yes"}, "add_prefix_space: is yes; true or false is needed."),
        ("tokenizer_config", {"tokenizer_class": 3}, "tokenizer_class: is 3; the name of a class is needed."),
        (
            "tokenizer_config",
            {"added_tokens_decoder": {"3": {"content": "x", "colour": True}}},
            "added_tokens_decoder: has the unknown option 'colour'; content, single_word, lstrip, rstrip, normalized, "
            "special are known.",
        ),
        (
            "tokenizer_config",
            {"added_tokens_decoder": {"3": {"content": "x", "lstrip": 1}}},
            "added_tokens_decoder: is broken; options of a token are true or false.",
        ),
        (
            "special_tokens_map",
            {"pad_token": {"lstrip": True}},
            "pad_token: is broken; a token with a content is needed.",
        ),
        ("added_tokens", {"<|pad|>": "3"}, "<|pad|>: is 3; an id, a whole number, is needed."),
    ],
)
def test_broken_settings_are_named(tmp_path: Path, name: str, found: dict[str, Any], message: str) -> None:
    write(tmp_path, "plain", "gpt2", {name: found})
    with pytest.raises(SourceError) as raised:
        open_tokenizer(Checkpoint.open(tmp_path))
    assert str(raised.value) == f"{tmp_path / f'{name}.json'}, {message}"


def test_a_vocabulary_of_another_kind_is_not_made_into_byte_pairs(tmp_path: Path) -> None:
    write(tmp_path, "plain", "gpt2", {})
    words = tokenizers.Tokenizer(models.WordLevel({"the": 0}, unk_token="the"))
    words.save(str(tmp_path / "tokenizer.json"))
    tokenizer = open_tokenizer(Checkpoint.open(tmp_path))
    assert tokenizer.strings((0,)) == ("the",)
    with pytest.raises(SourceError) as raised:
        tokenizer.encode("the")
    assert str(raised.value) == (
        f"{tmp_path / 'tokenizer.json'}, model: is no byte pair encoding, of which transformers' GPT2Tokenizer would "
        f"make another tokenizer than the file says; {IDS}"
    )


def test_a_tokenizer_that_leaves_tokens_to_chance_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "plain", "llama", {})
    stored = VOCABULARIES["plain"]
    stored = stored | {"model": stored["model"] | {"dropout": 0.5}}
    (tmp_path / "tokenizer.json").write_text(json.dumps(stored), encoding="utf-8")
    with pytest.raises(SourceError) as raised:
        encoded(tmp_path, "the")
    assert str(raised.value) == (
        f"{tmp_path / 'tokenizer.json'}, model.dropout: is 0.5, which leaves the tokens of a text to chance; {IDS}"
    )


def test_another_vocabulary_that_transformers_would_read_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "files", "gpt2", {})
    (tmp_path / "tokenizer.model").write_bytes(b"x")
    with pytest.raises(SourceError) as raised:
        encoded(tmp_path, "the")
    assert str(raised.value) == (
        f"{tmp_path / 'tokenizer.model'}: would be read by transformers in place of vocab.json, and is not read here; "
        f"{IDS}"
    )


def test_further_tokens_are_a_list_where_others_are_added_to_them(tmp_path: Path) -> None:
    write(
        tmp_path, "files", "gpt2", {"tokenizer_config": {"extra_special_tokens": 3}, "added_tokens": {"<|pad|>": 279}}
    )
    with pytest.raises(SourceError) as raised:
        open_tokenizer(Checkpoint.open(tmp_path))
    where = tmp_path / "tokenizer_config.json"
    assert str(raised.value) == f"{where}, extra_special_tokens: is 3; a list of tokens is needed."
