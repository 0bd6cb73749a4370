"""Which marks are left where the eye is close: texts before it fade, and the border of a sheet goes with the sheet."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mmviz.picture.drawlist import Label, Lines, TickLabels
from mmviz.picture.eye.camera import Camera
from mmviz.picture.eye.giving_way import SEEN, of_texts
from mmviz.picture.space.item_key import BEHIND


def borders_left(lines: tuple[Lines, ...], behind: Mapping[str, float]) -> tuple[Lines, ...]:
    """Outlines without those of sheets behind matrices that are hardly there.

    Args:
        lines: Any.
        behind: How much is there of the sheet behind each matrix, by its path.
    """
    return tuple(one for one in lines if one.key.part != BEHIND or behind.get(one.key.path, 0.0) >= SEEN)


def texts_left(labels: tuple[Label, ...], camera: Camera) -> tuple[Label, ...]:
    """Texts, fainter where they are close to the eye; those that are not are the same objects."""
    if not labels:
        return labels
    shares = of_texts(camera, np.array([one.center for one in labels]), np.array([one.height for one in labels]))
    if (shares == 1).all():
        return labels
    return tuple(
        one if share == 1 else replace(one, opacity=one.opacity * share)
        for one, share in zip(labels, shares.tolist(), strict=True)
        if share > 0
    )


def ticks_left(rows: tuple[TickLabels, ...], camera: Camera) -> tuple[TickLabels, ...]:
    """Rows of texts: those close to the eye are fainter, or left out; what has none of them is the same object."""
    found = [_row_left(row, camera) for row in rows]
    if all(left is row for left, row in zip(found, rows, strict=True)):
        return rows
    return tuple(left for left in found if left is not None)


def _row_left(row: TickLabels, camera: Camera) -> TickLabels | None:
    shares = of_texts(camera, row.places, np.full(len(row.places), row.height))
    if (shares == 1).all():
        return row
    there = np.flatnonzero(shares > 0)
    if not there.size:
        return None
    texts = tuple(row.texts[number] for number in there)
    return replace(row, texts=texts, places=row.places[there], opacities=tuple(shares[there].tolist()))
