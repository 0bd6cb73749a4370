"""Token ids of any files of settings are those of transformers' AutoTokenizer (5.24.0), or no text is read at all."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoTokenizer
from transformers.models.auto.tokenization_auto import (
    MODELS_WITH_INCORRECT_HUB_TOKENIZER_CLASS,
    TOKENIZER_MAPPING_NAMES,
)

from mmviz.errors import SourceError
from mmviz.values.families.registry import KINDS
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.text.tokenizer_class import DECLARED_WRONGLY, OF_MODEL
from mmviz.values.text.tokens import open_tokenizer
from tests.examples import examples
from tests.values.tokenizer_folders import VOCABULARIES, encoded, write
from tests.values.variants import silently
from tests.values.vocabularies import END_OF_TEXT, trained_bytes

CONTENTS = ["<|pad|>", "<|a|>", "<tool>", "the", "ab", "<s>", "</s>", "<unk>", "<bos>", END_OF_TEXT, " cat", "É"]
WORDS = ["the", " cat", "cat", " ", "  ", "\n", "2024", "é", "e\u0301", "x", "東", *CONTENTS]
NAMED = ["bos_token", "eos_token", "unk_token", "pad_token", "cls_token", "sep_token", "mask_token", "image_token"]
CLASSES = [
    "GPT2Tokenizer", "GPT2TokenizerFast", "Qwen2Tokenizer", "Qwen2TokenizerFast", "LlamaTokenizer",
    "LlamaTokenizerFast", "GemmaTokenizer", "GemmaTokenizerFast", "PreTrainedTokenizerFast", "TokenizersBackend",
    "PreTrainedTokenizer", "GPTNeoXTokenizer", "GPTNeoXTokenizerFast", "CohereTokenizer",
    "CodeGenTokenizer", "CodeGenTokenizerFast", "BloomTokenizer",
]  # fmt: skip

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("".join)
contents = st.sampled_from(CONTENTS)
switches = st.booleans()
flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), switches)
entries = st.fixed_dictionaries({"content": contents}, optional={**flags, "special": switches})
typed = entries.map(lambda entry: {"__type": "AddedToken", **entry})
named = st.dictionaries(st.sampled_from(NAMED), st.one_of(contents, typed, st.none()), max_size=4)
further = st.dictionaries(
    st.sampled_from(["additional_special_tokens", "extra_special_tokens"]),
    st.one_of(
        st.lists(st.one_of(contents, typed), max_size=3), st.dictionaries(st.sampled_from(["a_token", "b"]), contents)
    ),
    max_size=2,
).filter(lambda found: not isinstance(found.get("additional_special_tokens"), dict))


@st.composite
def added_by_id(draw: st.DrawFn) -> dict[str, int]:
    """added_tokens.json, with ids behind the vocabulary, some with gaps."""
    found = draw(st.lists(contents, unique=True, max_size=4))
    start = draw(st.sampled_from([1201, 1500]))
    return {content: start + number for number, content in enumerate(found)}


configs = st.tuples(
    named,
    further,
    st.fixed_dictionaries(
        {},
        optional={
            "tokenizer_class": st.sampled_from(CLASSES),
            "add_prefix_space": switches,
            "split_special_tokens": switches,
            "legacy": switches,
            "add_bos_token": switches,
            "add_eos_token": switches,
            "clean_up_tokenization_spaces": switches,
            "model_max_length": st.just(3),
            "added_tokens_decoder": st.dictionaries(st.integers(0, 1210).map(str), entries, max_size=4),
        },
    ),
).map(lambda parts: parts[0] | parts[1] | parts[2])
maps = st.tuples(
    st.dictionaries(st.sampled_from(NAMED), st.one_of(contents, entries), max_size=3),
    st.dictionaries(st.just("additional_special_tokens"), st.lists(contents, max_size=2), max_size=1),
).map(lambda parts: parts[0] | parts[1])


def check(folder: Path, read: list[str]) -> bool:
    """Whether a text is read; if it is, and transformers reads it, then as transformers reads it."""
    try:
        reference = silently(AutoTokenizer.from_pretrained, str(folder))
    except Exception:  # noqa: BLE001  (whatever others raise)
        return False
    try:
        tokenizer = open_tokenizer(Checkpoint.open(folder))
        tokenizer.encode("the")
    except SourceError as error:
        if "can be one way or another" in str(error) or not is_read("the", reference):
            return False
        raise
    for text in read:
        if not is_read(text, reference):
            with pytest.raises(SourceError):
                tokenizer.encode(text)
            continue
        for special in (False, True):
            if theirs := reference(text, add_special_tokens=special)["input_ids"]:
                assert list(tokenizer.encode(text, special_tokens=special)) == theirs, (text, special)
    return True


def is_read(text: str, reference: Any) -> bool:
    """Whether transformers has tokens for a text."""
    try:
        reference(text)
    except Exception:  # noqa: BLE001  (the library raises nothing narrower)
        return False
    return True


def compare(vocabulary: str, model_type: str, files: dict[str, dict[str, Any] | None], read: list[str]) -> bool:
    with TemporaryDirectory() as folder:
        write(Path(folder), vocabulary, model_type, files)
        return check(Path(folder), read)


any_files = st.fixed_dictionaries(
    {
        "tokenizer_config": st.one_of(st.none(), configs),
        "special_tokens_map": st.one_of(st.none(), maps),
        "added_tokens": st.one_of(st.none(), added_by_id()),
    }
)
any_model = st.sampled_from(["gpt2", "qwen2", "qwen3", "llama", "mistral", "gemma", "gemma3_text", "gpt_neox"])
any_vocabulary = st.sampled_from(["files", *VOCABULARIES])


any_case = given(
    vocabulary=any_vocabulary, model_type=any_model, files=any_files, read=st.lists(texts, min_size=2, max_size=6)
)


@examples(20)
@any_case
def test_ids_are_those_of_transformers_whatever_files_carry_them(
    vocabulary: str, model_type: str, files: dict[str, Any], read: list[str]
) -> None:
    compare(vocabulary, model_type, files, read)


@pytest.mark.slow
@pytest.mark.thousands
@examples(6000)
@any_case
def test_ids_are_those_of_transformers_in_thousands_of_cases(
    vocabulary: str, model_type: str, files: dict[str, Any], read: list[str]
) -> None:
    compare(vocabulary, model_type, files, read)


PAD = {"content": "<|pad|>", "special": True}
DECODER = {"added_tokens_decoder": {"1202": PAD}}


@pytest.mark.parametrize("model_type", ["gpt2", "qwen2", "llama", "mistral"])
@pytest.mark.parametrize("vocabulary", ["files", "plain"])
@pytest.mark.parametrize(
    "files",
    [
        {"added_tokens": {"<|pad|>": 1202}},
        {"special_tokens_map": {"pad_token": "<|pad|>"}},
        {"special_tokens_map": {"additional_special_tokens": ["<|pad|>"]}},
        {"tokenizer_config": {"pad_token": "<|pad|>"}},
        {"tokenizer_config": {"pad_token": {"__type": "AddedToken", "content": "<|pad|>"}}},
        {"tokenizer_config": {"image_token": "<|pad|>"}},
        {"tokenizer_config": {"extra_special_tokens": ["<|pad|>"]}},
        {"tokenizer_config": {"additional_special_tokens": ["<|pad|>"]}},
        {"tokenizer_config": DECODER},
        {"tokenizer_config": DECODER, "special_tokens_map": {"pad_token": "<|a|>"}},
    ],
    ids=lambda files: str(files)[:60],
)
def test_a_special_token_is_one_token_wherever_it_is_named(
    tmp_path: Path, vocabulary: str, model_type: str, files: dict[str, Any]
) -> None:
    write(tmp_path, vocabulary, model_type, files)
    if vocabulary == "files" and model_type in ("llama", "mistral"):  # whose classes read no vocab.json
        assert not check(tmp_path, ["the"])
        return
    assert check(tmp_path, ["the<|pad|>cat", "<|pad|>", "a <|pad|> b"])
    assert len(encoded(tmp_path, "<|pad|>")) == 1


@pytest.mark.parametrize(("model_type", "counts"), [("gpt2", True), ("qwen2", True), ("mistral", False)])
def test_a_space_before_the_text_is_put_where_the_class_asks_the_settings(
    tmp_path: Path, model_type: str, counts: bool
) -> None:
    write(tmp_path, "plain", model_type, {"tokenizer_config": {"add_prefix_space": True}})
    assert (encoded(tmp_path, "the") == encoded(tmp_path, " the")) is counts
    assert check(tmp_path, ["the", " the"])


def test_special_tokens_may_be_split_as_all_others(tmp_path: Path) -> None:
    write(tmp_path, "files", "gpt2", {"tokenizer_config": {"split_special_tokens": True}})
    assert len(encoded(tmp_path, END_OF_TEXT)) > 1
    assert check(tmp_path, [END_OF_TEXT])


def test_llamas_class_puts_a_space_after_every_token_only_if_legacy(tmp_path: Path) -> None:
    pieces = []
    for legacy in (False, True):
        write(
            tmp_path, "letters", "llama", {"tokenizer_config": {"tokenizer_class": "LlamaTokenizer", "legacy": legacy}}
        )
        pieces.append(open_tokenizer(Checkpoint.open(tmp_path)).pieces(encoded(tmp_path, "<s>x")))
        assert check(tmp_path, ["<s>x", "x</s> x"])
    assert pieces == [("<s>", "x"), ("<s>", "▁", "x")]


PYTHIA = {
    "add_prefix_space": False,
    "bos_token": END_OF_TEXT,
    "eos_token": END_OF_TEXT,
    "tokenizer_class": "GPTNeoXTokenizer",
    "unk_token": END_OF_TEXT,
}
"""What the tokenizer_config.json of a Pythia says."""


@pytest.mark.parametrize("vocabulary", ["plain", "template", "files"])
def test_the_class_of_gpt_neox_composes_letters_and_puts_nothing_around_a_text(tmp_path: Path, vocabulary: str) -> None:
    write(tmp_path, vocabulary, "gpt_neox", {"tokenizer_config": PYTHIA})
    assert check(tmp_path, ["the cat", " the", "e\u0301", f"a{END_OF_TEXT}b", "2024\n\n  x"])
    assert encoded(tmp_path, "e\u0301") == encoded(tmp_path, "\u00e9")
    assert encoded(tmp_path, "the", special_tokens=True) == encoded(tmp_path, "the")
    write(tmp_path, vocabulary, "gpt_neox", {"tokenizer_config": {**PYTHIA, "add_bos_token": True}})
    assert check(tmp_path, ["the cat"])


def test_gemma_puts_no_space_before_a_text_but_a_token(tmp_path: Path) -> None:
    write(tmp_path, "gemma", "gemma3_text", {"tokenizer_config": {"tokenizer_class": "GemmaTokenizer"}})
    assert check(tmp_path, ["the cat", " the", "a    b", "x\n\ny", "<eos>東 \t", "▁▁", " " * 9])
    pieces = open_tokenizer(Checkpoint.open(tmp_path)).pieces(encoded(tmp_path, "a  cat", special_tokens=True))
    assert pieces[:3] == ("<bos>", "a", "▁▁")


QWEN3 = {
    "tokenizer_class": "Qwen2Tokenizer",
    "add_bos_token": False,
    "add_prefix_space": False,
    "bos_token": None,
    "eos_token": "<|im_end|>",
    "pad_token": END_OF_TEXT,
    "unk_token": None,
    "additional_special_tokens": ["<|im_start|>", "<|im_end|>"],
    "added_tokens_decoder": {
        "1200": {"content": END_OF_TEXT, "special": True},
        "1201": {"content": "<|im_start|>", "special": True},
        "1202": {"content": "<|im_end|>", "special": True},
        "1203": {"content": "<think>", "special": False},
    },
}
"""The keys that a Qwen3 has, with a few of its tokens."""


@pytest.mark.parametrize("vocabulary", ["files", "plain"])
def test_a_qwen3_reads_a_text_as_it_is_and_its_own_tokens_whole(tmp_path: Path, vocabulary: str) -> None:
    write(tmp_path, vocabulary, "qwen3", {"tokenizer_config": QWEN3})
    assert check(tmp_path, ["the cat 2024", "<|im_start|>user\n<think>the</think>", "e\u0301 <|im_end|>"])
    tokenizer = open_tokenizer(Checkpoint.open(tmp_path))
    ids = encoded(tmp_path, "<|im_start|>the<think>", special_tokens=True)
    assert tokenizer.pieces(ids)[::2] == ("<|im_start|>", "<think>")


def test_the_file_counts_for_a_class_that_knows_no_bytes(tmp_path: Path) -> None:
    write(tmp_path, "template", "llama", {"tokenizer_config": {"tokenizer_class": "LlamaTokenizerFast"}})
    assert check(tmp_path, ["the cat 2024"])
    assert encoded(tmp_path, "the", special_tokens=True)[0] == trained_bytes()[0][END_OF_TEXT]


def test_what_goes_around_a_text_is_added_only_if_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "files", "gpt2", {"tokenizer_config": {"add_bos_token": True, "add_eos_token": True}})
    bare, end = encoded(tmp_path, "the cat"), trained_bytes()[0][END_OF_TEXT]
    assert encoded(tmp_path, "the cat", special_tokens=True) == (end, *bare, end)
    write(tmp_path, "plain", "gpt2", {"tokenizer_config": {"add_bos_token": True}})
    assert encoded(tmp_path, "the cat", special_tokens=True) == bare  # beside a tokenizer.json it does not count
    assert check(tmp_path, ["the cat"])


def test_every_model_type_has_the_class_that_transformers_registers_for_it() -> None:
    assert {name: TOKENIZER_MAPPING_NAMES[name] for name in OF_MODEL} == dict(OF_MODEL)
    for name in KINDS:
        assert TOKENIZER_MAPPING_NAMES.get(name) == OF_MODEL.get(name)
    assert {name for name in OF_MODEL if name in MODELS_WITH_INCORRECT_HUB_TOKENIZER_CLASS} == set(DECLARED_WRONGLY)
