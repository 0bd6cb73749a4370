"""Which matrix of a stack is taken: a number for each axis before rows and columns."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from mmviz.scene.keys.listed_tensor import ListedTensor

MOST = 6
"""Axes that are asked for; of the others the first matrix is taken."""


class StackIndex(QWidget):
    """Fields for the numbers; hidden where a tensor is no stack."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[ListedTensor, tuple[int, ...]] = {}
        self._tensor: ListedTensor | None = None
        self.fields = [QSpinBox() for _ in range(MOST)]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(QLabel("Matrix of the stack"))
        for field in self.fields:
            field.valueChanged.connect(self._keep)
            row.addWidget(field)
        self.hide()

    @property
    def index(self) -> tuple[int, ...]:
        """Of the tensor that is offered."""
        return () if self._tensor is None else self.kept(self._tensor)

    def kept(self, tensor: ListedTensor) -> tuple[int, ...]:
        """What was said of a tensor, else the first matrix of its stack; () for a plain matrix."""
        if not tensor.stack:
            return ()
        leading = len(tensor.shape) - 2
        return self._kept.get(tensor, (0,) * leading)

    def offer(self, tensor: ListedTensor | None) -> None:
        """Ask for a matrix of this tensor."""
        if tensor == self._tensor:
            return
        self._tensor = tensor
        index = self.index
        self.setVisible(bool(index))
        for number, field in enumerate(self.fields):
            field.blockSignals(True)
            field.setVisible(number < len(index))
            if tensor is not None and number < len(index):
                size = tensor.shape[number]
                field.setRange(0, size - 1)
                field.setValue(index[number])
                field.setToolTip(f"axis {number}, from 0 to {size - 1:,}")
            field.blockSignals(False)

    def _keep(self) -> None:
        if self._tensor is not None:
            count = len(self.index)
            fields = [field.value() for field in self.fields[:count]]
            self._kept[self._tensor] = (*fields, *(0,) * (count - len(fields)))
            self.changed.emit()
