"""`mmviz gallery` lists, opens and films; `mmviz new` begins a scene of one's own."""

import json
import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

import mmviz.viewer
from mmviz import cli
from mmviz.cli.gallery import gallery
from mmviz.cli.new import new
from mmviz.cli.program import app
from mmviz.errors import OutputError
from mmviz.machine.shipped import find_scene
from mmviz.orders.order import FilmOrder, Order
from mmviz.pipeline import Scene
from mmviz.scene.gallery import SECTIONS, entries, entry
from mmviz.scene.templates import TEMPLATES
from mmviz.viewer.start.outside import First, Outside

Ran = tuple[object, str, str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., Ran]:
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> Ran:
        monkeypatch.setattr(sys, "argv", ["mmviz", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = capsys.readouterr()
        return ended.value.code, told.out, told.err

    return call


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Order]:
    """What would be made: files with a word in them stand for films, pictures and pages."""
    orders: list[Order] = []

    def write(scene: Scene, order: Order, progress: object = None) -> SimpleNamespace:
        scene.check_order(order)
        Path(order.path).write_text("made")
        orders.append(order)
        return SimpleNamespace(text=lambda: "")

    monkeypatch.setattr(Scene, "make", write)
    monkeypatch.setattr(Scene, "make_film", write)
    monkeypatch.setattr(Scene, "notes", lambda scene: ())
    return orders


def test_both_are_commands_of_the_program() -> None:
    assert {gallery, new} <= {command.callback for command in app.registered_commands}


def test_the_list_has_a_line_for_each_scene_under_its_section(run: Callable[..., Ran]) -> None:
    code, out, err = run("gallery")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    for section, one in entries():
        (place,) = (number for number, line in enumerate(lines) if line.split()[:1] == [one.name])
        assert lines[place].endswith(one.learn)
        assert lines.index(f"{section.title} ({section.word})") < place
    assert run("gallery", SECTIONS[0].word)[1].count("\n  ") == len(SECTIONS[0].scenes)


def test_scripts_get_all_that_the_scenes_say_of_themselves(run: Callable[..., Ran]) -> None:
    told = json.loads(run("gallery", "--json", "dot")[1])
    assert [(section["section"], [one["name"] for one in section["scenes"]]) for section in told] == [
        ("pitch", ["dot"])
    ]
    one = told[0]["scenes"][0]
    dot = entry("dot")
    assert one == {
        "name": "dot",
        "title": dot.title,
        "learn": dot.learn,
        "tries": list(dot.tries),
        "still": dot.still,
        "file": str(find_scene("dot")),
    }
    names = [one["name"] for section in json.loads(run("gallery", "--json")[1]) for one in section["scenes"]]
    assert names == [one.name for _, one in entries()]


def test_a_scene_that_is_named_is_opened(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []

    def begin(first: First | None, outside: Outside) -> None:
        assert first is not None
        opened.append(first.make())

    monkeypatch.setattr(mmviz.viewer, "begin", begin)
    assert run("gallery", "dot") == (0, "", "")
    assert [scene.document.title for scene in opened] == [entry("dot").title]


def test_an_unknown_name_is_told_with_the_sections(run: Callable[..., Ran]) -> None:
    sections = ", ".join(section.word for section in SECTIONS[:-1])
    code, _, err = run("gallery", "dott")
    assert code == 1
    assert err.startswith("mmviz: dott: no scene of the gallery and no section is called so; the sections are ")
    assert err.endswith("and `mmviz gallery` lists the scenes.\n")
    assert sections in err


def test_films_stills_and_pages_are_made_once_and_again_when_their_scene_is_newer(
    run: Callable[..., Ran], made: list[Order], tmp_path: Path
) -> None:
    words = ("gallery", "dot", "cube", "--films", "out", "--stills", "--pages", "-q", "l")
    code, out, _ = run(*words)
    assert code == 0
    names = [f"{name}.{ending}" for name in ("dot", "cube") for ending in ("mp4", "png", "html")]
    assert [Path(order.path).name for order in made] == names
    assert [line.split(":")[0] for line in out.splitlines()[:-1]] == [str(Path("out") / name) for name in names]
    assert out.splitlines()[-1].startswith("6 made, 0 kept, 0 failed, in ")
    assert isinstance(made[0], FilmOrder)
    assert (made[0].width, made[0].height, made[0].fps) == (854, 480, 15)
    os.utime(tmp_path / "out" / "cube.png", (0, 0))
    (tmp_path / "out" / "dot.html").unlink()
    made.clear()
    assert run(*words)[1].splitlines()[-1].startswith("2 made, 4 kept, 0 failed, in ")
    assert [Path(order.path).name for order in made] == ["dot.html", "cube.png"]


def test_what_fails_is_told_in_one_line_and_the_rest_is_made(
    run: Callable[..., Ran], made: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Scene.make_film

    def fail(scene: Scene, order: FilmOrder, progress: object = None) -> object:
        if "dot" in order.path:
            raise OutputError("the disk is\nfull.")
        return real(scene, replace(order))

    monkeypatch.setattr(Scene, "make_film", fail)
    code, out, err = run("gallery", "dot", "cube", "--films", "out")
    assert (code, err) == (1, f"{Path('out') / 'dot.mp4'}: the disk is full.\n")
    assert out.splitlines()[-1].startswith("1 made, 0 kept, 1 failed, in ")


def test_stills_need_a_folder(run: Callable[..., Ran]) -> None:
    code, _, err = run("gallery", "--stills")
    assert code == 2
    assert "--films FOLDER says where" in " ".join(err.replace("│", "").split())


# A scene of one's own.


def test_templates_are_listed(run: Callable[..., Ran]) -> None:
    lines = run("new")[1].splitlines()
    assert [(line.split()[0], " ".join(line.split()[1:])) for line in lines[: len(TEMPLATES)]] == [
        (one.name, one.sentence) for one in TEMPLATES
    ]


@pytest.mark.parametrize("name", ["attention", "dot", "matmul"])
def test_a_scene_of_ones_own_is_begun_and_the_next_steps_are_told(run: Callable[..., Ran], name: str) -> None:
    code, out, err = run("new", name, "-o", "my own.yaml")
    assert (code, err) == (0, "")
    own = Scene.load("my own.yaml")
    shipped = find_scene(name)
    if shipped is not None:
        assert own.document == Scene.load(name).document
        assert Path("my own.yaml").read_text("utf-8") == shipped.read_text("utf-8")
    first, *steps = out.splitlines()
    assert first == "my own.yaml: a scene of your own."
    assert [shlex.split(step)[:3] for step in steps] == [
        ["mmviz", do, "my own.yaml"] for do in ("view", "check", "movie")
    ]
    assert run("check", "my own.yaml")[0] == 0
    code, _, err = run("new", name, "-o", "my own.yaml")
    assert code == 1
    assert "is there already; choose another name, or replace it with --force." in err
    assert run("new", name, "-o", "my own.yaml", "--force")[0] == 0


def test_a_template_can_be_json(run: Callable[..., Ran]) -> None:
    assert run("new", "mlp", "-o", "mine.json")[0] == 0
    assert Scene.load("mine.json").document.expr == "out = (hidden = gelu(x @ W1)) @ W2"


def test_a_template_that_is_not_there_is_told_with_the_nearest(run: Callable[..., Ran]) -> None:
    names = ", ".join(one.name for one in TEMPLATES)
    assert run("new", "atention", "-o", "x.yaml") == (
        1,
        "",
        "mmviz: atention: there is no such template, and no scene of that name comes with mmviz; did you mean "
        f"'attention'?\nThe templates are {names}; `mmviz gallery` lists scenes.\n",
    )
    assert not Path("x.yaml").exists()
