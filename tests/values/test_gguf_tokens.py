import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import given
from transformers import AutoTokenizer, GPT2Tokenizer, Qwen2Tokenizer

from mmviz.errors import SourceError
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.text.tokens import Tokenizer, has_tokenizer, open_tokenizer
from mmviz.values.text.vocabulary import OTHER_NAMES, SPLITS
from tests.values.gguf_vocabularies import (
    ASSET,
    BYTE,
    CONTROL,
    NORMAL,
    UNKNOWN,
    USER_DEFINED,
    file_of,
    of_bytes,
    of_letters,
    opened,
)
from tests.values.variants import silently
from tests.values.vocabularies import END_OF_TEXT, a_word, texts, trained_bytes, trained_letters

SPLITS_OF_LLAMA = ["llama-bpe", "llama3", "llama-v3", "tekken", "pixtral", "falcon3", "lfm2", "falcon-h1"]
SPLITS_OF_GPT2 = ["gpt-2", "default", "phi-2", "mellum"]
SPLITS_OF_QWEN2 = ["qwen2", "deepseek-r1-qwen", "megrez", "kormo"]


@pytest.fixture(scope="module", params=[*SPLITS_OF_GPT2, *SPLITS_OF_QWEN2, "smollm", *SPLITS_OF_LLAMA])
def byte_level(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Tokenizer, Any]:
    """A GGUF file's tokenizer, and one that transformers or the asset brings."""
    folder, pre = tmp_path_factory.mktemp("bytes"), request.param
    vocabulary, merges = trained_bytes()
    tokenizer = opened(file_of(folder, of_bytes(pre)))
    if pre in SPLITS_OF_GPT2:
        return pre, tokenizer, GPT2Tokenizer(vocab=vocabulary, merges=merges)
    if pre in SPLITS_OF_QWEN2:
        return pre, tokenizer, Qwen2Tokenizer(vocab=vocabulary, merges=merges)
    if pre == "smollm":
        reference = tokenizers.Tokenizer.from_file(str(ASSET / "tokenizer.json"))
        reference.model = tokenizers.models.BPE(vocabulary, merges)
        reference.add_special_tokens([END_OF_TEXT])
        return pre, tokenizer, reference
    reference = silently(AutoTokenizer.from_pretrained, folder, gguf_file="m.gguf")
    reference.backend_tokenizer.model = tokenizers.models.BPE(vocabulary, merges, ignore_merges=True)  # as Llama 3's is
    return pre, tokenizer, reference


@pytest.mark.slow
@given(text=texts)
def test_ids_of_any_text_are_those_of_the_original(byte_level: tuple[str, Tokenizer, Any], text: str) -> None:
    _, tokenizer, reference = byte_level
    expected = reference.encode(text, add_special_tokens=False)
    ids = tokenizer.encode(text)
    assert ids == tuple(expected.ids if isinstance(expected, tokenizers.Encoding) else expected)
    assert tokenizer.strings(ids)
    assert tokenizer.pieces(ids) == tuple(list(trained_bytes()[0])[number] for number in ids)


def test_no_two_rules_of_splitting_are_the_same(tmp_path: Path) -> None:
    rules = [opened(file_of(tmp_path, of_bytes(pre))) for pre in ("gpt-2", "qwen2", "smollm", "llama-bpe", "tekken")]
    text = "12 144\n\n, It's 2012 12 (The\tof THE\n/matrixProduct\n 12 e\u0301"
    assert len({rule.encode(text) for rule in rules}) == 5


def test_control_tokens_are_found_whole(byte_level: tuple[str, Tokenizer, Any]) -> None:
    _, tokenizer, _ = byte_level
    assert tokenizer.pieces(tokenizer.encode(f"the{END_OF_TEXT}"))[-1] == END_OF_TEXT


def test_a_word_of_the_vocabulary_is_never_cut_by_llama_3(tmp_path: Path) -> None:
    vocabulary = of_bytes("llama-bpe")
    vocabulary["tokens"].append("Ġzyx")  # which no merge makes
    vocabulary["token_type"].append(NORMAL)
    for pre, pieces in (("llama-bpe", ("Ġzyx",)), ("gpt-2", ("Ġ", "z", "y", "x"))):
        tokenizer = opened(file_of(tmp_path, vocabulary | {"pre": pre}))
        assert tokenizer.pieces(tokenizer.encode(" zyx")) == pieces


def test_user_defined_tokens_are_found_whole(tmp_path: Path) -> None:
    vocabulary = of_bytes("gpt-2")
    vocabulary["tokens"].append("<think>")
    vocabulary["token_type"].append(USER_DEFINED)
    tokenizer = opened(file_of(tmp_path, vocabulary))
    assert tokenizer.strings(tokenizer.encode("the<think>")) == ("the", "<think>")


@pytest.mark.parametrize("architecture", ["gpt2", "qwen2", "qwen3", "llama"])
def test_a_file_that_does_not_name_its_rule_has_that_of_its_architecture(tmp_path: Path, architecture: str) -> None:
    tokenizer = opened(file_of(tmp_path, of_bytes(None), architecture))
    if architecture == "llama":
        with pytest.raises(SourceError, match=r"tokenizer\.ggml\.pre: is missing, so how"):
            tokenizer.encode("the")
    else:
        named = opened(file_of(tmp_path, of_bytes("gpt-2" if architecture == "gpt2" else "qwen2"), architecture))
        assert tokenizer.encode("2024 e\u0301") == named.encode("2024 e\u0301")


def test_a_file_with_an_unknown_rule_still_names_its_tokens(tmp_path: Path) -> None:
    path = file_of(tmp_path, of_bytes("nobody-bpe"))
    checkpoint, word = Checkpoint.open(path), a_word()
    assert has_tokenizer(checkpoint)
    tokenizer = open_tokenizer(checkpoint)
    number = trained_bytes()[0][word]
    assert (tokenizer.path, tokenizer.pieces((number,))) == (path, (word,))
    assert tokenizer.strings((number,)) == (f" {word[1:]}",)
    message = (
        f"{path}, tokenizer.ggml.pre: 'nobody-bpe' is not known, so how the model's tokenizer splits text is not "
        f"({', '.join(sorted((*SPLITS, *OTHER_NAMES)))} are known); put its tokenizer.json beside the file, or give "
        "token ids, as in tokens: [1, 2, 3], in place of a prompt."
    )
    with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
        tokenizer.encode("the")


# What goes around a text.


def around(path: Path) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What stands before and after a text."""
    tokenizer = opened(path)
    bare, whole = tokenizer.encode("the"), tokenizer.encode("the", special_tokens=True)
    start = whole.index(bare[0])
    assert whole[start : start + len(bare)] == bare
    return whole[:start], whole[start + len(bare) :]


@pytest.mark.slow
@pytest.mark.parametrize("eos", [None, False, True])
@pytest.mark.parametrize("bos", [None, False, True])
@pytest.mark.parametrize("model", ["letters", "gpt-2", "qwen2"])
def test_what_goes_around_a_text_is_what_transformers_puts_there(
    tmp_path: Path, model: str, bos: bool | None, eos: bool | None
) -> None:
    keys = {"add_bos_token": bos, "add_eos_token": eos, "bos_token_id": 1, "eos_token_id": 2}
    keys = {key: value for key, value in keys.items() if value is not None}
    vocabulary = of_letters(20, **keys) if model == "letters" else of_bytes(model, 20) | keys
    path = file_of(tmp_path, vocabulary)
    reference = silently(AutoTokenizer.from_pretrained, tmp_path, gguf_file="m.gguf")
    assert list(opened(path).encode("the", special_tokens=True)) == reference("the")["input_ids"]
    assert around(path) == (((1,) if bos or (bos is None and model == "letters") else ()), (2,) if eos else ())


@pytest.mark.parametrize(
    ("pre", "begun"), [("llama-bpe", True), ("pixtral", True), ("tekken", True), ("smollm", False)]
)
def test_a_file_of_llama_3_that_does_not_say_begins_a_text_as_llama_cpp_does(
    tmp_path: Path, pre: str, begun: bool
) -> None:
    assert around(file_of(tmp_path, of_bytes(pre) | {"bos_token_id": 7})) == ((7,) if begun else (), ())
    assert around(file_of(tmp_path, of_bytes(pre) | {"bos_token_id": 7, "add_bos_token": False})) == ((), ())
    assert around(file_of(tmp_path, of_bytes(pre))) == ((), ())


@pytest.mark.parametrize(
    ("keys", "end"),
    [
        ({"add_bos_token": "yes"}, ".add_bos_token: is yes; true or false is needed."),
        ({"add_bos_token": True, "bos_token_id": 5000}, ".bos_token_id: is 5000; one of the 1201 ids is needed."),
    ],
)
def test_broken_keys_of_what_goes_around_are_named(tmp_path: Path, keys: dict[str, Any], end: str) -> None:
    path = file_of(tmp_path, of_bytes("gpt-2") | keys)
    with pytest.raises(SourceError) as raised:
        opened(path)
    assert str(raised.value) == f"{path}, tokenizer.ggml{end}"


# A tokenizer.json beside the file.


def test_the_models_tokenizer_json_beside_the_file_goes_first(tmp_path: Path) -> None:
    path = file_of(tmp_path, of_bytes("nobody-bpe"))
    own = opened(file_of(tmp_path, of_bytes("gpt-2")))
    (tmp_path / "tokenizer.json").write_text(own.to_json(), encoding="utf-8")
    file_of(tmp_path, of_bytes("nobody-bpe"))
    assert opened(path).path == tmp_path / "tokenizer.json"
    assert opened(path).encode("the 2024") == own.encode("the 2024")


def test_another_models_tokenizer_json_beside_the_file_is_passed_over(tmp_path: Path) -> None:
    path = file_of(tmp_path, of_bytes("gpt-2"))
    (tmp_path / "tokenizer.json").write_bytes((ASSET / "tokenizer.json").read_bytes())
    assert opened(path).path == path
    assert opened(path).size == len(trained_bytes()[0])


# SentencePiece.


@pytest.fixture(scope="module")
def sentencepiece(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tokenizer, Any]:
    folder = tmp_path_factory.mktemp("letters")
    tokenizer = opened(file_of(folder, of_letters()))
    return tokenizer, silently(AutoTokenizer.from_pretrained, folder, gguf_file="m.gguf")


def best_first(text: str, vocabulary: dict[str, Any]) -> Iterator[str]:
    """SentencePiece's rule, word for word: join the neighbours that make the piece of the highest score."""
    scores = dict(zip(vocabulary["tokens"], vocabulary["scores"], strict=True))
    pieces = list("▁" + text.replace(" ", "▁"))
    while True:
        joined = [(-scores[a + b], place) for place, (a, b) in enumerate(pairwise(pieces)) if a + b in scores]
        if not joined:
            break
        _, place = min(joined)
        pieces[place : place + 2] = ["".join(pieces[place : place + 2])]
    for piece in pieces:
        yield from [piece] if piece in scores else [f"<0x{byte:02X}>" for byte in piece.encode()]


@given(text=texts)
def test_pieces_of_any_text_follow_the_scores(sentencepiece: tuple[Tokenizer, Any], text: str) -> None:
    tokenizer, _ = sentencepiece
    ids = tokenizer.encode(text)
    assert tokenizer.pieces(ids) == tuple(best_first(text, of_letters()))
    plain = b"".join(
        bytes([int(piece[3:5], 16)]) if re.fullmatch("<0x..>", piece) else piece.replace("▁", " ").encode()
        for piece in tokenizer.pieces(ids)
    )
    assert plain == (" " + text.replace("▁", " ")).encode()  # what stands for a space is one


@given(text=texts)
def test_ids_are_those_of_transformers_for_the_same_file(sentencepiece: tuple[Tokenizer, Any], text: str) -> None:
    tokenizer, reference = sentencepiece
    if text.startswith((" ", "▁")):  # before which it puts no space, though SentencePiece does
        text = "x" + text
    assert list(tokenizer.encode(text)) == reference.encode(text, add_special_tokens=False)


def test_tokens_of_sentencepiece_read_as_their_own_text(sentencepiece: tuple[Tokenizer, Any]) -> None:
    tokenizer, _ = sentencepiece
    ids = tokenizer.encode("the 東\n")
    assert tokenizer.strings(ids)[0] == " the"
    assert tokenizer.strings(ids)[-1] == "\n"
    assert tokenizer.strings(ids)[2:-1] == ("東 1/3", "東 2/3", "東 3/3")


def test_special_tokens_of_sentencepiece_are_found_whole(sentencepiece: tuple[Tokenizer, Any]) -> None:
    tokenizer, _ = sentencepiece
    assert tokenizer.encode("<s>the</s>") == (1, *tokenizer.encode("the"), 2)


def test_the_space_before_the_text_may_be_switched_off(tmp_path: Path) -> None:
    tokenizer = opened(file_of(tmp_path, of_letters(add_space_prefix=False)))
    for text in ("the", " the"):
        assert "".join(tokenizer.pieces(tokenizer.encode(text))) == text.replace(" ", "▁")


# Gemma's SentencePiece.


def of_gemma(**more: Any) -> dict[str, Any]:
    """A vocabulary as llama.cpp's converter writes it: runs of spaces as spaces, scores in another order than ids."""
    tab, special, single = ["<0x09>"], ["<pad>", "<eos>", "<bos>", "<unk>"], [f"<0x{byte:02X}>" for byte in range(256)]
    spaces, tags = ["  ", "   ", "    "], ["\n\n", "<table>"]
    single.remove(*tab)
    pieces = [piece for piece in trained_letters() if piece != "<unk>"]
    kinds = [(special, CONTROL), (tab, BYTE), (tags + spaces, USER_DEFINED), (single, BYTE), (pieces, NORMAL)]
    tokens = [piece for some, _ in kinds for piece in some]
    return {
        "model": "llama",
        "tokens": tokens,
        "scores": [float(number * 7919 % 101) for number in range(len(tokens))],
        "token_type": [UNKNOWN if piece == "<unk>" else kind for some, kind in kinds for piece in some],
        "bos_token_id": 2,
        "eos_token_id": 1,
        "unknown_token_id": 3,
        "add_bos_token": True,
        "add_space_prefix": False,
        **more,
    }


@pytest.fixture(scope="module", params=["gemma2", "gemma3"])
def gemma(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Tokenizer, Any]:
    folder = tmp_path_factory.mktemp("gemma")
    tokenizer = opened(file_of(folder, of_gemma(), request.param))
    return tokenizer, silently(AutoTokenizer.from_pretrained, folder, gguf_file="m.gguf")


@given(text=texts)
def test_ids_of_gemma_are_those_of_transformers_for_the_same_file(gemma: tuple[Tokenizer, Any], text: str) -> None:
    tokenizer, reference = gemma
    for special in (False, True):
        expected = reference.encode(text, add_special_tokens=special)
        assert list(tokenizer.encode(text, special_tokens=special)) == expected


def test_gemma_puts_no_space_before_a_text_and_keeps_runs_of_spaces_whole(gemma: tuple[Tokenizer, Any]) -> None:
    tokenizer, reference = gemma
    for text, pieces in (
        ("a   a", ("<bos>", "a", "▁▁▁", "a")),
        ("<table>\n\n\t", ("<bos>", "<table>", "\n\n", "<0x09>")),
        ("<eos>▁▁", ("<bos>", "<eos>", "▁▁")),
    ):
        ids = tokenizer.encode(text, special_tokens=True)
        assert tokenizer.pieces(ids) == pieces
        assert list(ids) == reference(text)["input_ids"]
    assert tokenizer.strings(tokenizer.encode("a   a\t")) == ("a", "   ", "a", "\t")


def test_a_gemma_of_the_first_kind_is_read_in_the_same_way(tmp_path: Path, gemma: tuple[Tokenizer, Any]) -> None:
    vocabulary = of_gemma()
    for key in ("add_space_prefix", "add_bos_token"):  # older files do not say them
        del vocabulary[key]
    first = opened(file_of(tmp_path, vocabulary, "gemma"))
    for text in ("the  cat", " a", "é東\n"):
        assert first.encode(text, special_tokens=True) == gemma[0].encode(text, special_tokens=True)


# What is broken.


@pytest.mark.parametrize(
    ("vocabulary", "end"),
    [
        (
            of_bytes("gpt-2") | {"token_type": [1, 2]},
            ".token_type: has 2 entries, the vocabulary 1201; as many are needed.",
        ),
        (of_bytes("gpt-2") | {"tokens": [1, 2]}, ".tokens: is missing or broken; a list is needed."),
        (of_bytes("gpt-2") | {"merges": 3}, ".merges: is missing or broken; a list is needed."),
        (
            of_bytes("gpt-2") | {"merges": ["東 x"]},
            ": is broken (Error while initializing BPE: Token `東` out of vocabulary); ",
        ),
        (of_letters(scores=[1.0]), ".scores: has 1 entries, the vocabulary "),
        (of_letters(scores="x"), ".scores: is missing or broken; a list is needed."),
    ],
)
def test_a_broken_vocabulary_is_named(tmp_path: Path, vocabulary: dict[str, Any], end: str) -> None:
    path = file_of(tmp_path, vocabulary)
    with pytest.raises(SourceError) as raised:
        opened(path)
    assert str(raised.value).startswith(f"{path}, tokenizer.ggml{end}")


@pytest.mark.parametrize("vocabulary", [{}, {"model": "t5", "tokens": ["a"]}, {"model": "gpt2"}])
def test_a_file_without_a_known_vocabulary_has_no_tokenizer(tmp_path: Path, vocabulary: dict[str, Any]) -> None:
    path = file_of(tmp_path, vocabulary)
    assert not has_tokenizer(Checkpoint.open(path))
    with pytest.raises(
        SourceError, match=r"is needed for a prompt, or token ids in its place, as in tokens: \[1, 2, 3\]\.$"
    ):
        opened(path)


def test_a_very_long_piece_costs_no_time(tmp_path: Path) -> None:
    vocabulary = of_letters()
    for key, more in (("tokens", "a" * 10**6), ("scores", 0.0), ("token_type", NORMAL)):
        vocabulary[key].append(more)
    tokenizer = opened(file_of(tmp_path, vocabulary))
    assert json.loads(tokenizer.to_json())["model"]["vocab"]["a" * 10**6] == tokenizer.size - 1
