"""Finding a matrix by what a person knows of it: its name, its path, or what its numbers are called in a model."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.scene.language.tree import walk
from mmviz.viewer.canvas.finder import Finder, entries, matching
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import CONTROL, LEFT, attention, opened, seen_wholly

Key = Qt.Key


@pytest.fixture(scope="module")
def tree() -> Scene:
    return attention()


@pytest.fixture(scope="module")
def head() -> Scene:
    return Scene.load("attention_head")


@pytest.fixture
def window(qtbot: QtBot, tree: Scene) -> MainWindow:
    return opened(qtbot, tree)


def asked(window: MainWindow, text: str) -> Finder:
    """The finder, with a text typed into it by keys."""
    QTest.keyClick(window, Key.Key_F, CONTROL)
    finder = window.navigation.finder
    QTest.keyClicks(finder.field, text)
    QApplication.processEvents()
    return finder


def listed(finder: Finder) -> list[str]:
    return [finder.hits.topLevelItem(row).text(0) for row in range(finder.hits.topLevelItemCount())]  # type: ignore[union-attr]


def test_every_matrix_can_be_found_by_its_path_and_by_its_name(tree: Scene) -> None:
    known = entries(tree)
    for node in walk(tree.root):
        assert matching(known, node.name)[0].name == node.name
        assert node.path in {one.path for one in matching(known, node.path or "root")}
        rows, columns = tree.shapes.of[node.path]
        assert f"{rows} × {columns}" in next(one.details for one in known if one.path == node.path)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("attn.W_Q", "wQ"),
        ("hook_pattern", "attn"),
        ("HOOK_PATTERN", "attn"),
        ("hook_z head 2", "z"),
        ("W_O", "wO"),
        ("scores", "scores"),
    ],
)
def test_a_matrix_is_found_by_its_hook_name(head: Scene, text: str, name: str) -> None:
    assert matching(entries(head), text)[0].name.startswith(name)


def test_names_come_before_other_hits(head: Scene) -> None:
    found = matching(entries(head), "attn")
    assert found[0].name == "attn"
    assert len(found) > 1


def test_enter_selects_the_matrix_and_flies_there(window: MainWindow) -> None:
    finder = asked(window, "Kt")
    assert finder.isVisible()
    QTest.keyClick(finder.field, Key.Key_Return)
    assert window.selection.path == "right.left.right"
    assert not finder.isVisible()
    assert window.navigation.flying.goal is not None
    window.navigation.flying.finish()
    assert seen_wholly(window.view, window.view.camera, ["right.left.right"])
    assert window.focusWidget() is window.view


def test_several_hits_are_a_list_through_which_the_arrows_go(window: MainWindow) -> None:
    finder = asked(window, "right.left")
    assert set(listed(finder)) == {"attn", "Q", "Kt"}
    before = window.view.camera
    QTest.keyClick(finder.field, Key.Key_Down)
    QTest.keyClick(finder.field, Key.Key_Down)
    QTest.keyClick(finder.field, Key.Key_Up)
    assert window.view.camera is before  # the arrows would zoom elsewhere
    second = finder.hits.topLevelItem(1)
    assert finder.hits.currentItem() is second
    path = second.data(0, Qt.ItemDataRole.UserRole)  # type: ignore[union-attr]
    QTest.keyClick(finder.field, Key.Key_Return)
    assert window.selection.path == path


def test_a_hit_can_be_clicked(window: MainWindow) -> None:
    finder = asked(window, "V")
    row = listed(finder).index("V")
    spot = finder.hits.visualItemRect(finder.hits.topLevelItem(row)).center()  # type: ignore[arg-type]
    QTest.mouseClick(finder.hits.viewport(), LEFT, pos=spot)
    assert window.selection.path == "right.right"


def test_where_nothing_is_found_the_bar_says_so_and_enter_does_nothing(window: MainWindow) -> None:
    finder = asked(window, "nowhere")
    assert not finder.hits.isVisible()
    assert finder.nothing.isVisible()
    assert "nowhere" in finder.nothing.text()
    QTest.keyClick(finder.field, Key.Key_Return)
    assert finder.isVisible()
    assert window.selection.path is None


def test_escape_closes_the_bar_and_keeps_what_was_typed(window: MainWindow) -> None:
    finder = asked(window, "Kt")
    QTest.keyClick(finder.field, Key.Key_Escape)
    assert not finder.isVisible()
    assert window.selection.path is None
    QTest.keyClick(window, Key.Key_F, CONTROL)
    assert finder.field.text() == "Kt"
    assert finder.field.selectedText() == "Kt"


def test_keys_of_one_letter_are_letters_in_the_field(window: MainWindow) -> None:
    window.selection.select("left")
    before = window.view.camera
    finder = asked(window, "fixanbm1 37s")
    assert finder.field.text() == "fixanbm1 37s"
    assert window.view.camera is before
    assert not window.navigation.hiding.hidden
    assert not window.navigation.lens.is_open
    assert not window.player.playing


def test_what_is_done_in_the_bar_does_not_reach_the_picture(window: MainWindow) -> None:
    finder = asked(window, "")
    before = window.view.camera
    QTest.mouseClick(finder, LEFT, pos=finder.rect().topLeft())
    QTest.mouseDClick(finder, LEFT, pos=finder.rect().topLeft())
    assert window.view.camera is before
    assert window.selection.path is None


def test_the_bar_stays_in_the_picture(window: MainWindow, qtbot: QtBot) -> None:
    finder = asked(window, "")
    window.resize(500, 420)
    qtbot.waitUntil(lambda: window.view.width() == 500)
    assert window.view.rect().contains(finder.geometry())


def test_a_changed_scene_is_searched_at_once(window: MainWindow, qtbot: QtBot) -> None:
    finder = asked(window, "fresh")
    assert not listed(finder)
    with qtbot.waitSignal(window.desk.shown, timeout=20_000):
        window.desk.propose("change", lambda scene: scene.edited("x + (fresh = attn @ V)"))
    assert "fresh" in listed(finder)
