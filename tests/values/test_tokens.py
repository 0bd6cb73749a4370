import json
import re
from pathlib import Path

import pytest
import tokenizers

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.text.tokens import Tokenizer, has_tokenizer, open_tokenizer

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


def test_a_part_of_a_character_says_which_and_of_what(tokenizer: Tokenizer) -> None:
    assert tokenizer.strings(tokenizer.encode("東")) == ("東 1/3", "東 2/3", "東 3/3")
    ids = tokenizer.encode("The 東東 हि 🙂!")
    told = tokenizer.strings(ids)
    assert [*dict.fromkeys(text[0] for text in told if "/" in text)] == ["東", "ह", "ि", "🙂"]
    assert told[-2] == "🙂 4/4"
    letters = "".join(text for text in told if "/" not in text)
    assert letters.replace(" ", "") == "The!"


def test_a_part_of_a_character_without_the_others_is_shown_as_the_vocabulary_writes_it(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("東")
    assert tokenizer.strings(ids[:2]) == ("æ", "Ŀ")
    assert tokenizer.strings((*ids[1:], *ids)) == ("Ŀ", "±", "東 1/3", "東 2/3", "東 3/3")


def test_a_token_that_is_the_replacement_character_is_escaped(tmp_path: Path) -> None:
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"\ufffd": 0}, unk_token="\ufffd"))
    words.save(str(tmp_path / "tokenizer.json"))
    assert Tokenizer.open(tmp_path).strings((0,)) == ("\\ufffd",)


@pytest.mark.slow
def test_every_id_of_the_vocabulary_has_a_string_and_a_piece(tokenizer: Tokenizer) -> None:
    assert tokenizer.size == 8192
    assert all(tokenizer.strings(range(8192)))
    assert "\ufffd" not in "".join(tokenizer.strings(range(8192)) + tokenizer.pieces(range(8192)))


def test_pieces_are_those_of_the_vocabulary(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode("The cat 東\n<|im_end|>")
    assert tokenizer.pieces(ids) == ("The", "Ġcat", "Ġ", "æ", "Ŀ", "±", "Ċ", "<|im_end|>")
    reference = tokenizers.Tokenizer.from_file(str(ASSET / "tokenizer.json"))
    assert tokenizer.pieces(ids) == tuple(reference.id_to_token(number) for number in ids)


def test_a_token_keeps_the_space_that_a_decoder_drops_from_the_start_of_a_text(tmp_path: Path) -> None:
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"▁the": 0, "the": 1, "▁": 2, "▁▁": 3}, unk_token="▁"))
    words.decoder = tokenizers.decoders.Sequence(
        [tokenizers.decoders.Replace("▁", " "), tokenizers.decoders.Fuse(), tokenizers.decoders.Strip(" ", 1, 0)]
    )
    words.save(str(tmp_path / "tokenizer.json"))
    assert Tokenizer.open(tmp_path).strings(range(4)) == (" the", "the", " ", "  ")
    words.decoder = tokenizers.decoders.Metaspace()
    words.save(str(tmp_path / "tokenizer.json"))
    assert Tokenizer.open(tmp_path).strings(range(4)) == (" the", "the", " ", "  ")


def test_a_tokenizer_without_a_decoder_adds_no_space(tmp_path: Path) -> None:
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"the": 0, "cat": 1}, unk_token="the"))
    words.save(str(tmp_path / "tokenizer.json"))
    assert Tokenizer.open(tmp_path).strings((0, 1)) == ("the", "cat")


def test_a_letter_that_a_vocabulary_of_letters_does_not_have_is_named(tmp_path: Path) -> None:
    letters = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0, "b": 1}))
    letters.pre_tokenizer = tokenizers.pre_tokenizers.Split("", "isolated")
    letters.save(str(tmp_path / "tokenizer.json"))
    tokenizer = Tokenizer.open(tmp_path)
    assert tokenizer.encode("abba") == (0, 1, 1, 0)
    with pytest.raises(SourceError, match=r"tokenizer\.json: has no token for 'c' in the prompt \(.*give token ids"):
        tokenizer.encode("abc")


def test_half_a_surrogate_pair_is_refused(tokenizer: Tokenizer) -> None:
    message = "prompt: the prompt is no Unicode text; characters of UTF-8 are needed."
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        tokenizer.encode("cat \ud800")


def test_a_tokenizer_writes_itself_down(tokenizer: Tokenizer, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(tokenizer.to_json(), encoding="utf-8")
    again = Tokenizer.open(tmp_path)
    assert [again.encode(text) for text in TEXTS] == [tokenizer.encode(text) for text in TEXTS]


def test_a_checkpoints_tokenizer_is_its_tokenizer_json(tokenizer: Tokenizer) -> None:
    checkpoint = Checkpoint.open(ASSET)
    assert has_tokenizer(checkpoint)
    assert open_tokenizer(checkpoint).path == ASSET / "tokenizer.json"
    assert open_tokenizer(checkpoint).encode("The cat sat.") == tokenizer.encode("The cat sat.")


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
