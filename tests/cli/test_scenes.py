"""The commands of scenes as functions, and what commands do with what they made."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from mmviz.cli import output, scenes
from mmviz.cli.program import app
from mmviz.errors import MmvizError, OutputError
from mmviz.orders.order import LOSSLESS, SPHERES, FilmOrder, MeshOrder, PictureOrder
from mmviz.pipeline import Scene
from mmviz.render.film.qualities import QUALITIES

PLAIN: dict[str, Any] = {"A": {"init": "eye", "shape": [2, 2]}}


@pytest.fixture
def plain(tmp_path: Path) -> str:
    path = tmp_path / "plain.yaml"
    Scene("A", PLAIN, title="t").save(path)
    return str(path)


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is ordered of scenes that draw nothing."""
    found: list[Any] = []
    monkeypatch.setattr(Scene, "make", lambda _, order: found.append(order))

    class Told:
        @staticmethod
        def text() -> str:
            return "1 s"

    def film(_: Scene, order: FilmOrder) -> Told:
        found.append(order)
        return Told()

    monkeypatch.setattr(scenes, "film", film)
    return found


# What is ordered.


def test_a_picture_is_ordered_as_the_options_say(plain: str, orders: list[Any], tmp_path: Path) -> None:
    export = Scene.load(plain).document.export
    scenes.render(plain, tmp_path / "a.png")
    scenes.render(plain, tmp_path / "b.png", 2.5, 64, 48, "white")
    assert orders == [
        PictureOrder.of(export, tmp_path / "a.png"),
        PictureOrder.of(export, tmp_path / "b.png", width=64, height=48, ground="white", step=2.5),
    ]


def test_a_mesh_is_ordered_as_the_options_say(plain: str, orders: list[Any]) -> None:
    scenes.mesh(plain, Path("a.glb"))
    scenes.mesh(plain, Path("b.glb"), 1.5, 0, True)
    assert orders == [MeshOrder("a.glb", None, SPHERES), MeshOrder("b.glb", 1.5, 0, plain=True)]


@pytest.mark.parametrize("quality", QUALITIES)
def test_a_quality_is_a_size_and_a_rate_that_single_options_go_over(
    plain: str, orders: list[Any], quality: Any
) -> None:
    scenes.movie(plain, "a.mp4", quality)
    scenes.movie(plain, "a.mp4", quality, height=50)
    scenes.movie(plain, "a.mp4", quality, 64, 50, 7)
    width, height, fps = QUALITIES[quality]
    assert [(order.width, order.height, order.fps) for order in orders] == [
        (width, height, fps),
        (width, 50, fps),
        (64, 50, 7),
    ]


def test_a_film_is_ordered_as_the_options_say(
    plain: str, orders: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    export = Scene.load(plain).document.export
    scenes.movie(plain, "a.mp4")
    scenes.movie(plain, "b.webm", crf=30, start=1.0, end=2.0, workers=3, timings=True)
    scenes.movie(plain, "c.mp4", lossless=True)
    first, second, third = orders
    assert first == FilmOrder.of(export, "a.mp4", steps=(None, None), workers=1)
    assert (second.path, second.crf, second.steps, second.workers) == ("b.webm", 30, (1.0, 2.0), 3)
    assert third == FilmOrder.of(export, "c.mp4", crf=LOSSLESS, workers=1)
    assert third.lossless
    assert capsys.readouterr().out == "1 s\n"
    with pytest.raises(typer.BadParameter) as caught:
        scenes.movie(plain, "c.mp4", lossless=True, crf=3)
    assert str(caught.value) == "--lossless and --crf are two; one of them is needed."


# --set


def test_every_command_of_scenes_takes_keys_of_the_scene() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    taking = {name for name, command in commands.items() if any("--set" in one.opts for one in command.params)}
    assert taking == set(commands) - {"spectra", "fetch", "schema", "doctor", "models", "gallery", "new", "functions"}


def test_a_key_that_is_set_counts_in_what_is_ordered_and_written(
    plain: str, orders: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[Scene] = []
    monkeypatch.setattr(scenes, "begin", lambda _name, make: shown.append(make()))
    settings = ["export.ground=white", "tensors.A.shape=[2, 3]"]
    scenes.render(plain, tmp_path / "a.png", settings=settings)
    scenes.movie(plain, "a.mp4", settings=settings)
    scenes.view(plain, settings=settings)
    assert [order.ground for order in orders] == ["white", "white"]
    assert shown[0].shapes.of[""] == (2, 3)
    with pytest.raises(typer.Exit):
        scenes.check([plain], settings=["title=3"])
    said = f"{plain} with --set, title: must be text, in quotes where it looks like something else, got 3.\n"
    assert capsys.readouterr().err == said


def test_an_imported_scene_takes_keys_too(tmp_path: Path) -> None:
    link, path = tmp_path / "link.txt", tmp_path / "x.yaml"
    link.write_text('https://bhosmer.github.io/mm/?params={"expr":"A @ B"}')
    scenes.import_link(str(link), path, settings=["layout.gap=7", "title=T"])
    assert (Scene.load(path).document.layout.gap, Scene.load(path).document.title) == (7, "T")


def test_a_scene_that_is_viewed_with_other_keys_still_has_the_comments_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("# mine\nexpr: A\ntensors: {A: {init: eye, shape: [2, 2]}}\n")
    output.opened(str(path), ["title=T"]).save(tmp_path / "y.yaml")
    assert (tmp_path / "y.yaml").read_text().startswith("# mine\n")


# check, import, schema, view


def test_a_check_tells_the_scales_where_they_are_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "scaled.yaml"
    Scene("out = A @ A.T", PLAIN, style={"scale": {"A": 0.5}, "curve": "linear"}).save(path)
    scenes.check([str(path)], scales=True)
    assert capsys.readouterr().out.splitlines() == [
        f"{path}: fine, 3 matrices",
        "  out: full size at |x| = 1, the largest; linear",
        "  A.T: full size at |x| = 0.5, as the scene says; linear",
        "  A: full size at |x| = 0.5, as the scene says; linear",
    ]


def test_each_scene_is_checked_and_one_that_is_broken_ends_with_1(
    plain: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    product = tmp_path / "product.yaml"
    Scene("A @ A", PLAIN, title="t").save(product)
    scenes.check([plain, str(product)])
    assert capsys.readouterr() == (f"{plain}: fine, 1 matrix\n{product}: fine, 3 matrices\n", "")
    with pytest.raises(typer.Exit) as caught:
        scenes.check([str(tmp_path / "none.yaml"), plain])
    out, err = capsys.readouterr()
    assert (caught.value.exit_code, out) == (1, f"{plain}: fine, 1 matrix\n")
    assert err.startswith(f"{tmp_path / 'none.yaml'}: ")


def test_doubts_are_notes_of_a_scene_that_is_fine(
    plain: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Scene, "doubts", lambda _: ("title: may be wrong", "captions.0: too"))
    scenes.check([plain])
    assert capsys.readouterr().err == f"{plain}: note: title: may be wrong\n{plain}: note: captions.0: too\n"


def test_a_grid_of_heads_where_there_are_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "product.yaml"
    Scene("A @ A", PLAIN, style={"heads": "grid"}).save(path)
    told = "note: style.heads: no grid, the expression adds up no heads or experts, of which 3 are needed.\n"
    scenes.check([str(path)])
    assert capsys.readouterr().err == f"{path}: {told}"


def test_a_link_becomes_a_scene_and_what_is_lost_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link, path = tmp_path / "link.txt", tmp_path / "x.yaml"
    link.write_text('https://bhosmer.github.io/mm/?params={"expr":"A @ B","deco":{"axes":1}}')
    scenes.import_link(str(link), path)
    assert Scene.load(path).document.expr == "A @ B"
    assert f"{path}: 'axes': is left out\n" in capsys.readouterr().err
    with pytest.raises(OutputError, match="is there already"):
        scenes.import_link(str(link), path)
    scenes.import_link(str(link), path, force=True)


def test_the_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    scenes.schema()
    assert json.loads(capsys.readouterr().out)["title"] == "mmviz scene"


def test_what_is_viewed_is_what_is_meant_by_a_name(plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Scene] = []
    monkeypatch.setattr(scenes, "begin", lambda _name, make: shown.append(make()))
    scenes.view(plain)
    assert [scene.document.title for scene in shown] == ["t"]


# What commands do with what they made.


def test_a_scene_file_is_replaced_only_if_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    output.check_new(path, force=False)
    path.touch()
    output.check_new(path, force=True)
    with pytest.raises(OutputError) as caught:
        output.check_new(path, force=False)
    assert str(caught.value) == f"{path}: is there already; choose another name, or replace it with --force."
    with pytest.raises(OutputError):
        output.check_new(tmp_path / "x.txt", force=True)


def test_a_report_is_text_or_json_without_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    report = {"größe": [1, 2.5, None]}
    output.tell(report, "text", as_json=False)
    output.tell(report, "text", as_json=True)
    out = capsys.readouterr().out
    text, _, shown = out.partition("\n")
    assert text == "text"
    assert json.loads(shown) == report
    assert '"größe"' in shown
    with pytest.raises(ValueError, match="not JSON compliant"):
        output.tell({"x": float("nan")}, "", as_json=True)


def test_notes_stand_beside_what_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    output.tell_notes(Scene("A", {"A": [[1.0, float("nan")]]}))
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("mmviz: note: A")


def test_an_order_that_does_not_fit_is_refused_before_notes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    scene = Scene("A", {"A": [[1.0, float("nan")]]})
    with pytest.raises(MmvizError):
        output.film(scene, FilmOrder.of(scene.document.export, "x.txt"))
    assert capsys.readouterr() == ("", "")
