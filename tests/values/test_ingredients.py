"""What functions are computed from is what expression and tensors say."""

import numpy as np
import pytest

from mmviz import Scene
from mmviz.values.tensors.ingredients import Ingredients

GIVEN = {"init": "gaussian", "seed": 1}


def ingredients(expr: str, path: str, **tensors: object) -> Ingredients:
    sources = {name: {**GIVEN, "shape": shape} if isinstance(shape, list) else shape for name, shape in tensors.items()}
    found = Scene(expr, sources).composition.ingredients
    assert found is not None
    return found(path)  # type: ignore[return-value]


def test_a_rotation_turns_pairs_by_powers_of_its_base() -> None:
    found = ingredients("rope(x, 100) @ W", "left", x=[3, 8], W=[8, 2])
    (frequencies,) = found.frequencies
    assert frequencies is not None
    np.testing.assert_allclose(frequencies, 100.0 ** (-np.arange(0, 8, 2) / 8), rtol=1e-6)


@pytest.mark.parametrize(("function", "kept"), [("rope", slice(0, 2)), ("rope_pairs", slice(0, 4, 2))])
def test_a_stretch_makes_wavelengths_longer(function: str, kept: slice) -> None:
    stretch = np.array([[1.0, 2.0, 4.0, 8.0]], np.float32)
    found = ingredients(f"{function}(x, s) @ W", "left", x=[3, 4], s=stretch, W=[4, 2])
    (frequencies,) = found.frequencies
    assert frequencies is not None
    np.testing.assert_allclose(frequencies * stretch[0, kept], 10000.0 ** (-np.arange(0, 4, 2) / 4), rtol=1e-6)


def test_what_is_left_out_of_a_function_is_told_too() -> None:
    assert ingredients("scale(x @ W)", "", x=[3, 16], W=[16, 2]).parameters == ((0.25,),)
    assert ingredients("sdpa(x @ W)", "", x=[3, 16], W=[16, 2]).parameters == ((0.25,),)
    assert ingredients("softmax(scale(x @ W, 3), 2)", "", x=[3, 16], W=[16, 2]).parameters == ((3.0,), (2.0,))


def test_a_plain_matrix_is_known_before_its_functions_and_a_product_is_not() -> None:
    x = np.arange(-4, 4, dtype=np.float32).reshape(2, 4)
    bare = ingredients("relu(x) @ W", "left", x=x, W=[4, 2]).bare
    np.testing.assert_array_equal(np.asarray(bare), x)
    assert ingredients("relu(x @ W)", "", x=x, W=[4, 2]).bare is None


def test_what_cancels_out_but_for_rounding_has_bounds() -> None:
    pattern = {"init": "rows", "shape": [48, 48]}
    found = ingredients("A @ B", "", A=pattern, B=pattern)
    assert found.noise is not None
    assert found.noise.shape == (48, 48)
    assert 0 < found.noise.max() < 1e-9


def test_what_a_mask_forbids_before_the_functions_of_a_sum_is_told() -> None:
    found = ingredients("relu(tril(x) + y)", "", x=[2, 2], y=[2, 2])
    np.testing.assert_array_equal(np.asarray(found.forbidden), [[False, True], [False, False]])
