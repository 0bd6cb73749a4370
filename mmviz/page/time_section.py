"""When everything happens in a page: the schedule, and what flies, as data that its program evaluates at any time."""

from collections.abc import Iterator
from typing import Any

from mmviz.page.looks_found import looks_of
from mmviz.page.matrices_section import Record, placed
from mmviz.page.storing import Storing
from mmviz.picture.composition import Composition
from mmviz.picture.space.cube import Cube
from mmviz.picture.time.algorithms import SUMMING, WAYS, way
from mmviz.picture.time.running_sums import APART, MOST_BYTES
from mmviz.picture.time.sink_columns import beside
from mmviz.picture.time.tiling import Tiling
from mmviz.scene.keys.options import Algorithm
from mmviz.scene.language.tree import roots, twins


def time_section(composition: Composition, storing: Storing) -> Record:
    """The schedule of a scene.

    Args:
        composition: The scene.
        storing: Where numbers go.
    """
    timeline, layout = composition.timeline, composition.layout
    plan, partials = timeline.schedule, set(timeline.with_partials)
    return {
        "steps": timeline.steps,
        "easing": timeline.easing,
        "hidesInputs": timeline.hides_inputs,
        "results": [node.path for node in roots(timeline.root)],
        "merged": sorted(layout.merged),
        "runs": {
            path: {"algorithm": run.algorithm, "start": run.start, "steps": run.steps}
            for path, run in plan.runs.items()
        },
        "ready": dict(plan.ready),
        "begins": dict(plan.begins),
        "orders": {path: order for path, order in plan.orders.items() if order is not None},
        "ways": {algorithm: _way(algorithm) for algorithm in sorted(set(_algorithms(composition)))},
        "limited": dict(plan.limited),
        "arriving": {
            path: {"order": arrival.order, "begins": arrival.begins, "block": list(arrival.block)}
            for path, arrival in plan.arriving.items()
        },
        "totals": sorted(plan.totals),
        "tiles": {path: _tiles(tiling) for path, tiling in timeline.tilings.items()},
        "twins": {path: {"path": target, "turned": turned} for path, (target, turned) in twins(timeline.root).items()},
        "cubes": {path: _cube(cube, partials=path in partials) for path, cube in layout.cubes.items()},
        "joins": {
            node.path: {
                "axis": node.axis,
                "parts": [
                    {"path": part.path, "placement": placed(place)}
                    for part, place in zip(node.parts, timeline.parts.places[node.path], strict=True)
                ],
            }
            for node in timeline.parts.joins
        },
        "takings": {
            path: {"ids": ids, "table": table, "turned": turned, "block": list(timeline.takings.cuts[path].block)}
            for path, (ids, table, turned) in timeline.takings.of.items()
        },
        "sinks": [
            {"path": path, "placement": placed(beside(layout[path])), "shares": storing.arrays.add(shares)}
            for path, shares in timeline.sinks.shares.items()
        ],
        "scales": _scales(composition),
        "kept": {"apart": APART, "bytes": MOST_BYTES},
    }


def _algorithms(composition: Composition) -> Iterator[Algorithm]:
    """All by which something goes or comes."""
    plan = composition.timeline.schedule
    yield from (run.algorithm for run in plan.runs.values())
    yield from (order for order in plan.orders.values() if order is not None)
    yield from (arrival.order for arrival in plan.arriving.values())


def _way(algorithm: Algorithm) -> Record:
    found = way(algorithm)
    return {
        "turns": list(found.turns),
        "plane": list(found.plane),
        "flies": algorithm in WAYS,
        "summing": algorithm in SUMMING,
    }


def _cube(cube: Cube, *, partials: bool) -> Record:
    def partial(number: int) -> Record:
        apart = placed(cube.between()) if number == cube.nearest else None
        return {"placement": placed(cube.partial(number)), "apart": apart}

    return {
        "shape": list(cube.shape),
        "origin": cube.origin.tolist(),
        "down": cube.down.tolist(),
        "across": cube.across.tolist(),
        "inward": cube.inward.tolist(),
        "blocks": list(cube.blocks),
        "gap": cube.gap,
        "resultLast": cube.result_last,
        "partials": [partial(number) for number in range(cube.counts[1])] if partials else [],
    }


def _tiles(tiling: Tiling) -> Record:
    queries, keys, mixed = tiling.arguments
    return {
        "shape": list(tiling.tiles.shape),
        "size": list(tiling.tiles.size),
        "causal": tiling.tiles.causal,
        "scores": tiling.scores,
        "queries": queries,
        "keys": keys,
        "mixed": mixed,
        "maximum": placed(tiling.beside("maximum")),
        "total": placed(tiling.beside("total")),
        "factor": placed(tiling.beside("factor")),
    }


def _scales(composition: Composition) -> dict[str, Any]:
    """Look and scale of what flies or stands beside matrices, by the key of its look."""
    looks = {look: number for number, look in enumerate(looks_of(composition))}
    return {
        str(key): {"look": looks[look], "scale": scale}
        for key, (look, scale) in composition.looks.items()
        if key.kind != "matrix"
    }
