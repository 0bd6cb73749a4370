"""Attention block by block in any scene: what waits for it, strange numbers, and what cannot go so."""

import re
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from mmviz import Scene
from mmviz.errors import SceneError
from mmviz.scene.keys.options import Fuse
from tests.picture.test_blockwise import close, planes
from tests.picture.test_timeline import assert_same

LAYER = "(z = (attn = sdpa((Q = x @ wQ) @ (K = x @ wK).T)) @ (V = x @ wV)) @ wO"
CUTS = {"z": {"i": 3, "k": 3}}


def layer(expr: str, **parts: Any) -> Scene:
    shapes = {"x": (6, 5), "wQ": (5, 2), "wK": (5, 2), "wV": (5, 3), "wO": (3, 4), "U": (6, 4), "w": (4, 4)}
    used = {name: shape for name, shape in shapes.items() if name in re.findall(r"\w+", expr)}
    tensors = {name: {"init": "gaussian", "shape": shape, "seed": n} for n, (name, shape) in enumerate(used.items())}
    return Scene(expr, tensors, **{"partition": CUTS, **parts})


@pytest.mark.parametrize("fuse", get_args(Fuse))
@pytest.mark.parametrize("sums", ["together", "running"])
def test_what_it_is_made_of_is_there_before_and_what_uses_it_again_comes_after(fuse: str, sums: str) -> None:
    text = f"{LAYER} + attn @ U + (p = relu(attn) @ U) @ w"
    matrices = {"z": "blockwise", "p": "none"}
    timeline = layer(text, animation={"matrices": matrices, "fuse": fuse, "sums": sums}).timeline()
    runs = {timeline.products[path].name: run for path, run in timeline.schedule.runs.items()}
    run = runs["z"]
    assert run.steps == sum(2 * keys + 1 for keys in (1, 2, 3))
    scores = timeline.schedule.scores[next(path for path, node in timeline.products.items() if node.name == "z")]
    assert timeline.schedule.begins[scores] == run.start
    assert timeline.schedule.ready[scores] == run.end
    frame = timeline.frame(run.start)
    for path, node in timeline.products.items():
        if node.name in ("Q", "K.T", "V"):
            assert runs[node.name].end <= run.start
            assert runs[node.name].algorithm == "vmprod"  # that of the scene
            assert frame[path].visible.all()
        elif node.name not in ("z", "attn"):
            assert node.name == "p" or runs[node.name].start >= run.end, node.name
            assert not timeline.frame(run.end - 1)[path].visible.any()
    plain = layer(text).timeline()
    assert_same(timeline.frame(timeline.steps), plain.frame(plain.steps))


@pytest.mark.parametrize("fuse", get_args(Fuse))
@pytest.mark.parametrize("sums", ["together", "running"])
def test_what_uses_the_scores_again_beside_it_comes_after_it_too(fuse: str, sums: str) -> None:
    """Where it is no later term of a sum, for that would wait anyway."""
    animation = {"matrices": {"z": "blockwise"}, "fuse": fuse, "sums": sums}
    text = f"({LAYER}) * (u = attn @ U) * (t = (p = relu(attn) * relu(attn)) @ U) * (g = tanh(p) @ U)"
    text += " * ((h = U @ U.T @ attn) @ U) + U"
    timeline = layer(text, animation=animation).timeline()
    runs = {timeline.products[path].name: run for path, run in timeline.schedule.runs.items()}
    assert min(runs[name].start for name in "utgh") >= runs["z"].end


def test_a_sum_of_it_appears_when_it_is_finished() -> None:
    text = "(z = sdpa((Q = x @ wQ) @ (K = x @ wK).T) @ U) + U"
    timeline = layer(text, animation={"matrices": {"z": "blockwise"}}).timeline()
    end = timeline.schedule.runs["left"].end
    assert timeline.steps == end
    assert not timeline.frame(end - 0.5)[""].visible.any()
    assert timeline.frame(end)[""].visible.all()


def test_a_mask_of_what_is_below_the_diagonal_leaves_no_block_out() -> None:
    shapes = {"Q": (6, 2), "K": (6, 2), "V": (6, 3)}
    tensors = {name: {"init": "gaussian", "shape": shape} for name, shape in shapes.items()}
    text = "z = softmax(tril((Q @ K.T).T).T) @ V"
    made = Scene(text, tensors, partition=CUTS, animation={"matrices": {"z": "blockwise"}})
    assert made.timeline().steps == 3 * (2 * 3 + 1)
    assert made.evaluated.masked["left"][5, 0]


STRANGE: dict[str, tuple[str, Any, float]] = {
    "all scores of a row are -inf": ("Q", (2, slice(None)), -np.inf),
    "a score is inf": ("Q", (2, 0), np.inf),
    "a score is NaN": ("K", (1, 1), np.nan),
    "a value is inf": ("V", (0, 0), np.inf),
    "a value is -inf": ("V", (3, 1), -np.inf),
    "a value is NaN": ("V", (2, 2), np.nan),
    "scores are too large for float32": ("Q", (slice(None), slice(None)), 1e30),
    "scores are very negative": ("Q", (slice(None), 0), -1e30),
    "values are as large as they can be": ("V", (slice(None), slice(None)), 3e38),
}


@pytest.mark.parametrize("case", STRANGE)
@pytest.mark.parametrize("pattern", ["sdpa(Q @ K.T)", "softmax(Q @ K.T)"])
def test_what_is_infinite_or_no_number_is_shown_without_a_warning(tmp_path: Path, case: str, pattern: str) -> None:
    chance = np.random.default_rng(3)
    name, place, strange = STRANGE[case]
    arrays = {name: np.abs(chance.normal(size=(4, 3))) * 1e10 ** (name == "K") for name in "QKV"}
    arrays[name][place] = strange
    for letter, array in arrays.items():
        np.save(tmp_path / f"{letter}.npy", array.astype(np.float32))
    sources = {letter: {"file": str(tmp_path / f"{letter}.npy")} for letter in "QKV"}
    parts: dict[str, Any] = {"partition": {"z": {"i": 2, "k": 2}}}
    ends = []
    for own in ("blockwise", "vmprod"):
        scene = Scene(f"z = (attn = {pattern}) @ V", sources, animation={"matrices": {"z": own}}, **parts)
        composition = scene.composition
        camera = composition.camera(1.5)
        for t in range(2 * composition.timeline.steps + 1):
            composition.at(t / 2, camera)
        ends.append(composition.timeline.frame(composition.timeline.steps))
    assert_same(*ends)


def test_a_row_without_any_finite_score_has_no_weights_and_is_no_number_once_it_is_divided(tmp_path: Path) -> None:
    np.save(tmp_path / "Q.npy", np.array([[-np.inf], [1.0]], np.float32))
    tensors = {"Q": {"file": str(tmp_path / "Q.npy")}, "K": {"values": [[1.0], [2.0]]}, "V": {"values": [[3.0], [5.0]]}}
    animation = {"matrices": {"z": "blockwise"}}
    timeline = Scene("z = softmax(Q @ K.T) @ V", tensors, animation=animation).timeline()
    add, divide = timeline.frame(1), timeline.frame(2)
    weight = np.exp(-1.0)
    close(planes(add)["maximum"].values, [[-np.inf], [2.0]])
    close(planes(add)["total"].values, [[0.0], [1 + weight]])
    close(add["left"].values, [[0.0, 0.0], [weight, 1.0]])
    close(add[""].values, [[0.0], [3 * weight + 5]])
    assert np.isnan(divide["left"].values[0]).all()
    close(divide[""].values[1], (3 * weight + 5) / (1 + weight))


WHERE = "scene, animation.matrices"
ONLY = "softmax(Q @ K.T) @ V or sdpa(Q @ K.T) @ V"
REFUSALS: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "a product without a softmax": (
        "Q @ K.T",
        {"Q @ K.T": "blockwise"},
        {},
        f"{WHERE}.Q @ K.T: blockwise is for the product of attention weights and values, {ONLY}; Q @ K.T is none.",
    ),
    "the weights themselves": (
        "z = (attn = softmax(Q @ K.T)) @ V",
        {"attn": "blockwise"},
        {},
        f"{WHERE}.attn: blockwise is for the product of attention weights and values, {ONLY}; attn is none.",
    ),
    "a softmax that is not the last function": (
        "z = relu(softmax(Q @ K.T)) @ V",
        {"z": "blockwise"},
        {},
        f"{WHERE}.z: blockwise is for the product of attention weights and values, {ONLY}; z is none.",
    ),
    "a softmax of columns": (
        "z = softmax(K @ Q.T).T @ V",
        {"z": "blockwise"},
        {},
        f"{WHERE}.z: blockwise is for the product of attention weights and values, {ONLY}; z is none.",
    ),
    "a sum": (
        "z = softmax(Q @ K.T) + U",
        {"z": "blockwise"},
        {},
        f"{WHERE}.z: blockwise is for the product of attention weights and values, {ONLY}; z is none.",
    ),
    "weights that are used again inside": (
        "z = (attn = softmax(Q @ K.T)) @ (attn @ V)",
        {"z": "blockwise"},
        {},
        f"{WHERE}.z: blockwise computes attn and z together; z uses it twice.",
    ),
    "columns that are cut": (
        "z = softmax(Q @ K.T) @ V",
        {"z": "blockwise"},
        {"j": 2},
        "scene, animation: the root goes blockwise, over blocks of queries (i) and of keys (k), and its partition cuts "
        "the columns (j) into 2 as well; leave j whole.",
    ),
    "too many blocks": (
        "z = softmax(X @ Y.T) @ W",
        {"z": "blockwise"},
        {"i": 300, "k": 300},
        "scene, animation: the root is cut into 300 x 300 blocks; at most 65,536 can go blockwise. Cut it into fewer.",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_go_blockwise_is_refused_before_any_number_is_computed(case: str) -> None:
    expr, matrices, cuts, message = REFUSALS[case]
    shapes = {"Q": (4, 2), "K": (4, 2), "V": (4, 3), "U": (4, 4), "X": (300, 2), "Y": (300, 2), "W": (300, 3)}
    tensors = {name: {"init": "gaussian", "shape": shape} for name, shape in shapes.items() if name in expr}
    for method in ("check_film", "timeline"):
        scene = Scene(expr, tensors, animation={"matrices": matrices}, partition=cuts)
        with pytest.raises(SceneError) as caught:
            getattr(scene, method)()
        assert str(caught.value) == message
        assert "evaluated" not in vars(scene)


def test_not_all_of_a_scene_can_go_blockwise() -> None:
    with pytest.raises(SceneError, match=r'^scene, animation\.algorithm: must be .*, got "blockwise"\.$'):
        layer(LAYER, animation={"algorithm": "blockwise"})
