"""Every command: what it writes, what it prints and how it ends."""

import io
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

import mmviz
from mmviz import cli
from mmviz.cli import program
from mmviz.orders.order import FilmOrder
from mmviz.pipeline import Scene
from tests.strict_python import STRICT

pytestmark = pytest.mark.usefixtures("canvases_kept")

ROOT = Path(mmviz.__file__).resolve().parents[1]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")  # some machines that run tests ask for colours
MODEL = "smollm2-135m-2layers"
COMMANDS = (
    "view",
    "render",
    "movie",
    "mesh",
    "page",
    "check",
    "inspect",
    "head",
    "layer",
    "find",
    "gallery",
    "new",
    "import",
    "fetch",
    "schema",
    "verify",
    "spectra",
    "doctor",
    "models",
    "functions",
)
SCENE = """\
version: 1
title: Small
expr: out = relu(A @ B) + C
tensors:
  A: {init: gaussian, shape: [4, 3]}
  B: {formula: i - j, shape: [null, 2]}
  C: {values: [[1, 2], [3, 4], [5, 6], [7, 8]]}
"""


@dataclass(frozen=True)
class Outcome:
    code: object
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `mmviz ...` in this process, in a folder with one scene."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "small.yaml").write_text(SCENE)

    def call(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["mmviz", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Outcome(ended.value.code, COLOUR.sub("", printed.out), COLOUR.sub("", printed.err))

    return call


def python(*arguments: str) -> list[str]:
    return [*STRICT, *arguments]


def environment(**more: str) -> dict[str, str]:
    """As here, and mmviz is found from any folder."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# Help and version.


def test_help_names_every_command(run: Run) -> None:
    outcome = run("--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert "Usage: mmviz [OPTIONS] COMMAND" in outcome.out
    assert {
        command.name or getattr(command.callback, "__name__", "") for command in program.app.registered_commands
    } == {*COMMANDS}
    for command in COMMANDS:
        assert f" {command} " in outcome.out


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself(run: Run, command: str) -> None:
    outcome = run(command, "--help")
    assert (outcome.code, outcome.err) == (0, "")
    assert f"Usage: mmviz {command} " in outcome.out
    functions = {c.name or getattr(c.callback, "__name__", ""): c.callback for c in program.app.registered_commands}
    assert str(functions[command].__doc__).split(":")[0][:50] in outcome.out


def test_without_a_command_it_explains_itself(run: Run) -> None:
    outcome = run()
    assert "Usage: mmviz [OPTIONS] COMMAND" in outcome.out + outcome.err


def test_the_version(run: Run) -> None:
    assert run("--version") == Outcome(0, f"mmviz {mmviz.__version__}\n", "")


@pytest.mark.process
def test_python_dash_m_is_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        python("-m", "mmviz", "check", "nothing"),
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("nothing: there is no such file, and no scene of that name comes with mmviz.\n")
    assert done.stderr.count("\n") == 2


# Wrong usage.


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["frobnicate"], "frobnicate"),
        (["render", "matmul"], "--output"),
        (["render", "matmul", "-o", "x.png", "--width", "wide"], "--width"),
        (["render", "matmul", "-o", "x.png", "--colour"], "--colour"),
        (["check"], "SCENE"),
        (["head", MODEL, "--layer", "0", "--head", "0", "--view"], "--prompt"),
        (
            ["head", MODEL, "--layer", "0", "--head", "0", "--prompt", "a"],
            "nothing to do: give -o scene.yaml, --render image.png, --movie film.mp4, --page page.html or --view.",
        ),
    ],
)
def test_wrong_usage_ends_in_2(run: Run, tmp_path: Path, arguments: list[str], named: str) -> None:
    outcome = run(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert named in " ".join(outcome.err.replace("│", " ").split())
    assert names(tmp_path) == ["small.yaml"]


# check


def test_check_prints_a_line_for_each_scene(run: Run) -> None:
    assert run("check", "matmul", "small.yaml") == Outcome(
        0, "matmul: fine, 3 matrices\nsmall.yaml: fine, 5 matrices\n", ""
    )


def test_check_goes_on_after_a_broken_scene(run: Run, tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("expr: A\ntensors: {A: {init: eye, shape: [2, 2]}}")
    (tmp_path / "bad.yaml").write_text(SCENE.replace("[4, 3]", "[5, 3]"))
    assert run("check", "bad.yaml", "one.yaml") == Outcome(
        1,
        "one.yaml: fine, 1 matrix\n",
        "bad.yaml: out = relu(A @ B) + C: relu(A @ B) is 5x2, C is 4x2; both sides of a sum need the same shape, "
        "or one row or column.\n",
    )


# inspect


def test_inspect_draws_the_tree_with_shapes_paths_and_sources(run: Run) -> None:
    outcome = run("inspect", "small.yaml")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == (
        "Small\n"
        "out = relu(A @ B) + C\n"
        "\n"
        "out                  4 x 2      (root)\n"
        "├─ relu(A @ B)       4 x 2      left        relu\n"
        "│  ├─ A              4 x 3      left.left   gaussian\n"
        "│  └─ B              3 x 2      left.right  i - j\n"
        "└─ C                 4 x 2      right       values\n"
        "\n"
        "5 matrices, 42 elements, 168 bytes, 24 multiply-adds\n"
    )


def test_inspect_shows_into_how_many_blocks_a_side_is_cut(run: Run) -> None:
    Path("cut.yaml").write_text(
        "expr: A @ B\npartition: {i: 4, k: 8}\n"
        "tensors:\n  A: {init: eye, shape: [32, 10]}\n  B: {init: eye, shape: [10, 6]}\n"
    )
    matrices = {m["path"]: m for m in json.loads(run("inspect", "cut.yaml", "--json").out)["matrices"]}
    # 10 elements in 8 blocks are 5 blocks of 2.
    assert {path: m["blocks"] for path, m in matrices.items()} == {"": [4, 1], "left": [4, 5], "right": [5, 1]}
    assert "├─ A   32 / 4 x 10 / 5 left    eye\n" in run("inspect", "cut.yaml").out


def test_inspect_names_an_address_that_is_not_fetched(run: Run) -> None:
    Path("far.yaml").write_text("expr: A\ntensors:\n  A: {url: 'https://example.org/a.csv', shape: [2, 3]}\n")
    assert "A  " in run("inspect", "far.yaml").out
    assert "not fetched: https://example.org/a.csv" in run("inspect", "far.yaml").out


def test_inspect_counts_what_numpy_counts(run: Run) -> None:
    for name in ("small.yaml", "chain", "attention_head"):
        report = json.loads(run("inspect", name, "--json").out)
        scene = Scene.load(name)
        values = scene.values()
        assert report["title"] == scene.document.title
        assert report["expression"] == scene.document.expr
        assert {m["path"]: tuple(m["shape"]) for m in report["matrices"]} == {p: v.shape for p, v in values.items()}
        assert report["elements"] == sum(matrix.size for matrix in values.values())
        assert report["bytes"] == sum(matrix.nbytes for matrix in values.values())
        products = [m["path"] for m in report["matrices"] if m["kind"] == "product"]
        of_left = {path: f"{path}.left" if path else "left" for path in products}
        assert report["multiply_adds"] == sum(values[p].size * values[of_left[p]].shape[1] for p in products)
        assert report["tokens"] == len(scene.sources.token_ids)


def test_inspect_says_where_the_matrices_of_a_head_come_from(run: Run) -> None:
    by_path = {m["path"]: m for m in json.loads(run("inspect", "attention_head", "--json").out)["matrices"]}
    assert next(iter(by_path)) == ""
    assert by_path["left.left"] | {"multiply_adds": 0} == {
        "path": "left.left",
        "name": "attn",
        "kind": "product",
        "shape": [64, 64],
        "blocks": [1, 1],
        "axes": ["tokens", "tokens"],
        "functions": ["scale", "tril", "softmax"],
        "source": None,
        "multiply_adds": 0,
    }
    assert by_path["left.left.left"]["functions"] == ["rope(100000)"]
    assert by_path["right"]["source"] == "blocks.1.attn.W_O, head 2"
    assert by_path["right"]["axes"] == ["d_head", "d_model"]


# schema


def test_the_schema_is_json_and_knows_the_keys(run: Run) -> None:
    outcome = run("schema")
    assert (outcome.code, outcome.err) == (0, "")
    schema = json.loads(outcome.out)
    assert set(Scene.load("matmul").document.model_dump()) == set(schema["properties"])
    assert schema["oneOf"] == [{"required": ["expr"]}, {"required": ["roots"]}]


# render and movie


def test_render_writes_a_picture_and_prints_nothing(run: Run, tmp_path: Path) -> None:
    assert run("render", "small.yaml", "-o", "x.png", "--width", "161", "--height", "120") == Outcome(0, "", "")
    with Image.open(tmp_path / "x.png") as picture:
        assert (picture.size, picture.mode) == ((161, 120), "RGB")
        whole = np.asarray(picture)
    assert run("render", "small.yaml", "-o", "x.png", "--width", "161", "--height", "120", "--step", "0").code == 0
    with Image.open(tmp_path / "x.png") as picture:
        assert not np.array_equal(np.asarray(picture), whole)
    assert names(tmp_path) == ["small.yaml", "x.png"]


def test_movie_writes_a_film_and_prints_nothing(run: Run, tmp_path: Path) -> None:
    arguments = ["-o", "x.mp4", "--width", "64", "--height", "48", "--fps", "2"]
    assert run("movie", "small.yaml", *arguments) == Outcome(0, "", "")
    assert names(tmp_path) == ["small.yaml", "x.mp4"]
    assert (tmp_path / "x.mp4").read_bytes()[4:8] == b"ftyp"


def test_a_film_counts_its_frames_before_it_starts(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    totals: list[int] = []
    real = __import__("mmviz.machine.progress", fromlist=["progress_bar"]).progress_bar

    def bar(description: str, total: int) -> Any:
        totals.append(total)
        return real(description, total)

    monkeypatch.setattr("mmviz.machine.progress.progress_bar", bar)
    monkeypatch.setattr(Scene, "make_film", lambda *_: None)
    run("movie", "matmul", "-o", "x.mp4", "--fps", "10")
    assert totals == [math.ceil(24 / 4 * 10) + 1 + 2 * 10]  # steps / speed * fps, the last picture, 2 s of rest


# head


def test_head_writes_a_scene_that_gives_the_same_numbers_elsewhere(run: Run, tmp_path: Path) -> None:
    prompt = 'It\'s a "word": yes'
    assert run("head", MODEL, "--layer", "1", "--head", "2", "--prompt", prompt, "-o", "x.yaml") == Outcome(0, "", "")
    assert names(tmp_path) == ["small.yaml", "x.yaml"]
    written = yaml.safe_load((tmp_path / "x.yaml").read_text(encoding="utf-8"))
    assert written["model"] == {"path": MODEL, "prompt": prompt, "special_tokens": True}
    assert written["title"] == f"{MODEL}: layer 1, head 2"
    (tmp_path / "other").mkdir()
    Scene.load(tmp_path / "x.yaml").save(tmp_path / "other" / "y.json")
    first, second = Scene.load(tmp_path / "x.yaml").values(), Scene.load(tmp_path / "other" / "y.json").values()
    assert first.keys() == second.keys()
    for path, matrix in first.items():
        np.testing.assert_array_equal(matrix, second[path])


def test_head_keeps_a_scene_that_is_there_unless_forced(run: Run, tmp_path: Path) -> None:
    arguments = ["head", MODEL, "--layer", "0", "--head", "0", "--prompt", "a", "-o", "small.yaml"]
    assert run(*arguments) == Outcome(
        1, "", "mmviz: small.yaml: is there already; choose another name, or replace it with --force.\n"
    )
    assert (tmp_path / "small.yaml").read_text() == SCENE
    assert run(*arguments, "--force") == Outcome(0, "", "")
    assert "blocks.0.attn.W_Q" in (tmp_path / "small.yaml").read_text()


def test_the_options_of_head_and_layer_go_into_the_scene(run: Run, tmp_path: Path) -> None:
    reads = ["--layer", "1", "--tokens", "5,6,7", "--device", "cpu", "--dtype", "float64", "-o"]
    commands = {
        ("head", MODEL, "--head", "2", "--form", "circuits"): "head 2 by its circuits, without rotary positions",
        ("head", MODEL, "--head", "2", "--badge"): "head 2",
        ("layer", MODEL, "--part", "mlp", "--badge"): "MLP",
    }
    for number, (command, title) in enumerate(commands.items()):
        assert run(*command, *reads, f"{number}.yaml") == Outcome(0, "", "")
        document = Scene.load(tmp_path / f"{number}.yaml").document
        assert document.title == f"{MODEL}: layer 1, {title}"
        assert document.style.badge == ("--badge" in command)
        assert document.model is not None
        assert (document.model.tokens, document.model.device, document.model.dtype) == ((5, 6, 7), "cpu", "float64")


def test_head_films_without_writing_a_scene(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filmed: list[tuple[str, FilmOrder]] = []

    def make_film(scene: Scene, order: FilmOrder, progress: object) -> None:
        filmed.append((scene.document.title, order))

    monkeypatch.setattr(Scene, "make_film", make_film)
    arguments = ["head", MODEL, "--layer", "1", "--head", "8", "--prompt", "a b c", "--movie", "x.mp4"]
    assert run(*arguments) == Outcome(0, "", "")
    assert filmed == [(f"{MODEL}: layer 1, head 8", FilmOrder("x.mp4"))]
    assert names(tmp_path) == ["small.yaml"]


def test_head_shows_a_window_when_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(Scene, "show", lambda scene, opener, build_again: shown.append(scene.document.title))
    assert run("head", MODEL, "--layer", "1", "--head", "8", "--prompt", "a", "--view").code == 0
    assert shown == [f"{MODEL}: layer 1, head 8"]


def test_letters_that_a_terminal_does_not_know_are_replaced(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    monkeypatch.setattr(sys, "stdout", narrow)
    assert run("inspect", "small.yaml").code == 0
    narrow.flush()
    assert b"?? A" in narrow.buffer.getvalue()
