"""The settings: every change holds at once and in the next window, and only our own models can be deleted."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.errors import SourceError
from mmviz.machine.homes import ModelCache
from mmviz.values.origin.caches import model_caches
from mmviz.viewer import preferences, settings
from mmviz.viewer.controls import theme
from mmviz.viewer.gestures import RATES
from mmviz.viewer.menus.settings_dialog import SettingsDialog
from mmviz.viewer.question import Answer, Question
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened


@pytest.fixture
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with both caches, each with a file of 1500 bytes."""
    monkeypatch.setenv("MMVIZ_CACHE", str(tmp_path / "ours"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    for folder in (tmp_path / "ours" / "models" / "tiny", tmp_path / "hub"):
        folder.mkdir(parents=True)
        (folder / "weights").write_bytes(bytes(1500))
    return tmp_path


@pytest.fixture
def window(qtbot: QtBot, scene: Scene, caches: Path) -> MainWindow:
    return opened(qtbot, scene)


@pytest.fixture
def dialog(window: MainWindow, qtbot: QtBot) -> SettingsDialog:
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    found = window.findChild(SettingsDialog)
    assert found is not None
    qtbot.waitUntil(lambda: found.sizes[0].text() != "…")
    return found


@pytest.mark.slow
def test_theme_font_and_speed_hold_at_once_and_in_the_next_window(
    window: MainWindow, dialog: SettingsDialog, qtbot: QtBot, scene: Scene
) -> None:
    dialog.theme.activated.emit(dialog.theme.findData("light"))
    dialog.font_size.setValue(17)
    dialog.rate.activated.emit(RATES.index(2.0))
    second = opened(qtbot, scene)
    for one in (window, second):
        assert theme.of(one) is theme.LIGHT
        assert {label.font().pointSize() for label in one.findChildren(QLabel)} == {17}
        assert one.player.rate == 2.0
    dialog.font_size.setValue(dialog.font_size.minimum())
    assert dialog.font_size.text() == "as the system"
    assert preferences.font_size() == 0
    assert window.font().pointSize() != 17


def test_it_shows_what_holds_when_it_is_shown_again(window: MainWindow, dialog: SettingsDialog) -> None:
    settings.keep_theme("system")
    preferences.keep_font_size(9)
    preferences.keep_rate(0.25)
    window.appearance.ask()
    assert window.findChildren(SettingsDialog) == [dialog]
    assert (dialog.theme.currentData(), dialog.font_size.value(), dialog.rate.currentData()) == ("system", 9, 0.25)


@pytest.mark.parametrize("kept", ["garbage", "-3", "900", "7.5", ["9", "9"], "", "²"])
def test_a_font_size_or_speed_that_cannot_be_counts_as_not_there(kept: object) -> None:
    settings.settings().setValue("look/font", kept)
    settings.settings().setValue("play/rate", kept)
    assert (preferences.font_size(), preferences.rate(RATES)) == (0, 1.0)


def test_the_folders_of_models_and_their_sizes_are_told(dialog: SettingsDialog, caches: Path) -> None:
    told = {label.text() for label in dialog.findChildren(QLabel)}
    ours = caches / "ours"
    assert {str(ours / "models"), str(ours / "residuals"), str(caches / "hub"), "1.5 kB", "empty"} <= told
    assert [button.isEnabled() for button in dialog.clear] == [True, True, False]
    assert [button.isHidden() for button in dialog.clear] == [False, True, False], "others use that of Hugging Face"


@pytest.mark.parametrize("answer", [Answer.Cancel, Answer.Discard])
def test_our_models_are_deleted_only_after_a_yes(
    answer: Answer, dialog: SettingsDialog, caches: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    asked: list[str] = []

    def reply(question: object) -> Answer:
        asked.append(question.text())  # type: ignore[attr-defined]
        return answer

    monkeypatch.setattr("mmviz.viewer.menus.settings_dialog.Question.answer", reply)
    dialog.clear[0].click()
    assert asked == [f"Delete all models in {caches / 'ours' / 'models'}?"]
    deleted = answer == Answer.Discard
    qtbot.waitUntil(lambda: dialog.sizes[0].text() == ("empty" if deleted else "1.5 kB"))
    assert (caches / "ours" / "models" / "tiny" / "weights").exists() != deleted
    assert (caches / "hub" / "weights").exists()


def test_residual_streams_are_deleted_with_other_words_than_models(
    dialog: SettingsDialog, caches: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    place = caches / "ours" / "residuals"
    place.mkdir()
    (place / "a.safetensors").write_bytes(bytes(20))
    dialog.present()
    qtbot.waitUntil(dialog.clear[2].isEnabled)
    asked: list[str] = []

    def reply(question: Question) -> Answer:
        asked.append(f"{question.text()} {question.informativeText()}")
        return Answer.Discard

    monkeypatch.setattr(Question, "answer", reply)
    dialog.clear[2].click()
    assert asked == [f"Delete all residual streams in {place}? They are computed again where they are needed."]
    assert list(place.iterdir()) == []
    assert (caches / "ours" / "models" / "tiny" / "weights").exists()


def test_a_folder_of_others_is_never_cleared_and_one_that_is_not_there_is_empty(caches: Path) -> None:
    ours, hub, _ = model_caches()
    with pytest.raises(SourceError) as caught:
        hub.clear()
    assert str(caught.value) == f"{caches / 'hub'}: other programs use this folder; it is not cleared."
    ours.clear()
    ours.folder.rmdir()
    ours.clear()
    assert (ours.size(), hub.size()) == (0, 1500)


def test_what_cannot_be_deleted_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kept").write_bytes(b"x")

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(SourceError) as caught:
        ModelCache("ours", tmp_path, ours=True).clear()
    assert str(caught.value) == f"{tmp_path / 'kept'}: cannot be deleted (Permission denied)."


def test_a_home_that_does_not_exist_leaves_its_folder_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MMVIZ_CACHE", "~nobody_of_this_name/models")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert [cache.folder for cache in model_caches()] == [tmp_path]
