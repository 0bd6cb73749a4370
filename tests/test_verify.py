"""`mmviz verify` on the command line: a table, a verdict, the exit code and one message."""

import json
import math
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

import mmviz
from mmviz import cli
from mmviz.values.arithmetic.primitives import rotary_angles
from mmviz.values.model import decoder
from tests.checked_head import CHECKS, MODEL, save
from tests.processes import Outcome as Ended
from tests.processes import ran
from tests.values.variants import save_variant

ROOT = Path(mmviz.__file__).resolve().parents[1]


@dataclass(frozen=True)
class Outcome:
    code: object
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs `mmviz verify ...` in this process."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["mmviz", "verify", *arguments])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Outcome(ended.value.code, *capfd.readouterr())

    return call


@pytest.fixture
def wrong_theta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our rotary positions turn too fast."""
    monkeypatch.setattr(decoder, "rotary_angles", lambda n, turns, *rest: rotary_angles(n, 1.1 * turns, *rest))


def columns(line: str) -> list[str]:
    return [cell for cell in line.split("   ") if cell.strip()]


# Models.


def test_a_model_that_is_right_gets_a_table_and_a_verdict(run: Run) -> None:
    outcome = run(MODEL, "--device", "cpu")
    assert (outcome.code, outcome.err) == (0, "")
    title, *rows, empty, _, verdict = outcome.out.splitlines()
    assert [cell.strip() for cell in columns(title)] == ["activation", "layer", "max |Δ|", "relative", "allowed"]
    assert empty == ""
    between, heading, *layers = rows[22:]
    assert between == ""
    assert heading.split() == ["layer", "furthest", "off", "max", "|Δ|", "relative"]
    assert [line.split()[0] for line in layers] == ["0", "1"]
    assert all(row.endswith("   ok") for row in (*rows[:22], *layers))
    assert verdict.startswith("✓ 22 activations in 2 layers agree with transformers ")
    assert f"(float32, cpu, torch {torch.__version__}, mmviz {mmviz.__version__}, " in verdict


@pytest.mark.usefixtures("wrong_theta")
def test_a_model_that_is_wrong_ends_with_1_and_one_message(run: Run) -> None:
    outcome = run(MODEL, "--prompt", "one two, one two", "--device", "cpu")
    assert outcome.code == 1
    _, *rows, _, _, verdict = outcome.out.splitlines()
    failing = {columns(row)[0].strip() for row in rows[:22] if row.endswith("   FAILS")}
    assert all(line.endswith("   FAILS") for line in rows[-2:])
    assert {"attn.hook_rot_q", "attn.hook_pattern", "logits"} <= failing
    assert not {"hook_embed", "hook_pos_embed"} & failing
    assert verdict.startswith(f"✗ {len(failing)} of 22 activations in 2 layers FAIL against transformers ")
    assert outcome.err.count("\n") == 1
    assert outcome.err.startswith(f"mmviz: {MODEL}: {len(failing)} of 22 activations differ from transformers ")
    assert outcome.err.endswith(" by more than 2e-05; the first is blocks.0.attn.hook_rot_q.\n")


@pytest.mark.usefixtures("wrong_theta")
def test_json_says_the_same_to_scripts(run: Run) -> None:
    outcome = run(MODEL, "--tokens", "5,6,5,6", "--json", "--device", "cpu")
    report = json.loads(outcome.out)
    assert outcome.code == 1
    assert (report["model"], report["ok"], report["tokens"]) == (MODEL, False, [5, 6, 5, 6])
    assert report["first_to_fail"] == "blocks.0.attn.hook_rot_q"
    assert (report["dtype"], report["device"]) == ("float32", "cpu")
    rows = {row["activation"]: row for row in report["rows"]}
    every = {(row["activation"], row["layer"]): row for row in report["every"]}
    assert len(every) == 3 + 2 * 19
    assert all(row in report["every"] for row in report["rows"])
    assert not every["attn.hook_rot_q", 0]["ok"]
    assert rows["attn.hook_pattern"]["absolute"]
    assert rows["hook_embed"] == {
        "activation": "hook_embed",
        "layer": None,
        "max_difference": 0,
        "relative": 0,
        "absolute": False,
        "tolerance": 2e-5,
        "nan_entries": 0,
        "ok": True,
    }


def test_a_model_without_a_tokenizer_reads_ids_from_all_over_its_vocabulary(run: Run, tmp_path: Path) -> None:
    save_variant(tmp_path / "model", "gpt2")
    report = json.loads(run("model", "--json", "--dtype", "float64", "--device", "cpu").out)
    assert (report["ok"], report["dtype"], report["prompt"]) == (True, "float64", None)
    assert (min(report["tokens"]), max(report["tokens"])) == (0, 95)
    assert len(set(report["tokens"])) == 24
    one = json.loads(run(str(tmp_path / "model" / "model.safetensors"), "--json", "--tokens", "7").out)
    assert one["ok"]


def test_a_tokenizer_of_more_tokens_than_the_model_has_is_not_asked(run: Run, tmp_path: Path) -> None:
    save_variant(tmp_path / "model", "gpt2")
    shutil.copy(ROOT / "assets" / MODEL / "tokenizer.json", tmp_path / "model")  # 8192 tokens, the model has 96
    report = json.loads(run("model", "--json", "--device", "cpu").out)
    assert (report["ok"], report["prompt"]) == (True, None)
    assert (min(report["tokens"]), max(report["tokens"])) == (0, 95)


def test_no_more_default_tokens_than_the_model_has_positions(run: Run, tmp_path: Path) -> None:
    folder = save_variant(tmp_path / "model", "mistral")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 5}))
    assert len(json.loads(run("model", "--json").out)["tokens"]) == 5


def test_a_tolerance_of_ones_own_counts(run: Run, tmp_path: Path) -> None:
    save_variant(tmp_path / "model", "gpt2")
    assert run("model", "--tolerance", "0.001").code == 0
    assert run("model", "--tolerance", "1e-12").code == 1


def test_nan_on_both_sides_is_told(run: Run, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = save_variant(tmp_path / "model", "llama") / "model.safetensors"
    tensors = load_file(weights)
    tensors["model.norm.weight"][3] = math.nan
    save_file(tensors, weights, metadata={"format": "pt"})
    outcome = run("model", "--tokens", "1,2")
    assert outcome.code == 0
    lines = {columns(line)[0].strip(): line for line in outcome.out.splitlines()[:-3] if line}
    assert lines["ln_final.hook_normalized"].endswith("ok  (NaN on both sides in 2 entries)")
    assert lines["logits"].endswith(f"ok  (NaN on both sides in {2 * 96} entries)")


# Scenes.


def test_a_scene_is_held_against_transformers_as_it_is_drawn(run: Run, tmp_path: Path) -> None:
    outcome = run(str(save(tmp_path)))
    assert (outcome.code, outcome.err) == (0, "")
    title, *rows, _, _, verdict = outcome.out.splitlines()
    assert [cell.strip() for cell in columns(title)][:3] == ["matrix", "activation", "head"]
    assert [columns(row)[0].strip() for row in rows] == list(CHECKS)
    assert verdict.startswith("✓ 5 matrices agree with transformers ")


@pytest.mark.usefixtures("wrong_theta")
def test_a_scene_that_is_wrong_ends_with_1_and_says_what_is_first(run: Run, tmp_path: Path) -> None:
    outcome = run(str(save(tmp_path)))
    assert outcome.code == 1
    assert outcome.err.count("\n") == 1
    assert outcome.err.endswith(" by more than 2e-05; the first is attn.\n")


def test_a_tolerance_of_ones_own_counts_for_a_scene(run: Run, tmp_path: Path) -> None:
    place = str(save(tmp_path))
    strict = run(place, "--tolerance", "1e-12")
    assert strict.code == 1
    assert " by more than 1e-12; " in strict.err
    assert json.loads(run(place, "--tolerance", "0.5", "--json").out)["rows"][0]["tolerance"] == 0.5


# What is refused, and what is needed.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((MODEL, "--prompt", "a", "--tokens", "1"), "both --prompt and --tokens"),
        ((MODEL, "--tokens", "1;2"), "whole numbers with commas"),
        (("attention_head", "--prompt", "a"), "is a scene"),
        ((MODEL, "--tolerance", "-1"), "'--tolerance'"),
    ],
)
def test_wrong_usage_ends_with_2(run: Run, arguments: tuple[str, ...], message: str) -> None:
    outcome = run(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in " ".join(outcome.err.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((MODEL, "--tokens", "8192"), "token 8192 is not in the vocabulary; ids go from 0 to 8191."),
        ((MODEL, "--dtype", "float16"), "dtype 'float16': unknown; float32 or float64 is needed."),
        ((MODEL, "--device", "abacus"), "device 'abacus': unknown; auto, cpu, cuda or mps is needed."),
        (("nowhere/at/all",), "nowhere/at/all"),
        (("matmul",), "has no key 'checks', which says what to hold its matrices against; add it, for example "),
    ],
)
def test_bad_input_ends_with_1_and_one_message(run: Run, arguments: tuple[str, ...], message: str) -> None:
    outcome = run(*arguments)
    assert (outcome.code, outcome.out) == (1, "")
    assert message in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.err.count("mmviz: ") == 1


def test_without_transformers_the_message_says_how_to_get_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    assert run(MODEL).err == f'mmviz: verify needs transformers: {sys.executable} -m pip install "mmviz[verify]".\n'


@pytest.mark.process
def test_the_rest_of_mmviz_does_not_need_transformers(tmp_path: Path) -> None:
    code = (
        "import sys; assert 'transformers' not in sys.modules; sys.modules['transformers'] = None; import mmviz\n"
        f"s = mmviz.Scene.load({str(save(tmp_path))!r}); s.values(); s.layout(); s.composition"
    )
    assert ran(code, folder=ROOT) == Ended(0, "", "")
