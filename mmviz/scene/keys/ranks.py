"""Which matrices a scene cuts down to a lower rank: names and sizes, checked; no numbers."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from mmviz.errors import SceneError
from mmviz.scene.keys.fields import Whole
from mmviz.scene.keys.problems import listed, printable
from mmviz.scene.language.shapes import Shape

Rank = Annotated[Whole, Field(ge=1, le=1 << 24)]


def check_rank_names(ranks: Mapping[str, int], tensors: set[str], where: str) -> None:
    """Refuse a rank of what is no input of the expression.

    Raises:
        SceneError: there is one.
    """
    for name in ranks:
        if name not in tensors:
            raise SceneError(
                f"{where}, rank.{printable(name)}: expr has no input of that name, and only inputs have a rank of "
                f"their own; it has {listed(sorted(tensors))}."
            )


def check_ranks(ranks: Mapping[str, int], shapes: Mapping[str, Shape], where: str) -> None:
    """Refuse ranks that are higher than their matrices can have.

    Args:
        ranks: Tensor -> how many of its singular values are kept.
        shapes: Tensor -> rows, columns.
        where: What the scene is called in messages.

    Raises:
        SceneError: one is.
    """
    for name, rank in ranks.items():
        rows, columns = shapes[name]
        if rank > min(rows, columns):
            raise SceneError(
                f"{where}, rank.{printable(name)}: the matrix is {rows}x{columns}; a rank from 1 to "
                f"{min(rows, columns)} is needed, got {rank}."
            )


def ranks_told(ranks: Mapping[str, int]) -> str:
    """What a picture says of them, so that nobody takes a matrix for the whole one: "rank: wQ 8, wK 8"."""
    return f"rank: {', '.join(f'{name} {rank}' for name, rank in ranks.items())}" if ranks else ""


def cut_told(ranks: Mapping[str, int], name: str) -> str:
    """What is said of a matrix behind where it comes from: ", cut to rank 8"; "" for one that is not cut down."""
    return f", cut to rank {ranks[name]}" if name in ranks else ""
