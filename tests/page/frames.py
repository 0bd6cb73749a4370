"""What a frame of the page has to agree in with Python's: everything; positions and numbers but for rounding."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.page.timed import Timed, plane_told, rest_of, sweep_told, vectors_of

PLACED = ("placement", "drawn")


def check_frame(page: Timed, t: float) -> None:
    """Compare a frame with that of the scene's timeline."""
    frame, told = page.composition.timeline.frame(t), page.frame(t)
    where = f"frame({t})"
    assert [state["path"] for state in told["states"]] == list(frame), where
    for state in told["states"]:
        own = frame[state["path"]]
        at = f"{where}, {state['path']!r}"
        assert state["there"], at
        assert state["shape"] == list(own.shape), at
        assert state["shown"] == sweep_told(own.shown), at
        assert state["lit"] == [sweep_told(sweep) for sweep in own.lit], at
        is_final = own.values is page.composition.values[state["path"]]
        assert state["final"] == is_final, at
        if not is_final:
            check_numbers(page.values(state["path"]), own.values, at)
    expected = [plane_told(plane) for plane in frame.planes]
    assert [{name: plane[name] for name in expected[0]} for plane in told["planes"]] == expected, where
    for number, (plane, own_plane) in enumerate(zip(told["planes"], frame.planes, strict=True)):
        at = f"{where}, {plane['key']}"
        for found, place in ((plane["placement"], own_plane.placement), (plane["drawn"], own_plane.drawn)):
            np.testing.assert_allclose(vectors_of(found), vectors_of(place), rtol=0, atol=1e-5, err_msg=at)
            assert rest_of(found) == rest_of(place), at
        check_numbers(page.plane(number), own_plane.values, at)
        if own_plane.masked is not None:
            np.testing.assert_array_equal(page.plane_mask(number), own_plane.masked.ravel(), err_msg=at)


def check_finals(page: Timed) -> None:
    """Every matrix has in the page the very numbers that it has in the scene."""
    for path, values in page.composition.values.items():
        np.testing.assert_array_equal(page.final(path), values, err_msg=path)


def check_numbers(found: NDArray[Any], expected: NDArray[Any], where: str) -> None:
    """Equal but for the rounding to float32, and where large numbers nearly cancel out for that of sums in double."""
    assert found.dtype == expected.dtype, where
    if np.array_equal(found, expected):
        return
    finite = np.abs(expected[np.isfinite(expected)], dtype=np.float64)
    largest = float(finite.max(initial=0.0))
    mine, own = (numbers.astype(np.float64) for numbers in (found, expected))
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(mine, own, rtol=3e-7, atol=1e-12 * largest, err_msg=where)
