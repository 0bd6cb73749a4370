"""Matrices that are left out of a view, each with what it is made of."""

import pytest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.space.sweep import EVERYWHERE
from mmviz.viewer.canvas.hiding import Hiding, below
from mmviz.viewer.canvas.view import View
from tests.fake_renderer import Dabber

SQUARE = {name: {"init": "rows", "shape": [2, 2]} for name in "ABCD"}
ALL = {"", "left", "left.left", "left.right", "right"}


@pytest.fixture(scope="module")
def three() -> Scene:
    return Scene("(A @ B) @ C", {name: SQUARE[name] for name in "ABC"})


@pytest.fixture
def hiding(qtbot: QtBot, three: Scene) -> Hiding:
    view = View(three.composition, 0.0, Dabber)
    qtbot.addWidget(view, before_close_func=View.release)
    return Hiding(view)


def test_below_a_matrix_is_all_that_it_is_made_of_and_nothing_that_only_begins_alike(three: Scene) -> None:
    assert below(three.composition, "left") == {"left", "left.left", "left.right"}
    assert below(three.composition, "left.right") == {"left.right"}
    assert below(three.composition, "") == ALL
    assert below(three.composition, "lef") == set()


def test_what_is_hidden_goes_with_what_it_is_made_of_and_comes_back(hiding: Hiding) -> None:
    hiding.hide("left")
    hiding.hide("right")
    assert hiding.hidden == {"left", "left.left", "left.right", "right"}
    hiding.show_all()
    assert hiding.hidden == frozenset()


def test_one_alone_leaves_out_all_others_whatever_was_hidden_before(hiding: Hiding) -> None:
    hiding.hide("left.left")
    hiding.isolate("left")
    assert hiding.hidden == {"", "right"}
    hiding.isolate("")
    assert hiding.hidden == frozenset()


def test_of_another_scene_what_is_not_there_is_forgotten(hiding: Hiding) -> None:
    hiding.hide("left")
    hiding.keep(["", "left", "right"])
    assert hiding.hidden == {"left"}


def test_where_nothing_would_be_left_everything_is_shown(hiding: Hiding) -> None:
    hiding.hide("left")
    hiding.keep(["left", "left.left"])
    assert hiding.hidden == frozenset()


def test_a_change_is_told_and_what_stays_is_not(hiding: Hiding) -> None:
    told: list[frozenset[str]] = []
    hiding.changed.connect(lambda: told.append(hiding.hidden))
    hiding.hide("right")
    hiding.hide("right")
    hiding.set(["right"])
    hiding.show_all()
    hiding.show_all()
    assert told == [{"right"}, frozenset()]


def test_what_is_lit_stays_lit(hiding: Hiding) -> None:
    view = hiding.parent()
    assert isinstance(view, View)
    view.emphasize(type(view.emphasis)(lit={"": (EVERYWHERE,)}))
    hiding.hide("right")
    assert view.emphasis.lit == {"": (EVERYWHERE,)}
    assert view.emphasis.hides("right")
