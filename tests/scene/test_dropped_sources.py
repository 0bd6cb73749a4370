"""A matrix that goes out of an expression and comes back has the numbers that it had."""

from pathlib import Path

import numpy as np
import pytest

from mmviz import Scene

RNG = np.random.default_rng(1)
X, W, V = RNG.standard_normal((4, 3)), RNG.standard_normal((3, 5)), RNG.standard_normal((5, 2))


def scene() -> Scene:
    return Scene("out = x @ w @ v", {"x": X, "w": W, "v": V}, rank={"v": 1})


def test_a_matrix_that_comes_back_has_its_own_numbers_and_rank() -> None:
    before = scene()
    without = before.edited("out = x @ w")
    assert set(without.document.tensors) == {"x", "w"}
    again = without.edited("out = x @ w @ v")
    assert again.document == before.document
    np.testing.assert_array_equal(again.values()[""], before.values()[""])


def test_it_comes_back_after_other_edits_and_changes_too() -> None:
    other = scene().edited("out = x @ w").changed(title="t").edited("out = relu(x @ w)").edited("out = relu(x @ w) @ v")
    assert other.document.tensors["v"] == scene().document.tensors["v"]


def test_it_comes_back_in_another_place_if_it_fits_there() -> None:
    after = scene().edited("out = x").edited("out = v.T @ w.T")
    assert after.document.tensors["v"] == scene().document.tensors["v"]
    assert after.document.tensors["w"] == scene().document.tensors["w"]


def test_what_does_not_fit_where_it_comes_back_is_a_pattern_as_what_is_new() -> None:
    after = scene().edited("out = x @ w").edited("out = v @ x @ w")
    assert after.document.tensors["v"].model_dump(exclude_defaults=True) == {"init": "row major", "shape": (32, 4)}
    assert after.layout()[""].shape == (32, 5)


def test_a_pattern_comes_back_as_it_was_in_the_size_that_fits_now() -> None:
    noise = {"init": "gaussian", "shape": [3, 4], "seed": 7}
    before = Scene("A @ B", {"A": X, "B": noise})
    after = before.edited("A").edited("B @ A")
    assert after.document.tensors["B"].model_dump(exclude_defaults=True) == {
        "init": "gaussian",
        "shape": (3, 4),
        "seed": 7,
    }


def test_weights_of_a_model_come_back_but_not_to_another_model() -> None:
    head = Scene.load("attention_head")
    without = head.edited("out = input @ wQ")
    assert "wK" not in without.document.tensors
    again = without.edited("out = (input @ wQ) @ (input @ wK).T")
    assert again.document.tensors["wK"] == head.document.tensors["wK"]
    other = without.edited("A").changed(model={"path": "another", "tokens": [1]})
    pattern = other.edited("A @ wK").document.tensors["wK"]
    assert pattern.model_dump(exclude_defaults=True) == {"init": "col major", "shape": (32, 32)}


def test_what_was_dropped_is_not_written_into_the_file(tmp_path: Path) -> None:
    scene().edited("out = x @ w").save(tmp_path / "scene.yaml")
    loaded = Scene.load(tmp_path / "scene.yaml")
    assert set(loaded.document.tensors) == {"x", "w"}
    assert "init" in loaded.edited("out = x @ w @ v").document.tensors["v"].model_dump()


def test_a_scene_remembers_no_more_than_a_hundred_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmviz.pipeline.MOST_GONE", 1)
    after = scene().edited("out = x @ w").edited("out = x").edited("out = x @ w @ v")
    assert after.document.tensors["w"] == scene().document.tensors["w"]
    assert "init" in after.document.tensors["v"].model_dump()
