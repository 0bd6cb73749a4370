"""Offers the unsaved changes that a window left which ended unexpectedly; decides nothing for the user."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject

from mmviz.errors import SceneError
from mmviz.machine.left_folders import LeftFolder, left
from mmviz.viewer import settings
from mmviz.viewer.host import Host
from mmviz.viewer.question import Answer, Question
from mmviz.viewer.session.autosave import Autosave
from mmviz.viewer.session.recovery import Kept, read
from mmviz.viewer.session.shown_scene import Shown
from mmviz.viewer.start.left_changes import LeftChanges

NOTHING = "There are no unsaved changes of a window that ended unexpectedly"


class Recovering(QObject):
    """Keeps the changes of a window, and gives back those of one that is gone.

    Args:
        window: Whose scene is kept.
        may_leave: Whether its scene may be given up for another one.
    """

    def __init__(self, window: Host, may_leave: Callable[[], bool]) -> None:
        super().__init__(window)
        self._window, self._desk, self._may_leave = window, window.desk, may_leave
        self.autosave = Autosave(window.desk, settings.recovery_folder())
        self.autosave.failed.connect(window.complain)
        self._pending: LeftFolder | None = None  # what is being opened
        self._made: Shown | None = None  # of that

    def settle(self) -> None:
        """The window looks at its scene from now on."""
        self._desk.shown.connect(self._recovered)
        self._desk.failed.connect(self._let_go)

    def bindings(self) -> Mapping[str, Callable[[], object]]:
        """What commands do."""
        return {"recover": self.recover}

    def adopt(self, changes: LeftChanges) -> None:
        """The window's first scene is what was left; that goes once it is kept again."""
        self._desk.lies_nowhere(changes.kept.file)
        if self.autosave.write():
            changes.folder.remove()
        else:
            changes.folder.let_go()

    def recover(self) -> None:
        """Offer what there is, and say so where there is nothing."""
        if not self.offer():
            self._window.tell(NOTHING)

    def offer(self) -> bool:
        """Ask what is to become of the changes of windows that are gone, one after the other; False: there are none.

        After the first that is recovered, and after "Later", the others stay for the next time.
        """
        self._let_go()
        asked = done = False
        for one in left(settings.recovery_folder()):
            kept = None if done else self._read(one)
            if kept is None:
                one.let_go()
                continue
            asked = True
            match ask_recover(self._window, kept):
                case Answer.Open if self._may_leave():
                    self._open(one, kept)
                    done = True
                case Answer.Discard:
                    one.remove()
                case _:
                    one.let_go()
                    done = True
        return asked

    def _read(self, one: LeftFolder) -> Kept | None:
        try:
            return read(one)
        except SceneError as error:
            self._window.complain(str(error))
            return None

    def _open(self, one: LeftFolder, kept: Kept) -> None:
        self._pending = one
        kind = type(self._desk.scene)

        def make() -> Shown:
            self._made = kind.of(kept.document, kept.folder, kept.where)
            return self._made

        self._desk.open(f"recovering {kept.name} …", make, kept.file, unsaved=True)

    def _recovered(self, scene: Shown) -> None:
        """What was left goes once it is kept again: at no time it lies nowhere."""
        if self._pending is None or scene is not self._made:
            return
        if self.autosave.write():
            self._pending.remove()
        self._let_go()

    def _let_go(self, _message: str = "") -> None:
        """What is not recovered stays where it is."""
        if self._pending is not None:
            self._pending.let_go()
        self._pending = self._made = None


def ask_recover(window: Host, kept: Kept) -> Answer:
    """Open, Discard or Cancel."""
    words = {Answer.Open: "&Recover", Answer.Discard: "&Throw away", Answer.Cancel: "&Later"}
    told = f"'{kept.name}' has unsaved changes of {kept.hour}."
    return Question(window, "mmviz ended unexpectedly.", told, words).answer()
