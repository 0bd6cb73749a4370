"""The functions that matrices wear, computed by the page and by torch in double precision."""

import json
import math
from typing import Any, cast

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from mmviz.scene.language.functions import FUNCTIONS, MASKING
from mmviz.scene.language.masks import MASKS
from mmviz.scene.language.tree import Worn
from mmviz.values.arithmetic.functions import logits, numbers_of, wear
from mmviz.values.tensors.ingredients import frequencies_of
from tests.examples import examples
from tests.page.engine import constant, engine

INNER = 9
VECTORS = {"bias": 1, "batchnorm": 4, "layernorm": 2, "rmsnorm": 1, "softmax_sink": 1, "rope": 1, "rope_pairs": 1}
NUMBERS: dict[str, tuple[float, ...]] = {
    "softmax": (1.5,),
    "window": (2,),
    "local": (1,),
    "chunk": (3,),
    "prefix": (2,),
    "pad": (3, 1),
    "topk": (2,),
    "leaky_relu": (0.2,),
    "swish": (1.5,),
    "softcap": (2.0,),
    "minimum": (0.5,),
    "maximum": (0.5,),
    "dropout": (0.3, 7.0),
    "clip": (-0.5, 1.0),
    "power": (3.0,),
    "add": (1.0,),
    "scale": (-2.5,),
    "rope": (100.0, 2, 2.0),
    "rope_pairs": (100.0, 4, 0.5),
    "position_scale": (0.1, 2.0),
}
ROUNDED = {"rope": 3e-7, "rope_pairs": 3e-7, "position_scale": 3e-7}
"""Functions of which a part is float32, and how far that may be off."""
ELEMENTS = st.floats(-30, 30, width=32) | st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-30, 1e30])
HELPERS = """
globalThis.worn = (told, x, mask) => {
  const { record, vectors, frequencies, rows, columns, ask } = JSON.parse(told);
  const floats = (numbers) => numbers === null ? null : Float32Array.from(numbers);
  const worn = { record, vectors: vectors.map(floats), frequencies: floats(frequencies) };
  const given = { rows, columns, x, mask };
  const found = ask ? { x: mmvizPage.logits(worn, given), mask: null } : mmvizPage.wear(worn, given);
  globalThis.found = found;
  return found.mask === null ? 0 : 1;
};
"""


def parameters(function: str) -> tuple[float, ...]:
    """Given ones, or those that it has if none are."""
    return NUMBERS.get(function, ())


def vectors_for(function: str, columns: int) -> tuple[NDArray[np.float32], ...]:
    chance = np.random.default_rng(3)
    size = 1 if FUNCTIONS[function].single else columns
    return tuple(
        (chance.random(size) + 0.5).astype(np.float32)
        for _ in range(max(VECTORS.get(function, 0), FUNCTIONS[function].needed))
    )


def held(name: str, array: NDArray[Any] | None) -> None:
    """An array as a global of the engine."""
    if array is None:
        engine().eval(f"globalThis.{name} = null")
        return
    kind = "Float64Array" if array.dtype == np.float64 else "Uint8Array"
    buffer = cast("Any", engine().eval(f"globalThis.{name} = new {kind}({array.size})"))
    np.frombuffer(buffer, np.uint8)[:] = np.frombuffer(array.tobytes(), np.uint8)


def in_the_page(
    worn: Worn, x: NDArray[np.float64], mask: NDArray[np.bool_] | None, *, ask: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None]:
    """What the page makes of numbers and mask."""
    columns = _length(worn, x)
    vectors = vectors_for(worn.function, columns)
    named = {f"v{number}": torch.from_numpy(vector) for number, vector in enumerate(vectors)}
    (frequencies,) = frequencies_of([worn], named, INNER, (x.shape[0], x.shape[1]))
    record = {"function": worn.function, "numbers": numbers_of(worn, INNER), "turned": worn.turned}
    told = {"record": record, "rows": x.shape[0], "columns": x.shape[1], "ask": ask}
    told["vectors"] = [vector.tolist() for vector in vectors]
    told["frequencies"] = None if frequencies is None else frequencies.tolist()
    engine().eval(HELPERS)
    held("x", x)
    held("mask", None if mask is None else mask.view(np.uint8))
    masks = engine().eval(f"worn({json.dumps(json.dumps(told))}, x, mask)")
    result = np.frombuffer(cast("Any", engine().eval("found.x.slice()")), np.float64).reshape(x.shape).copy()
    if not masks:
        return result, None
    return result, np.frombuffer(cast("Any", engine().eval("found.mask.slice()")), np.bool_).reshape(x.shape).copy()


def _length(worn: Worn, x: NDArray[np.float64]) -> int:
    """Of the vectors: as long as what the function sees as rows, or as there are such rows."""
    return int(x.shape[0 if worn.turned != (FUNCTIONS[worn.function].along == "columns") else 1])


def worn_of(function: str, *, turned: bool) -> Worn:
    names = tuple(f"v{number}" for number in range(VECTORS.get(function, 0)))
    return Worn(function, parameters(function), turned, names)


def by_torch(
    worn: Worn, x: NDArray[np.float64], mask: NDArray[np.bool_] | None
) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None]:
    vectors = vectors_for(worn.function, _length(worn, x))
    given_mask = None if mask is None else torch.from_numpy(mask)
    tensors = tuple(torch.from_numpy(vector).double() for vector in vectors)
    found, forbidden = wear(worn, torch.from_numpy(x.copy()), given_mask, INNER, tensors)
    return found.numpy(), None if forbidden is None else forbidden.numpy()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_gives_what_torch_gives(function: str) -> None:
    shapes = st.sampled_from([(4, 4), (4, 6), (6, 4), (4, 8)])

    @given(shapes.flatmap(lambda shape: st.tuples(_matrices(shape), _masks(shape))), st.booleans())
    @examples(6)
    def compare(given_: tuple[NDArray[np.float64], NDArray[np.bool_] | None], turned: bool) -> None:
        x, mask = given_
        if mask is not None:
            x = np.where(mask, 0.0, x)
        worn = worn_of(function, turned=turned)
        found, forbidden = in_the_page(worn, x, mask)
        expected, expected_mask = by_torch(worn, x, mask)
        largest = np.abs(x[np.isfinite(x)]).max(initial=0.0)
        slack = ROUNDED.get(function, 0.0) * largest * 4
        np.testing.assert_allclose(found, expected, rtol=ROUNDED.get(function, 1e-12), atol=1e-14 + slack)
        assert (forbidden is None) == (expected_mask is None)
        if forbidden is not None and expected_mask is not None:
            np.testing.assert_array_equal(forbidden, expected_mask)

    compare()


def _matrices(shape: tuple[int, int]) -> st.SearchStrategy[NDArray[np.float64]]:
    return arrays(np.float32, shape, elements=ELEMENTS).map(lambda matrix: matrix.astype(np.float64))


def _masks(shape: tuple[int, int]) -> st.SearchStrategy[NDArray[np.bool_] | None]:
    return st.none() | arrays(np.bool_, shape)


@pytest.mark.parametrize("function", ["sdpa", "softmax"])
def test_what_a_softmax_is_taken_of_is_that_of_torch(function: str) -> None:
    x = np.random.default_rng(1).normal(size=(4, 5))
    mask = np.random.default_rng(2).random((4, 5)) < 0.3
    worn = worn_of(function, turned=False)
    found, _ = in_the_page(worn, x, mask, ask=True)
    expected = logits(worn, torch.from_numpy(x), torch.from_numpy(mask), INNER)
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-15)


def test_the_page_computes_every_function_and_every_mask() -> None:
    assert set(constant("COMPUTED")) == set(FUNCTIONS)
    assert {"sdpa", *MASKS} == set(MASKING) <= set(constant("COMPUTED"))


def test_the_error_function_is_right_to_the_last_digits() -> None:
    x = np.concatenate([np.linspace(-7, 7, 3001), [1e-300, -0.0, np.inf, -np.inf, 5.9375, 5.99999]])
    held("x", x)
    found = np.frombuffer(cast("Any", engine().eval("x.map(mmvizPage.erf)")), np.float64)
    np.testing.assert_allclose(found, [math.erf(one) for one in x], rtol=4e-16, atol=1e-310)
