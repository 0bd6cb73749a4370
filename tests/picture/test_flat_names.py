"""Names of meshes: flat on the middle of their matrices, readable for whom they are turned to."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from numpy.typing import NDArray

from mmviz.picture.drawlist import DrawList, Label, Lines
from mmviz.picture.marks.flat_names import LIFT, flat_names, lying
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.space.item_key import ItemKey
from tests.examples import examples
from tests.picture.test_labels_guides import ACROSS, Stage, assert_readable, directions, middle, stage, stages


@given(stages, directions)
@examples(20)
def test_every_name_is_on_the_middle_of_its_matrix_and_fits_it(scene: Stage, direction: NDArray[np.float64]) -> None:
    camera = scene.camera(direction)
    named = {label.key: label for label in flat_names(scene.root, scene.layout, camera)}
    assert set(named) == {ItemKey("name", path) for path in scene.layout}
    for path, place in scene.layout.items():
        label = named[ItemKey("name", path)]
        assert_readable(label, camera)
        assert label.text == scene.node(path).name
        lift = label.center - middle(place)
        assert 0 <= lift @ np.cross(label.along, label.up) <= LIFT + 1e-9
        assert np.linalg.norm(np.cross(lift, place.normal)) < 1e-9
        rows, columns = (side + 1 for side in place.reach)
        along_columns = abs(label.along @ place.down) > 0.5
        assert label.height * length_of(label.text) <= (rows if along_columns else columns) + 1e-9
        assert label.height <= (columns if along_columns else rows)


def test_names_do_not_pass_the_eye() -> None:
    """A name is lifted off its matrix toward the eye, but never to behind it."""
    scene = stage("A @ B")
    place = scene.layout[""]
    near = scene.camera(np.array([-1.0, 0.0, 0.0]))
    eye = replace(near, position=middle(place) + 0.3 * place.normal - 30 * ACROSS, target=middle(place))
    label = {label.key: label for label in flat_names(scene.root, scene.layout, eye)}[ItemKey("name", "")]
    assert_readable(label, eye)


def test_what_is_written_for_one_camera_only_goes_and_all_else_stays() -> None:
    scene = stage("A + S")
    camera = scene.camera(np.array([0.1, 0.2, 1.0]))
    x, y, z = np.eye(3)
    written = {kind: Label(ItemKey(kind, ""), kind, z, x, y, 1.0, (1, 1, 1)) for kind in ("name", "term", "size")}
    lines = {kind: Lines(ItemKey(kind, ""), np.stack([x, y]), (1, 1, 1)) for kind in ("leader", "outline")}
    frame = DrawList(labels=tuple(written.values()), lines=tuple(lines.values()))
    lies = lying(frame, scene.root, scene.layout, camera)
    assert [label.text for label in lies.labels] == ["A", "S", "A + S", "size"]
    assert lies.lines == (lines["outline"],)
    nameless = replace(frame, labels=(written["size"],))
    assert lying(nameless, scene.root, scene.layout, camera).labels == (written["size"],)
