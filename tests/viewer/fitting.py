"""What does not fit: texts that are cut, widgets that overlap or stand outside their parents; no tests."""

from collections.abc import Iterator
from itertools import combinations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QScrollArea,
    QStyle,
    QStyleOptionComboBox,
    QWidget,
)

from mmviz.viewer.start.entries import Entry

ROUNDING = 2
"""Pixels by which a text may be larger than its place: fonts are measured in fractions."""


def misfits(root: QWidget) -> list[str]:
    """A line for each thing in a window that does not fit."""
    return [*root_told(root), *(line for widget in walk(root) for line in told(widget))]


def root_told(root: QWidget) -> Iterator[str]:
    least = root.minimumSizeHint().expandedTo(root.minimumSize())
    if root.isWindow() and (least.width() > root.width() or least.height() > root.height()):
        yield f"{name(root)}: needs {least.width()}x{least.height()}, has {root.width()}x{root.height()}"


def walk(root: QWidget) -> Iterator[QWidget]:
    """All widgets that are seen in a window, itself first; not those of other windows that it owns."""
    yield root
    for child in root.children():
        if isinstance(child, QWidget) and child.isVisible() and not child.isWindow():
            yield from walk(child)


def told(widget: QWidget) -> Iterator[str]:
    if (cut := missing(widget)) > ROUNDING:
        yield f"{name(widget)}: cut by {cut} pixels"
    page = widget.widget() if isinstance(widget, QScrollArea) else None
    if isinstance(widget, QScrollArea) and page is not None:
        most = widget.viewport().width()
        never = widget.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if page.width() > most and (never or not widget.horizontalScrollBar().isVisible()):
            yield f"{name(page)}: {page.width()} pixels wide in a scroll area of {most}"
        return
    if isinstance(widget, QAbstractScrollArea):
        return
    placed = [child for child in laid_out(widget) if child.isVisible()]
    for child in placed:
        if not widget.rect().contains(child.geometry()):
            yield f"{name(child)}: {said(child.geometry())} is outside {name(widget)} of {said(widget.rect())}"
    for one, other in combinations(placed, 2):
        shared = one.geometry() & other.geometry()
        if not shared.isEmpty():
            yield f"{name(one)} and {name(other)} overlap: {said(shared)}"


def laid_out(widget: QWidget) -> list[QWidget]:
    """The children that a layout has placed; what floats above others is left out."""
    layout = widget.layout()
    found: list[QWidget] = []
    layouts = [] if layout is None else [layout]
    while layouts:
        one = layouts.pop()
        for number in range(one.count()):
            item = one.itemAt(number)
            inner, child = (None, None) if item is None else (item.layout(), item.widget())
            if inner is not None:
                layouts.append(inner)
            elif child is not None:
                found.append(child)
    return found


def missing(widget: QWidget) -> int:
    """How many pixels of a widget's text are not seen, across or down."""
    if isinstance(widget, QLabel):
        return missing_of_label(widget)
    if isinstance(widget, QAbstractButton) and widget.text() and not isinstance(widget, Entry):
        return widget.sizeHint().width() - widget.width()
    if isinstance(widget, QComboBox):
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        room = widget.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, widget
        )
        return widget.fontMetrics().horizontalAdvance(widget.currentText()) - room.width()
    if isinstance(widget, QAbstractSpinBox):
        return widget.fontMetrics().horizontalAdvance(widget.text()) - widget.lineEdit().width()
    return 0


def missing_of_label(label: QLabel) -> int:
    if not label.text() or not label.pixmap().isNull() or type(label).__name__.startswith("Elided"):
        return 0
    if label.wordWrap():
        return label.heightForWidth(label.width()) - label.height()
    hint = label.sizeHint()
    return max(hint.width() - label.width(), hint.height() - label.height())


def name(widget: QWidget) -> str:
    """What it is, and what stands in it."""
    text = widget.currentText() if isinstance(widget, QComboBox) else getattr(widget, "text", str)()
    words = f" {text[:40]!r}" if isinstance(text, str) and text else ""
    return f"{type(widget).__name__}{words}"


def said(place: QRect) -> str:
    return f"{place.width()}x{place.height()} at {place.x()}, {place.y()}"
