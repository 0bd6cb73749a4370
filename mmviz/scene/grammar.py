"""Expression text to tree and back; errors carry the position of what is wrong.

expr   := [ NAME '=' ] sum            sum   := chain { ('+'|'-') chain }
chain  := item { '@' item }           item  := atom { '.T' }
atom   := NAME | FUNC '(' expr { ',' NUMBER } ')' | sdpa '(' expr ',' expr ')' | '(' expr ')'
NAME   := a letter or _, then letters, digits or _; or any text in single quotes
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from mmviz.errors import ExpressionError
from mmviz.scene.expression import (
    MAX_DEPTH,
    Call,
    Expression,
    Name,
    Named,
    Product,
    Sum,
    Transpose,
    check_depth,
    known_functions,
)
from mmviz.scene.functions import FUNCTIONS

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<transpose>\.T\b)
    | (?P<name>[^\W\d]\w*)
    | '(?P<quoted>[^'\n]+)'
    | (?P<symbol>[@+\-(),=])
    | (?P<end>$)
    )""",
    re.VERBOSE,
)
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def parse(text: str) -> Expression:
    """Read an expression.

    Raises:
        ExpressionError: the text does not follow the grammar; the message shows the place.
    """
    parser = _Parser(text)
    tree = parser.expression(0)
    if parser.token.kind != "end":
        hint = " (every matrix product is written with @)" if parser.starts_atom() else ""
        raise parser.error(f"expected an operator or the end, found {parser.found()}{hint}")
    check_depth(tree)
    return tree


def write(expression: Expression) -> str:
    """The text of an expression; parsing it gives the same tree."""
    match expression:
        case Named(name, argument):
            return f"{write_name(name)} = {_grouped(argument, (Named,))}"
        case Sum(left, right, sign):
            return f"{_grouped(left, (Named,))} {sign} {_grouped(right, (Named, Sum))}"
        case Product(left, right):
            return f"{_grouped(left, (Named, Sum))} @ {_grouped(right, (Named, Sum, Product))}"
        case Transpose(argument):
            return f"{_grouped(argument, (Named, Sum, Product))}.T"
        case Call(function, argument, parameters):
            return f"{function}({', '.join([write(argument), *(_number(p) for p in parameters)])})"
        case Name(name):
            return write_name(name)
        case _:
            raise TypeError(f"not an expression: {expression!r}")


def write_name(name: str) -> str:
    """A name as the grammar reads it: quoted where it is not a plain word."""
    return name if _PLAIN_NAME.fullmatch(name) else f"'{name}'"


def _number(value: float) -> str:
    """The shortest text that is read as exactly this number."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _grouped(expression: Expression, kinds: tuple[type[Expression], ...]) -> str:
    text = write(expression)
    return f"({text})" if isinstance(expression, kinds) else text


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    place = 0
    while not tokens or tokens[-1].kind != "end":
        found = _TOKEN.match(text, place)
        if found is None:
            place += len(text[place:]) - len(text[place:].lstrip())
            problem = (
                "this quote is not closed" if text[place] == "'" else f"'{text[place]}' means nothing here"
            )
            raise _error(text, place, problem)
        kind = str(found.lastgroup)
        tokens.append(_Token(kind, found[kind], found.start(kind)))
        place = found.end()
    return tokens


def _error(text: str, position: int, problem: str) -> ExpressionError:
    start = text.rfind("\n", 0, position) + 1
    line = text[start:].split("\n", 1)[0]
    where = f"column {position - start + 1}"
    if "\n" in text.strip("\n"):
        where = f"line {text.count(chr(10), 0, position) + 1}, {where}"
    pointer = " " * (position - start) + "^"
    return ExpressionError(f"expression, {where}: {problem}.\n  {line}\n  {pointer}", position)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.index = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.index]

    def error(self, problem: str) -> ExpressionError:
        return _error(self.text, self.token.position, problem)

    def found(self) -> str:
        return "the end" if self.token.kind == "end" else f"'{self.token.text}'"

    def starts_atom(self) -> bool:
        return self.token.kind in ("name", "quoted") or self.token.text == "("

    def take(self, symbol: str) -> bool:
        if self.token.kind in ("symbol", "transpose") and self.token.text == symbol:
            self.index += 1
            return True
        return False

    def expression(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise self.error(f"parentheses are nested more than {MAX_DEPTH} deep")
        following = self.tokens[min(self.index + 1, len(self.tokens) - 1)]
        if self.token.kind in ("name", "quoted") and following.kind == "symbol" and following.text == "=":
            name = self.token.text
            self.index += 2
            return Named(name, self.sum(depth))
        return self.sum(depth)

    def sum(self, depth: int) -> Expression:
        tree = self.chain(depth)
        while True:
            if self.take("+"):
                tree = Sum(tree, self.chain(depth), "+")
            elif self.take("-"):
                tree = Sum(tree, self.chain(depth), "-")
            else:
                return tree

    def chain(self, depth: int) -> Expression:
        tree = self.item(depth)
        while self.take("@"):
            tree = Product(tree, self.item(depth))
        return tree

    def item(self, depth: int) -> Expression:
        tree = self.atom(depth)
        while self.take(".T"):
            tree = Transpose(tree)
        return tree

    def atom(self, depth: int) -> Expression:
        token = self.token
        if self.take("("):
            tree = self.expression(depth + 1)
            self.close(token)
            return tree
        if token.kind not in ("name", "quoted"):
            raise self.error(f"expected a matrix name, a function or '(', found {self.found()}")
        self.index += 1
        if token.kind == "name" and self.token.text == "(":
            return self.call(token, depth)
        return Name(token.text)

    def call(self, function: _Token, depth: int) -> Expression:
        if function.text not in FUNCTIONS:
            close = get_close_matches(function.text, FUNCTIONS, n=1)
            hint = f"did you mean '{close[0]}'? " if close else ""
            problem = f"unknown function '{function.text}'; {hint}Known functions: {known_functions()}"
            raise _error(self.text, function.position, problem)
        opening = self.token
        self.take("(")
        argument = self.expression(depth + 1)
        parameters: list[float] = []
        while self.take(","):
            if function.text == "sdpa" and self.token.kind != "number":
                argument = Product(argument, self.expression(depth + 1))
            elif self.token.kind == "number":
                parameters.append(float(self.token.text))
                self.index += 1
            else:
                raise self.error(f"expected a number, found {self.found()}")
        self.close(opening)
        try:
            return Call(function.text, argument, tuple(parameters))
        except ExpressionError as error:
            raise _error(self.text, function.position, str(error).rstrip(".")) from None

    def close(self, opening: _Token) -> None:
        if not self.take(")"):
            raise self.error(
                f"expected ')' for the '(' at column {opening.position + 1}, found {self.found()}"
            )
