"""Which rows and columns make one element, and products of large factors, summed in float64 piece by piece."""

import numpy as np
import pytest
import torch

from mmviz.scene.language.parsed import tree_of
from mmviz.scene.language.tree import root_of
from mmviz.values.tensors import element_window
from mmviz.values.tensors.element_window import WHOLE, Pane, needed, product


@pytest.mark.parametrize(
    ("expr", "rows", "columns"),
    [
        ("A", (2, 3), (4, 5)),
        ("relu(A)", (2, 3), (4, 5)),
        ("softmax(A)", (2, 3), (0, 7)),  # a whole row makes its element
        ("softmax(A).T", (0, 6), (4, 5)),
        ("relu(softmax(A))", (2, 3), (0, 7)),
        ("softmax(A.T).T", (0, 6), (4, 5)),  # turned, a whole column
        ("softmax(softmax(A).T).T", (0, 6), (0, 7)),
    ],
)
def test_an_element_is_made_of_itself_or_of_all_where_a_function_looks_at_whole_rows(
    expr: str, rows: tuple[int, int], columns: tuple[int, int]
) -> None:
    worn = root_of(tree_of(expr)).worn
    assert needed(worn, 2, 4, (6, 7)) == (slice(*rows), slice(*columns))


@pytest.mark.parametrize("at_once", [1, 6, 7, 12, 1 << 22])
def test_a_product_is_that_of_float64_however_many_elements_are_turned_at_a_time(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(element_window, "AT_ONCE", at_once)
    random = np.random.default_rng(0)
    left, right = random.standard_normal((3, 11)).astype(np.float32), random.standard_normal((11, 6)).astype(np.float32)
    found = product(torch.from_numpy(left), torch.from_numpy(right))
    assert found.dtype == torch.float64
    np.testing.assert_allclose(found.numpy(), left.astype(np.float64) @ right.astype(np.float64), rtol=1e-14)


def test_what_float32_would_lose_is_kept() -> None:
    left, right = torch.tensor([[1e8, 1.0, -1e8]]), torch.ones(3, 1)
    assert product(left, right).item() == 1.0


def test_a_pane_has_its_mask_where_there_is_one() -> None:
    numbers, mask = torch.ones(2, 3, dtype=torch.float64), torch.zeros(2, 3, dtype=torch.bool)
    assert Pane.of(numbers, None).masked is None
    pane = Pane.of(numbers, mask)
    assert pane.masked is not None
    assert pane.numbers.shape == (2, 3)
    assert not pane.masked.any()
    assert numbers[WHOLE].shape == (2, 3)
