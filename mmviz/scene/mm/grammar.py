"""The expression text of mm (bhosmer/mm) to a tree of names; names may hold . - / and more. Ours is `grammar`.

expr   := [ NAME '=' ] chain          chain  := item { '@' item }, from left to right
item   := NAME | '(' expr ')'         NAME   := one of A-Z a-z 0-9 _, then any of these and . - ! # $ % ^ & / [ ]

All white space is left out first, also inside a name. Several @ in a row count as one, as mm reads them.
"""

import re
from dataclasses import dataclass

from mmviz.errors import ExpressionError
from mmviz.scene.language.excerpt import pointed
from mmviz.scene.language.expression import MAX_DEPTH

MAX_NAMES = 500
"""Most matrices in one expression."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-!#$%^&/\[\]]*")
_HINTS = {
    ",": "a product is written with @",
    "*": "a product is written with @",
    "+": "mm has products only",
    "=": "a name stands in front, as in X = A @ B or in (X = A @ B) @ C",
}


@dataclass(frozen=True, slots=True)
class MmName:
    """A matrix."""

    name: str


@dataclass(frozen=True, slots=True)
class MmChain:
    """left @ right; `name` is None where none was assigned."""

    left: "MmExpression"
    right: "MmExpression"
    name: str | None = None


MmExpression = MmName | MmChain


def parse_mm(text: str) -> MmChain:
    """Read an expression of mm.

    Raises:
        ExpressionError: the text does not follow the grammar, or is one matrix without a product.
    """
    parser = _Parser(text)
    tree = parser.expression(0)
    if parser.letter:
        raise parser.error(f"expected '@' or the end, found {parser.found()}")
    if isinstance(tree, MmName):
        raise pointed("mm expression", parser.text, 0, f"{tree.name} is one matrix; a product is needed, as in A @ B")
    return tree


def default_name(left: str, right: str) -> str:
    """What mm calls a product that was given no name, from the names of its arguments."""
    return f"{left} @ ({right})" if " " in right else f"{left} @ {right}"


class _Parser:
    """One pass from left to right; a method a rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = "".join(text.split())
        self.position = 0
        self.names = 0

    @property
    def letter(self) -> str:
        """The letter that comes next; empty at the end."""
        return self.text[self.position : self.position + 1]

    def error(self, problem: str) -> ExpressionError:
        hint = f" ({_HINTS[self.letter]})" if self.letter in _HINTS else ""
        return pointed("mm expression", self.text, self.position, f"{problem}{hint}")

    def found(self) -> str:
        if not self.letter:
            return "the end"
        return f"'{self.letter}'" if self.letter.isprintable() else f"the character U+{ord(self.letter):04X}"

    def take(self, letter: str) -> bool:
        if self.letter != letter:
            return False
        self.position += 1
        return True

    def name(self) -> str | None:
        match = _NAME.match(self.text, self.position)
        if match is None:
            return None
        self.position = match.end()
        return match[0]

    def expression(self, depth: int) -> MmExpression:
        if depth > MAX_DEPTH:
            raise self.error(f"parentheses are nested more than {MAX_DEPTH} deep")
        start = self.position
        name = self.name()
        if name is None or not self.take("="):
            self.position = start
            return self.chain(depth)
        tree = self.chain(depth)
        if isinstance(tree, MmName):
            problem = f"{name} = {tree.name} names one matrix twice; a product is needed, as in {name} = A @ B"
            raise pointed("mm expression", self.text, start, problem)
        return MmChain(tree.left, tree.right, name)

    def chain(self, depth: int) -> MmExpression:
        tree = self.item(depth)
        while self.take("@"):
            while self.take("@"):
                pass
            tree = MmChain(tree, self.item(depth))
        return tree

    def item(self, depth: int) -> MmExpression:
        start = self.position
        if self.take("("):
            tree = self.expression(depth + 1)
            if not self.take(")"):
                raise self.error(f"expected ')' for the '(' at column {start + 1}, found {self.found()}")
            return tree
        name = self.name()
        if name is None:
            raise self.error(f"expected the name of a matrix or '(', found {self.found()}")
        self.names += 1
        if self.names > MAX_NAMES:
            raise self.error(f"more than {MAX_NAMES} matrices")
        return MmName(name)
