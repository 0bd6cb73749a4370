"""What is shown at a time: frame(t) is a pure function of t, in steps; no drawing.

At step b of a product that starts at step 0 (0 <= b < steps) the b-th row, column, outer product or element of every
block is in flight, and so the first frame already shows the first of them. At t = steps everything is there and nothing
flies. Between two steps the planes in flight glide from one place to the next.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import floor
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from mmviz.errors import MmvizError
from mmviz.picture.space.layout import Layout
from mmviz.picture.space.sweep import EVERYWHERE, NOWHERE, Sweep
from mmviz.picture.time.algorithms import (
    SUMMING,
    WAYS,
    Cut,
    taken,
)
from mmviz.picture.time.appearance import Appearance
from mmviz.picture.time.parts import Parts
from mmviz.picture.time.planes import Matrix, Plane, Planes
from mmviz.picture.time.running_sums import RunningSums
from mmviz.picture.time.schedule import Schedule, schedule
from mmviz.picture.time.sink_columns import SinkColumns
from mmviz.picture.time.states import State
from mmviz.picture.time.takings import Takings
from mmviz.picture.time.tiling import Logits, Tiling
from mmviz.picture.time.totals import Totals
from mmviz.scene.keys.options import AnimationOptions
from mmviz.scene.language.tree import Tree, products, roots, twins

Finish = Callable[[str, NDArray[np.float64]], Matrix]
"""finish(path, sums): what the product at `path` shows for these sums: the functions that it wears, applied."""
T = TypeVar("T")


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
        root: Tree,
        values: Mapping[str, Matrix],
        layout: Layout,
        options: AnimationOptions,
        finish: Finish,
        logits: Logits,
    ) -> None:
        self.root = root
        self._results = frozenset(node.path for node in roots(root))
        self.cubes = cubes = layout.cubes
        self._merged = layout.merged
        self._values = values
        self._finish = finish
        self.sinks = SinkColumns(root, layout, values)
        self.products = {node.path: node for node in products(root)}
        self.takings = Takings(root, layout, values, options.easing)
        cuts: dict[str, Cut] = {**cubes, **self.takings.cuts}
        self.schedule: Schedule = schedule(root, cuts, options)
        self._blocks = {path: cut.block for path, cut in cuts.items()}
        shapes = {path: place.shape for path, place in layout.items()}
        self._appearance = Appearance(root, self._blocks, self.schedule, shapes)
        self.parts = Parts(root, self.schedule, layout, values, options.easing)
        self._twins = twins(root)
        runs = self.schedule.runs
        self._planes_of = {
            path: Planes(path, cubes[path], run.algorithm, options.easing)
            for path, run in runs.items()
            if run.algorithm in WAYS and path in cubes
        }
        self.tilings = {
            path: Tiling(self.products[path], tiles, layout, values, logits, options.easing)
            for path, tiles in self.schedule.tiles.items()
        }
        self._tiled = {path: one for one in self.tilings.values() for path in (one.path, one.scores)}
        self._totals = Totals(root, self.schedule, layout, values, finish, options.easing)
        self.easing = options.easing
        self.hides_inputs = options.hide_inputs and bool(runs)
        self._products = Latest(self._compute_products)
        self._partial_sums = Latest(self._compute_partial_sums)
        self._running_sum = Latest(self._compute_running_sum)
        self._total = Latest(self._compute_total)
        self._running_sums: dict[str, RunningSums] = {}

    @property
    def steps(self) -> int:
        """How many steps the whole animation takes."""
        return self.schedule.steps

    def frame(self, t: float) -> Frame:
        """The scene at time t, in steps.

        Raises:
            MmvizError: t is not within 0..steps.

        Example:
            >>> frame = scene.timeline().frame(1.5)
            >>> frame[""].shape, len(frame.planes)
            ((2, 3), 1)
        """
        if not 0 <= t <= self.steps:
            raise MmvizError(f"frame({t}): the animation runs from step 0 to step {self.steps}.")
        running = self.schedule.running(t)
        lit: dict[str, list[Sweep]] = {}
        for path in running:
            self._light(path, floor(t), lit)
        there = self._appearance.at(t)
        for path, cells in self._appearance.taken(t, there):
            lit.setdefault(path, []).append(cells)
        shown = (path for path in there if path not in self._merged)
        states = {path: self._state(path, t, there, tuple(lit.get(path, ()))) for path in shown}
        planes = [plane for path in running for plane in self._planes(path, t)]
        gathered = (*self._totals.planes(t), *self.parts.planes(t, there))
        return Frame(states, (*planes, *gathered, *self.sinks.planes(states)))

    def final(self, path: str, t: float) -> Sweep:
        """The cells of a matrix that are there at time t and will not change any more."""
        return self._appearance.at(t)[path]

    def inputs(self, path: str) -> tuple[Matrix, Matrix]:
        """The finished left and right matrix of the product at `path`."""
        node = self.products[path]
        return self._values[node.left.path], self._values[node.right.path]

    @property
    def with_partials(self) -> tuple[str, ...]:
        """The paths of the products that show what each of their k blocks gives."""
        return tuple(path for path, own in self._planes_of.items() if own.has_partials)

    def partial_results(self) -> dict[str, Matrix]:
        """(blocks, i, j) by path: what each k block gives, where that is shown."""
        return {path: np.stack(self._partial_sums(path, 0)) for path in self.with_partials}

    def running_step(self, path: str, t: float) -> int | None:
        """The step of its run that the product at `path` is in at time t, where it shows running sums."""
        run = self.schedule.runs.get(path)
        if run is None or run.algorithm not in SUMMING or not run.start <= t < run.end:
            return None
        return floor(t) - run.start

    def sums(self, path: str, step: int) -> NDArray[np.float64]:
        """(i, j): the running sums of the product at `path` in a step of its run, before any function."""
        return self._sums_of(path).sums(step)

    def begun(self, path: str, step: int) -> NDArray[np.bool_]:
        """(j,): the columns of the product at `path` in which running sums have begun at a step of its run."""
        return self._sums_of(path).begun(step)

    def _sums_of(self, path: str) -> RunningSums:
        found = self._running_sums.get(path)
        if found is None:
            algorithm = self.schedule.runs[path].algorithm
            found = RunningSums(*self.inputs(path), algorithm, self._blocks[path])
            self._running_sums[path] = found
        return found

    def tiling(self, path: str, t: float) -> tuple[Tiling, int] | None:
        """The blockwise attention that computes the matrix at `path` at time t, and the step of its run."""
        run = self.schedule.runs.get(path)
        if path not in self._tiled or run is None or not run.start <= t < run.end:
            return None
        return self._tiled[path], floor(t) - run.start

    def _state(self, path: str, t: float, there: Mapping[str, Sweep], lit: tuple[Sweep, ...]) -> State:
        final = self._values[path]
        shape = (final.shape[0], final.shape[1])
        shown, values = self._seen(path, t, there)
        if self.hides_inputs and path not in self._results:
            shown, lit = NOWHERE, ()
        return State(shape, shown, lit, values)

    def _seen(self, path: str, t: float, there: Mapping[str, Sweep]) -> tuple[Sweep, Callable[[], Matrix]]:
        """The cells of a matrix that are there, and what gives its numbers."""
        step = self.running_step(self._twins.get(path, (path, False))[0], t)
        if step is not None:
            return EVERYWHERE, partial(self._running_sum, path, step)
        tiling = self.tiling(path, t)
        if tiling is not None:
            return tiling[0].shown(path, tiling[1]), partial(tiling[0].values, path, tiling[1])
        if self._totals.unfinished(path, t):
            now = floor(t)
            return self._totals.shown(path, now, there), partial(self._total, path, now)
        return there[path], partial(self._values.__getitem__, path)

    def _compute_running_sum(self, path: str, step: int) -> Matrix:
        if path in self._twins:
            source, turned = self._twins[path]
            shown = self._running_sum(source, step)
            return shown.T if turned else shown
        shown = self._finish(path, self.sums(path, step))
        return np.where(self.begun(path, step), shown, np.float32(0.0))

    def _light(self, path: str, step: int, lit: dict[str, list[Sweep]]) -> None:
        """Note which cells of its arguments the product at `path` takes in a step."""
        run = self.schedule.runs[path]
        if path in self.takings.cuts:
            for own, cells in self.takings.lit(path, run, step):
                lit.setdefault(own, []).append(cells)
            return
        node = self.products[path]
        if path in self.tilings:
            for own, cells in self.tilings[path].lit(step - run.start).items():
                lit.setdefault(own, []).append(cells)
        if path in self._tiled:
            return
        sweeps = taken(run.algorithm, self._blocks[path], step - run.start, self.schedule.limited.get(path))
        for argument, sweep in zip((node.left, node.right), sweeps, strict=True):
            if sweep is not None:
                lit.setdefault(argument.path, []).append(sweep)

    def _planes(self, path: str, t: float) -> list[Plane]:
        start = self.schedule.runs[path].start
        if path in self.tilings:
            return self.tilings[path].planes(t - start)
        if path in self.takings.cuts:
            return self.takings.planes(path, self.schedule.runs[path], t)
        if path not in self._planes_of:
            return []
        own, step = self._planes_of[path], floor(t) - start
        partials = own.partials(step, self._partial_sums(path, 0)) if own.has_partials else []
        limit = self.schedule.limited.get(path)
        return [*partials, *own.in_flight(t - start, self._products(path, step), limit)]

    def _compute_products(self, path: str, step: int) -> tuple[Matrix, ...]:
        return self._planes_of[path].products(*self.inputs(path), step)

    def _compute_total(self, path: str, step: int) -> Matrix:
        return self._totals.value(path, step, self._appearance.at(step))

    def _compute_partial_sums(self, path: str, _: int) -> tuple[Matrix, ...]:
        return self._planes_of[path].partial_sums(*self.inputs(path))


class Latest(Generic[T]):
    """Remembers for each path what was computed last, so that many frames of one step share their arrays.

    What it gives does not depend on what was asked before; only the time that it takes does.
    """

    def __init__(self, compute: Callable[[str, int], T]) -> None:
        self._compute = compute
        self._kept: dict[str, tuple[int, T]] = {}

    def __call__(self, path: str, step: int) -> T:
        """What is computed for a path and a step."""
        kept = self._kept.get(path)
        if kept is None or kept[0] != step:
            kept = self._kept[path] = (step, self._compute(path, step))
        return kept[1]
