"""Heads whose weights are written by singular values or cut to a lower rank: what is possible, and how it is told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmviz.builders.forms import WeightForms
from mmviz.builders.parts import Parts
from mmviz.errors import SourceError
from mmviz.picture.time.schedule import Schedule, schedule
from mmviz.pipeline import Scene
from mmviz.scene.document import to_mapping
from mmviz.scene.language.tree import find
from mmviz.values.families.config import ModelConfig

LONGEST = 12.0
"""Seconds, at most, in which a film adds up a weight, at a rank a second or faster."""


def check_forms(forms: WeightForms, config: ModelConfig, model: str, form: str) -> None:
    """Refuse ranks that a head's weights cannot have, and differences that there are not.

    Raises:
        SourceError: as said.
    """
    most = min(config.d_model, config.d_head)
    for kind, rank in (*forms.svd.items(), *forms.ranks.items()):
        if not 1 <= rank <= most:
            rows, columns = (config.d_head, config.d_model) if kind == "O" else (config.d_model, config.d_head)
            raise SourceError(
                f"{model}: w{kind} is {rows}x{columns} and has {most} singular values; a rank from 1 to {most} is "
                f"needed, got {rank}."
            )
    both = [kind for kind in forms.svd if kind in forms.ranks]
    if both:
        raise SourceError(
            f"{model}: w{both[0]} is wanted by {forms.svd[both[0]]} singular values and cut to rank "
            f"{forms.ranks[both[0]]}, which is the same done twice; leave one of them out."
        )
    if forms.difference is None:
        return
    if not forms.ranks:
        raise SourceError(f"{model}: a difference is that to weights of a lower rank; give ranks, such as wQ=8,wK=8.")
    if form == "circuits" or forms.svd:
        other = "circuits" if form == "circuits" else "singular values"
        raise SourceError(f"{model}: a difference is shown of a head by its steps, not by its {other}; choose one.")
    if forms.difference == "pattern" and not {"Q", "K"} & set(forms.ranks):
        raise SourceError(
            f"{model}: the pattern is made of wQ and wK alone, and both are full; give one of them a rank."
        )


def forms_told(forms: WeightForms) -> str:
    """What a title says of the weights' forms; "" where they are whole."""
    words = [f"w{kind} by {rank} of its singular values" for kind, rank in forms.svd.items()]
    if len(set(forms.svd.values())) == 1 and len(forms.svd) > 1:
        words = [f"each weight by {next(iter(forms.svd.values()))} singular values"]
    words += [f"w{kind} of rank {rank}" for kind, rank in forms.ranks.items()]
    return "".join(f", {word}" for word in words)


def ranks_played(scene: Scene, svd: Mapping[str, int], parts: Parts, head: int) -> Scene:
    """The same scene with chapters that add up each of these weights rank by rank, and say what share is there.

    Args:
        scene: Of a head; each of these weights is a product by the name of wQ and so on.
        svd: Kind of weight, such as Q -> how many singular values it has.
        parts: What it is made of.
        head: Its number.

    Raises:
        MmvizError: a weight cannot be read, or has NaN.
    """
    plan = schedule(scene.root, scene.layout().cubes, scene.document.animation)
    ranks = list(_ranks(scene, plan, svd, f"{parts.config.blocks}.{parts.layer}.{parts.within}.W_", head))
    chapters: list[dict[str, Any]] = []
    at = 0
    for step in sorted({rank.step for rank in ranks}):
        if step > at:
            chapters.append({"from": at, "to": step})
        now = [rank for rank in ranks if rank.step == step]
        speed = max(1.0, max(rank.of for rank in now) / LONGEST)
        chapters.append({"from": step, "to": step + 1, "speed": speed, "caption": _caption(now)})
        at = step + 1
    if at < plan.steps:
        chapters.append({"from": at})
    return scene.changed(animation=to_mapping(scene.document)["animation"] | {"chapters": chapters})


@dataclass(frozen=True, slots=True)
class _Rank:
    """A singular value of a weight and its two vectors, as they are added."""

    step: int  # of the animation, in which they are
    weight: str
    number: int  # from 1, that of the largest
    of: int  # how many there are
    share: float  # of the weight's energy, with all those before


def _ranks(scene: Scene, plan: Schedule, svd: Mapping[str, int], weights: str, head: int) -> Iterator[_Rank]:
    """Every rank of every weight, largest singular value first; weights: what their names begin with."""
    from mmviz.values.arithmetic.decomposition import decompose

    for kind, rank in svd.items():
        name = f"w{kind}"
        node = find(scene.root, name) or find(scene.root, f"{name}.T")
        assert node is not None  # noqa: S101  (every weight of a head stands in its expression)
        shares = decompose(scene.sources.model.weight(f"{weights}{kind}", head)).shares()
        for number in range(rank):
            yield _Rank(plan.begins[node.path] + number, name, number + 1, rank, shares[number])


def _caption(ranks: Sequence[_Rank]) -> str:
    """How much of the energy of each weight is there with these ranks, which are added in one step."""
    first = ranks[0]
    if len(ranks) == 1:
        return f"{first.weight}, rank {first.number} of {first.of}: {percent(first.share)} of its energy"
    if len({(rank.number, rank.of) for rank in ranks}) == 1:
        shares = ", ".join(f"{rank.weight} {percent(rank.share)}" for rank in ranks)
        return f"rank {first.number} of {first.of}: {shares} of their energy"
    shares = "; ".join(f"{rank.weight}, rank {rank.number} of {rank.of}: {percent(rank.share)}" for rank in ranks)
    return f"{shares} of their energy"


def percent(share: float) -> str:
    """A share of 1, never rounded up to all of it: "41 %", "99.97 %"."""
    digits = 0
    while share < 1 and digits < 6 and round(100 * share, digits) >= 100:
        digits += 1
    return f"{100 * share:.{digits}f} %"
