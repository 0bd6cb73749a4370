"""What is said of functions: by the command, the schema and the reference alike."""

import json

import pytest
from typer.testing import CliRunner

from mmviz.cli import functions as command
from mmviz.cli import program
from mmviz.errors import ExpressionError
from mmviz.reports.functions_report import chosen, functions_report, functions_text, whole_text
from mmviz.scene.document import json_schema
from mmviz.scene.language.described import Described, described, described_one
from mmviz.scene.language.expression import CALLED
from mmviz.scene.language.parsed import tree_of

SOFTMAX = """\
softmax(x[, temperature=1][, axis=1])
  computes: softmax of every row of x / temperature, masked elements left out
  works on: rows
  temperature: a number, more than 0, 1 by default
  axis: 1: along rows, 0: along columns, 1 by default
  example: softmax(A)"""
TOPK = """\
topk(x[, offset], k[, axis=1])
  computes: mask all but the k largest elements of every row, or those with which x + offset is largest; in sums the \
others stay masked until a softmax
  works on: rows
  offset: as long as a row, may be left out
  k: a whole number, 1 or more, needed
  axis: 1: along rows, 0: along columns, 1 by default
  example: topk(A, 1)"""


@pytest.mark.parametrize(("name", "text"), [("softmax", SOFTMAX), ("topk", TOPK)])
def test_all_about_one_function_is_told(name: str, text: str) -> None:
    assert whole_text(described_one(name)) == text


@pytest.mark.parametrize("one", described(), ids=lambda one: one.name)
def test_the_example_of_every_function_can_be_read(one: Described) -> None:
    assert one.example.startswith(f"{one.name}(")
    tree_of(one.example)


def test_everything_that_can_be_called_is_listed_once() -> None:
    assert [one.name for one in described()] == list(CALLED)
    assert [line.partition("(")[0] for line in functions_text(chosen(())).splitlines()] == list(CALLED)


def test_the_schema_tells_the_call_and_meaning_of_every_function() -> None:
    schema = json_schema()
    assert schema["$comment"].splitlines()[1:] == [f"{one.call}: {one.meaning}" for one in described()]
    assert schema["properties"]["expr"]["description"].endswith(f". It may call {', '.join(CALLED)}")


def test_an_unknown_function_is_named_with_the_nearest_known_one() -> None:
    with pytest.raises(ExpressionError) as caught:
        chosen(["relu", "sofmax"])
    assert str(caught.value) == "unknown function 'sofmax'; did you mean 'softmax'? `mmviz functions` lists all."
    with pytest.raises(ExpressionError) as caught:
        chosen(["qqqq"])
    assert str(caught.value) == "unknown function 'qqqq'; `mmviz functions` lists all."


def test_the_command_prints_one_all_or_json() -> None:
    assert command.functions.__name__ == "functions"
    run = CliRunner().invoke
    assert run(program.app, ["functions", "softmax", "topk"]).output == f"{SOFTMAX}\n\n{TOPK}\n"
    assert run(program.app, ["functions"]).output == functions_text(described()) + "\n"
    assert json.loads(run(program.app, ["functions", "--json"]).output) == functions_report(described())
