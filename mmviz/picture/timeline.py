"""What is shown at a time: frame(t) is a pure function of t, in steps; no drawing.

At step b of a product that starts at step 0 (0 <= b < steps) the b-th row, column, outer product or element is in
flight, and so the first frame already shows the first of them. At t = steps everything is there and nothing flies.
Between two steps the planes in flight glide from one place to the next.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import floor

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import MmvizError
from mmviz.picture.appearance import Appearance
from mmviz.picture.cube import Cube
from mmviz.picture.drawlist import EVERYWHERE, Sweep
from mmviz.picture.placement import Placement
from mmviz.picture.schedule import Run, Schedule, schedule
from mmviz.scene.options import AnimationOptions
from mmviz.scene.tree import Node, ProductNode, twins, walk

Matrix = NDArray[np.float32]
Finish = Callable[[str, NDArray[np.float64]], Matrix]
"""finish(path, sums): what the product at `path` shows for these sums: the functions that it wears, applied."""


@dataclass(frozen=True, eq=False)
class State:
    """One matrix at one time."""

    shape: tuple[int, int]
    shown: Sweep  # cells that are there
    lit: tuple[Sweep, ...]  # cells that take part in the current step
    compute: Callable[[], Matrix]

    @cached_property
    def values(self) -> Matrix:
        """(rows, columns): what is shown, running sums included."""
        return self.compute()

    @property
    def visible(self) -> NDArray[np.bool_]:
        """(rows, columns): True where the cell is there."""
        return self.shown.mask(self.shape)

    @property
    def highlighted(self) -> NDArray[np.bool_]:
        """(rows, columns): True where the cell takes part in the current step."""
        mask = np.zeros(self.shape, np.bool_)
        for sweep in self.lit:
            mask |= sweep.mask(self.shape)
        return mask


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """Products in flight: one slice of a cube, the numbers that are being summed in this step."""

    owner: str  # path of the product
    placement: Placement  # rows and columns of the slice
    values: Matrix  # L[i, k] * R[k, j] of the current step

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the slice."""
        return self.placement.shape

    def element(self, i: int, j: int) -> NDArray[np.float64]:
        """(3,) position of element (i, j) of the slice, in cells."""
        return self.placement.element(i, j)


@dataclass(frozen=True, slots=True, eq=False)
class Frame(Mapping[str, State]):
    """The whole scene at one time: the state of every matrix by its path, and the planes in flight."""

    states: Mapping[str, State]
    planes: tuple[Plane, ...]

    def __getitem__(self, path: str) -> State:
        return self.states[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self.states)

    def __len__(self) -> int:
        return len(self.states)


class Timeline:
    """The animation of a tree. `steps` is its length; `frame(t)` any moment of it, 0 <= t <= steps."""

    def __init__(
        self,
        root: Node,
        values: Mapping[str, Matrix],
        cubes: Mapping[str, Cube],
        options: AnimationOptions,
        finish: Finish,
    ) -> None:
        self.root = root
        self.cubes = cubes
        self._values = values
        self._finish = finish
        shapes = {path: (matrix.shape[0], matrix.shape[1]) for path, matrix in values.items()}
        self.schedule: Schedule = schedule(root, shapes, options)
        self._appearance = Appearance(root, shapes, self.schedule)
        self._twins = twins(root)
        self.products = {n.path: n for n in walk(root) if isinstance(n, ProductNode)}
        self._products = Latest(self._compute_products)
        self._running_sum = Latest(self._compute_running_sum)

    @property
    def steps(self) -> int:
        """How many steps the whole animation takes."""
        return self.schedule.steps

    def frame(self, t: float) -> Frame:
        """The scene at time t, in steps.

        Raises:
            MmvizError: t is not within 0..steps.
        """
        if not 0 <= t <= self.steps:
            raise MmvizError(f"frame({t}): the animation runs from step 0 to step {self.steps}.")
        running = {path: run for path, run in self.schedule.runs.items() if run.start <= t < run.end}
        lit: dict[str, list[Sweep]] = {}
        for path, run in running.items():
            self._light(self.products[path], run, floor(t) - run.start, lit)
        there = self._appearance.at(t)
        for path, cells in self._appearance.taken(t, there):
            lit.setdefault(path, []).append(cells)
        states = {path: self._state(path, t, there[path], tuple(lit.get(path, ()))) for path in there}
        planes = tuple(self._plane(path, run, t - run.start) for path, run in running.items())
        return Frame(states, planes)

    def inputs(self, path: str) -> tuple[Matrix, Matrix]:
        """The finished left and right matrix of the product at `path`."""
        node = self.products[path]
        return self._values[node.left.path], self._values[node.right.path]

    def running_step(self, path: str, t: float) -> int | None:
        """The step of its run that the product at `path` is in at time t, where it shows running sums."""
        run = self.schedule.runs.get(path)
        if run is None or run.algorithm != "vvprod" or not run.start <= t < run.end:
            return None
        return floor(t) - run.start

    def sums(self, path: str, step: int) -> NDArray[np.float64]:
        """(i, j): the running sums of the product at `path` in a step of its run, before any function."""
        left, right = self.inputs(path)
        with np.errstate(invalid="ignore"):  # infinities of both signs make NaN, and are shown so
            sums: NDArray[np.float64] = left[:, : step + 1].astype(np.float64) @ right[: step + 1].astype(np.float64)
        return sums

    def _state(self, path: str, t: float, there: Sweep, lit: tuple[Sweep, ...]) -> State:
        final = self._values[path]
        shape = (final.shape[0], final.shape[1])
        source, _ = self._twins.get(path, (path, False))
        step = self.running_step(source, t)
        if step is not None:
            return State(shape, EVERYWHERE, lit, lambda: self._running_sum(path, step))
        return State(shape, there, lit, lambda: final)

    def _compute_running_sum(self, path: str, step: int) -> Matrix:
        if path in self._twins:
            source, turned = self._twins[path]
            shown = self._running_sum(source, step)
            return shown.T if turned else shown
        return self._finish(path, self.sums(path, step))

    def _light(self, node: ProductNode, run: Run, step: int, lit: dict[str, list[Sweep]]) -> None:
        for argument, sweep in zip((node.left, node.right), self._taken(node, run, step), strict=True):
            if sweep is not None:
                lit.setdefault(argument.path, []).append(sweep)

    def _taken(self, node: ProductNode, run: Run, step: int) -> tuple[Sweep | None, Sweep | None]:
        """The cells of the left and of the right argument that a step takes."""
        match run.algorithm:
            case "vmprod":
                return _row(step), None
            case "mvprod":
                return None, _column(step)
            case "vvprod":
                return _column(step), _row(step)
            case _:
                i, j = divmod(step, self._values[node.path].shape[1])
                return _row(i), _column(j)

    def _plane(self, path: str, run: Run, t: float) -> Plane:
        return Plane(path, self._place(path, run, t), self._products(path, floor(t)))

    def _place(self, path: str, run: Run, t: float) -> Placement:
        cube = self.cubes[path]
        rows, inner, columns = cube.shape
        match run.algorithm:
            case "vmprod":
                return cube.row(_glide(t, rows))
            case "mvprod":
                return cube.column(_glide(t, columns))
            case "vvprod":
                return cube.outer(_glide(t, inner))
            case _:
                step = floor(t)
                row, column = divmod(step, columns)
                j = column + _glide(t - step, 2 if column + 1 < columns else 1)
                return cube.line(row, j)

    def _compute_products(self, path: str, step: int) -> Matrix:
        """L[i, k] * R[k, j] of one step."""
        left, right = self.inputs(path)
        products: Matrix
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):  # the infinite is shown as it is
            match self.schedule.runs[path].algorithm:
                case "vmprod":
                    products = left[step][:, None] * right  # (k, j)
                case "mvprod":
                    products = left * right[:, step]  # (i, k)
                case "vvprod":
                    products = np.multiply.outer(left[:, step], right[step])  # (i, j)
                case _:
                    row, column = divmod(step, right.shape[1])
                    products = (left[row] * right[:, column])[:, None]  # (k, 1)
        return products


class Latest:
    """Remembers for each path what was computed last, so that many frames of one step share their arrays.

    What it gives does not depend on what was asked before; only the time that it takes does.
    """

    def __init__(self, compute: Callable[[str, int], Matrix]) -> None:
        self._compute = compute
        self._kept: dict[str, tuple[int, Matrix]] = {}

    def __call__(self, path: str, step: int) -> Matrix:
        """What is computed for a path and a step."""
        kept = self._kept.get(path)
        if kept is None or kept[0] != step:
            kept = self._kept[path] = (step, self._compute(path, step))
        return kept[1]


def _row(i: int) -> Sweep:
    return Sweep(row_turn=1, first=i, last=i)


def _column(j: int) -> Sweep:
    return Sweep(column_turn=1, first=j, last=j)


def _glide(t: float, size: int) -> float:
    """Place of a plane at time t among `size` places: at whole steps on one of them, with a soft start and stop."""
    step = floor(t)
    share = t - step
    eased = share * share * (3 - 2 * share)
    return min(step + eased, size - 1)
