"""What is copied of the selected matrix: its name, its name in the model, its numbers; changes no scene."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from mmviz.scene.language.tree import Node
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.session.undo import Desk
from mmviz.viewer.tabs.scene.node_facts import hook
from mmviz.viewer.tabs.scene.node_settings import NO_MATRIX, selected
from mmviz.viewer.wording import sized

MOST_NUMBERS = 1_000_000
"""That are copied; some 10 MB of text."""


class Copying(QObject):
    """Puts texts about the selected matrix on the clipboard.

    Args:
        desk: Where the scene is from.
        selection: The selected matrix.
        tell: Says what was done.
    """

    def __init__(self, desk: Desk, selection: Selection, tell: Callable[[str], None]) -> None:
        super().__init__(desk)
        self._desk, self._selection, self._tell = desk, selection, tell

    def bindings(self) -> dict[str, Callable[[], object]]:
        """What commands do, by their names."""
        return {"copy_name": self.copy_name, "copy_hook": self.copy_hook, "copy_values": self.copy_values}

    def copy_name(self) -> None:
        """Copy what it is called in the scene."""
        node = self._node()
        if node is not None:
            self._put(node.name, f"Copied {node.name}")

    def copy_hook(self) -> None:
        """Copy what the model calls it."""
        node = self._node()
        if node is None:
            return
        name = hook(node, self._desk.scene.document)
        if name:
            self._put(name, f"Copied {name}")
        else:
            self._tell(f"{node.name} has no name in a model: it is no weight or activation, and is compared with none")

    def copy_values(self) -> None:
        """Copy its numbers as a table does: rows in lines, columns apart by tabs."""
        node = self._node()
        if node is None:
            return
        values = self._desk.scene.composition.values[node.path]
        told = sized(values.shape)
        if values.size > MOST_NUMBERS:
            self._tell(f"{node.name} has {told} numbers; at most {MOST_NUMBERS:,} are copied. Nothing was copied")
            return
        self._put(as_text(values), f"Copied the {told} numbers of {node.name}")

    def _node(self) -> Node | None:
        node = selected(self._desk, self._selection)
        if node is None:
            self._tell(NO_MATRIX)
        return node

    def _put(self, text: str, told: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._tell(told)


def as_text(values: NDArray[np.float32]) -> str:
    """A line for each row, tabs between columns; every number as short as it can be and still the same float32."""
    return "\n".join("\t".join(str(value) for value in row) for row in values)
