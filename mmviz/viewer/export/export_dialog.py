"""The dialog in which films, pictures and meshes are ordered, and which tells how far they are; makes none itself."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
)

from mmviz.errors import MmvizError
from mmviz.orders.kinds import FRAMES, ExportKind, is_folder
from mmviz.orders.order import FilmOrder, MeshOrder, Order, PageOrder
from mmviz.viewer import settings
from mmviz.viewer.controls import theme
from mmviz.viewer.export.export_form import ExportForm, with_ending
from mmviz.viewer.export.export_strip import progress_told, show_in_folder
from mmviz.viewer.export.exporter import Exporter
from mmviz.viewer.host import Host
from mmviz.viewer.session.file_names import free, stem_of
from mmviz.viewer.session.shown_scene import Shown

WIDTH, LOWEST = 520, 120
"""Pixels of the dialog, and of its fields where there is no room for all."""


class ExportDialog(QDialog):
    """Orders exports. The window can be used meanwhile, also while one is under way.

    Args:
        window: Whose scene is exported.
        exporter: Makes it.
    """

    def __init__(self, window: Host, exporter: Exporter) -> None:
        super().__init__(window)
        self._window, self._exporter = window, exporter
        self._proposed = ""  # the name that was proposed last; what the user types is never replaced
        self._to_replace = ""  # a name of which the user knows that it is there
        self._written: Path | None = None
        self.setWindowTitle("Export - mmviz")
        self.form = ExportForm()
        self.message = QLabel()
        self.progress = QProgressBar()
        self.export = QPushButton("Export")
        self.cancel = QPushButton("Close")
        self.folder = QPushButton("Open folder")
        self._assemble()
        self._connect()
        self.take(window.desk.scene)
        self._show_state()

    def present(self) -> None:
        """Show it, in front, for what the window shows now."""
        if not self._exporter.running:
            self._say("")
        self.form.follow_window()
        self._follow(self._window.player.time)
        self._show_view()
        self._propose()
        self.show()
        self.raise_()
        self.activateWindow()

    def present_film_from_view(self) -> None:
        """Show it for a film that is seen as in the window."""
        self.form.film_from_window()
        self.present()

    def take(self, scene: Shown) -> None:
        """Export another scene from now on."""
        self.form.take(scene.document.export, scene.composition.timeline.steps)
        self._propose()
        self._count()

    def order(self) -> Order:
        """What the form asks for."""
        order = self.form.order(self._window.player.moment)
        if not self.form.from_window or isinstance(order, MeshOrder | PageOrder):
            return order
        view = self._window.view
        camera = self.form.widened(view.camera, view.aspect)
        if isinstance(order, FilmOrder):
            return replace(order, camera=camera, hidden=view.emphasis.hidden)
        return replace(order, camera=camera, emphasis=view.emphasis)

    # how it is put together

    def _assemble(self) -> None:
        self.setAttribute(Qt.WidgetAttribute.WA_WindowPropagation)  # the theme of the main window
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message.setMinimumHeight(2 * self.fontMetrics().height() + 6)
        self.message.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.export.setDefault(True)
        self.export.setToolTip("Make it, in a process of its own: the window stays usable")
        self.folder.setToolTip("Show what was written in the file manager")
        self.folder.hide()
        buttons = QHBoxLayout()
        buttons.addWidget(self.folder)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        buttons.addWidget(self.export)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        self.fields = QScrollArea()
        self.fields.setWidget(self.form)
        self.fields.setWidgetResizable(True)
        self.fields.setFrameShape(QFrame.Shape.NoFrame)
        self.fields.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the first field has the keyboard, and Tab goes on from it
        self.fields.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.addWidget(self.fields, 1)
        column.addWidget(self.progress)
        column.addWidget(self.message)
        column.addLayout(buttons)
        self._settle_size(column)

    def _settle_size(self, column: QVBoxLayout) -> None:
        """As large as the kind of export with most fields needs: nothing jumps when another one is chosen.

        Where the screen has no room for it, the fields are scrolled.
        """
        stays = self.progress.sizePolicy()
        stays.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(stays)
        fields = self.form.largest()
        margins = column.contentsMargins()
        bar = self.fields.verticalScrollBar().sizeHint().width()
        self.fields.setMinimumSize(fields.width() + bar, min(fields.height(), LOWEST))
        below = column.sizeHint().height() - self.fields.sizeHint().height()
        wide = max(WIDTH, fields.width() + bar + margins.left() + margins.right())
        room = self.screen().availableSize()
        self.resize(wide, min(fields.height() + below, round(0.9 * room.height())))

    def _connect(self) -> None:
        self.export.clicked.connect(self._start)
        self.cancel.clicked.connect(self._cancel)
        self.folder.clicked.connect(self._open_folder)
        self.form.browse.clicked.connect(self._browse)
        self.form.kind_changed.connect(self._propose)
        self.form.changed.connect(self._count)
        self._exporter.changed.connect(self._show_state)
        self._exporter.ended.connect(self._end)
        self._exporter.stopped.connect(self._tell_stopped)
        self._window.desk.shown.connect(self.take)
        self._window.player.moved.connect(self._follow)
        self._window.view.drawn.connect(self._show_view)

    # the form

    def _propose(self) -> None:
        """Propose a name that fits what is exported, unless the user has typed one."""
        ending = self.form.kind.ending
        typed = self.form.file.text().strip()
        if typed not in ("", self._proposed):
            self.form.file.setText(with_ending(typed, ending))
            return
        file = self._window.desk.file
        folder = settings.last_folder("export") or (Path.cwd() if file is None else file.parent)
        stem = stem_of(self._window.desk.scene, file) + ("_frames" if is_folder(ending) else "")
        self._proposed = free(folder, stem, ending)
        self.form.file.setText(self._proposed)

    def _browse(self) -> None:
        place = ask_file(self, self.form.kind, self.form.file.text().strip())
        if place:
            self.form.file.setText(place)
            self._to_replace = place

    def _follow(self, time: float) -> None:
        self.form.show_time(time)

    def _show_view(self) -> None:
        view = self._window.view
        ratio = view.devicePixelRatioF()
        self.form.sizes.show_window(round(view.width() * ratio), round(view.height() * ratio))

    def _count(self) -> None:
        """Say how long the film will be."""
        if not self.form.moves:
            return
        try:
            rate = self.form.sizes.fps.value()
            frames = len(self._window.desk.scene.film(rate, self.form.steps))
        except MmvizError as error:
            self.form.length.setText("not possible")
            self.form.length.setToolTip(str(error))
        else:
            self.form.length.setText(f"{frames:,} frames, {frames / rate:.1f} s")
            self.form.length.setToolTip("The film's length")

    # the work

    def _start(self) -> None:
        order = self.order()
        if not order.path:
            self._say("a file is needed: type a name, or choose one with Browse.", trouble=True)
            return
        if self.form.kind is not FRAMES and order.place.is_file() and self._to_replace != order.path:
            self._to_replace = order.path
            self._say(f"{order.path} is there already; press Export once more to replace it.", trouble=True)
            return
        try:
            self._exporter.start(self._window.desk.scene, order)
        except (MmvizError, OSError) as error:
            self._say(str(error), trouble=True)
            return
        self._to_replace, self._written = "", None
        settings.keep_folder("export", order.place.parent)
        self._show_state()

    def _cancel(self) -> None:
        if self._exporter.running:
            self._exporter.stop()
        else:
            self.close()

    def _end(self, order: Order, trouble: str) -> None:
        if trouble:
            self._say(trouble, trouble=True)
            return
        self._written = order.place.absolute()
        self._say(f"Done: {self._written}")
        self.folder.show()
        if self.form.file.text().strip() == self._proposed:
            self._propose()

    def _tell_stopped(self, order: Order) -> None:
        self._say(f"{order.place.name}: cancelled; nothing is left of it.")

    def _open_folder(self) -> None:
        if self._written is not None:
            show_in_folder(self._written)

    def _show_state(self) -> None:
        """How far it is."""
        running = self._exporter.running
        self.export.setEnabled(not running)
        self.cancel.setText("Cancel" if running else "Close")
        self.cancel.setToolTip("Stop the export; nothing is left of it" if running else "Close this dialog (Esc)")
        self.cancel.setEnabled(not self._exporter.stopping)
        self.progress.setVisible(running)
        if not running or self._exporter.order is None:
            return
        self.folder.hide()
        done, count = self._exporter.frames
        self.progress.setRange(0, count)  # 0, 0: it moves without an end
        self.progress.setValue(done)
        self._say(progress_told(self._exporter))

    def _say(self, text: str, *, trouble: bool = False) -> None:
        theme.tint(self.message, "trouble" if trouble else "text")
        self.message.setText(text)


def ask_file(dialog: QDialog, kind: ExportKind, proposed: str) -> str:
    """The file that the user chooses, or ""; they were asked if it is there already."""
    name, _ = QFileDialog.getSaveFileName(dialog, "Export into", proposed.rstrip("/"), kind.files)
    return with_ending(name, kind.ending) if name else ""
