"""Opening, saving, pasting and dropping of scenes, recent files and screenshots; reads and draws nothing itself."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QTimer
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from mmviz.errors import MmvizError
from mmviz.machine.output_files import whole_file
from mmviz.render.film.png import save_png
from mmviz.viewer import settings
from mmviz.viewer.browser.missing_matrices import filled
from mmviz.viewer.browser.tensors import TensorFiles
from mmviz.viewer.host import Host
from mmviz.viewer.question import Answer, Question
from mmviz.viewer.session.clipboard import as_file, is_link, maker, named_by
from mmviz.viewer.session.file_names import OPENED, SCENE_FILES, is_shipped, numbered, own_file, stem_of
from mmviz.viewer.session.shown_scene import Shown
from mmviz.viewer.start.start_page import NOTHING, SEVERAL

SAVED = "Scenes (*.yaml *.yml *.json)"
LONGEST_SAID = 60
"""Letters of what is opened, in the status line."""


class Files(QObject):
    """What a window does with files.

    Args:
        window: Its desk holds the scene. `settle` is called when its menus are there.
    """

    def __init__(self, window: Host) -> None:
        super().__init__(window)
        self._window = window
        self._desk = window.desk
        self._made: tuple[Shown, Path] | None = None  # what was made of which file last
        self._leaving = False  # nothing is asked any more
        self.recent_menu = QMenu("Open recent")
        self.tensors = TensorFiles(window, self._show_made)

    def bindings(self) -> Mapping[str, Callable[[], object]]:
        """What commands do."""
        return {
            "open": self.open,
            "paste": self.paste,
            "save": self.save,
            "save_as": self.save_as,
            "screenshot": self.screenshot,
            **self.tensors.bindings(),
        }

    def settle(self) -> None:
        """Take up the rest of the work: menu, drops, and what was remembered."""
        window = self._window
        # Not by QAction.menu(): before PySide6 6.11.2 the menu dies with what that gives.
        menu = next(menu for menu in window.menuBar().findChildren(QMenu) if menu.title() == "File")
        menu.insertMenu(window.actions_by_name["paste"], self.recent_menu)
        self.recent_menu.aboutToShow.connect(self._fill_recent)
        self.recent_menu.setToolTipsVisible(True)
        window.setAcceptDrops(True)
        window.installEventFilter(self)
        self._desk.opened.connect(self._remember)
        self._desk.file = own_file(self._desk.scene)
        if self._desk.file is not None:
            settings.remember(self._desk.file)
        settings.restore_window(window)
        first = as_file(self._desk.scene.where)
        if first is not None and self._desk.scene.holds_tensors(first):  # it shows one matrix of several
            QTimer.singleShot(0, self, lambda: self.tensors.take([first], seen=True))

    def may_leave(self) -> bool:
        """Whether the scene may be given up: it is unchanged or saved, or the user does not want it any more."""
        if self._leaving or not self._desk.unsaved:
            return True
        answer = ask_unsaved(self._window, stem_of(self._desk.scene, self._desk.file))
        return answer == Answer.Discard or (answer == Answer.Save and self.save())

    def leave(self) -> None:
        """The window was closed: ask nothing any more, and remember where it stood."""
        if not self._leaving:
            settings.keep_window(self._window)
            self._desk.leaving.emit()
            self.tensors.end()
        self._leaving = True

    # opening

    def open(self) -> None:
        """Let the user choose a file, and show it."""
        chosen = ask_open(self._window, self._folder("open"))
        if chosen is not None:
            settings.keep_folder("open", chosen.parent)
            self.open_named(str(chosen))

    def open_named(self, text: str) -> None:
        """Show what a text names or says: a path, a link, or a whole scene."""
        place = as_file(text)
        if place is not None and self.tensors.take([place]):
            return
        if not self.may_leave():
            return
        make = maker(text if place is None else str(place), self._window.opener, self._desk.scene, Path.cwd())
        if place is None:
            chosen = filled(self._window, text, self._desk.scene, make)
            if chosen is not None:
                self._desk.open(f"opening {_said(text)} …", chosen)
            return
        is_own = place.suffix.lower() in SCENE_FILES and not is_shipped(place)
        self._desk.open(f"opening {place.name} …", self._noting(make, place), place if is_own else None)

    def open_several(self, places: Sequence[Path]) -> None:
        """List the tensors of several files."""
        if not self.tensors.take(places):
            self._window.complain(SEVERAL)

    def _show_made(self, text: str, make: Callable[[], Shown], place: Path | None) -> None:
        """Show a scene that has no file of its own, if the one before may be given up."""
        if self.may_leave():
            self._desk.open(text, make if place is None else self._noting(make, place))

    def _noting(self, make: Callable[[], Shown], place: Path) -> Callable[[], Shown]:
        """The same, which notes of which file the scene was made, to remember it where it is shown."""

        def make_and_note() -> Shown:
            scene = make()
            self._made = scene, place
            return scene

        return make_and_note

    def paste(self) -> None:
        """Show what the clipboard names or says."""
        text = named_by(QGuiApplication.clipboard().mimeData())
        if text:
            self.open_named(text)
        else:
            self._window.complain(NOTHING)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is dropped on the window."""
        if event.type() == QEvent.Type.DragEnter and isinstance(event, QDropEvent):
            offered = event.mimeData()
            if offered.hasUrls() or offered.hasText():
                event.acceptProposedAction()
            return True
        if event.type() == QEvent.Type.Drop and isinstance(event, QDropEvent):
            event.acceptProposedAction()
            self._take_drop(event.mimeData())
            return True
        return super().eventFilter(watched, event)

    def _take_drop(self, offered: QMimeData) -> None:
        text = named_by(offered)
        if len(offered.urls()) > 1:
            places = [Path(url.toLocalFile()) for url in offered.urls() if url.isLocalFile()]
            self.open_several(places if len(places) == len(offered.urls()) else ())
        elif text:
            self.open_named(text)

    def _remember(self, scene: Shown) -> None:
        if self._made is not None and self._made[0] is scene:
            settings.remember(self._made[1])
            self._made = None

    def _fill_recent(self) -> None:
        menu = self.recent_menu
        menu.clear()
        for place in settings.recent():
            action = menu.addAction(f"{place.name}    {place.parent.name}".replace("&", "&&"))
            action.setToolTip(str(place))
            action.triggered.connect(lambda _checked=False, place=place: self.open_named(str(place)))
        if menu.isEmpty():
            menu.addAction("No files yet").setEnabled(False)
            return
        menu.addSeparator()
        menu.addAction("Forget these").triggered.connect(settings.forget_recent)

    # saving

    def save(self) -> bool:
        """Write the scene into its file; ask for one where it has none. True if it was written."""
        file = self._desk.file
        return self.save_as() if file is None or is_shipped(file) else self._write(file)

    def save_as(self) -> bool:
        """Let the user choose a file, and write the scene into it. True if it was written."""
        folder = self._folder("save")
        chosen = ask_save(self._window, folder / f"{stem_of(self._desk.scene, self._desk.file)}.yaml")
        if chosen is None:
            return False
        if is_shipped(chosen):
            self._window.complain(f"{chosen}: this scene comes with mmviz and stays as it is; choose another name.")
            return False
        settings.keep_folder("save", chosen.parent)
        return self._write(chosen)

    def _write(self, file: Path) -> bool:
        if not self._desk.save(file):
            return False
        settings.remember(file)
        self._window.tell(self._desk.note or f"Saved: {file}")
        return True

    def screenshot(self) -> None:
        """Write what is shown as a PNG, beside the scene's file or into the working folder."""
        file = self._desk.file
        try:
            picture = self._window.view.picture()
            place = numbered(Path.cwd() if file is None else file.parent, stem_of(self._desk.scene, file), ".png")
            with whole_file(place) as part:
                save_png(part, picture)
        except (MmvizError, OSError) as error:
            self._window.complain(f"Screenshot: {error}")
            return
        self._window.tell(f"Screenshot: {place}")

    def _folder(self, purpose: str) -> Path:
        """Where a dialog begins: where it was last, or else at the scene's file."""
        kept, file = settings.last_folder(purpose), self._desk.file
        return kept or (Path.cwd() if file is None else file.parent)


def ask_open(window: Host, folder: Path) -> Path | None:
    """The file that the user chooses; None where they change their mind."""
    name, _ = QFileDialog.getOpenFileName(window, "Open a scene or a model", str(folder), OPENED)
    return Path(name) if name else None


def ask_save(window: Host, proposed: Path) -> Path | None:
    """The file that the user wants the scene in; they were asked if it is there already."""
    dialog = QFileDialog(window, "Save the scene as", str(proposed.parent), SAVED)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("yaml")
    dialog.selectFile(proposed.name)
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return Path(chosen[0]) if chosen else None


def ask_unsaved(window: Host, name: str) -> Answer:
    """Save, Discard or Cancel."""
    words = {Answer.Save: "&Save", Answer.Discard: "&Discard", Answer.Cancel: "Cancel"}
    return Question(window, f"Save the changes of {name}?", "They are lost otherwise.", words).answer()


def _said(text: str) -> str:
    if is_link(text):
        return "a link"
    line = " ".join(text.split())
    return "a scene" if "\n" in text else line if len(line) <= LONGEST_SAID else f"{line[:LONGEST_SAID]} …"
