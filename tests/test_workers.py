"""Films of scenes by one process and by several: the same frames, one message, and nothing left behind."""

import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from mmviz.cli import main
from mmviz.errors import MmvizError, OutputError
from mmviz.filming.studio import Studio, render_segment, write_film, write_still
from mmviz.machine import workers
from mmviz.machine.output_files import work_folder
from mmviz.orders.order import WHOLE, FilmOrder, PictureOrder, StepRange
from mmviz.picture.ground_names import Ground
from mmviz.pipeline import Scene
from mmviz.render.film.formats import Segment, film_of, segments
from mmviz.render.film.stopwatch import Timings
from mmviz.render.offscreen import offscreen
from mmviz.scene.keys.options import ExportOptions
from tests.fake_renderer import Painters
from tests.flipbook import Flipbook

pytestmark = pytest.mark.usefixtures("canvases_kept")

WIDTH, HEIGHT = 96, 64
SMALL = ExportOptions(width=WIDTH, height=HEIGHT)


@pytest.fixture(scope="module")
def scene() -> Scene:
    """Five seconds: 150 frames, two segments."""
    return Scene(
        "relu(A @ B)",
        {"A": {"init": "gaussian", "shape": [12, 6], "seed": 1}, "B": {"init": "gaussian", "shape": [6, 8], "seed": 2}},
        animation={"speed": 3, "hold": 1},
    )


def paint(
    scene: Scene | Flipbook,
    path: Path | str,
    *,
    export: ExportOptions = SMALL,
    steps: StepRange = WHOLE,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Painters:
    """Film without OpenGL; gives what drew in this process."""
    painters = Painters()
    write_film(scene, FilmOrder.of(export, path, steps=steps, workers=workers), painters, progress)
    return painters


def frames_of(path: Path) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    with av.open(str(path)) as film:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in film.decode(video=0)]


# Films by several processes.


@pytest.mark.slow
@pytest.mark.process
@pytest.mark.usefixtures("quick_workers")
def test_two_workers_make_the_same_film_as_one(tmp_path: Path) -> None:
    # What is held is drawn once: in the first segment most of it; something moves in both.
    chapters = [{"to": 4, "hold": 3.3}, {"from": 4}]
    tensors = {"A": {"init": "gaussian", "shape": [12, 6]}, "B": {"init": "gaussian", "shape": [6, 8], "seed": 2}}
    scene = Scene("relu(A @ B)", tensors, animation={"speed": 8, "hold": 0.2, "chapters": chapters})
    told: list[int] = []
    alone = scene.movie(tmp_path / "a.mp4", width=WIDTH, height=HEIGHT)
    shared = scene.movie(tmp_path / "b.mp4", width=WIDTH, height=HEIGHT, workers=2, progress=told.append)
    assert (alone.workers, shared.workers, alone.frames) == (1, 2, shared.frames)
    one, two = frames_of(tmp_path / "a.mp4"), frames_of(tmp_path / "b.mp4")
    assert len(one) == len(two) == len(scene.times(30)) == 151
    for first, second in zip(one, two, strict=True):
        np.testing.assert_array_equal(first, second)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    assert told == list(range(1, 152))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


@pytest.mark.process
@pytest.mark.parametrize("output", ["x.gif", "x/"])
def test_other_kinds_of_films_are_the_same_too(tmp_path: Path, output: str, request: pytest.FixtureRequest) -> None:
    if output == "x.gif":  # the workers of the other film begin as a user's do, without anything imported
        request.getfixturevalue("quick_workers")
    found = []
    for count in (1, 2):
        folder = tmp_path / str(count)
        folder.mkdir()
        paint(Flipbook(150), f"{folder}/{output}", workers=count)
        found.append({path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()})
    assert found[0] == found[1]
    assert len(found[0]) == (1 if output == "x.gif" else 150)
    assert output == "x.gif" or len(set(found[0].values())) > 50, "the frames differ"


@pytest.mark.slow
def test_segments_that_are_made_one_by_one_make_the_same_film(scene: Scene, tmp_path: Path) -> None:
    """As a cluster would: from a scene file, each segment for itself, in any order."""
    scene.save(tmp_path / "x.yaml")
    paint(scene, tmp_path / "a.mp4")
    film = film_of(FilmOrder.of(SMALL, tmp_path / "b.mp4"))
    parts = segments(len(scene.times(30)))
    with work_folder(film.path) as folder:
        for part in reversed(parts):
            render_segment(Scene.load(tmp_path / "x.yaml"), pickle.loads(pickle.dumps(film)), part, folder, Painters())
        film.join(folder, parts)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_a_scene_goes_to_another_process_as_its_document(scene: Scene) -> None:
    scene.values()
    sent = pickle.dumps(scene)
    assert len(sent) < 5000
    there = pickle.loads(sent)
    assert there.document == scene.document
    assert there.folder.is_absolute()
    np.testing.assert_array_equal(there.values()[""], scene.values()[""])


@pytest.mark.slow
def test_a_film_is_the_same_twice(scene: Scene, tmp_path: Path) -> None:
    for name in ("a.gif", "b.gif", "a.mp4", "b.mp4"):
        paint(scene, tmp_path / name, steps=(2, 6))
    for kind in ("gif", "mp4"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("output", ["x.mp4", "x.gif", "x_%d.png"])
def test_the_first_the_middle_and_the_last_frame_are_the_pictures(scene: Scene, tmp_path: Path, output: str) -> None:
    scene.movie(tmp_path / output, width=WIDTH, height=HEIGHT, fps=4, fine=True)
    times = scene.times(4)
    if output == "x.mp4":
        frames = [frame.astype(int) for frame in frames_of(tmp_path / output)]
    elif output == "x.gif":
        with Image.open(tmp_path / output) as image:
            frames = []
            for number in range(image.n_frames):  # type: ignore[attr-defined]
                image.seek(number)
                frames.append(np.asarray(image.convert("RGB"), int))
    else:
        frames = [np.asarray(Image.open(tmp_path / (output % number)), int) for number in range(len(times))]
    assert len(frames) == len(times)
    for number in (0, len(times) // 2, len(times) - 1):
        scene.screenshot(tmp_path / "still.png", float(times[number]), width=WIDTH, height=HEIGHT)
        still = np.asarray(Image.open(tmp_path / "still.png"), int)
        allowed = {"x.mp4": 6.0, "x.gif": 2.0, "x_%d.png": 0.0}[output]
        assert np.abs(frames[number] - still).mean() <= allowed


@pytest.mark.parametrize("ground", ["black", "white", "transparent"])
def test_the_frames_of_a_film_are_the_stills_on_the_same_ground(tmp_path: Path, ground: Ground) -> None:
    export = {"ground": ground, "width": WIDTH, "height": HEIGHT, "fps": 1}
    scene = Scene("A", {"A": {"init": "gaussian", "shape": [4, 4]}}, animation={"hold": 0}, export=export)
    assert scene.check_movie(tmp_path / "x.mp4").ground == ("black" if ground == "transparent" else ground)
    (painter,) = paint(scene, tmp_path / "x_%d.png", export=scene.document.export).opened
    assert (painter.light, painter.rimmed) == (ground == "white", ground == "transparent")
    write_still(scene.composition, PictureOrder(str(tmp_path / "still.png"), WIDTH, HEIGHT, ground, 0), Painters())
    with Image.open(tmp_path / "x_0.png") as frame, Image.open(tmp_path / "still.png") as still:
        assert frame.mode == still.mode
        np.testing.assert_array_equal(np.asarray(frame), np.asarray(still))


def test_a_frame_is_told_when_it_is_written(scene: Scene, tmp_path: Path) -> None:
    written: list[tuple[int, int]] = []
    paint(
        scene,
        tmp_path / "x_%d.png",
        export=ExportOptions(width=WIDTH, height=HEIGHT, fps=4),
        steps=(0, 6),
        progress=lambda done: written.append((done, len(list(tmp_path.glob("*.part/pictures/*.png"))))),
    )
    assert written == [(number, number) for number in range(1, len(written) + 1)]
    assert len(written) == len(scene.film(4, (0, 6)))


@pytest.mark.parametrize("output", ["x.mp4", "x.gif"])
def test_a_film_that_fails_closes_what_drew_it(scene: Scene, tmp_path: Path, output: str) -> None:
    painters = Painters()

    def stop(_: int) -> None:
        assert [painter.closed for painter in painters.opened] == [False] * len(painters.opened)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_film(scene, FilmOrder.of(SMALL, tmp_path / output), painters, stop)
    assert [painter.closed for painter in painters.opened] == [True]
    assert list(tmp_path.iterdir()) == []


def test_the_colours_of_a_gif_are_those_of_all_its_parts(scene: Scene, tmp_path: Path) -> None:
    film = film_of(FilmOrder.of(SMALL, tmp_path / "x.gif"))
    with Studio(scene, film, Painters()) as studio:
        samples = studio.samples(film.samples)
        count = studio.count
    assert 4 <= len(samples) <= count
    for sample, number in ((samples[0], 0), (samples[-1], count - 1)):
        time = float(scene.film(30).times[number])
        write_still(scene.composition, PictureOrder(str(tmp_path / "x.png"), WIDTH, HEIGHT, step=time), Painters())
        with Image.open(tmp_path / "x.png") as still:
            np.testing.assert_array_equal(sample, np.asarray(still))


@pytest.mark.slow
def test_the_seconds_of_a_segment_are_its_own(scene: Scene, tmp_path: Path) -> None:
    film = film_of(FilmOrder.of(SMALL, tmp_path / "x.mp4"))
    with work_folder(film.path) as folder, Studio(scene, film, offscreen) as studio:
        long = studio.write(folder, Segment(0, 0, 60), lambda _: None)
        short = studio.write(folder, Segment(1, 60, 61), lambda _: None)
    assert 0 < short["draw"] < long["draw"]


# A part of a film.


def test_a_part_of_a_film_is_its_frames_between_two_steps(scene: Scene) -> None:
    whole, part = scene.times(30), scene.film(30, (2, 7.5)).times
    held = round(30 * scene.document.animation.hold)
    assert (part[0], part[-1]) == (2, 7.5)
    np.testing.assert_array_equal(part[1 : -1 - held], whole[(whole > 2) & (whole < 7.5)])
    np.testing.assert_array_equal(part[-1 - held :], 7.5)
    np.testing.assert_array_equal(scene.film(30, (0, None)).times, whole)
    np.testing.assert_array_equal(scene.film(30, (None, 12)).times, whole)


def test_in_a_part_of_a_film_its_own_end_is_held_and_chapters_stay_what_they_are() -> None:
    scene = Scene(
        "A @ B",
        {"A": {"init": "eye", "shape": [12, 4]}, "B": {"init": "eye", "shape": [4, 4]}},
        animation={"hold": 1, "speed": 3, "chapters": [{"to": 4, "hold": 2}, {"from": 4}]},
    )
    whole, part = scene.film(10), scene.film(10, (3, 8))
    np.testing.assert_allclose(part.held[-11:], np.arange(11) / 10)
    inside = (whole.times > 3) & (whole.times < 8)
    assert (whole.held[inside] > 1).any(), "the first chapter's end is held within the part"
    np.testing.assert_array_equal(part.held[1:-11], whole.held[inside])
    np.testing.assert_array_equal(part.chapters[1:-11], whole.chapters[inside])
    assert (part.held[0], part.chapters[0], part.chapters[-1]) == (0, 0, 1)
    assert scene.film(10, (None, 8)).times[-1] == 8


@pytest.mark.parametrize("part", [(5, 5), (6, 5), (-1, 5), (0, 13), (0, float("nan")), (12, None)])
def test_a_part_that_is_not_there_is_refused(scene: Scene, part: tuple[float, float | None], tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="the animation runs from step 0 to step 12"):
        scene.movie(tmp_path / "x.mp4", width=WIDTH, height=HEIGHT, part=part)
    assert list(tmp_path.iterdir()) == []


def test_a_part_between_two_frames_is_refused(scene: Scene) -> None:
    with pytest.raises(OutputError, match="no frame of the film lies between them"):
        scene.film(1, (0.1, 0.2))


# The command.


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr(sys, "argv", ["mmviz", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@pytest.mark.slow
def test_presets_and_their_exceptions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.yaml").write_text("expr: A\ntensors: {A: {init: eye, shape: [2, 2]}}\nanimation: {hold: 0}\n")
    assert call(monkeypatch, "movie", "x.yaml", "-o", "a.mp4", "-ql") == 0
    assert call(monkeypatch, "movie", "x.yaml", "-o", "b.mp4", "-qm", "--width", "100", "--height", "60") == 0
    for name, expected in (("a.mp4", (854, 480, 15)), ("b.mp4", (100, 60, 30))):
        with av.open(name) as film:
            stream = film.streams.video[0]
            assert (stream.width, stream.height, int(stream.average_rate or 0)) == expected
    assert call(monkeypatch, "movie", "x.yaml", "-o", "c.mp4", "-qx") == 2


def test_timings_name_every_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    size = ("--width", "64", "--height", "48", "--fps", "2")
    assert call(monkeypatch, "movie", "matmul", "-o", str(tmp_path / "x.mp4"), *size, "--timings") == 0
    lines = capsys.readouterr().out.splitlines()
    stages = ["schedule", "upload", "draw", "read back", "encode", "film"]
    assert [line[:10].rstrip() for line in lines[1:-1]] == stages
    seconds = {line[:10].rstrip(): float(line[10:20]) for line in lines[1:-1]}
    assert 0 < seconds["draw"] < seconds["film"]
    assert lines[-1].startswith(f"{len(Scene.load('matmul').times(2))} frames")


def test_timings_are_seconds_and_milliseconds_a_frame() -> None:
    lines = Timings(200, 3.0, 2, {"draw": 1.0}).text().splitlines()
    assert [line.split() for line in lines[1:3]] == [["draw", "1.00", "5.00"], ["film", "3.00", "15.00"]]
    assert lines[3].startswith("200 frames, 2 workers;")


# Workers themselves.

Do = Callable[[int, workers.Tell], int]


@contextmanager
def doubling(fault: str = "") -> Iterator[Do]:
    """Tasks are numbers; 3 is where things go wrong."""

    def double(task: int, tell: workers.Tell) -> int:
        tell(1)
        if task == 3 and fault == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        if task == 3 and fault == "refuses":
            raise OutputError("not this one.")
        if task == 3 and fault == "disk":
            raise OSError(28, "No space left on device", "somewhere")
        return 2 * task

    yield double


@pytest.mark.process
@pytest.mark.usefixtures("quick_workers")
@pytest.mark.parametrize("count", [1, 2, 9])
def test_results_come_in_the_order_of_the_tasks(count: int) -> None:
    told: list[int] = []
    assert workers.share(doubling, [5, 1, 4], count, told.append) == [10, 2, 8]
    assert told == [1, 1, 1]


@pytest.mark.process
@pytest.mark.usefixtures("quick_workers")
@pytest.mark.parametrize(
    ("fault", "kind", "text"),
    [
        ("dies", MmvizError, r"^a worker died \(signal 9\); use fewer workers if memory is short"),
        ("refuses", OutputError, r"^not this one\.$"),
        ("disk", OSError, r"No space left on device: 'somewhere'$"),
    ],
)
def test_a_worker_that_fails_ends_all_of_them(fault: str, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        workers.share(partial(doubling, fault), [1, 2, 3, 4], 2, lambda _: None)
    import multiprocessing

    assert multiprocessing.active_children() == []


@pytest.mark.process
@pytest.mark.usefixtures("quick_workers")
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has other signals")
def test_a_film_whose_worker_dies_is_one_message_and_leaves_nothing(tmp_path: Path) -> None:
    import multiprocessing

    def kill(_: int) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(MmvizError, match=r"^a worker died \(signal 9\)"):
        paint(Flipbook(150), tmp_path / "x.mp4", workers=2, progress=kill)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [0, -1, 257])
def test_a_number_of_workers_that_makes_no_sense_is_refused(scene: Scene, tmp_path: Path, count: int) -> None:
    with pytest.raises(OutputError, match=f"workers: must be from 1 to 256, got {count}"):
        scene.movie(tmp_path / "x.mp4", width=WIDTH, height=HEIGHT, workers=count)
    assert list(tmp_path.iterdir()) == []
