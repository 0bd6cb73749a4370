"""Activations that are kept: they are those of the model, need no second pass, and are bounded."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from mmviz import Scene
from mmviz.errors import SourceError
from mmviz.scene.changes.refill import refilled
from mmviz.values.families.names import activation_names
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.activation_cache import KeptActivations
from mmviz.values.model.model import Model
from tests.values.variants import save_variant

TOKENS = (3, 1, 4, 1, 5, 9, 2, 6)
READ = "blocks.{}.ln1.hook_normalized"


class Counting(Model):
    """Counts forward passes."""

    passes = 0

    def activations(
        self, token_ids: Sequence[int], names: Collection[str], *more: Any, **others: Any
    ) -> dict[str, torch.Tensor]:
        self.passes += 1
        return super().activations(token_ids, names, *more, **others)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("model"), "llama biased")


@pytest.fixture
def model(folder: Path) -> Counting:
    return Counting(Checkpoint.open(folder), "cpu")


def test_what_is_kept_is_what_the_model_computes(model: Counting) -> None:
    names = activation_names(model.config)
    expected = model.activations(TOKENS, names)
    kept = KeptActivations(model)
    for _ in range(2):
        found = kept.of(TOKENS, names)
        assert set(found) == set(names)
        assert all(torch.equal(found[name], expected[name]) for name in names)
    assert model.passes == 2


def test_the_layers_on_the_way_need_no_pass_of_their_own(model: Counting) -> None:
    kept = KeptActivations(model)
    last = kept.of(TOKENS, [READ.format(2)])
    assert set(last) == {READ.format(2)}
    first = kept.of(TOKENS, [READ.format(0), READ.format(1)])
    assert model.passes == 1
    expected = model.activations(TOKENS, list(first))
    assert all(torch.equal(first[name], expected[name]) for name in first)


def test_another_prompt_is_another_pass(model: Counting) -> None:
    kept = KeptActivations(model)
    one = kept.of(TOKENS, [READ.format(1)])[READ.format(1)]
    other = kept.of((*TOKENS[:-1], 7), [READ.format(1)])[READ.format(1)]
    assert model.passes == 2
    assert torch.equal(one[:-1], other[:-1])
    assert not torch.equal(one[-1], other[-1])


def test_what_was_longest_not_asked_for_goes_first(model: Counting) -> None:
    size = len(TOKENS) * model.config.d_model * 4  # bytes
    kept = KeptActivations(model, most_bytes=2 * size)
    for ids in (TOKENS, TOKENS[::-1], TOKENS, (*TOKENS[:-1], 7)):
        kept.of(ids, [READ.format(0)])
        assert kept.bytes_kept <= 2 * size
    assert model.passes == 3
    kept.of(TOKENS, [READ.format(0)])
    assert model.passes == 3
    kept.of(TOKENS[::-1], [READ.format(0)])
    assert model.passes == 4


def test_what_is_larger_than_the_bound_is_given_and_not_kept(model: Counting) -> None:
    kept = KeptActivations(model, most_bytes=10)
    assert kept.of(TOKENS, ["hook_embed"])["hook_embed"].shape == (len(TOKENS), model.config.d_model)
    assert kept.bytes_kept == 0


def test_a_name_that_is_not_there_is_refused_as_by_the_model(model: Counting) -> None:
    with pytest.raises(SourceError, match=r"unknown activation"):
        KeptActivations(model).of(TOKENS, [READ.format(0), "blocks.0.nothing"])
    with pytest.raises(SourceError, match=r"has 3 layers, 0 to 2; got layer 3"):
        KeptActivations(model).of(TOKENS, [READ.format(3)])


def test_another_head_of_a_scene_needs_no_second_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[Collection[str]] = []
    compute = Model.activations

    def counted(
        model: Model, token_ids: Sequence[int], names: Collection[str], **others: Any
    ) -> dict[str, torch.Tensor]:
        passes.append(names)
        return compute(model, token_ids, names, **others)

    monkeypatch.setattr(Model, "activations", counted)
    scene = Scene.load("attention_head")
    _ = scene.evaluated
    for head in (0, 5, 8):
        other = scene.changed(**refilled(scene.document, head=head))
        fresh = Scene.of(other.document, other.folder)
        before = len(passes)
        values = other.evaluated.of
        assert len(passes) == before
        for path, matrix in fresh.evaluated.of.items():
            assert (values[path] == matrix).all()
