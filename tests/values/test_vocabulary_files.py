import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from safetensors.torch import save_file
from transformers import GPT2Tokenizer, Qwen2Tokenizer

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.text.tokens import Tokenizer, has_tokenizer, open_tokenizer
from tests.values.vocabularies import END_OF_TEXT, a_word, texts, trained_bytes


def folder_of(folder: Path, model_type: str = "gpt2") -> Path:
    """A model with vocab.json and merges.txt in place of tokenizer.json."""
    folder.mkdir(exist_ok=True)
    vocabulary, merges = trained_bytes()
    (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(merge) for merge in merges), ""]
    (folder / "merges.txt").write_text("\n".join(lines), encoding="utf-8")
    save_file({"wte.weight": torch.zeros(1, 1)}, folder / "model.safetensors")
    return folder


def opened(folder: Path) -> Tokenizer:
    return open_tokenizer(Checkpoint.open(folder))


def refusal(folder: Path) -> str:
    with pytest.raises(SourceError) as raised:
        opened(folder)
    return str(raised.value).replace(str(folder), "F")


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tokenizer, Any]:
    vocabulary, merges = trained_bytes()
    return opened(folder_of(tmp_path_factory.mktemp("gpt2"))), GPT2Tokenizer(vocab=vocabulary, merges=merges)


@pytest.fixture(scope="module")
def qwen2(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tokenizer, Any]:
    vocabulary, merges = trained_bytes()
    folder = folder_of(tmp_path_factory.mktemp("qwen2"), "qwen2")
    return opened(folder), Qwen2Tokenizer(vocab=vocabulary, merges=merges)


@given(text=texts)
def test_ids_of_any_text_are_those_of_gpt2s_tokenizer(gpt2: tuple[Tokenizer, Any], text: str) -> None:
    tokenizer, reference = gpt2
    ids = tokenizer.encode(text)
    assert list(ids) == reference.encode(text, add_special_tokens=False)
    assert reference.decode(ids, clean_up_tokenization_spaces=False) == text
    assert tokenizer.pieces(ids) == tuple(reference.convert_ids_to_tokens(ids))
    assert "\ufffd" not in "".join(tokenizer.strings(ids))


@given(text=texts)
def test_ids_of_any_text_are_those_of_qwen2s_tokenizer(qwen2: tuple[Tokenizer, Any], text: str) -> None:
    tokenizer, reference = qwen2
    assert list(tokenizer.encode(text)) == reference.encode(text, add_special_tokens=False)


def test_the_two_rules_of_splitting_differ(gpt2: tuple[Tokenizer, Any], qwen2: tuple[Tokenizer, Any]) -> None:
    assert any(gpt2[0].encode(text) != qwen2[0].encode(text) for text in ("2024 25", "e\u0301", "(the", "a\n\nb"))


def test_the_end_of_a_text_is_one_token(gpt2: tuple[Tokenizer, Any]) -> None:
    tokenizer, _ = gpt2
    *_, last = ids = tokenizer.encode(f"the end{END_OF_TEXT}")
    assert tokenizer.pieces(ids)[-1] == END_OF_TEXT
    assert last == trained_bytes()[0][END_OF_TEXT]


def test_added_tokens_of_the_settings_are_found_whole(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m")
    size = len(trained_bytes()[0])
    settings = {
        "added_tokens_decoder": {
            str(size): {"content": "<|user|>", "special": True},
            str(size + 1): {"content": "<tool>", "special": False, "normalized": False, "lstrip": True},
        }
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    tokenizer = opened(folder)
    assert tokenizer.size == size + 2
    assert tokenizer.encode("<|user|> <tool>") == (size, size + 1)
    assert tokenizer.strings((size, size + 1)) == ("<|user|>", "<tool>")


def test_a_tokenizer_json_goes_before_them(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m")
    (folder / "tokenizer.json").write_text(opened(folder_of(tmp_path / "n")).to_json(), encoding="utf-8")
    (folder / "vocab.json").write_text("broken")
    assert opened(folder).path == folder / "tokenizer.json"


def test_a_model_whose_rule_of_splitting_is_not_known_still_names_its_tokens(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "m", "llama")
    assert has_tokenizer(Checkpoint.open(folder))
    tokenizer = opened(folder)
    word = a_word()
    number = trained_bytes()[0][word]
    assert (tokenizer.strings((number,)), tokenizer.pieces((number,))) == ((f" {word[1:]}",), (word,))
    message = (
        f"{folder / 'vocab.json'}: does not say how text is split into words, and for a model of type 'llama' it can "
        "be one way or another; a tokenizer.json is needed, or give token ids, as in tokens: [1, 2, 3], in place of a "
        "prompt."
    )
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        tokenizer.encode("the")


@pytest.mark.parametrize("missing", ["vocab.json", "merges.txt"])
def test_a_model_without_a_tokenizer_is_named(tmp_path: Path, missing: str) -> None:
    folder = folder_of(tmp_path / "m")
    (folder / missing).unlink()
    assert not has_tokenizer(Checkpoint.open(folder))
    assert refusal(folder) == (
        "F: has no tokenizer.json, and no vocab.json with merges.txt; "
        "one of them is needed for a prompt, or token ids in its place, as in tokens: [1, 2, 3]."
    )


@pytest.mark.parametrize(
    ("name", "content", "whose", "package"),
    [
        ("tokenizer.model", b"\n\x0e\n\x05<unk>\x15\x00", "SentencePiece", " with sentencepiece"),
        ("tokenizer.model", b"IQ== 0\nIg== 1\n", "tiktoken", " with tiktoken"),
        ("tokenizer.model", b"", "SentencePiece", " with sentencepiece"),
        ("tekken.json", b"{}", "Mistral's own format", ""),
    ],
)
def test_another_vocabulary_that_is_there_alone_is_told_with_what_turns_it_into_one_that_is_read(
    tmp_path: Path, name: str, content: bytes, whose: str, package: str
) -> None:
    folder = folder_of(tmp_path / "m")
    (folder / "vocab.json").unlink()
    (folder / name).write_bytes(content)
    assert not has_tokenizer(Checkpoint.open(folder))
    assert refusal(folder) == (
        f"F/{name}: is a vocabulary of {whose}, which is not read here; the model's tokenizer.json is needed beside it "
        f"for a prompt (AutoTokenizer.from_pretrained(FOLDER).save_pretrained(FOLDER) of transformers{package} writes "
        "it), or token ids in its place, as in tokens: [1, 2, 3]."
    )


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "vocab.json",
            b'{"a": "b"}',
            "F/vocab.json: is broken; an object of pieces with their ids, whole numbers, is needed.",
        ),
        (
            "vocab.json",
            b'{"a": -1}',
            "F/vocab.json: is broken; an object of pieces with their ids, whole numbers, is needed.",
        ),
        ("vocab.json", b"[]", "F/vocab.json: is a JSON list; an object is needed."),
        (
            "vocab.json",
            b'{"a": 0, "b": 16777216}',
            "F/vocab.json: gives 'b' the id 16777216; ids from 0 to 16777215 are read.",
        ),
        ("vocab.json", b'{"a": 0}', "F/vocab.json: does not fit merges.txt ("),
        ("merges.txt", b"a b c\n", "F/merges.txt, line 1: is 'a b c'; two pieces with a space between are needed."),
        ("merges.txt", b"\xff\xff", "F/merges.txt: cannot be read ("),
        ("tokenizer_config.json", b"{", "F/tokenizer_config.json: broken JSON ("),
        (
            "tokenizer_config.json",
            b'{"added_tokens_decoder": {"x": {}}}',
            "F/tokenizer_config.json, added_tokens_decoder: is broken; ids with objects",
        ),
        (
            "tokenizer_config.json",
            b'{"added_tokens_decoder": 3}',
            "F/tokenizer_config.json, added_tokens_decoder: is broken; ids with objects",
        ),
    ],
)
def test_broken_files_are_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    folder = folder_of(tmp_path / "m")
    (folder / name).write_bytes(content)
    assert refusal(folder).startswith(message)
