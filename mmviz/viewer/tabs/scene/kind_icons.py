"""Small signs for what matrices are: a letter in a frame, drawn so that no file is needed; knows no tree."""

from collections.abc import Mapping
from functools import cache
from typing import Literal, get_args

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPen, QPixmap

from mmviz.scene.document import Document
from mmviz.scene.keys.sources import ActivationSource, FileSource, FormulaSource, Initializer, UrlSource, WeightSource
from mmviz.scene.language.tree import (
    CutNode,
    ElementwiseNode,
    JoinNode,
    LeafNode,
    Node,
    ProductNode,
    ReducedNode,
    TakenNode,
)
from mmviz.viewer.controls import theme

Computed = Literal["product", "sum", "difference", "elementwise", "quotient", "join", "slice", "reduced", "taken"]
Sign = Computed | Literal["again", "weight", "activation", "pattern", "file", "own"]
LETTERS: Mapping[Sign, str] = {
    "product": "@",
    "sum": "+",
    "difference": "−",
    "elementwise": "∗",
    "quotient": "÷",
    "join": "‖",
    "slice": "[",
    "reduced": "Σ",
    "taken": "→",
    "again": "↺",
    "weight": "W",
    "activation": "A",
    "pattern": "ƒ",
    "file": "F",
    "own": "#",
}
COMPUTED: frozenset[Sign] = frozenset(get_args(Computed))
"""These are filled: what is computed is told from what is given at a glance."""
SIDE = 16
FINENESS = 4
"""Drawn pixels for one of Qt's, as many as the finest screens have."""


def sign_of(node: Node, document: Document) -> Sign:  # noqa: PLR0911  (a case for each kind)
    """The sign of a matrix."""
    match node:
        case ProductNode():
            return "product"
        case ElementwiseNode(sign=sign):
            return {"+": "sum", "-": "difference", "*": "elementwise", "/": "quotient"}[sign]  # type: ignore[return-value]
        case JoinNode():
            return "join"
        case CutNode():
            return "slice"
        case ReducedNode():
            return "reduced"
        case TakenNode():
            return "taken"
        case LeafNode(tensor=tensor, target=target):
            return "again" if target is not None else _of_source(document.tensors[tensor])


def _of_source(source: object) -> Sign:
    match source:
        case WeightSource():
            return "weight"
        case ActivationSource():
            return "activation"
        case Initializer() | FormulaSource():
            return "pattern"
        case FileSource() | UrlSource():
            return "file"
        case _:
            return "own"


@cache
def icon_of(sign: Sign, worn: theme.Theme) -> QIcon:
    """The sign in a frame with round corners, the same where its row is selected."""
    made = QIcon()
    made.addPixmap(_picture(sign, worn, worn.quiet, worn.text), QIcon.Mode.Normal)
    made.addPixmap(_picture(sign, worn, worn.on_selected, worn.on_selected), QIcon.Mode.Selected)
    return made


def _picture(sign: Sign, worn: theme.Theme, frame_color: str, text_color: str) -> QPixmap:
    side = SIDE * FINENESS
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    frame = QRectF(0.09 * side, 0.09 * side, 0.82 * side, 0.82 * side)
    computed = sign in COMPUTED
    painter.setPen(Qt.PenStyle.NoPen if computed else QPen(QColor(frame_color), 0.06 * side))
    painter.setBrush(QColor(worn.selected) if computed else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(frame, 0.2 * side, 0.2 * side)
    font = QFont()
    font.setPixelSize(round(0.6 * side))
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(QColor(worn.on_selected if computed else text_color))
    painter.drawText(frame.translated(0, -0.02 * side), Qt.AlignmentFlag.AlignCenter, LETTERS[sign])
    painter.end()
    return picture
