"""Random command lines end with 0, or with 1 or 2 and a message, soon; and bad input leaves no file behind."""

import inspect
import io
import random
import shutil
import sys
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np
import pytest
from typer.models import OptionInfo

from mmviz import cli
from mmviz.cli.program import app
from mmviz.render.film.stopwatch import Timings
from tests.fuzz.attempts import attempt, one_paragraph
from tests.fuzz.trees import LETTERS
from tests.values.variants import save_variant

REQUIRED = ("-o", "--layer", "--head", "--prompt")
LEFT_OUT = ("doctor", "view", "verify")
"""They start processes, open windows, and compute with transformers."""
WORKS = {
    "mmviz.filming.studio.write_still": None,
    "mmviz.filming.studio.write_film": Timings(1, 1.0),
    "mmviz.render.mesh.write_mesh": None,
    "mmviz.spectra.run.compute": (),
    "mmviz.values.origin.fetch.fetch_model": Path("fetched"),
    "mmviz.pipeline.Scene.show": None,
}
"""What takes long, or reaches out of this machine, and what it gives instead."""
WORDS = (
    *("small.yaml", "matmul", "broken.yaml", "none.yaml", "m", "m.npy", "m/model.safetensors", "scene", "..", "/", ""),
    *(
        "out.png",
        "out.yaml",
        "out.mp4",
        "out.gif",
        "out.glb",
        "%05d.png",
        "frames/",
        "no/such/out.png",
        "\0",
        "~",
        "-",
        "o.usdz",
    ),
    *("0", "1", "-1", "2", "3.5", "1e9", "nan", "inf", "1,2,3", "1,,2", "0:1", "8:wQ,wK", "wQ=8", "wQ=x", "x" * 300),
    *(
        "32",
        "64",
        "480",
        "40000",
        "99999999999999999999",
        "cpu",
        "float64",
        "white",
        "circuits",
        "pattern",
        "-qx",
        "--",
        "q",
    ),
    *(
        "blocks.0.attn.W_Q",
        "no.such.weight",
        "the cat",
        "東\U0001f642",
        "\ud800",
        "https://bhosmer.github.io/mm/?params=%7B%7D",
    ),
    *("gaussian", "eye", "smollm2-135m", "organization/name", "--help", "--version"),
)
SCENE = (
    "expr: out = relu(A @ B)\ntensors: {A: {init: gaussian, shape: [4, 3]}, B: {formula: i - j, shape: [null, 2]}}\n"
)


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a scene, one that is broken, an array and a model."""
    (tmp_path / "small.yaml").write_text(SCENE)
    (tmp_path / "broken.yaml").write_text("expr: A @\n")
    np.save(tmp_path / "m.npy", np.eye(3))
    save_variant(tmp_path / "m", "llama", layers=1)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MMVIZ_CACHE", str(tmp_path / "cache"))
    for name, result in WORKS.items():
        monkeypatch.setattr(name, partial(_instead, result))
    return tmp_path


def _instead(result: object, *_: object) -> object:
    return result


@cache
def commands() -> dict[str, list[tuple[str, Any]]]:
    """What each command takes: the name of an option, "" for an argument, and its type."""
    found = {}
    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__.replace("_", "-")
        hints = get_type_hints(command.callback, include_extras=True)
        signature = inspect.signature(command.callback)
        found[name] = [_taken(key, hints[key]) for key in signature.parameters]
    return {name: taken for name, taken in found.items() if name not in LEFT_OUT}


def _taken(key: str, hint: Any) -> tuple[str, Any]:
    kind, *said = get_args(hint)
    option = next((each for each in said if isinstance(each, OptionInfo)), None)
    if option is None:
        return "", kind
    # in an annotation, the first name takes the place of a default
    named = [each for each in (option.default, *(option.param_decls or ())) if str(each).startswith("-")]
    return str(named[0]) if named else f"--{key.replace('_', '-')}", kind


def words(chance: random.Random) -> list[str]:
    """A command with some of its own options, and words that may fit."""
    name = chance.choice(sorted(commands()))
    line = [name] if chance.random() < 0.98 else [some_word(chance)]
    for option, kind in commands()[name]:
        if not option:
            line += [some_word(chance)] if chance.random() < 0.95 else []
        elif chance.random() < (0.9 if option in REQUIRED else 0.3):
            line += [option] if kind is bool else [option, suiting(kind, chance)]
    if chance.random() < 0.1:
        chance.shuffle(line)
    return line


def suiting(kind: Any, chance: random.Random) -> str:
    """A value of a type, more often than not."""
    if chance.random() < 0.3:
        return some_word(chance)
    kind = next((part for part in get_args(kind) if part is not type(None)), kind) if _may_miss(kind) else kind
    if get_origin(kind) is Literal:
        return str(chance.choice(get_args(kind)))
    return chance.choice({int: ("0", "1", "64", "-3"), float: ("0", "1.5", "1e9", "-0.1")}.get(kind, WORDS))


def _may_miss(kind: Any) -> bool:
    return type(None) in get_args(kind)


def some_word(chance: random.Random) -> str:
    if chance.random() < 0.9:
        return chance.choice(WORDS)
    return "".join(chance.choice(LETTERS) for _ in range(chance.randint(0, 12)))


@pytest.mark.slow
def test_random_command_lines(
    workplace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], seeds: range
) -> None:
    before = {*workplace.rglob("*")}

    def run(line: list[str]) -> None:
        monkeypatch.setattr(sys, "argv", ["mmviz", *line])
        if isinstance(sys.stderr, io.TextIOWrapper):
            sys.stderr.reconfigure(errors="backslashreplace")  # as Python's own has it
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        new = {*workplace.rglob("*")} - before
        assert ended.value.code in (0, 1, 2), line
        assert "Traceback" not in out + err, (line, err)
        if ended.value.code:
            assert err.strip(), line
            assert not [path for path in new if path.is_file()], (line, new)
        for path in sorted(new, reverse=True):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    for seed in seeds:
        line = words(random.Random(f"command line {seed}"))
        attempt(partial(run, line), f"command line {seed}, {line}", one_paragraph)
