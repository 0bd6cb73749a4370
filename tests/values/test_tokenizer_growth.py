"""A tokenizer.json that makes a text longer and longer is refused before it is used."""

from pathlib import Path
from typing import Any

import pytest
import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers

from mmviz.errors import SourceError
from mmviz.values.text.growth import check_growth
from mmviz.values.text.tokens import Tokenizer

NEEDED = (
    "can make a text more than 1,024 times as long, as no tokenizer of a model does; one with fewer steps is needed."
)


def saved(folder: Path, **steps: Any) -> Path:
    made = tokenizers.Tokenizer(models.BPE({"a": 0, "b": 1}, []))
    for name, step in steps.items():
        setattr(made, name, step)
    made.save(str(folder / "tokenizer.json"))
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(SourceError) as raised:
        Tokenizer.open(folder)
    return str(raised.value).replace(str(folder / "tokenizer.json"), "F")


def test_many_steps_that_double_a_text_are_refused(tmp_path: Path) -> None:
    many = pre_tokenizers.Sequence([pre_tokenizers.ByteLevel()] * 11)
    assert refusal(saved(tmp_path, pre_tokenizer=many)) == f"F, normalizer, pre_tokenizer: {NEEDED}"


def test_steps_before_and_in_splitting_count_together(tmp_path: Path) -> None:
    longer = normalizers.Sequence([normalizers.Replace("a", "a" * 30), normalizers.Replace("a", "b" * 30)])
    Tokenizer.open(saved(tmp_path, normalizer=longer))
    saved(tmp_path, normalizer=longer, pre_tokenizer=pre_tokenizers.ByteLevel())
    assert refusal(tmp_path) == f"F, normalizer, pre_tokenizer: {NEEDED}"


def test_steps_of_writing_count_by_themselves(tmp_path: Path) -> None:
    written = decoders.Sequence([decoders.Replace("a", "a" * 40), decoders.Replace("a", "a" * 40)])
    assert refusal(saved(tmp_path, decoder=written)) == f"F, decoder: {NEEDED}"


def test_steps_that_change_no_length_may_be_many(tmp_path: Path) -> None:
    many = pre_tokenizers.Sequence([pre_tokenizers.Digits(True)] * 100 + [pre_tokenizers.ByteLevel()] * 10)
    tokenizer = Tokenizer.open(saved(tmp_path, pre_tokenizer=many))
    assert tokenizer.encode("ab") == (0, 1)


def test_the_count_is_bounded_however_many_steps_there_are() -> None:
    step = {"type": "Replace", "pattern": {"String": "a"}, "content": "b" * 100}
    with pytest.raises(SourceError, match=r"^m\.json, normalizer, pre_tokenizer: can make"):
        check_growth({"normalizer": {"type": "Sequence", "normalizers": [step] * 100_000}}, Path("m.json"))
