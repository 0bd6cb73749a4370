"""Nothing is cut, overlaps or stands outside its place, from 480x360 to 3840x2160; dialogs do not jump."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.builders.again import built_again
from mmviz.orders.kinds import KINDS
from mmviz.viewer.controls.make_room import SOON, MakeRoom
from mmviz.viewer.controls.panel_tabs import PanelTabs
from mmviz.viewer.session.models_here import none_here
from mmviz.viewer.start.preparing import Preparing
from mmviz.viewer.start.start_window import StartWindow
from mmviz.viewer.window import NARROW_PANEL, PANEL_WIDTH, MainWindow
from tests.viewer.fitting import misfits
from tests.viewer.looking import opened

SIZES = [(480, 360), (800, 600), (1280, 800), (1600, 1000), (3840, 2160)]
LONG = "/a/rather/long/path/of/a/file/that/takes/more/than/one/line/in/the/dialog"
DIALOGS = ("export", "help", "messages", "settings", "shortcuts", "start", "table")


@pytest.fixture(scope="module")
def head() -> Scene:
    return Scene.load("attention_head")


def laid_out(window: QWidget) -> None:
    """Whatever was asked of layouts has happened; a scroll area needs several turns."""
    for _ in range(4):
        QApplication.processEvents()
    if isinstance(window, MainWindow):
        QTest.qWait(2 * SOON)


def resized(window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    laid_out(window)
    assert window.size() == QSize(*size)


@pytest.mark.slow
def test_every_tab_fits_at_every_size(qtbot: QtBot, head: Scene) -> None:
    window = opened(qtbot, head, panel=True, build_again=built_again)
    for size in SIZES:
        resized(window, size)
        for number in range(window.tabs.count()):
            window.tabs.setCurrentIndex(number)
            for selected in ("left", ""):
                window.selection.select(selected)
                laid_out(window)
                assert (size, window.tabs.tabText(number), misfits(window)) == (size, window.tabs.tabText(number), [])


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES[:3])
def test_every_dialog_fits_at_every_size(qtbot: QtBot, head: Scene, size: tuple[int, int]) -> None:
    window = opened(qtbot, head, size, panel=True, build_again=built_again)
    window.selection.select("left")
    for name in DIALOGS:
        window.actions_by_name[name].trigger()
        laid_out(window)
        (dialog,) = (one for one in QApplication.topLevelWidgets() if one.isVisible() and one is not window)
        for wanted in (dialog.size(), QSize(*size)):
            dialog.resize(wanted)
            laid_out(dialog)
            assert (name, misfits(dialog)) == (name, [])
        assert (name, dialog.size()) == (name, QSize(*size)), "it can be as small as the window"
        dialog.close()


@pytest.mark.slow
def test_the_start_page_fits_at_every_size(qtbot: QtBot) -> None:
    window = StartWindow(lambda text: Scene.named, Preparing(none_here, lambda: None))  # type: ignore[arg-type, return-value]
    qtbot.addWidget(window)
    window.show()
    for size in SIZES:
        window.resize(*size)
        laid_out(window)
        assert (size, misfits(window)) == (size, [])


def test_a_narrow_window_keeps_what_was_shown_last_and_a_wide_one_has_all_again(qtbot: QtBot, head: Scene) -> None:
    window = opened(qtbot, head, (1280, 800), panel=True, build_again=built_again)
    assert isinstance(window.make_room, MakeRoom)
    assert isinstance(window.tabs, PanelTabs)
    assert window.panel.width() == PANEL_WIDTH
    resized(window, (480, 360))
    assert NARROW_PANEL <= window.panel.width() < PANEL_WIDTH
    window.actions_by_name["heads"].trigger()
    laid_out(window)
    assert (window.panel.isVisible(), window.heads.dock.isVisible()) == (False, True)
    assert misfits(window) == []
    resized(window, (1280, 800))
    assert (window.panel.isVisible(), window.heads.dock.isVisible()) == (True, True)
    assert window.panel.width() == PANEL_WIDTH
    window.panel.hide()
    resized(window, (900, 700))
    resized(window, (1280, 800))
    assert window.panel.isHidden(), "who hid it does not want it back"


def test_the_export_dialog_stays_as_large_as_it_is(qtbot: QtBot, scene: Scene) -> None:
    window = opened(qtbot, scene)
    window.dialogs.show_export()
    dialog = window.dialogs.export
    assert dialog is not None
    laid_out(dialog)
    buttons = {(dialog.size().toTuple(), dialog.export.y(), dialog.cancel.y())}
    for number, kind in enumerate(KINDS):
        dialog.form.kinds.setCurrentIndex(number)
        for message in (
            "",
            f"Done: {LONG}{kind.ending}",
        ):
            dialog.message.setText(message)
            dialog.progress.setVisible(bool(message))
            laid_out(dialog)
            assert not dialog.fields.verticalScrollBar().isVisible()
            buttons.add((dialog.size().toTuple(), dialog.export.y(), dialog.cancel.y()))
    assert len(buttons) == 1


def test_what_does_not_fit_is_found(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column, line = QVBoxLayout(window), QHBoxLayout()
    label, button = QLabel("a text that is rather long"), QPushButton("another one that is as long")
    column.addLayout(line)
    line.addWidget(label)
    line.addWidget(button)
    window.show()
    assert misfits(window) == []
    label.setMinimumWidth(20)
    label.setMaximumWidth(20)
    laid_out(window)
    assert [line.split(":")[0] for line in misfits(window)] == ["QLabel 'a text that is rather long'"]
    button.move(button.x() - 12, button.y())
    assert any("overlap" in line for line in misfits(window))
    button.move(window.width() - 30, button.y())
    assert any("is outside QWidget" in line for line in misfits(window))
