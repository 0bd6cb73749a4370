"""The tabs "Motion" and "Look": each control changes a document to what it says, also while dragged; all is undone."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.errors import SceneError
from mmviz.scene.language.tree import root_of
from mmviz.viewer.controls.fields import Choice, Slider, Switch
from mmviz.viewer.controls.option_rows import MODELS, OptionRows
from mmviz.viewer.controls.plain_words import CHOICES, LABELS
from mmviz.viewer.controls.section import Section
from mmviz.viewer.controls.settings_page import SettingsPage
from mmviz.viewer.session.shown_scene import Shown
from mmviz.viewer.tabs.look.look_panel import LookSettings
from mmviz.viewer.tabs.motion.motion_panel import MotionSettings
from mmviz.viewer.window import MainWindow
from tests.fake_renderer import Dabber
from tests.viewer.looking import looked_at, opened, settle

SLIDERS = {"layout": ("gap", "scatter", "blast", "molecule"), "animation": ("speed",), "style": ("quantile", "decades")}
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
Key = Qt.Key


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return looked_at(qtbot, scene)


@pytest.fixture
def look(window: MainWindow) -> OptionRows:
    return window.look_panel.settings


@pytest.fixture(scope="module")
def kept_window(qapp: QApplication, scene: Scene) -> Iterator[MainWindow]:
    """One window for tests that leave it as it was."""
    made = MainWindow(scene, Scene.named, Dabber)
    made.resize(1100, 700)
    made.show()
    made.tabs.setCurrentWidget(made.look_panel)
    qapp.processEvents()
    yield made
    made.release()
    made.close()
    made.deleteLater()


def page_of(window: MainWindow, part: str) -> SettingsPage[MotionSettings] | SettingsPage[LookSettings]:
    """The tab that has the keys of a part of the document."""
    return window.motion_panel if part == "animation" else window.look_panel


def slider(look: OptionRows, name: str) -> Slider:
    control = look.rows[name].control
    assert isinstance(control, Slider)
    return control


def set_to(look: OptionRows, name: str, value: Any) -> None:
    """What a hand would do at a control."""
    control = look.rows[name].control
    for section in look.findChildren(Section):
        section.fold(False)
    if isinstance(control, Slider):
        control.number.box.setFocus()
        control.number.box.selectAll()
        QTest.keyClicks(control.number.box, f"{value}")
        QTest.keyClick(control.number.box, Key.Key_Return)
    elif isinstance(control, Choice):
        control.box.setFocus()
        steps = control.values.index(value) - control.box.currentIndex()
        for _ in range(abs(steps)):
            QTest.keyClick(control.box, Key.Key_Down if steps > 0 else Key.Key_Up)
    else:
        assert isinstance(control, Switch)
        QTest.mouseClick(control.box, LEFT, pos=QPoint(6, control.box.height() // 2))


def shown(look: OptionRows, name: str) -> Any:
    control = look.rows[name].control
    if isinstance(control, Slider):
        box = control.number.box
        return box.text() if box.text() == box.specialValueText() else box.value()
    return control.value if isinstance(control, Choice) else control.box.isChecked()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("layout", "gap", 12.5),
        ("layout", "scatter", 40),
        ("layout", "blast", -1.25),
        ("layout", "molecule", 3),
        ("layout", "scheme", "wheel"),
        ("animation", "algorithm", "mvprod"),
        ("animation", "fuse", "decode"),
        ("animation", "sums", "running"),
        ("animation", "speed", 31.25),
        ("animation", "easing", "linear"),
        ("animation", "spin", 12.5),
        ("animation", "hold", 4.5),
        ("animation", "hide_inputs", True),
        ("style", "palette", "blue-orange"),
        ("style", "patterns", "sequential"),
        ("style", "quantile", 0.875),
        ("style", "curve", "log"),
        ("style", "guides", False),
        ("style", "names", False),
        ("style", "sizes", False),
        ("style", "arrows", False),
        ("style", "legend", False),
        ("style", "tokens", "raw"),
    ],
)
def test_a_control_changes_the_document_to_what_it_says_and_undo_brings_it_back(
    kept_window: MainWindow, qtbot: QtBot, part: str, name: str, value: Any
) -> None:
    window = kept_window
    page = page_of(window, part)
    look = page.settings
    window.tabs.setCurrentWidget(page)
    window.activateWindow()
    before = window.desk.scene.document
    assert shown(look, name) == getattr(getattr(before, part), name)
    set_to(look, name, value)
    settle(window, qtbot)
    after = window.desk.scene.document
    assert after == before.model_copy(update={part: getattr(before, part).model_copy(update={name: value})})
    assert shown(look, name) == value
    while window.desk.undo.canUndo():
        QTest.keyClick(window.view, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.desk.scene.document == before
    assert shown(look, name) == getattr(getattr(before, part), name)


def test_powers_of_ten_count_under_the_logarithm_alone(kept_window: MainWindow, qtbot: QtBot) -> None:
    window, look = kept_window, kept_window.look_panel.settings
    assert not look.rows["decades"].isEnabled()
    set_to(look, "curve", "log")
    settle(window, qtbot)
    set_to(look, "decades", 2.5)
    settle(window, qtbot)
    assert window.desk.scene.document.style.decades == 2.5
    while window.desk.undo.canUndo():
        window.desk.undo.undo()


def test_every_field_has_a_label_of_its_own_and_plain_words_and_its_tool_tip_says_the_key(
    kept_window: MainWindow,
) -> None:
    for page in (kept_window.motion_panel, kept_window.look_panel):
        for name, row in page.settings.rows.items():
            keys = [key for key, label in LABELS.items() if label == row.name.text()]
            assert len(keys) == 1, name
            assert f"<code>{keys[0]}</code>" in row.name.toolTip()
            if isinstance(row.control, Choice):
                assert tuple(CHOICES[keys[0]][word] for word in row.control.values) == tuple(
                    row.control.box.itemText(number) for number in range(row.control.box.count())
                )
    for words in CHOICES.values():
        assert len(set(words.values())) == len(words)


def test_ranges_are_shown_of_the_same_scales(kept_window: MainWindow, qtbot: QtBot) -> None:
    window, look = kept_window, kept_window.look_panel.settings
    window.activateWindow()
    window.desk.propose("s", lambda scene: scene.changed(style={"scales": {"shared": ["L", ["R"]]}}))
    settle(window, qtbot)
    assert shown(look, "ranges") is False
    set_to(look, "ranges", True)
    settle(window, qtbot)
    scales = window.desk.scene.document.style.scales
    assert (scales.shared, scales.shown) == (("L", ("R",)), True)
    assert "L  ±1" in {
        label.text for label in window.view.composition.at(0, window.view.camera, window.view.aspect).labels
    }
    while window.desk.undo.canUndo():
        window.desk.undo.undo()


def test_bars_go_elsewhere_and_stay_those_of_the_same_matrices(kept_window: MainWindow, qtbot: QtBot) -> None:
    window, look = kept_window, kept_window.look_panel.settings
    window.activateWindow()
    before = window.desk.scene.document.style
    assert shown(look, "bar") == "none"
    set_to(look, "bar", "side")
    settle(window, qtbot)
    assert window.desk.scene.document.style == before.model_copy(update={"bar": "side"})
    name = root_of(window.desk.scene.root).name
    window.desk.propose("of", lambda scene: scene.changed(style={"bar": {"at": "side", "of": [name]}}))
    settle(window, qtbot)
    assert shown(look, "bar") == "side"
    set_to(look, "bar", "below")
    settle(window, qtbot)
    style = window.desk.scene.document.style
    assert (style.bar_at, style.bar_of) == ("below", (name,))
    while window.desk.undo.canUndo():
        window.desk.undo.undo()


def test_true_proportions_are_one_switch_away_and_the_folds_of_before_come_back(
    window: MainWindow, look: OptionRows, qtbot: QtBot
) -> None:
    assert not look.rows["folded axes"].isEnabled(), "there is nothing to be folded"
    window.desk.propose("fold", lambda scene: scene.changed(layout={"fold": {"i": 2}}))
    settle(window, qtbot)
    assert shown(look, "folded axes")
    set_to(look, "folded axes", False)
    settle(window, qtbot)
    assert window.desk.scene.document.layout.fold == {}
    set_to(look, "folded axes", True)
    settle(window, qtbot)
    assert window.desk.scene.document.layout.fold == {"i": 2}
    for fold in ({}, {"i": 2}):
        window.actions_by_name["proportions"].trigger()
        settle(window, qtbot)
        assert window.desk.scene.document.layout.fold == fold


def test_the_colours_of_mm_go_on_and_off_with_the_settings_that_the_scene_had(
    window: MainWindow, look: OptionRows, qtbot: QtBot
) -> None:
    window.desk.propose("mm", lambda scene: scene.changed(style={"mm": {"zero_hue": 0.5}}))
    settle(window, qtbot)
    before = window.desk.scene.document
    assert shown(look, "mm's colours")
    assert not look.rows["palette"].isEnabled()
    set_to(look, "mm's colours", False)
    settle(window, qtbot)
    assert window.desk.scene.document.style.mm is None
    assert look.rows["palette"].isEnabled()
    set_to(look, "mm's colours", True)
    settle(window, qtbot)
    assert window.desk.scene.document == before


def test_the_controls_follow_a_change_made_elsewhere_without_asking_for_one(
    window: MainWindow, look: OptionRows, qtbot: QtBot
) -> None:
    parts: dict[str, Any] = {
        "layout": {"gap": 100, "scheme": "zigzag"},
        "style": {"guides": False},
    }
    window.desk.propose("all", lambda scene: scene.changed(**parts))
    settle(window, qtbot)
    assert (shown(look, "gap"), shown(look, "scheme"), shown(look, "guides")) == (100, "zigzag", False)
    assert slider(look, "gap").slider.value() == slider(look, "gap").slider.maximum()
    assert window.desk.scene.document.layout.gap == 100  # beyond the slider, and it stays so
    assert window.desk.undo.count() == 1


def test_a_change_that_breaks_leaves_the_scene_and_is_said_beside_its_control(
    window: MainWindow, look: OptionRows, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(scene: Shown, **_parts: Any) -> Shown:
        raise SceneError("layout.gap: the matrices would stand too far away.")

    before = window.desk.scene
    monkeypatch.setattr(Scene, "changed", refuse)
    set_to(look, "gap", 9999)
    settle(window, qtbot)
    assert window.desk.scene is before
    assert look.rows["gap"].trouble.text() == "layout.gap: the matrices would stand too far away."
    assert look.rows["gap"].trouble.isVisible()
    assert window.status.text() == "layout.gap: the matrices would stand too far away."
    assert shown(look, "gap") == before.document.layout.gap
    monkeypatch.undo()
    set_to(look, "gap", 9)
    settle(window, qtbot)
    assert not look.rows["gap"].trouble.isVisible()
    assert window.desk.scene.document.layout.gap == 9


def test_changes_of_several_controls_in_a_row_are_all_made(window: MainWindow, look: OptionRows, qtbot: QtBot) -> None:
    set_to(look, "guides", False)
    set_to(look, "gap", 7)
    set_to(look, "names", False)
    settle(window, qtbot)
    document = window.desk.scene.document
    assert (document.style.guides, document.layout.gap, document.style.names) == (False, 7, False)
    assert window.desk.undo.count() == 3


def test_a_change_that_is_no_longer_waited_for_leaves_the_control_at_what_is_shown(
    window: MainWindow, look: OptionRows, qtbot: QtBot
) -> None:
    before = window.desk.scene.document
    set_to(look, "gap", 33)
    window.desk.background.forget()
    assert shown(look, "gap") == before.layout.gap
    set_to(look, "gap", 34)
    settle(window, qtbot)
    assert window.desk.scene.document.layout.gap == 34


def test_an_undo_while_a_change_is_computed_does_not_bring_back_what_was_undone(
    window: MainWindow, look: OptionRows, qtbot: QtBot
) -> None:
    set_to(look, "names", False)
    settle(window, qtbot)
    set_to(look, "gap", 20)
    window.desk.undo.undo()
    settle(window, qtbot)
    assert window.desk.scene.document.style.names
    assert window.desk.scene.document.layout.gap == 20


def test_the_wheel_scrolls_the_panel_and_turns_no_control(window: MainWindow, look: OptionRows) -> None:
    window.view.setFocus()
    control = slider(look, "gap").slider
    before = control.value()
    assert before > 0
    spot = QPointF(control.rect().center())
    scrolled = QWheelEvent(
        spot, control.mapToGlobal(spot), QPoint(), QPoint(0, 120), LEFT, NONE, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(control, scrolled)
    assert not window.desk.changing
    assert control.value() == before


def test_every_control_says_what_it_means(kept_window: MainWindow) -> None:
    rows = kept_window.look_panel.settings.rows
    assert rows
    for name, row in rows.items():
        assert len(row.control.toolTip()) > 10, name


@pytest.mark.parametrize(("part", "key"), [(part, key) for part, keys in SLIDERS.items() for key in keys])
def test_all_that_a_document_takes_can_be_typed_and_nothing_else(kept_window: MainWindow, part: str, key: str) -> None:
    box = slider(page_of(kept_window, part).settings, key).number.box
    step = 10.0 ** -box.decimals()
    least, most = box.minimum() + (step if box.specialValueText() else 0), box.maximum()
    model = MODELS[part]
    for value in (least, most):
        assert getattr(model.model_validate({key: round(value) if key == "molecule" else value}), key) == value
    for beyond in (least - step, most + step):
        if abs(beyond) < 1e300:  # what has no end cannot be passed
            with pytest.raises(ValidationError):
                model.model_validate({key: round(beyond) if key == "molecule" else beyond})


def test_the_rows_are_made_when_the_tab_is_first_shown(qtbot: QtBot, scene: Scene) -> None:
    window = opened(qtbot, scene, (1100, 700), panel=True)
    assert not window.look_panel.findChildren(OptionRows)
    window.tabs.setCurrentWidget(window.look_panel)
    QApplication.processEvents()
    (made,) = window.look_panel.findChildren(OptionRows)
    assert made.isVisible()
    assert made is window.look_panel.settings
