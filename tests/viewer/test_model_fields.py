"""The fields of the tab "Model" by themselves: a number of a few, a prompt, a model's name."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from mmviz.viewer.tabs.model.model_fields import MODEL_FILES, ModelField, PickField, PromptField

Key, Modifier = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def pick(qtbot: QtBot) -> PickField:
    made = PickField("head", "Which head")
    qtbot.addWidget(made)
    made.show_pick(2, 9)
    return made


def picked(pick: PickField) -> list[int]:
    found: list[int] = []
    pick.picked.connect(found.append)
    return found


def test_it_stands_at_a_number_without_asking_for_it(pick: PickField) -> None:
    found = picked(pick)
    pick.show_pick(5, 12)
    assert (pick.spin.value(), pick.slider.value()) == (5, 5)
    assert (pick.spin.maximum(), pick.slider.maximum(), pick.spin.minimum()) == (11, 11, 0)
    assert pick.spin.text() == "5 of 0–11"
    assert pick.name.text() == "Head"
    assert found == []


def test_dragging_and_typing_ask_once_and_move_each_other(pick: PickField) -> None:
    found = picked(pick)
    pick.slider.setValue(4)
    assert (found, pick.spin.value()) == ([4], 4)
    pick.spin.setValue(7)
    assert (found, pick.slider.value()) == ([4, 7], 7)


def test_a_click_on_the_slider_goes_there_and_not_a_step_towards_it(pick: PickField) -> None:
    found, bar = picked(pick), pick.slider
    pick.resize(400, 40)
    pick.show()
    wide = bar._handle().width()
    for head, beside in ((7, 0), (7, -6), (0, 6), (8, -6)):  # pixels; the places of nine heads lie farther apart
        place = QPoint(round(wide / 2 + head / 8 * (bar.width() - wide)) + beside, bar.height() // 2)
        QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=place)
    assert found == [7, 0, 8]


def test_where_there_is_no_number_a_dash_is_shown(pick: PickField) -> None:
    pick.show_pick(None, 9)
    assert pick.spin.text() == "–"
    pick.show_pick(0, 9)
    assert pick.spin.text() == "0 of 0–8"


def test_where_none_can_be_picked_it_says_why(pick: PickField) -> None:
    assert {part.toolTip() for part in (pick, pick.name, pick.spin, pick.slider)} == {"Which head: 0 to 8"}
    pick.show_pick(2, 9, "The scene shows all heads.")
    assert not pick.isEnabled()
    assert {part.toolTip() for part in (pick, pick.name, pick.spin, pick.slider)} == {"The scene shows all heads."}
    pick.show_pick(2, 9)
    assert pick.isEnabled()


def kept(widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Modifier.NoModifier) -> bool:
    event = QKeyEvent(QKeyEvent.Type.ShortcutOverride, key, modifier)
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


@pytest.mark.parametrize(
    ("key", "modifier", "own"),
    [
        (Key.Key_F, Modifier.NoModifier, True),
        (Key.Key_Space, Modifier.NoModifier, True),
        (Key.Key_F, Modifier.ShiftModifier, True),
        (Key.Key_Escape, Modifier.NoModifier, False),
        (Key.Key_F1, Modifier.NoModifier, False),
        (Key.Key_F35, Modifier.NoModifier, False),
        (Key.Key_S, Modifier.ControlModifier, False),
        (Key.Key_S, Modifier.AltModifier, False),
        (Key.Key_S, Modifier.MetaModifier, False),
    ],
)
def test_plain_keys_are_the_field_s_and_commands_the_window_s(
    key: Qt.Key, modifier: Qt.KeyboardModifier, own: bool, pick: PickField
) -> None:
    assert kept(pick.slider, key, modifier) == own


@pytest.fixture
def prompt(qtbot: QtBot) -> PromptField:
    made = PromptField()
    qtbot.addWidget(made)
    made.show_prompt("Once upon", 3, 8192)
    return made


def applied(prompt: PromptField) -> list[str]:
    found: list[str] = []
    prompt.applied.connect(found.append)
    return found


@pytest.mark.parametrize(
    ("count", "special", "text"),
    [
        (3, (), "3 tokens of at most 8,192"),
        (1, (), "1 token of at most 8,192"),
        (4, ("<s>", "</s>"), "4 tokens of at most 8,192, with <s> </s>"),
        (0, ("<s>",), ""),
    ],
)
def test_it_counts_the_tokens_of_what_is_read(
    count: int, special: tuple[str, ...], text: str, prompt: PromptField
) -> None:
    prompt.show_prompt("Once upon", count, 8192, special=special)
    assert prompt.count.text() == text


def test_what_is_typed_is_not_applied_until_the_button_is_pressed(prompt: PromptField) -> None:
    found = applied(prompt)
    assert not prompt.button.isEnabled()
    assert prompt.button.toolTip() == "The model reads this already"
    prompt.editor.setPlainText("Once more")
    assert prompt.count.text() == "not applied yet"
    assert prompt.button.toolTip() == "Let the model read this (Ctrl+Enter)"
    assert found == []
    prompt.button.click()
    assert found == ["Once more"]
    prompt.show_prompt("Once more", 2, 8192)
    assert not prompt.button.isEnabled()
    assert prompt.count.text() == "2 tokens of at most 8,192"


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter])
def test_ctrl_and_enter_apply_what_was_typed_and_nothing_else(key: Qt.Key, prompt: PromptField) -> None:
    found = applied(prompt)
    prompt.show()
    prompt.activateWindow()
    prompt.editor.setFocus()
    QApplication.processEvents()
    QTest.keyClick(prompt.editor, key, Modifier.ControlModifier)
    assert found == []
    prompt.editor.setPlainText("Once more")
    QTest.keyClick(prompt.editor, key, Modifier.ControlModifier)
    assert found == ["Once more"]


def test_what_is_being_typed_stays_while_the_scene_changes_and_goes_with_another_one(prompt: PromptField) -> None:
    prompt.editor.setPlainText("Half a sent")
    prompt.show_prompt("Twice upon", 2, 8192)
    assert prompt.text == "Half a sent"
    prompt.show_prompt("Another model's", 3, 8192, anew=True)
    assert prompt.text == "Another model's"


def test_of_token_ids_it_says_that_a_text_takes_their_place(prompt: PromptField) -> None:
    prompt.show_prompt(None, 3, 8192)
    assert prompt.text == ""
    assert prompt.editor.placeholderText() == ("The scene reads 3 token ids. A text that is applied takes their place.")
    prompt.show_prompt("text", 1, 8192)
    assert prompt.editor.placeholderText() == "What the model reads"


@pytest.fixture
def model(qtbot: QtBot) -> ModelField:
    made = ModelField(["smollm2-135m-2layers", "gpt2"])
    qtbot.addWidget(made)
    return made


def named(model: ModelField) -> list[str]:
    found: list[str] = []
    model.named.connect(found.append)
    return found


def test_a_name_is_asked_for_by_enter_and_by_the_button_without_spaces_around_it(model: ModelField) -> None:
    found = named(model)
    model.show_name("  gpt2 ")
    assert found == [], "to stand at a name asks for nothing"
    QTest.keyClick(model.line, Key.Key_Return)
    assert found == ["gpt2"], "once"
    model.button.click()
    assert found == ["gpt2", "gpt2"]


def test_it_begins_empty_and_offers_names_without_taking_new_ones(model: ModelField) -> None:
    assert model.box.currentText() == ""
    assert [model.box.itemText(number) for number in range(model.box.count())] == ["smollm2-135m-2layers", "gpt2"]
    model.show_name("mine")
    QTest.keyClick(model.line, Key.Key_Return)
    assert model.box.count() == 2


def test_a_folder_or_a_file_that_is_chosen_is_asked_for_and_nothing_where_none_is(
    model: ModelField, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, chosen = named(model), ["/models/one", ""]
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: chosen.pop(0))
    model.choose_folder()
    model.choose_folder()
    assert (found, model.box.currentText()) == (["/models/one"], "/models/one")
    asked: list[tuple[object, ...]] = []

    def choose(*arguments: object) -> tuple[str, str]:
        asked.append(arguments[1:])
        return "/models/two.gguf", ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    model.choose_file()
    assert found == ["/models/one", "/models/two.gguf"]
    assert asked == [("Open a model", "", MODEL_FILES)]


def test_to_ask_selects_what_stands_there(model: ModelField) -> None:
    model.show_name("gpt2")
    model.show()
    model.ask()
    assert model.line.selectedText() == "gpt2"
