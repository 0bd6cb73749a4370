"""What is computed once from parts of a document: it can read no others, and is handed on where these are equal."""

from collections.abc import Callable, Iterator
from functools import cache
from types import FunctionType, MethodType
from typing import Any, Generic, Self, TypeVar, cast, overload

ALWAYS = ("folder", "where")
"""What every stage may read of its owner besides the document; stages are handed on only where these are equal."""

T = TypeVar("T")


class UndeclaredError(RuntimeError):
    """A stage reads what it does not declare; its numbers could be those of another document."""


class Stage(Generic[T]):
    """A property that is computed when it is first asked for, and kept; see `stage`."""

    def __init__(
        self, compute: Callable[[Any], T], reads: tuple[str, ...], uses: tuple[str, ...], beside: tuple[str, ...] = ()
    ) -> None:
        self.compute = compute
        self.reads = reads
        self.uses = uses
        self.beside = beside
        self.__doc__ = compute.__doc__

    def __set_name__(self, _: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...
    @overload
    def __get__(self, owner: object, kind: type) -> T: ...
    def __get__(self, owner: object | None, kind: type) -> "Self | T":
        """The result, which from now on stands in the owner itself."""
        if owner is None:
            return self
        if self.name not in vars(owner):
            vars(owner)[self.name] = self.compute(_Inputs(owner, self))
        return cast("T", vars(owner)[self.name])


def stage(
    *reads: str, uses: tuple[str, ...] = (), beside: tuple[str, ...] = ()
) -> Callable[[Callable[[Any], T]], Stage[T]]:
    """A property that is computed once.

    Args:
        reads: Keys of `document` that it reads, such as "tensors" or "style.before"; all others raise.
        uses: Other stages of its owner that it reads; all others raise, too.
        beside: Attributes of its owner that change no result, as a file that is open already.
    """
    return lambda compute: Stage(compute, reads, uses, beside)


def take_over(owner: object, other: object) -> None:
    """Keep what another object of the same class has computed, as far as it was made of what is equal in both."""
    if any(getattr(owner, name) != getattr(other, name) for name in ALWAYS):
        return
    kind: Any = type(owner)
    mine, theirs = _Equal(owner, other), vars(other)
    for name, parts in _parts(kind).items():
        if name in theirs and name not in vars(owner) and all(mine.equal(path) for path in parts):
            vars(owner)[name] = theirs[name]


def forget(owner: object) -> None:
    """Give up all that stages have computed."""
    kind: Any = type(owner)
    for name in _stages(kind):
        vars(owner).pop(name, None)


def parts_of(kind: Any, name: str) -> frozenset[str]:
    """The keys of the document that a stage is made of, by itself or by the stages that it uses."""
    return _parts(kind)[name]


@cache
def _parts(kind: Any) -> dict[str, frozenset[str]]:
    """As `parts_of`, for all stages of a class: asked for at every change of a scene."""
    stages = _stages(kind)

    def parts(name: str) -> frozenset[str]:
        return frozenset(stages[name].reads).union(*map(parts, stages[name].uses))

    return {name: parts(name) for name in stages}


@cache
def _stages(kind: Any) -> dict[str, Stage[Any]]:
    return {name: made for base in reversed(kind.__mro__) for name, made in vars(base).items() if _is_stage(made)}


def _is_stage(value: object) -> bool:
    return isinstance(value, Stage)


class _Equal:
    """Which parts of two documents are equal; each is compared once."""

    def __init__(self, owner: Any, other: Any) -> None:
        self._documents = owner.document, other.document
        self._known: dict[str, bool] = {}

    def equal(self, path: str) -> bool:
        if path not in self._known:
            one, other = (_at(document, path) for document in self._documents)
            self._known[path] = one is other or bool(one == other)
        return self._known[path]


def _at(document: object, path: str) -> object:
    for key in path.split("."):
        document = getattr(document, key)
    return document


class _Inputs:
    """What a stage sees of its owner: the declared parts of the document, other stages, and methods, bound to this."""

    def __init__(self, owner: Any, reader: Stage[Any]) -> None:
        self._owner = owner
        self._reader = reader

    def __getattr__(self, name: str) -> Any:
        owner, reader = self._owner, self._reader
        if name == "document":
            return Only(owner.document, reader.reads, reader.name)
        if name in (*reader.uses, *reader.beside, *ALWAYS):
            return getattr(owner, name)
        method = getattr(type(owner), name, None)
        if isinstance(method, FunctionType):
            return MethodType(method, self)
        raise UndeclaredError(f"{reader.name} uses {name}, which it does not declare.")


class Only:
    """Some parts of a document; to read another one is an error.

    Args:
        whole: The document, or a part of it.
        paths: Keys, with dots where only a part of a part is seen.
        reader: Who reads it, for the message.
    """

    def __init__(self, whole: object, paths: tuple[str, ...], reader: str) -> None:
        self._whole = whole
        self._paths = paths
        self._reader = reader

    def __getattr__(self, name: str) -> Any:
        below = tuple(_below(name, self._paths))
        if name in self._paths:
            return getattr(self._whole, name)
        if below:
            return Only(getattr(self._whole, name), below, self._reader)
        method = getattr(type(self._whole), name, None)
        if isinstance(method, FunctionType):
            return MethodType(method, self)
        raise UndeclaredError(f"{self._reader} reads {name} of the document, which it does not declare.")


def _below(name: str, paths: tuple[str, ...]) -> Iterator[str]:
    for path in paths:
        first, _, rest = path.partition(".")
        if first == name and rest:
            yield rest
