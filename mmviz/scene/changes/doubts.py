"""Titles, captions and a made_by of a document that may no longer be true: told, and never changed."""

import re
from collections.abc import Iterator

from mmviz.scene.changes.edits import same_meaning
from mmviz.scene.changes.refill import picks
from mmviz.scene.document import Document
from mmviz.scene.keys.problems import listed
from mmviz.scene.language.parsed import tree_of
from mmviz.scene.language.tree import walk

SAID = re.compile(r"(?<![\w-])(?<!value )(?<!kv )(layer|head)\s+(\d{1,9})(?!\w|[.,]\d)", re.IGNORECASE)
"""A layer or head that words speak of, as in "layer 1, head 2"."""
WORDS = {"A", "I", "a"}
"""Names of matrices that are words of a sentence just as well."""
LONGEST = 60
"""Letters of an expression that are shown."""


def doubts(document: Document, titled: str | None = None) -> tuple[str, ...]:
    """What words of a document say that it does not show, a line each.

    Args:
        document: The scene.
        titled: The expression that its title and captions were written for; None: its own.
    """
    return (*_about_expression(document, titled), *_about_model(document), *_about_making(document))


def _about_expression(document: Document, titled: str | None) -> Iterator[str]:
    if document.title and titled is not None and not same_meaning(titled, document.text()):
        shown = titled if len(titled) <= LONGEST else f"{titled[: LONGEST - 4]} ..."
        yield f"title: may no longer be true, it was written for {shown}"
    if titled is not None:
        yield from _about_matrices(document, titled)


def _about_matrices(document: Document, titled: str) -> Iterator[str]:
    """Of captions that name a matrix which the expression has lost."""
    before, now = ({node.name for node in walk(tree_of(text))} for text in (titled, document.text()))
    gone = before - now - WORDS
    for place, text in _words(document):
        named = [name for name in sorted(gone) if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text)]
        if place != "title" and named:
            yield f"{place}: names {listed(named)}, and the expression has no such matrix any more"


def _about_model(document: Document) -> Iterator[str]:
    """Of words that speak of a layer or head which nothing is taken from."""
    shown = picks(document)
    of_kind = {"layer": shown.layers, "head": shown.heads}
    for place, text in _words(document):
        for found in SAID.finditer(text):
            kind, number = found[1].lower(), int(found[2])
            if of_kind[kind] and number not in of_kind[kind]:
                yield f"{place}: says {kind} {number}, and nothing in the scene is taken from it"


def _about_making(document: Document) -> Iterator[str]:
    """Of a layer or head that the scene says it was made of, and takes nothing from."""
    made, shown = document.made_by, picks(document)
    if made is None:
        return
    for kind, number, numbers in (("layer", made.layer, shown.layers), ("head", made.head, shown.heads)):
        if numbers and number is not None and number not in numbers:
            yield f"made_by: says {kind} {number}, and nothing in the scene is taken from it"


def _words(document: Document) -> Iterator[tuple[str, str]]:
    """Title, what one learns, captions and captions of chapters: where, and what."""
    yield "title", document.title
    if document.about.learn is not None:
        yield "about.learn", document.about.learn
    for number, caption in enumerate(document.captions):
        yield f"captions.{number}.text", caption.text
    for number, chapter in enumerate(document.animation.chapters):
        if chapter.caption is not None:
            yield f"animation.chapters.{number}.caption", chapter.caption
