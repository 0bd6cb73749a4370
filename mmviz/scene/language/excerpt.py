"""A message that shows the place where a text is wrong; knows no grammar."""

from mmviz.errors import ExpressionError

BEFORE, AFTER = 60, 40
"""Characters of a long line that are shown before and after the place."""


def place(text: str, position: int) -> str:
    """Where a character stands, in words: its column, and its line where there are several."""
    column = f"column {position - _line_start(text, position) + 1}"
    if "\n" not in text.strip("\n"):
        return column
    return f"line {text.count(chr(10), 0, position) + 1}, {column}"


def pointed(kind: str, text: str, position: int, problem: str) -> ExpressionError:
    """The error for a problem at `position` of `text`, with the line and a pointer below it."""
    start = _line_start(text, position)
    first = max(start, position - BEFORE)
    line = text[first : position + AFTER].split("\n", 1)[0]
    shown = "".join(letter if letter.isprintable() else " " for letter in line)
    pointer = " " * (position - first) + "^"
    return ExpressionError(f"{kind}, {place(text, position)}: {problem}.\n  {shown}\n  {pointer}", position)


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1
