"""Numbers in a text, a row a line, as spreadsheets and programs save them; what can be read in two ways is refused.

Between numbers stands a comma, a semicolon, a tab or a space: what the first line has. Beside semicolons and tabs, and
in quotes, a comma may stand in place of the decimal point. A first line of names is left out, and so is a first column
that has none, which is the index of pandas. Lines that begin with # are remarks.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import SourceError

ENCODINGS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig"))
"""By what a text begins with; spreadsheets write a byte order mark."""
SEPARATOR = re.compile(r'"?sep=(.)"?')
"""What Excel writes into a first line of its own."""
QUOTED = re.compile(r'"[^"]*"')
AROUND = re.compile(r"[ \t]+,[ \t]*|,[ \t]+")
"""A comma with space about it, which parts."""
THOUSANDS = re.compile(r'"\s*[+-]?[1-9][0-9]{0,2},[0-9]{3}\s*"')
"""1,000: a thousand with a comma, or one with three places behind it."""
TRUTHS = {"true": 1.0, "false": 0.0}
Line = tuple[int, str]
"""A line, and its number from 1."""


class _NoNumberError(ValueError):
    """A cell is no number."""


@dataclass(frozen=True, slots=True)
class _Cells:
    """How a text parts and writes its numbers."""

    between: str | None  # None: any white space
    decimal_comma: bool = False
    first: int = 0  # column that is read; those before it are names

    def texts(self, line: str) -> list[str]:
        if '"' in line:
            line = line.strip() if self.between is None else line  # a tab may come first, after an empty cell
            reader = csv.reader([line], delimiter=self.between or " ", skipinitialspace=True)
            return [cell.strip() for cell in next(reader)][self.first :]
        return [cell.strip() for cell in line.split(self.between)][self.first :]

    def numbers(self, line: str) -> list[float]:
        """Raises _NoNumberError or csv.Error where a cell is none."""
        if not self.decimal_comma and '"' not in line and "_" not in line and line.isascii():
            try:
                return [float(cell) for cell in line.split(self.between)[self.first :]]
            except ValueError:
                pass
        return [self.number(cell) for cell in self.texts(line)]

    def number(self, cell: str) -> float:
        """Raises _NoNumberError where it is none."""
        if self.decimal_comma:
            if "." in cell:  # 1.500 may be more than a thousand here
                raise _NoNumberError
            cell = cell.replace(",", ".", 1)
        if cell.lower() in TRUTHS:
            return TRUTHS[cell.lower()]
        if "_" in cell or not cell.isascii():  # float takes 1_0 for 10
            raise _NoNumberError
        try:
            return float(cell)
        except ValueError:
            raise _NoNumberError from None


def read_table(path: Path) -> NDArray[Any]:
    """The numbers of a text: (rows, columns).

    Raises:
        SourceError: it is no text, or something in it is no number.
    """
    lines = list(_lines(path))
    said = SEPARATOR.fullmatch(lines[0][1].strip()) if lines else None
    lines = lines[1:] if said else lines
    if not lines:
        raise SourceError(f"{path}: is empty; at least one row of numbers is needed.")
    between = said[1] if said else next(filter(None, (_between(line) for _, line in lines[:2])), None)
    if between is not None and all(line.rstrip(" ").endswith(between) for _, line in lines):
        lines = [(number, line.rstrip(" ")[:-1]) for number, line in lines]  # there is one behind the last, too
    names = _names(lines[0][1], _Cells(between, _has_decimal_comma(lines[:1], between)))
    rows = lines[1:] if names else lines
    if not rows:
        raise SourceError(f"{path}: has a line of names and no numbers; at least one row of numbers is needed.")
    cells = _Cells(between, _has_decimal_comma(rows, between), first=int(len(names) > 1 and not names[0]))
    _check_no_numbered_columns(path, rows, cells)
    _check_no_thousands(path, rows, cells)
    return np.array(_rows(path, rows, cells, len(names) - cells.first if names else 0))


def _lines(path: Path) -> Iterator[Line]:
    """Those with something in them that is no remark."""
    content = path.read_bytes()
    encoding = next(name for start, name in ENCODINGS if content.startswith(start))
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise SourceError(f"{path}: is no text; rows of numbers separated by commas are needed, in UTF-8.") from None
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line


def _between(line: str) -> str | None:
    """What parts the numbers of a line."""
    outside = AROUND.sub(",", QUOTED.sub("", line))
    return next((mark for mark in (";", "\t", ",") if mark in outside), None)


def _has_decimal_comma(lines: Iterable[Line], between: str | None) -> bool:
    if between in (";", "\t"):
        return any("," in line for _, line in lines)
    return between in (None, ",") and any(
        "," in quoted for _, line in lines if '"' in line for quoted in QUOTED.findall(line)
    )


def _names(line: str, cells: _Cells) -> list[str]:
    """The names of the columns, if a first line has no number, or counts the columns after an empty cell."""
    try:
        names = cells.texts(line)
    except csv.Error:
        return []
    counted = len(names) > 1 and not names[0] and names[1:] == [str(number) for number in range(len(names) - 1)]
    return names if counted or not any(_is_number(name, cells) for name in names) else []


def _is_number(cell: str, cells: _Cells) -> bool:
    try:
        cells.number(cell)
    except _NoNumberError:
        return False
    return True


def _check_no_numbered_columns(path: Path, rows: Sequence[Line], cells: _Cells) -> None:
    """A first line 0,1,2 above numbers that all have a point may be names or numbers: pandas writes such names."""
    (number, first), *others = rows
    names = cells.texts(first) if '"' not in first else []
    if len(names) < 2 or not others or names != [str(place) for place in range(len(names))]:
        return
    if all(set(cell) & set(".,eE") or not cell[-1:].isdigit() for _, line in others for cell in cells.texts(line)):
        raise SourceError(
            f"{path}, line {number}: {first.strip()[:60]!r} may be the columns' names or numbers; "
            "leave the names out, or write the numbers as the others are, such as 0.0."
        )


def _check_no_thousands(path: Path, rows: Sequence[Line], cells: _Cells) -> None:
    """Numbers in quotes that have a comma and can all be thousands; one that cannot be, such as 0,5, tells."""
    if cells.between in (";", "\t") or not cells.decimal_comma:
        return
    quoted = [(number, cell) for number, line in rows if '"' in line for cell in QUOTED.findall(line) if "," in cell]
    if all(THOUSANDS.fullmatch(cell) for _, cell in quoted):
        number, cell = quoted[0]
        raise SourceError(
            f"{path}, line {number}: {cell} may be more than a thousand or have three places behind a comma; "
            "write numbers with a point and without quotes, such as 1000 or 1.000."
        )


def _rows(path: Path, lines: Iterable[Line], cells: _Cells, wide: int) -> list[list[float]]:
    rows: list[list[float]] = []
    for number, line in lines:
        try:
            rows.append(cells.numbers(line))
        except (_NoNumberError, csv.Error):
            raise SourceError(
                f"{path}, line {number}: numbers separated by commas are needed, got {line[:60]!r}."
            ) from None
        if wide and len(rows[-1]) != wide:
            raise SourceError(f"{path}, line {number}: {len(rows[-1])} numbers, but the first line has {wide} names.")
        if len(rows[-1]) != len(rows[0]):
            raise SourceError(f"{path}, line {number}: {len(rows[-1])} numbers, but the first row has {len(rows[0])}.")
    return rows
