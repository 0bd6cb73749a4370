"""Opens files whose tensors are listed, shows the list, and the scenes that are made of it; reads nothing itself."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtWidgets import QFileDialog

from mmviz.errors import MmvizError
from mmviz.scene.changes.of_tensors import Offer, document_of
from mmviz.viewer import settings
from mmviz.viewer.browser.tensor_browser import TensorBrowser
from mmviz.viewer.host import Host
from mmviz.viewer.key_words import key_of
from mmviz.viewer.session.shown_scene import Shown, Tensors, ready

FILES = "Tensors (*.npy *.npz *.csv *.tsv *.txt *.pt *.pth *.safetensors *.gguf);;All files (*)"
ARRAYS = (".npy", ".npz", ".csv", ".tsv", ".txt", ".pt", ".pth")
"""Endings of files that are no model of which a head could be drawn."""
Listed = tuple[Sequence[Tensors], str]
"""Lists of tensors, and what there is to say of them."""


class TensorFiles(QObject):
    """What a window does with files of tensors.

    Args:
        window: Its desk holds the scene.
        show_made: Shows a scene that was made of a file, when what was before may be given up.
    """

    def __init__(self, window: Host, show_made: Callable[[str, Callable[[], Shown], Path | None], object]) -> None:
        super().__init__(window)
        self._window = window
        self._show_made = show_made
        self.browser: TensorBrowser | None = None
        self._made: Shown | None = None  # of what was chosen last
        window.desk.opened.connect(self._make_room)

    def bindings(self) -> Mapping[str, Callable[[], object]]:
        """What commands do."""
        return {"tensors": self.browse_model}

    def take(self, places: Sequence[Path], *, anew: bool = True, seen: bool = False) -> bool:
        """Show what these files or folders hold; False where one of them is of another kind, and nothing is done.

        Args:
            places: Files of tensors; or one model, whose head is shown where it can be drawn.
            anew: False: beside the tensors that are listed already.
            seen: The scene shows the first of them: a list of that one alone would only stand before it.
        """
        scene, opener = self._window.desk.scene, self._window.opener
        if not places or not all(place.is_dir() or scene.holds_tensors(place) for place in places):
            return False

        def look() -> Shown | Listed:
            if len(places) > 1 or not anew or places[0].suffix.lower() in ARRAYS:
                return [scene.tensors_in(place) for place in places], ""
            try:
                return ready(opener(str(places[0])))
            except MmvizError as error:
                return _instead(scene, places[0], error)

        def done(found: Shown | Listed) -> None:
            if not isinstance(found, tuple):
                self._show_made(f"opening {places[0].name} …", lambda: found, places[0])
                return
            for place in places:
                settings.remember(place)
            if not seen or sum(len(one.tensors) for one in found[0]) > 1:
                self._browse(*found, anew=anew)

        name = places[0].name if len(places) == 1 else f"{len(places)} files"
        self._window.desk.background.start(f"opening {name} …", look, done, self._window.desk.failed.emit)
        return True

    def browse_model(self) -> None:
        """Show the tensors of the scene's model, or of the file that one of its matrices is from."""
        scene = self._window.desk.scene
        files = [scene.folder / source.file for source in scene.document.tensors.values() if hasattr(source, "file")]

        def look() -> Sequence[Tensors]:
            model = scene.model_place()
            places = list(dict.fromkeys(files)) if model is None else [model]
            return [scene.tensors_in(place) for place in places]

        if scene.document.model is None and not files:
            self._window.complain(
                f"This scene has no model and reads no file; {key_of('open')} opens a file of tensors."
            )
            return
        failed = self._window.desk.failed.emit
        self._window.desk.background.start("reading the tensors' names …", look, self._browse, failed)

    def end(self) -> None:
        """The window is being closed."""
        if self.browser is not None:
            self.browser.end()

    def _browse(self, lists: Sequence[Tensors], note: str = "", *, anew: bool = True) -> None:
        if self.browser is None:
            desk = self._window.desk
            self.browser = TensorBrowser(self._window, lambda: desk.scene.document.style)
            self.browser.wanted.connect(self._make)
            self.browser.add_asked.connect(self._add)
            self.browser.dropped.connect(self._take_drop)
        self.browser.browse(lists, note, anew=anew)

    def _make(self, offer: Offer) -> None:
        like = self._window.desk.scene
        document, folder = document_of(offer)

        def make() -> Shown:
            self._made = like.of(document, folder)
            return self._made

        self._show_made(f"reading {offer.factors[0].tensor.called} …", make, None)

    def _make_room(self, scene: Shown) -> None:
        """Let what was chosen be seen: the list stands before it."""
        if scene is self._made and self.browser is not None:
            self.browser.hide()
            self._window.tell(f"{scene.document.title}.  {key_of('tensors')} goes back to the list of tensors")
        self._made = None

    def _add(self) -> None:
        begin = settings.last_folder("open") or Path.cwd()
        names, _ = QFileDialog.getOpenFileNames(self.browser, "Add files of tensors", str(begin), FILES)
        self._add_places([Path(name) for name in names])

    def _take_drop(self, offered: QMimeData) -> None:
        self._add_places([Path(url.toLocalFile()) for url in offered.urls() if url.isLocalFile()])

    def _add_places(self, places: Sequence[Path]) -> None:
        if places and not self.take(places, anew=False):
            self._window.complain(f"{places[0].name}: holds no tensors that can be listed.")


def _instead(scene: Shown, place: Path, error: MmvizError) -> Listed:
    """The tensors of what is no model that can be drawn.

    Raises:
        MmvizError: it holds none, either.
    """
    try:
        return [scene.tensors_in(place)], f"No head of a model is drawn of it: {error}"
    except MmvizError:
        raise error from None
