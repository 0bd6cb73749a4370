"""`verify` sees a tokenizer that is read wrongly, and says with whom tokenizer.json agrees."""

import json
import re
import shutil
from pathlib import Path

import pytest

from mmviz import Scene
from mmviz.errors import MmvizError
from mmviz.reports.verification import Wish, check_verified, model_verification, scene_verification, verification_text
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.reference.tokens import check_tokens
from mmviz.values.text.tokens import Tokenizer
from tests.beginning import ASSET, with_beginning


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our reading adds a token to every text of a model, but not where tokenizer.json alone is read."""
    encode, alone = Tokenizer.encode, Tokenizer.open

    def longer(self: Tokenizer, text: str, where: str = "prompt", *, special_tokens: bool = False) -> tuple[int, ...]:
        ids = encode(self, text, where, special_tokens=special_tokens)
        return ids if vars(self).get("alone") else (*ids, 7)

    def opened(folder: Path) -> Tokenizer:
        tokenizer = alone(folder)
        tokenizer.alone = True  # type: ignore[attr-defined]
        return tokenizer

    monkeypatch.setattr(Tokenizer, "encode", longer)
    monkeypatch.setattr(Tokenizer, "open", opened)


@pytest.mark.parametrize("special", [True, False])
def test_tokens_of_a_prompt_are_read_by_both_and_by_tokenizer_json_alone(tmp_path: Path, special: bool) -> None:
    checkpoint = Checkpoint.open(with_beginning(tmp_path / "m"))
    found = check_tokens(checkpoint, "the cat sat", special_tokens=special)
    assert found.ours == found.theirs == ((1,) if special else ()) + found.ours[special:]
    assert (found.differs, found.first, found.why_not, found.third) == (False, None, "", "both")


@pytest.mark.usefixtures("wrong")
def test_a_tokenizer_that_is_read_wrongly_fails_and_the_side_is_named(tmp_path: Path) -> None:
    report = model_verification(Wish(str(ASSET), "the cat sat", device="cpu"))
    assert all(row["ok"] for row in report["rows"])  # both compute the same on wrong ids
    assert not report["ok"]
    told = (
        r"mmviz reads 4 tokens in the prompt, transformers 5\.\d+\.\d+ 3; token 3 is the first that differs, "
        r"7 and none; tokenizer\.json by itself agrees with transformers\."
    )
    assert re.search(f"\ntokens: {told}\n", verification_text(report))
    with pytest.raises(MmvizError, match=f"^{re.escape(str(ASSET))}: {told}$"):
        check_verified(report)


@pytest.mark.usefixtures("wrong")
def test_a_scene_whose_prompt_is_read_wrongly_fails() -> None:
    report = scene_verification(Scene.load("attention_head"))
    assert (report["ok"], report["tokenizer"]["ok"]) == (False, False)


def test_the_other_side_is_named_where_it_is_that_one(tmp_path: Path) -> None:
    folder = with_beginning(tmp_path / "m")
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    (folder / "tokenizer_config.json").unlink()
    settings["additional_special_tokens"] = ["the cat"]
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    found = check_tokens(Checkpoint.open(folder), "the cat sat", special_tokens=True)
    assert (found.differs, found.third) == (False, "neither")  # both read the settings beside tokenizer.json


def test_token_ids_are_not_read_by_anybody() -> None:
    report = model_verification(Wish(str(ASSET), tokens=(5, 6), device="cpu"))
    assert (report["ok"], report["tokenizer"]) == (True, None)


def test_a_tokenizer_that_transformers_cannot_read_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    shutil.copytree(ASSET, folder)
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "decode": "x"}  # which is the name of a method
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    report = model_verification(Wish(str(folder), "the cat", device="cpu"))
    assert (report["ok"], report["tokenizer"]["ok"]) == (True, None)
    assert "\ntokens: not compared; transformers 5." in verification_text(report)
