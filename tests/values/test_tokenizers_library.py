"""Whatever the tokenizers library raises is one message in one line, its panics among it."""

import json
import os
from pathlib import Path

import pytest
import tokenizers
from tokenizers import models

from mmviz.errors import SourceError
from mmviz.values.text.library import TokenizersError, library
from mmviz.values.text.tokens import Tokenizer


class PanicException(BaseException):
    """As the library raises it where its own code panics."""


def panic(*_: object, **__: object) -> None:
    os.write(2, b"thread '<unnamed>' panicked at model.rs:267\nnote: run with RUST_BACKTRACE=1\n")
    raise PanicException("range end index 9 out of range\nfor slice")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tokenizers.Tokenizer(models.BPE({"a": 0, "b": 1}, []))
    made.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


def test_a_panic_is_one_message_and_its_report_is_not_shown(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mmviz.values.text.stored_tokenizer.Tokenizer.from_buffer", panic, raising=False)
    with pytest.raises(SourceError) as raised:
        Tokenizer.open(folder)
    assert str(raised.value) == (
        f"{folder / 'tokenizer.json'}: broken (the tokenizers library broke down: range end index 9 out of range for "
        "slice); a whole tokenizer.json is needed."
    )
    assert capfd.readouterr().err == ""


def test_a_panic_in_use_is_one_message(folder: Path) -> None:
    class Panicking:
        encode = to_str = decode = id_to_token = staticmethod(panic)
        decoder = None

        def get_vocab(self, **_: object) -> dict[str, int]:
            return {"a": 0}

    tokenizer = Tokenizer(folder, Panicking())
    broke = "the tokenizers library broke down: range end index 9 out of range for slice"
    for ask in (tokenizer.to_json, lambda: tokenizer.strings((1,)), lambda: tokenizer.special_tokens):
        with pytest.raises(SourceError) as raised:
            ask()
        assert str(raised.value) == f"{folder}: cannot be used ({broke}); a whole tokenizer is needed."
    with pytest.raises(SourceError) as raised:
        tokenizer.encode("a")
    assert str(raised.value) == (
        f"{folder}: cannot read the prompt ({broke}); give token ids, as in tokens: [1, 2, 3], in place of a prompt."
    )


def test_what_others_write_meanwhile_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with library():
        os.write(2, b"a warning\n")

    def failing() -> None:
        with library():
            os.write(2, b"another\n")
            raise ValueError("one\n  two")

    with pytest.raises(TokenizersError, match=r"^one two$"):
        failing()
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "a warning\nanother\nafterwards\n"


def test_what_is_no_fault_of_the_library_goes_through() -> None:
    for error in (KeyboardInterrupt(), SystemExit(3), SourceError("m: is missing.")):
        with pytest.raises(type(error)), library():
            raise error


def test_without_a_standard_error_there_is_nothing_to_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: int) -> int:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(os, "dup", closed)
    with library():
        assert tokenizers.Tokenizer(models.BPE({"a": 0}, [])).encode("a").ids == [0]


def test_a_vocabulary_with_an_id_far_out_is_refused(folder: Path) -> None:
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text())
    content["model"]["vocab"]["b"] = 2**24
    path.write_text(json.dumps(content))
    with pytest.raises(SourceError) as raised:
        Tokenizer.open(folder)
    assert str(raised.value) == f"{path}, model.vocab: gives 'b' the id 16777216; ids from 0 to 16777215 are read."
