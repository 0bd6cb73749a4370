"""Which settings the form of a matrix shows, and that each reads and writes its own part of the scene."""

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.viewer.controls.fields import Choice, Number, Text
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.session.shown_scene import Edit, Shown, ready
from mmviz.viewer.session.undo import Desk
from mmviz.viewer.tabs.scene.node_settings import AS_ABOVE, OF_LAYOUT, NodeSettings, selected

TENSORS: dict[str, Any] = {
    "A": {"init": "gaussian", "shape": [4, 3], "seed": 7},
    "B": {"formula": "i + j", "shape": [3, 5]},
    "C": {"values": [[1, 2]] * 5},
    "D": {"init": "eye", "shape": [4, 2]},
    "E": {"init": "eye", "shape": [4, 2], "dropout": 0.5},
}
EXPR = "out = (p = softmax(A @ B)) @ C + D * E"


class At(Desk):
    """A desk on which changes are made at once, in this thread."""

    def propose(self, text: str, edit: Edit, **_: Any) -> None:
        self.texts = [*getattr(self, "texts", []), text]
        self.put(ready(edit(self.scene)))


@pytest.fixture(scope="module")
def shown() -> Shown:
    return ready(Scene(EXPR, TENSORS))


@pytest.fixture
def desk(shown: Shown, qtbot: QtBot) -> At:
    return At(shown)


@pytest.fixture
def selection(desk: At) -> Selection:
    return Selection(desk)


@pytest.fixture
def settings(desk: At, selection: Selection, qtbot: QtBot) -> NodeSettings:
    made = NodeSettings(desk, selection)
    qtbot.addWidget(made)
    return made


def rows(settings: NodeSettings) -> set[str]:
    return {name for name, row in settings.rows.items() if not row.isHidden()}


SIDES = {"rows", "columns"}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("left.left.left", {"source", *SIDES, "from", "to", "seed"}),
        ("left.left.right", {"source", *SIDES, "formula"}),
        ("left.right", {"source"}),
        ("right.left", {"source", *SIDES}),
        ("right.right", {"source", *SIDES, "seed"}),  # which elements are left out is drawn by lot
        ("left.left", {"algorithm", *OF_LAYOUT, "blocks i", "blocks k", "blocks j"}),
        ("right", {*OF_LAYOUT, "blocks i", "blocks j"}),
        ("", {*OF_LAYOUT, "blocks i", "blocks j"}),
    ],
)
def test_a_matrix_has_the_settings_that_mean_something_for_it(
    path: str, expected: set[str], settings: NodeSettings, selection: Selection
) -> None:
    selection.select(path)
    assert rows(settings) == expected | {"function"}


def value(settings: NodeSettings, name: str) -> Any:
    control = settings.rows[name].control
    match control:
        case Choice():
            return control.box.currentText() if control.value is None else control.value
        case Number():
            return control.box.text()
        case Text():
            return control.box.text()
        case _:
            raise AssertionError(name)


def test_it_shows_what_the_scene_says_of_the_selected_matrix(settings: NodeSettings, selection: Selection) -> None:
    selection.select("left.left.left")
    names = ("source", "rows", "columns", "seed", "function")
    assert [value(settings, name) for name in names] == ["gaussian", "4", "3", "7", "none"]
    selection.select("left.left.right")
    assert [value(settings, name) for name in ("source", "formula")] == ["formula", "i + j"]
    selection.select("left.left")
    names = ("function", "algorithm", "blocks k", "gap", "scheme")
    assert [value(settings, name) for name in names] == ["softmax", "inherit", "–", AS_ABOVE, AS_ABOVE]


def test_where_numbers_come_from_is_offered_beside_the_patterns(settings: NodeSettings, selection: Selection) -> None:
    selection.select("left.right")
    assert value(settings, "source") == "values"
    selection.select("left.left.left")
    control = settings.rows["source"].control
    assert isinstance(control, Choice)
    assert control.box.findText("values") == -1, "what A is not is not offered"


@pytest.mark.parametrize(
    ("path", "name", "chosen", "key", "expected"),
    [
        ("left.left.left", "source", "uniform", ("tensors", "A", "init"), "uniform"),
        ("left.left.left", "seed", 9, ("tensors", "A", "seed"), 9),
        ("left.left.left", "from", -0.5, ("tensors", "A", "min"), -0.5),
        ("left.left.left", "to", 2.5, ("tensors", "A", "max"), 2.5),
        ("left.left.left", "rows", 6, ("tensors", "A", "shape"), (6, 3)),
        ("left.left.left", "columns", 2, ("tensors", "B", "shape"), (2, 5)),
        ("left.left.right", "formula", "i * j", ("tensors", "B", "formula"), "i * j"),
        ("left.left", "function", "relu", ("expr",), "out = (p = relu(A @ B)) @ C + D * E"),
        ("left.left", "function", None, ("expr",), "out = (p = A @ B) @ C + D * E"),
        ("left.left", "algorithm", "vvprod", ("animation", "matrices", "p"), "vvprod"),
        ("left.left", "gap", 7.0, ("layout", "matrices", "p", "gap"), 7.0),
        ("left.left", "scheme", "custom", ("layout", "matrices", "p", "scheme"), "custom"),
        ("left.left", "blocks k", 3, ("partition", "p", "k"), 3),
    ],
)
def test_each_setting_changes_its_own_part_of_the_scene(
    path: str, name: str, chosen: Any, key: tuple[str, ...], expected: Any,
    settings: NodeSettings, selection: Selection, desk: At,
) -> None:  # fmt: skip
    selection.select(path)
    settings.rows[name].control.chosen.emit(chosen)
    part: Any = desk.scene.document
    for one in key:
        part = part[one] if isinstance(part, dict) else getattr(part, one)
    assert part == expected


def test_the_undo_menu_names_the_setting_and_the_matrix(settings: NodeSettings, selection: Selection, desk: At) -> None:
    selection.select("left.left")
    settings.rows["algorithm"].control.chosen.emit("vvprod")
    assert desk.texts == ["a step makes of p"]


def test_a_formula_that_was_typed_for_one_matrix_is_not_left_for_another(qtbot: QtBot) -> None:
    both = {name: {"formula": formula, "shape": [2, 2]} for name, formula in (("A", "i"), ("B", "j"))}
    desk = At(ready(Scene("A @ B", both)))
    selection = Selection(desk)
    made = NodeSettings(desk, selection)
    qtbot.addWidget(made)
    selection.select("left")
    field = made.rows["formula"].control
    assert isinstance(field, Text)
    field.box.setText("sin(")
    field.box.setModified(True)
    made.rows["formula"].trouble.say("sin( is no formula")
    selection.select("right")
    assert field.box.text() == "j"
    assert made.rows["formula"].trouble.text() == ""


def test_nothing_is_selected_where_the_scene_has_no_such_path(desk: At, selection: Selection) -> None:
    assert selected(desk, selection) is None
    selection.select("left.left")
    found = selected(desk, selection)
    assert found is not None
    assert found.name == "p"
    selection.select("p")
    assert selected(desk, selection) is None, "a name is no path"


@pytest.mark.parametrize(
    ("init", "own", "key", "chosen"),
    [
        ("full", {"value"}, "value", 2.5),
        ("alibi", {"head", "heads"}, "head", 3),
        ("alibi", {"head", "heads"}, "heads", 12),
        ("t5 buckets", {"causal"}, "causal", True),
        ("zeros", set(), "", None),
    ],
)
def test_a_pattern_has_the_settings_that_only_it_knows(
    init: str, own: set[str], key: str, chosen: Any, settings: NodeSettings, selection: Selection, desk: At
) -> None:
    selection.select("right.left")
    settings.rows["source"].control.chosen.emit(init)
    assert rows(settings) == {"source", *SIDES, "function", *own}
    if key:
        settings.rows[key].control.chosen.emit(chosen)
        assert getattr(desk.scene.document.tensors["D"], key) == chosen
    settings.rows["source"].control.chosen.emit("ones")
    assert rows(settings) == {"source", *SIDES, "function"}
