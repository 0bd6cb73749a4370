"""Both themes can be read, a window changes its own at once, and no colour is named elsewhere."""

import re
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

import mmviz.viewer
from mmviz import Scene
from mmviz.viewer import settings
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.theme import DARK, LIGHT, Theme
from mmviz.viewer.controls.themed import CheckBox, RichLabel, SliderBar
from mmviz.viewer.menus.appearance import Appearance
from mmviz.viewer.window import MainWindow
from tests.viewer.looking import opened

READABLE = 4.5
"""The least contrast of text by WCAG 2.1, level AA (1.4.3)."""
SEEN = 3.0
"""That of what is no text, such as the handle of a slider (1.4.11)."""
GROUNDS = ("ground", "field", "button")
TEXTS = [(text, on) for text in ("text", "quiet", "accent", "trouble") for on in GROUNDS]
TEXTS += [("on_selected", "selected"), ("text", "positive"), ("text", "negative")]
MODULES = sorted(Path(mmviz.viewer.__path__[0]).rglob("*.py"))
NAMED = re.compile(r"#[0-9a-fA-F]{3,8}\b|QColor\(\s*\d|QColor\(\"|GlobalColor\.(?!transparent)|\brgba?\(")
"""A colour that is said in code, in any of the ways that Qt knows."""


def luminance(color: str) -> float:
    """As WCAG 2.1 defines the relative luminance."""
    shares = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def test_the_contrast_is_that_of_the_standard() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the example that just fails


@pytest.mark.parametrize("worn", [DARK, LIGHT], ids=lambda worn: worn.name)
def test_every_text_can_be_read_on_every_ground_that_it_stands_on(worn: Theme) -> None:
    colors = asdict(worn)
    assert {f"{text} on {on}": contrast(colors[text], colors[on]) for text, on in TEXTS} == {
        f"{text} on {on}": pytest.approx(21, abs=21 - READABLE) for text, on in TEXTS
    }
    assert contrast(worn.text, worn.groove) > SEEN
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for name, color in colors.items() if name != "name")


def test_no_other_file_names_a_colour() -> None:
    assert len(MODULES) > 50
    named = {path.name: NAMED.findall(path.read_text(encoding="utf-8")) for path in MODULES}
    assert {name for name, found in named.items() if found} == {"theme.py"}


def test_the_pattern_of_colours_finds_them() -> None:
    for said in ('"#ff0000"', "QColor(0, 0, 0, 170)", 'QColor("red")', "Qt.GlobalColor.white", '"#fff"'):
        assert NAMED.search(said), said


@pytest.fixture
def window(qtbot: QtBot, scene: Scene) -> MainWindow:
    return opened(qtbot, scene, panel=True)


def color_of(widget: QWidget) -> str:
    """In which a label writes."""
    return widget.palette().color(widget.foregroundRole()).name()


def seen(image: QImage) -> set[str]:
    return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}


@pytest.mark.slow
def test_light_or_dark_changes_at_once_and_is_kept(window: MainWindow, qtbot: QtBot, scene: Scene) -> None:
    assert isinstance(window.appearance, Appearance)
    icons = window.actions_by_name["open"].icon().cacheKey()
    for worn in (LIGHT, DARK):
        QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        assert theme.of(window) is worn
        assert (settings.theme(), window.grab().toImage().pixelColor(2, 2).name()) == (worn.name, worn.ground)
        assert window.actions_by_name["open"].icon().cacheKey() != icons
        icons = window.actions_by_name["open"].icon().cacheKey()
        written = {color_of(label) for label in window.findChildren(QLabel) if label.isEnabled()}
        assert {worn.text, worn.quiet} <= written <= {worn.text, worn.quiet, worn.accent, worn.trouble}
    window.appearance.choose("light")
    assert theme.of(opened(qtbot, scene)) is LIGHT


def test_windows_beside_it_wear_its_theme(window: MainWindow) -> None:
    window.dialogs.show_help()
    window.dialogs.show_export()
    for name, worn in (("light", LIGHT), ("dark", DARK)):
        window.appearance.choose(name)
        for dialog in (window.dialogs.help, window.dialogs.export):
            assert dialog is not None
            assert theme.of(dialog) is worn
            assert {color_of(label) for label in dialog.findChildren(QLabel)} >= {worn.text}


def test_a_theme_that_is_none_counts_as_dark() -> None:
    for kept in ("pink", 7, ["light"], ""):
        settings.settings().setValue("look/theme", kept)
        assert settings.theme() == "dark"
    settings.keep_theme("system")
    assert settings.theme() == "system"
    assert theme.named("system") in (DARK, LIGHT)


def test_widgets_that_paint_themselves_follow_the_theme(qtbot: QtBot) -> None:
    body = QWidget()
    qtbot.addWidget(body)
    column = QVBoxLayout(body)
    slider, box, label = SliderBar(), CheckBox("on"), RichLabel("<span class='quiet'>████</span>")
    for widget in (slider, box, label):
        column.addWidget(widget)
    slider.setValue(50)
    body.resize(200, 100)
    body.show()
    for worn in (DARK, LIGHT, DARK):
        body.setPalette(theme.palette(worn))
        assert {worn.groove, worn.accent, worn.text} <= seen(slider.grab().toImage())
        assert worn.unchecked in seen(box.grab().toImage())
        assert worn.quiet in seen(label.grab().toImage())
    slider.setEnabled(False)
    assert worn.accent not in seen(slider.grab().toImage())
    assert label.text() == "<span class='quiet'>████</span>"
