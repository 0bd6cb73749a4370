"""What `mmviz find` says: heads with their scores, for people and for scripts; scores nothing."""

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from mmviz.picture.look.head_kinds import KINDS, Kind, ScoredHead, best
from mmviz.reports.number_words import counted


def heads_report(
    model: str,
    read: tuple[int, int],
    heads: Sequence[ScoredHead],
    chance: Mapping[Kind, float],
    command: Callable[[ScoredHead], Sequence[str]],
    top: int,
) -> dict[str, Any]:
    """The best heads of every kind.

    Args:
        model: What it is called.
        read: How many tokens it read, and how many of them were drawn at random and come twice.
        heads: All of them.
        chance: The kinds, and what a head scores that gives the same to all tokens.
        command: What opens a head.
        top: How many of each kind.
    """
    layers = 1 + max(head.layer for head in heads)
    kinds = {}
    for kind, by_chance in chance.items():
        ranked = best(heads, kind)
        kinds[kind] = {
            "score": KINDS[kind].score,
            "formula": KINDS[kind].formula,
            "source": KINDS[kind].source,
            "least_first": KINDS[kind].least_first,
            "chance": by_chance,
            "median": float(np.median([head.scores[kind] for head in ranked])) if ranked else None,
            "heads": [
                {
                    "layer": head.layer,
                    "head": head.head,
                    "score": head.scores[kind],
                    "command": shlex.join(command(head)),
                }
                for head in ranked[:top]
            ],
        }
    tokens, drawn = read
    return {"model": model, "layers": layers, "heads": len(heads), "tokens": tokens, "drawn": drawn, "kinds": kinds}


def heads_text(report: Mapping[str, Any], without: Iterable[Kind] = ()) -> str:
    """The report for people.

    Args:
        report: Of `heads_report`.
        without: The kinds that the prompt could not show.
    """
    drawn = report["drawn"]
    read = f"{counted(drawn, 'token')} drawn at random, twice" if drawn else counted(report["tokens"], "token")
    every, layers = counted(report["heads"], "head"), counted(report["layers"], "layer")
    lines = [f"{report['model']}: {every} in {layers}, {read}, one forward pass"]
    alone = len(report["kinds"]) == 1
    for kind, found in report["kinds"].items():
        lines += ["", f"{kind}: {found['score']}"]
        lines += [f"  {found['formula']}", f"  {found['source']}"] if alone else []
        if not found["heads"]:
            lines.append("  no head has this score: its pattern has numbers that are none")
            continue
        lines.append(f"  median of all heads {found['median']:.3f}, by chance {found['chance']:.3f}")
        lines += [
            f"{number:4}.  layer {head['layer']:<3} head {head['head']:<4} {head['score']:7.3f}"
            for number, head in enumerate(found["heads"], start=1)
        ]
    listed = [head["command"] for found in report["kinds"].values() for head in found["heads"]]
    lines += [
        f"\n{kind}: no token of the prompt comes back; one that repeats words shows it"
        + (", or --kind induction without a prompt" if kind == "induction" else "")
        for kind in without
    ]
    lines += [f"\nThe first one: {listed[0]}"] if listed else []
    return "\n".join(lines)
