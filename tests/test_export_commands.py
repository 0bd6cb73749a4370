"""What the options of render, movie and mesh change in the files that they write."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import trimesh
from PIL import Image

from mmviz.cli import main
from mmviz.errors import OutputError
from mmviz.orders.order import SPHERES, FilmOrder
from mmviz.pipeline import Scene

pytestmark = pytest.mark.usefixtures("canvases_kept")

SCENE = """\
expr: A @ B
tensors: {A: {init: gaussian, shape: [6, 4], seed: 1}, B: {init: uniform, shape: [4, 4]}}
animation: {speed: 2, hold: 0.5}
export: {width: 48, height: 32, fps: 10, crf: 30}
"""
Run = Callable[..., tuple[str, str]]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `mmviz ...`, which must succeed, in a folder with one scene; gives what it printed."""
    monkeypatch.chdir(tmp_path)
    Path("x.yaml").write_text(SCENE)

    def call(*arguments: str) -> tuple[str, str]:
        monkeypatch.setattr(sys, "argv", ["mmviz", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        return capsys.readouterr()

    return call


def picture(path: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    with Image.open(path) as image:
        return np.asarray(image)


@pytest.mark.parametrize(("arguments", "crf"), [((), 30), (("--crf", "7"), 7)])
def test_the_quality_of_a_film_is_the_scenes_or_that_of_the_command(
    run: Run, arguments: tuple[str, ...], crf: int
) -> None:
    run("movie", "x.yaml", "-o", "x.mp4", *arguments)
    assert f" crf={crf}.0 ".encode() in Path("x.mp4").read_bytes(), "x264 writes its options into the film"
    assert Scene.load("x.yaml").check_movie("y.mp4", crf=5).crf == 5


@pytest.mark.slow
def test_a_film_is_lossless_only_where_the_command_or_the_scene_says_so(run: Run) -> None:
    for arguments, profile in ((("--crf", "0"), "High"), (("--lossless",), "High 4:4:4 Predictive")):
        run("movie", "x.yaml", "-o", "x.mp4", *arguments)
        with av.open("x.mp4") as film:
            assert film.streams.video[0].codec_context.profile == profile
    assert Scene.load("x.yaml").check_movie("y.mp4", crf="lossless").lossless
    assert Scene.load("x.yaml").changed(export={"lossless": True}).check_movie("y.mp4").lossless


@pytest.mark.parametrize(
    ("quality", "size"),
    [("l", (854, 480, 15)), ("m", (1280, 720, 30)), ("h", (1920, 1080, 60)), ("k", (3840, 2160, 60))],
)
def test_the_film_is_asked_for_as_the_command_says(
    run: Run, monkeypatch: pytest.MonkeyPatch, quality: str, size: tuple[int, int, int]
) -> None:
    asked: list[FilmOrder] = []
    monkeypatch.setattr(Scene, "make_film", lambda _, order, progress: asked.append(order))
    part = ("--from", "1", "--to", "3")
    run("movie", "x.yaml", "-o", "x.mp4", f"-q{quality}", "--workers", "3", "--crf", "9", *part)
    assert asked == [FilmOrder("x.mp4", *size, crf=9, ground="black", steps=(1, 3), workers=3)]


def test_a_gif_is_as_fast_as_it_can_be_where_a_quality_or_the_scene_asks_for_more(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[FilmOrder] = []
    monkeypatch.setattr(Scene, "make_film", lambda _, order, progress: asked.append(order))
    said = "mmviz: note: x.gif: has 50 frames a second instead of {}, its most.\n"
    assert run("movie", "x.yaml", "-o", "x.gif", "-qh")[1] == said.format(60)
    assert run("movie", "x.yaml", "-o", "x.gif", "--set", "export.fps=90")[1] == said.format(90)
    assert run("movie", "x.yaml", "-o", "x.gif", "-qm")[1] == ""
    assert run("movie", "x.yaml", "-o", "x.mp4", "-qh")[1] == ""
    assert [(order.width, order.fps) for order in asked] == [(1920, 50), (48, 50), (1280, 30), (1920, 60)]


def test_a_picture_says_the_dots_an_inch_of_the_command_and_has_its_quality(run: Run) -> None:
    run("render", "x.yaml", "-o", "a.png")
    run("render", "x.yaml", "-o", "b.png", "--dpi", "72")
    dots = []
    for name in ("a.png", "b.png"):
        with Image.open(name) as image:
            dots.append(round(image.info["dpi"][0]))
    assert dots == [300, 72]
    sizes = []
    for quality in ("5", "95"):
        run("render", "x.yaml", "-o", "x.jpg", "--quality", quality)
        sizes.append(Path("x.jpg").stat().st_size)
    assert sizes[0] < sizes[1]


@pytest.mark.slow
def test_a_part_of_a_film_has_the_pictures_of_its_first_and_last_step(run: Run) -> None:
    run("movie", "x.yaml", "-o", "x_%02d.png", "--from", "1", "--to", "3", "--fine")
    pictures = sorted(Path().glob("x_*.png"))
    # At 2 steps and 10 frames a second, 9 frames lie between the steps; the last one stays for 5 more.
    assert [path.name for path in pictures] == [f"x_{number:02d}.png" for number in range(1 + 9 + 1 + 5)]
    for number, step in ((0, "1"), (10, "3"), (15, "3")):
        run("render", "x.yaml", "-o", "still.png", "--step", step)
        np.testing.assert_array_equal(picture(f"x_{number:02d}.png"), picture("still.png"))


def test_a_terminal_shows_how_many_frames_of_the_part_are_done(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    run("movie", "x.yaml", "-o", "x/", "--from", "1", "--to", "3")
    assert "16/16" in terminal.getvalue()


@pytest.mark.slow
def test_the_ground_of_a_picture_is_that_of_the_command(run: Run) -> None:
    corners = {}
    for ground in ("black", "white", "transparent"):
        run("render", "x.yaml", "-o", "x.png", "--ground", ground)
        corners[ground] = picture("x.png")[0, 0].tolist()
    assert corners == {"black": [0, 0, 0], "white": [255, 255, 255], "transparent": [0, 0, 0, 0]}


def test_a_mesh_is_of_the_step_and_has_the_spheres_that_the_command_says(run: Run) -> None:
    faces = {}
    for name, arguments in {"all": (), "none": ("--limit", "0"), "start": ("--step", "0")}.items():
        run("mesh", "x.yaml", "-o", "x.glb", "--plain", *arguments)
        meshes = trimesh.load_scene("x.glb").geometry
        kind = "picture" if name == "none" else "balls"
        faces[name] = [len(meshes[f"{kind} of {matrix}"].faces) for matrix in ("A", "A @ B")]
    assert faces == {"all": [24 * 320] * 2, "none": [2, 2], "start": [24 * 320, 4 * 320]}, "first there is one row"


def test_the_help_names_the_number_of_spheres(run: Run) -> None:
    assert f"{SPHERES:,}" == "20,000"
    assert "20,000" in run("mesh", "--help")[0]


@pytest.mark.parametrize(("command", "output"), [("render", "x.png"), ("movie", "x.mp4"), ("mesh", "x.glb")])
def test_each_export_tells_what_is_odd_about_the_numbers(run: Run, command: str, output: str) -> None:
    Path("x.yaml").write_text(SCENE.replace("{init: uniform, shape: [4, 4]}", "{values: [[1], [.nan], [3], [4]]}"))
    part = ("--from", "5", "--to", "6") if command == "movie" else ()
    assert (
        run(command, "x.yaml", "-o", output, *part)[1]
        == "mmviz: note: B: 1 of 4 numbers is NaN, the first at [1, 0].\n"
    )


@pytest.mark.parametrize(
    ("output", "written"), [("x.tif", Scene.screenshot), ("x.obj", Scene.mesh), ("x.avi", Scene.movie)]
)
def test_an_output_that_cannot_be_is_refused_before_any_number_is_computed(
    tmp_path: Path, output: str, written: Callable[[Scene, Path], Any]
) -> None:
    scene = Scene("A @ B", {"A": {"file": "missing.npy"}, "B": {"file": "missing.npy"}})
    with pytest.raises(OutputError, match=rf"{output}: the name ends in"):
        written(scene, tmp_path / output)
