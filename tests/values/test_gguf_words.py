"""Word pieces of a GGUF file are read as transformers' BertTokenizer reads the vocab.txt that they were made of."""

from pathlib import Path
from typing import Any

import pytest
from transformers import BertTokenizer

from mmviz.values.text.gguf_tokenizer import from_metadata
from mmviz.values.text.gguf_words import around, plain_pieces
from tests.values.gguf_vocabularies import file_of, opened

CONTROL, NORMAL = 3, 1
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
UNCASED = [*SPECIAL, "[unused0]", "the", "cat", "##s", "sat", "un", "##able", "cafe", ",", "我", "a", "##b"]
CASED = [*UNCASED, "Cat", "##S", "Café", "café"]
ACCENTS = [*UNCASED, "café", "##é"]
TEXTS = ["The cats sat, unable", "Café CAFÉ café", "我 ab zzz [MASK] cat", "  a  b "]


def stored(words: list[str], **more: Any) -> dict[str, Any]:
    """As llama.cpp's converter writes a vocab.txt."""
    kinds = [CONTROL if word in SPECIAL else NORMAL for word in words]
    spelled = [
        word if kind == CONTROL else word[2:] if word.startswith("##") else f"▁{word}"
        for word, kind in zip(words, kinds, strict=True)
    ]
    return {"model": "bert", "pre": "bert", "tokens": spelled, "token_type": kinds, **more}


def theirs(folder: Path, words: list[str], **options: Any) -> Any:
    (folder / "vocab.txt").write_text("".join(f"{word}\n" for word in words))
    return BertTokenizer(str(folder / "vocab.txt"), **options)


@pytest.mark.parametrize(
    ("words", "options"),
    [(UNCASED, {}), (CASED, {"do_lower_case": False}), (ACCENTS, {"strip_accents": False})],
    ids=["uncased", "cased", "accents"],
)
def test_a_text_has_the_tokens_of_transformers(words: list[str], options: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    tokenizer = opened(file_of(tmp_path / "own", stored(words)))
    reference = theirs(tmp_path, words, **options)
    for text in TEXTS:
        for special in (True, False):
            expected = reference(text, add_special_tokens=special)["input_ids"]
            assert list(tokenizer.encode(text, special_tokens=special)) == expected, text


def test_pieces_are_spelled_as_in_a_vocabulary_of_words() -> None:
    kinds = [CONTROL, NORMAL, NORMAL, NORMAL]
    assert plain_pieces(["[CLS]", "▁cat", "s", "▁"], kinds) == ["[CLS]", "cat", "##s", ""]


def test_a_file_says_what_goes_around_a_text() -> None:
    named = {"tokenizer.ggml.cls_token_id": 5, "tokenizer.ggml.seperator_token_id": 3}
    assert around(named, UNCASED) == ("[unused0]", "[SEP]")
    assert around({}, UNCASED) == ("[CLS]", "[SEP]")
    assert around({"tokenizer.ggml.add_bos_token": False, "tokenizer.ggml.add_sep_token": False}, UNCASED) == (
        None,
        None,
    )
    assert around({"tokenizer.ggml.add_eos_token": False, "tokenizer.ggml.add_sep_token": True}, ["a"]) == (None, None)


def test_what_is_not_known_is_the_piece_of_the_file() -> None:
    said = {f"tokenizer.ggml.{key}": value for key, value in stored(UNCASED, unknown_token_id=5).items()}
    tokenizer, refused = from_metadata({"general.architecture": "bert", **said}, Path("m.gguf"))
    assert (refused, tokenizer.encode("zzz").tokens) == ("", ["[CLS]", "[unused0]", "[SEP]"])
