"""Which keys are typed into a field, and which stay commands of the window; what an empty prompt says."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

Modifier = Qt.KeyboardModifier
ELSEWHERE = Modifier.ControlModifier | Modifier.AltModifier | Modifier.MetaModifier
"""With these, a key is a command of the window."""


def is_typed(event: QKeyEvent) -> bool:
    """Every key but the function keys and those that are held with Ctrl, Alt or Meta; Esc, too."""
    return not event.modifiers() & ELSEWHERE and not Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35


def instead_of(prompt: str | None, count: int) -> str:
    """What stands in a field for prompts while it is empty.

    Args:
        prompt: What the scene reads; None where it reads token ids.
        count: How many.
    """
    if prompt is None:
        return f"The scene reads {count} token ids. A text that is applied takes their place."
    return "What the model reads"
