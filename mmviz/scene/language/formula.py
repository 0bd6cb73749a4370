"""Formula text over i, j, h, w to tree; nothing is computed here, and no text is ever run as code.

formula  := either | either '?' formula ':' formula | either 'if' either 'else' formula
either   := operands joined by binary operators (see _BINARY) and preceded by unary ones (see _UNARY)
operand  := NUMBER | VARIABLE | CONSTANT | FUNCTION '(' formula { ',' formula } ')' | '(' formula ')'

Operators bind as in JavaScript, so & and | bind looser than ==, and i & 1 == 0 means i & (1 == 0).
Where JavaScript has no reading, Python's is taken: and, or, not, if/else, and -2 ** 2 as -(2 ** 2).
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal, get_args

from mmviz.errors import ExpressionError
from mmviz.scene.language.excerpt import place, pointed

MAX_LENGTH = 2000
"""Longest formula, in characters."""
MAX_DEPTH = 100
"""Deepest nesting of a formula, and the longest chain of operators."""

VariableName = Literal["i", "j", "h", "w"]
UnaryOperator = Literal["-", "+", "!", "~"]
BinaryOperator = Literal[
    "+", "-", "*", "/", "%", "**", "<", "<=", ">", ">=", "==", "!=", "&&", "||", "&", "|", "<<", ">>", ">>>"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Number:
    """A literal or a constant; true and false are 1 and 0."""

    value: float


@dataclass(frozen=True, slots=True)
class Variable:
    """i (row), j (column), h (rows) or w (columns)."""

    name: VariableName


@dataclass(frozen=True, slots=True)
class Unary:
    """operator argument."""

    operator: UnaryOperator
    argument: "Formula"


@dataclass(frozen=True, slots=True)
class Binary:
    """left operator right."""

    operator: BinaryOperator
    left: "Formula"
    right: "Formula"


@dataclass(frozen=True, slots=True)
class Choice:
    """condition ? yes : no."""

    condition: "Formula"
    yes: "Formula"
    no: "Formula"


@dataclass(frozen=True, slots=True)
class Call:
    """function(arguments...)."""

    function: str  # a key of FUNCTIONS
    arguments: tuple["Formula", ...]


Formula = Number | Variable | Unary | Binary | Choice | Call

_ONE, _TWO, _SOME = (1, 1), (2, 2), (1, None)
FUNCTIONS: dict[str, tuple[int, int | None]] = {
    **dict.fromkeys(("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"), _ONE),
    **dict.fromkeys(("exp", "expm1", "log", "log2", "log10", "log1p", "sqrt", "cbrt"), _ONE),
    **dict.fromkeys(("abs", "sign", "floor", "ceil", "round", "trunc"), _ONE),
    **dict.fromkeys(("atan2", "pow"), _TWO),
    **dict.fromkeys(("min", "max", "hypot"), _SOME),
}
"""The fewest and the most arguments of each function; None: any number."""

CONSTANTS: dict[str, float] = {
    "pi": math.pi,
    "e": math.e,
    "Math.PI": math.pi,
    "Math.E": math.e,
    "true": 1.0,
    "false": 0.0,
    "NaN": math.nan,
    "Infinity": math.inf,
}

# How tightly an operator binds; a larger number binds tighter. Only ** is read from right to left.
_CHOICE, _NOT, _EQUAL, _ORDER, _SIGN, _POWER = 1, 4, 8, 9, 13, 14
_BINARY: dict[str, tuple[BinaryOperator, int]] = {
    "||": ("||", 2),
    "or": ("||", 2),
    "&&": ("&&", 3),
    "and": ("&&", 3),
    "|": ("|", 5),
    "&": ("&", 7),
    "==": ("==", _EQUAL),
    "===": ("==", _EQUAL),
    "!=": ("!=", _EQUAL),
    "!==": ("!=", _EQUAL),
    "<": ("<", _ORDER),
    "<=": ("<=", _ORDER),
    ">": (">", _ORDER),
    ">=": (">=", _ORDER),
    "<<": ("<<", 10),
    ">>": (">>", 10),
    ">>>": (">>>", 10),
    "+": ("+", 11),
    "-": ("-", 11),
    "*": ("*", 12),
    "/": ("/", 12),
    "%": ("%", 12),
    "**": ("**", _POWER),
}
_UNARY: dict[str, tuple[UnaryOperator, int]] = {
    "-": ("-", _SIGN),
    "+": ("+", _SIGN),
    "!": ("!", _SIGN),
    "~": ("~", _SIGN),
    "not": ("!", _NOT),
}
_WORDS = ("and", "or", "not", "if", "else")

_HINTS = {
    "^": "a power is written with **",
    "=": "a comparison is written with ==",
    "//": "a whole quotient is written floor(a / b), and comments are not read",
    ",": "a comma only separates the arguments of a function",
    '"': "text is not a number",
    "'": "text is not a number",
    "`": "text is not a number",
    "×": "a product is written with *",
    "·": "a product is written with *",
    "÷": "a quotient is written with /",
    "−": "minus is written with -",
    "≤": "it is written <=",
    "≥": "it is written >=",
    "≠": "it is written !=",
}

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>0[xX][0-9a-fA-F]+ | (?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<name>[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*)
    | (?P<symbol>>>>|===|!==|\*\*|//|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%<>!~&|^?:(),=])
    | (?P<end>$)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


def parse_formula(text: str) -> Formula:
    """Read a formula, for example `i < h / 2 ? 1 : -1` or `Math.sin(i / 8) * cos(j / 8)`.

    Raises:
        ExpressionError: the text does not follow the grammar; the message shows the place.
    """
    if len(text) > MAX_LENGTH:
        raise _error(text, MAX_LENGTH, f"a formula has at most {MAX_LENGTH} characters, found {len(text)}")
    parser = _Parser(text)
    tree = parser.formula(_CHOICE)
    if parser.token.kind != "end":
        raise parser.expected("an operator or the end")
    if _is_deeper(tree, MAX_DEPTH):
        problem = f"more than {MAX_DEPTH} operators hang on one another; group them with parentheses"
        raise _error(text, 0, problem)
    return tree


def _is_deeper(tree: Formula, limit: int) -> bool:
    level: tuple[Formula, ...] = (tree,)
    for _ in range(limit):
        level = tuple(child for node in level for child in _children(node))
    return bool(level)


def _children(tree: Formula) -> tuple[Formula, ...]:
    match tree:
        case Unary(_, argument):
            return (argument,)
        case Binary(_, left, right):
            return (left, right)
        case Choice(condition, yes, no):
            return (condition, yes, no)
        case Call(_, arguments):
            return arguments
        case _:
            return ()


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while not tokens or tokens[-1].kind != "end":
        found = _TOKEN.match(text, at)
        if found is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise _error(text, at, f"{_shown(text[at])} means nothing here{_hint(text[at])}")
        kind = str(found.lastgroup)
        word = found[kind]
        tokens.append(_Token(kind, "".join(word.split()), found.start(kind)))
        at = found.end()
    return tokens


def _number(token: _Token, text: str) -> Number:
    written = token.text
    if re.match(r"0[0-9]", written):
        raise _error(text, token.position, f"expected a number without a leading zero, found '{written}'")
    if written[:2] not in ("0x", "0X"):
        return Number(float(written))
    try:
        return Number(float(int(written, 16)))
    except OverflowError:
        return Number(math.inf)


def _hint(found: str) -> str:
    return f" ({_HINTS[found]})" if found in _HINTS else ""


def _shown(word: str) -> str:
    if not word.isprintable():
        return f"the character U+{ord(word[0]):04X}"
    return f'"{word}"' if word == "'" else f"'{word}'"


def _error(text: str, position: int, problem: str) -> ExpressionError:
    return pointed("formula", text, position, problem)


class _Parser:
    """One pass from left to right; an operator takes what binds tighter than itself (Pratt's method)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.index = 0
        self.depth = 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.index]

    def take(self, word: str) -> bool:
        if self.token.text == word:
            self.index += 1
            return True
        return False

    def expected(self, wanted: str) -> ExpressionError:
        token = self.token
        found = "the end" if token.kind == "end" else _shown(token.text)
        hint = _hint(token.text)
        if not wanted.startswith("a number") and self.starts_operand():
            hint = " (a product is written with *)"
        return _error(self.text, token.position, f"expected {wanted}, found {found}{hint}")

    def starts_operand(self) -> bool:
        kind, word = self.token.kind, self.token.text
        return kind == "number" or word == "(" or (kind == "name" and word not in _WORDS)

    def need(self, word: str, opening: _Token) -> None:
        if not self.take(word):
            where = place(self.text, opening.position)
            raise self.expected(f"'{word}' for the '{opening.text}' at {where}")

    def formula(self, least: int) -> Formula:
        """The longest formula from here whose operators bind at least as tightly as `least`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _error(self.text, self.token.position, f"this is nested more than {MAX_DEPTH} deep")
        tree = self.operand()
        while True:
            token = self.token
            if token.text in ("?", "if") and least <= _CHOICE:
                tree = self.choice(tree)
                continue
            operator, binds = _BINARY.get(token.text, (None, 0))
            if operator is None or binds < least:
                break
            self.index += 1
            tree = Binary(operator, tree, self.formula(binds if operator == "**" else binds + 1))
            self.refuse_chain(binds)
        self.depth -= 1
        return tree

    def refuse_chain(self, binds: int) -> None:
        """Refuse `0 < i < 5`, which JavaScript and Python read differently."""
        if binds in (_EQUAL, _ORDER) and _BINARY.get(self.token.text, ("", 0))[1] == binds:
            raise self.expected("'&&' or parentheses between two comparisons")

    def choice(self, before: Formula) -> Formula:
        opening = self.token
        self.index += 1
        if opening.text == "?":
            yes = self.formula(_CHOICE)
            self.need(":", opening)
            return Choice(before, yes, self.formula(_CHOICE))
        condition = self.formula(_CHOICE + 1)
        self.need("else", opening)
        return Choice(condition, before, self.formula(_CHOICE))

    def operand(self) -> Formula:
        token = self.token
        if token.text in _UNARY:
            operator, binds = _UNARY[token.text]
            self.index += 1
            return Unary(operator, self.formula(binds))
        if not self.starts_operand():
            raise self.expected("a number, a name or '('")
        self.index += 1
        if token.kind == "number":
            return _number(token, self.text)
        if token.kind == "name":
            return self.call(token) if self.token.text == "(" else self.name(token)
        tree = self.formula(_CHOICE)
        self.need(")", token)
        return tree

    def name(self, token: _Token) -> Formula:
        if token.text in CONSTANTS:
            return Number(CONSTANTS[token.text])
        for variable in get_args(VariableName):
            if token.text == variable:
                return Variable(variable)
        if token.text.removeprefix("Math.") in FUNCTIONS:
            raise _error(self.text, token.position, f"'{token.text}' is a function: write {token.text}(...)")
        raise self.unknown(token, "name", (*get_args(VariableName), *CONSTANTS))

    def call(self, token: _Token) -> Formula:
        function = token.text.removeprefix("Math.")
        if function == "random":
            problem = "random numbers would change at every look; use the initializer uniform with a seed"
            raise _error(self.text, token.position, problem)
        if token.text in CONSTANTS or token.text in get_args(VariableName):
            problem = f"'{token.text}' is no function (a product is written with *)"
            raise _error(self.text, token.position, problem)
        if function not in FUNCTIONS:
            raise self.unknown(token, "function", FUNCTIONS)
        opening = self.token
        self.index += 1
        arguments: list[Formula] = []
        if self.token.text != ")":
            arguments.append(self.formula(_CHOICE))
            while self.take(","):
                arguments.append(self.formula(_CHOICE))
        self.need(")", opening)
        fewest, most = FUNCTIONS[function]
        if len(arguments) < fewest or (most is not None and len(arguments) > most):
            wanted = f"{fewest} argument{'s' * (fewest > 1)}" + (" or more" if most is None else "")
            raise _error(self.text, token.position, f"{function} takes {wanted}, got {len(arguments)}")
        return Call(function, tuple(arguments))

    def unknown(self, token: _Token, kind: str, known: Iterable[str]) -> ExpressionError:
        spellings = {name.lower(): name for name in known}
        close = get_close_matches(token.text.rpartition(".")[2].lower(), spellings, n=1)
        known_names = f"nown {kind}s: {', '.join(sorted(spellings.values(), key=str.lower))}"
        hint = f"did you mean '{spellings[close[0]]}'? K" if close else "k"
        return _error(self.text, token.position, f"unknown {kind} '{token.text}'; {hint}{known_names}")
