"""A head's pattern in small: shares by arithmetic that can be done by hand, a picture in the colours of a scene."""

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz import Scene
from mmviz.picture.look.head_kinds import KindCells
from mmviz.picture.look.head_pattern import MOST_BYTES, Cell, HeadPattern, Measure, head_pattern, picture, side_of
from mmviz.scene.keys.options import StyleOptions
from mmviz.scene.language.masks import Masking

PREVIOUS: NDArray[np.float32] = np.eye(5, k=-1, dtype=np.float32)
PREVIOUS[0, 0] = 1
MEASURES: tuple[Measure, ...] = ("previous", "sink", "itself")


def small(pattern: NDArray[np.float32], *ids: int) -> HeadPattern:
    tokens = ids or range(len(pattern))
    return head_pattern(pattern, StyleOptions(), 64, KindCells.of(tokens, None, Masking("tril")))


def test_a_head_that_looks_at_the_previous_token_is_told_so() -> None:
    found = small(PREVIOUS)
    assert [found.scores[measure] for measure in MEASURES] == [1, 0.25, 0]  # token 1 has the first one before it


def test_shares_are_means_over_the_tokens_that_have_one_before_them() -> None:
    pattern = np.array([[1, 0, 0], [0.75, 0.25, 0], [0.5, 0.2, 0.3]], np.float32)
    found = small(pattern)
    expected = [(0.75 + 0.2) / 2, (0.75 + 0.5) / 2, (0.25 + 0.3) / 2]
    assert [found.scores[measure] for measure in MEASURES] == pytest.approx(expected)
    assert [(one.query, one.key) for one in found.strongest] == [(1, 0), (2, 0), (2, 2)]


def test_a_first_token_that_may_look_at_others_counts_among_the_strongest() -> None:
    pattern = np.array([[0.25, 0.75], [0.5, 0.5]], np.float32)
    assert small(pattern).strongest[0] == Cell(0, 1, 0.75)


def test_one_token_alone_has_nothing_to_choose() -> None:
    found = small(np.ones((1, 1), np.float32))
    assert found.strongest == ()
    assert np.isnan([found.scores[measure] for measure in MEASURES]).all()


def test_numbers_that_are_none_break_nothing() -> None:
    found = small(np.full((4, 4), np.nan, np.float32))
    assert found.strongest == ()
    assert np.isnan(found.scores["previous"])
    assert found.picture[0, 0].any()  # as a scene shows NaN: not black


@pytest.mark.parametrize("patterns", ["signed", "sequential"])
def test_the_full_colour_is_that_of_the_matrix_in_the_scene_and_what_is_masked_is_black(patterns: str) -> None:
    pattern = np.array([[1, 0, 0], [0.5, 0.5, 0], [0.2, 0.2, 0.6]], np.float32)
    style = {"patterns": patterns}
    scene = Scene("P = softmax(x)", {"x": np.log(np.maximum(pattern, 1e-30))}, style=style)
    drawn = scene.colors()[""]
    pixels = picture(pattern, StyleOptions.model_validate(style), 64)
    assert pixels[0, 0] == pytest.approx(255 * drawn[0, 0], abs=1)
    assert not pixels[np.triu_indices(3, 1)].any()
    assert pixels[np.tril_indices(3)].any(axis=1).all()


def test_a_pixel_of_a_large_pattern_is_the_largest_of_its_elements() -> None:
    pattern = np.zeros((100, 100), np.float32)
    pattern[77, 33] = 1
    pixels = picture(pattern, StyleOptions(), 10)
    assert np.argwhere(pixels.any(axis=2)).tolist() == [[7, 3]]


@pytest.mark.parametrize("heads", [9, 144, 1024, 2048])
def test_the_pictures_of_all_heads_together_are_bounded(heads: int) -> None:
    assert heads * 3 * side_of(heads) ** 2 <= MOST_BYTES
