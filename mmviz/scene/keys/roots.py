"""Several expressions in one scene, side by side: as a list, or by their titles; no tree, no places."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator

from mmviz.errors import ExpressionError
from mmviz.scene.keys.fields import one_line
from mmviz.scene.keys.problems import found, printable
from mmviz.scene.language.expression import MAX_ROOTS, Beside, Expression, beside, write
from mmviz.scene.language.parsed import expression_of, tree_of
from mmviz.scene.language.written import text_of

LONGEST = 100
"""Letters of a title over a root."""


def _roots(given: Any) -> Any:
    """As they are written in a scene.

    Raises:
        ValueError: they are no expressions, or not as many as can stand side by side.
    """
    if isinstance(given, Mapping):
        checked: Any = {_title(title): _expression(title, text) for title, text in given.items()}
        if len(checked) < len(given):
            raise ValueError("two titles are the same.")
        texts = list(checked.values())
    elif isinstance(given, Sequence) and not isinstance(given, str):
        checked = texts = [_expression(number, text) for number, text in enumerate(given)]
    else:
        raise ValueError(f"must be a list of expressions, or a mapping of titles to expressions, got {found(given)}.")
    if not 2 <= len(texts) <= MAX_ROOTS:
        more = "; one alone is said by expr" if len(texts) == 1 else ""
        raise ValueError(f"2 to {MAX_ROOTS} expressions can stand side by side, got {len(texts)}{more}.")
    try:
        tree_of(as_text(checked))
    except ExpressionError as error:
        raise ValueError(str(error)) from None
    return checked if isinstance(checked, dict) else tuple(checked)


Roots = Annotated[dict[str, str] | tuple[str, ...], BeforeValidator(_roots)]
ROOTS = (
    "In the place of expr: several expressions that are shown side by side, a list of them or a mapping of the title "
    "over each to it. A matrix that one assigns can be used by those after it."
)


def as_text(roots: Mapping[str, str] | Sequence[str]) -> str:
    """All expressions as one text, as an expression says that they stand side by side."""
    return " | ".join(roots.values() if isinstance(roots, Mapping) else roots)


def titles_of(roots: Mapping[str, str] | Sequence[str]) -> tuple[str, ...]:
    """What stands over each; "" where nothing does."""
    return tuple(roots) if isinstance(roots, Mapping) else ("",) * len(roots)


def with_text(roots: Mapping[str, str] | Sequence[str], text: str) -> dict[str, str] | list[str] | None:
    """The same with other expressions; None where it is but one, alone.

    What is as it was keeps its title, what else comes takes those that are left, in order, and then numbers.

    Raises:
        ExpressionError: the text cannot be read.
    """
    parts = [write(part) for part in beside(expression_of(text))]
    if len(parts) < 2:
        return None
    if not isinstance(roots, Mapping):
        return parts
    left = {title: write(expression_of(before)) for title, before in roots.items()}
    titles: list[str | None] = [_taken(left, part) for part in parts]
    for number, title in enumerate(titles):
        if title is None:
            titles[number] = next(iter(left), None) or _number(number, titles)
            left.pop(titles[number] or "", None)
    return {str(title): part for title, part in zip(titles, parts, strict=True)}


def _taken(left: dict[str, str], part: str) -> str | None:
    """The first title of an expression, which is left no more."""
    title = next((title for title, before in left.items() if before == part), None)
    left.pop(title or "", None)
    return title


def _number(number: int, taken: Sequence[str | None]) -> str:
    """A title for a new expression."""
    title = str(number + 1)
    while title in taken:
        title += "'"
    return title


def _title(title: Any) -> str:
    if not isinstance(title, str):
        raise ValueError(f"every title must be text, in quotes where it looks like something else, got {found(title)}.")
    line = one_line(title)
    if not 0 < len(line) <= LONGEST:
        raise ValueError(f"a title has 1 to {LONGEST} characters, got {printable(line) or 'none'}.")
    return line


def _expression(place: str | int, text: Any) -> str:
    where = printable(str(place))
    if isinstance(text, Expression | list | tuple):
        text = text_of(text)
    if not isinstance(text, str):
        raise ValueError(f"{where}: must be an expression as text, got {found(text)}.")
    try:
        alone = expression_of(text)
    except ExpressionError as error:
        raise ValueError(f"{where}: {error}") from None
    if isinstance(alone, Beside):
        raise ValueError(f"{where}: has a |; give each expression an entry of its own.")
    return text
