"""The tokens below the picture: what stands on them, where they go, and what a hand on them does."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.picture.marks.shared_axes import line
from mmviz.picture.marks.token_labels import visible
from mmviz.picture.time.token_steps import step_of
from mmviz.scene.language.tree import find
from mmviz.viewer.canvas import lighting
from mmviz.viewer.settings import switched
from mmviz.viewer.tokens.chip_line import ChipLine
from mmviz.viewer.tokens.chips import MOST_LINES, arranged, chips
from mmviz.viewer.tokens.prompt_line import PromptLine
from mmviz.viewer.tokens.reading import Reading
from mmviz.viewer.tokens.strip import TokenStrip
from mmviz.viewer.window import MainWindow
from tests.beginning import START, with_beginning
from tests.viewer.looking import NO_BUTTON, NONE, attention, opened, settle
from tests.viewer.model_windows import shipped

Key, LEFT, CONTROL = Qt.Key, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
TOKEN = 41


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setattr(lighting, "FRAME", float("inf"))  # however busy this machine is
    scene = shipped("attention_head")
    _ = scene.composition
    return opened(qtbot, scene, (900, 640))


def hover(chip_line: ChipLine, number: int) -> None:
    spot = chip_line.place(number).center()
    event = QMouseEvent(QEvent.Type.MouseMove, spot, chip_line.mapToGlobal(spot), NO_BUTTON, NO_BUTTON, NONE)
    QApplication.sendEvent(chip_line, event)
    QApplication.processEvents()


def click(chip_line: ChipLine, number: int) -> None:
    QTest.mouseClick(chip_line, LEFT, pos=chip_line.place(number).center().toPoint())


def editing(window: MainWindow) -> bool:
    return window.reading.strip.editing


def prompt(window: MainWindow) -> str | None:
    model = window.desk.scene.document.model
    return None if model is None else model.prompt


def path(window: MainWindow, name: str) -> str:
    node = find(window.desk.scene.root, name)
    assert node is not None
    return node.path


@given(st.lists(st.floats(1, 90), min_size=1, max_size=60), st.floats(10, 900), st.floats(0, 6))
def test_chips_stand_side_by_side_on_two_lines_at_most_and_no_line_is_longer_than_it_must_be(
    widths: list[float], room: float, space: float
) -> None:
    places, wide = arranged(widths, room, space)
    assert len(places) == len(widths)
    assert [place.line for place in places] == sorted(place.line for place in places)
    assert places[-1].line < MOST_LINES
    for number, place in enumerate(places[1:], 1):
        before = places[number - 1]
        assert place.left == pytest.approx(before.left + widths[number - 1] + space) or place.left == 0
    whole = sum(widths) + space * (len(widths) - 1)
    assert wide <= max(room, *widths, whole / 2 + max(widths)) + 1
    assert whole > room or places[-1].line == 0, "one line where there is room"


@pytest.mark.parametrize(
    ("tokens", "special", "marked"),
    [
        (("<s>", "The", " cat"), ("<s>",), [0]),
        (("[CLS]", "a", "[SEP]"), ("[CLS]", "[SEP]"), [0, 2]),
        (("a", " b"), (), []),
        (("a", " b", "</s>"), ("</s>",), [2]),
        (("<s>",), ("<s>",), [0]),
        (("<s>", "<s>"), ("<s>",), [0]),
    ],
)
def test_what_the_tokenizer_puts_around_a_text_is_marked(
    tokens: Sequence[str], special: Sequence[str], marked: list[int]
) -> None:
    assert [number for number, chip in enumerate(chips(tokens, special)) if chip.special] == marked


def test_chips_are_written_as_in_the_picture_and_signs_for_white_space_are_told() -> None:
    texts = (" to", "a·b", "\n\n", "", "我 2/3", "extraordinarily")
    made = chips(texts, ())
    for text, chip in zip(texts, made, strict=True):
        assert "".join(part for part, _ in chip.parts) == (visible(text) or "∅")
    assert made[0].parts == (("·", True), ("to", False))
    assert made[1].parts == (("a·b", False),), "a dot of the text is no white space"
    assert made[2].parts == (("⏎⏎", True),)
    assert made[4].parts == (("我 2/3", False),)


def test_the_strip_shows_every_token_and_lights_the_one_under_the_pointer(window: MainWindow) -> None:
    reading: Reading = window.reading
    strip: TokenStrip = reading.strip
    assert strip.isVisible()
    assert len(strip.line.chips) == len(window.desk.scene.composition.tokens) == 64
    assert strip.line.lines <= MOST_LINES
    assert strip.line.width() > strip.area.viewport().width(), "64 tokens scroll"
    hover(strip.line, TOKEN)
    lit = window.view.emphasis.pointed
    row, column = line(0, TOKEN), line(1, TOKEN)
    assert lit[path(window, "attn")] == (row, column)
    assert lit[path(window, "K.T")] == (column,)
    assert lit[path(window, "out")] == (row,)
    assert path(window, "wQ") not in lit
    QApplication.sendEvent(strip.line, QEvent(QEvent.Type.Leave))
    QApplication.processEvents()
    assert window.view.emphasis.pointed == {}


def test_a_low_window_has_one_line_of_tokens(window: MainWindow) -> None:
    assert window.reading.strip.line.lines == 2
    window.resize(900, 400)
    QApplication.processEvents()
    assert window.reading.strip.line.lines == 1
    window.resize(900, 640)
    QApplication.processEvents()
    assert window.reading.strip.line.lines == 2


def test_a_click_goes_to_the_step_of_the_token_in_the_selected_or_the_main_matrix(window: MainWindow) -> None:
    composition, player, chip_line = window.desk.scene.composition, window.player, window.reading.strip.line
    player.play()
    click(chip_line, 7)
    assert not player.playing
    assert player.time == step_of(composition.timeline, composition.axes, path(window, "attn"), 7)
    assert chip_line.current == 7
    window.selection.select(path(window, "K.T"))
    click(chip_line, 7)
    assert player.time == step_of(composition.timeline, composition.axes, path(window, "K.T"), 7)
    assert chip_line.current == 7
    player.step(1)
    assert chip_line.current == 8
    player.seek(player.steps)
    assert chip_line.current is None


def test_the_current_token_is_scrolled_to(window: MainWindow) -> None:
    strip = window.reading.strip
    window.reading.go_to(0)
    assert strip.area.horizontalScrollBar().value() == 0
    last = max(range(64), key=lambda number: strip.line.place(number).right())
    window.reading.go_to(last)
    assert strip.area.horizontalScrollBar().value() > 0


def test_the_tokens_of_what_is_pointed_at_in_the_picture_are_lit(window: MainWindow) -> None:
    lights = window.pointing.lighting
    lights.tokens_pointed.emit((5, 4))
    assert window.reading.strip.line.lit == {4, 5}
    image = window.reading.strip.grab().toImage()
    lights.tokens_pointed.emit(())
    assert window.reading.strip.grab().toImage() != image


def test_a_scene_without_tokens_has_no_strip_and_the_switch_is_remembered(qtbot: QtBot, window: MainWindow) -> None:
    strip = window.reading.strip
    window.actions_by_name["tokens"].trigger()
    assert strip.isHidden()
    assert not switched("tokens", default=True)
    window.actions_by_name["tokens"].trigger()
    assert strip.isVisible()
    plain = opened(qtbot, attention())
    assert plain.reading.strip.isHidden()
    assert not plain.actions_by_name["edit_prompt"].isEnabled()


def test_the_prompt_is_edited_in_place_by_enter_and_undone_as_by_the_tab(window: MainWindow, qtbot: QtBot) -> None:
    before, strip = window.desk.scene, window.reading.strip
    line_of: PromptLine = strip.prompt
    QTest.mouseDClick(strip.line, LEFT, pos=strip.line.place(3).center().toPoint())
    assert editing(window)
    assert line_of.editor.toPlainText() == prompt(window)
    line_of.editor.selectAll()
    QTest.keyClicks(line_of.editor, "Who asks this?")
    assert window.desk.scene is before, "letters are no commands"
    QTest.keyClick(line_of.editor, Key.Key_Return)
    assert not editing(window)
    settle(window, qtbot)
    assert prompt(window) == "Who asks this?"
    assert len(strip.line.chips) == len(window.desk.scene.composition.tokens) == 6
    assert window.model_panel.prompt.text == "Who asks this?"
    assert window.desk.undo.undoText() == "prompt"
    window.desk.undo.undo()
    settle(window, qtbot)
    assert len(strip.line.chips) == 64


def test_a_long_press_edits_the_prompt_and_is_no_click(window: MainWindow, qtbot: QtBot) -> None:
    chip_line, time = window.reading.strip.line, window.player.time
    chip_line._patience.setInterval(10)
    QTest.mousePress(chip_line, LEFT, pos=chip_line.place(3).center().toPoint())
    qtbot.waitUntil(lambda: editing(window), timeout=1000)
    QTest.mouseRelease(chip_line, LEFT, pos=chip_line.place(3).center().toPoint())
    assert window.player.time == time


def test_esc_leaves_the_prompt_as_it_is(window: MainWindow) -> None:
    before, strip = window.desk.scene, window.reading.strip
    QTest.keyClick(window.view, Key.Key_P, CONTROL)
    assert editing(window)
    QTest.keyClicks(strip.prompt.editor, " and more")
    QTest.keyClick(strip.prompt.editor, Key.Key_Escape)
    assert not editing(window)
    assert window.desk.scene is before
    assert not window.desk.changing


def test_a_prompt_that_cannot_be_read_is_not_lost(window: MainWindow, qtbot: QtBot) -> None:
    strip = window.reading.strip
    window.reading.edit()
    strip.prompt.editor.setPlainText("")
    QTest.keyClick(strip.prompt.editor, Key.Key_Return)
    settle(window, qtbot)
    assert editing(window), "it is asked for again"
    strip.prompt.editor.setPlainText("  \n ")
    QTest.keyClick(strip.prompt.editor, Key.Key_Escape)
    assert window.desk.scene.document == shipped("attention_head").document


def test_special_tokens_stand_beside_the_prompt_and_are_marked(qtbot: QtBot, tmp_path: Path) -> None:
    model = {"path": str(with_beginning(tmp_path / "m")), "prompt": "the cat", "device": "cpu", "special_tokens": True}
    scene = Scene("X", {"X": {"activation": "hook_embed"}}, model=model)
    _ = scene.composition, scene.model_sizes
    window = opened(qtbot, scene)
    strip = window.reading.strip
    assert [chip.special for chip in strip.line.chips] == [True] + [False] * (len(strip.line.chips) - 1)
    window.reading.edit()
    assert strip.prompt.before.text() == START
    assert strip.prompt.before.isVisible()
    assert not strip.prompt.after.isVisible()
    assert strip.prompt.editor.toPlainText() == "the cat"


def test_a_tip_tells_the_whole_token_and_where_it_looks(window: MainWindow) -> None:
    chip_line = window.reading.strip.line
    first, second = chip_line.tip(TOKEN).splitlines()
    assert first == "token 42 of 64: “ to”"
    assert second.startswith("attn looks at 40 “ answer” (0.66)")
    assert chip_line.at(chip_line.place(TOKEN).center()) == TOKEN
    assert chip_line.at(QPointF(-5, -5)) is None
