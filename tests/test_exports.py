"""What a scene can be turned into: which order each way makes, and which writer it reaches; draws nothing."""

from pathlib import Path
from typing import Any

import pytest

from mmviz import Scene
from mmviz.errors import OutputError
from mmviz.export import Exports
from mmviz.orders.order import SPHERES, FilmOrder, MeshOrder, Order, PictureOrder
from mmviz.picture.composition import Composition
from mmviz.picture.marks.emphasis import Emphasis
from mmviz.picture.time.pacing import Moment

OWN = {"width": 320, "height": 200, "fps": 12, "crf": 30, "ground": "white"}
SCENE = Scene("A @ B", {name: {"init": "eye", "shape": [3, 3]} for name in "AB"}, export=OWN, animation={"speed": 2})


class Orders(Exports):
    """Notes what is ordered, instead of writing it."""

    def __init__(self) -> None:
        self.document = SCENE.document
        self.made: list[Order] = []

    @property
    def composition(self) -> Composition:
        return SCENE.composition

    def make(self, order: Order, progress: Any = None) -> None:
        assert progress is None
        self.made.append(order)

    def make_film(self, order: FilmOrder, progress: Any = None) -> Any:
        self.made.append(order)
        return progress


def test_a_picture_is_as_the_scene_says_but_for_what_is_asked() -> None:
    orders, lit = Orders(), Emphasis(hidden=frozenset({"left"}))
    camera = SCENE.composition.camera(1.6)
    orders.screenshot("x.png")
    orders.screenshot(Path("y.png"), 1.5, width=64, ground="transparent", camera=camera, emphasis=lit)
    orders.screenshot("z.png", Moment(1.0, 0), height=99)
    assert orders.made == [
        PictureOrder("x.png", 320, 200, "white"),
        PictureOrder("y.png", 64, 200, "transparent", 1.5, camera, lit),
        PictureOrder("z.png", 320, 99, "white", Moment(1.0, 0)),
    ]


def test_a_film_is_as_the_scene_says_but_for_what_is_asked() -> None:
    orders, told = Orders(), list[int]()
    timings: Any = orders.movie("x.mp4", progress=told.append)
    assert timings == told.append, "what it gives is handed on"
    orders.movie("y.mp4", width=64, height=48, fps=5, crf="lossless", part=(1, None), workers=3)
    assert orders.made == [
        FilmOrder("x.mp4", 320, 200, 12, 30, "white"),
        FilmOrder("y.mp4", 64, 48, 5, 30, "white", (1, None), 3, lossless=True),
    ]


def test_a_mesh_has_as_many_spheres_as_are_asked_for_also_none() -> None:
    orders = Orders()
    orders.mesh("x.glb")
    orders.mesh("y.glb", 2, limit=0, plain=True)
    assert orders.made == [MeshOrder("x.glb", None, SPHERES), MeshOrder("y.glb", 2, 0, plain=True)]


class Writers:
    """In the place of what draws and writes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.called: list[tuple[str, Any, Any]] = []
        for place in (
            "mmviz.filming.studio.write_film",
            "mmviz.filming.studio.write_still",
            "mmviz.render.mesh.write_mesh",
        ):
            monkeypatch.setattr(place, self._note(place.rpartition(".")[2]))

    def _note(self, name: str) -> Any:
        def note(first: Any, second: Any, *others: Any) -> str:
            self.called.append((name, first, second if name != "write_mesh" else (second, *others)))
            return "timings"

        return note


def test_each_order_reaches_its_own_writer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    writers = Writers(monkeypatch)
    film = FilmOrder(f"{tmp_path}/x.mp4", 64, 48)
    SCENE.make(film)
    timings: Any = SCENE.make_film(film)
    assert timings == "timings"
    SCENE.make(PictureOrder(f"{tmp_path}/x.png", 64, 48))
    SCENE.make(PictureOrder(f"{tmp_path}/x.png", 64, 48, step=Moment(1.25, 0)))
    SCENE.make(MeshOrder(f"{tmp_path}/x.glb", 1, 7))
    (*films, (still, composition, picture), (_, _, moment), (mesh, drawing, (names, order))) = writers.called
    assert films == [("write_film", SCENE, film)] * 2
    assert (still, composition) == ("write_still", SCENE.composition)
    assert picture.step == 3, "the last step where none is said"
    assert moment.step == Moment(1.25, 0)
    assert (mesh, order) == ("write_mesh", MeshOrder(f"{tmp_path}/x.glb", 1, 7))
    assert names == {"": "A @ B", "left": "A", "right": "B"}
    assert {sheet.key.path for sheet in drawing.sheets} == {"", "left", "right"}


@pytest.mark.parametrize("step", [-1, 3.5, float("nan")])
@pytest.mark.parametrize("kind", [PictureOrder, MeshOrder])
def test_a_step_that_the_animation_does_not_have_is_refused(
    kind: Any, step: float, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    writers = Writers(monkeypatch)
    ending = ".png" if kind is PictureOrder else ".glb"
    with pytest.raises(OutputError) as caught:
        SCENE.make(kind(f"{tmp_path}/x{ending}", step=step))
    assert str(caught.value) == f"step {step:g}: the animation runs from step 0 to step 3."
    assert writers.called == []


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (FilmOrder("x.mp4", 63, 48), "picture size 63x48: width and height must be even, for H.264."),
        (PictureOrder("x.jpg", 64, 48, quality=0), "quality: must be from 1 (smallest file) to 100 (best), got 0."),
        (PictureOrder("x.png", 0, 48), "picture size 0x48: width and height must be 1 or more."),
        (MeshOrder("x.obj"), "x.obj: the name ends in .obj; it must end in .glb or .usdz."),
    ],
)
def test_what_cannot_be_written_is_refused_before_a_number_is_computed(order: Order, message: str) -> None:
    fresh = SCENE.changed(title="another")
    fresh.forget()
    with pytest.raises(OutputError) as caught:
        fresh.check_order(order)
    assert str(caught.value) == message
    with pytest.raises(OutputError) as caught:
        fresh.make(order)
    assert str(caught.value) == message
    assert not fresh.is_computed


def test_a_checked_film_is_the_order_that_will_be_written() -> None:
    assert SCENE.check_movie("x.gif", fps=5, part=(0, 2)) == FilmOrder("x.gif", 320, 200, 5, 30, "white", (0, 2))
    with pytest.raises(OutputError):
        SCENE.check_movie("x.avi")


def test_the_frames_of_a_film_are_those_of_its_steps_and_of_a_held_end() -> None:
    hold = SCENE.document.animation.hold
    times = SCENE.times(4)
    assert times[:7].tolist() == [0, 0.5, 1, 1.5, 2, 2.5, 3], "two steps a second, four frames a second"
    assert (times[6:] == 3).all()
    assert len(times) == 7 + round(4 * hold)
    assert SCENE.film(4, (1, 2)).times[[0, 1, 2]].tolist() == [1, 1.5, 2]


@pytest.mark.parametrize(
    ("fps", "found"), [(0, "1 or more, got 0"), (-3, "1 or more, got -3"), (2.5, "a whole number, got 2.5")]
)
def test_frames_a_second_are_a_whole_number_from_1_on(fps: Any, found: str) -> None:
    with pytest.raises(OutputError) as caught:
        SCENE.film(fps)
    assert str(caught.value) == f"fps: must be {found}."
