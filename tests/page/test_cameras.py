"""The page's camera is where Python's is, at every moment of a film."""

import json
from typing import Any, cast

import numpy as np
import pytest

from mmviz import Scene
from mmviz.page.arrays import Arrays
from mmviz.page.cameras_section import ASPECTS, cameras_section
from mmviz.picture.composition import Composition
from mmviz.picture.time.pacing import Moment
from tests.page.composed import moment_record
from tests.page.engine import engine

MATRICES = {"A": {"init": "eye", "shape": [7, 5]}, "B": {"init": "eye", "shape": [5, 4]}}
ATTENTION = {name: {"init": "gaussian", "shape": [12, 4]} for name in "QKV"}
TURNS = [{"direction": [0, 0, 1]}, {"at": 1, "orbit": 400}, {"at": 3, "direction": [1, 0, 1]}, {"at": 4, "orbit": 90}]
FOLLOWS = [{"follow": "out"}, {"at": 3, "focus": "A"}, {"at": 5, "follow": "out", "zoom": 0.5}]
PLACES = [{"position": [50, 9, 50], "view_angle": 20}, {"at": 2, "zoom": 2}, {"at": "end", "position": [0, 80, 1]}]
CHAPTERS = [
    {"to": 3, "camera": [{"focus": "A"}, {"at": 2, "direction": [1, 1, 1]}]},
    {"from": 3, "to": 5, "hold": 2, "camera": [{"at": 3, "orbit": 200}]},
    {"from": 1, "speed": 3},
]


def film(camera: Any = None, expr: str = "out = A @ B", tensors: Any = MATRICES, **parts: Any) -> Composition:
    """A film of a small scene."""
    return Scene(expr, tensors, camera={} if camera is None else {"keyframes": camera}, **parts).composition


def moments_of(composition: Composition, count: int = 50) -> list[Moment]:
    """Moments all over a film: at the ends of chapters, at keyframes, between them, and while an end is held."""
    found = []
    for number, chapter in enumerate(composition.chapters):
        times = np.linspace(chapter.first, chapter.last, max(count // len(composition.chapters), 3)).tolist()
        steps = [step for step, _ in chapter.keyframes if chapter.holds(step)]
        found += [Moment(time, number) for time in sorted({*times, *steps})]
        found += [Moment(chapter.last, number, share * chapter.hold) for share in (0.2, 1.0)]
    return found


def cameras_of(composition: Composition, moments: list[Moment], shape: int) -> list[dict[str, Any]]:
    """Where the page's camera is."""
    section = json.dumps(cameras_section(composition, Arrays()))
    told = json.dumps([moment_record(one) for one in moments])
    script = f"""(() => {{
      const section = {section};
      const shaped = section.aspects[{shape}];
      const work = new mmvizPage.CameraWork(section, shaped, shaped.own);
      return JSON.stringify({told}.map((moment) => work.at(moment)));
    }})()"""
    return cast("list[dict[str, Any]]", json.loads(str(engine().eval(script))))


def check_cameras(composition: Composition, shape: int) -> None:
    """Compare the camera at all these moments."""
    aspect = ASPECTS[shape]
    moments = moments_of(composition)
    assert len(moments) >= 50
    for moment, found in zip(moments, cameras_of(composition, moments, shape), strict=True):
        own = composition.camera_at(moment, aspect)
        for name in ("position", "target", "up"):
            np.testing.assert_allclose(found[name], getattr(own, name), rtol=0, atol=1e-6, err_msg=f"{moment} {name}")
        assert found["viewAngle"] == pytest.approx(own.view_angle, abs=1e-6)


@pytest.mark.parametrize("shape", [0, 3])
@pytest.mark.parametrize(
    "composition",
    [
        film(TURNS),
        film(FOLLOWS, animation={"algorithm": "vmprod", "hold": 2}),
        film(FOLLOWS, animation={"algorithm": "dotprod"}, partition={"i": 2, "j": 2}),
        film(
            [{"follow": "z"}, {"at": "end", "direction": [1, 1, 1]}],
            "z = softmax(Q @ K.T) @ V",
            ATTENTION,
            animation={"matrices": {"z": "blockwise"}},
            partition={"z": {"i": 5, "k": 2}},
        ),
        film(PLACES),
        film(TURNS, animation={"spin": 20}),
        film(animation={"chapters": CHAPTERS}),
        film(FOLLOWS, animation={"chapters": CHAPTERS, "spin": -35}),
    ],
    ids=["orbits", "follows", "follows blocks", "follows queries", "places", "spins", "chapters", "all"],
)
def test_a_camera_is_led_alike(composition: Composition, shape: int) -> None:
    check_cameras(composition, shape)


@pytest.mark.parametrize("name", ["attention_tour", "decoding"])
def test_a_shipped_film_is_led_alike(name: str) -> None:
    check_cameras(Scene.load(name).composition, 0)


def test_a_camera_that_follows_is_told_by_the_bends_of_its_way_alone() -> None:
    told = cameras_section(film(FOLLOWS, animation={"algorithm": "vmprod"}), Arrays())
    follow = told["aspects"][0]["path"]["stops"][0]["follow"]
    assert follow["clocks"] == [0, 6]  # evenly from the first row to the last
