"""The window before the window: the start page, or the name of what is loaded; it ends with a scene, or without one."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from mmviz.errors import MmvizError
from mmviz.viewer import settings
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.icons import window_icon
from mmviz.viewer.own_keys import keys_by_name
from mmviz.viewer.session.background import Background
from mmviz.viewer.session.clipboard import as_file, is_link
from mmviz.viewer.session.shown_scene import Shown, ready
from mmviz.viewer.start.left_changes import LeftChanges, left_changes
from mmviz.viewer.start.loading import Loading
from mmviz.viewer.start.preparing import Preparing
from mmviz.viewer.start.start_page import SEVERAL, StartPage

LONGEST = 60
"""Letters of what is loaded."""
Make = Callable[[], Shown]


class StartWindow(QWidget):
    """Is there at once, where and as large as the main window will be.

    Args:
        maker: What makes the scene of a path, a name, a link or a whole scene; it may take long.
        preparing: What can be done while the page is looked at.
    """

    ended = Signal()
    """`scene` is there; or it was closed, and there is none."""

    def __init__(self, maker: Callable[[str], Make], preparing: Preparing) -> None:
        super().__init__()
        self.scene: Shown | None = None
        self.error: Exception | None = None  # why the scene that it was opened for cannot be had
        self.instead: Callable[[str], Make | None] = lambda _text: None
        """Asks the user what takes the place of what is missing, where a text cannot be shown as it is."""
        self.left: list[LeftChanges] = []  # what other windows left, held until this one has ended
        self.recovered: LeftChanges | None = None  # of these, what `scene` is made of
        self.files: list[Path] = []  # whose tensors are to be listed beside the scene
        self._kind: type[Shown] | None = None
        self._text = ""  # that is loaded, until that was asked
        self._maker, self._preparing = maker, preparing
        self._background = Background(self)
        self._only = False  # there is one scene to be loaded, and nothing else
        self._begin: Callable[[], object] = preparing.start  # once it is on the screen
        self._waiting = False
        self.page, self.loading = StartPage(), Loading()
        self._layers = QStackedLayout(self)
        for layer in (self.page, self.loading):
            self._layers.addWidget(layer)
        self.setPalette(theme.palette(theme.named(settings.theme())))
        self.setAutoFillBackground(True)
        self.setWindowIcon(window_icon())
        self.setWindowTitle("Start - mmviz")
        self.setMinimumSize(480, 360)
        settings.place(self)
        for key in keys_by_name()["close"]:
            QShortcut(QKeySequence(key), self, self.close)
        preparing.listed.connect(self.page.show_models)
        self.page.chosen.connect(self.choose)
        self.page.dropped.connect(self.choose_files)
        self.page.recovered.connect(self.recover)
        self.loading.stopped.connect(self.stop)
        self._background.went_on.connect(self.loading.go_on)
        self._background.lies_ahead.connect(self.loading.foresee)

    def load(self, name: str, make: Make) -> None:
        """Load one scene as soon as this is on the screen, and end.

        Args:
            name: What it is called.
            make: Makes it.
        """
        self._only = True
        self._tell(name)
        self._text = name
        self._begin = lambda: self._start(name, make)

    def offer_left(self, kind: type[Shown]) -> None:
        """Offer what windows left that ended unexpectedly.

        Args:
            kind: Makes a scene of it.
        """
        self._kind = kind
        self.left, troubles = left_changes(settings.recovery_folder())
        self.page.offer(self.left)
        if troubles:
            self.page.complain("\n".join(troubles))

    def let_go(self) -> None:
        """What was left, and not recovered, stays for whoever asks for it."""
        for changes in self.left:
            if changes is not self.recovered:
                changes.folder.let_go()
        self.left = []

    def recover(self, changes: LeftChanges) -> None:
        """Load what a window left."""
        kept, kind = changes.kept, self._kind
        if kind is None:
            return
        self._forget_choice()
        self.recovered = changes
        self._tell(kept.name)
        self._start(kept.name, lambda: kind.of(kept.document, kept.folder, kept.where))

    def choose_files(self, places: list[Path]) -> None:
        """Load the first of several files of tensors; the window lists all of them."""
        if self._kind is None or not all(place.is_dir() or self._kind.holds_tensors(place) for place in places):
            self.page.complain(SEVERAL)
            return
        self.choose(str(places[0]))
        self.files = places

    def choose(self, text: str) -> None:
        """Load what was chosen; where that fails, the page says why."""
        self._forget_choice()
        self.page.complain("")
        name, self._text = _said(text), text
        self._tell(name)

        def make() -> Shown:
            self._preparing.finish()
            return self._maker(text)()

        self._start(name, make)

    def stop(self) -> None:
        """Wait no longer: back to the page, or close."""
        self._background.forget()
        if self._only:
            self.close()
        else:
            self._show_page()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to work when this has been drawn."""
        super().showEvent(event)
        if not self._waiting:
            self._waiting = True
            QTimer.singleShot(0, lambda: QTimer.singleShot(0, self._begin))

    def closeEvent(self, event: QCloseEvent) -> None:
        """There is nothing to be lost."""
        self._background.forget()
        super().closeEvent(event)
        self.ended.emit()

    def _forget_choice(self) -> None:
        self.recovered, self.files, self._text = None, [], ""

    def _start(self, name: str, make: Make) -> None:
        def outcome() -> Shown | Exception:
            try:
                scene = ready(make())
            except Exception as error:  # noqa: BLE001  (it is told, or raised, where somebody looks for it)
                return error
            self._preparing.finish()
            return scene

        self._background.start(name, outcome, self._end, self.page.complain)

    def _end(self, outcome: Shown | Exception) -> None:
        if not isinstance(outcome, Exception):
            self.scene = outcome
        elif (make := self._ask_instead()) is not None:
            self._start(self.windowTitle(), make)
            return
        elif self._only:
            self.error = outcome
        else:
            self._show_page()
            known = isinstance(outcome, MmvizError)
            self.page.complain(str(outcome) if known else f"{type(outcome).__name__}: {outcome}")
            return
        self.ended.emit()

    def _ask_instead(self) -> Make | None:
        """Once for each text."""
        text, self._text = self._text, ""
        return self.instead(text) if text else None

    def _tell(self, name: str) -> None:
        self.loading.tell(name)
        self._layers.setCurrentWidget(self.loading)
        self.loading.setFocus()
        self.setWindowTitle(f"Loading {name} - mmviz")

    def _show_page(self) -> None:
        self._layers.setCurrentWidget(self.page)
        self.setWindowTitle("Start - mmviz")


def _said(text: str) -> str:
    """What to call something that was chosen."""
    if is_link(text):
        return "a link"
    if "\n" in text:
        return "a scene"
    place = as_file(text)
    name = text if place is None else place.name
    return name if len(name) <= LONGEST else f"{name[:LONGEST]} …"
