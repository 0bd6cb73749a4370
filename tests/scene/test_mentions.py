"""Keys of a document that name matrices: each is marked in its type, checked, and follows another expression.

The cases are made of the types, so that a new key is held against the same laws without a word.
"""

import types
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from mmviz.errors import SceneError
from mmviz.scene.changes.edits import edited
from mmviz.scene.document import Document, from_mapping
from mmviz.scene.keys.mentions import Kind, Names, mentions
from mmviz.scene.keys.sources import ActivationSource

NO_NAMES = {
    "Document.expr",
    "Document.roots",
    "Document.roots.*",
    "Document.roots.{}",
    "FormulaSource.formula",
}
"""Keys with any text that name no matrix. Others are of a type that says so: Line, Prose, Text, Title, Address."""
TOKENS = {"path": "smollm2-135m-2layers", "tokens": [1, 2]}
BASE: dict[str, Any] = {
    "expr": "out = (p = softmax(A @ B)) @ C",
    "tensors": {name: {"init": "rows", "shape": [4, 4]} for name in "ABC"},
    "model": TOKENS,
}

Place = tuple[str, ...]
"""Keys; "*" is an entry of a list, "{}" a name that stands as a key of a mapping."""
Make = Callable[[str], Any]


def stripped(annotation: Any, marks: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The types that a value may have, each with what is noted on it."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        yield from stripped(inner, (*marks, *more))
    elif get_origin(annotation) in (Union, types.UnionType):
        for one in get_args(annotation):
            yield from stripped(one, marks)
    else:
        yield annotation, marks


def texts(model: type[BaseModel], seen: set[type] | None = None) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Every key of any text, and every mapping with keys of any text, and what is noted on it."""
    seen = set() if seen is None else seen
    if model in seen:
        return
    seen.add(model)
    for key, field in model.model_fields.items():
        yield from _texts(f"{model.__name__}.{key}", field.annotation, tuple(field.metadata), seen)


def _texts(place: str, annotation: Any, marks: tuple[Any, ...], seen: set[type]) -> Iterator[tuple[str, Any]]:
    for one, noted in stripped(annotation, marks):
        if one is str:
            yield place, noted
        elif get_origin(one) in (dict, tuple):
            for argument in get_args(one):
                if argument is not Ellipsis:
                    yield from _texts(place, argument, (), seen)
        elif isinstance(one, type) and issubclass(one, BaseModel):
            yield from texts(one, seen)


def named(model: type[BaseModel]) -> Iterator[tuple[Place, Names, Make]]:
    """Every place that is marked, and how such a part of a document is made of a name."""
    for key, field in model.model_fields.items():
        written = field.alias or key
        for place, names, make in _named(field.annotation, tuple(field.metadata)):
            yield (written, *place), names, _key_of(model, written, make)


def _named(annotation: Any, marks: tuple[Any, ...]) -> Iterator[tuple[Place, Names, Make]]:
    for one, noted in stripped(annotation, marks):
        names = next((mark for mark in noted if isinstance(mark, Names)), None)
        if one is str and names is not None:
            yield (), names, str
        elif get_origin(one) is dict:
            keys, entries = get_args(one)
            for _, names, _ in _named(keys, ()):
                for entry in some(entries):
                    yield ("{}",), names, _named_entry(entry)
            for place, names, make in _named(entries, ()):
                yield ("{}", *place), names, _entry(make)
        elif get_origin(one) is tuple and get_args(one)[-1] is Ellipsis:
            for place, names, make in _named(get_args(one)[0], ()):
                yield ("*", *place), names, _in_list(make)
        elif isinstance(one, type) and issubclass(one, BaseModel) and one is not Document:
            yield from named(one)


def _key_of(model: type[BaseModel], key: str, make: Make) -> Make:
    return lambda name: _valid(model, {key: make(name)})


def _named_entry(entry: Any) -> Make:
    return lambda name: {name: entry}


def _entry(make: Make) -> Make:
    return lambda name: {"A": make(name)}


def _in_list(make: Make) -> Make:
    return lambda name: [make(name)]


def some(annotation: Any) -> list[Any]:
    """An example of every type that a value may have."""
    return [found for one, noted in stripped(annotation) for found in _example(one, noted)]


def _example(one: Any, noted: tuple[Any, ...]) -> list[Any]:
    if one is ActivationSource:
        return [{"activation": "blocks.0.hook_resid_pre"}]
    if isinstance(one, type) and issubclass(one, BaseModel):
        return [_valid(one, {})]
    if get_origin(one) is tuple:
        return [[some(argument)[0] for argument in get_args(one) if argument is not Ellipsis]]
    if get_origin(one) is Literal:
        return [get_args(one)[0]]
    names = any(isinstance(mark, Names) for mark in noted)
    examples: dict[Any, list[Any]] = {int: [1], float: [1.0], bool: [True], str: ["" if names else "x"]}
    return examples.get(one, [])


def _valid(model: type[BaseModel], content: dict[str, Any]) -> dict[str, Any]:
    """The content with as few other keys as a part of this kind needs."""
    if model is Document:
        return content
    full = dict(content)
    for key, field in model.model_fields.items():
        if field.is_required() and (field.alias or key) not in full:
            marks = any(isinstance(mark, Names) for mark in field.metadata)
            full[field.alias or key] = "out" if marks else some(field.annotation)[0]
    candidates = [full, *({**full, key: 1.0} for key in model.model_fields if key not in full)]
    for candidate in candidates:
        try:
            model.model_validate(candidate)
        except ValueError:
            continue
        return candidate
    return full


PLACES = [
    (place, names, make)
    for place, names, make in named(Document)
    if place != ("tensors", "{}")  # what an expression does to its tensors is tested in test_edits
]
CHECKED = [
    case
    for case in PLACES
    if case[0] != ("layout", "fold", "{}")
    and case[1].kind != "maybe"
    and (case[0] != ("partition", "{}") or isinstance(case[2]("p")["partition"]["p"], dict))
]
"""What an axis is called is known with the shapes only."""
ALL_KINDS = set(get_args(Kind))
OF_MATRICES = [case for case in PLACES if case[1].kind not in ("input", "axis")]
IDS_OF_MATRICES = [".".join(case[0]) for case in OF_MATRICES]


def document(part: dict[str, Any], expr: str = BASE["expr"]) -> Document:
    return from_mapping(BASE | {"expr": expr} | part, "scene")


def names_in(told: Document, kind: Kind) -> list[str]:
    return [mention.name for mention in mentions(told) if mention.kind == kind and mention.place[0] != "tensors"]


def test_every_key_that_can_hold_any_text_says_whether_it_names_a_matrix() -> None:
    bare = {place for place, noted in texts(Document) if not noted}
    marked = {place for place, noted in texts(Document) if any(isinstance(mark, Names) for mark in noted)}
    silent = {place for place, noted in texts(Document) if noted and place not in marked and _is_bare(noted)}
    assert (bare | silent) - NO_NAMES == set(), "mark it with Names(...), or list it in NO_NAMES"
    assert len(marked) >= 14


def _is_bare(noted: tuple[Any, ...]) -> bool:
    """Whether nothing but a description is noted."""
    return not any(type(mark).__name__ in ("AfterValidator", "StringConstraints") for mark in noted)


def test_every_kind_of_name_is_in_use() -> None:
    assert {names.kind for _, names, _ in named(Document)} == ALL_KINDS


@pytest.mark.parametrize(("place", "names", "make"), CHECKED, ids=[".".join(case[0]) for case in CHECKED])
def test_a_name_that_no_matrix_has_is_refused(place: Place, names: Names, make: Make) -> None:
    with pytest.raises(SceneError, match="nobody"):
        document(make("nobody"))


@pytest.mark.parametrize(("place", "names", "make"), OF_MATRICES, ids=IDS_OF_MATRICES)
def test_a_key_follows_its_matrix_to_another_name(place: Place, names: Names, make: Make) -> None:
    before = document(make("p"))
    assert names_in(before, names.kind) == ["p"]
    after = edited(before, "out = (q = softmax(A @ B)) @ C")
    assert names_in(after, names.kind) == ["left"]  # its path


@pytest.mark.parametrize(("place", "names", "make"), OF_MATRICES, ids=IDS_OF_MATRICES)
def test_a_key_follows_its_matrix_to_another_place(place: Place, names: Names, make: Make) -> None:
    before = document(make("left"))
    after = edited(before, "out = C @ (p = softmax(A @ B))")
    assert names_in(after, names.kind) == ["right"]


@pytest.mark.parametrize(("place", "names", "make"), OF_MATRICES, ids=IDS_OF_MATRICES)
def test_what_is_said_of_a_matrix_goes_away_with_it_and_nothing_else(place: Place, names: Names, make: Make) -> None:
    before = document(make("p") | {"title": "kept"})
    after = edited(before, "out = A @ C")
    assert names_in(after, names.kind) == []
    assert after.title == "kept"


def test_a_rank_and_the_counts_of_a_product_go_with_their_matrix() -> None:
    before = document({"rank": {"C": 1}, "partition": {"p": {"k": 2}, "i": 2}})
    after = edited(before, "out = (p = softmax(A @ B)) @ A")
    assert (after.rank, after.partition) == ({}, {"i": 2, "p": before.partition["p"]})
    assert edited(before, "out = A @ C").partition == {"i": 2}
