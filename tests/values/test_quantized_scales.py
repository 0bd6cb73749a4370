"""How scales lie over a parameter: by their shape alone, and spread over any part of it."""

import numpy as np
import pytest
import torch

from mmviz.values.quantized.scales import blocks_in, misfit


@pytest.mark.parametrize(
    ("found", "shape", "block", "each", "said"),
    [
        ((), (6, 8), (4, 4), (6, 8), "one scale"),
        ((1,), (6, 8), None, (6, 8), "one scale"),
        ((1, 1), (6, 8), (4, 4), (6, 8), "one scale"),
        ((6,), (6, 8), None, (1, 8), "a scale a row"),
        ((6, 1), (6, 8), (4, 4), (1, 8), "a scale a row"),
        ((2, 2), (6, 8), (4, 4), (4, 4), "blocks of 4x4"),
        ((6, 2), (6, 8), (1, 4), (1, 4), "blocks of 4"),
        ((3,), (3, 6, 8), None, (1, 6, 8), "a scale a matrix"),
        ((3, 6, 1), (3, 6, 8), None, (1, 1, 8), "a scale a row"),
        ((3, 2, 2), (3, 6, 8), (4, 4), (1, 4, 4), "blocks of 4x4"),
    ],
)
def test_a_shape_says_what_each_scale_is_of(
    found: tuple[int, ...], shape: tuple[int, ...], block: tuple[int, int] | None, each: tuple[int, ...], said: str
) -> None:
    blocks, stored = blocks_in("scale", found, shape, block), torch.rand(found)
    assert str(blocks) == said
    whole = np.kron(stored.numpy().reshape(*found, *[1] * (len(shape) - len(found))), np.ones(each))

    def read(name: str, rows: range | None = None, columns: range | None = None) -> torch.Tensor:
        assert (name, columns) == ("scale", None)
        return stored if rows is None else stored[rows.start : rows.stop]

    assert blocks is not None
    for rows in (range(shape[0]), range(1, 3), range(2, 3)):
        spans = [rows, range(2, 5), *map(range, shape[2:])]
        part = np.broadcast_to(blocks.over(read, spans).numpy(), [len(span) for span in spans])
        np.testing.assert_array_equal(part, whole[rows.start : rows.stop, 2:5])


@pytest.mark.parametrize("block", [None, (4, 4)])
@pytest.mark.parametrize("found", [(8,), (1, 8), (6, 1, 1), (2, 3), (6, 8), (0,), (2,)])
def test_a_shape_that_fits_nothing_is_refused(found: tuple[int, ...], block: tuple[int, int] | None) -> None:
    assert blocks_in("scale", found, (6, 8), block) is None
    blocks = "" if block is None else ", or for each block of 4x4"
    assert str(misfit("F, scale", found, "X", (6, 8), block)) == (
        f"F, scale: is {'x'.join(map(str, found))}, over X, which is 6x8; one number, or one for each of its 6 rows"
        f"{blocks}, is needed."
    )
