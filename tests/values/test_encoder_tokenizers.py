"""Tokenizers of encoders have the ids of transformers, whatever tokenizer.json says beside the vocabulary."""

import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import AutoTokenizer

from mmviz.errors import SourceError
from mmviz.values.text.encoder_tokenizers import SENTINELS, TOKENS, WORDS
from mmviz.values.text.folder_tokenizer import from_folder, from_words
from mmviz.values.text.tokens import Tokenizer as Tokens
from tests.values.variants import silently
from tests.values.vocabularies import trained_bytes

PIECES = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "the",
    "cat",
    "sat",
    "##s",
    "café",
    "cafe",
    "The",
    "我",
    ",",
    ".",
]
TEXTS = ("the cats sat.", "The CAFÉ, 我我 [MASK] x", " the  cat <mask> sat </s> cat", "", "<extra_id_1> the\ncat")
SCORES = [
    *(("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), ("▁the", -3.0), ("▁cat", -3.5)),
    *((letter, -6.0) for letter in "thecasx.,▁s"[:9]),
    ("<mask>", 0.0),
]


def word_pieces() -> Tokenizer:
    """A tokenizer.json that splits in another way than BERT's class does."""
    made = Tokenizer(models.WordPiece({piece: number for number, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=False)
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    return made


def byte_pairs() -> Tokenizer:
    ids, merges = trained_bytes()
    for token in ("<s>", "<pad>", "</s>", "<unk>", "<mask>"):
        ids = {**ids, token: len(ids)}
    made = Tokenizer(models.BPE(ids, merges))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return made


def scored() -> Tokenizer:
    made = Tokenizer(models.Unigram(SCORES, unk_id=3))
    made.pre_tokenizer = pre_tokenizers.Metaspace("▁", "never")
    return made


def folder_of(folder: Path, made: Tokenizer, name: str, **settings: Any) -> Path:
    made.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": name, **settings}))
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    return folder


def check(folder: Path, made: tokenizers.Tokenizer) -> None:
    """It reads texts as transformers does, with special tokens and without."""
    theirs: Any = silently(AutoTokenizer.from_pretrained, str(folder), local_files_only=True)
    for text in TEXTS:
        for special in (True, False):
            expected = theirs(text, add_special_tokens=special).input_ids
            assert made.encode(text, add_special_tokens=special).ids == expected, (text, special)


CASES: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "bert": (word_pieces, "BertTokenizer", {}),
    "bert with cases": (word_pieces, "BertTokenizer", {"do_lower_case": False, "strip_accents": True}),
    "bert without Chinese": (word_pieces, "BertTokenizerFast", {"tokenize_chinese_chars": False}),
    "distilbert": (word_pieces, "DistilBertTokenizer", {"strip_accents": False, "do_lower_case": True}),
    "bert with other tokens": (word_pieces, "BertTokenizer", {"cls_token": "the", "unk_token": "sat"}),
    "roberta": (byte_pairs, "RobertaTokenizer", {}),
    "roberta with a space": (byte_pairs, "RobertaTokenizer", {"add_prefix_space": True, "cls_token": "<pad>"}),
    "xlm-roberta": (scored, "XLMRobertaTokenizer", {}),
    "xlm-roberta without a space": (scored, "XLMRobertaTokenizer", {"add_prefix_space": False}),
    "camembert": (scored, "CamembertTokenizer", {}),
    "t5": (scored, "T5Tokenizer", {}),
    "t5 with sentinels": (scored, "T5Tokenizer", {"additional_special_tokens": [*SENTINELS]}),
}


@pytest.mark.parametrize("case", CASES)
def test_ids_are_those_of_transformers_class(case: str, tmp_path: Path) -> None:
    make, name, settings = CASES[case]
    folder = folder_of(tmp_path, make(), name, **settings)
    made, refused = from_folder(folder, {"model_type": "bert"})
    assert refused == ""
    check(folder, made)


@pytest.mark.parametrize("settings", [{}, {"do_lower_case": False}])
def test_a_vocabulary_of_word_pieces_is_enough_for_a_bert(settings: dict[str, Any], tmp_path: Path) -> None:
    folder_of(tmp_path, word_pieces(), "BertTokenizer", **settings)
    (tmp_path / "tokenizer.json").unlink()
    (tmp_path / WORDS).write_text("\n".join(PIECES), encoding="utf-8")
    made, refused = from_words(tmp_path, {"model_type": "bert"})
    assert refused == ""
    check(tmp_path, made)


def test_a_vocabulary_of_another_kind_than_the_class_is_refused(tmp_path: Path) -> None:
    for make, name, kind in (
        (byte_pairs, "BertTokenizer", "word pieces"),
        (word_pieces, "T5Tokenizer", "pieces with scores"),
        (scored, "RobertaTokenizer", "byte pair encoding"),
        (byte_pairs, "CamembertTokenizer", "pieces with scores"),
    ):
        _, refused = from_folder(folder_of(tmp_path, make(), name), {"model_type": "bert"})
        assert refused == (
            f"{tmp_path / 'tokenizer.json'}, model: is no {kind}, of which transformers' {name} would make another "
            "tokenizer than the file says; give token ids, as in tokens: [1, 2, 3], in place of a prompt."
        )


def test_a_list_of_words_beside_a_model_of_another_kind_is_no_tokenizer(tmp_path: Path) -> None:
    (tmp_path / WORDS).write_text("\n".join(PIECES), encoding="utf-8")
    with pytest.raises(SourceError, match=r"has no tokenizer\.json, and no vocab\.json with merges\.txt"):
        from_words(tmp_path, {"model_type": "gpt2"})


def test_every_class_names_the_tokens_that_go_around_a_text() -> None:
    for kind, named in TOKENS.items():
        assert {"bert": "sep_token"}.get(kind, "eos_token") in named


def test_a_special_token_is_shown_without_a_space_and_a_word_with_it(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, word_pieces(), "BertTokenizer")
    tokenizer = Tokens(folder / "tokenizer.json", *from_folder(folder, {"model_type": "bert"}))
    ids = tokenizer.encode("the cats [MASK].", special_tokens=True)
    assert tokenizer.strings(ids) == ("[CLS]", " the", " cat", "##s", "[MASK]", ".", "[SEP]")
