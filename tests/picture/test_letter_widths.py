"""How long texts are taken to be, against how long the font really makes them."""

import pytest

from mmviz.picture.marks.letter_widths import ADVANCE, WIDE, length_of


def test_chinese_is_wide_and_accents_take_no_room() -> None:
    assert length_of("Q") == ADVANCE
    assert length_of("softmax") == pytest.approx(7 * ADVANCE)
    assert length_of("注意力") == pytest.approx(3 * WIDE)
    assert length_of("e\u0301x\u200d") == pytest.approx(2 * ADVANCE)
    assert length_of("") == length_of("\u0301") == ADVANCE
