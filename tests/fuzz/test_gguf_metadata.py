"""A GGUF file with any metadata is opened right or refused in a line; what is none of the model's changes nothing."""

import random
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmviz.errors import MmvizError
from mmviz.reports.model_report import model_report
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.model import Model
from mmviz.values.text.tokens import open_tokenizer
from tests.fuzz.attempts import attempt, one_line
from tests.fuzz.gguf_bytes import Value, metadata_of, some_value, written
from tests.fuzz.tokenizer_files import gguf_metadata
from tests.values.gguf_writer import write_gguf
from tests.values.variants import load_reference, save_variant

WEIGHT = "blocks.0.attn.W_Q"
STRANGE = ("general.name", "general.file_type", "mine.number", "llama", "llama.", "", "é", "general.tags", "quantize.x")
"""Keys that say nothing that a model is computed by."""
KNOWN = (
    *("general.architecture", "general.alignment", "llama.block_count", "llama.context_length", "llama.vocab_size"),
    *("llama.embedding_length", "llama.feed_forward_length", "llama.attention.head_count", "llama.expert_count"),
    *("llama.attention.head_count_kv", "llama.attention.layer_norm_rms_epsilon", "llama.attention.key_length"),
    *("llama.attention.value_length", "llama.attention.sliding_window", "llama.rope.dimension_count"),
    *("llama.rope.freq_base", "llama.rope.scaling.type", "llama.rope.scaling.factor", "llama.rope.scale_linear"),
    *("llama.rope.scaling.original_context_length", "llama.expert_used_count", "tokenizer.ggml.add_eos_token"),
    *("llama.attention.sliding_window_pattern", "llama.rope.freq_base_swa", "llama.final_logit_softcapping"),
    *("llama.rope.scaling.yarn_beta_fast", "split.no", "split.count", "split.tensors.count"),
)


@pytest.fixture(scope="module", params=["llama", "gemma3"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with a tokenizer."""
    folder = tmp_path_factory.mktemp("gguf")
    save_variant(folder / "m", request.param, layers=1 if request.param == "llama" else None)
    vocabulary = gguf_metadata()["llama"]
    pieces = len(vocabulary["tokenizer.ggml.tokens"])
    vocabulary["tokenizer.ggml.tokens"] += [f"[PAD{number}]" for number in range(pieces, 96)]
    vocabulary["tokenizer.ggml.token_type"] += [5] * (96 - pieces)
    vocabulary["tokenizer.ggml.scores"] += [0.0] * (96 - pieces)
    return write_gguf(folder / "m.gguf", load_reference(folder / "m"), vocabulary=vocabulary)


def same(found: Any, told: Any) -> bool:
    """Equal, where NaN is NaN."""
    if isinstance(told, list):
        return len(found) == len(told) and all(same(a, b) for a, b in zip(found, told, strict=True))
    return bool(found == told) or (found != found and told != told)  # noqa: PLR0124


def read_all(path: Path) -> None:
    """What the commands ask of a model."""
    checkpoint = Checkpoint.open(path)
    for ask in (
        lambda: model_report(str(path)),
        lambda: Model(checkpoint, "cpu").weight(WEIGHT, 0),
        lambda: Model(checkpoint, "cpu").activation((1, 2, 3), "logits"),
        lambda: open_tokenizer(checkpoint).encode("the ab"),
    ):
        try:
            ask()
        except MmvizError as error:
            one_line(error)


def test_keys_that_say_nothing_of_the_model_change_nothing(model: Path, tmp_path: Path, seeds: range) -> None:
    own, weight = metadata_of(model), Model(Checkpoint.open(model), "cpu").weight(WEIGHT, 0)

    def open_with(added: dict[str, Value], path: Path) -> None:
        written(path, own | added, model)
        try:
            opened = Checkpoint.open(path)
        except MmvizError as error:
            pytest.fail(f"{added}: {error}")
        assert opened.config == Checkpoint.open(model).config
        assert all(same(opened.metadata[key], value.read()) for key, value in (own | added).items())
        assert np.array_equal(Model(opened, "cpu").weight(WEIGHT, 0), weight)

    for seed in seeds:
        chance = random.Random(f"strange metadata {seed}")
        added = {chance.choice(STRANGE): some_value(chance) for _ in range(chance.randint(1, 4))}
        path = tmp_path / f"{seed}.gguf"
        attempt(partial(open_with, added, path), f"strange metadata {seed}")
        path.unlink()


def test_any_value_of_a_key_that_counts_is_read_or_refused(model: Path, tmp_path: Path, seeds: range) -> None:
    own = metadata_of(model)
    architecture = str(own["general.architecture"].read())
    known = [key.replace("llama.", f"{architecture}.") for key in KNOWN]
    for seed in seeds:
        chance = random.Random(f"metadata {seed}")
        pairs = list(own.items())
        for _ in range(chance.randint(1, 3)):
            key, value = chance.choice((*known, *own)), some_value(chance)
            if chance.random() < 0.95:  # else it is there twice
                pairs = [pair for pair in pairs if pair[0] != key]
            pairs += [(key, value)] if chance.random() < 0.9 else []
        path = written(tmp_path / f"{seed}.gguf", pairs, model)
        attempt(partial(read_all, path), f"metadata {seed}")
        path.unlink()
