"""The column beside a pattern with a sink: what is missing of each row, where it stands, and when it is there."""

import numpy as np
import pytest

from mmviz.errors import SceneError
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.time.sink_columns import SinkColumns, beside
from mmviz.picture.time.states import State
from mmviz.pipeline import Scene

SOURCES = {
    "Q": {"init": "gaussian", "shape": [6, 4], "seed": 1},
    "K": {"init": "gaussian", "shape": [6, 4], "seed": 2},
    "V": {"init": "gaussian", "shape": [6, 4], "seed": 3},
    "s": {"values": [[0.5]]},
}


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene("(attn = softmax_sink(tril(scale(Q @ K.T)), s)) @ V", SOURCES, animation={"algorithm": "vmprod"})


def test_rows_of_the_pattern_and_its_column_add_up_to_1(scene: Scene) -> None:
    composition = scene.composition
    (column,) = [
        plane for plane in composition.timeline.frame(composition.timeline.steps).planes if plane.kind == "sink"
    ]
    pattern = scene.values()["left"]
    np.testing.assert_allclose(pattern.sum(1, keepdims=True) + column.values, 1, atol=1e-6)
    scores = np.exp(np.tril(scene.values()["left.left"] @ scene.values()["left.right"] / 2)) * np.tri(6)
    np.testing.assert_allclose(column.values[:, 0], np.exp(0.5) / (scores.sum(1) + np.exp(0.5)), rtol=1e-5)


def test_the_column_stands_beyond_the_last_one_row_by_row(scene: Scene) -> None:
    place = scene.composition.layout["left"]
    found = beside(place)
    assert found.shape == (6, 1)
    apart = found.spot(3, 0) - place.spot(3, 5)
    assert np.dot(apart, place.ways[1]) > 1
    np.testing.assert_allclose(np.cross(apart, place.ways[1]), 0, atol=1e-9)


def test_a_row_of_the_column_is_there_as_soon_as_that_of_the_pattern(scene: Scene) -> None:
    timeline = scene.composition.timeline
    for t in range(timeline.steps + 1):
        frame = timeline.frame(t)
        (column,) = [plane for plane in frame.planes if plane.kind == "sink"]
        state = frame["left"]
        assert isinstance(state, State)
        assert column.visible[:, 0].tolist() == state.visible[:, 0].tolist()


def test_the_column_is_drawn_and_named_and_has_the_scale_of_its_pattern(scene: Scene) -> None:
    drawing = scene.composition.at(scene.composition.timeline.steps, scene.composition.camera(1.6))
    (sheet,) = [sheet for sheet in drawing.sheets if sheet.key == ItemKey("sink", "left")]
    pattern = next(one for one in drawing.sheets if one.key == ItemKey("matrix", "left"))
    assert (sheet.scale, sheet.look) == (pattern.scale, pattern.look)
    assert "sink" in [label.text for label in drawing.labels]


def test_a_softmax_without_a_sink_has_no_column(scene: Scene) -> None:
    plain = Scene("softmax(Q @ K.T) @ V", {name: SOURCES[name] for name in "QKV"}).composition
    assert SinkColumns(plain.root, plain.layout, plain.values).shares == {}


def test_attention_with_a_sink_does_not_go_block_by_block() -> None:
    with pytest.raises(SceneError) as caught:
        _ = Scene(
            "out = (attn = softmax_sink(Q @ K.T, s)) @ V", SOURCES, animation={"matrices": {"out": "blockwise"}}
        ).composition
    assert str(caught.value).endswith(
        "animation.matrices.out: blockwise is not for attention weights with a sink, as those of attn are."
    )
