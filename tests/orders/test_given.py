"""What Python hands over for an order is taken if it is of the right kind, else refused by its name in one line."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmviz import MmvizError, Scene, names
from mmviz.errors import OutputError
from mmviz.scene.keys.options import ExportOptions

SCENE = Scene("A", {"A": [[1, 2], [3, 4]]}, export=ExportOptions(width=64, height=48))
PAIR = "part: must be a first and a last step, such as (1, 2) or (1, None), got"


@pytest.mark.parametrize(
    ("way", "arguments", "message"),
    [
        ("x.png", {"ground": "pink"}, 'ground: must be black, white or transparent, got "pink".'),
        ("x.png", {"ground": 3}, "ground: must be black, white or transparent, got 3."),
        ("x.png", {"width": "640"}, 'width: must be a whole number, got "640".'),
        ("x.png", {"height": True}, "height: must be a whole number, got true."),
        ("x.png", {"height": 36.5}, "height: must be a whole number, got 36.5."),
        ("x.png", {"camera": 3}, "camera: must be a camera, such as scene.composition.camera(1), got 3."),
        ("x.png", {"emphasis": 3}, "emphasis: must be an Emphasis, got 3."),
        ("x.png", {"step": "x"}, 'step: must be a number, got "x".'),
        ("x.mp4", {"fps": 29.97}, "fps: must be a whole number, got 29.97."),
        ("x.mp4", {"fps": float("inf")}, "fps: must be a whole number, got Infinity."),
        ("x.mp4", {"crf": "x"}, 'crf: must be a whole number or "lossless", got "x".'),
        ("x.mp4", {"workers": "2"}, 'workers: must be a whole number, got "2".'),
        ("x.mp4", {"part": (1,)}, f"{PAIR} [1]."),
        ("x.mp4", {"part": "ab"}, f'{PAIR} "ab".'),
        ("x.mp4", {"part": (None, True)}, f"{PAIR} [nothing, true]."),
        ("x.glb", {"limit": -1}, "limit: must be 0 or more, got -1."),
        ("x.glb", {"plain": "yes"}, 'plain: must be True or False, got "yes".'),
        ("x.glb", {"limit": None, "step": "x"}, 'step: must be a number, got "x".'),
    ],
)
def test_an_argument_of_the_wrong_kind_is_refused_by_its_name(
    way: str, arguments: dict[str, Any], message: str, tmp_path: Path
) -> None:
    write: Any = {".png": SCENE.screenshot, ".mp4": SCENE.movie, ".glb": SCENE.mesh}[way[1:]]
    with pytest.raises(OutputError) as caught:
        write(tmp_path / way, **arguments)
    assert str(caught.value) == message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("fps", "found"), [("x", 'a whole number, got "x"'), (0, "1 or more, got 0")])
def test_the_times_of_no_speed_are_refused(fps: Any, found: str) -> None:
    with pytest.raises(OutputError) as caught:
        SCENE.times(fps)
    assert str(caught.value) == f"fps: must be {found}."


def test_numbers_of_numpy_and_floats_that_are_whole_are_taken() -> None:
    order = SCENE.check_movie("x.mp4", width=np.int64(64), height=48.0, fps=np.uint8(5), part=(np.float32(0), None))  # type: ignore[arg-type]
    assert order == SCENE.check_movie("x.mp4", fps=5, part=(0, None))
    assert [type(number) for number in (order.width, order.height, order.fps)] == [int, int, int]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a\0b", "'a\\x00b.{}': holds a character that no name of a file can have."),
        ("\ud800", "'\\ud800.{}': holds a character that no name of a file can have."),
        ("x" * 300, "x" * 300 + ".{}: File name too long."),
    ],
)
def test_a_name_that_no_file_can_have_is_refused(name: str, message: str) -> None:
    writers: dict[str, Any] = {"png": SCENE.screenshot, "mp4": SCENE.movie, "glb": SCENE.mesh, "yaml": SCENE.save}
    for ending, write in writers.items():
        with pytest.raises(OutputError) as caught:
            write(f"{name}.{ending}")
        assert str(caught.value) == message.format(ending)


def test_the_longest_name_that_a_file_can_have_is_taken(tmp_path: Path) -> None:
    place = tmp_path / ("x" * 250 + ".yaml")
    SCENE.save(place)
    assert Scene.load(place).document == SCENE.document


@pytest.mark.parametrize("given", [None, 3])
def test_the_name_of_a_scene_is_text(given: Any) -> None:
    with pytest.raises(MmvizError) as caught:
        Scene.named(given)
    assert str(caught.value) == f"scene: must be the path or the name of a scene, as text, got {given}."


def test_names_are_one_text() -> None:
    with pytest.raises(MmvizError) as caught:
        names(["A", "B"])  # type: ignore[arg-type]
    assert str(caught.value) == """names: must be text such as "A B", got ['A', 'B']."""
