"""The command spectra, from the weights that come with mmviz to its folder, and how it goes on and refuses."""

import csv
import json
import math
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import load_file

from mmviz import cli
from mmviz.spectra import figures
from mmviz.values.model.head_spectra import MATRICES, SpectraReader
from tests.processes import MAIN, STRICT, ran
from tests.values.variants import changed, save_variant

MODEL = "smollm2-135m-2layers"
STOPPED_AT_2 = """
import os, signal, time
from mmviz.values.model.head_spectra import SpectraReader
def layer(reader, number, whole=SpectraReader.layer):
    if number == 2:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)
    return whole(reader, number)
SpectraReader.layer = layer
"""
"""Ctrl+C while the third layer is computed."""
RATIOS = (
    *("top10_ratio", "first_last_ratio", "least10_ratio"),
    *("stable_rank", "participation_ratio", "entropy_rank"),
)
COLUMNS = [
    *("layer", "matrix", "head", "kv_head"),
    *(*RATIOS, "spectral_norm", "frobenius_norm"),
    *(f"{ratio}_gaussian" for ratio in RATIOS),
    *("spectral_norm_gaussian", "noise_floor", "rank"),
]


@dataclass(frozen=True)
class Outcome:
    code: object
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `mmviz spectra ...` in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["mmviz", "spectra", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capsys.readouterr()
        return Outcome(ended.value.code, printed.out, printed.err)

    return call


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """The folder of one run, figures and all, and how the run ended."""
    folder = tmp_path_factory.mktemp("drawn")
    done = ran(STRICT + MAIN, "spectra", MODEL, "-o", "x", "--layers", "1", "--heads", "2,7", folder=folder)
    return folder / "x", Outcome(done.code, done.out, done.err)


@pytest.fixture
def without_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """They take most of the time."""
    monkeypatch.setattr("mmviz.spectra.run.draw_all", lambda *_: ["heads.png"])


@pytest.fixture
def one_figure_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the figures, the spectrum alone is drawn; the others are empty files."""
    draw = figures._write
    for others in ("_ratios", "_heat_map"):
        monkeypatch.setattr(figures, others, lambda *_: Figure())

    def write(figure: Figure, folder: Path, name: str) -> None:
        if name.startswith("spectrum"):
            draw(figure, folder, name)
        else:
            (folder / f"{name}.png").write_bytes(b"")
            (folder / f"{name}.svg").write_bytes(b"")

    monkeypatch.setattr(figures, "_write", write)


@pytest.fixture
def figures_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """All is computed that stands in figures, and nothing is written; where it stands depends on no number."""

    def draw(figure: Figure, *_: object) -> None:
        figure.set_layout_engine("none")
        figure.draw_without_rendering()

    monkeypatch.setattr(figures, "_write", draw)


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "spectra.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("without_figures")
def test_the_table_has_a_row_for_every_layer_matrix_and_head(run: Run, tmp_path: Path) -> None:
    assert run(MODEL, "-o", "x", "--matrices", "ov,qk,o,v,k,q", "--device", "cpu").code == 0
    rows = table(tmp_path / "x")
    assert list(rows[0]) == COLUMNS
    expected = [(str(i), m, str(h), str(h // 3)) for i in (0, 1) for m in MATRICES for h in range(9)]
    assert [(row["layer"], row["matrix"], row["head"], row["kv_head"]) for row in rows] == expected
    assert all(math.isfinite(float(row[column])) for row in rows for column in COLUMNS[4:])


@pytest.mark.usefixtures("without_figures")
def test_table_and_values_say_the_same(run: Run, tmp_path: Path) -> None:
    run(MODEL, "-o", "x", "--matrices", "q,k,ov")
    with safe_open(tmp_path / "x" / "spectra.safetensors", "numpy") as file:
        about = json.loads(file.metadata()["spectra"])
    assert (about["heads"], about["kv_heads"]) == (list(range(9)), [0, 0, 0, 1, 1, 1, 2, 2, 2])
    values = load_file(tmp_path / "x" / "spectra.safetensors")
    assert sorted(values) == sorted(f"blocks.{layer}.{matrix}" for layer in (0, 1) for matrix in ("q", "k", "ov"))
    for row in table(tmp_path / "x"):
        s = values[f"blocks.{row['layer']}.{row['matrix']}"][int(row["head"])]
        assert s.shape == (64,)
        assert float(row["top10_ratio"]) == pytest.approx(s[:10].sum() / s.sum(), rel=1e-12)
        assert float(row["first_last_ratio"]) == pytest.approx(s[0] / s[-1], rel=1e-12)
        assert float(row["participation_ratio"]) == pytest.approx((s**2).sum() ** 2 / (s**4).sum(), rel=1e-12)
        assert float(row["spectral_norm"]) == s[0]
        assert float(row["frobenius_norm"]) == pytest.approx(np.linalg.norm(s), rel=1e-12)


@pytest.mark.process
def test_nothing_is_shown_in_a_pipe_and_warnings_do_not_arise(drawn: tuple[Path, Outcome]) -> None:
    said = "x: spectra.csv, spectra.safetensors, figures and report.md are there\n"
    assert drawn[1] == Outcome(0, said, "")


@pytest.mark.process
def test_figures_are_pictures_and_drawings_and_the_report_shows_them_all(drawn: tuple[Path, Outcome]) -> None:
    folder, _ = drawn
    assert sorted(path.name for path in folder.iterdir()) == [
        *("figures", "report.md", "spectra.csv", "spectra.safetensors")
    ]
    names = {path.stem for path in (folder / "figures").iterdir()}
    assert {f"heatmap_{ratio}" for ratio in RATIOS} < names
    for start in ("spectrum_layer_", "heads_of_layer_", "layers_of_head_"):
        assert any(name.startswith(start) for name in names)
    report = (folder / "report.md").read_text(encoding="utf-8")
    for name in names:
        with Image.open(folder / "figures" / f"{name}.png") as picture:
            assert len(set(picture.convert("L").resize((64, 64)).tobytes())) > 10
        assert "<svg" in (folder / "figures" / f"{name}.svg").read_text(encoding="utf-8")
        assert f"](figures/{name}.png)" in report
    assert "q and k are more concentrated in few directions than v and o" in report
    assert "NaN" not in report


@pytest.mark.usefixtures("without_figures")
def test_a_part_of_a_model_has_the_rows_that_it_has_in_the_whole(run: Run, tmp_path: Path) -> None:
    run(MODEL, "-o", "all")
    run(MODEL, "-o", "some", "--layers", "1:", "--heads", "2,7:9", "--matrices", "o,k")
    some = table(tmp_path / "some")
    assert {(row["layer"], row["matrix"], row["head"]) for row in some} == {
        ("1", matrix, head) for matrix in "ko" for head in "278"
    }
    whole = table(tmp_path / "all")
    assert all(row in whole for row in some)


@pytest.mark.slow
@pytest.mark.usefixtures("one_figure_drawn")
def test_figures_of_an_earlier_run_are_replaced_and_others_stay(run: Run, tmp_path: Path) -> None:
    assert run(MODEL, "-o", "again", "--layers", "1", "--heads", "4", "--matrices", "k").code == 0
    (tmp_path / "x" / "figures").mkdir(parents=True)
    for name in ("heads_of_layer_0.svg", "heatmap_old.png", "mine.png"):
        (tmp_path / "x" / "figures" / name).write_bytes(b"")
    assert run(MODEL, "-o", "x", "--layers", "1", "--heads", "4", "--matrices", "k").code == 0
    drawn = [*(f"heatmap_{ratio}" for ratio in RATIOS), *("heads_of_layer_1", "layers_of_head_4")]
    drawn.append("spectrum_layer_1_head_4")
    names = sorted(path.name for path in (tmp_path / "x" / "figures").iterdir())
    assert names == sorted([*(f"{name}.{end}" for name in drawn for end in ("png", "svg")), "mine.png"])
    (tmp_path / "x" / "figures" / "mine.png").unlink()
    assert contents(tmp_path / "x") == contents(tmp_path / "again")  # the same work ends in the same bytes


@pytest.mark.slow
@pytest.mark.usefixtures("without_figures")
def test_stopped_work_goes_on_and_ends_in_the_same_bytes(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = str(save_variant(tmp_path / "model", "llama grouped, wide heads"))
    assert run(model, "-o", "whole", "--layers", "0:3", "--matrices", "ov").code == 0
    outcome = ran(
        STOPPED_AT_2 + MAIN, "spectra", model, "-o", "x", "--layers", "0:3", "--matrices", "ov", folder=tmp_path
    )
    assert (outcome.code, outcome.out) == (130, "")
    assert outcome.err.splitlines() == [
        "mmviz: note: 2 of 3 layers are kept; the same command goes on from there.",
        "mmviz: interrupted",
    ]
    assert [path.name for path in (tmp_path / "x").iterdir()] == [".partial"]
    assert sorted(path.name for path in (tmp_path / "x" / ".partial").iterdir()) == [
        "layer_00000.safetensors",
        "layer_00001.safetensors",
        "run.json",
    ]
    computed, layer = list[int](), SpectraReader.layer

    def counted(reader: SpectraReader, number: int) -> object:
        computed.append(number)
        return layer(reader, number)

    monkeypatch.setattr(SpectraReader, "layer", counted)
    assert run(model, "-o", "x", "--layers", "0:3", "--matrices", "ov").code == 0
    assert computed == [2]
    assert contents(tmp_path / "x") == contents(tmp_path / "whole")


def leave_parts(run: Run, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    """Work that ends after its layers, before its table."""
    with monkeypatch.context() as context:
        context.setattr("mmviz.spectra.run.write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left", "x")))
        assert run(*arguments).code == 1


@pytest.mark.usefixtures("without_figures")
def test_parts_of_other_work_are_refused_and_kept_until_forced(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_parts(run, monkeypatch, MODEL, "-o", "x", "--heads", "0:4")
    parts = contents(tmp_path / "x")
    outcome = run(MODEL, "-o", "x", "--heads", "0:5")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == (
        f"mmviz: {Path('x') / '.partial'}: holds parts of other work (other heads); "
        "finish that, choose another folder, or start anew with --force.\n"
    )
    assert contents(tmp_path / "x") == parts
    assert run(MODEL, "-o", "x", "--heads", "0:5", "--force").code == 0
    assert len(table(tmp_path / "x")) == 2 * 4 * 5
    assert not (tmp_path / "x" / ".partial").exists()


@pytest.mark.usefixtures("without_figures")
def test_parts_of_a_model_that_has_changed_are_refused(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save_variant(tmp_path / "model", "gpt2")
    leave_parts(run, monkeypatch, str(folder), "-o", "x")
    os.utime(folder / "model.safetensors", ns=(1, 1))
    assert "(other files of weights)" in run(str(folder), "-o", "x").err


@pytest.mark.slow
@pytest.mark.usefixtures("without_figures")
def test_a_part_that_was_damaged_is_computed_again(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(MODEL, "-o", "whole")
    leave_parts(run, monkeypatch, MODEL, "-o", "x")
    first, _ = sorted((tmp_path / "x" / ".partial").glob("layer_*"))
    first.write_bytes(first.read_bytes()[:100])
    assert run(MODEL, "-o", "x").code == 0
    assert contents(tmp_path / "x") == contents(tmp_path / "whole")


@pytest.mark.usefixtures("without_figures")
def test_odd_numbers_are_told_and_left_out_and_the_rest_goes_on(run: Run, tmp_path: Path) -> None:
    folder = save_variant(tmp_path / "model", "llama grouped, wide heads")

    def spoil(weights: dict[str, torch.Tensor]) -> None:
        weights["model.layers.1.self_attn.q_proj.weight"][16 * 4 + 3, 7] = torch.nan
        weights["model.layers.2.self_attn.o_proj.weight"][5, 3:5] = -torch.inf

    changed(folder, spoil)
    outcome = run(str(folder), "-o", "x", "--matrices", "q,o,qk")
    assert outcome.code == 0
    assert outcome.err.splitlines() == [
        "mmviz: note: q of layer 1, head 4 is left out: of its numbers 1 is NaN",
        "mmviz: note: qk of layer 1, head 4 is left out: of its numbers 1 is NaN",
        "mmviz: note: o of layer 2, head 0 is left out: of its numbers 2 are infinite",
    ]
    rows = table(tmp_path / "x")
    assert len(rows) == 3 * 3 * 6 - 3
    assert not any(row["matrix"] == "o" and (row["layer"], row["head"]) == ("2", "0") for row in rows)
    report = (tmp_path / "x" / "report.md").read_text(encoding="utf-8")
    assert "- o of layer 2, head 0: of its numbers 2 are infinite" in report


@pytest.mark.slow
@pytest.mark.usefixtures("figures_laid_out")
@pytest.mark.parametrize("number", [float("nan"), 0.0])
def test_a_model_of_nothing_but_nan_or_zeros_ends_well(run: Run, tmp_path: Path, number: float) -> None:
    folder = save_variant(tmp_path / "model", "llama grouped, wide heads")
    changed(folder, lambda weights: [weight.fill_(number) for weight in weights.values()])
    outcome = run(str(folder), "-o", "x", "--layers", "0:1", "--heads", "1", "--matrices", "q,ov")
    assert outcome.code == 0
    assert len(table(tmp_path / "x")) == (0 if math.isnan(number) else 2)


BAD = {
    ("--layers", "2"): f"{MODEL}: the model has 2 layers, 0 to 1; got layer 2.",
    ("--layers", "0:3"): f"{MODEL}: the model has 2 layers, 0 to 1; got layer 0:3.",
    ("--layers=-1",): f"{MODEL}: the model has 2 layers, 0 to 1; got layer -1.",
    ("--layers", "1:1"): f"{MODEL}: layers 1:1 are none; a:b ends before b, so b must be above a.",
    ("--heads", "0,9"): f"{MODEL}: the model has 9 heads, 0 to 8; got head 9.",
    ("--matrices", "q,w"): f"{MODEL}: there is no matrix 'w'; any of q, k, v, o, qk, ov is needed.",
    ("--matrices", ""): f"{MODEL}: there is no matrix ''; any of q, k, v, o, qk, ov is needed.",
}


@pytest.mark.parametrize("arguments", BAD, ids=" ".join)
def test_what_a_model_does_not_have_gets_one_message_and_no_folder(
    run: Run, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    outcome = run(MODEL, "-o", "x", *arguments)
    assert (outcome.code, outcome.out, outcome.err) == (1, "", f"mmviz: {BAD[arguments]}\n")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_had_is_refused_before_the_work(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert run(MODEL, "-o", "file").err == (
        "mmviz: file: is a file; a folder is needed, which is made if it is not there.\n"
    )
    assert "does not exist; create it first" in run(MODEL, "-o", "none/x").err


@pytest.mark.parametrize("arguments", [("--layers", "a:b"), ("--heads", "1-3"), ("--heads", ""), ("--device", "tpu")])
def test_wrong_usage_ends_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(MODEL, "-o", "x", *arguments).code == 2
    assert run(MODEL).code == 2
