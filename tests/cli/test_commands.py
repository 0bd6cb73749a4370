"""The commands doctor and spectra as functions, and that `python -m mmviz` is the command line."""

import json
import runpy
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

from mmviz import cli
from mmviz.cli.doctor import doctor
from mmviz.cli.spectra import spectra
from mmviz.machine.endings import Endings
from mmviz.reports import doctor_report
from mmviz.reports.doctor_report import Finding
from mmviz.spectra import run
from mmviz.spectra.table import LeftOut


def test_the_package_runs_as_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(cli, "main", lambda: called.append("main"))
    runpy.run_module("mmviz.__main__", run_name="__main__")
    assert called == ["main"]


# doctor


@pytest.mark.parametrize("needed", [True, False])
@pytest.mark.parametrize("works", [True, False])
def test_doctor_ends_with_1_where_something_that_is_needed_does_not_work(
    needed: bool, works: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    finding = Finding("OpenGL", works, "found", "" if works else "mend it", needed=needed)
    monkeypatch.setattr(doctor_report, "examine", lambda: [finding])
    for as_json in (False, True):
        code = 0
        try:
            doctor(as_json=as_json)
        except typer.Exit as ended:
            code = ended.exit_code
        out = capsys.readouterr().out
        assert code == (1 if needed and not works else 0)
        if as_json:
            assert json.loads(out) == doctor_report.doctor_report([finding])
        else:
            assert out == f"{doctor_report.doctor_text([finding])}\n"


# spectra


@dataclass
class Work:
    """A run that computes nothing."""

    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    selection: Any = field(default_factory=lambda: SimpleNamespace(layers=(0, 1, 2)))


@pytest.fixture
def wishes(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was wished for, and the work after it."""
    found: list[Any] = []
    endings = Endings()
    monkeypatch.setattr("mmviz.cli.spectra.ENDINGS", endings)

    def prepare(wish: run.Wish) -> Work:
        work = Work()
        found.extend([wish, work])
        return work

    def compute(work: Work, _: object) -> list[LeftOut]:
        endings.do()  # as a signal would
        return [LeftOut(3, "q", 2, "it has 1 NaN"), LeftOut(4, "o", 0, "it has 1 infinity")]

    monkeypatch.setattr(run, "prepare", prepare)
    monkeypatch.setattr(run, "compute", compute)
    monkeypatch.setattr(run, "kept", lambda _: 2)
    return found


def test_spectra_are_wished_for_as_the_options_say_and_what_is_left_out_is_told(
    wishes: list[Any], capfd: pytest.CaptureFixture[str]
) -> None:
    out = Path("out")
    spectra("m", out)
    spectra("m", out, "4:8", "0,3", "qk,ov", "cpu", force=True)
    assert [wish for wish in wishes if isinstance(wish, run.Wish)] == [
        run.Wish("m", out, None, None, "q,k,v,o", "auto", False),
        run.Wish("m", out, "4:8", "0,3", "qk,ov", "cpu", True),
    ]
    said, errors = capfd.readouterr()
    assert said == "out: spectra.csv, spectra.safetensors, figures and report.md are there\n" * 2
    lines = [line for line in errors.splitlines() if line.startswith("mmviz: note: ")]
    kept = "mmviz: note: 2 of 3 layers are kept; the same command goes on from there."
    assert (
        lines
        == [
            kept,
            "mmviz: note: q of layer 3, head 2 is left out: it has 1 NaN",
            "mmviz: note: o of layer 4, head 0 is left out: it has 1 infinity",
        ]
        * 2
    )


@pytest.mark.usefixtures("wishes")
@pytest.mark.parametrize(
    ("option", "name"), [({"layers": "a"}, "--layers"), ({"heads": "1;2"}, "--heads"), ({"heads": ""}, "--heads")]
)
def test_numbers_that_are_none_are_refused_before_a_model_is_opened(option: dict[str, str], name: str) -> None:
    with pytest.raises(typer.BadParameter) as caught:
        spectra("m", Path("out"), **option)  # type: ignore[arg-type]
    (text,) = option.values()
    assert str(caught.value) == f"{name} {text!r}: numbers such as 0,3,5 or a range such as 4:8 are needed."
