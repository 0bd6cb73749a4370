"""Random and damaged expressions and formulas end in a tree and numbers, or in one MmvizError, soon."""

import random
import string
from functools import partial

from mmviz.pipeline import Scene
from mmviz.scene.language.formula import CONSTANTS, parse_formula
from mmviz.scene.language.formula import FUNCTIONS as FORMULA_FUNCTIONS
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.grammar import parse
from mmviz.values.tensors.formula_numbers import evaluate_formula
from tests.fuzz.attempts import attempt, one_paragraph
from tests.fuzz.made_up import SQUARE, VECTOR, expression, formula
from tests.fuzz.mutations import damaged

LETTERS = "ABQk_'@+-*().,=T 0129e\n#∂" + string.ascii_lowercase[:6]
EXPRESSIONS = (
    "out = softmax(scale(Q @ K.T, 0.5)) @ V",
    "y = rmsnorm(x, g) @ W + x * (A - B.T)",
    "tril(A @ B)\n@ 'a name'",
    "a = (b = A @ B) @ C + b",
)
PIECES = ("A", "B", "'a b'", "x1", " @ ", " + ", " - ", " * ", ".T", "(", ")", ", ", " = ", "2", "1e9", "0.5", "\n")
FORMULAS = (
    "-2 * (Math.trunc(i / 8) % 2) + 1",
    "i == j ? 1 : 0",
    "sin(i) * cos(j) if i > j else hypot(i, j, 1)",
    "(i << 2 | j) ** 0.5 >>> 1 && !h",
)
PARTS = ("i", "j", "h", "w", "1", "0", "1e308", ".5", " ", "(", ")", ",", "?", ":", " if ", " else ", "not ", "~", "!")
OPERATORS = ("+", "-", "*", "/", "%", "**", "<", "<=", "==", "!=", "&&", "||", "&", "|", "<<", ">>", ">>>", " and ")


def some_text(chance: random.Random, examples: tuple[str, ...], pieces: tuple[str, ...], made: str) -> str:
    """What was made up, also with changes; letters, words of the language in any order, or an example with changes."""
    kind = chance.randrange(8)
    if kind > 3:
        return made if kind < 6 else damaged(made.encode(), chance).decode("utf-8", "replace")
    if kind == 0:
        return "".join(chance.choice(LETTERS) for _ in range(chance.randint(0, 200)))
    if kind == 1:
        return "".join(chance.choice(pieces) for _ in range(chance.randint(1, 40)))
    if kind == 2:
        piece, end = chance.choice(pieces), chance.choice(pieces)
        return piece * chance.choice((3, 90, 110, 3000)) + "A" + end * chance.choice((0, 3, 110))
    return damaged(chance.choice(examples).encode(), chance).decode("utf-8", "replace")


def lay_out(text: str) -> None:
    parse(text)
    names = [name for name in (*SQUARE, "Q", "K", "V", "x", "W", VECTOR) if name.strip("'") in text]
    tensors = {name.strip("'"): {"init": "gaussian", "shape": [1 if name == VECTOR else 4, 4]} for name in names}
    scene = Scene(text, tensors)
    scene.layout()
    scene.values()


def test_random_expressions(seeds: range) -> None:
    pieces = (*PIECES, *(f"{name}(" for name in FUNCTIONS))
    for seed in seeds:
        chance = random.Random(f"expression {seed}")
        attempt(
            partial(lay_out, some_text(chance, EXPRESSIONS, pieces, expression(chance))),
            f"expression {seed}",
            one_paragraph,
        )


def compute(text: str) -> None:
    numbers = evaluate_formula(parse_formula(text), 3, 4)
    assert numbers.shape == (3, 4)


def test_random_formulas(seeds: range) -> None:
    pieces = (*PARTS, *OPERATORS, *CONSTANTS, *(f"{name}(" for name in FORMULA_FUNCTIONS))
    for seed in seeds:
        chance = random.Random(f"formula {seed}")
        attempt(
            partial(compute, some_text(chance, FORMULAS, pieces, formula(chance))), f"formula {seed}", one_paragraph
        )


def test_examples_are_right_as_they_are() -> None:
    for text in EXPRESSIONS:
        parse(text)
    for text in FORMULAS:
        compute(text)
