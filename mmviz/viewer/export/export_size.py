"""How large and how fast an export is: sizes that have a name, and the numbers themselves; draws nothing."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from mmviz.machine.output_files import LARGEST_STILL
from mmviz.orders.kinds import KINDS, ExportKind
from mmviz.render.film.qualities import QUALITIES
from mmviz.scene.keys.options import ExportOptions
from mmviz.viewer.controls.fields import unasked

TITLES = {
    "own": "As the scene says",
    "l": "Small",
    "m": "Medium",
    "h": "Large",
    "k": "4K",
    "window": "As the window",
    "other": "Other",
}


class SizeFields(QObject):
    """Fields for width, height and frames a second, and a list of those that go together."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._own = ExportOptions()
        self._window_size = (1280, 720)
        self._even = True
        self.preset = QComboBox()
        self.wide, self.high = whole(1, LARGEST_STILL), whole(1, LARGEST_STILL)
        self.fps = whole(1, max(kind.fastest for kind in KINDS))
        self.pixels = row(self.wide, QLabel("×"), self.high, QLabel("pixels"))
        for name in TITLES:
            self.preset.addItem("", name)
        self._name()
        self._use()
        self._explain()
        self.preset.activated.connect(self._use)
        for field in (self.wide, self.high, self.fps):
            field.valueChanged.connect(self._note)

    def take(self, own: ExportOptions) -> None:
        """What the scene itself says now."""
        if own != self._own:
            self._own = own
            self._refresh("own")

    def show_window(self, width: int, height: int) -> None:
        """The window's picture has this size, in pixels."""
        if (width, height) != self._window_size:
            self._window_size = width, height
            self._refresh("window")

    def adapt(self, kind: ExportKind) -> None:
        """Propose what suits a kind."""
        self._even = bool(kind.even)
        if kind.moves:
            with unasked(self.fps):
                self.fps.setMaximum(kind.fastest)
        self.preset.setCurrentIndex(self.preset.findData(kind.proposed))
        self._use()

    def _explain(self) -> None:
        self.preset.setToolTip("Width, height and frames a second that go together")
        self.wide.setToolTip("Width in pixels; even for MP4 and WebM")
        self.high.setToolTip("Height in pixels; even for MP4 and WebM")
        self.fps.setToolTip("Frames a second")

    def _refresh(self, name: str) -> None:
        self._name()
        if self.preset.currentData() == name:
            self._use()

    def _name(self) -> None:
        """Say in the list what each size is."""
        for number, (name, title) in enumerate(TITLES.items()):
            known = self._known(name)
            numbers = "" if known is None else f":  {known[0]} × {known[1]}"
            rate = f", {known[2]} a second" if known and known[2] else ""
            self.preset.setItemText(number, title + numbers + rate)

    def _known(self, name: str) -> tuple[int, int, int] | None:
        """Width, height and frames a second (0: any) of a size; None of one that has none of its own."""
        if name == "own":
            return self._own.width, self._own.height, self._own.fps
        if name == "window":
            return *self._window_size, 0
        return QUALITIES.get(name)

    def _use(self) -> None:
        """Put the numbers of the chosen size into the fields."""
        known = self._known(self.preset.currentData())
        if known is None:
            return
        unit = 2 if self._even else 1
        wide, high, fps = known[0] // unit * unit, known[1] // unit * unit, known[2] or self.fps.value()
        for field, value in ((self.wide, wide), (self.high, high), (self.fps, fps)):
            with unasked(field):
                field.setValue(value)
        self.changed.emit()

    def _note(self) -> None:
        """The user has typed a number: it is none of the sizes that have a name."""
        self.preset.setCurrentIndex(self.preset.findData("other"))
        self.changed.emit()


def whole(least: int, most: int) -> QSpinBox:
    """A field for a whole number."""
    field = QSpinBox()
    field.setRange(least, most)
    return field


def row(*fields: QWidget, wide: QWidget | None = None) -> QWidget:
    """Fields side by side.

    Args:
        fields: From left to right.
        wide: The one that takes the room that is left; without it the room stays empty.
    """
    made = QWidget()
    line = QHBoxLayout(made)
    line.setContentsMargins(0, 0, 0, 0)
    for field in fields:
        line.addWidget(field, 1 if field is wide else 0)
    if wide is None:
        line.addStretch(1)
    return made
