"""The words of an expression's text, one by one, and advice for what is none; knows no grammar."""

import re
from dataclasses import dataclass

from mmviz.scene.language.excerpt import pointed

TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<transpose>\.T\b)
    | (?P<name>[^\W\d]\w*)
    | (?P<quoted>'[^'\n]*')
    | (?P<symbol>[@*/+\-(),=;:|\[\]])
    | (?P<end>$)
    )""",
    re.VERBOSE,
)
PRODUCT_HINT = "a matrix product is written with @"
FACTOR_HINT = "a number times A is written 2 * A"
TERM_HINT = "a number is added to all elements by add(A, 2)"
NAME_HINT = "a name with - . / or a leading digit is quoted, as in 'wQ-0/2'"
HINTS = {
    "×": PRODUCT_HINT,
    "·": PRODUCT_HINT,
    "−": "minus is written with -",
    "^": "a transpose is written A.T",
    "ᵀ": "a transpose is written A.T",
    ".": f"a transpose is written A.T; {NAME_HINT}",
    "[": "rows and columns of A are written A[0:4, 8:16]",
    ":": "rows and columns of A are written A[0:4, 8:16]",
    '"': "a name is quoted with '",
    "=": "a name stands in front, as in out = A @ B or in (x = A @ B) @ C",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a sign."""

    kind: str
    text: str  # of a quoted name: without its quotes
    position: int
    end: int
    first: bool = False  # of its line, or of the text


def hinted(text: str) -> str:
    """Advice as it stands behind what is wrong; nothing where there is none."""
    return f" ({text})" if text else ""


def token_at(text: str, start: int) -> Token:
    """The first word from a place on.

    Raises:
        ExpressionError: what stands there means nothing.
    """
    found = TOKEN.match(text, start)
    if found is None:
        position = len(text) - len(text[start:].lstrip())
        letter = text[position]
        if letter == "'":
            raise pointed("expression", text, position, "this quote is not closed")
        shown = f"'{letter}'" if letter.isprintable() else f"the character U+{ord(letter):04X}"
        raise pointed("expression", text, position, f"{shown} means nothing here{hinted(HINTS.get(letter, ''))}")
    kind = str(found.lastgroup)
    position = start if kind == "end" else found.start(kind)  # the end is right after the last word
    first = "\n" in text[start:position] or not start
    return Token(kind, found[kind].strip("'"), position, found.end(), first)
