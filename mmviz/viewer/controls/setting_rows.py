"""Settings of a scene as rows of a form: each shows what the document says, and proposes to the desk what is chosen."""

import sys
from collections.abc import Callable, Iterable, Iterator
from html import escape
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mmviz.viewer.controls.fields import Control, Number, Row, Slider
from mmviz.viewer.controls.plain_words import plain
from mmviz.viewer.controls.section import Section
from mmviz.viewer.session.shown_scene import Edit, Shown
from mmviz.viewer.session.undo import Desk

NAMES_WIDTH = 122
"""Of the column with the names, in pixels."""
Read = Callable[[Shown], Any]
"""What a scene says now."""
Write = Callable[[Any], Edit]
"""Makes an edit of a value that was chosen."""


class SettingRows(QWidget):
    """Rows of settings that follow the scene and change it.

    Args:
        desk: Holds the scene.
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.rows: dict[str, Row] = {}
        self._reads: dict[str, Read] = {}
        self._outer = self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(5)
        desk.leaving.connect(self.forget)
        desk.shown.connect(lambda _scene: self.follow())
        desk.failed.connect(lambda _message: self.follow())
        desk.background.busy.connect(lambda _text: self.follow())

    def section(self, title: str, tip: str = "", *, folded: bool = False) -> Section:
        """Begin a part with a heading, which can be folded away."""
        part = Section(title, tip, folded=folded)
        self._outer.addWidget(part)
        self._column = part.rows
        return part

    def add(self, name: str, control: Control, read: Read, write: Write, label: str = "") -> Row:
        """Another row.

        Args:
            name: By which the row is known.
            control: The field.
            read: What it shows.
            write: What it proposes.
            label: Before the field, and in the undo menu; the name by default.
        """
        row = Row(label or name, control, NAMES_WIDTH)
        self.rows[name], self._reads[name] = row, read
        self._column.addWidget(row)
        told = f"{label[:1].lower()}{label[1:]}" or name
        control.chosen.connect(lambda value: self._propose(row, told, write(value)))
        return row

    def follow(self) -> None:
        """Show what the scene says, unless a change is on its way."""
        if not self._desk.changing:
            for name, row in self.rows.items():
                if not row.isHidden():
                    row.control.show_value(self._reads[name](self._desk.scene))

    def forget(self) -> None:
        """Take back what is typed and not asked for yet: it was meant for another scene or matrix."""
        for row in self.rows.values():
            row.control.forget()

    def unfold(self, row: Row) -> None:
        """Show a row, should it be folded away."""
        for section in self.findChildren(Section):
            if section.isAncestorOf(row):
                section.fold(False)

    def calm(self) -> None:
        """Take back what was said of earlier changes."""
        for row in self.rows.values():
            row.trouble.say("")

    def scope(self) -> str:
        """What the settings are of, so that the same ones of something else are not undone together."""
        return ""

    def _propose(self, row: Row, name: str, edit: Edit) -> None:
        self.calm()
        drag = row.control.drag if isinstance(row.control, Slider) else 0
        merge = f"{self.scope()} {name} {drag}" if isinstance(row.control, Slider | Number) else ""
        self._desk.propose(f"{name}{self.scope()}", edit, merge=merge, failed=row.trouble.say)


def tip(meaning: str, key: str) -> str:
    """What a field means, and its key in scene files; as rich text, so that long lines are broken."""
    return f"<p>{escape(meaning)}</p><p><code>{escape(key)}</code></p>"


def meaning(model: type[BaseModel], key: str) -> str:
    """What a field of a document means, for its tool tip."""
    return model.model_fields[key].description or key


def reach(model: type[BaseModel], key: str, decimals: int = 0) -> tuple[float, float]:
    """The smallest and the largest number that a field of a document takes, of those with so many decimals."""
    low, high, step = -sys.float_info.max, sys.float_info.max, 10.0**-decimals
    for mark in _marks(model.model_fields[key].annotation, model.model_fields[key].metadata):
        low = max(low, getattr(mark, "ge", low), getattr(mark, "gt", low - step) + step)
        high = min(high, getattr(mark, "le", high), getattr(mark, "lt", high + step) - step)
    return low, high


def _marks(annotation: Any, marks: Iterable[Any]) -> Iterator[Any]:
    """What is said of the values of a type, wherever in an annotation it stands."""
    for mark in marks:
        yield from mark.metadata if isinstance(mark, FieldInfo) else (mark,)
    for one in get_args(annotation):
        yield from _marks(getattr(one, "__origin__", None), getattr(one, "__metadata__", ()))


def choices(model: type[BaseModel], key: str, place: str = "") -> dict[str, Any]:
    """The words that a field of a document takes, as the panel says them and as values.

    Args:
        model: Has the field.
        key: Its name there.
        place: Where scene files have it, such as "animation.fuse"; "" where words are said as they are.
    """
    return {plain(place, word): word for word in words(model.model_fields[key].annotation)}


def words(annotation: Any) -> list[str]:
    """The words of a Literal, wherever in an annotation it stands; each once."""
    found: list[str] = []
    for argument in get_args(annotation):
        found += [argument] if isinstance(argument, str) else words(argument)
    return list(dict.fromkeys(found))
