"""Small pictures of matrices: the colours are those of the scene, and nothing large is lost."""

import numpy as np
import pytest

from mmviz.picture.look.looks import PALETTES, colors_of
from mmviz.picture.look.thumbnail import largest_of_blocks, thumbnail
from mmviz.scene.keys.options import StyleOptions


@pytest.mark.parametrize("palette", ["blue-red", "blue-orange"])
def test_every_element_of_a_small_matrix_has_the_colour_of_the_scene(palette: str) -> None:
    values = np.array([[1, -1, 0.5], [0, np.nan, np.inf]], np.float32)
    found = thumbnail(values, StyleOptions.model_validate({"palette": palette}), 48)
    expected = colors_of(values, PALETTES[palette], 1.0)
    np.testing.assert_array_equal(found, np.round(255 * expected).astype(np.uint8))


def test_a_single_large_number_is_seen_in_a_large_matrix() -> None:
    values = np.full((1000, 700), 0.001, np.float32)
    values[517, 333] = -9
    small = largest_of_blocks(values, 48, 48)
    assert small.shape == (48, 48)
    assert np.argwhere(small == -9).tolist() == [[517 * 48 // 1000, 333 * 48 // 700]]
    assert (small == np.float32(0.001)).sum() == 48 * 48 - 1


def test_blocks_cover_every_element_once() -> None:
    values = np.arange(35, dtype=np.float32).reshape(5, 7)
    assert largest_of_blocks(values, 1, 1).tolist() == [[34.0]]
    assert largest_of_blocks(-values, 1, 1).tolist() == [[-34.0]]
    np.testing.assert_array_equal(largest_of_blocks(values, 5, 7), values)


def test_not_a_number_is_seen_wherever_it_lies() -> None:
    values = np.zeros((90, 90), np.float32)
    values[89, 0] = np.nan
    assert np.argwhere(np.isnan(largest_of_blocks(values, 9, 9))).tolist() == [[8, 0]]
