"""`mmviz verify`, the checks of a scene, and the badge that is made of them."""

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import mmviz
from mmviz import MmvizError, Scene, cli
from mmviz.values import llama
from mmviz.values.blocks import rotary_angles
from tests.values.variants import load_reference, save_variant

ROOT = Path(mmviz.__file__).resolve().parents[1]
MODEL = "smollm2-135m-2layers"
AT = "blocks.1.attn."
HEAD: dict[str, Any] = {
    "expr": "out = (attn = sdpa((Q = rope(x @ wQ, 100000)) @ (K = rope(x @ wK, 100000)).T)) @ (V = x @ wV) @ wO",
    "model": {"path": MODEL, "tokens": (504, 338, 253, 504, 338, 28), "device": "cpu"},
    "tensors": {
        "x": {"activation": "blocks.1.ln1.hook_normalized"},
        **{f"w{kind}": {"weight": f"{AT}W_{kind}", "head": 2} for kind in "QKVO"},
    },
}
CHECKS = {
    "attn": {"activation": f"{AT}hook_pattern", "head": 2},
    "Q": {"activation": f"{AT}hook_rot_q", "head": 2},
    "K": {"activation": f"{AT}hook_rot_k", "head": 2},
    "V": {"activation": f"{AT}hook_v", "head": 2},
    "out": {"activation": f"{AT}hook_result", "head": 2},
}


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
    monkeypatch.setattr(llama, "rotary_angles", lambda n, d, theta, *rest: rotary_angles(n, d, theta / 2, *rest))


def scene(**parts: Any) -> Scene:
    content = {**HEAD, "checks": CHECKS, **parts}
    return Scene(content.pop("expr"), content.pop("tensors"), **content)


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
    (folder / "config.json").write_text(json.dumps(config | {"sliding_window": 5}))
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((MODEL, "--prompt", "a", "--tokens", "1"), "both --prompt and --tokens"),
        ((MODEL, "--tokens", "1;2"), "whole numbers with commas"),
        (("attention_head", "--prompt", "a"), "is a scene"),
        ((MODEL, "--tolerance", "-1"), "greater than or equal to 0"),
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
    assert run(MODEL).err == "mmviz: verify needs transformers: pip install 'mmviz[verify]'.\n"


def test_the_rest_of_mmviz_does_not_need_transformers(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['transformers'] = None; import mmviz\n"
        f"s = mmviz.Scene.load({str(save(tmp_path))!r}); s.values(); s.layout(); s.composition"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)


def save(folder: Path, **parts: Any) -> Path:
    path = folder / "head.yaml"
    scene(**parts).save(path)
    return path


# Scenes.


def test_a_scene_is_held_against_transformers_as_it_is_drawn(run: Run, tmp_path: Path) -> None:
    outcome = run(str(save(tmp_path)))
    assert (outcome.code, outcome.err) == (0, "")
    title, *rows, _, _, verdict = outcome.out.splitlines()
    assert [cell.strip() for cell in columns(title)][:3] == ["matrix", "activation", "head"]
    assert [columns(row)[0].strip() for row in rows] == list(CHECKS)
    assert verdict.startswith("✓ 5 matrices agree with transformers ")


def test_the_certificate_says_how_far_what_is_drawn_is_from_transformers() -> None:
    """Worked out again from transformers' own output, without hooks."""
    ours = scene(checks={"attn": CHECKS["attn"]})
    model = load_reference(ROOT / "assets" / MODEL)
    with torch.inference_mode():
        said = model(torch.tensor([ours.sources.token_ids]), output_attentions=True)
    expected = np.abs(ours.values()["left.left"] - said.attentions[1][0, 2].numpy()).max()
    found = ours.certificate
    assert found.difference == pytest.approx(expected, rel=1e-6)
    assert 0 < found.difference < 1e-5
    assert (found.dtype, found.device, found.worst, found.holds) == ("float32", "cpu", "attn", True)
    assert found.reference.startswith("transformers ")


def test_a_matrix_that_is_drawn_transposed_is_held_against_the_transpose() -> None:
    assert scene().shapes.of["left.left.right"] == (64, 6)
    for key in ("K", "K.T", "left.left.right"):
        assert scene(checks={key: CHECKS["K"]}).certificate.holds
    turned = scene(expr=f"({HEAD['expr']}).T")
    assert turned.shapes.of[""] == (576, 6)
    assert turned.certificate.holds


def test_a_product_with_a_transpose_is_no_transpose() -> None:
    scores = {"activation": f"{AT}hook_attn_scores", "head": 2}
    of_queries_and_keys = {
        "expr": "tril(scale(Q @ K.T))",
        "tensors": {kind: {"activation": f"{AT}hook_rot_{kind.lower()}", "head": 2} for kind in "QK"},
    }
    found = scene(**of_queries_and_keys, checks={"": scores}).certificate  # masked scores are -inf in transformers
    assert found.holds
    assert 0 < found.difference < 1e-4
    turned = {**of_queries_and_keys, "expr": "tril(scale(Q @ K.T)).T"}
    assert scene(**turned, checks={"": scores}).certificate.holds


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


def test_a_scene_with_a_wrong_head_is_found_out() -> None:
    wrong = scene(checks={"Q": {**CHECKS["Q"], "head": 3}}).certificate
    assert not wrong.holds
    assert wrong.difference > 0.1


def test_the_certificate_tells_the_largest_difference_and_the_matrix_with_the_largest_share() -> None:
    tensors: dict[str, Any] = {
        "attn": {"activation": f"{AT}hook_pattern", "head": 2},
        "x": {"activation": "blocks.1.hook_resid_pre"},
    }
    wrong = {"attn": {**tensors["attn"], "head": 1}, "x": {"activation": "blocks.1.hook_resid_mid"}}
    found = Scene("attn @ x", tensors, model=HEAD["model"], checks=wrong).certificate
    attn, x = found.matrices
    assert (attn.matrix, x.matrix) == ("attn", "x")
    assert attn.relative > x.relative
    assert attn.largest < 1 < x.largest
    assert (found.difference, found.worst) == (x.largest, "attn")


# The badge.


def badge(of: Scene) -> str:
    camera = of.composition.camera(16 / 9)
    return next((caption.text for caption in of.composition.at(0.0, camera).captions if caption.key == "badge"), "")


def test_the_badge_says_how_far_a_picture_can_be_trusted() -> None:
    right = scene(style={"badge": True})
    assert badge(right) == f"✓ max |Δ| {right.certificate.difference:.2g} from transformers · float32 · cpu"
    assert right.certificate.difference < 1e-4
    assert badge(scene()) == ""
    wrong = scene(style={"badge": True}, checks={"attn": CHECKS["attn"], "Q": {**CHECKS["Q"], "head": 3}})
    assert badge(wrong).startswith("✗ max |Δ| ")
    assert " from transformers in Q · float32 · cpu" in badge(wrong)


# The key `checks`.


def refusal(**parts: Any) -> str:
    with pytest.raises(MmvizError) as caught:
        _ = scene(**parts).shapes
    return str(caught.value)


def test_checks_are_kept_when_a_scene_is_saved(tmp_path: Path) -> None:
    path = save(tmp_path, style={"badge": True})
    assert Scene.load(path).document.checks == scene().document.checks
    assert Scene.load(path).document.style.badge


@pytest.mark.parametrize(
    ("expr", "kept"),
    [
        (HEAD["expr"], set(CHECKS)),
        ("attn = sdpa((Q = rope(x @ wQ, 100000)) @ (K = rope(x @ wK, 100000)).T)", {"attn", "Q", "K"}),
        (
            "sdpa((Q = rope(x @ wQ, 100000)) @ rope(x @ wK, 100000).T) @ (y = x @ wV)",
            {"Q", "left", "left.right", "right"},
        ),
        ("(attn = sdpa((Q = rope(x @ wQ, 500)) @ (K = rope(x @ wK, 100000)).T)) @ (V = x @ wV)", {"K", "V"}),
        ("out = x @ wQ", set()),
    ],
)
def test_of_an_edited_scene_the_matrices_that_are_computed_as_before_are_checked(expr: str, kept: set[str]) -> None:
    edited = scene(style={"badge": True}).edited(expr)
    assert set(edited.document.checks) == kept
    assert edited.document.style.badge == bool(kept)
    assert not kept or edited.certificate.holds


def test_checks_that_cannot_be_made_are_refused_before_weights_are_read() -> None:
    assert refusal(checks={"attention": CHECKS["attn"]}) == (
        "scene, checks.attention: no matrix is named 'attention'; the matrices are x, wQ, Q, wK.T, x.T, K.T, attn, "
        "wV, V, attn @ V, wO, out."
    )
    assert refusal(checks={"attn": {"activation": f"{AT}hook_pattern"}}) == (
        f"scene, checks.attn: {AT}hook_pattern is 9x6x6, one matrix for each head; give a head."
    )
    assert refusal(checks={"attn": CHECKS["Q"]}) == (
        f"scene, checks.attn: the matrix is 6x6, {AT}hook_rot_q is 6x64; an activation of the same shape is needed."
    )
    assert ", blocks.7.attn.hook_pattern: the model has 2 layers, 0 to 1; got layer 7." in refusal(
        checks={"attn": {"activation": "blocks.7.attn.hook_pattern", "head": 2}}
    )
    assert ", blocks.1.attn.hook_patern: unknown activation; close names: " in refusal(
        checks={"attn": {"activation": "blocks.1.attn.hook_patern", "head": 2}}
    )
    assert "scene, checks.attn: unknown key 'weight'; known keys: activation, head." in refusal(
        checks={"attn": {"weight": "blocks.1.attn.W_Q"}}
    )


def test_checks_and_badges_say_what_else_they_need() -> None:
    plain: dict[str, Any] = {"expr": "A @ B", "tensors": {"A": {"init": "eye"}, "B": {"init": "eye", "shape": [4, 4]}}}
    with pytest.raises(MmvizError) as caught:
        Scene(**plain, checks={"A": CHECKS["Q"]})
    assert str(caught.value) == (
        "scene, checks.A: is held against a model, but the scene has no key 'model'; "
        "add it, for example model: {path: smollm2-135m-2layers}."
    )
    with pytest.raises(MmvizError) as caught:
        Scene(**plain, model={"path": MODEL}, checks={"A": CHECKS["Q"]})
    assert str(caught.value) == (
        "scene, model: checks.A is an activation, which needs a prompt (or tokens), and there is none."
    )
    with pytest.raises(MmvizError) as caught:
        Scene(**plain, style={"badge": True})
    assert str(caught.value) == (
        "scene, style.badge: says how far matrices are from transformers, but the scene has no key 'checks', which "
        "says what to hold them against; add it, for example "
        "checks: {attn: {activation: blocks.1.attn.hook_pattern, head: 2}}."
    )
