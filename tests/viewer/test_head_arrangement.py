"""Where heads stand in their grid: every head once, all in sight where there is room, never too small to be seen."""

from itertools import product

import pytest

from mmviz.viewer.heads.arrangement import READABLE, SMALLEST, Head, arranged, of_layers, sorted_by

SIZES = [(320, 640), (1200, 160), (220, 120), (700, 700)]


@pytest.mark.parametrize(("heads", "size"), product([1, 2, 9, 12, 25, 32, 71], SIZES))
def test_every_head_stands_in_one_cell(heads: int, size: tuple[int, int]) -> None:
    found = arranged(of_layers([3], heads), *size)
    cells = [found.at(row, column) for row in range(found.rows) for column in range(found.columns)]
    assert [head for head in cells if head is not None] == [Head(3, number) for number in range(heads)]
    assert all(found.place(head) == divmod(number, found.columns) for number, head in enumerate(cells) if head)


@pytest.mark.parametrize(("heads", "size"), product([1, 9, 12, 32], SIZES))
def test_one_layer_fits_into_the_area_or_is_scrolled_down_alone(heads: int, size: tuple[int, int]) -> None:
    found = arranged(of_layers([0], heads), *size)
    width, height = found.cell
    assert found.named
    assert width * found.columns <= size[0]
    assert height * found.rows <= size[1] or found.side < READABLE + 40


def test_nine_heads_stand_three_by_three_in_a_dock_at_the_side_and_in_a_row_below_the_picture() -> None:
    nine = of_layers([0], 9)
    assert arranged(nine, 310, 640).columns == 3
    assert arranged(nine, 1250, 160).rows == 1


def test_all_layers_have_a_row_each_and_shrink_before_they_are_scrolled() -> None:
    found = arranged(of_layers(range(32), 32), 320, 640, headed=32)
    assert (found.rows, found.columns, found.side) == (32, 32, SMALLEST)
    assert found.at(7, 5) == Head(7, 5)
    assert not found.named
    small = arranged(of_layers(range(12), 12), 420, 640, headed=12)
    assert 12 * small.cell[0] <= 420


def test_few_layers_take_several_rows_each_where_they_are_larger_so() -> None:
    found = arranged(of_layers(range(2), 9), 310, 640, headed=9)
    assert found.columns == 3
    assert found.named
    assert not found.headed
    assert found.at(3, 0) == Head(1, 0)  # a layer begins in a row of its own
    assert found.rows * found.cell[1] <= 640
    assert arranged(of_layers(range(2), 9), 1200, 300, headed=9).headed
    assert arranged(of_layers(range(30), 9), 310, 640, headed=9).headed


def test_without_heads_there_are_no_cells() -> None:
    found = arranged((), 320, 640)
    assert found.rows == 0
    assert found.at(0, 0) is None
    assert found.place(Head(0, 0)) is None


def test_the_largest_share_comes_first_and_what_has_none_last() -> None:
    heads = of_layers([0], 4)
    shares = {heads[0]: 0.2, heads[1]: float("nan"), heads[2]: 0.7}
    assert [head.head for head in sorted_by(heads, shares)] == [2, 0, 1, 3]


def test_equal_shares_stay_in_the_order_of_layers_and_heads() -> None:
    heads = of_layers([0, 1], 2)
    assert sorted_by(heads[::-1], dict.fromkeys(heads, 0.5)) == heads
