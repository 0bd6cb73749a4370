"""The start page of a window that is open: what is chosen takes the place of the scene, if that may go."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QStyle
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.scene.gallery import SECTIONS, entry
from mmviz.scene.templates import TEMPLATES
from mmviz.values.origin.here import ModelHere
from mmviz.viewer import settings
from mmviz.viewer.start.examples import EXAMPLES
from mmviz.viewer.start.start_dialog import StartDialog
from mmviz.viewer.start_commands import ICON, Starts
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber
from tests.viewer.looking import opened, settle
from tests.viewer.small_scene import small

MODEL = ModelHere("org/tiny", "org/tiny", "gpt2", 2, 10_000_000, "")


def page_of(window: MainWindow) -> StartDialog:
    window.actions_by_name["start"].trigger()
    starts: Starts = window.starts
    page = starts.page
    assert page is not None
    assert page.isVisible()
    return page


@pytest.mark.slow
def test_examples_templates_and_files_are_opened_from_the_start_page(
    qtbot: QtBot, scene: Scene, tmp_path: Path
) -> None:
    window = opened(qtbot, scene)
    page = page_of(window)
    assert not page.page.recent.isVisible(), "there is none yet"
    for group, number, expr in (("examples", 1, "A @ B @ C"), ("templates", 0, "C = A @ B")):
        with qtbot.waitSignal(window.desk.opened):
            getattr(page.page, group).entries[number].click()
        settle(window, qtbot)
        assert not page.isVisible()
        assert window.desk.scene.document.expr == expr
        page_of(window)
    assert window.windowTitle() == f"{TEMPLATES[0].title}[*] - mmviz"
    assert window.desk.file is None, "a template is saved under a name that is asked for"

    page.close()
    small(tmp_path / "own.yaml")
    settings.remember(tmp_path / "own.yaml")
    page_of(window)
    assert [entry.text() for entry in page.page.recent.entries] == ["own"], "shown anew each time"
    with qtbot.waitSignal(window.desk.opened):
        page.page.recent.entries[0].click()
    settle(window, qtbot)
    assert window.desk.file == tmp_path / "own.yaml"


def test_models_of_this_machine_are_listed_once(qtbot: QtBot, scene: Scene) -> None:
    asked: list[bool] = []

    def models() -> list[ModelHere]:
        asked.append(True)
        return [MODEL]

    window = MainWindow(scene, Scene.named, Dabber, models=models)
    qtbot.addWidget(window, before_close_func=MainWindow.release)
    window.show()
    assert asked == [], "nobody wants to see them yet"
    page = page_of(window)
    qtbot.waitUntil(lambda: len(page.page.models.entries) == 1)
    for _ in range(2):
        assert page_of(window) is page
        QTest.keyClick(page, Qt.Key.Key_Escape)
        assert not page.isVisible()
    assert asked == [True]
    page_of(window)
    window.close()
    assert not page.isVisible(), "it goes with the window"


def test_examples_are_in_the_menu_of_files_too(qtbot: QtBot, scene: Scene) -> None:
    window = opened(qtbot, scene)
    entries = window.starts.examples_menu.actions()
    examples = [(one.title, one.sentence) for one in EXAMPLES]
    assert [(entry.text(), entry.toolTip()) for entry in entries[: len(EXAMPLES)]] == examples
    with qtbot.waitSignal(window.desk.opened):
        entries[1].trigger()
    assert window.desk.scene.document.expr == "A @ B @ C"
    (menu,) = (menu for menu in window.menuBar().findChildren(QMenu) if menu.title() == "File")
    assert "Examples" in [action.text() for action in menu.actions()]


def test_the_gallery_is_in_the_menu_of_files_by_section_with_pictures(qtbot: QtBot, scene: Scene) -> None:
    window = opened(qtbot, scene)
    menus = window.starts.examples_menu.findChildren(QMenu)
    assert [menu.title() for menu in menus] == [section.title for section in SECTIONS]
    assert menus[0].isEmpty(), "its scenes are read when somebody looks"
    for _ in range(2):
        menus[0].aboutToShow.emit()
        assert [action.text() for action in menus[0].actions()] == [entry(one).short for one in SECTIONS[0].scenes]
    action = menus[0].actions()[1]
    assert not action.icon().isNull()
    style = menus[0].style()
    assert style.pixelMetric(QStyle.PixelMetric.PM_SmallIconSize, None, menus[0]) == ICON, "to be looked at"
    assert window.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize) < ICON
    assert action.toolTip().endswith(f'.webp" width="320"><br>{entry("dot").learn}')
    with qtbot.waitSignal(window.desk.opened):
        action.trigger()
    assert window.desk.scene.document.title == entry("dot").title


def test_models_by_name_are_remembered_and_files_and_what_comes_with_a_scene_are_not(
    qtbot: QtBot, scene: Scene, tmp_path: Path
) -> None:
    window = opened(qtbot, scene)
    shown = Scene.load("attention_head")
    assert shown.document.model is not None
    for path in ("org/one", str(tmp_path), "org/two", "org/one"):
        model = shown.document.model.model_copy(update={"path": path})
        window.starts.remember_model(Scene.of(shown.document.model_copy(update={"model": model}), tmp_path))
    window.starts.remember_model(shown)
    assert settings.recent_models() == ["org/one", "org/two"]
    page = page_of(window)
    assert [entry.text() for entry in page.page.recent.entries] == ["org/one", "org/two"]
    settings.forget_recent()
    page_of(window)
    assert page.page.recent.entries == []
