"""Parts on their way to what they are joined to, where these do not come in step; nothing of what parts are made of.

A join shows its first parts as they are finished. What comes of one that is not among them yet stands at its place in
the join, so that it is never out of sight again. A part that is finished all at once flies there in its last step.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mmviz.picture.easing import eased
from mmviz.picture.space.joining import begins
from mmviz.picture.space.placement import Placement, between
from mmviz.picture.space.sweep import NOWHERE, Sweep
from mmviz.picture.time.planes import Matrix, Plane
from mmviz.picture.time.schedule import Schedule
from mmviz.picture.time.starts import across, comes_piecewise
from mmviz.scene.keys.options import Easing
from mmviz.scene.language.tree import JoinNode, Tree, joins


class Parts:
    """The parts of all joins of a tree that come one by one.

    Args:
        root: The tree.
        schedule: When its products are computed.
        placements: Where its matrices stand, by path.
        values: What they show in the end, by path.
        easing: How parts fly.
    """

    def __init__(
        self,
        root: Tree,
        schedule: Schedule,
        placements: Mapping[str, Placement],
        values: Mapping[str, Matrix],
        easing: Easing,
    ) -> None:
        self._schedule = schedule
        self._placements = placements
        self._values = values
        self._easing = easing
        self.joins = tuple(node for node in joins(root) if _one_by_one(node, schedule))
        self.places = {node.path: tuple(_places(node, placements)) for node in self.joins}

    def planes(self, t: float, there: Mapping[str, Sweep]) -> list[Plane]:
        """What of parts is on its way, or stands in a join before its turn, at time t, in steps.

        Args:
            t: The time.
            there: By path the cells that are there of all matrices and will not change any more.
        """
        coming = (node for node in self.joins if t < self._schedule.ready[node.path])
        return [plane for node in coming for plane in self._of(node, t, there)]

    def _of(self, node: JoinNode, t: float, there: Mapping[str, Sweep]) -> Iterator[Plane]:
        in_turn = True  # all parts so far are finished, and the join shows them
        for number, (part, place) in enumerate(zip(node.parts, self.places[node.path], strict=True)):
            ready = self._schedule.ready[part.path]
            in_turn = in_turn and t >= ready
            if in_turn:
                continue
            shown = there[part.path]
            if ready - 1 <= t < ready and self._schedule.orders[part.path] in (None, "whole"):
                share = eased(t - ready + 1, self._easing)
                flying = between(self._placements[part.path], place, share)
                yield Plane(node.path, flying, self._values[part.path], number, "term")
            elif shown != NOWHERE:
                yield Plane(node.path, place, self._values[part.path], number, "term", shown)


def _places(node: JoinNode, placements: Mapping[str, Placement]) -> Iterator[Placement]:
    """Where the parts of a join are in it."""
    whole = placements[node.path]
    own = [placements[part.path] for part in node.parts]
    for part, first in zip(own, begins(node.axis, [one.shape for one in own]), strict=True):
        yield replace(part, origin=whole.spot(*first), down=whole.down, across=whole.across)


def _one_by_one(node: JoinNode, schedule: Schedule) -> bool:
    """Whether the parts of a join do not come in step, and what is there of one is there for good."""
    return schedule.orders[node.path] is None and comes_piecewise(node.worn, across(node))
