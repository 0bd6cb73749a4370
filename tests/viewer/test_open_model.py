"""Another model in the window: in the same scene where that is right, else in one of its own."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from mmviz.viewer.file_commands import Files
from mmviz.viewer.window import MainWindow
from tests.values.variants import save_variant
from tests.viewer.model_windows import ask_for, picked, settled, shown

LEFT = Qt.MouseButton.LeftButton
Show = Callable[..., MainWindow]


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    return partial(shown, qtbot)


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("gpt2"), "gpt2")


@pytest.fixture(scope="module")
def llamas(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two models that compute alike, of three layers and of two, with their own numbers of key-value heads."""
    folder = tmp_path_factory.mktemp("llamas")
    return save_variant(folder / "one", "llama grouped, wide heads"), save_variant(
        folder / "other", "llama one key for all, tied", layers=2
    )


@pytest.mark.slow
def test_a_scene_without_a_model_offers_a_head(show: Show, qtbot: QtBot) -> None:
    window = show("matmul")
    panel = window.model_panel
    assert panel.hint.isVisible()
    assert not panel.head.isVisible()
    assert not panel.prompt.isVisible()
    QTest.mouseClick(panel.start, LEFT)
    settled(window, qtbot)
    assert panel.head.isVisible()
    assert not panel.hint.isVisible()
    assert picked(window) == (0, 0)
    assert window.desk.scene.document.title == "smollm2-135m-2layers: layer 0, head 0"


@pytest.mark.slow
def test_a_model_that_computes_otherwise_gets_a_scene_of_its_own(show: Show, qtbot: QtBot, gpt2: Path) -> None:
    window = show()
    ask_for(window.model_panel, str(gpt2))
    settled(window, qtbot)
    sizes = window.desk.scene.model_sizes
    assert sizes is not None
    assert (sizes.layers, sizes.heads, sizes.d_model) == (3, 6, 48)
    assert "rope" not in window.desk.scene.document.expr
    assert picked(window) == (0, 0)
    note, why = window.model_panel.note, "computes its layers otherwise than smollm2-135m-2layers"
    assert note.text() == f"A new scene, of its layer 0 and head 0: {gpt2.name} {why}."
    assert window.events.kept[-1].text == window.status.newest.text() == note.text()
    assert note.isVisible()
    assert not window.desk.undo.canUndo()
    assert window.model_panel.layer.spin.maximum() == 2


@pytest.mark.slow
def test_a_model_that_computes_alike_fills_the_same_scene(show: Show, qtbot: QtBot, llamas: tuple[Path, Path]) -> None:
    one, other = llamas
    window = show("matmul")
    ask_for(window.model_panel, str(one))
    settled(window, qtbot)
    window.model_panel.layer.spin.setValue(1)
    window.model_panel.head.spin.setValue(4)
    settled(window, qtbot)
    ask_for(window.model_panel, str(other))
    settled(window, qtbot)
    assert picked(window) == (1, 4)
    assert window.desk.scene.document.title == "other: layer 1, head 4"
    assert window.model_panel.layer.spin.maximum() == 1
    assert window.model_panel.note.isHidden()
    window.desk.undo.undo()
    settled(window, qtbot)
    assert window.desk.scene.document.title == "one: layer 1, head 4"
    assert window.model_panel.layer.spin.maximum() == 2


def test_a_changed_scene_is_not_given_up_unasked(
    show: Show, qtbot: QtBot, gpt2: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Files] = []

    def stay(files: Files) -> bool:
        asked.append(files)
        return False

    monkeypatch.setattr(Files, "may_leave", stay)
    window = show()
    before = window.desk.scene
    ask_for(window.model_panel, str(gpt2))
    settled(window, qtbot)
    assert asked == [window.files]
    assert window.desk.scene is before
    assert window.model_panel.note.isHidden()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "Name a model first, or choose its folder with …"),
        ("no-such-model", "no-such-model: there is no such file or folder, and no scene or model of that name."),
        ("matmul", "matmul: is a scene without a model; a model is needed here."),
    ],
)
def test_what_is_no_model_is_explained_below_the_field(show: Show, qtbot: QtBot, name: str, message: str) -> None:
    window = show()
    before = window.desk.scene
    ask_for(window.model_panel, name)
    settled(window, qtbot)
    assert window.model_panel.model_trouble.text().startswith(message)
    assert window.model_panel.model_trouble.isVisible()
    assert window.desk.scene is before
    assert window.model_panel.model.line.text() == name


@pytest.mark.slow
def test_a_models_folder_can_be_chosen(show: Show, qtbot: QtBot, gpt2: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = show("matmul")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    window.model_panel.model.choose_folder()
    assert not window.desk.background.waiting
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(gpt2))
    window.model_panel.model.choose_folder()
    settled(window, qtbot)
    assert window.model_panel.title.text() == gpt2.name
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(gpt2 / "model.safetensors"), ""))
    window.model_panel.model.choose_file()
    settled(window, qtbot)
    assert window.model_panel.title.text() == gpt2.name


def test_the_command_leads_to_the_field_even_where_the_panel_is_hidden(show: Show) -> None:
    window = show()
    window.tabs.setCurrentIndex(0)
    window.panel.hide()
    window.actions_by_name["open_model"].trigger()
    QApplication.processEvents()
    assert window.model_panel.isVisible()
    assert window.model_panel.model.box.hasFocus() or window.model_panel.model.line.hasFocus()
