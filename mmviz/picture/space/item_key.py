"""What an item of a picture is called: what it is, of which matrix, and which part or side of it; nothing is drawn."""

from dataclasses import dataclass
from typing import Literal, Union, get_args

Brief = Literal["plane", "partial", "term", "scores", "gain", "maximum", "total", "factor", "sink"]
BRIEF: tuple[Brief, ...] = get_args(Brief)
"""What flies or is there only during a run.

plane: products in flight; partial: the partial result of a k block; term: a term on its way to a running sum. Of a
blockwise attention, scores: those of a block; gain: what a block adds to the result; maximum, total and factor: one
number a row, the largest score so far, the sum of exp(score - maximum), and what the row of the result was multiplied
by in this step. Of a pattern with a sink, sink: one number a row, the share that the sink takes, which stays.
"""
ItemKind = (
    Brief
    | Literal["matrix", "inset", "bar"]
    | Literal["outline", "rows", "mask", "border", "selected", "mark", "arrow", "edge", "link"]
    | Literal["name", "leader", "size", "tokens", "heading", "title"]
)
"""What an item is: a matrix or what shows one alone, its lines, or what is written; as text a term is its sign, and a
leader is the line from a matrix to its name; an edge is one of an arrow; a link leads from a part or slice to its place
in what it is part of."""
BEHIND = "before"
"""The part of a matrix that is the sheet behind it: its elements before the last function."""


@dataclass(frozen=True, slots=True)
class ItemKey:
    """The name of an item: the same in every frame, and different from that of every other item of its class."""

    kind: ItemKind
    path: str  # of the matrix that it belongs to, and goes away with
    part: Union[str, int, "ItemKey"] = ""  # a side, an axis or a number; or what it is drawn around or over

    def __str__(self) -> str:
        """As it stands in files: `matrix:left`, `matrix:left before`, `plane:left:2`, `border:plane:left:2`."""
        match self.part:
            case ItemKey():
                return f"{self.kind}:{self.part}"
            case int():
                return f"{self.kind}:{self.path}:{self.part}"
            case _:
                return f"{self.kind}:{self.path} {self.part}".rstrip(" ")


def of_matrix(path: str) -> ItemKey:
    """The key of a matrix itself, and of its look and its scale."""
    return ItemKey("matrix", path)


def of_sheet_behind(path: str) -> ItemKey:
    """The key of the sheet behind a matrix."""
    return ItemKey("matrix", path, BEHIND)
