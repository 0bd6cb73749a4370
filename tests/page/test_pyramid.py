"""The page builds the textures of a matrix as Python does, number by number, also where only other cells are shown."""

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mmviz.page.arrays import Arrays
from mmviz.page.looks_section import Looks
from mmviz.picture.look.palette import BLUE_ORANGE, PALETTE, SEQUENTIAL, MmLook, Palette
from mmviz.picture.space.sweep import EVERYWHERE, NOWHERE, Sweep
from mmviz.render.footprint import tables
from mmviz.render.pyramid import build_atlas
from mmviz.scene.keys.options import MmColors
from tests.page.engine import engine
from tests.page.test_sweep import told

NUMBER = '(_, x) => ({ NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity })[x] ?? x'
BUILD = f"""
(told, sweeps) => {{
  const {{ content, tables, laws }} = JSON.parse(told, {NUMBER});
  content.values = Float32Array.from(content.values);
  content.masked = content.masked && Uint8Array.from(content.masked);
  tables.footprints = Float32Array.from(tables.footprints);
  tables.packed = Uint16Array.from(tables.packed);
  const [first, ...others] = JSON.parse(sweeps);
  const made = new mmvizPage.Pyramid(content, tables, laws, first);
  let slices = 0;
  for (const _ of made.build()) slices++;
  for (const sweep of others) for (const _ of made.show(sweep)) slices++;
  return JSON.stringify({{
    texels: Array.from(new Uint32Array(made.texels.buffer)), means: Array.from(made.means), levels: made.levels,
    shifts: [made.texelShift, made.meanShift], unit: made.unit, hasOutliers: made.hasOutliers,
    twoSigns: made.twoSigns, ready: made.ready, slices,
  }});
}}
"""
GAUSSIAN = np.random.default_rng(1)


def numbers(rows: int, columns: int) -> NDArray[np.float32]:
    """Of both signs and many sizes, with a few that stand out."""
    made = GAUSSIAN.standard_normal((rows, columns)).astype(np.float32)
    made.flat[:: max(7, made.size // 5)] *= 60.0
    made.flat[3::11] = 0.0
    return made


@cache
def builder() -> Any:
    return engine().eval(BUILD)


def look_told(look: Palette | MmLook, scale: float) -> dict[str, Any]:
    table, packed = tables(look)
    rule = {"full": scale, "curve": "sqrt", "decades": 4.0}
    if isinstance(look, MmLook):
        rule["full"] = look.high
    else:
        rule |= {"curve": look.curve, "decades": look.decades}
    return {"rule": rule, "footprints": table.ravel().tolist(), "packed": packed.view(np.uint16).ravel().tolist()}


def built(
    values: NDArray[np.float32],
    look: Palette | MmLook,
    scale: float,
    *sweeps: Sweep,
    masked: NDArray[np.bool_] | None = None,
    blocks: tuple[int, int] = (0, 0),
    late: tuple[int, int] = (0, 0),
) -> dict[str, Any]:
    """What the page makes of a matrix whose shown cells are these sweeps' one after the other."""
    rows, columns = values.shape
    content = {
        "rows": rows,
        "columns": columns,
        "values": [
            x if np.isfinite(x) else str(x).replace("inf", "Infinity").replace("nan", "NaN")
            for x in values.ravel().tolist()
        ],
        "masked": None if masked is None else masked.astype(int).ravel().tolist(),
        "scale": scale,
        "blocks": blocks,
        "late": late,
    }
    asked = {"content": content, "tables": look_told(look, scale), "laws": Looks(Arrays()).section()["pyramid"]}
    found: dict[str, Any] = json.loads(str(builder()(json.dumps(asked), json.dumps([told(one) for one in sweeps]))))
    return found


def agrees(
    values: NDArray[np.float32],
    look: Palette | MmLook = PALETTE,
    scale: float = 2.5,
    *sweeps: Sweep,
    masked: NDArray[np.bool_] | None = None,
    blocks: tuple[int, int] = (0, 0),
    late: tuple[int, int] = (0, 0),
) -> None:
    sweeps = sweeps or (EVERYWHERE,)
    found = built(values, look, scale, *sweeps, masked=masked, blocks=blocks, late=late)
    there = None if sweeps[-1] == EVERYWHERE else sweeps[-1].mask((values.shape[0], values.shape[1]))
    atlas = build_atlas(values, masked, look, scale, blocks, late, there)
    assert (found["levels"], tuple(found["shifts"]), found["unit"]) == (atlas.levels, atlas.shifts, atlas.unit)
    assert found["twoSigns"] == atlas.two_signs
    assert found["ready"] == atlas.levels
    texels = np.array(found["texels"], np.uint32).view(np.float32)
    np.testing.assert_array_equal(texels, atlas.texels.ravel())
    np.testing.assert_array_equal(found["means"], atlas.means.ravel())
    if len(sweeps) == 1:
        assert found["hasOutliers"] == atlas.has_outliers


LOOKS = {
    "blue-red": PALETTE,
    "sequential": SEQUENTIAL,
    "linear": Palette(curve="linear"),
    "log": Palette(positive=BLUE_ORANGE.positive, curve="log"),
    "mm": MmLook(MmColors(), 0.1, 2.0),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_every_look_gives_the_same_textures(look: Palette | MmLook) -> None:
    agrees(numbers(37, 53), look)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 2), (3, 1), (5, 64), (130, 3)])
def test_every_shape_gives_the_same_textures(shape: tuple[int, int]) -> None:
    agrees(numbers(*shape))


def test_odd_numbers_and_masks_give_the_same_textures() -> None:
    values = numbers(16, 21)
    values[0, :5] = np.nan, np.inf, -np.inf, 1e-44, -3e-41
    values[5, 5] = np.nan
    agrees(values, masked=np.tri(16, 21, dtype=bool))
    agrees(values * np.float32(1e-30), scale=1e-32)
    agrees(np.abs(values) * np.float32(1e30), scale=1e31)


def test_blocks_and_folded_axes_give_the_same_textures() -> None:
    values = numbers(29, 41)
    agrees(values, blocks=(7, 10))
    agrees(values, late=(0, 3))
    agrees(values, blocks=(0, 6), late=(2, 0))
    agrees(values, blocks=(1, 1))
    agrees(values, PALETTE, 2.5, Sweep(row_turn=1, last=2), Sweep(row_turn=1, last=7), blocks=(1, 1))
    agrees(values, blocks=(1, 6))
    agrees(values, blocks=(7, 1), late=(0, 3))


def test_other_cells_that_are_shown_are_all_that_is_computed_again() -> None:
    values = numbers(33, 45)
    rows = [Sweep(row_turn=1, last=last) for last in (0, 4, 31)]
    columns = [Sweep(column_turn=1, last=last) for last in (2, 3, 40)]
    cells = [Sweep(row_turn=45, column_turn=1, last=last) for last in (10, 500)]
    agrees(values, PALETTE, 2.5, NOWHERE, *rows)
    agrees(values, PALETTE, 2.5, rows[1], *columns, cells[0])
    agrees(values, PALETTE, 2.5, *cells, rows[2], EVERYWHERE, columns[1])
    agrees(values, PALETTE, 2.5, *columns, rows[1], cells[1], blocks=(8, 9), late=(1, 0))


def test_a_large_matrix_is_built_in_slices() -> None:
    assert built(np.ones((600, 500), np.float32), PALETTE, 2.0, EVERYWHERE)["slices"] > 20
