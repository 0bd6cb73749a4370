"""What is made from the source has everything that the source has."""

import inspect
import re
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

import mmviz
from docs.making.commands import commands_page
from docs.making.included import included
from docs.making.keys import keys_page, sections
from docs.making.pages import made_pages
from docs.making.window_keys import window_keys_page
from mmviz import cli, errors
from mmviz.cli import program
from mmviz.scene.document import Document, json_schema
from mmviz.scene.keys.options import AnimationOptions
from mmviz.scene.language.expression import CALLED
from mmviz.scene.language.functions import FUNCTIONS
from mmviz.viewer.commands import COMMANDS, MOUSE, keys_table

ROOT = Path(__file__).parents[2]
SCHEMA = json_schema()


def key_lines(page: str) -> dict[str, str]:
    """What a page says of each key, by its anchor."""
    found = re.findall(r"^\[`\w+`\]\{#([\w-]+)\} \*(.*)\*\n: (.*)$", page, flags=re.MULTILINE)
    return {anchor: f"{facts}: {told}" for anchor, facts, told in found}


def described(schema: Any) -> list[str]:
    """Every description in a schema, however deep."""
    if isinstance(schema, list):
        return [text for one in schema for text in described(one)]
    if not isinstance(schema, dict):
        return []
    own = [schema["description"]] if isinstance(schema.get("description"), str) else []
    return own + [text for one in schema.values() for text in described(one)]


# Scene keys.


def test_every_key_of_every_mapping_has_a_line_of_its_own() -> None:
    mappings = [SCHEMA, *SCHEMA["$defs"].values()]
    lines = key_lines(keys_page(SCHEMA))
    assert len(lines) == sum(len(one["properties"]) for one in mappings)
    assert len(sections(SCHEMA)) == len(mappings)


def test_every_meaning_of_the_schema_is_told() -> None:
    page = keys_page(SCHEMA)
    assert len(described(SCHEMA)) > 100
    assert [text for text in described(SCHEMA) if text not in page] == []


def test_a_key_tells_type_range_default_and_meaning() -> None:
    lines = key_lines(keys_page(SCHEMA))
    assert lines["key-animation-speed"] == "number, 0.01 to 1,000; default `8`: Steps a second."
    assert lines["key-style-quantile"].startswith("number, at most 1, more than 0; default `0.995`: ")
    assert lines["key-roots"].startswith("NAME: text or list of text; **needed**, or `expr`: In the place of expr: ")
    assert lines["key-expr"].startswith("text or list of text; **needed**, or `roots`: ")
    assert lines["key-export-ground"].startswith("`black`, `white`, `transparent`; default `black`: ")
    assert lines["key-camera-keyframes"].startswith("list of mappings, see [`camera.keyframes[]`](#keys-camera-")


def test_the_choices_of_a_key_are_those_that_the_program_takes() -> None:
    algorithms = get_args(AnimationOptions.model_fields["algorithm"].annotation)
    told = key_lines(keys_page(SCHEMA))["key-animation-algorithm"]
    assert re.findall(r"`([\w-]+)`", told.split(";")[0]) == list(algorithms)


def test_the_keys_of_a_scene_are_those_of_the_document() -> None:
    assert [anchor for anchor in key_lines(keys_page(SCHEMA)) if anchor.count("-") == 1] == [
        f"key-{name}" for name in Document.model_fields
    ]


# Commands.


@pytest.mark.parametrize("command", program.app.registered_commands, ids=lambda one: one.name or one.callback.__name__)
def test_every_option_that_help_names_has_a_line_of_its_own(
    command: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = command.name or command.callback.__name__
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", ["mmviz", name, "--help"])
    with pytest.raises(SystemExit):
        cli.main()
    told = set(re.findall(r"(?<=\s)--[a-z]+(?:-[a-z]+)*", capsys.readouterr().out.split("Options")[-1])) - {"--help"}
    section = commands_page(program.app).split(f"(command-{name})=")[1].split("\n(command-")[0]
    written = "".join(re.findall(r"^\[(`-.*`)\]\{#", section, flags=re.MULTILINE))
    assert told == set(re.findall(r"`(--[\w-]+)`", written))


def test_an_option_tells_what_it_takes_and_its_default() -> None:
    page = commands_page(program.app)
    assert "[`--workers`]{#command-movie-workers} *whole number, 1 to 256; default `1`*\n: Processes that" in page
    assert "[`--set`]{#command-movie-set} *KEY=VALUE, any number of times*\n: Any key of the scene" in page
    assert "[`-q`, `--quality`]{#command-movie-quality} *`l`, `m`, `h`, `k`*" in page
    assert "[`-o`, `--output`]{#command-render-output} *path; **needed***" in page
    assert "```text\nmmviz fetch [NAME] [OPTIONS]\n```" in page


def test_an_option_that_can_be_switched_off_tells_both_names_and_which_is_the_default() -> None:
    program = typer.Typer()

    @program.command()
    def speak(
        loud: bool = typer.Option(True, help="So that all hear it."),
        slow: bool = typer.Option(False, "--slow/--fast", help="Or not."),
    ) -> None:
        """Say it."""

    page = commands_page(program)
    assert "[`--loud`, `--no-loud`]{#command-speak-loud} *default `--loud`*\n: So that all hear it." in page
    assert "[`--slow`, `--fast`]{#command-speak-slow}\n: Or not." in page


# Functions, keys of the window, Python.


def test_every_function_tells_its_vectors_and_numbers() -> None:
    page = made_pages(ROOT)["reference/functions"]
    assert set(re.findall(r"^\| `(\w+)\(", page, flags=re.MULTILINE)) == set(CALLED)
    assert "| `layernorm(x[, weight][, bias][, eps=1e-05][, axis=1])` |" in page
    assert "| `bias(x, bias)` |" in page
    assert "| `clip(x, low, high)` |" in page
    assert "| `scale(x[, factor=1 / sqrt(k)])` |" in page


def test_every_key_that_the_window_lists_is_told() -> None:
    page = window_keys_page(COMMANDS, MOUSE)
    listed = [line for line in keys_table().split("\nMouse\n")[0].splitlines() if line.startswith("  ")]
    keys = {key for line in listed for key in line[2:26].strip().split(", ")}
    assert len(keys) > 40
    assert {key for key in keys if f"{{kbd}}`{key}`" not in page} == {"M"}  # it is held, as the command's text says
    assert [what for what, does in MOUSE if f"| {what} | {does} |" not in page] == []


def test_everything_public_is_documented() -> None:
    page = made_pages(ROOT)["reference/python"]
    listed = set(re.findall(r"^\.\. auto\w+:: (?:\w+\.)+(\w+)$", page, flags=re.MULTILINE))
    assert set(mmviz.__all__) - set(FUNCTIONS) <= listed
    assert {name for name, one in vars(errors).items() if isinstance(one, type)} <= listed


def test_every_public_part_of_a_scene_has_a_docstring() -> None:
    public = {name for name in dir(mmviz.Scene) if not name.startswith("_")}
    parts = {name: inspect.getattr_static(mmviz.Scene, name) for name in public}
    assert [name for name, part in parts.items() if not inspect.getdoc(part)] == []


# Files from the top of the repository.


def test_links_between_files_lead_to_pages_and_others_name_the_file() -> None:
    assert included("[Start](README.md#start) and [findings/](findings/README.md)") == (
        "[Start](../start.md) and `findings/README.md`"
    )
    assert included("[guide](docs/guide/films.md), [mm](https://example.org/mm), [the log](tests/log.md)") == (
        "[guide](../guide/films.md), [mm](https://example.org/mm), the log (`tests/log.md`)"
    )


def test_a_graph_is_drawn_with_every_box_below_all_that_point_to_it() -> None:
    drawn = included("```mermaid\ngraph TD\n  a --> b\n  b --> c\n  a --> c\n```\n")
    heights = {name: int(y) for y, name in re.findall(r'y="(\d+)" text-anchor="middle">(\w)<', drawn)}
    assert heights["a"] < heights["b"] < heights["c"]
    assert drawn.count("<path d=") == 3 + 1  # three arrows, and the tip


def test_a_graph_that_goes_in_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^the arrows go in a circle\.$"):
        included("```mermaid\ngraph TD\n  a --> b\n  b --> a\n```\n")
