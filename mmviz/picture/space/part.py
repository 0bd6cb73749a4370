"""A part of a tree in the frame of its own root: where its matrices and cubes stand there, and what they fill."""

from dataclasses import dataclass

import numpy as np

from mmviz.picture.space.cube import Cube
from mmviz.picture.space.placement import Placement, Vector


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A subtree in the frame of its own root."""

    depth: float  # Z of the root's cuboid
    box: Vector  # (2, 3): lowest and highest corner of its cuboids
    placements: dict[str, Placement]
    cubes: dict[str, Cube]

    def moved(self, turn: Vector, shift: Vector) -> "Part":
        """The same after p -> turn @ p + shift."""
        placements = {
            path: Placement(
                p.shape, turn @ p.origin + shift, turn @ p.down, turn @ p.across, p.row_block, p.column_block, p.gap
            )
            for path, p in self.placements.items()
        }
        cubes = {
            path: Cube(
                c.shape,
                turn @ c.origin + shift,
                turn @ c.down,
                turn @ c.across,
                turn @ c.inward,
                c.blocks,
                c.gap,
                c.positive,
                c.result_last,
            )
            for path, c in self.cubes.items()
        }
        return Part(self.depth, bounds(self.box @ turn.T + shift), placements, cubes)


def bounds(points: Vector) -> Vector:
    """(2, 3): the lowest and the highest corner around some points."""
    return np.stack([points.min(axis=0), points.max(axis=0)])


def joined(depth: float, box: Vector, parts: list[Part], placements: dict[str, Placement]) -> Part:
    """Parts that stand in the same frame already, with some more matrices; `box` is what these fill."""
    cubes: dict[str, Cube] = {}
    for part in parts:
        placements |= part.placements
        cubes |= part.cubes
    return Part(depth, bounds(np.concatenate([box, *(part.box for part in parts)])), placements, cubes)
