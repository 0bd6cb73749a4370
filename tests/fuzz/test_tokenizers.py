"""Damaged tokenizers end in tokens or in one MmvizError, soon, whatever the libraries under them do."""

import json
import random
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mmviz.errors import MmvizError
from mmviz.values.text.gguf_tokenizer import from_metadata, has_vocabulary
from mmviz.values.text.tokens import Tokenizer, open_tokenizer
from tests.fuzz.attempts import attempt, one_line
from tests.fuzz.mutations import damaged
from tests.fuzz.tokenizer_files import TEXT, WORDS, gguf_metadata, write_tokenizers
from tests.fuzz.trees import mutated

NAMES = ("bytes", "fallback", "unigram", "wordpiece", "wordlevel", "files")
FAMILIES = ("llama", "gpt2", "qwen2", "mistral")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_tokenizers(tmp_path_factory.mktemp("tokenizers"))


def opened(folder: Path, family: str) -> Tokenizer:
    """The tokenizer of a model; of a checkpoint, no more is needed."""
    checkpoint: Any = SimpleNamespace(folder=folder, where=folder, metadata={}, config={"model_type": family})
    return open_tokenizer(checkpoint)


def opened_metadata(metadata: dict[str, Any]) -> Tokenizer:
    path = Path("m.gguf")
    return Tokenizer(path, *from_metadata(metadata, path))


def use(found: Callable[[], Tokenizer]) -> tuple[int, ...]:
    """What a prompt asks of it; the ids of a text."""
    tokenizer = found()
    asks: tuple[Callable[[], object], ...] = (
        lambda: tokenizer.size,
        lambda: tokenizer.special_tokens,
        lambda: tokenizer.strings(range(min(tokenizer.size, 20))),
        lambda: tokenizer.pieces((0, 5, 10**12)),
        tokenizer.to_json,
    )
    ids: tuple[int, ...] = ()
    for special in (False, True):
        try:
            ids = tokenizer.encode(TEXT, special_tokens=special)
            tokenizer.strings(ids)
        except MmvizError as error:
            one_line(error)
    for ask in asks:
        try:
            ask()
        except MmvizError as error:
            one_line(error)
    return ids


def damage(path: Path, chance: random.Random) -> None:
    """Change letters of a file, or what it says, where it is JSON."""
    if path.suffix == ".json" and chance.random() < 0.7:
        changed = mutated(json.loads(path.read_text(encoding="utf-8")), chance, WORDS)
        path.write_text(json.dumps(changed), encoding="utf-8")
    else:
        path.write_bytes(damaged(path.read_bytes(), chance))


def test_damaged_tokenizers(folders: dict[str, Path], tmp_path: Path, seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(f"tokenizer {seed}")
        name, folder = chance.choice(NAMES), tmp_path / str(seed)
        shutil.copytree(folders[name], folder)
        file = chance.choice(sorted(folder.iterdir()))
        damage(file, chance)
        attempt(
            partial(use, partial(opened, folder, chance.choice(FAMILIES))), f"tokenizer {seed}, {name}, {file.name}"
        )
        shutil.rmtree(folder)


def read_metadata(metadata: dict[str, Any]) -> None:
    if has_vocabulary(metadata):
        use(partial(opened_metadata, metadata))


def test_damaged_tokenizers_of_gguf(seeds: range) -> None:
    for seed in seeds:
        chance = random.Random(f"gguf tokenizer {seed}")
        metadata = mutated(gguf_metadata()[chance.choice(("gpt2", "llama"))], chance, (*WORDS, "gpt2", "llama"))
        if isinstance(metadata, dict):
            attempt(partial(read_metadata, metadata), f"gguf tokenizer {seed}")


def test_tokenizers_that_are_not_damaged_are_read(folders: dict[str, Path]) -> None:
    for name in NAMES:
        assert use(partial(opened, folders[name], "gpt2" if name == "files" else "llama")), name
    for metadata in gguf_metadata().values():
        assert use(partial(opened_metadata, metadata))
