"""The names of what is drawn: never two alike in a frame, and written as files have them."""

import pytest

from mmviz import Scene
from mmviz.picture.drawlist import DrawList
from mmviz.picture.space.item_key import BEHIND, ItemKey, of_matrix, of_sheet_behind


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (of_matrix(""), "matrix:"),
        (of_matrix("left.right"), "matrix:left.right"),
        (of_sheet_behind("left"), "matrix:left before"),
        (ItemKey("outline", "", BEHIND), "outline: before"),
        (ItemKey("plane", "left", 2), "plane:left:2"),
        (ItemKey("border", "left", ItemKey("plane", "left", 2)), "border:plane:left:2"),
    ],
)
def test_a_key_is_written_in_files_as_it_always_was(key: ItemKey, text: str) -> None:
    assert str(key) == text


def keys(drawing: DrawList) -> list[tuple[type, object]]:
    items = (drawing.sheets, drawing.lines, drawing.labels, drawing.ticks, drawing.patches, drawing.captions)
    return [(type(item), item.key) for kind in (*items, drawing.insets) for item in kind]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["attention_head", "blockwise_attention", "residual", "decoding"])
def test_no_two_items_of_a_frame_share_a_key(name: str) -> None:
    composition = Scene.load(name).composition
    for t in (0.0, composition.timeline.steps / 2, float(composition.timeline.steps)):
        drawing = composition.at(t, composition.camera(1.5), 1.5)
        for one in (drawing, *(inset.drawing for inset in drawing.insets)):
            assert len(set(keys(one))) == len(keys(one))
