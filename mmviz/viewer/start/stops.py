"""What the tour says, stop by stop, and where a bubble stands beside what it speaks of; imports no widget."""

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize

AWAY = 16
"""Pixels between a bubble and what it speaks of, and the edge of the window."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing that the tour shows."""

    place: str  # picture, play, export, help, or the name of a tab
    title: str
    text: str  # {play} stands for the key of the command `play`

    def told(self, keys: Mapping[str, str]) -> str:
        """The text with the keys of commands by their names, as they are now."""
        return self.text.format_map(keys)


STOPS: tuple[Stop, ...] = (
    Stop(
        "picture",
        "Numbers in space",
        "A matrix product is a cube: its two factors stand on two faces, the result on a third. Blue is more than 0, "
        "red less. Drag to turn, wheel to come nearer to what is under the pointer; {reset} brings you back.",
    ),
    Stop(
        "play",
        "How they come about",
        "{play} plays it; {step_back} and {step_on} go step by step. The slider goes anywhere, also backwards.",
    ),
    Stop(
        "Explain",
        "What makes this number?",
        "Click on any element of the picture. Here it is taken apart: the products that it is the sum of, the largest "
        "first, with the tokens they belong to, and every function after that.",
    ),
    Stop(
        "Model",
        "Your own model",
        "Another layer, head, prompt or model in the same picture. A model is a folder, a .safetensors or .gguf file, "
        "or a Hugging Face id; {open_model} opens one.",
    ),
    Stop(
        "Matrices",
        "What is multiplied",
        "The expression can be changed here, and every matrix in it: where its numbers come from, how it moves, how it "
        "looks. Every change can be undone with {undo}.",
    ),
    Stop(
        "export",
        "Films and pictures",
        "{export} writes films, pictures, meshes and pages for print, of all or of a part, while you go on.",
    ),
    Stop(
        "help",
        "All the rest",
        "{palette} finds every command by a few letters, {help} shows all keys. {start} brings back the examples; this "
        "tour is in the menu Help.",
    ),
)


def beside(target: QRect, size: QSize, room: QRect) -> QRect:
    """Where a bubble stands.

    Args:
        target: What it speaks of, in the coordinates of `room`.
        size: Of the bubble.
        room: What it must not leave.

    Returns:
        Below the target, above it, left or right of it, wherever there is room; else over its lower part.
    """
    middle = target.center() - QPoint(size.width() // 2, size.height() // 2)
    places = (
        QPoint(middle.x(), target.bottom() + AWAY),
        QPoint(middle.x(), target.top() - AWAY - size.height()),
        QPoint(target.left() - AWAY - size.width(), middle.y()),
        QPoint(target.right() + AWAY, middle.y()),
    )
    inside = room.adjusted(AWAY, AWAY, -AWAY, -AWAY)
    for place in places:
        found = within(QRect(place, size), inside)
        if not found.intersects(target):
            return found
    lower = QPoint(middle.x(), target.bottom() - AWAY - size.height())
    return within(QRect(lower, size), inside)


def within(box: QRect, room: QRect) -> QRect:
    """The box, moved into a room as far as it fits."""
    x = max(room.left(), min(box.left(), room.right() - box.width()))
    y = max(room.top(), min(box.top(), room.bottom() - box.height()))
    return QRect(QPoint(x, y), box.size())
