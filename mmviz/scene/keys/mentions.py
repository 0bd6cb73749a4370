"""Which keys of a document name matrices: said in its types, found and followed by one walk; knows no expression."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel

END = "end"
"""Names no matrix but the step at which the animation, or a chapter, ends."""

Kind = Literal["matrix", "result", "product", "worn", "drawn", "maybe", "input", "axis"]
"""What a name may stand for.

matrix: any matrix, by name or path; result: one that is computed, of two others; product: one by @; worn: one that
wears a function; drawn: any matrix, where X may stand for the X.T that is drawn; maybe: any matrix, and one that is
not there is passed over; input: a tensor of the expression; axis: an axis, or a result where the key holds a mapping.
"""


@dataclass(frozen=True, slots=True)
class Names:
    """Marks a text of a document, or the keys of a mapping in it, as names of matrices."""

    kind: Kind
    or_end: bool = False  # `end` is no name there


@dataclass(frozen=True, slots=True)
class Mention:
    """A place in a document that names a matrix."""

    place: tuple[str | int, ...]  # keys and numbers of entries, as a file has them
    name: str  # a name or a path
    kind: Kind
    said: Any = None  # what stands under a key of a mapping


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where names can stand in values of one type."""

    text: Names | None = None  # the value itself
    keys: Names | None = None  # the keys of a mapping
    entries: "_Slot | None" = None  # the entries of a list or mapping
    in_model: bool = False  # the keys of a part of the document


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a part of a document, below which names can stand."""

    attribute: str
    written: str  # as a file has it
    slot: _Slot


Follow = Callable[[Mention], str | None]
"""The new name of what is mentioned; None where it is gone."""
Part = TypeVar("Part", bound=BaseModel)


class _Gone(Exception):  # noqa: N818  (it is no error)
    """A matrix is gone that the entry of a list cannot do without."""


def mentions(part: BaseModel) -> Iterator[Mention]:
    """Every place in a part of a document that names a matrix, in the order of its keys."""
    found: list[Mention] = []

    def note(mention: Mention) -> str:
        found.append(mention)
        return mention.name

    _in_model(part, note, (), in_entry=True)
    yield from found


def followed(part: Part, follow: Follow) -> Part:
    """The part with other names. What says something of a matrix that is gone goes away with it.

    That is the entry of the mapping that is named so, or the entry of the list in which the name stands, or else the
    key alone.
    """
    return _in_model(part, follow, (), in_entry=False)


@cache
def keys_with_names(model: type[BaseModel]) -> tuple[Key, ...]:
    """The keys of a part of a document that name matrices, or below which some do."""
    slots = {key: _slot(field.annotation, tuple(field.metadata)) for key, field in model.model_fields.items()}
    return tuple(
        Key(key, model.model_fields[key].alias or key, slot) for key, slot in slots.items() if slot is not None
    )


def _slot(annotation: Any, marks: tuple[Any, ...] = ()) -> _Slot | None:
    """Where names can stand in values of a type; None: nowhere."""
    names = next((mark for mark in marks if isinstance(mark, Names)), None)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _slot(arguments[0], (*marks, *arguments[1:]))
    if origin in (Union, UnionType):
        slots = [slot for one in arguments if (slot := _slot(one, marks)) is not None]
        return _joined(slots) if slots else None
    if origin is dict:
        keys, entries = _slot(arguments[0]), _slot(arguments[1])
        named = None if keys is None else keys.text
        return _Slot(keys=named, entries=entries) if named or entries else None
    if origin is tuple:
        entries = next((slot for one in arguments if (slot := _slot(one)) is not None), None)
        return None if entries is None else _Slot(entries=entries)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _Slot(in_model=True) if keys_with_names(annotation) else None
    return _Slot(text=names) if annotation is str and names is not None else None


def _joined(slots: list[_Slot]) -> _Slot:
    """Of a union: each of its types says something about values of its own."""
    return _Slot(
        text=next((slot.text for slot in slots if slot.text), None),
        keys=next((slot.keys for slot in slots if slot.keys), None),
        entries=next((slot.entries for slot in slots if slot.entries), None),
        in_model=any(slot.in_model for slot in slots),
    )


def _in_model(part: Part, follow: Follow, place: tuple[str | int, ...], *, in_entry: bool) -> Part:
    changed: dict[str, Any] = {}
    for key in keys_with_names(type(part)):
        before = getattr(part, key.attribute)
        try:
            after = _in_value(before, key.slot, follow, (*place, key.written), in_entry=in_entry)
        except _Gone:
            if in_entry:
                raise
            after = type(part).model_fields[key.attribute].get_default(call_default_factory=True)
        if after is not before:
            changed[key.attribute] = after
    return part.model_copy(update=changed) if changed else part


def _in_value(value: Any, slot: _Slot, follow: Follow, place: tuple[str | int, ...], *, in_entry: bool) -> Any:
    if isinstance(value, BaseModel):
        return _in_model(value, follow, place, in_entry=in_entry) if slot.in_model else value
    if isinstance(value, Mapping):
        return _in_mapping(value, slot, follow, place)
    if isinstance(value, tuple):
        return value if slot.entries is None else _in_list(value, slot.entries, follow, place)
    if not isinstance(value, str) or slot.text is None or (slot.text.or_end and value == END):
        return value
    name = follow(Mention(place, value, slot.text.kind))
    if name is None:
        raise _Gone
    return name


def _in_mapping(
    mapping: Mapping[str, Any], slot: _Slot, follow: Follow, place: tuple[str | int, ...]
) -> Mapping[str, Any]:
    after: dict[str, Any] = {}
    for key, entry in mapping.items():
        here = (*place, key)
        name = key if slot.keys is None else follow(Mention(here, key, slot.keys.kind, entry))
        if name is None:
            continue
        try:
            after[name] = entry if slot.entries is None else _in_value(entry, slot.entries, follow, here, in_entry=True)
        except _Gone:
            continue
    same = list(after) == list(mapping) and all(after[key] is mapping[key] for key in after)
    return mapping if same else after


def _in_list(entries: tuple[Any, ...], slot: _Slot, follow: Follow, place: tuple[str | int, ...]) -> tuple[Any, ...]:
    after = []
    for number, entry in enumerate(entries):
        try:
            after.append(_in_value(entry, slot, follow, (*place, number), in_entry=True))
        except _Gone:
            continue
    same = len(after) == len(entries) and all(one is other for one, other in zip(after, entries, strict=True))
    return entries if same else tuple(after)
