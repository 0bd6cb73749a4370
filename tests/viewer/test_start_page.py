"""The start page: what can be chosen on it, by mouse, keys, drop and paste, and how it tells it."""

from math import ceil
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from mmviz.scene import gallery
from mmviz.scene.templates import TEMPLATES
from mmviz.values.origin.here import ModelHere
from mmviz.viewer import settings
from mmviz.viewer.start.entries import Entry, wrapped
from mmviz.viewer.start.examples import EXAMPLES
from mmviz.viewer.start.gallery_sections import GallerySection
from mmviz.viewer.start.groups import Group
from mmviz.viewer.start.start_page import NOTHING, SEVERAL, StartPage

Key = Qt.Key
WHOLE = ModelHere("org/whole", "org/whole", "llama", 1, 3_100_000_000, "")
BROKEN = ModelHere("org/bert", "org/bert", "", 0, 440_000_000, "model_type: 'bert' is not supported.")


class Seen(list[str]):
    """What was chosen, one after the other."""

    def only(self) -> str:
        (one,) = self
        self.clear()
        return one


@pytest.fixture
def page(qtbot: QtBot, tmp_path: Path) -> StartPage:
    for name in ("old.yaml", "gone.yaml", "model"):
        (tmp_path / name).write_text("")
        settings.remember(tmp_path / name)
    (tmp_path / "gone.yaml").unlink()
    made = StartPage()
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    QApplication.processEvents()
    return made


@pytest.fixture
def chosen(page: StartPage) -> Seen:
    seen = Seen()
    page.chosen.connect(seen.append)
    return seen


def titles(group: Group) -> list[str]:
    return [entry.text() for entry in group.entries]


def press(page: StartPage, *keys: Key) -> None:
    for key in keys:
        QTest.keyClick(page.focusWidget() or page, key)


def focused(page: StartPage) -> str:
    entry = page.focusWidget()
    return entry.text() if isinstance(entry, Entry) else type(entry).__name__


def test_all_that_is_offered_is_chosen_by_a_click(page: StartPage, chosen: Seen, tmp_path: Path) -> None:
    page.show_models([WHOLE, BROKEN])
    assert titles(page.examples) == [example.title for example in EXAMPLES]
    assert titles(page.templates) == [template.title for template in TEMPLATES]
    assert titles(page.recent) == ["model", "old"], "the last first; what is gone is left out"
    assert titles(page.models) == ["org/whole", "org/bert"]
    for group, what in (
        (page.examples, [example.name for example in EXAMPLES]),
        (page.templates, [template.text for template in TEMPLATES]),
        (page.recent, [str(tmp_path / "model"), str(tmp_path / "old.yaml")]),
        (page.models, ["org/whole"]),
    ):
        for entry, meant in zip(group.entries, what, strict=False):
            QTest.mouseClick(entry, Qt.MouseButton.LeftButton)
            assert chosen.only() == meant


def test_a_section_of_the_gallery_unfolds_its_scenes_which_are_chosen_as_all_else(
    page: StartPage, chosen: Seen
) -> None:
    heads = [section.head.text() for section in page.gallery]
    assert heads == [f"{section.title} ({len(section.scenes)})" for section in gallery.SECTIONS]
    first = page.gallery[0]
    assert first.group.entries == [], "its scenes are read when somebody looks"
    QTest.mouseClick(first.head, Qt.MouseButton.LeftButton)
    assert titles(first.group) == [gallery.entry(name).short for name in gallery.SECTIONS[0].scenes]
    QTest.mouseClick(first.group.entries[1], Qt.MouseButton.LeftButton)
    assert chosen.only() == gallery.SECTIONS[0].scenes[1]
    first.head.setFocus()
    page.focusNextPrevChild(True)
    assert focused(page) == titles(first.group)[1], "the one that was clicked last"
    for _ in range(2):
        QTest.mouseClick(first.head, Qt.MouseButton.LeftButton)
    assert len(first.group.entries) == len(gallery.SECTIONS[0].scenes)
    again = GallerySection(gallery.SECTIONS[0], 200, 14, 140)
    assert titles(again.group) == titles(first.group), "it stays unfolded"


def test_a_model_that_cannot_be_drawn_is_there_and_says_why(page: StartPage, chosen: Seen) -> None:
    page.show_models([WHOLE, BROKEN])
    whole, broken = page.models.entries
    assert (whole.sentence, broken.sentence) == ("llama · 1 layer · 3.1 GB", "cannot be drawn · 440 MB")
    assert whole.toolTip() == "Show layer 0, head 0 of org/whole"
    assert broken.toolTip() == "org/bert cannot be drawn: model_type: 'bert' is not supported."
    QTest.mouseClick(broken, Qt.MouseButton.LeftButton)
    assert chosen == []
    page.show_models([])
    assert (page.no_models.text(), page.no_models.isVisible(), page.models.isVisible()) == ("None found.", True, False)


def test_keys_alone_reach_everything(page: StartPage, chosen: Seen) -> None:
    page.show_models([BROKEN, WHOLE])
    page.activateWindow()
    page.open.entries[0].setFocus()
    stops = []
    for _ in range(6):
        stops.append(focused(page))
        page.focusNextPrevChild(True)
    assert stops == ["Open a file …", "QLineEdit", "model", "org/whole", EXAMPLES[0].title, TEMPLATES[0].title]
    page.show_examples()
    columns = page.examples.columns
    press(page, Key.Key_Right, Key.Key_Down)
    assert focused(page) == EXAMPLES[1 + columns].title
    press(page, Key.Key_Left, Key.Key_Up, Key.Key_Return)
    assert chosen.only() == EXAMPLES[0].name
    press(page, Key.Key_Up)
    assert focused(page) == "org/whole", "above the first row comes what is before"
    press(page, *[Key.Key_Down] * (1 + ceil(len(EXAMPLES) / columns)))
    assert focused(page) in titles(page.templates), "below the last row comes what is after"
    assert page.rect().contains(_in(page, page.focusWidget())), "and it is in sight"


def _in(page: StartPage, widget: QWidget | None) -> QPoint:
    assert widget is not None
    return widget.mapTo(page, widget.rect().center())


@pytest.mark.parametrize(
    ("width", "beside", "cards"),
    [(480, False, 2), (736, True, 2), (800, True, 2), (1280, True, 4), (1600, True, 5)],
)
def test_columns_go_with_the_width_and_nothing_is_wider_than_the_page(
    page: StartPage, width: int, beside: bool, cards: int
) -> None:
    page.resize(width, 600)
    QApplication.processEvents()
    top, side = (group.mapTo(page, QPoint(0, 0)) for group in (page.examples, page.open))
    assert (top.x() > side.x() + page.open.width()) == beside
    assert page.examples.columns == cards
    shown = page.widget()
    assert shown is not None
    assert shown.width() <= page.viewport().width()
    for group in (page.examples, page.templates, page.open):
        for entry in group.entries:
            assert group.rect().contains(entry.geometry())


def test_paths_and_links_are_typed_pasted_and_dropped(page: StartPage, chosen: Seen, tmp_path: Path) -> None:
    QTest.keyClicks(page.name, " org/name ")
    QTest.keyClick(page.name, Key.Key_Return)
    assert chosen.only() == "org/name"

    QGuiApplication.clipboard().setText("https://example.org/mm/?left=1")
    page.open.entries[2].click()
    assert chosen.only() == "https://example.org/mm/?left=1"
    QGuiApplication.clipboard().clear()
    page.open.entries[2].click()
    assert (chosen, page.trouble.text()) == ([], NOTHING)

    files = [QUrl.fromLocalFile(str(tmp_path / name)) for name in ("a.yaml", "b.yaml")]
    drop(page, files[:1])
    assert chosen.only() == str(tmp_path / "a.yaml")
    several: list[list[Path]] = []
    page.dropped.connect(several.append)
    drop(page, files)
    assert (chosen, several) == ([], [[tmp_path / "a.yaml", tmp_path / "b.yaml"]])
    drop(page, [files[0], QUrl("https://example.org")])
    assert (chosen, len(several), page.trouble.text()) == ([], 1, SEVERAL)


def drop(page: StartPage, files: list[QUrl]) -> None:
    offered, spot = QMimeData(), QPointF(50, 50)
    offered.setUrls(files)
    about = (Qt.DropAction.CopyAction, offered, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entering = QDragEnterEvent(spot.toPoint(), *about)
    page.dragEnterEvent(entering)
    assert entering.isAccepted()
    page.dropEvent(QDropEvent(spot, *about))


def test_files_and_folders_are_asked_for_where_the_last_one_was(
    page: StartPage, chosen: Seen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def file(_parent: QWidget, _title: str, folder: str, _kinds: str) -> tuple[str, str]:
        asked.append(folder)
        return str(tmp_path / "x" / "a.yaml"), ""

    def nothing(_parent: QWidget, _title: str, folder: str) -> str:
        asked.append(folder)
        return ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", file)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", nothing)
    (tmp_path / "x").mkdir()
    monkeypatch.chdir(tmp_path)
    page.open.entries[0].click()
    assert chosen.only() == str(tmp_path / "x" / "a.yaml")
    page.open.entries[1].click()
    assert chosen == [], "they changed their mind"
    assert asked == [str(tmp_path), str(tmp_path / "x")]


def test_a_long_sentence_is_wrapped_and_its_last_line_keeps_the_rest(qapp: QApplication) -> None:
    font = qapp.font()
    assert wrapped("one two three", font, 10_000, 3) == ["one two three"]
    lines = wrapped("one two three four five six seven", font, 60, 2)
    assert len(lines) == 2
    assert " ".join(lines) == "one two three four five six seven"
