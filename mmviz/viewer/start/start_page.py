"""The start page: examples, templates, recent files, models of this machine; it tells what is chosen, opens nothing."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QFileDialog, QFrame, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from mmviz.scene.templates import TEMPLATES
from mmviz.viewer import settings
from mmviz.viewer.controls.fields import Trouble
from mmviz.viewer.controls.plain_label import label
from mmviz.viewer.own_keys import keys_by_name
from mmviz.viewer.session.clipboard import named_by
from mmviz.viewer.session.file_names import OPENED, SCENE_FILES
from mmviz.viewer.session.models_here import ModelHere, told
from mmviz.viewer.start.entries import Card, Line
from mmviz.viewer.start.examples import EXAMPLES, picture_of
from mmviz.viewer.start.gallery_sections import gallery_sections
from mmviz.viewer.start.groups import Group
from mmviz.viewer.start.left_changes import LeftChanges
from mmviz.viewer.wording import begun

SIDE = 264
"""Width of the column with what can be opened, in pixels."""
CARD, SMALL_CARD, SMALLEST_CARD, GAP = 200, 168, 140, 14
"""Least width of a card, of a template's card, of one of only two beside each other, and the space between them."""
WIDE_LINE = 320
"""Least width of what was left by a window."""
BROAD = 700
"""Width from which the two columns stand side by side."""
WIDEST = 1500
ABOVE = 44
"""Pixels above and below what has the keyboard that are in sight, too: its heading."""
LEFT = "A window ended unexpectedly; its unsaved changes were kept."
SEVERAL = "Drop one file at a time, or several files of tensors."
NOTHING = "There is nothing to paste: copy a scene, a link of mm or a path first."
HINT = "Path, link or Hugging Face id"


class StartPage(QScrollArea):
    """Everything that one can begin with, in one page that is scrolled."""

    chosen = Signal(str)
    """A path, a name, a link or a whole scene."""
    dropped = Signal(list)
    """Several files, at once."""
    recovered = Signal(object)
    """The `LeftChanges` that are to be opened."""

    def __init__(self) -> None:
        super().__init__()
        self.left = Group(WIDE_LINE, 2)
        self.trouble, self.note = Trouble(), label()
        self.name = QLineEdit()
        self.name.setPlaceholderText(HINT)
        self.name.setClearButtonEnabled(True)
        self.name.setAccessibleName(HINT)
        self.examples, self.templates = Group(CARD, GAP, SMALLEST_CARD), Group(SMALL_CARD, GAP, SMALLEST_CARD)
        self.gallery = gallery_sections(CARD, GAP, SMALLEST_CARD)
        self.open, self.recent, self.models = Group(SIDE, 2), Group(SIDE, 2), Group(SIDE, 2)
        self.no_models = label("Looking …", "quiet")
        self._recent_heading = _heading("Recent")
        self._assemble()
        self._fill()
        groups = [section.group for section in self.gallery]
        for group in (self.examples, self.templates, self.recent, self.models, *groups):
            group.chosen.connect(self.chosen.emit)
        self.open.chosen.connect(lambda do: do())
        self.left.chosen.connect(self.recovered)
        for group in (self.left, self.open, self.recent, self.models, self.examples, self.templates, *groups):
            group.reached.connect(lambda entry: self.ensureWidgetVisible(entry, 0, ABOVE))
        for section in self.gallery:
            section.filled.connect(self._order)
        self.name.returnPressed.connect(self._take_name)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Tab leads to what can be chosen
        keys = keys_by_name()
        for name, do in (("open", self.ask_file), ("open_model", self.ask_folder), ("paste", self.paste)):
            for key in keys[name]:
                QShortcut(QKeySequence(key), self, do)

    def refresh(self) -> None:
        """Show the files and models that were opened last, as they are now."""
        files = [(_recent_line(place), str(place)) for place in settings.recent()]
        models = [(Line(name, "model", "open_model"), name) for name in settings.recent_models()]
        self.recent.show_entries([*files, *models])
        for part in (self.recent, self._recent_heading):
            part.setVisible(bool(self.recent.entries))
        self._order()

    def show_models(self, models: Sequence[ModelHere]) -> None:
        """Show the models of this machine."""
        self.models.show_entries([(_model_line(model), model.name) for model in models])
        self.models.setVisible(bool(models))
        self.no_models.setText("None found.")
        self.no_models.setVisible(not models)
        self._order()

    def show_examples(self) -> None:
        """Scroll to the examples; the first has the keyboard."""
        first = self.examples.entries[0]
        first.setFocus(Qt.FocusReason.TabFocusReason)
        QTimer.singleShot(0, lambda: self.ensureWidgetVisible(first, 0, ABOVE))  # once all has its place

    def complain(self, message: str) -> None:
        """Say what went wrong, in sight; "": nothing."""
        self.trouble.say(message)
        if message:
            QTimer.singleShot(0, lambda: self.ensureWidgetVisible(self.trouble))

    def offer(self, left: Sequence[LeftChanges]) -> None:
        """Offer, above all else, what windows left that ended unexpectedly."""
        self.note.setText(LEFT)
        self.left.show_entries([(changes.line(), changes) for changes in left])
        for part in (self.note, self.left):
            part.setVisible(bool(left))
        self._order()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One column below the other where there is no room for both."""
        broad = event.size().width() >= BROAD
        direction = QBoxLayout.Direction.LeftToRight if broad else QBoxLayout.Direction.TopToBottom
        if self._columns.direction() != direction:
            self._columns.setDirection(direction)
        self._side.setFixedWidth(SIDE) if broad else self._side.setMaximumWidth(16_777_215)
        super().resizeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files, links and texts are welcome."""
        if event.mimeData().hasUrls() or event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """What was dropped is chosen."""
        event.acceptProposedAction()
        text, urls = named_by(event.mimeData()), event.mimeData().urls()
        if len(urls) > 1 and all(url.isLocalFile() for url in urls):
            self.complain("")
            self.dropped.emit([Path(url.toLocalFile()) for url in urls])
        elif len(urls) > 1:
            self.complain(SEVERAL)
        elif text:
            self.chosen.emit(text)

    # what is asked for

    def ask_file(self) -> None:
        """Let the user choose a scene or a model's file."""
        name, _ = QFileDialog.getOpenFileName(self, "Open a scene or a model", self._folder(), OPENED)
        self._take(name)

    def ask_folder(self) -> None:
        """Let the user choose a model's folder."""
        self._take(QFileDialog.getExistingDirectory(self, "Open a model's folder", self._folder()))

    def paste(self) -> None:
        """What the clipboard names or says is chosen."""
        text = named_by(QGuiApplication.clipboard().mimeData())
        self.complain("" if text else NOTHING)
        if text:
            self.chosen.emit(text)

    def _take(self, path: str) -> None:
        if path:
            settings.keep_folder("open", Path(path).parent)
            self.chosen.emit(path)

    def _take_name(self) -> None:
        if self.name.text().strip():
            self.chosen.emit(self.name.text().strip())

    def _folder(self) -> str:
        return str(settings.last_folder("open") or Path.cwd())

    # how it is put together

    def _order(self) -> None:
        """Tab goes down the left column, and then down the right one; entries that came later would come last."""
        right = (*self.recent.entries, *self.models.entries, *self.examples.entries, *self.templates.entries)
        below = (stop for section in self.gallery for stop in (section.head, *section.group.entries))
        stops = (*self.left.entries, *self.open.entries, self.name, *right, *below)
        for before, after in pairwise(stops):
            self.setTabOrder(before, after)

    def _fill(self) -> None:
        asks = (
            ("Open a file …", "open", self.ask_file),
            ("Open a model's folder …", "open_model", self.ask_folder),
            ("Paste a link, a path or a scene", "paste", self.paste),
        )
        self.open.show_entries([(Line(text, "", drawn), ask) for text, drawn, ask in asks])
        self.examples.show_entries(
            [(Card(one.title, begun(one.sentence), picture_of(one.name)), one.name) for one in EXAMPLES]
        )
        self.templates.show_entries(
            [(Card(one.title, one.sentence, picture_of(f"new_{one.name}")), one.text) for one in TEMPLATES]
        )
        self.refresh()
        self.models.hide()
        self.left.hide()

    def _assemble(self) -> None:
        page = QWidget()
        whole = QVBoxLayout(page)
        whole.setContentsMargins(28, 20, 28, 24)
        whole.setSpacing(0)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(32)
        for part in (_name(), label("Matrix multiplication and attention in three dimensions", "quiet")):
            whole.addWidget(part)
        whole.addSpacing(10)
        whole.addWidget(self.note)
        whole.addWidget(self.left)
        whole.addWidget(self.trouble)
        self.note.setWordWrap(True)
        self.note.hide()
        whole.addLayout(self._columns)
        whole.addStretch(1)
        self._side = _column(
            (_heading("Open"), self.open, self.name, label("or drop files on this window", "quiet")),
            (self._recent_heading, self.recent),
            (_heading("Models on this machine"), self.no_models, self.models),
        )
        main = _column(
            (_heading("Examples"), self.examples),
            (_heading("New from a template"), self.templates),
            (_heading("Gallery"), *self.gallery),
        )
        for column, share in ((self._side, 0), (main, 1)):
            self._columns.addWidget(column, share, Qt.AlignmentFlag.AlignTop)
        page.setMaximumWidth(WIDEST)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


def _recent_line(place: Path) -> Line:
    is_scene = place.suffix.lower() in SCENE_FILES
    line = Line(place.stem if is_scene else place.name, str(place.parent), "recent" if is_scene else "open_model")
    line.setToolTip(str(place))
    return line


def _model_line(model: ModelHere) -> Line:
    line = Line(model.title, told(model), "open_model")
    if model.trouble:
        line.say_no(f"{model.title} cannot be drawn: {model.trouble}")
    else:
        line.setToolTip(f"Show layer 0, head 0 of {model.name}")
    return line


def _column(*parts: tuple[QWidget, ...]) -> QWidget:
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(6)
    for part in parts:
        for widget in part:
            column.addWidget(widget)
    column.addStretch(1)
    return made


def _name() -> QLabel:
    name = label("mmviz", bold=True)
    font = name.font()
    font.setPointSizeF(1.9 * font.pointSizeF())
    name.setFont(font)
    return name


def _heading(text: str) -> QLabel:
    heading = label(text, bold=True)
    heading.setContentsMargins(0, 14, 0, 2)
    return heading
