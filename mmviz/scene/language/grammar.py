"""Expression text to tree; errors carry the position of what is wrong. The way back is `expression.write`.

text   := whole { '|' whole }
whole  := expr { NEW expr } [ ';' ]          NEW := ';' or the end of a line, where an expression can end
expr   := [ NAME '=' ] chain { ('+'|'-') chain }
chain  := item { ('@'|'*'|'/') item }     item   := atom { '.T' | '[' span [ ',' span ] ']' }
span   := [ INTEGER ] ':' [ INTEGER ] | INTEGER
atom   := NAME | FUNC '(' expr { ',' NAME } { ',' NUMBER } ')' | sdpa '(' expr ',' expr ')' | '(' expr ')'
          | concat '(' expr { ',' expr } ')' | stack '(' expr { ',' expr } ')' | embed '(' expr ',' expr ')'
          | (sum|mean|max|min|argmax) '(' expr ',' (0|1) ')'
NAME   := a letter or _, then letters, digits or _; or any text in single quotes

@ is the product of matrices, * that of their elements, / their quotient. As in Python they bind equally, from left to
right, and more tightly than + and -. The names after a function's matrix are its vectors, such as the weight of a norm.
A name before = can be used again further on, as after Python's :=; whether it is known there is checked where the tree
is built.
Of several expressions, one below the other, each but the last has a name. A line that begins with an operator goes on
with the line above, and so does one within parentheses.
What stands on the sides of a | is shown side by side.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from mmviz.errors import ExpressionError
from mmviz.scene.language.excerpt import place, pointed
from mmviz.scene.language.expression import (
    CALLED,
    JOINING,
    MAX_DEPTH,
    REDUCTIONS,
    TAKING,
    Along,
    Beside,
    Call,
    Cut,
    Elementwise,
    Expression,
    Join,
    Name,
    Named,
    Product,
    Reduced,
    Statements,
    Taken,
    Transpose,
    known_functions,
)
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.spans import WHOLE_AXIS, Span
from mmviz.scene.language.statements import StatementError, check_statements

_JOINING: dict[str, Along] = {name: along for along, name in JOINING.items()}
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<transpose>\.T\b)
    | (?P<name>[^\W\d]\w*)
    | (?P<quoted>'[^'\n]*')
    | (?P<symbol>[@*/+\-(),=;:|\[\]])
    | (?P<end>$)
    )""",
    re.VERBOSE,
)
_PRODUCT_HINT = "a matrix product is written with @"
_FACTOR_HINT = "a number times A is written scale(A, 2)"
_NAME_HINT = "a name with - . / or a leading digit is quoted, as in 'wQ-0/2'"
_HINTS = {
    "×": _PRODUCT_HINT,
    "·": _PRODUCT_HINT,
    "−": "minus is written with -",
    "^": "a transpose is written A.T",
    "ᵀ": "a transpose is written A.T",
    ".": f"a transpose is written A.T; {_NAME_HINT}",
    "/": f"a number is a factor: scale(A, 0.5); {_NAME_HINT}",
    "[": "rows and columns of A are written A[0:4, 8:16]",
    ":": "rows and columns of A are written A[0:4, 8:16]",
    '"': "a name is quoted with '",
    "=": "a name stands in front, as in out = A @ B or in (x = A @ B) @ C",
    "-": "the negative of A is scale(A, -1)",
}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str  # of a quoted name: without its quotes
    position: int
    end: int
    first: bool = False  # of its line, or of the text


def parse(text: str) -> Expression:
    """Read an expression.

    Raises:
        ExpressionError: the text does not follow the grammar; the message shows the place.
    """
    parser = _Parser(text)
    wholes = [parser.whole()]
    while parser.at("|"):
        parser.advance()
        wholes.append(parser.whole())
    return wholes[0] if len(wholes) == 1 else parser.make(parser.taken[0], Beside, tuple(wholes))


def _unended(parser: "_Parser") -> ExpressionError:
    """What is said where an expression should go on or end, and does neither."""
    token = parser.token
    hint = _HINTS.get(token.text, "") if token.kind == "symbol" else ""
    if token.kind == "number":
        hint = _NAME_HINT
    elif token.kind in ("name", "quoted") or token.text == "(":
        hint = _PRODUCT_HINT
    return parser.error(f"expected an operator or the end, found {parser.found()}{_hint(hint)}")


def _hint(text: str) -> str:
    return f" ({text})" if text else ""


def _token(text: str, start: int) -> _Token:
    found = _TOKEN.match(text, start)
    if found is None:
        position = len(text) - len(text[start:].lstrip())
        letter = text[position]
        if letter == "'":
            raise pointed("expression", text, position, "this quote is not closed")
        shown = f"'{letter}'" if letter.isprintable() else f"the character U+{ord(letter):04X}"
        raise pointed("expression", text, position, f"{shown} means nothing here{_hint(_HINTS.get(letter, ''))}")
    kind = str(found.lastgroup)
    position = start if kind == "end" else found.start(kind)  # the end is right after the last word
    first = "\n" in text[start:position] or not start
    return _Token(kind, found[kind].strip("'"), position, found.end(), first)


class _Parser:
    """One token at a time, from left to right; a method a rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.token = _token(text, 0)
        self.taken: list[_Token] = []

    def whole(self) -> Expression:
        """An expression, or several statements that mean one."""
        first = len(self.taken)
        parts, begins = [self.expression(0)], [first]
        while self.ended():
            begins.append(len(self.taken))
            parts.append(self.expression(0))
        if len(parts) == 1:
            return parts[0]
        try:
            check_statements(parts)
        except StatementError as error:
            raise pointed("expression", self.text, self.place_of(error, begins), error.problem) from None
        return self.make(self.taken[first], Statements, tuple(parts))

    def ended(self) -> bool:
        """Whether an expression has ended and another one begins; false at the end of the text.

        Raises:
            ExpressionError: neither is the case.
        """
        apart = False
        while self.take(";"):
            apart = True
        if self.token.kind == "end" or self.at("|"):
            return False
        below = self.token.first and (self.token.kind != "symbol" or self.token.text == "(")
        if not apart and not below:
            raise _unended(self)
        return True

    def place_of(self, error: StatementError, begins: Sequence[int]) -> int:
        """Where the name stands that is wrong in a statement; where the statement begins, if it is about no name."""
        first = begins[error.number]
        words = (token for token in self.taken[first + error.is_use :] if token.kind in ("name", "quoted"))
        found = next((token for token in words if token.text == error.name), self.taken[first])
        return found.position

    def error(self, problem: str) -> ExpressionError:
        return pointed("expression", self.text, self.token.position, problem)

    def found(self) -> str:
        return "the end" if self.token.kind == "end" else f"'{self.token.text}'"

    def advance(self) -> _Token:
        token = self.token
        self.token = _token(self.text, token.end)
        self.taken.append(token)
        return token

    def at(self, *symbols: str) -> bool:
        return self.token.kind in ("symbol", "transpose") and self.token.text in symbols

    def take(self, symbol: str) -> bool:
        found = self.at(symbol)
        if found:
            self.advance()
        return found

    def make(self, token: _Token, kind: Callable[..., Expression], *parts: object) -> Expression:
        """A node of the tree; what is wrong with it is shown at `token`."""
        try:
            return kind(*parts)
        except ExpressionError as error:
            raise pointed("expression", self.text, token.position, str(error).rstrip(".")) from None

    def expression(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise self.error(f"parentheses are nested more than {MAX_DEPTH} deep")
        name = self.assigned()
        tree = self.chain(depth)
        while self.at("+", "-"):
            operator = self.advance()
            tree = self.make(operator, Elementwise, tree, self.chain(depth), operator.text)
        return tree if name is None else self.make(name, Named, name.text, tree)

    def assigned(self) -> _Token | None:
        """The name in front of a '=', or None where there is none."""
        name = self.token
        if name.kind not in ("name", "quoted"):
            return None
        following = _TOKEN.match(self.text, name.end)
        if following is None or following["symbol"] != "=":
            return None
        self.advance()
        self.advance()
        return name

    def chain(self, depth: int) -> Expression:
        tree = self.item(depth)
        while self.at("@", "*", "/"):
            operator = self.advance()
            if operator.text == "*" and self.token.kind == "number":
                raise self.error(f"expected a matrix, found {self.found()}{_hint(_FACTOR_HINT)}")
            if operator.text == "/" and self.token.kind == "number":
                raise self.error(f"expected a matrix, found {self.found()}{_hint(_HINTS['/'])}")
            item = self.item(depth)
            product = (Product, tree, item) if operator.text == "@" else (Elementwise, tree, item, operator.text)
            tree = self.make(operator, *product)
        return tree

    def item(self, depth: int) -> Expression:
        token = self.token
        if self.take("("):
            tree = self.expression(depth + 1)
            self.close(token)
        elif token.kind in ("name", "quoted"):
            self.advance()
            called = token.kind == "name" and self.at("(") and not (depth == 0 and self.token.first)
            tree = self.call(token, depth) if called else self.make(token, Name, token.text)
        else:
            raise self.error(f"expected a matrix name, a function or '(', found {self.found()}{self.item_hint()}")
        while self.at(".T", "["):
            tree = self.cut(tree) if self.at("[") else self.make(self.advance(), Transpose, tree)
        return tree

    def cut(self, tree: Expression) -> Expression:
        opening = self.advance()
        rows = self.span()
        columns = self.span() if self.take(",") else WHOLE_AXIS
        if not self.take("]"):
            where = place(self.text, opening.position)
            raise self.error(f"expected ']' for the '[' at {where}, found {self.found()}")
        return self.make(opening, Cut, tree, rows, columns)

    def span(self) -> Span:
        begin = self.bound()
        if not self.take(":"):
            if begin is None:
                raise self.error(f"expected begin:end or a whole number, found {self.found()}")
            return Span(begin, one=True)
        return Span(begin, self.bound())

    def bound(self) -> int | None:
        """A whole number; None where none stands."""
        if self.token.kind != "number":
            return None
        if not re.fullmatch(r"-?\d+", self.token.text):
            raise self.error(f"a slice counts in whole numbers, found {self.found()}")
        return int(self.advance().text)

    def item_hint(self) -> str:
        """Advice for what cannot begin an item."""
        if self.at("-"):
            return _hint(_HINTS["-"])
        if self.token.kind != "number":
            return ""
        following = _TOKEN.match(self.text, self.token.end)
        return _hint(_FACTOR_HINT if following is not None and following["symbol"] == "*" else _NAME_HINT)

    def call(self, function: _Token, depth: int) -> Expression:
        if function.text in _JOINING:
            return self.join(function, depth)
        if function.text in REDUCTIONS:
            return self.reduced(function, depth)
        if function.text == TAKING:
            return self.embedded(function, depth)
        if function.text not in FUNCTIONS:
            raise pointed("expression", self.text, function.position, _unknown_function(function.text))
        opening = self.advance()
        argument = self.expression(depth + 1)
        if function.text == "sdpa" and self.at(","):
            comma = self.advance()
            argument = self.make(comma, Product, argument, self.expression(depth + 1))
        vectors: list[Expression] = []
        parameters: list[float] = []
        while self.take(","):
            if self.token.kind != "number" and len(vectors) < len(FUNCTIONS[function.text].vectors) and not parameters:
                vectors.append(self.expression(depth + 1))
                continue
            if self.token.kind != "number":
                problem = f"{function.text} takes no further matrix here; expected a number, found {self.found()}"
                raise self.error(problem)
            parameters.append(float(self.advance().text))
        self.close(opening)
        return self.make(function, Call, function.text, argument, tuple(parameters), tuple(vectors))

    def join(self, function: _Token, depth: int) -> Expression:
        opening = self.advance()
        parts = [self.expression(depth + 1)]
        while self.take(","):
            parts.append(self.expression(depth + 1))
        self.close(opening)
        return self.make(function, Join, tuple(parts), _JOINING[function.text])

    def reduced(self, function: _Token, depth: int) -> Expression:
        opening = self.advance()
        argument = self.expression(depth + 1)
        if not self.take(",") or self.token.text not in ("0", "1"):
            problem = f"{function.text} takes (x, axis), 0: of every column, 1: of every row; found {self.found()}"
            raise self.error(problem)
        axis = int(self.advance().text)
        self.close(opening)
        return self.make(function, Reduced, function.text, argument, axis)

    def embedded(self, function: _Token, depth: int) -> Expression:
        opening = self.advance()
        ids = self.expression(depth + 1)
        if not self.take(","):
            raise self.error(f"{TAKING} takes (ids, table); found {self.found()}")
        table = self.expression(depth + 1)
        self.close(opening)
        return self.make(function, Taken, ids, table)

    def close(self, opening: _Token) -> None:
        if not self.take(")"):
            where = place(self.text, opening.position)
            raise self.error(f"expected ')' for the '(' at {where}, found {self.found()}")


def _unknown_function(name: str) -> str:
    close = get_close_matches(name, CALLED, n=1)
    if close:
        return f"unknown function '{name}'; did you mean '{close[0]}'? Known functions: {known_functions()}"
    return f"unknown function '{name}'; known functions: {known_functions()}"
