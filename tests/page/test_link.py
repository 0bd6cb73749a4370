"""A page's session stands in its address: told and read again it is the same; what is told wrongly is passed over."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.page.engine import call, constant

FRESH: dict[str, Any] = constant("FRESH")
PLACES = st.floats(-1e4, 1e4, width=32).filter(lambda x: x == 0 or abs(x) > 1e-3)
PATHS = st.sampled_from(["", "left", "right", "left.right", "left.left.left"])
CAMERAS = st.builds(
    lambda x, y, z, angle: {
        "position": [x, y, z + 100_000.0],
        "target": [x, y, z],
        "up": [0, 1, 0],
        "viewAngle": angle,
    },
    PLACES,
    PLACES,
    PLACES,
    st.integers(5, 120),
)
SESSIONS = st.fixed_dictionaries(
    {
        "time": st.none() | st.integers(0, 4000).map(lambda n: n / 8),
        "chapter": st.none() | st.integers(0, 9),
        "camera": st.none() | CAMERAS,
        "rate": st.sampled_from([0.125, 1, 8]),
        "loop": st.booleans(),
        "playing": st.booleans(),
        "pinned": st.none()
        | st.fixed_dictionaries({"path": PATHS, "row": st.integers(0, 99), "column": st.integers(0, 99)}),
        "hidden": st.lists(PATHS, unique=True, max_size=3),
        "bare": st.booleans(),
    }
)


@given(SESSIONS)
def test_a_session_comes_back_out_of_its_link(session: dict[str, Any]) -> None:
    read = call("sessionOf", "#" + call("fragmentOf", session))
    camera, told = read.pop("camera"), session.pop("camera")
    assert read == session
    assert (camera is None) == (told is None)
    if camera is not None:
        for name, value in told.items():
            assert camera[name] == pytest.approx(value, rel=1e-6)


def test_a_fresh_session_needs_no_fragment() -> None:
    assert call("fragmentOf", FRESH) == ""
    assert call("sessionOf", "") == FRESH


def test_a_link_is_short_and_can_be_read() -> None:
    pinned = {"path": "left", "row": 3, "column": 4}
    session = {**FRESH, "time": 12.5, "pinned": pinned, "hidden": ["", "right.left"], "rate": 2, "bare": True}
    assert call("fragmentOf", session) == "t=12.5&speed=2&pin=left:3,4&hide=root,right.left&ui=none"


@pytest.mark.parametrize(
    "fragment",
    [
        "#t=&c=&speed=&pin=&hide=&ui=",
        "#t=-1&speed=0&chapter=1.5&pin=left&c=1,2,3",
        "#t=NaN&speed=Infinity&pin=left:a,b&c=0,0,0,0,0,0,0,1,0,30",
        "#c=0,0,1,0,0,0,0,0,1,30&pin=left:-1,0",
        "#%E0%A4%A&t=%E0%A4%A&=&&&nonsense",
        "#c=" + ",".join(["1e400"] * 10),
    ],
)
def test_what_is_told_wrongly_is_passed_over(fragment: str) -> None:
    assert call("sessionOf", fragment) == FRESH
