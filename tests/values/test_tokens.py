import json
import re
from pathlib import Path

import pytest
import tokenizers

from mmviz.errors import SourceError
from mmviz.values.tokens import Tokenizer

ASSET = Path(__file__).resolve().parents[2] / "assets" / "smollm2-135m-2layers"
TEXTS = [
    "The cat sat.",
    " two  spaces",
    "line\nline",
    "12 birds",
    "naïve café",
    "東京 🙂",
    "<|im_start|>user",
]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.open(ASSET)


@pytest.mark.parametrize("text", TEXTS)
def test_ids_are_those_of_the_tokenizers_library(tokenizer: Tokenizer, text: str) -> None:
    reference = tokenizers.Tokenizer.from_file(str(ASSET / "tokenizer.json"))
    ids = tokenizer.encode(text)
    assert ids == tuple(reference.encode(text, add_special_tokens=False).ids)
    assert reference.decode(list(ids), skip_special_tokens=False) == text


def test_no_special_tokens_are_added(tmp_path: Path) -> None:
    content = json.loads((ASSET / "tokenizer.json").read_text(encoding="utf-8"))
    content["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "start", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"start": {"id": "start", "ids": [1], "tokens": ["<|im_start|>"]}},
    }
    (tmp_path / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    assert 1 not in Tokenizer.open(tmp_path).encode("The cat sat.")


def test_a_long_prompt_is_never_cut_nor_a_short_one_filled(tmp_path: Path) -> None:
    content = json.loads((ASSET / "tokenizer.json").read_text(encoding="utf-8"))
    content["truncation"] = {
        "direction": "Right",
        "max_length": 3,
        "strategy": "LongestFirst",
        "stride": 0,
    }
    content["padding"] = {
        "strategy": {"Fixed": 9},
        "direction": "Right",
        "pad_to_multiple_of": None,
        "pad_id": 2,
        "pad_type_id": 0,
        "pad_token": "<|im_end|>",
    }
    (tmp_path / "tokenizer.json").write_text(json.dumps(content), encoding="utf-8")
    assert len(Tokenizer.open(tmp_path).encode("one two three four five")) == 5


def test_tokens_read_as_their_own_text(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("The cat<|im_end|>é\n")
    assert tokenizer.strings(ids) == ("The", " cat", "<|im_end|>", "é", "\n")


@pytest.mark.parametrize("text", TEXTS)
def test_no_token_is_empty_or_a_replacement_character(tokenizer: Tokenizer, text: str) -> None:
    strings = tokenizer.strings(tokenizer.encode(text))
    assert all(strings)
    assert "\ufffd" not in "".join(strings)


def test_a_part_of_a_character_is_shown_raw(tokenizer: Tokenizer) -> None:
    assert tokenizer.strings(tokenizer.encode("東")) == ("æ", "Ŀ", "±")


def test_a_token_that_is_the_replacement_character_is_escaped(tmp_path: Path) -> None:
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"\ufffd": 0}, unk_token="\ufffd"))
    words.save(str(tmp_path / "tokenizer.json"))
    assert Tokenizer.open(tmp_path).strings((0,)) == ("\\ufffd",)


def test_every_id_of_the_vocabulary_has_a_string(tokenizer: Tokenizer) -> None:
    assert tokenizer.size == 8192
    assert all(tokenizer.strings(range(8192)))


@pytest.mark.parametrize("number", [-1, 8192, 2**40])
def test_an_id_outside_the_vocabulary_is_refused(tokenizer: Tokenizer, number: int) -> None:
    message = f"{ASSET / 'tokenizer.json'}: has no token {number}; ids go from 0 to 8191."
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        tokenizer.strings((17, number))


def test_an_empty_prompt_is_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(SourceError, match=r"^prompt: the prompt has no tokens; at least one is needed\.$"):
        tokenizer.encode("")
    with pytest.raises(SourceError, match=r"^scenes/head\.yaml: the prompt has no tokens; at least one is needed\.$"):
        tokenizer.encode("", where="scenes/head.yaml")


def test_a_missing_tokenizer_is_named(tmp_path: Path) -> None:
    message = f"{tmp_path / 'tokenizer.json'}: no such file; the model's tokenizer.json is needed."
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        Tokenizer.open(tmp_path)


def test_a_broken_tokenizer_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{")
    message = (
        f"{tmp_path / 'tokenizer.json'}: broken (EOF while parsing an object at line 1 column 1); "
        "a whole tokenizer.json is needed."
    )
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        Tokenizer.open(tmp_path)


def test_a_tokenizer_that_is_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").mkdir()
    message = re.escape(f"{tmp_path / 'tokenizer.json'}: cannot be read (")
    with pytest.raises(SourceError, match=rf"^{message}.*\); the model's tokenizer\.json is needed\.$"):
        Tokenizer.open(tmp_path)
