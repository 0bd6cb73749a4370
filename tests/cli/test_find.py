"""The command find: what it refuses before anything is opened, what it prints, and the scene that it writes."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from mmviz.cli import find as finding
from mmviz.cli.find import find
from mmviz.cli.program import app
from mmviz.errors import OutputError, SourceError
from mmviz.picture.look.head_kinds import KINDS
from mmviz.pipeline import Scene

MODEL = "smollm2-135m-2layers"
PROMPT = "A word looks back at the word before it."
GRID = f"{MODEL}: 18 heads in 2 layers, "


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"kind": "sink"},
            "what the model reads is missing: give --prompt TEXT, or --tokens 1,2,3; only --kind induction has tokens "
            "of its own.",
        ),
        ({"prompt": "a", "tokens": "1"}, "both --prompt and --tokens; give one of them."),
        ({"tokens": "1;2"}, "--tokens '1;2': whole numbers with commas between them are needed."),
        ({"prompt": "a", "number": 1}, "--open and -o are of a list of one kind; give --kind, too."),
        ({"prompt": "a", "output": Path("x.yaml")}, "--open and -o are of a list of one kind; give --kind, too."),
        (
            {"kind": "sink", "prompt": "a", "settings": ["layout.gap=8"]},
            "--set is for keys of the scene that -o writes or --open opens; give one of them.",
        ),
        ({"kind": "sink", "prompt": "a", "number": 11}, "--open 11: 10 heads are listed; --top 11 lists as many."),
        (
            {"kind": "sink", "prompt": "a", "number": 3, "top": 2},
            "--open 3: 2 heads are listed; --top 3 lists as many.",
        ),
    ],
)
def test_what_is_asked_for_in_another_way_is_told(options: dict[str, Any], message: str) -> None:
    with pytest.raises(typer.BadParameter) as raised:
        find("nowhere", **options)
    assert str(raised.value) == message


def test_a_scene_file_that_is_there_is_kept_and_nothing_is_computed(tmp_path: Path) -> None:
    place = tmp_path / "x.yaml"
    place.write_text("mine")
    with pytest.raises(OutputError) as raised:
        find("nowhere", kind="sink", prompt="a", output=place)
    assert str(raised.value) == f"{place}: is there already; choose another name, or replace it with --force."
    assert place.read_text() == "mine"


def test_every_kind_is_listed_with_its_best_heads(capsys: pytest.CaptureFixture[str]) -> None:
    find(MODEL, prompt=PROMPT, device="cpu")
    said = capsys.readouterr()
    assert said.err == ""
    first, *_, last = said.out.splitlines()
    assert first == f"{GRID}10 tokens, one forward pass"
    assert last == f"The first one: mmviz head {MODEL} --layer 1 --head 2 --prompt '{PROMPT}' --device cpu --view"
    assert [line.partition(":")[0] for line in said.out.splitlines() if line and line[0] != " "][1:-1] == [
        *("previous", "duplicate", "induction", "sink", "local", "uniform")
    ]
    assert said.out.count("   3.  layer") == 6


def test_a_kind_is_told_to_scripts_with_its_formula_source_and_commands(capsys: pytest.CaptureFixture[str]) -> None:
    find(MODEL, kind="induction", top=4, as_json=True, device="cpu")
    report = json.loads(capsys.readouterr().out)
    assert {key: report[key] for key in ("model", "layers", "heads", "tokens", "drawn")} == {
        "model": MODEL,
        "layers": 2,
        "heads": 18,
        "tokens": 50,
        "drawn": 25,
    }
    (kind,) = report["kinds"]
    told = report["kinds"][kind]
    scores = [head["score"] for head in told["heads"]]
    assert (kind, len(scores), scores) == ("induction", 4, sorted(scores, reverse=True))
    assert told["source"].startswith("Elhage et al. 2021; Olsson et al. 2022")
    assert told["heads"][0]["command"].startswith(f"mmviz head {MODEL} --layer 0 --head ")


def test_of_one_kind_formula_and_source_are_printed_and_how_its_prompt_was_made(
    capsys: pytest.CaptureFixture[str],
) -> None:
    find(MODEL, kind="induction", device="cpu")
    said = capsys.readouterr().out
    assert said.startswith(f"{GRID}25 tokens drawn at random, twice, one forward pass\n\ninduction: ")
    assert "\n  mean over i that have one of the sum of A[i, j+1] over j < i-1 with t[j] = t[i]\n  Elhage" in said
    assert "  10.  layer" in said
    assert "  11.  layer" not in said


def test_the_scene_of_a_head_of_the_list_is_written_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[Scene] = []
    monkeypatch.setattr("mmviz.cli.delivery.show", shown.append)
    find(
        MODEL,
        kind="local",
        prompt=PROMPT,
        number=2,
        output=tmp_path / "local.yaml",
        device="cpu",
        settings=["layout.gap=8"],
    )
    second = next(line.split() for line in capsys.readouterr().out.splitlines() if line.startswith("   2."))
    (scene,) = shown
    made = scene.document.made_by
    assert made is not None
    assert (str(made.layer), str(made.head)) == (second[2], second[4])
    written = Scene.load(tmp_path / "local.yaml").document
    assert written.layout.gap == 8
    assert written.captions[-1].text == (
        "As a local head number 2 of 18. How many tokens away a token looks: "
        f"{float(second[5]):.2f}, by chance {sum(i / 2 for i in range(1, 10)) / 9:.2f}"
    )


def test_of_fewer_heads_than_that_none_is_opened() -> None:
    with pytest.raises(SourceError) as raised:
        find(MODEL, kind="sink", prompt=PROMPT, top=20, number=19, device="cpu")
    assert str(raised.value) == f"{MODEL}: there is no head number 19; 18 have a score."


def test_that_much_is_read_is_told_before_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(finding, "MUCH", 1000)
    find(MODEL, kind="sink", prompt=PROMPT, device="cpu")
    assert capsys.readouterr().err == "mmviz: note: all 2 layers are read: 0.0 GB.\n"


def test_the_help_says_every_kind_with_its_formula_and_source() -> None:
    told = " ".join(CliRunner().invoke(app, ["find", "--help"]).stdout.split())
    for kind, what in KINDS.items():
        assert f"{kind}: " in told
        assert what.source.split(";")[0].split(",")[0] in told
    assert "A(i, j+1) over j < i-1 with t(j) = t(i)" in told  # what stands in [] would be left out as markup
