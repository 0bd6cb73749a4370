"""The scene that is on the table: changed, undone, opened and saved; knows no widget."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from mmviz.errors import MmvizError
from mmviz.viewer.session.background import Background, Job
from mmviz.viewer.session.shown_scene import Edit, Shown, ready, same_work

MOST_CHANGES = 100
"""Changes that can be undone."""
MOST_ELEMENTS = 1 << 22
"""Of the matrices of all scenes that are held computed, besides the one that is shown; an element takes some 40 bytes,
with what is made of it for the picture. Other scenes are computed again when they come back."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that is asked for."""

    text: str
    edit: Edit
    merge: str
    failed: Callable[[str], None] | None
    back: Shown | None = None  # a scene that was shown before and is computed again; nothing new is made


class Change(QUndoCommand):
    """One scene took the place of another."""

    def __init__(self, desk: "Desk", text: str, before: Shown, after: Shown, merge: str) -> None:
        super().__init__(text)
        self._desk = desk
        self._before, self._after = before, after
        self._merge = merge

    def redo(self) -> None:
        """Show the new one."""
        self._desk.put_back(self._after)

    def undo(self) -> None:
        """Show the old one again."""
        self._desk.put_back(self._before)

    def id(self) -> int:
        """Only changes with the same word are joined."""
        return hash(self._merge) & 0x7FFFFFFF if self._merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """A newer change of the same kind, such as the same slider's, becomes one with this."""
        if not isinstance(other, Change) or not self._merge or other._merge != self._merge:
            return False
        self._after = other._after
        self.setText(other.text())
        self.setObsolete(self._after.document == self._before.document)
        return True


class Desk(QObject):
    """Holds the scene that is shown.

    Args:
        scene: The first one.
        parent: Owner, in Qt's sense.
    """

    shown = Signal(object)
    """Another `Shown`, ready to be drawn."""
    leaving = Signal()
    """The scene is about to be given up for one that has nothing to do with it."""
    opened = Signal(object)
    """As `shown`, for a scene that has nothing to do with the one before; it comes first."""
    unsaved_changed = Signal(bool)
    """There is something to save now, or there is not any more."""
    failed = Signal(str)
    """A change was impossible; the text is for the user. The scene stays as it was."""

    def __init__(self, scene: Shown, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scene = scene
        self.saved: Shown | None = scene  # the scene as it was opened or saved
        self._unsaved = False
        self._wanted = scene  # what is shown as soon as it is computed
        self._computed = [scene]  # scenes that hold what was computed of them, the latest last
        self._turns = 0  # how often changes were undone or done again
        self.background = Background(self)
        self.undo = QUndoStack(self)
        self.undo.setUndoLimit(MOST_CHANGES)
        self.as_seen: Callable[[Shown], Shown] = _as_it_is  # the scene, with how the window looks at it
        self.file: Path | None = None  # where it is saved
        self.note: str | None = None  # what is to be told of how it was saved
        self._job: Job | None = None  # the change that is being computed
        self._queue: list[Proposal] = []  # changes that come after it

    @property
    def changing(self) -> bool:
        """Whether a change is being computed or waits for its turn."""
        return bool(self._queue) if self._job is None else not self._job.forgotten

    @property
    def unsaved(self) -> bool:
        """Whether something was changed since the scene was opened or saved, besides how the window looks at it."""
        return self._unsaved

    def propose(self, text: str, edit: Edit, *, merge: str = "", failed: Callable[[str], None] | None = None) -> None:
        """Change the scene, off the interface thread. Where that fails the scene stays as it is.

        One change comes after the other. Of those that wait, a newer one with the same `merge` takes the place of the
        one before it, so that a slider is never behind by more than one change.

        Args:
            text: What is changed, for the undo menu.
            edit: Makes the new scene of the one that is shown then.
            merge: Changes in a row with the same word are undone together.
            failed: Called with the message, besides the signal, where it fails.
        """
        proposal = Proposal(text, edit, merge, failed)
        if not self.changing:
            self._job, self._queue = None, [proposal]
            self._go_on()
        elif merge and self._job is not None and self._queue and self._queue[-1].merge == merge:
            self._queue[-1] = proposal
        else:
            self._queue.append(proposal)

    def alter(self, text: str, edit: Edit) -> None:
        """Change the scene at once, where that takes no computing and nothing else is being changed; else propose it.

        Args:
            text: What is changed, for the undo menu.
            edit: Makes the new scene of the one that is shown then.
        """
        if not self.changing and self._wanted is self.scene:
            try:
                after = edit(self.scene)
            except MmvizError as error:
                self.failed.emit(str(error))
                return
            if after.document == self.scene.document:
                return
            if after.is_computed:
                self.undo.push(Change(self, text, self.scene, after, ""))
                return
        self.propose(text, edit)

    def open(self, text: str, make: Callable[[], Shown], file: Path | None = None, *, unsaved: bool = False) -> None:
        """Show another scene instead, off the interface thread; what was before cannot be undone.

        Args:
            text: What the user is told meanwhile.
            make: Makes it.
            file: Where it will be saved.
            unsaved: Whether it lies nowhere as it is.
        """

        def done(scene: Shown) -> None:
            self.leaving.emit()
            self.file = file
            self.undo.clear()
            self._computed = []
            self._queue = [waiting for waiting in self._queue if waiting.back is None]
            self.saved = None if unsaved else scene
            self._show(scene)
            self.opened.emit(scene)
            self.shown.emit(self.scene)

        self.background.start(text, lambda: ready(make()), done, self.failed.emit)

    def _go_on(self) -> None:
        """Begin the next change, unless one has begun."""
        if self._job is not None or not self._queue:
            return
        if self._wanted is not self.scene and self._queue[0].back is None:  # its computation was given up
            self._queue.insert(0, self._computing(self._wanted))
        proposal, before, turn = self._queue[0], self.scene, self._turns

        def done(after: Shown) -> None:
            self._job = None
            if proposal.back is not None:
                self._came_back(after)
            elif self._turns != turn:  # undone meanwhile: the change is made of what is shown then
                self._queue.insert(sum(waiting.back is not None for waiting in self._queue), proposal)
            elif after.document != before.document:
                self.undo.push(Change(self, proposal.text, before, after, proposal.merge))
            self._go_on()

        def fail(message: str) -> None:
            self._job = None
            self._fail(proposal, message)
            self._go_on()

        self._job = self.background.start(f"{proposal.text} …", lambda: ready(proposal.edit(before)), done, fail)
        self._queue.pop(0)  # only now: until the job is there the queue says that something is changing

    def _came_back(self, scene: Shown) -> None:
        if scene is self._wanted:  # else another change was undone meanwhile
            self.put(scene)

    def _fail(self, proposal: Proposal, message: str) -> None:
        if proposal.back is self._wanted:  # else another one is waited for by now
            self._wanted = self.scene
        if proposal.failed is not None:
            proposal.failed(message)
        self.failed.emit(message)

    def put(self, scene: Shown) -> None:
        """Show a scene that is ready."""
        self._show(scene)
        self.shown.emit(scene)

    def look_as(self, scene: Shown) -> None:
        """Hold a scene that is the one that is shown, but for how the window looks at it; it can not be undone."""
        self._show(scene)

    def put_back(self, scene: Shown) -> None:
        """Show a scene that was shown before: at once, or as soon as it is computed again."""
        self._turns += 1
        self._queue = [waiting for waiting in self._queue if waiting.back is None]
        self._wanted = scene
        if scene.is_computed:
            self.put(scene)
            return
        if self._job is not None and self._job.forgotten:
            self._job, self._queue = None, []  # what waited behind it was given up with it
        self._queue.insert(0, self._computing(scene))
        self._go_on()

    def _computing(self, scene: Shown) -> Proposal:
        def edit(shown: Shown) -> Shown:
            scene.reuse(shown)
            return scene

        return Proposal("Compute again", edit, "", None, back=scene)

    def _show(self, scene: Shown) -> None:
        """Take it as the one that is shown, and bound what is held of the others."""
        self._wanted = self.scene = scene
        self._computed = [other for other in self._computed if other is not scene]
        room, held = MOST_ELEMENTS, [scene.composition]  # scenes that only hide something else share one
        for other in reversed(self._computed):
            if not any(other.composition is one for one in held):
                room -= other.elements()
                if room < 0:
                    other.forget()
                    continue
                held.append(other.composition)
        self._computed = [*(other for other in self._computed if other.is_computed), scene]
        self._mark()

    def _mark(self) -> None:
        """Tell whether there is something to save, where it is otherwise than before."""
        unsaved = self.saved is None or not same_work(self.saved, self.scene)
        if unsaved != self._unsaved:
            self._unsaved = unsaved
            self.unsaved_changed.emit(unsaved)

    def lies_nowhere(self, file: Path | None) -> None:
        """The scene is saved nowhere as it is; `file` is where it will be."""
        self.file, self.saved = file, None
        self._mark()

    def save(self, path: Path) -> bool:
        """Write the scene into a file; True if it worked, and `note` has what the user is to be told of it."""
        try:
            seen = self.as_seen(self.scene)
            self.note = seen.save(path)
        except MmvizError as error:
            self.failed.emit(str(error))
            return False
        self.file = path
        self.look_as(seen)
        self.saved = self.scene
        self._mark()
        return True


def _as_it_is(scene: Shown) -> Shown:
    """Of a desk without a window."""
    return scene
