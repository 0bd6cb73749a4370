"""The checks of a scene against transformers, the certificate that they give, and the badge that is made of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import mmviz
from mmviz import MmvizError, Scene
from tests.checked_head import AT, CHECKS, HEAD, MODEL, save, scene
from tests.values.variants import load_reference

ROOT = Path(mmviz.__file__).resolve().parents[1]


# The certificate.


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
    assert "scene, checks.attn: unknown key 'weight'; known keys: activation, head, svd." in refusal(
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
