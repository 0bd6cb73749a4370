"""Expression text to tree; errors carry the position of what is wrong. The way back is `expression.write`.

text   := whole { '|' whole }
whole  := expr { NEW expr } [ ';' ]          NEW := ';' or the end of a line, where an expression can end
expr   := [ NAME '=' ] chain { ('+'|'-') chain }
chain  := item { ('@'|'*'|'/') item }
item   := [ '-' ] ( NUMBER | atom { '.T' | '[' span [ ',' span ] ']' } )
span   := [ ['-'] INTEGER ] ':' [ ['-'] INTEGER ] | ['-'] INTEGER
atom   := NAME | FUNC '(' expr { ',' NAME } { ',' ['-'] NUMBER } [ ',' axis '=' NUMBER ] ')'
          | sdpa '(' expr ',' expr ')' | '(' expr ')'
          | concat '(' expr { ',' expr } ')' | stack '(' expr { ',' expr } ')' | embed '(' expr ',' expr ')'
          | (sum|mean|max|min|argmax) '(' expr ',' (0|1) ')'
NAME   := a letter or _, then letters, digits or _; or any text in single quotes

@ is the product of matrices, * that of their elements, / their quotient. As in Python they bind equally, from left to
right, and more tightly than + and -. A number times a matrix, a matrix by a number and its negative are the function
scale. The names after a function's matrix are its vectors, such as the weight of a norm. A name before = can be used
again further on, as after Python's :=; whether it is known there is checked where the tree is built.
Of several expressions, one below the other, each but the last has a name. A line that begins with an operator goes on
with the line above, and so does one within parentheses.
What stands on the sides of a | is shown side by side.
"""

from collections.abc import Callable, Sequence
from difflib import get_close_matches

from mmviz.errors import ExpressionError
from mmviz.scene.language.call_checks import known_functions
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
    divided,
)
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.spans import WHOLE_AXIS, Span
from mmviz.scene.language.statements import StatementError, check_statements
from mmviz.scene.language.words import (
    FACTOR_HINT,
    HINTS,
    NAME_HINT,
    PRODUCT_HINT,
    TERM_HINT,
    TOKEN,
    Token,
    hinted,
    token_at,
)

_JOINING: dict[str, Along] = {name: along for along, name in JOINING.items()}


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
    hint = HINTS.get(token.text, "") if token.kind == "symbol" else ""
    if token.kind == "number":
        hint = NAME_HINT
    elif token.kind in ("name", "quoted") or token.text == "(":
        hint = PRODUCT_HINT
    return parser.error(f"expected an operator or the end, found {parser.found()}{hinted(hint)}")


class _Parser:
    """One token at a time, from left to right; a method a rule of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.token = token_at(text, 0)
        self.taken: list[Token] = []

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

    def advance(self) -> Token:
        token = self.token
        self.token = token_at(self.text, token.end)
        self.taken.append(token)
        return token

    def at(self, *symbols: str) -> bool:
        return self.token.kind in ("symbol", "transpose") and self.token.text in symbols

    def take(self, symbol: str) -> bool:
        found = self.at(symbol)
        if found:
            self.advance()
        return found

    def make(self, token: Token, kind: Callable[..., Expression], *parts: object) -> Expression:
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
            tree = self.make(operator, Elementwise, tree, self.chain(depth, operator), operator.text)
        return tree if name is None else self.make(name, Named, name.text, tree)

    def assigned(self) -> Token | None:
        """The name in front of a '=', or None where there is none."""
        name = self.token
        if name.kind not in ("name", "quoted"):
            return None
        following = TOKEN.match(self.text, name.end)
        if following is None or following["symbol"] != "=":
            return None
        self.advance()
        self.advance()
        return name

    def chain(self, depth: int, after: Token | None = None) -> Expression:
        begin = self.token
        tree = self.item(depth)
        while self.at("@", "*", "/"):
            operator = self.advance()
            second = self.token
            tree = self.combined(operator, tree, second, self.item(depth))
        if isinstance(tree, Expression):
            return tree
        hint = hinted(NAME_HINT if after is None or self.text[after.position - 1] != " " else TERM_HINT)
        found = f"expected a matrix name, a function or '(', found '{begin.text}'{hint}"
        raise pointed("expression", self.text, begin.position, found)

    def combined(
        self, operator: Token, left: Expression | float, second: Token, right: Expression | float
    ) -> Expression | float:
        """What an operator makes of what stands before it and behind it; of two numbers, a number."""
        sign = operator.text
        if sign == "@" and not (isinstance(left, Expression) and isinstance(right, Expression)):
            place = operator if not isinstance(left, Expression) else second
            raise pointed("expression", self.text, place.position, f"@ takes two matrices ({FACTOR_HINT})")
        if isinstance(left, Expression) and isinstance(right, Expression):
            kind = (Product, left, right) if sign == "@" else (Elementwise, left, right, sign)
            return self.make(operator, *kind)
        if isinstance(left, Expression):
            return self.make(operator, divided if sign == "/" else _times, left, right)
        if isinstance(right, Expression):
            if sign == "/":
                hint = "one over every element is power(A, -1)"
                raise pointed("expression", self.text, second.position, f"a number is not divided by a matrix ({hint})")
            return self.make(operator, _times, right, left)
        if sign == "/" and right == 0:
            raise pointed("expression", self.text, second.position, "a number cannot be divided by 0")
        return left * right if sign == "*" else left / right

    def item(self, depth: int) -> Expression | float:
        minuses: list[Token] = []
        while self.at("-"):
            minuses.append(self.advance())
        item: Expression | float
        item = float(self.advance().text) if self.token.kind == "number" else self.matrix(depth)
        for minus in reversed(minuses):
            item = self.make(minus, _negative, item) if isinstance(item, Expression) else -item
        return item

    def matrix(self, depth: int) -> Expression:
        token = self.token
        if self.take("("):
            tree = self.expression(depth + 1)
            self.close(token)
        elif token.kind in ("name", "quoted"):
            self.advance()
            called = token.kind == "name" and self.at("(") and not (depth == 0 and self.token.first)
            tree = self.call(token, depth) if called else self.make(token, Name, token.text)
        else:
            raise self.error(f"expected a matrix name, a function or '(', found {self.found()}")
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
        minus = self.take("-")
        if self.token.kind != "number" and not minus:
            return None
        if not self.token.text.isdecimal():
            raise self.error(f"a slice counts in whole numbers, found {self.found()}")
        whole = int(self.advance().text)
        return -whole if minus else whole

    def call(self, function: Token, depth: int) -> Expression:
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
        spec = FUNCTIONS[function.text]
        vectors: list[Expression] = []
        parameters: list[float] = []
        axis = 1.0
        while self.take(","):
            if self.keyword("axis"):
                axis = self.number(function)
                break
            if not self.at("-") and self.token.kind != "number" and len(vectors) < len(spec.vectors) and not parameters:
                vectors.append(self.expression(depth + 1))
                continue
            parameters.append(self.number(function))
        if spec.either_axis and len(parameters) == len(spec.parameters) + 1:
            axis = parameters.pop()
        self.close(opening)
        whole = int(axis) if axis.is_integer() else axis
        return self.make(function, Call, function.text, argument, tuple(parameters), tuple(vectors), whole)

    def keyword(self, name: str) -> bool:
        """Whether NAME = stands here; it is passed over."""
        return self.token.text == name and self.token.kind == "name" and self.assigned() is not None

    def number(self, function: Token) -> float:
        """A number of a function, with its sign."""
        minus = self.take("-")
        if self.token.kind != "number":
            problem = f"{function.text} takes no further matrix here; expected a number, found {self.found()}"
            raise self.error(problem)
        number = float(self.advance().text)
        return -number if minus else number

    def join(self, function: Token, depth: int) -> Expression:
        opening = self.advance()
        parts = [self.expression(depth + 1)]
        while self.take(","):
            parts.append(self.expression(depth + 1))
        self.close(opening)
        return self.make(function, Join, tuple(parts), _JOINING[function.text])

    def reduced(self, function: Token, depth: int) -> Expression:
        opening = self.advance()
        argument = self.expression(depth + 1)
        if not self.take(",") or self.token.text not in ("0", "1"):
            problem = f"{function.text} takes (x, axis), 0: of every column, 1: of every row; found {self.found()}"
            raise self.error(problem)
        axis = int(self.advance().text)
        self.close(opening)
        return self.make(function, Reduced, function.text, argument, axis)

    def embedded(self, function: Token, depth: int) -> Expression:
        opening = self.advance()
        ids = self.expression(depth + 1)
        if not self.take(","):
            raise self.error(f"{TAKING} takes (ids, table); found {self.found()}")
        table = self.expression(depth + 1)
        self.close(opening)
        return self.make(function, Taken, ids, table)

    def close(self, opening: Token) -> None:
        if not self.take(")"):
            where = place(self.text, opening.position)
            raise self.error(f"expected ')' for the '(' at {where}, found {self.found()}")


def _times(matrix: Expression, factor: float) -> Call:
    return Call("scale", matrix, (factor,), sign="*")


def _negative(matrix: Expression) -> Call:
    return Call("scale", matrix, (-1.0,), sign="-")


def _unknown_function(name: str) -> str:
    close = get_close_matches(name, CALLED, n=1)
    if close:
        return f"unknown function '{name}'; did you mean '{close[0]}'? Known functions: {known_functions()}"
    return f"unknown function '{name}'; known functions: {known_functions()}"
