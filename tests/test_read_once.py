"""How often a model is opened and an expression read while a command runs: once, however many stages need it."""

import sys
from collections import Counter
from pathlib import Path

import pytest

from mmviz import cli
from mmviz.builders.by_name import scene_named
from mmviz.pipeline import Scene
from mmviz.scene.language import parsed
from mmviz.scene.language.building import build
from mmviz.scene.language.expression import Expression
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.tree import Node, root_of
from mmviz.values.files.checkpoint import Checkpoint
from tests.values.variants import save_variant

HEAD = ("--layer", "0", "--head", "1", "--tokens", "1,2,3")


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Counter[str]:
    """Counts what is opened, parsed and built; no tree is known from before."""
    found: Counter[str] = Counter()
    really_open = Checkpoint.open

    def open_counted(path: Path) -> Checkpoint:
        found["opened"] += 1
        return really_open(path)

    def parse_counted(text: str) -> Expression:
        found["parsed"] += 1
        return parse(text)

    def build_counted(expression: Expression) -> Node:
        found["built"] += 1
        return root_of(build(expression))

    monkeypatch.setattr(Checkpoint, "open", open_counted)
    monkeypatch.setattr("mmviz.scene.language.parsed.parse", parse_counted)
    monkeypatch.setattr("mmviz.scene.language.parsed.build", build_counted)
    parsed.expression_of.cache_clear()
    parsed.tree_of.cache_clear()
    monkeypatch.chdir(tmp_path)
    return found


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return save_variant(tmp_path / "tiny", "gpt2")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["mmviz", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 0


@pytest.mark.slow
def test_a_head_is_opened_and_read_once_to_be_written_and_drawn(
    counts: Counter[str], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, "head", str(model), *HEAD, "-o", "x.yaml", "--render", "x.png")
    assert counts == {"opened": 1, "parsed": 1, "built": 1}


def test_a_head_by_ranks_is_opened_once(counts: Counter[str], model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, "head", str(model), *HEAD, "--svd", "2:wQ", "-o", "x.yaml")
    assert counts == {"opened": 1, "parsed": 1, "built": 1}


def test_a_model_by_its_name_is_opened_once_for_the_window(counts: Counter[str], model: Path) -> None:
    scene = scene_named(str(model))
    _ = scene.composition, scene.model_sizes
    assert counts == {"opened": 1, "parsed": 1, "built": 1}


@pytest.mark.slow
def test_a_scene_file_is_opened_and_read_once_to_be_drawn(
    counts: Counter[str], model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, "head", str(model), *HEAD, "-o", "x.yaml")
    counts.clear()
    parsed.expression_of.cache_clear()
    parsed.tree_of.cache_clear()
    run(monkeypatch, "render", "x.yaml", "-o", "x.png")
    assert counts == {"opened": 1, "parsed": 1, "built": 1}


def test_a_setting_that_changes_reads_no_expression_again(counts: Counter[str]) -> None:
    sources = {name: {"init": "gaussian", "shape": [4, 4]} for name in "AB"}
    scene = Scene("out = relu(A @ B)", sources)
    for gap in range(5):
        scene = scene.changed(layout={"gap": float(gap)})
        _ = scene.composition
    assert counts == {"parsed": 1, "built": 1}
