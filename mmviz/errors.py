"""The one family of errors a user can meet; each message says where, what was found and what is needed.

MmvizError
├── ExpressionError    the text of an expression cannot be read
├── ShapeError         matrices do not fit together
├── SceneError         a scene document is broken
├── SourceError        a tensor's numbers cannot be had: file, checkpoint, weight, activation, prompt
├── OutputError        a picture or film cannot be written
└── DisplayError       this machine cannot draw, or has no screen
"""

import re
from typing import Final

LONGEST: Final = 3000
"""Letters of a message; of longer ones only words that are no words are to blame, such as a name of a megabyte."""
LONG_WORD: Final = re.compile(r"(\S{40})\S{250,}?([])}'\":;,.]{0,4})(?=\s|\Z)")
"""What is cut in such a message: a word's beginning, and the marks behind it, which stay."""


class MmvizError(Exception):
    """Bad input. The message is meant for the user and shown once, without a traceback."""

    def __init__(self, message: str) -> None:
        super().__init__(_bounded(message))


class ExpressionError(MmvizError):
    """The text of an expression cannot be read.

    Attributes:
        position: Index of the offending character in the text, from 0; None where it is the expression as a whole.
    """

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position


class ShapeError(MmvizError):
    """Matrices do not fit together, or a shape cannot be known."""


class SceneError(MmvizError):
    """A scene document is broken."""


class SourceError(MmvizError):
    """A tensor's numbers cannot be had."""


class OutputError(MmvizError):
    """A picture or film cannot be written."""


class DisplayError(MmvizError):
    """This machine cannot draw, or has no screen."""


def _bounded(message: str) -> str:
    """The message; where it is longer than anyone reads, with long words cut, and then at its end."""
    if len(message) <= LONGEST:
        return message
    message = LONG_WORD.sub(r"\1...\2", message)
    return message if len(message) <= LONGEST else f"{message[:LONGEST]} ..."
