"""The tab "Explain": how the number of one cell comes about, and ways on to what it is made of; computes nothing."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mmviz.picture.cell.explanation import (
    Again,
    Explanation,
    Products,
    Reduced,
    Selected,
    Terms,
)
from mmviz.picture.look.bars import Bar
from mmviz.viewer.controls import theme
from mmviz.viewer.controls.scale_bar import ScaleBar
from mmviz.viewer.controls.themed import RichLabel
from mmviz.viewer.key_words import keys_said
from mmviz.viewer.tabs.explain.explain_table import ProductsTable
from mmviz.viewer.tabs.explain.explain_text import heading, hint, origin_lines, scale_line, stage_lines, story

MARGIN = 8
LONGEST_BUTTON = 26
"""Letters of an operand's name on a button; its tool tip has all."""


class ExplainPanel(QWidget):
    """Shows one explanation, or a hint how to get one."""

    wanted = Signal(object)
    """The `Cell` of an operand that is to be explained."""
    back = Signal()
    forward = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.explanation: Explanation | None = None
        self.hint = RichLabel()
        self.heading, self.story, self.origin, self.stages, self.scale = (RichLabel() for _ in range(5))
        self.table, self.bar = ProductsTable(), ScaleBar()
        self.back_button = _arrow(Qt.ArrowType.LeftArrow, "Back to the cell before")
        self.forward_button = _arrow(Qt.ArrowType.RightArrow, "Forward again")
        self.operands = (QPushButton(), QPushButton())
        self.ways = (QAction(self), QAction(self))  # to the same, in the menu of the table
        self._page = QWidget()
        self._assemble()
        self._connect()
        self.show_explanation(None)

    def show_explanation(self, explanation: Explanation | None, row: int = 0, bar: Bar | None = None) -> None:
        """Show how a number comes about, or the hint.

        Args:
            explanation: Of the cell; None where none is pinned.
            row: Of the product that is selected.
            bar: The colours of its matrix.
        """
        self.explanation = explanation
        self.hint.setText(hint(keys_said()))
        self.hint.setVisible(explanation is None)
        self._page.setVisible(explanation is not None)
        products = None
        if explanation is not None:
            products = explanation.origin if isinstance(explanation.origin, Products) else None
            self.heading.setText(heading(explanation))
            self.story.setText(story(explanation))
            self.scale.setText(scale_line(explanation))
            self.origin.setText(origin_lines(explanation))
            self.stages.setText(stage_lines(explanation.stages))
            self.stages.setVisible(bool(explanation.stages))
        self.bar.show_bar(bar, "" if explanation is None else explanation.scale)
        self.point(None)
        self.table.setVisible(products is not None)
        self.table.take(products, row)
        self._name_operands()

    def point(self, value: float | None) -> None:
        """Mark a number of the same matrix on the colour bar; None: that of the cell that is explained."""
        own = None if self.explanation is None or self.explanation.masked else self.explanation.value
        self.bar.point(own if value is None else value)

    def allow(self, back: bool, forward: bool) -> None:
        """Say whether there is a way back and forward."""
        self.back_button.setEnabled(back)
        self.forward_button.setEnabled(forward)

    def _assemble(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.forward_button, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.heading, 1)
        ways = QHBoxLayout()
        for button in self.operands:
            ways.addWidget(button, 1)
        theme.tint(self.story, "quiet")
        theme.tint(self.scale, "quiet")
        self.heading.setToolTip("The cell that is explained, with its number once the animation has finished it")
        body = QVBoxLayout(self._page)
        body.setContentsMargins(0, 0, 0, 0)
        body.addLayout(top)
        body.addWidget(self.story)
        body.addWidget(self.bar)
        body.addWidget(self._split(ways), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 8, MARGIN, 8)
        column.addWidget(self.hint, 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self._page, 1)

    def _split(self, ways: QHBoxLayout) -> QSplitter:
        """The table, and below it, as high as one likes, what comes after it."""
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 4, 0, 0)
        column.addLayout(ways)
        words = QWidget()
        lines = QVBoxLayout(words)
        lines.setContentsMargins(0, 4, 0, 0)
        lines.setSpacing(6)
        for part in (self.origin, self.stages, self.scale):
            lines.addWidget(part)
        lines.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(words)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        column.addWidget(scroll, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(below)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 1)
        return split

    def _connect(self) -> None:
        self.back_button.clicked.connect(self.back)
        self.forward_button.clicked.connect(self.forward)
        self.table.addActions(self.ways)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.table.chosen.connect(lambda row, side: self._go(0 if side == "left" else 1, row))
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._name_operands())
        for number, parts in enumerate(zip(self.operands, self.ways, strict=True)):
            for signal in (parts[0].clicked, parts[1].triggered):
                signal.connect(lambda _checked=False, number=number: self._go(number, self.table.row))

    def _go(self, number: int, row: int) -> None:
        if self.explanation is not None:
            self.wanted.emit(self.explanation.operands(row)[number])

    def _name_operands(self) -> None:
        """Put the names of the operands of the selected row on the buttons."""
        names = () if self.explanation is None else _operand_names(self.explanation, self.table.row)
        for number, button in enumerate(self.operands):
            button.setVisible(number < len(names))
            self.ways[number].setVisible(number < len(names))
            if number < len(names):
                name = names[number]
                shown = name if len(name) <= LONGEST_BUTTON else f"{name[: LONGEST_BUTTON - 1]}…"
                side = ("Left", "Right")[number] if len(names) > 1 else "Its"
                self.ways[number].setText(f"Explain {name}".replace("&", "&&"))
                button.setText("→ " + shown.replace("&", "&&"))
                button.setToolTip(f"{side} operand: explain {name}")


def _operand_names(explanation: Explanation, row: int) -> tuple[str, ...]:
    origin = explanation.origin
    if isinstance(origin, Products):
        return origin.operand_names(row) if len(origin.k) else ()
    if isinstance(origin, Terms):
        return origin.left.name, origin.right.name
    if isinstance(origin, Reduced):
        return (origin.line if origin.target is None else origin.target.name,)
    return (origin.target.name,) if isinstance(origin, Again | Selected) else ()


def _arrow(kind: Qt.ArrowType, tip: str) -> QToolButton:
    button = QToolButton()
    button.setArrowType(kind)
    button.setAutoRaise(True)
    button.setToolTip(tip)
    return button
