"""What a person does in the export dialog: opens it, fills its fields, and what is ordered then."""

from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from mmviz import Scene
from mmviz.orders.kinds import KINDS
from mmviz.orders.order import FilmOrder, MeshOrder, PictureOrder
from mmviz.viewer.export.export_dialog import ExportDialog
from mmviz.viewer.window import MainWindow


def tiny_scene() -> Scene:
    tensors = {"A": {"init": "gaussian", "shape": [4, 3]}, "B": {"init": "cols", "shape": [3, 2]}}
    return Scene("P = A @ B", tensors, title="Tiny", animation={"speed": 4, "hold": 0.5})


def opened_dialog(window: MainWindow) -> ExportDialog:
    """The dialog that the key brings."""
    QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert window.dialogs.export is not None
    assert window.dialogs.export.isVisible()
    return window.dialogs.export


def fill(dialog: ExportDialog, kind: str, path: Path | str, width: int = 64, height: int = 48, fps: int = 8) -> None:
    dialog.form.kinds.setCurrentIndex([one.name for one in KINDS].index(kind))
    dialog.form.file.setText(str(path))
    for field, value in ((dialog.form.sizes.wide, width), (dialog.form.sizes.high, height)):
        field.setValue(value)
    dialog.form.sizes.fps.setValue(fps)


Ordered = TypeVar("Ordered", FilmOrder, PictureOrder, MeshOrder)


def ordered(dialog: ExportDialog, kind: type[Ordered]) -> Ordered:
    """What the dialog asks for, which must be of this kind."""
    order = dialog.order()
    assert isinstance(order, kind)
    return order
