"""What a person looks at just now: cells that are pinned or pointed at, a matrix that is selected, what is left out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from mmviz.picture.drawlist import Sheet
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.sweep import Sweep
from mmviz.picture.time.timeline import Frame


class Keyed(Protocol):
    """An item of a draw list."""

    @property
    def key(self) -> ItemKey:
        """It says to which matrix the item belongs."""
        ...


Item = TypeVar("Item", bound=Keyed)
DIMMED = 0.5
"""How much darker the cells are that are not lit, where a step or a person lights some."""
SOFTLY = 0.35
"""The same where the pointer lights some: it goes over everything, and nothing is to flash."""


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Changes the picture of a frame, not the frame."""

    lit: Mapping[str, tuple[Sweep, ...]] = field(default_factory=dict)  # path -> cells that are lit instead: pinned
    pointed: Mapping[str, tuple[Sweep, ...]] = field(default_factory=dict)  # likewise while nothing is pinned there
    hidden: frozenset[str] = frozenset()  # paths of matrices, with their cubes and names
    outlined: str | None = None  # path of the matrix that is selected

    def hides(self, path: str) -> bool:
        """True for a matrix that is left out."""
        return path in self.hidden

    def cells(self, path: str) -> tuple[Sweep, ...]:
        """The cells of a matrix that are lit: what is pinned, or else what is pointed at."""
        return self.lit.get(path, self.pointed.get(path, ()))

    def on(self, sheet: Sheet) -> Sheet:
        """A matrix with the cells lit that a person looks at; the others keep their colours, darker."""
        path = sheet.key.path
        if path in self.lit:
            return replace(sheet, lit=self.lit[path], dimmed=DIMMED)
        if path in self.pointed:
            return replace(sheet, lit=self.pointed[path], dimmed=SOFTLY)
        return sheet

    def seen(self, frame: Frame) -> Frame:
        """What is left of a frame; what flies is left out with the matrix that it goes to."""
        if not self.hidden:
            return frame
        states = {path: state for path, state in frame.items() if path not in self.hidden}
        return replace(frame, states=states, planes=tuple(p for p in frame.planes if p.owner not in self.hidden))

    def kept(self, items: Iterable[Item]) -> tuple[Item, ...]:
        """Those of some outlines, arrows or texts that do not belong to a matrix which is left out."""
        if not self.hidden:
            return tuple(items)
        return tuple(item for item in items if item.key.path not in self.hidden)


PLAIN = Emphasis()
