"""What flies through a cube in one step: the products that are being summed, and the sums of single k blocks; no time.

Every block of a product has a plane of its own. Where k is cut, what each of its blocks gives is a matrix of its own,
too: it stands beside its block and grows with the result, which is the sum of them.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import SceneError
from mmviz.picture.easing import eased
from mmviz.picture.space.cube import Cube, CubeBlock
from mmviz.picture.space.item_key import Brief, ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.picture.space.sweep import EVERYWHERE, Sweep
from mmviz.picture.time.algorithms import SUMMING, WAYS, computed, indices, steps
from mmviz.scene.keys.options import Algorithm, Easing

Matrix = NDArray[np.float32]
MOST_PLANES = 4096
"""Most blocks of a product that can move at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """Products in flight: one slice of a block of a cube. Or something else that is there only during a run; see BRIEF.

    A partial result whose place is that of the whole result is drawn a little apart from it, for both are shown.
    """

    owner: str  # path of the product, or of the sum
    placement: Placement  # rows and columns of the slice
    values: Matrix  # L[i, k] * R[k, j] of the current step; of a partial result the sums over its block
    number: int = 0  # tells the planes of an owner from each other
    kind: Brief = "plane"
    shown: Sweep = EVERYWHERE  # cells that are there
    masked: NDArray[np.bool_] | None = None  # (rows, columns), where a mask forbids elements
    first: tuple[int, int] = (0, 0)  # row and column of its matrix that its own first ones are; not of products
    apart: Placement | None = None  # where it is drawn, if that is elsewhere

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the slice."""
        return self.placement.shape

    @property
    def key(self) -> ItemKey:
        """The same plane has the same key in every frame."""
        return replace(self.look, part=self.number) if self.number else self.look

    @property
    def look(self) -> ItemKey:
        """Under what the look and the scale of its numbers are found."""
        return ItemKey(self.kind, self.owner)

    @property
    def drawn(self) -> Placement:
        """Where it is drawn."""
        return self.placement if self.apart is None else self.apart

    @property
    def visible(self) -> NDArray[np.bool_]:
        """(rows, columns): True where the cell is there."""
        return self.shown.mask(self.shape)

    def element(self, i: int, j: int) -> NDArray[np.float64]:
        """(3,) position of element (i, j) of the slice, in cells."""
        return self.placement.spot(i, j)


class Planes:
    """The planes of one product, at any step of its run."""

    def __init__(self, owner: str, cube: Cube, algorithm: Algorithm, easing: Easing = "smooth") -> None:
        """Take the blocks of a product.

        Raises:
            SceneError: there are too many of them.
        """
        i, k, j = cube.counts
        if i * k * j > MOST_PLANES:
            raise SceneError(
                f"animation: {owner or 'the root'} is cut into {i * k * j:,} blocks, and each has a plane of its own; "
                f"at most {MOST_PLANES:,} can move at once. Cut it into fewer, or set its algorithm to none."
            )
        self.owner = owner
        self.cube = cube
        self.algorithm = algorithm
        self.easing = easing
        self.cube_blocks = tuple(cube.cube_blocks())
        self.has_partials = k > 1 and algorithm not in SUMMING

    def products(self, left: Matrix, right: Matrix, step: int) -> tuple[Matrix, ...]:
        """L[i, k] * R[k, j] of one step for every block, (rows, columns) each; empty where a block is past its end."""
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # the infinite is shown as it is
            return tuple(self._products(block, left, right, step) for block in self.cube_blocks)

    def _products(self, block: CubeBlock, left: Matrix, right: Matrix, step: int) -> Matrix:
        at = indices(self.algorithm, self.cube.block, step)
        i, k, j = (
            slice(first + at.get(axis, 0), first + min(at.get(axis, size - 1) + 1, size))
            for axis, (first, size) in enumerate(zip(block.first, block.shape, strict=True))
        )
        products: Matrix = left[i, k, None] * right[None, k, j]  # (i, k, j), one of them or two of size 1
        rows, columns = (products.shape[axis] for axis in WAYS[self.algorithm].plane)
        return products.reshape(rows, columns) if products.size else np.zeros((0, 0), np.float32)

    def partial_sums(self, left: Matrix, right: Matrix) -> tuple[Matrix, ...]:
        """(i, j) for every k block: the sums over it."""
        block = self.cube.block[1]
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            return tuple(
                (left[:, k : k + block].astype(np.float64) @ right[k : k + block].astype(np.float64)).astype(np.float32)
                for k in range(0, self.cube.shape[1], block)
            )

    def in_flight(self, t: float, products: tuple[Matrix, ...], limit: int | None = None) -> list[Plane]:
        """The products in flight at time t of the run, in steps.

        Args:
            t: Since the run began.
            products: Those of the step.
            limit: The axis of which there is nothing yet after the step's own index.
        """
        shown = EVERYWHERE if limit is None else self._so_far(limit, int(t))
        found = []
        for number, (block, values) in enumerate(zip(self.cube_blocks, products, strict=True)):
            if values.size:
                found.append(Plane(self.owner, self._place(block, t, values.shape), values, number, shown=shown))
        return found

    def _so_far(self, axis: int, step: int) -> Sweep:
        rows = WAYS[self.algorithm].plane[0] == axis
        return Sweep(int(rows), int(not rows), 0, step)

    def partials(self, step: int, sums: tuple[Matrix, ...]) -> list[Plane]:
        """The partial results at a step."""
        shown = computed(self.algorithm, self.cube.block, step)
        found = []
        for number, values in enumerate(sums):
            apart = self.cube.between() if number == self.cube.nearest else None
            found.append(Plane(self.owner, self.cube.partial(number), values, number, "partial", shown, apart=apart))
        return found

    def _place(self, moved: CubeBlock, t: float, shape: tuple[int, ...]) -> Placement:
        """Where the plane of a block is; between two steps on its way along the axis that moves alone."""
        step = int(t)
        block = self.cube.block
        now = indices(self.algorithm, block, step)
        coming = indices(self.algorithm, block, min(step + 1, steps(self.algorithm, block) - 1))
        moving = [axis for axis in now if coming[axis] != now[axis]]
        place = [float(now.get(axis, 0)) for axis in range(3)]
        if len(moving) == 1 and now[moving[0]] < coming[moving[0]] < moved.shape[moving[0]]:
            place[moving[0]] += eased(t - step, self.easing)
        i, k, j = (first + index for first, index in zip(moved.first, place, strict=True))
        return self.cube.slice((i, k, j), (shape[0], shape[1]), WAYS[self.algorithm].plane)
