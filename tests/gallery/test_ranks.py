"""The head of the gallery whose wQ is cut down: its patterns, and how far they are from right, by numpy alone."""

import re

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.scene.language.tree import find
from tests.gallery.loaded import scene

NAME = "ranks_of_a_head"
SAID = re.compile(r"(\d\.\d+) at (?:rank )?(\d+)")
Floats = NDArray[np.float64]


def turned(queries: Floats, base: float = 100_000.0) -> Floats:
    """Rotary positions, halves paired: (tokens, head size)."""
    half = queries.shape[1] // 2
    angles = np.arange(len(queries))[:, None] * base ** (-np.arange(half) / half)
    first, second = queries[:, :half], queries[:, half:]
    return np.hstack(
        [first * np.cos(angles) - second * np.sin(angles), second * np.cos(angles) + first * np.sin(angles)]
    )


def pattern(rank: int) -> Floats:
    """The head's pattern with so many singular values of wQ."""
    model = scene(NAME).sources.model
    ids = scene(NAME).sources.token_ids
    weight = model.weight("blocks.1.attn.W_Q", 5).double().numpy()
    left, values, right = np.linalg.svd(weight, full_matrices=False)
    read = model.activation(ids, "blocks.1.ln1.hook_normalized").double().numpy()
    keys = model.activation(ids, "blocks.1.attn.hook_rot_k", 5).double().numpy()
    scores = turned(read @ (left[:, :rank] * values[:rank]) @ right[:rank]) @ keys.T / np.sqrt(64)
    scores[np.triu_indices(len(scores), 1)] = -np.inf
    shares = np.exp(scores - scores.max(1, keepdims=True))
    return np.asarray(shares / shares.sum(1, keepdims=True))


@pytest.mark.parametrize(("name", "rank"), [("a1", 1), ("a2", 2), ("attn", 64)])
def test_its_patterns_are_those_of_a_weight_of_that_rank(name: str, rank: int) -> None:
    one = scene(NAME)
    node = find(one.root, name)
    assert node is not None
    np.testing.assert_allclose(one.values()[node.path], pattern(rank), atol=1e-5)


def test_its_caption_says_how_much_attention_lies_elsewhere() -> None:
    full = pattern(64)
    said = {
        int(rank): float(share)
        for share, rank in SAID.findall(scene(NAME).document.animation.chapters[-1].caption or "")
    }
    assert list(said) == [1, 2, 4, 32]
    elsewhere = {rank: np.abs(pattern(rank) - full)[1:].sum(1).mean() / 2 for rank in said}
    assert elsewhere == pytest.approx(said, abs=0.006)
    assert pattern(2)[1:, 0].mean() > 0.5  # the column is there with two,
    assert pattern(1)[1:, 0].mean() < 0.25  # and not with one
