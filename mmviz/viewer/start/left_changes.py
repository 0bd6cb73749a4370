"""The unsaved changes of windows that ended unexpectedly, as the start page offers them; opens and removes nothing."""

from dataclasses import dataclass
from pathlib import Path

from mmviz.errors import SceneError
from mmviz.machine.left_folders import LeftFolder, left
from mmviz.viewer.session.recovery import Kept, read
from mmviz.viewer.start.entries import Line


@dataclass(frozen=True, slots=True)
class LeftChanges:
    """What one window left; held by this program until it is let go."""

    folder: LeftFolder
    kept: Kept

    def line(self) -> Line:
        """How the page offers them."""
        made = Line(f"Recover {self.kept.name}", f"Unsaved changes of {self.kept.hour}", "recent")
        place = self.kept.file
        made.setToolTip(str(place) if place is not None else f"{self.kept.where}, which was never saved")
        return made


def left_changes(home: Path) -> tuple[list[LeftChanges], list[str]]:
    """What was left, the latest first, and what cannot be read of it, as texts for the user."""
    found: list[LeftChanges] = []
    troubles: list[str] = []
    for folder in left(home):
        try:
            kept = read(folder)
        except SceneError as error:
            troubles.append(str(error))
            kept = None
        if kept is None:
            folder.let_go()
        else:
            found.append(LeftChanges(folder, kept))
    return found, troubles
