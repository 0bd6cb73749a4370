"""Several statements, one below the other, as the one expression that they mean.

    Q = x @ wQ
    K = x @ wK
    scores = Q @ K.T

means scores = (Q = x @ wQ) @ (K = x @ wK).T: a name stands for its matrix where it is used first, as the last statement
is read, and shows it again wherever else it is used.
"""

from collections.abc import Iterator, Mapping, Sequence

from mmviz.errors import ExpressionError
from mmviz.scene.language.expression import (
    MAX_DEPTH,
    Beside,
    Call,
    Expression,
    Name,
    Named,
    Statements,
    children,
    nested_too_deep,
    rebuilt,
)
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.scene.language.plain_words import write_name


class StatementError(ExpressionError):
    """A statement that cannot stand where it does."""

    def __init__(self, number: int, name: str | None, problem: str, *, is_use: bool = False) -> None:
        super().__init__(f"statement {number + 1}: {problem}.")
        self.number = number  # of the statement, from 0
        self.name = name  # the name in it that this is about; None: the statement itself
        self.problem = problem
        self.is_use = is_use  # it is about where the name is used, not about where it is assigned


def check_statements(parts: Sequence[Expression]) -> None:
    """Refuse statements whose names are not known where they are used, or for nothing.

    Raises:
        StatementError: a statement but the last has no name, or a name is used before its statement, within it or
            never, has two statements, or stands within a statement and is used in another one.
    """
    at: dict[str, int] = {}  # name -> its statement
    within: dict[str, int] = {}  # name that is assigned within a statement -> the statement
    for number, part in enumerate(parts):
        if not isinstance(part, Named):
            if number + 1 < len(parts):
                raise StatementError(number, None, "only the last may have no name; others are written NAME = ...")
        elif part.name in at:
            twice = f"{write_name(part.name)} is assigned twice; every name stands for one matrix"
            raise StatementError(number, part.name, twice)
        else:
            at[part.name] = number
        for name in _assigned_within(part):
            within.setdefault(name, number)
    used: set[str] = set()
    for number, part in enumerate(parts):
        for name in _used(part):
            used.add(name)
            _check_use(name, number, at, within)
    for name, number in at.items():
        if name not in used and number + 1 < len(parts):
            never = f"{write_name(name)} is never used; leave it out, or use it in a statement further on"
            raise StatementError(number, name, never)


def joined(expression: Expression) -> Expression:
    """The one expression that statements mean; what is no list of statements stays as it is.

    Raises:
        ExpressionError: as `check_statements`, or they are nested too deep.
    """
    if isinstance(expression, Beside):
        return Beside(tuple(map(joined, expression.parts)))
    if not isinstance(expression, Statements):
        return expression
    check_statements(expression.parts)
    waiting = {part.name: part for part in expression.parts[:-1] if isinstance(part, Named)}
    return _placed(expression.parts[-1], waiting, 1)


def parted(expression: Expression, like: Expression) -> Expression:
    """The same matrices in the statements of another expression, of which this was made by `joined`, and changed."""
    if isinstance(expression, Beside) and isinstance(like, Beside):
        return Beside(tuple(map(parted, expression.parts, like.parts)))
    if not isinstance(like, Statements):
        return expression
    found: dict[str, Expression] = {}
    names = [part.name for part in like.parts[:-1] if isinstance(part, Named)]
    last = _without(expression, set(names), found, outermost=True)
    return Statements((*(found[name] for name in names), last))


def _check_use(name: str, number: int, at: Mapping[str, int], within: Mapping[str, int]) -> None:
    """Refuse a name that is not known in a statement; what is wrong within one is found where the tree is built."""
    told = write_name(name)
    if name in at and at[name] == number:
        raise StatementError(number, name, f"{told} is used within its own assignment", is_use=True)
    if name in at and at[name] > number:
        later = at[name] + 1
        before = f"{told} is used before it is assigned; statement {later} belongs above"
        raise StatementError(number, name, before, is_use=True)
    if name not in at and within.get(name, number) != number:
        own = f"{told} is assigned within statement {within[name] + 1}; give it a statement of its own, to be used here"
        raise StatementError(number, name, own, is_use=True)


def _used(part: Expression) -> Iterator[str]:
    """The names that stand in a statement."""
    if isinstance(part, Name):
        yield part.name
    for argument in children(part):
        yield from _used(argument)


def _assigned_within(part: Expression) -> Iterator[str]:
    """The names that are assigned in parentheses within a statement."""
    for argument in children(part):
        if isinstance(argument, Named):
            yield argument.name
        yield from _assigned_within(argument)


def _placed(part: Expression, waiting: dict[str, Named], level: int) -> Expression:
    """The part with statements in the place of the names that are met first."""
    if level > MAX_DEPTH:
        raise nested_too_deep()
    if isinstance(part, Name):
        found = waiting.pop(part.name, None)
        return part if found is None else _placed(found, waiting, level)
    if isinstance(part, Call):
        _check_vectors(part, waiting)
    return rebuilt(
        part,
        tuple(
            argument if isinstance(part, Call) and number else _placed(argument, waiting, level + 1)
            for number, argument in enumerate(children(part))
        ),
    )


def _check_vectors(call: Call, waiting: Mapping[str, Named]) -> None:
    for role, vector in zip(FUNCTIONS[call.function].vectors, call.vectors, strict=False):
        if vector.name in waiting:
            raise ExpressionError(
                f"{call.function}, {role}: {write_name(vector.name)} is assigned in the expression; "
                "a vector must be a tensor with a source of its own."
            )


def _without(part: Expression, names: set[str], found: dict[str, Expression], *, outermost: bool = False) -> Expression:
    """The part with bare names in the place of statements, which are put into `found`."""
    changed = rebuilt(part, tuple(_without(argument, names, found) for argument in children(part)))
    if outermost or not isinstance(changed, Named) or changed.name not in names:
        return changed
    found[changed.name] = changed
    return Name(changed.name)
