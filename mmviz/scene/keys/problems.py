"""What is wrong with a document, in words: place, what was found, what is needed."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from mmviz.scene.keys.fields import TAGS
from mmviz.scene.keys.sources import SOURCES

MAX_PROBLEMS = 3
"""Most problems of one file that are listed."""
MAX_NAMES = 20
"""Most known names that are listed."""

_KINDS = {"tensors": frozenset(SOURCES), "partition": frozenset({"axis", "product"})}
"""By key of the document: the tags of its entries, which pydantic adds to a place: tensors, A, init, shape."""

_RULES = {
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "literal_error": "must be {expected}",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of fewer digits",
    "int_from_float": "must be a whole number",
    "string_type": "must be text, in quotes where it looks like something else",
    "string_unicode": "must be text of whole characters",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "too_short": "must not be empty",
    "too_long": "must have {max_length} entries or fewer",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "invalid_key": "every key must be text, in quotes where it looks like something else",
}


def explain(error: ValidationError, where: str, model: type[BaseModel]) -> str:
    """The first problems of a document, one a line.

    Args:
        error: What pydantic found.
        where: What the document is called.
        model: Its model.
    """
    # A list whose entries are all wrong is also reported as empty.
    problems = [p for p in error.errors(include_url=False) if not (p["type"] == "too_short" and p["input"])]
    lines = [_line(dict(problem), where, model) for problem in problems[:MAX_PROBLEMS]]
    if len(problems) > MAX_PROBLEMS:
        lines.append(f"... and {len(problems) - MAX_PROBLEMS} more.")
    return "\n".join(lines)


def keys(model: type[BaseModel]) -> str:
    """The keys of a part of the document, in alphabetical order."""
    return ", ".join(sorted(field.alias or name for name, field in model.model_fields.items()))


def found(value: Any) -> str:
    """What stands in a document, as JSON where it is short."""
    if isinstance(value, Mapping):
        return f"a mapping with the keys {listed(sorted(map(str, value)))}" if value else "an empty mapping"
    if isinstance(value, Sequence) and not isinstance(value, str):
        plain = len(value) <= 8 and not any(isinstance(x, Mapping | Sequence) and not isinstance(x, str) for x in value)
        return f"[{', '.join(map(found, value))}]" if plain else f"a list of length {len(value)}"
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f'"{printable(value)}"'
    if isinstance(value, int) and value.bit_length() > 256:
        return "a number of very many digits"
    return printable(json.dumps(value, default=str))


def listed(names: Iterable[str]) -> str:
    """Names for a message: "A, B, C", and how many more there are."""
    shown = list(names)
    more = f", ... ({len(shown)} in all)" if len(shown) > MAX_NAMES else ""
    return ", ".join(printable(name) for name in shown[:MAX_NAMES]) + more


def printable(text: str) -> str:
    """A name or text that is fit for one line of a message."""
    short = text if len(text) <= 60 else f"{text[:57]}..."
    return "".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in short)


def _line(problem: dict[str, Any], where: str, model: type[BaseModel]) -> str:
    kind, place = problem["type"], list(problem["loc"])
    owner = _model_at(model, place[:-1])
    context = {key: _limit(value) for key, value in problem.get("ctx", {}).items()}
    place = [part for n, part in enumerate(place) if not _is_kind(place, n) and part != "[key]"]
    if kind == "extra_forbidden":
        key = printable(str(place.pop()))
        return f"{_target(where, place)}: unknown key '{key}'; known keys: {keys(owner)}."
    if kind == "missing" and isinstance(place[-1], int):
        number = place.pop()
        return f"{_target(where, place)}: entry {number} is missing, got {found(problem['input'])}."
    target = _target(where, place)
    if kind == "missing":
        return f"{target}: is missing."
    if kind == "value_error":
        return f"{target}: {context['error']}"
    message = _RULES[kind].format(**context) if kind in _RULES else problem["msg"][:1].lower() + problem["msg"][1:]
    return f"{target}: {message}, got {found(problem['input'])}."


def _limit(value: Any) -> Any:
    """A bound as it would be written: 0 for 0.0."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def _target(where: str, place: Sequence[object]) -> str:
    parts = [printable(str(part)) or "''" for part in place]
    return f"{where}, {'.'.join(parts)}" if parts else where


def _is_kind(place: Sequence[int | str], n: int) -> bool:
    """Whether a part of a place is no key of the document but a tag."""
    return place[n] in TAGS or (n == 2 and place[n] in _KINDS.get(str(place[0]), ()))


def _model_at(model: type[BaseModel], place: Sequence[int | str]) -> type[BaseModel]:
    """The model that stands at a place in the document."""
    for n, part in enumerate(place):
        if _is_kind(place, n):
            model = SOURCES.get(str(part), model)
        elif isinstance(part, str) and part in model.model_fields:
            model = next(_models_in(model.model_fields[part].annotation), model)
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
