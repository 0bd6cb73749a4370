"""The table of kinds of exports: each row can be written from a terminal and from Python, and is told by its name."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from typer.main import get_command

from mmviz.cli import main
from mmviz.cli.program import app
from mmviz.errors import OutputError
from mmviz.orders.kinds import FRAMES, JPEG, KINDS, PICTURE, ExportKind, kind_of
from mmviz.orders.order import LOSSLESS, FilmOrder, MeshOrder, Order, PageOrder, PictureOrder
from mmviz.picture.ground_names import Ground
from mmviz.pipeline import Scene
from mmviz.render.film.formats import WRITERS, film_of
from mmviz.scene.keys.options import ExportOptions

SCENE = (
    "expr: A\ntensors: {A: {init: eye, shape: [2, 2]}}\nanimation: {hold: 0}\nexport: {width: 32, height: 16, fps: 2}"
)
ORDERS: dict[str, Callable[[ExportOptions, str], Order]] = {
    "movie": FilmOrder.of,
    "render": PictureOrder.of,
    "mesh": lambda _, path: MeshOrder(path),
    "page": lambda _, path: PageOrder(path),
}


@pytest.fixture
def scene(tmp_path: Path, canvases_kept: None, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """In the working folder, which is empty but for it."""
    monkeypatch.chdir(tmp_path)
    Path("scene.yaml").write_text(SCENE)
    return Scene.load("scene.yaml")


def made() -> bool:
    """Whether something that is not empty has been written."""
    (written,) = (path for path in Path().iterdir() if path.name != "scene.yaml")
    return any(file.stat().st_size > 50 for file in (written.rglob("*") if written.is_dir() else [written]))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_is_written_by_its_command(scene: Scene, kind: ExportKind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["mmviz", kind.command, "scene.yaml", "-o", f"x{kind.ending}"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert made()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_is_written_from_python_as_it_was_ordered(scene: Scene, kind: ExportKind) -> None:
    order = ORDERS[kind.command](scene.document.export, f"x{kind.ending}")
    scene.check_order(order)
    scene.make(order)
    assert made()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_is_known_by_the_ending_of_a_name_in_capitals_too(kind: ExportKind) -> None:
    assert kind_of(f"x.y{kind.ending}") is kind
    assert kind_of(f"X{kind.ending.upper()}") is kind


def test_other_names_are_of_no_kind() -> None:
    assert (kind_of("x.jpeg"), kind_of("X.JPEG")) == (JPEG, JPEG)
    assert [kind_of(name) for name in ("x", "x.avi", ".mp4", "mp4", "")] == [None] * 5
    assert (kind_of("x_%05d.png"), kind_of(Path("50%") / "x.png")) == (FRAMES, PICTURE)


def test_names_and_endings_are_of_one_kind_each() -> None:
    for words in ([kind.name for kind in KINDS], [kind.title for kind in KINDS], [kind.ending for kind in KINDS]):
        assert len(set(words)) == len(KINDS)


def test_every_kind_that_moves_has_a_writer_and_no_writer_is_left_over() -> None:
    assert set(WRITERS) == {kind.name for kind in KINDS if kind.moves}
    assert {kind.command for kind in KINDS if kind.moves} == {"movie"}
    assert "movie" not in {kind.command for kind in KINDS if not kind.moves}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.moves], ids=lambda kind: kind.name)
def test_a_film_has_every_ground_and_the_speed_that_its_row_says(kind: ExportKind, tmp_path: Path) -> None:
    for ground in get_args(Ground):
        order = FilmOrder.of(ExportOptions(ground=ground), f"{tmp_path}/x{kind.ending}", fps=kind.fastest)
        assert order.ground == (ground if ground in kind.grounds else "black")
        assert film_of(order).order is order


def test_a_film_is_as_fast_as_its_kind_can_be_unless_it_is_asked_for_more() -> None:
    fast = ExportOptions(fps=60)
    assert [FilmOrder.of(fast, name).fps for name in ("x.mp4", "x.gif", "x/", "x.webm")] == [60, 50, 60, 60]
    assert FilmOrder.of(ExportOptions(fps=12), "x.gif").fps == 12
    assert FilmOrder.of(fast, "x.gif", fps=60).fps == 60, "it will be refused"


def test_pictures_say_what_the_scene_says_of_paper_and_quality() -> None:
    export = ExportOptions(dpi=72, quality=55)
    for order in (PictureOrder.of(export, "x.jpg"), PictureOrder.of(ExportOptions(), "x.jpg", dpi=72, quality=55)):
        assert (order.dpi, order.quality) == (72, 55)
    assert FilmOrder.of(export, "x/").dpi == 72
    assert (PictureOrder("x.png").dpi, PictureOrder("x.png").quality) == (ExportOptions().dpi, ExportOptions().quality)


def test_a_png_can_have_every_ground() -> None:
    assert PICTURE.grounds == get_args(Ground)


def test_an_order_takes_from_the_scene_what_was_not_asked_for() -> None:
    export = ExportOptions(width=320, height=200, fps=12, crf=7, ground="white")
    assert FilmOrder.of(export, "x.mp4") == FilmOrder("x.mp4", 320, 200, 12, 7, "white")
    asked = FilmOrder.of(export, Path("x.webm"), width=0, height=1, fps=0, crf=0, steps=(1, None), workers=3)
    assert asked == FilmOrder("x.webm", 0, 1, 0, 0, "white", (1, None), 3), "0 was asked for, and will be refused"
    assert PictureOrder.of(export, "x.png", height=9, step=0) == PictureOrder("x.png", 320, 9, "white", 0)
    assert PictureOrder.of(export, "x.png", ground="black").ground == "black"


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (lambda: PictureOrder.of(ExportOptions(), "x.png", quality=50), "x.png: a .png has no quality to choose"),
        (lambda: PictureOrder.of(ExportOptions(), "x.pdf", quality=50), "x.pdf: a .pdf has no quality to choose"),
        (lambda: FilmOrder.of(ExportOptions(), "x.gif", crf=9), "x.gif: a film of the kind .gif has no crf to choose"),
        (lambda: FilmOrder.of(ExportOptions(), "x.mov", crf=9), "x.mov: a film of the kind .mov has no crf to choose"),
        (lambda: FilmOrder.of(ExportOptions(), "x/", crf=9), "x/: a picture for each frame has no crf to choose"),
    ],
)
def test_a_number_that_a_kind_of_file_does_not_have_is_refused(order: Callable[[], object], said: str) -> None:
    needed = ".jpg or .webp" if "quality" in said else ".mp4 or .webm"
    with pytest.raises(OutputError, match=f"^{re.escape(said)}; {re.escape(needed)} is needed.$"):
        order()


def test_plain_is_said_of_glb_files_alone() -> None:
    said = "x.usdz: plain is a choice of GLB files; a .usdz is triangles in any case."
    with pytest.raises(OutputError, match=f"^{re.escape(said)}$"):
        MeshOrder("x.usdz", plain=True)
    assert MeshOrder("x.glb", plain=True).plain


def test_lossless_is_asked_for_by_itself_and_of_films_that_can_be_it() -> None:
    export = ExportOptions(lossless=True)
    assert FilmOrder.of(export, "x.mp4").lossless
    assert not FilmOrder.of(export, "x.mp4", crf=20).lossless, "what is asked for wins over the scene"
    assert not FilmOrder.of(export, "x.gif").lossless
    assert FilmOrder.of(ExportOptions(), "x.mp4", crf=LOSSLESS).lossless
    said = "x.gif: a GIF has 256 colours and is not lossless; .mp4 or pictures are needed."
    with pytest.raises(OutputError, match=f"^{re.escape(said)}$"):
        FilmOrder.of(ExportOptions(), "x.gif", crf=LOSSLESS)
    said = "x.webm: a film of the kind .webm is not lossless; .mp4 or pictures are needed."
    with pytest.raises(OutputError, match=f"^{re.escape(said)}$"):
        FilmOrder.of(ExportOptions(), "x.webm", crf=LOSSLESS)
    assert not FilmOrder.of(export, "x.webm").lossless, "a scene says it of films that can be it"
    assert not FilmOrder.of(ExportOptions(), "x/", crf=LOSSLESS).lossless, "pictures are it anyway"


def test_a_ground_that_is_asked_for_wins_over_that_of_the_scene_and_is_refused_where_there_is_none() -> None:
    clear = ExportOptions(ground="transparent")
    assert FilmOrder.of(clear, "x.mp4").ground == "black"
    assert FilmOrder.of(clear, "x.mov", ground="white").ground == "white"
    assert FilmOrder.of(ExportOptions(), "x.mp4", ground="transparent").ground == "transparent"
    with pytest.raises(OutputError, match=r"x\.mp4: a film of the kind \.mp4 cannot be transparent"):
        film_of(FilmOrder.of(ExportOptions(), "x.mp4", ground="transparent"))


def test_an_order_for_another_file_is_the_same_order() -> None:
    order = FilmOrder("pictures/", 64, 48, steps=(1, 2))
    assert order.to(Path("x.mp4")) == FilmOrder("x.mp4", 64, 48, steps=(1, 2))
    assert (order.place, order.to("y/").path) == (Path("pictures"), "y/")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_help_of_its_command_names_the_ending_of_every_kind(kind: ExportKind) -> None:
    (output,) = (option for option in get_command(app).commands[kind.command].params if option.name == "output")  # type: ignore[attr-defined]
    assert kind.ending in output.help
