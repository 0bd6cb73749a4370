"""Names of meshes: flat on the middle of their matrices, readable for whom they are turned to."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from numpy.typing import NDArray

import mmviz
from mmviz.picture.drawlist import DrawList, Label, Lines
from mmviz.picture.marks.flat_names import LIFT, flat_names, lying, names_before
from mmviz.picture.marks.letter_widths import length_of
from mmviz.picture.space.item_key import BEHIND, ItemKey
from mmviz.scene.language.tree import elementwise
from tests.examples import examples
from tests.picture.test_labels_guides import ACROSS, Stage, assert_readable, directions, middle, stage, stages


@given(stages, directions)
@examples(20)
def test_every_name_is_on_the_middle_of_its_matrix_and_fits_it(scene: Stage, direction: NDArray[np.float64]) -> None:
    camera = scene.camera(direction)
    named = {label.key: label for label in flat_names(scene.root, scene.layout, camera)}
    terms = {term.path for node in elementwise(scene.root) for term in (node.left, node.right)}
    assert set(named) == {ItemKey("name", path) for path in scene.layout if path not in terms}
    for path, place in scene.layout.items():
        if path in terms:
            continue
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


def test_the_terms_of_a_sum_are_named_with_their_signs_in_the_spaces_before_them() -> None:
    scene = mmviz.Scene("S = A + B - C", {name: {"init": "gaussian", "shape": [8, 8]} for name in "ABC"})
    composition, layout = scene.composition, scene.layout()
    camera = composition.camera(1.0)
    names = names_before(composition.root, layout, {}, camera)
    found = {label.text: label for label in names}
    depths = sorted(place.center()[2] for place in layout.values())
    for text, path in {"= A + B": "left", "= A": "left.left", "+ B": "left.right", "− C": "right"}.items():
        own = layout[path].center()[2]
        before = depths[depths.index(own) + 1]
        label = found.pop(text)
        assert label.center[2] == pytest.approx((own + before) / 2), "between its sheet and the one before"
        assert label.height < before - own
        assert abs(label.up[2]) == pytest.approx(1), "it fills the space"
        assert label.center[1] > layout[path].element(0, 0)[1], "above the first row"
        assert_readable(label, camera)
    assert found == {}


def test_the_sheet_behind_a_matrix_is_named_before_it() -> None:
    sources = {name: {"init": "gaussian", "shape": [8, 8]} for name in "AB"}
    scene = mmviz.Scene("P = softmax(A @ B)", sources, style={"before": {"P": "scores"}})
    composition = scene.composition
    names = names_before(composition.root, composition.layout, composition.behind.named, composition.camera(1.0))
    (label,) = names
    own, front = composition.behind.placements[""].center()[2], composition.layout[""].center()[2]
    assert (label.key, label.text) == (ItemKey("name", "", BEHIND), "scores")
    assert label.center[2] == pytest.approx((own + front) / 2)


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
    lies = lying(frame, scene.root, scene.layout, {}, camera)
    assert [label.text for label in lies.labels] == ["A + S", "= A", "+ S", "size"]
    assert lies.lines == (lines["outline"],)
    nameless = replace(frame, labels=(written["size"],))
    assert lying(nameless, scene.root, scene.layout, {}, camera).labels == (written["size"],)
