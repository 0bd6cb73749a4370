"""How ranks of weights are written on the command line: 8:wQ,wK and wQ=8,wK=8."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from mmviz.builders.forms import WeightForms

NAMES: Mapping[str, str] = {"wQ": "Q", "wK": "K", "wV": "V", "wO": "O"}
"""The weights of a head, and what their kinds are called."""

Svd = Annotated[
    str | None,
    typer.Option(
        metavar="R[:NAMES]",
        help="Write weights as U @ (S @ Vt) with their R largest singular values, added up one by one: 8, or 8:wQ,wK.",
    ),
]
Rank = Annotated[
    str | None,
    typer.Option(metavar="NAME=R,...", help="Compute with weights cut down to a lower rank: wQ=8,wK=8."),
]
Shown = Annotated[
    Literal["out", "pattern"] | None,
    typer.Option(help="With --rank: show by how much the output, or the pattern, differs from that of full weights."),
]
AdapterFolder = Annotated[
    str | None,
    typer.Option("--adapter", metavar="DIR", help="A LoRA adapter of peft: weights become W + scale * B A."),
]


def weight_forms(svd: str | None, rank: str | None, difference: Literal["out", "pattern"] | None) -> "WeightForms":
    """What is wanted of the weights of a head.

    Raises:
        BadParameter: it is written in another way.
    """
    from mmviz.builders.forms import WeightForms

    return WeightForms(_of_svd(svd), _of_ranks(rank), difference)


def _of_svd(text: str | None) -> dict[str, int]:
    if text is None:
        return {}
    number, colon, names = text.partition(":")
    kinds = [_kind(name, f"--svd {text}") for name in names.split(",")] if colon else list(NAMES.values())
    return dict.fromkeys(kinds, _whole(number, f"--svd {text}"))


def _of_ranks(text: str | None) -> dict[str, int]:
    if text is None:
        return {}
    pairs = [pair.partition("=") for pair in text.split(",")]
    return {_kind(name, f"--rank {text}"): _whole(number, f"--rank {text}") for name, _, number in pairs}


def _kind(name: str, place: str) -> str:
    if name.strip() not in NAMES:
        raise typer.BadParameter(f"{place}: {name.strip()!r} is no weight of a head; they are {', '.join(NAMES)}.")
    return NAMES[name.strip()]


def _whole(text: str, place: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{place}: a whole number is needed, got {text.strip()!r}.") from None
