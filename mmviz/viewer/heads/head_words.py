"""What is told of a head where the pointer rests on it: a larger picture, what it resembles, its strongest cells."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QImageWriter

from mmviz.picture.look.head_pattern import Cell, HeadPattern, Measure
from mmviz.viewer.heads.arrangement import Head

PREVIEW = 288
"""Least side of the larger picture, in pixels."""
SAID: Mapping[Measure, str] = {
    "previous": "previous token",
    "sink": "first token",
    "itself": "itself",
    "duplicate": "duplicate token",
    "induction": "induction",
    "local": "tokens away",
    "uniform": "evenness",
}
LINES: tuple[tuple[Measure, ...], ...] = (
    ("previous", "sink", "itself"),
    ("duplicate", "induction"),
    ("local", "uniform"),
)
LONGEST = 24
"""Letters of a token that is named."""


def image_of(picture: NDArray[np.uint8]) -> QImage:
    """The picture for Qt, (height, width, 3); it has the same memory, and is good as long as that is there."""
    height, width, _ = picture.shape
    return QImage(picture.data, width, height, 3 * width, QImage.Format.Format_RGB888)


def tip(head: Head, pattern: HeadPattern, tokens: Sequence[str], keys: Sequence[str] | None = None) -> str:
    """All of it as rich text.

    Args:
        head: Which one.
        pattern: What is known of it.
        tokens: Their texts; they have numbers where there are none.
        keys: Those of what is attended to, where these are other tokens.
    """
    image = image_of(pattern.picture)
    factor = max(1, round(PREVIEW / image.width()))
    larger = image.scaled(factor * image.width(), factor * image.height(), Qt.AspectRatioMode.KeepAspectRatio)
    strongest = "<br>".join(cell_words(cell, tokens, keys) for cell in pattern.strongest)
    parts = (f"<b>Layer {head.layer}, head {head.head}</b>", _as_html(larger), strongest, measured(pattern))
    return "".join(f"<div style='margin: 3px; white-space: pre'>{part}</div>" for part in parts if part)


def measured(pattern: HeadPattern) -> str:
    """What it resembles, as rich text."""
    said = {measure: f"{words} {pattern.scores.get(measure, nan):.2f}" for measure, words in SAID.items()}
    lines = [[said[measure] for measure in line if not isnan(pattern.scores.get(measure, nan))] for line in LINES]
    return "<br>".join("   ·   ".join(line) for line in lines if line)


def cell_words(cell: Cell, tokens: Sequence[str], keys: Sequence[str] | None = None) -> str:
    """Which token attends to which one, and how much, as rich text."""
    return (
        f"{token(cell.query, tokens)} → {token(cell.key, tokens if keys is None else keys)}   <b>{cell.share:.2f}</b>"
    )


def token(number: int, tokens: Sequence[str]) -> str:
    """A token by its text, or by its place where it has none; as rich text."""
    text = tokens[number].strip() if number < len(tokens) else ""
    if not text:
        return f"token {number}"
    return escape(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…")


def _as_html(image: QImage) -> str:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return f"<img src='data:image/png;base64,{b64encode(buffer.data().data()).decode()}'>"
