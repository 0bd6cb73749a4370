"""The initializers of mm (bhosmer/mm) as sources of our scenes; addresses are looked up in a folder, never fetched."""

from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote, urlsplit

from mmviz.errors import ExpressionError, SceneError
from mmviz.scene.keys.problems import listed, printable
from mmviz.scene.keys.sources import RANDOM, SCALED, MmInitializer
from mmviz.scene.language.formula import parse_formula
from mmviz.scene.mm.tree import MmMatrix, place

Source = dict[str, Any]
"""A source as in a scene file, without its shape and seed."""

_NUMBERS = {"": "0", "({})": "NaN", "[]": "0", "null": "0", "undefined": "NaN"}
"""Texts that are no arithmetic, and what JavaScript's Number() makes of them; an empty text is 0 in mm."""


def read_source(matrix: MmMatrix, csv_folder: Path | None, missing: str | None) -> Source:
    """Where the numbers of a matrix come from.

    Args:
        matrix: What mm says of it.
        csv_folder: Where copies of the addresses may lie.
        missing: The initializer that stands in for an address without a copy; None: the address is kept.

    Raises:
        SceneError: the initializer is unknown.
    """
    if matrix.init == "expr":
        return {"formula": _formula(matrix.expr) or "0"}
    if matrix.init == "url":
        return _address(matrix, csv_folder, missing)
    known = (*get_args(MmInitializer), "expr", "url")
    if matrix.init not in known:
        where = place(matrix.path, "init")
        name = f"{printable(matrix.name)}: {where}"
        raise SceneError(f"mm parameters, {name} must be one of {listed(known)}; got '{printable(matrix.init)}'.")
    return _pattern(matrix, matrix.init)


def needs_seed(source: Source) -> bool:
    """True where a source draws random numbers."""
    return source.get("init") in RANDOM or source.get("dropout", 0) > 0


def _pattern(matrix: MmMatrix, init: str) -> Source:
    source: Source = {"init": init}
    if init in SCALED:
        source |= {"min": matrix.min, "max": matrix.max}
    if (init in SCALED or init in RANDOM) and matrix.dropout > 0:
        source["dropout"] = min(matrix.dropout, 1.0)
    return source


def unread_formula(matrix: MmMatrix) -> bool:
    """True where a matrix's expression is no arithmetic that is read: mm shows zeros for it, and so do we."""
    return matrix.init == "expr" and _formula(matrix.expr) is None


def _formula(expression: str) -> str | None:
    text = _NUMBERS.get(expression.strip(), expression.strip())
    return next((part for part in (text, _last(_unquoted(text))) if _is_formula(part)), None)


def _unquoted(text: str) -> str:
    """A number in quotes is that number in JavaScript."""
    return text[1:-1].strip() or "0" if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`" else text


def _last(text: str) -> str:
    """The value of a JavaScript list `a, b` is its last part; commas between brackets are others."""
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[index], 0)
        if text[index] == "," and depth == 0 and _is_formula(text[:index].rpartition(",")[2]):
            return text[index + 1 :].strip()
    return text


def _is_formula(text: str) -> bool:
    try:
        parse_formula(text)
    except ExpressionError:
        return False
    return True


def _address(matrix: MmMatrix, csv_folder: Path | None, missing: str | None) -> Source:
    if csv_folder is not None and (copy := find_copy(matrix.url, csv_folder)) is not None:
        return {"file": copy.as_posix()}
    if missing is None:
        return {"url": matrix.url.strip()}
    return _pattern(matrix, missing)


def find_copy(address: str, folder: Path) -> Path | None:
    """The local copy of an address: the file whose path in the folder is the longest end of the address's path."""
    try:
        parts = [part for part in unquote(urlsplit(address).path).split("/") if part not in ("", ".", "..")]
        copies = (folder.joinpath(*parts[start:]) for start in range(len(parts)))
        return next((copy for copy in copies if copy.is_file()), None)
    except (ValueError, OSError):  # no address, or no name that a file can have
        return None
