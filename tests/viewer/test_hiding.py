"""Matrices that are left out of a view, each with what it is made of; how that is undone among changes of the scene."""

import pytest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.space.sweep import EVERYWHERE
from mmviz.scene.changes.hidden import below, hidden_in, hiding
from mmviz.viewer.canvas.hiding import Hiding
from mmviz.viewer.canvas.view import View
from mmviz.viewer.session.undo import Desk
from tests.fake_renderer import Dabber

SQUARE = {name: {"init": "rows", "shape": [2, 2]} for name in "ABCD"}
ALL = {"", "left", "left.left", "left.right", "right"}


@pytest.fixture(scope="module")
def three() -> Scene:
    return Scene("(A @ B) @ C", {name: SQUARE[name] for name in "ABC"})


class Table:
    """A scene on the desk, its picture, and what is left out of it."""

    def __init__(self, scene: Scene, qtbot: QtBot) -> None:
        self.view = View(scene.composition, 0.0, Dabber)
        qtbot.addWidget(self.view, before_close_func=View.release)
        self.desk = Desk(scene, self.view)
        self.desk.shown.connect(lambda shown: self.view.show_composition(shown.composition, keep_camera=True))
        self.hiding = Hiding(self.view, self.desk)
        self._qtbot = qtbot

    def edit(self, expr: str) -> None:
        with self._qtbot.waitSignal(self.desk.shown, timeout=20_000):
            self.desk.propose("edit", lambda scene: scene.edited(expr))

    @property
    def hidden(self) -> frozenset[str]:
        assert self.view.emphasis.hidden == self.hiding.hidden
        return self.hiding.hidden


@pytest.fixture
def table(qtbot: QtBot, three: Scene) -> Table:
    return Table(three, qtbot)


def test_below_a_matrix_is_all_that_it_is_made_of_and_nothing_that_only_begins_alike(three: Scene) -> None:
    assert below(three.root, "left") == {"left", "left.left", "left.right"}
    assert below(three.root, "left.right") == {"left.right"}
    assert below(three.root, "") == ALL
    assert below(three.root, "lef") == set()


def test_what_is_left_out_is_called_by_a_name_only_where_that_says_enough() -> None:
    scene = Scene(
        "(x @ x) @ ('left' @ out)", {name: {"init": "rows", "shape": [2, 2]} for name in ("x", "left", "out")}
    )
    paths = {"left.right", "right.left", "right.right"}
    view = hiding(scene.document, scene.root, paths)
    assert view.hidden == ("left.right", "right.left", "out")
    assert hidden_in(scene.root, view.hidden) == paths
    assert hidden_in(scene.root, ["gone", "out"]) == {"right.right"}


def test_what_is_hidden_goes_with_what_it_is_made_of_and_comes_back(table: Table) -> None:
    table.hiding.hide("left")
    table.hiding.hide("right")
    assert table.hidden == {"left", "left.left", "left.right", "right"}
    table.hiding.show("left")
    assert table.hidden == {"right"}
    table.hiding.show_all()
    assert table.hidden == frozenset()


def test_one_alone_leaves_out_all_others_whatever_was_hidden_before(table: Table) -> None:
    table.hiding.hide("left.left")
    table.hiding.isolate("left")
    assert table.hidden == {"", "right"}
    table.hiding.isolate("")
    assert table.hidden == frozenset()


def test_what_is_hidden_is_undone_and_done_again_among_changes_of_the_scene(table: Table) -> None:
    seen = [table.hidden]
    table.hiding.hide("left")
    seen.append(table.hidden)
    table.edit("A @ C")  # left and right are other matrices now: what was hidden is gone, all but A
    seen.append(table.hidden)
    table.hiding.show_all()
    seen.append(table.hidden)
    assert seen == [frozenset(), {"left", "left.left", "left.right"}, {"left"}, frozenset()]
    texts = []
    for before in reversed(seen[:-1]):
        texts.append(table.desk.undo.undoText())
        table.desk.undo.undo()
        assert table.hidden == before
    assert texts == ["Show everything", "edit", "Hide A @ B"]
    for after in seen[1:]:
        table.desk.undo.redo()
        assert table.hidden == after


def test_hiding_leaves_nothing_to_save_and_computes_nothing(table: Table) -> None:
    composition = table.desk.scene.composition
    table.hiding.hide("left")
    assert table.desk.scene.composition is composition
    unsaved = [table.desk.unsaved]
    table.edit("A @ C")
    unsaved.append(table.desk.unsaved)
    table.desk.undo.undo()
    assert [*unsaved, table.desk.unsaved] == [False, True, False]


def test_where_nothing_would_be_left_everything_is_shown(table: Table) -> None:
    table.hiding.hide("right")
    table.edit("C")
    assert table.hidden == frozenset()
    table.hiding.hide("")
    assert table.hidden == {""}, "but one may hide everything oneself"
    table.desk.undo.undo()
    assert table.hidden == {"right"}


def test_a_change_is_told_and_what_stays_is_not(table: Table) -> None:
    told: list[frozenset[str]] = []
    table.hiding.changed.connect(lambda: told.append(table.hidden))
    table.hiding.hide("right")
    table.hiding.hide("right")
    table.hiding.set(["right"])
    table.hiding.show_all()
    table.hiding.show_all()
    assert told == [{"right"}, frozenset()]
    assert table.desk.undo.count() == 2


def test_what_is_lit_stays_lit(table: Table) -> None:
    view = table.view
    view.emphasize(type(view.emphasis)(lit={"": (EVERYWHERE,)}))
    table.hiding.hide("right")
    assert view.emphasis.lit == {"": (EVERYWHERE,)}
    assert view.emphasis.hides("right")
