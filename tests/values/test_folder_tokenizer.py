"""A tokenizer out of a folder's files, without a model beside them; ids of the classes are tested elsewhere."""

import json
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers import AddedToken, models, pre_tokenizers, processors

from mmviz.errors import SourceError
from mmviz.values.text.folder_tokenizer import (
    DEFAULTS,
    from_files,
    from_folder,
    has_vocabulary_files,
    no_tokenizer,
)
from mmviz.values.text.stored_tokenizer import HIGHEST_ID, parsed, read_raw

WORDS = {"<s>": 0, "</s>": 1, "<unk>": 2, "a": 3, "b": 4, "ab": 5, "Ġ": 6, "Ġa": 7}
MERGES = [("a", "b"), ("Ġ", "a")]
IDS_WORK = "give token ids, as in tokens: [1, 2, 3], in place of a prompt."
LLAMA: dict[str, Any] = {"model_type": "llama"}
GPT2: dict[str, Any] = {"model_type": "gpt2"}


def byte_level() -> tokenizers.Tokenizer:
    made = tokenizers.Tokenizer(models.BPE(dict(WORDS), list(MERGES)))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    return made


def folder_of(folder: Path, tokenizer: Any = None, **files: Any) -> Path:
    """A tokenizer.json, and others by their names without their endings."""
    (tokenizer or byte_level()).save(str(folder / "tokenizer.json"))
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def vocabulary_of(folder: Path, merges: str = "#version: 0.2\na b\nĠ a\n", vocabulary: Any = None) -> Path:
    (folder / "vocab.json").write_text(json.dumps(WORDS if vocabulary is None else vocabulary), encoding="utf-8")
    (folder / "merges.txt").write_text(merges, encoding="utf-8")
    return folder


def refusal(read: Any, *arguments: Any) -> str:
    with pytest.raises(SourceError) as caught:
        read(*arguments)
    return str(caught.value)


# tokenizer.json


def test_what_is_stored_is_taken_as_it_is_but_for_its_trainings_lengths(tmp_path: Path) -> None:
    stored = byte_level()
    stored.enable_truncation(2)
    stored.enable_padding(length=5, pad_id=2, pad_token="<unk>")
    made, refused = from_folder(folder_of(tmp_path, stored), LLAMA)
    assert refused == ""
    assert made.encode("ab ab a").ids == [5, 6, 5, 7]
    alone, content = parsed(read_raw(tmp_path / "tokenizer.json"), tmp_path)
    assert alone.encode("ab ab a").ids == [5, 6, 5, 7]
    assert content["model"]["vocab"] == WORDS


def test_its_own_template_goes_around_a_text_and_settings_of_before_do_not(tmp_path: Path) -> None:
    stored = byte_level()
    stored.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    settings = {"add_eos_token": True, "add_bos_token": False, "bos_token": "<s>", "eos_token": "</s>"}
    made, _ = from_folder(folder_of(tmp_path, stored, tokenizer_config=settings), LLAMA)
    assert made.encode("a").ids == [0, 3]


def test_tokens_of_the_settings_are_found_in_a_text_as_one(tmp_path: Path) -> None:
    settings = {"bos_token": "<s>", "pad_token": "<pad>", "additional_special_tokens": ["<tool>"]}
    made, _ = from_folder(folder_of(tmp_path, tokenizer_config=settings), LLAMA)
    assert made.encode("a<s>b<tool>", add_special_tokens=False).ids == [3, 0, 4, made.token_to_id("<tool>")]
    new = {token: made.token_to_id(token) for token in ("<pad>", "<tool>")}
    assert new == {"<pad>": 8, "<tool>": 9}
    assert all(made.get_added_tokens_decoder()[number].special for number in (0, 8, 9))


def test_special_tokens_of_a_text_are_split_where_the_settings_say_so(tmp_path: Path) -> None:
    settings = {"bos_token": "b", "split_special_tokens": True}
    made, _ = from_folder(folder_of(tmp_path, tokenizer_config=settings), LLAMA)
    assert made.encode("ab", add_special_tokens=False).ids == [5]
    settings["split_special_tokens"] = False
    made, _ = from_folder(folder_of(tmp_path, tokenizer_config=settings), LLAMA)
    assert made.encode("ab", add_special_tokens=False).ids == [3, 4]


@pytest.mark.parametrize(
    ("files", "config", "message"),
    [
        (
            {"tokenizer_config": {"tokenizer_class": "AlbertTokenizer"}},
            LLAMA,
            "{folder}/tokenizer_config.json, tokenizer_class: how transformers' AlbertTokenizer splits text is not "
            "known here (PreTrainedTokenizerFast, TokenizersBackend, PreTrainedTokenizer, PythonBackend, "
            "BloomTokenizer, GPT2Tokenizer, CodeGenTokenizer, Qwen2Tokenizer, LlamaTokenizer, GemmaTokenizer, "
            "GPTNeoXTokenizer, CohereTokenizer, "
            "BertTokenizer, DistilBertTokenizer, RobertaTokenizer, XLMRobertaTokenizer, CamembertTokenizer, "
            "T5Tokenizer are followed)",
        ),
        (
            {"tokenizer_config": {"auto_map": {"AutoTokenizer": ["x.Y", None]}}},
            LLAMA,
            "{folder}/tokenizer_config.json, auto_map: is not followed here (the tokenizer is a program of its own, "
            "which is never run)",
        ),
    ],
)
def test_what_is_not_followed_leaves_a_tokenizer_that_reads_no_text(
    tmp_path: Path, files: dict[str, Any], config: dict[str, Any], message: str
) -> None:
    made, refused = from_folder(folder_of(tmp_path, **files), config)
    assert refused == f"{message.format(folder=tmp_path)}; {IDS_WORK}"
    assert made.id_to_token(5) == "ab"  # ids have their names all the same


def test_tokens_that_are_left_to_chance_are_refused(tmp_path: Path) -> None:
    by_chance = tokenizers.Tokenizer(models.BPE(dict(WORDS), list(MERGES), dropout=0.5))
    _, refused = from_folder(folder_of(tmp_path, by_chance), LLAMA)
    assert refused == (
        f"{tmp_path}/tokenizer.json, model.dropout: is 0.5, which leaves the tokens of a text to chance; {IDS_WORK}"
    )


def test_a_class_that_makes_its_own_of_it_needs_a_byte_pair_encoding(tmp_path: Path) -> None:
    words = tokenizers.Tokenizer(models.WordLevel(dict(WORDS), "<unk>"))
    _, refused = from_folder(folder_of(tmp_path, words), GPT2)
    assert refused == (
        f"{tmp_path}/tokenizer.json, model: is no byte pair encoding, of which transformers' GPT2Tokenizer would make "
        f"another tokenizer than the file says; {IDS_WORK}"
    )


def test_gpt2_makes_its_own_of_vocabulary_and_merges_and_keeps_what_goes_around(tmp_path: Path) -> None:
    stored = byte_level()
    stored.pre_tokenizer = pre_tokenizers.WhitespaceSplit()  # which does not count
    stored.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    made, refused = from_folder(folder_of(tmp_path, stored), GPT2)
    assert refused == ""
    assert made.encode("ab a").ids == [5, 7, 1]
    assert made.token_to_id("<|endoftext|>") == len(WORDS)  # the class's own special token, which no file names
    assert set(DEFAULTS["gpt2"].values()) == {"<|endoftext|>"}


def test_a_space_goes_before_a_text_where_the_settings_say_so(tmp_path: Path) -> None:
    for prefix, ids in ((True, [7]), (False, [3])):
        made, _ = from_folder(folder_of(tmp_path, tokenizer_config={"add_prefix_space": prefix}), GPT2)
        assert made.encode("a").ids == ids


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file; the model's tokenizer.json is needed."),
        (b"\xff", "cannot be read ('utf-8' codec can't decode byte 0xff in position 0: invalid start byte); the "
         "model's tokenizer.json is needed."),
        (b"{", "broken (EOF while parsing an object at line 1 column 1); a whole tokenizer.json is needed."),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (tmp_path / "tokenizer.json").write_bytes(content)
    assert refusal(from_folder, tmp_path, LLAMA) == f"{tmp_path}/tokenizer.json: {message}"


@pytest.mark.parametrize(("config", "there"), [(LLAMA, True), (GPT2, False)])
def test_what_short_texts_are_filled_up_with_is_special_where_the_class_has_no_rule_of_its_own(
    tmp_path: Path, config: dict[str, Any], there: bool
) -> None:
    stored = byte_level()
    stored.enable_padding(pad_id=8, pad_token="<fill>")
    made, _ = from_folder(folder_of(tmp_path, stored), config)
    assert (made.token_to_id("<fill>") is not None) is there


def test_an_id_of_tokenizer_json_is_bounded_too(tmp_path: Path) -> None:
    content = json.loads(byte_level().to_str())
    content["model"]["vocab"]["x"] = HIGHEST_ID + 1
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    assert refusal(from_folder, tmp_path, LLAMA) == (
        f"{tmp_path}/tokenizer.json, model.vocab: gives 'x' the id {HIGHEST_ID + 1}; ids from 0 to {HIGHEST_ID} are "
        "read."
    )


# vocab.json and merges.txt


def test_both_files_are_needed(tmp_path: Path) -> None:
    assert not has_vocabulary_files(tmp_path)
    (tmp_path / "vocab.json").touch()
    assert not has_vocabulary_files(tmp_path)
    (tmp_path / "merges.txt").touch()
    assert has_vocabulary_files(tmp_path)


def test_merges_are_lines_and_lines_of_nothing_are_none(tmp_path: Path) -> None:
    made, refused = from_files(vocabulary_of(tmp_path, "#version: 0.2\n\n  \na b\nĠ a"), GPT2)
    assert refused == ""
    assert made.encode("ab a b").ids == [5, 7, 6, 4]


@pytest.mark.parametrize(("line", "shown"), [("a", "'a'"), ("a b a", "'a b a'"), ("x" * 50, repr("x" * 40))])
def test_a_line_of_merges_that_is_no_pair_is_named(tmp_path: Path, line: str, shown: str) -> None:
    assert refusal(from_files, vocabulary_of(tmp_path, f"#version: 0.2\na b\n{line}\n"), GPT2) == (
        f"{tmp_path}/merges.txt, line 3: is {shown}; two pieces with a space between are needed."
    )


@pytest.mark.parametrize("number", ["1", 1.5, -1, None])
def test_an_id_is_a_whole_number_from_0_up(tmp_path: Path, number: Any) -> None:
    assert refusal(from_files, vocabulary_of(tmp_path, vocabulary={**WORDS, "x": number}), GPT2) == (
        f"{tmp_path}/vocab.json: is broken; an object of pieces with their ids, whole numbers, is needed."
    )


def test_an_id_is_no_higher_than_those_of_the_largest_vocabularies(tmp_path: Path) -> None:
    _, refused = from_files(vocabulary_of(tmp_path, vocabulary={**WORDS, "x": HIGHEST_ID}), GPT2)
    assert refused == ""
    assert refusal(from_files, vocabulary_of(tmp_path, vocabulary={**WORDS, "x": HIGHEST_ID + 1}), GPT2) == (
        f"{tmp_path}/vocab.json: gives 'x' the id {HIGHEST_ID + 1}; ids from 0 to {HIGHEST_ID} are read."
    )


def test_files_of_two_models_do_not_fit(tmp_path: Path) -> None:
    assert refusal(from_files, vocabulary_of(tmp_path, "a x\n"), GPT2).startswith(
        f"{tmp_path}/vocab.json: does not fit merges.txt ("
    )


def test_merges_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    vocabulary_of(tmp_path)
    (tmp_path / "merges.txt").write_bytes(b"\xff")
    assert refusal(from_files, tmp_path, GPT2) == (
        f"{tmp_path}/merges.txt: cannot be read ('utf-8' codec can't decode byte 0xff in position 0: invalid start "
        "byte); the model's merges.txt is needed."
    )


def test_how_text_is_split_must_be_known(tmp_path: Path) -> None:
    made, refused = from_files(vocabulary_of(tmp_path), LLAMA)
    assert refused == (
        f"{tmp_path}/vocab.json: does not say how text is split into words, and for a model of type 'llama' it can be "
        f"one way or another; a tokenizer.json is needed, or {IDS_WORK}"
    )
    assert made.id_to_token(7) == "Ġa"


@pytest.mark.parametrize("name", ["tekken.json", "tokenizer.model", "tokenizer.model.v3", "tiktoken.model"])
def test_a_vocabulary_that_transformers_would_take_instead_is_told(tmp_path: Path, name: str) -> None:
    vocabulary_of(tmp_path)
    (tmp_path / name).touch()
    assert from_files(tmp_path, GPT2)[1] == (
        f"{tmp_path / name}: would be read by transformers in place of vocab.json, and is not read here; {IDS_WORK}"
    )


def test_a_token_that_stands_in_two_places_with_other_options_has_the_later_ones(tmp_path: Path) -> None:
    pad = {"__type": "AddedToken", "content": "<pad>"}
    settings = {"pad_token": {**pad, "lstrip": False}, "mask_token": {**pad, "lstrip": True}}
    made, _ = from_files(vocabulary_of(tmp_path), GPT2)
    assert made.token_to_id("<pad>") is None
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    made, _ = from_files(tmp_path, GPT2)
    found = {token.content: token for token in made.get_added_tokens_decoder().values()}
    assert found["<pad>"] == AddedToken("<pad>", lstrip=True, special=True, normalized=False)


def test_the_vocabulary_of_a_t5_is_one_of_sentencepiece(tmp_path: Path) -> None:
    (tmp_path / "spiece.model").touch()
    assert no_tokenizer(tmp_path).startswith(
        f"{tmp_path}/spiece.model: is a vocabulary of SentencePiece, which is not "
    )


def test_the_vocabularies_of_a_marian_are_not_read_and_the_message_says_what_to_give(tmp_path: Path) -> None:
    for name in ("source.spm", "target.spm", "vocab.json"):
        (tmp_path / name).write_text("{}")
    assert no_tokenizer(tmp_path) == (
        f"{tmp_path}/source.spm: is a vocabulary of Marian, of one language, which is not read here; token ids are "
        "needed in place of a prompt, and of a target, as in tokens: [1, 2, 3] and target_tokens: [4, 5] "
        "(--tokens, --target-tokens)."
    )
