"""The form of the selected matrix: what it is, its numbers in short, and what can be changed of it."""

from functools import cached_property
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from mmviz.picture.cell.picking import Picked, shown_of
from mmviz.picture.look.bars import bar_of
from mmviz.picture.look.histogram import Histogram, histogram
from mmviz.picture.look.looks import colors_of
from mmviz.picture.look.statistics import Statistics, statistics
from mmviz.picture.space.item_key import of_matrix
from mmviz.viewer.controls.fields import Choice
from mmviz.viewer.controls.plain_label import bold_font, label
from mmviz.viewer.controls.scale_bar import ScaleBar
from mmviz.viewer.key_words import tip_of_now
from mmviz.viewer.session.background import Background
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.session.undo import Desk
from mmviz.viewer.tabs.scene import node_facts as facts
from mmviz.viewer.tabs.scene.histogram_view import BINS, Colors, HistogramView
from mmviz.viewer.tabs.scene.node_settings import NodeSettings, selected

AT_ONCE = 4_000_000
"""Elements whose statistics are computed without letting the window wait."""
NOTHING = "Click a matrix, here or in the picture, to see its numbers and settings."


class NodeForm(QWidget):
    """Follows the selection and the scene on a desk."""

    def __init__(self, desk: Desk, selection: Selection) -> None:
        super().__init__()
        self._desk, self._selection = desk, selection
        self.facts, self.bar = FactSheet(), ScaleBar()
        self.hint = QLabel(NOTHING)
        self.hint.setWordWrap(True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.hint)
        self._column.addWidget(self.facts)
        self._column.addWidget(self.bar)
        selection.changed.connect(lambda _path: self.follow())
        desk.shown.connect(lambda _scene: self.follow())
        self.follow()

    @cached_property
    def settings(self) -> NodeSettings:
        """What can be changed, made when a matrix is first selected: a fifth of what a window takes to open."""
        made = NodeSettings(self._desk, self._selection)
        self._column.addWidget(made)
        return made

    def fill(self) -> str:
        """Let the user choose what the selected matrix is filled with; why that cannot be, where it cannot."""
        node = selected(self._desk, self._selection)
        if node is None:
            return NOTHING
        row = self.settings.rows["source"]
        if row.isHidden():
            return f"{node.name} is computed, and filled with nothing: select what it is made of"
        self.settings.unfold(row)
        if isinstance(row.control, Choice):
            row.control.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return ""

    def point(self, picked: Picked | None) -> None:
        """Mark what is pointed at on the colour bar, where it is of the selected matrix."""
        self.bar.point(shown_of(picked, self._selection.path))

    def follow(self) -> None:
        """Show the selected matrix of the scene."""
        scene = self._desk.scene
        node = selected(self._desk, self._selection)
        self.hint.setVisible(node is None)
        self.facts.setVisible(node is not None)
        if node is None and "settings" in vars(self):
            self.settings.forget()  # hiding it would end what is being typed into it
        if node is not None or "settings" in vars(self):
            self.settings.setVisible(node is not None)
        if node is None:
            self.bar.show_bar(None)
            return
        path, composition = node.path, scene.composition
        wears = " → ".join(worn.function for worn in node.worn)
        said = {
            "Matrix": node.name,
            "Size": facts.shape_in_words(scene.shapes.of[path], scene.shapes.axes[path]),
            "What it is": facts.origin(node, scene.root, scene.document, scene.model_sizes),
            "Wears": wears,
        }
        self.facts.say(said)
        scale = composition.scales[path].told(scene.document.style)
        self.bar.show_bar(bar_of(composition, path), f"Colours: {scale}")
        look, full = composition.looks[of_matrix(path)]
        self.facts.paint(lambda numbers: colors_of(numbers, look, full))
        self.facts.count(composition.values[path], composition.masked.get(path), composition.cancelled.get(path, 0))


class FactSheet(QWidget):
    """Names and words, and the numbers of a matrix in short."""

    def __init__(self) -> None:
        super().__init__()
        self.words: dict[str, QLabel] = {}
        self._names: dict[str, QLabel] = {}
        # Its own: whoever waits for a change must not wait for this, nor the other way round.
        self._background = Background(self)
        self._counted: Any = None
        self._cancelled = 0
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for row, name in enumerate(("Matrix", "Size", "What it is", "Wears", "Numbers")):
            named, words = label(name, "quiet"), label(wraps=True)
            named.setAlignment(Qt.AlignmentFlag.AlignTop)
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.words[name], self._names[name] = words, named
            grid.addWidget(named, row, 0)
            grid.addWidget(words, row, 1)
        self.histogram = HistogramView()
        grid.addWidget(self.histogram, grid.rowCount(), 1)
        self.as_table = QPushButton("As a table …")
        tip_of_now(self.as_table, "All its numbers, to be read, copied and saved ({table})")
        grid.addWidget(self.as_table, grid.rowCount(), 1, Qt.AlignmentFlag.AlignLeft)
        self._colors: Colors | None = None
        self._found: Histogram | None = None
        self.words["Matrix"].setFont(bold_font(self.words["Matrix"]))

    def say(self, said: dict[str, str]) -> None:
        """Show words by their names."""
        for name, words in said.items():
            self.words[name].setText(words)
            self.words[name].setVisible(bool(words))
            self._names[name].setVisible(bool(words))

    def paint(self, colors: Colors) -> None:
        """Show the histogram in the colours that numbers have in the picture now."""
        self._colors = colors
        self.histogram.show_histogram(self._found, colors)

    def count(self, values: Any, mask: Any, cancelled: int = 0) -> None:
        """Show the statistics of numbers, of which some are 0 but for rounding; those of a large matrix come later."""
        if values is self._counted:
            return
        self._counted, self._cancelled = values, cancelled
        if values.size <= AT_ONCE:
            self._background.forget()
            self._show(_counted(values, mask))
            return
        self.words["Numbers"].setText("…")
        self.histogram.hide()
        self._background.start("", lambda: _counted(values, mask), self._show, self.words["Numbers"].setText)

    def _show(self, counted: tuple[Statistics, Histogram | None]) -> None:
        found, self._found = counted
        if self._colors is not None:
            self.histogram.show_histogram(self._found, self._colors)
        lines = ["no finite number"]
        if found.counted:
            lines = [f"{found.least:.4g} to {found.largest:.4g}", f"mean {found.mean:.4g}, std {found.deviation:.4g}"]
        odd = (("NaN", found.nan), ("infinite", found.infinite), ("masked", found.masked))
        lines += [", ".join(f"{count:,} {name}" for name, count in odd if count)]
        lines += [f"{self._cancelled:,} are 0 but for rounding" if self._cancelled else ""]
        self.words["Numbers"].setText("\n".join(line for line in lines if line))


def _counted(values: Any, mask: Any) -> tuple[Statistics, Histogram | None]:
    """The numbers in short, and how often which come; None where there is none."""
    found = statistics(values, mask)
    return found, histogram(values, mask, found.least, found.largest, BINS) if found.counted else None
