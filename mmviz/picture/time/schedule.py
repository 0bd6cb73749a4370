"""When each product is computed: a start and a number of steps for each, found once; no numbers, no space.

Which products wait for which, and which share a sweep, say `fusing`, `mm_starts` and `decoding`; by which algorithm
each goes, `product_algorithms`. A sum, difference or elementwise product takes no steps of its own.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from mmviz.picture.time.algorithms import Cut
from mmviz.picture.time.algorithms import steps as count_steps
from mmviz.picture.time.blockwise import Tiles
from mmviz.picture.time.decoding import by_token
from mmviz.picture.time.fusing import adds, in_chains, joined, root_after_root, term_after_term
from mmviz.picture.time.mm_starts import by_bumps
from mmviz.picture.time.orders import begins_of, orders_of
from mmviz.picture.time.product_algorithms import after_scores, algorithms_of, scores_of, tiles_of
from mmviz.picture.time.starts import Arrival, StartRule, Sweeps, latest
from mmviz.scene.keys.options import Algorithm, AnimationOptions, Fuse
from mmviz.scene.language.tree import Tree, elementwise, twins, walk

START_RULES: Mapping[Fuse, StartRule] = {
    "none": partial(by_bumps, fuse="none"),
    "sync": partial(by_bumps, fuse="sync"),
    "async": partial(by_bumps, fuse="async"),
    "chain": in_chains,
    "decode": by_token,
}
"""By which rule products wait for each other."""


@dataclass(frozen=True, slots=True)
class Run:
    """One product's part of the animation."""

    algorithm: Algorithm
    start: int  # step at which it begins
    steps: int  # how many it takes

    @property
    def end(self) -> int:
        """The first step at which it is finished."""
        return self.start + self.steps


@dataclass(frozen=True, slots=True)
class Schedule:
    """The runs of all animated products, and the step from which each matrix is complete."""

    runs: Mapping[str, Run]  # path of a product -> its run
    ready: Mapping[str, int]  # path of a matrix -> step from which all of it is there
    begins: Mapping[str, int]  # path of a matrix -> step at which its computation begins
    orders: Mapping[str, Algorithm | None]  # path of a matrix -> in which order its cells come; None: all at once
    steps: int
    idle: tuple[tuple[int, int], ...] = ()  # from which step on, how many of mm's bumps were left out before it
    tiles: Mapping[str, Tiles] = field(default_factory=dict)  # path of a blockwise product -> its blocks
    scores: Mapping[str, str] = field(default_factory=dict)  # path of a blockwise product -> path of its scores
    limited: Mapping[str, int] = field(default_factory=dict)  # path -> axis that a step takes up to its own index
    arriving: Mapping[str, Arrival] = field(default_factory=dict)  # path of a plain matrix that comes by tokens -> how
    totals: frozenset[str] = frozenset()  # paths of the sums that show what they have so far
    _changes: tuple[int, ...] = field(init=False, repr=False)  # steps at which a run starts or ends
    _between: tuple[tuple[str, ...], ...] = field(init=False, repr=False)  # what runs from each of them on

    def __post_init__(self) -> None:
        """Note what runs between any two changes, so that it is found without going through all runs."""
        changes = sorted({step for run in self.runs.values() for step in (run.start, run.end)})
        number = {step: place for place, step in enumerate(changes)}
        between: list[list[str]] = [[] for _ in changes]
        for path, run in self.runs.items():
            for place in range(number[run.start], number[run.end]):
                between[place].append(path)
        object.__setattr__(self, "_changes", tuple(changes))
        object.__setattr__(self, "_between", tuple(map(tuple, between)))

    def bump(self, step: int) -> int:
        """The bump after which mm (bhosmer/mm) shows what is shown here at a step, under fuse none, sync or async.

        mm's state after `initAnimation` is bump 0, and each further bump advances it by a step. For a single product
        step b is bump b. In a tree mm spends a bump on the end of every argument; where nothing else moves in it, that
        bump is idle, and it is left out here. So our steps are mm's bumps in which at least one product takes a step,
        in order. mm's bump after the last of these starts the next cycle; here t = steps shows everything instead.
        """
        place = bisect_right(self.idle, step, key=lambda stretch: stretch[0])
        return step + (self.idle[place - 1][1] if place else 0)

    def running(self, t: float) -> tuple[str, ...]:
        """The paths of the products that are being computed at time t."""
        place = bisect_right(self._changes, t) - 1
        return self._between[place] if place >= 0 else ()


def schedule(root: Tree, cuts: Mapping[str, Cut], options: AnimationOptions) -> Schedule:
    """Order the computation of a tree.

    Args:
        root: The tree.
        cuts: How large the products are and how they are cut, by path.
        options: Algorithms and fusing.

    Raises:
        SceneError: a product cannot go blockwise.
    """
    scores = scores_of(root, options)
    tiles = {path: tiles_of(path, scores[path], root, cuts) for path in scores}
    algorithms = algorithms_of(root, options, scores, cuts)
    moving = {path: algorithms[path] for path in cuts if algorithms[path] != "none"}
    steps = {path: count_steps(algorithm, cuts[path].block) for path, algorithm in moving.items()}
    steps |= {path: len(tile.turns()) for path, tile in tiles.items()}
    running = frozenset(node.path for node in walk(root) if adds(node)) if options.sums == "running" else frozenset()
    waits = after_scores(root, scores, steps)
    waits = joined(waits, term_after_term(root)) if running else waits
    waits = joined(waits, root_after_root(root)) if options.roots == "in turn" else waits
    plan = START_RULES[options.fuse](Sweeps(root, algorithms, steps, cuts, waits, running))
    runs = {path: Run(algorithms[path], plan.first[path], count) for path, count in steps.items()}
    runs |= {path: runs[product] for product, path in scores.items()}
    ready: dict[str, int] = {}
    for node in walk(root):
        known = runs[node.path].end if node.path in runs else latest(node, ready)
        ready[node.path] = plan.arriving[node.path].ready if node.path in plan.arriving else known
    again = twins(root)
    swept = {path: one.algorithm for path, one in runs.items()}
    swept |= {path: arrival.order for path, arrival in plan.arriving.items()}
    orders = orders_of(root, swept, plan.leaders, again, running)
    starts = {**plan.first} | {path: run.start for path, run in runs.items()}
    starts |= {path: arrival.begins for path, arrival in plan.arriving.items()}
    begins = begins_of(root, starts, ready, orders, again)
    last = max([1, *(run.end for run in runs.values())])
    totals = frozenset(node.path for node in elementwise(root)) & running
    return Schedule(runs, ready, begins, orders, last, plan.idle, tiles, scores, plan.limited, plan.arriving, totals)
