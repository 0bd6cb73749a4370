"""Views that are kept, to come back to them: they get names, and are forgotten; no file is read or written."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from mmviz.picture.eye.camera import Camera, same
from mmviz.viewer.canvas.flying import Flying
from mmviz.viewer.canvas.view import View
from mmviz.viewer.key_words import key_of

LONGEST = 200
"""Letters of a name, as in scene files."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A view that was kept."""

    camera: Camera
    name: str = ""  # by which a scene file calls it


class KeptViews(QObject):
    """The views of one scene that were kept, in the order in which they are gone to.

    Args:
        view: The picture.
        flying: Goes to them.
        tell: Says what was done.
    """

    changed = Signal()
    """There are other ones, or they have other names."""
    name_wanted = Signal(int)
    """The user is to say what the view of this number is called."""

    def __init__(self, view: View, flying: Flying, tell: Callable[[str], None]) -> None:
        super().__init__(view)
        self._view, self._flying, self._tell = view, flying, tell
        self.all: list[Kept] = []
        self._next = 0

    def bindings(self) -> dict[str, Callable[[], object]]:
        """What commands do, by their names."""
        return {
            "bookmark": self.keep,
            "next_bookmark": self.go_on,
            "name_bookmark": self.ask_name,
            "forget_bookmark": self.forget,
        }

    def take(self, kept: Iterable[Kept]) -> None:
        """Have other ones: another scene is shown."""
        self.all[:] = kept
        self._next = 0
        self.changed.emit()

    def title(self, number: int) -> str:
        """What one of them is called: its name, or its place."""
        return self.all[number].name or f"View {number + 1}"

    @property
    def here(self) -> int | None:
        """The number of the one that is shown, or flown to; None: it is none of them."""
        camera = self._camera()
        return next((number for number, kept in enumerate(self.all) if same(camera, kept.camera)), None)

    def keep(self) -> None:
        """Keep the view that is shown, without a name."""
        if self.here is not None:
            self._tell("This view is kept already")
            return
        self.all.append(Kept(self._camera()))
        self._next = 0
        count = len(self.all)
        there = "1 view kept" if count == 1 else f"{count} views kept"
        flies = f"{key_of('next_bookmark')} flies to {'it' if count == 1 else 'the next one'}"
        self._tell(f"{there}; {flies}, {key_of('name_bookmark')} gives this one a name")
        self.changed.emit()

    def go_on(self) -> None:
        """Fly to the next one."""
        if not self.all:
            self._tell(f"No view is kept yet; {key_of('bookmark')} keeps this one")
            return
        self.go(self._next % len(self.all))

    def go(self, number: int) -> None:
        """Fly to one of them."""
        kept = self.all[number]
        self._next = number + 1
        self._flying.to(kept.camera)
        self._tell(f"Kept view {number + 1} of {len(self.all)}{kept.name and f': {kept.name}'}")

    def ask_name(self) -> None:
        """Ask what the one that is shown is called."""
        if (number := self._chosen()) is not None:
            self.name_wanted.emit(number)

    def name(self, number: int, text: str) -> None:
        """Call one of them so; "": by its place."""
        if number < len(self.all):
            letters = "".join(letter if letter.isprintable() else " " for letter in text)
            self.all[number] = replace(self.all[number], name=" ".join(letters.split())[:LONGEST].rstrip())
            self._tell(f"Kept view {number + 1} is called “{self.title(number)}” now")
            self.changed.emit()

    def forget(self) -> None:
        """Let go of the one that is shown."""
        if (number := self._chosen()) is not None:
            title = self.title(number)
            del self.all[number]
            self._next = number
            self._tell(f"“{title}” is kept no longer; {key_of('bookmark')} keeps it again")
            self.changed.emit()

    def _camera(self) -> Camera:
        return self._view.camera if self._flying.goal is None else self._flying.goal

    def _chosen(self) -> int | None:
        number = self.here
        if number is None:
            if self.all:
                self._tell(f"This view is not kept; {key_of('next_bookmark')} flies to one that is")
            else:
                self._tell(f"No view is kept yet; {key_of('bookmark')} keeps this one")
        return number
