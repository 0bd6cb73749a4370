"""All texts that a page may write, out of what it is told of marks: in space, and in the picture's plane."""

from collections.abc import Iterator, Mapping
from typing import Any

Record = Mapping[str, Any]


def texts_in_space(marks: Record) -> Iterator[str]:
    """Names, sizes, tokens, numbers of colour bars, headings, as the section of marks has them."""
    yield from (one["text"] for one in marks["names"]["all"])
    yield from (one["text"] for one in marks["titles"])
    yield from (text for text, _ in marks["rules"]["headings"]["texts"].values())
    for part in ("readings", "inset", "bars"):
        yield from _texts(marks[part], captions=False)
    for tokens in marks["tokens"].values():
        yield from tokens["texts"]
        yield from tokens["short"]


def captions(marks: Record, cameras: Record) -> Iterator[str]:
    """Every line that may stand in the picture's plane: what is said goes by the step and by the chapter."""
    yield from (one["text"] for one in marks["captions"])
    for part in ("inset", "bars"):
        yield from _texts(marks[part], captions=True)
    titles = [chapter["title"] for chapter in cameras["chapters"] if chapter["title"]]
    for said, done in marks["told"]["words"]:
        for words in dict.fromkeys((said, *titles)):
            yield marks["told"]["separator"].join(part for part in (words, done) if part)


def _texts(told: Any, *, captions: bool) -> Iterator[str]:
    """The texts of all items in a part of the document; captions are those that have a plate, or none."""
    if isinstance(told, Mapping):
        if ("plate" in told) == captions:
            found = [told.get("text"), *_list(told.get("texts"))]
            yield from (text for text in found if isinstance(text, str))
        for part in told.values():
            yield from _texts(part, captions=captions)
    elif isinstance(told, list | tuple):
        for part in told:
            yield from _texts(part, captions=captions)


def _list(told: Any) -> list[Any]:
    return told if isinstance(told, list) else []
