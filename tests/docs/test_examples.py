"""Every command, scene and line of Python that the documentation shows is run, as far as it costs little."""

import functools
import re
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
import yaml

import mmviz.viewer
from mmviz import Scene, cli
from mmviz.cli import program
from mmviz.machine.shipped import scene_names
from mmviz.orders.order import FilmOrder, Order, PictureOrder
from mmviz.viewer.start.outside import First, Outside

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(
    page for name in (".", "guide", "scenes") for page in (DOCS / name).glob("*.md") if page.name != "README.md"
)
PLACEHOLDERS = {"LINK", "FOLDER", "MODEL", "DIR"}
READ = Scene.load
NOT_RUN = {"verify", "spectra", "fetch"}
"""Commands that take long or need more than the repository; what is said about their options is held to them."""


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[list[str]]:
    """The words after `mmviz` of each line that calls it, up to a redirection."""
    lines = [line.split(" > ")[0] for line in "".join(blocks(page, "sh")).splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("mmviz ")]


def having(find: Callable[[Path], list[Any]]) -> list[Path]:
    return [page for page in [*PAGES, ROOT / "README.md"] if find(page)]


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder where commands may write."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@functools.cache
def shipped(name: str) -> Scene:
    """A scene that comes with mmviz, read and computed once for all pages: no command changes it."""
    return READ(name)


@pytest.fixture
def small(canvases_kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are thumbnails, films are checked but not drawn, windows do not open, and scenes are read once."""
    real = Scene.make

    def make(scene: Scene, order: Order, progress: object = None) -> None:
        real(scene, replace(order, width=64, height=36) if isinstance(order, PictureOrder) else order)

    def make_film(scene: Scene, order: FilmOrder, progress: object = None) -> SimpleNamespace:
        scene.check_order(order)
        return SimpleNamespace(text=lambda: "")

    def begin(first: First | None, outside: Outside) -> None:
        if first is not None:
            scene = first.make()
            assert isinstance(scene, Scene)
            scene.check_film()

    own = functools.cache(READ)
    monkeypatch.setattr(Scene, "load", lambda path: shipped(path) if path in scene_names() else own(path))
    monkeypatch.setattr(Scene, "make", make)
    monkeypatch.setattr(Scene, "make_film", make_film)
    monkeypatch.setattr(Scene, "show", lambda scene, opener, build_again: scene.check_film())
    monkeypatch.setattr(mmviz.viewer, "begin", begin)


def run(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(sys, "argv", ["mmviz", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


@pytest.mark.slow
@pytest.mark.parametrize("page", having(commands), ids=page_id)
def test_every_command_of_a_page_works(
    page: Path, folder: Path, small: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in re.findall(r"into `(\w+\.yaml)`:\n\n```yaml\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        (folder / name).write_text(text)
    for words in commands(page):
        arguments = [str(path) for word in words for path in (sorted(ROOT.glob(word)) if "*" in word else [word])]
        if words[0] in NOT_RUN or PLACEHOLDERS & {*words}:
            command = typer.main.get_command(program.app).commands[words[0]]  # type: ignore[attr-defined]
            command.make_context(words[0], arguments[1:])
            continue
        code = run(arguments, monkeypatch)
        assert (code, words) == (0, words), capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("page", having(lambda page: blocks(page, "yaml")), ids=page_id)
def test_every_scene_of_a_page_is_read_and_every_part_of_one_fits_the_attention_head(page: Path, folder: Path) -> None:
    for number, text in enumerate(blocks(page, "yaml")):
        content = yaml.safe_load(text)
        if content.keys() & {"expr", "roots"}:
            place = folder / f"{number}.yaml"
            place.write_text(text)
            scene = Scene.load(place)
        else:
            scene = Scene.load("attention_head").changed(**content)
        scene.check_film()
        assert scene.shapes.of


@pytest.mark.slow
@pytest.mark.parametrize("page", having(lambda page: blocks(page, "python")), ids=page_id)
def test_the_python_of_a_page_runs_from_top_to_bottom(page: Path, folder: Path) -> None:
    known: dict[str, Any] = {"__name__": "page"}
    for text in blocks(page, "python"):
        exec(compile(text, str(page), "exec"), known)
    named = set(re.findall(r'"(\w+\.(?:png|gif|mp4|glb|yaml))"\)?', "".join(blocks(page, "python"))))
    assert {path.name for path in folder.iterdir()} >= named


def test_every_shipped_scene_has_a_page_and_a_place_in_the_gallery() -> None:
    shipped = {path.stem for path in (ROOT / "scenes").glob("*.yaml")}
    gallery = (DOCS / "scenes" / "index.md").read_text("utf-8")
    assert {path.stem for path in (DOCS / "scenes").glob("*.md")} == shipped | {"index"}
    assert set(re.findall(r"^\[`(\w+)`\]\(\1\.md\)", gallery, flags=re.MULTILINE)) == shipped
    assert set(gallery.split(":hidden:")[1].split("```")[0].split()) == shipped
