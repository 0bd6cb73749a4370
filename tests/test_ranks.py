"""Weights by singular values, cut to a lower rank, and with an adapter: what scenes and `mmviz head` make of them."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mmviz.errors import SceneError, SourceError
from mmviz.pipeline import Scene
from mmviz.values.arithmetic.decomposition import decompose
from mmviz.values.tensors import sources
from tests.low_rank import MODEL, TOKENS, WEIGHT, of_rank, off
from tests.values.tiny_adapters import save_adapter
from tests.values.variants import save_variant


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("llama"), "llama grouped, wide heads")


@pytest.fixture(scope="module")
def w_q() -> np.ndarray:
    """(576, 64), of layer 1, head 2."""
    scene = Scene("w", {"w": WEIGHT}, model=MODEL)
    return scene.values()[""].astype(float)


def factors(source: dict[str, Any], rank: int | None) -> dict[str, Any]:
    size = {} if rank is None else {"rank": rank}
    return {part: {**source, "svd": {"part": part, **size}} for part in ("U", "S", "Vt")}


def decomposed(rank: int | None = 8, **parts: Any) -> Scene:
    return Scene("w = U @ (S @ Vt)", factors(WEIGHT, rank), model=MODEL, **parts)


# Factors as sources.


@pytest.mark.parametrize("rank", [1, 8, 64, None])
def test_the_product_of_the_factors_is_the_nearest_matrix_of_that_rank(rank: int | None, w_q: np.ndarray) -> None:
    assert off(decomposed(rank).values()[""].astype(float), of_rank(w_q, rank or 64)) < 1e-6


def test_every_source_of_numbers_can_be_taken_apart(tmp_path: Path) -> None:
    matrix = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)
    np.save(tmp_path / "m.npy", matrix)
    kinds: list[dict[str, Any]] = [
        {"values": matrix.tolist()},
        {"file": "m.npy"},
        {"init": "gaussian", "shape": [6, 4], "seed": 3},
        {"formula": "sin(i * j + 1)", "shape": [6, 4]},
        {"activation": "blocks.0.attn.hook_q", "head": 1},
    ]
    for source in kinds:
        model = MODEL if "activation" in source else None
        whole = Scene("m", {"m": source}, model=model, folder=tmp_path).values()[""]
        scene = Scene("U @ (S @ Vt)", factors(source, 2), model=model, folder=tmp_path)
        assert off(scene.values()[""].astype(float), of_rank(whole, 2)) < 1e-6
        assert scene.shapes.of["left"] == (len(whole), 2)


def test_a_matrix_is_taken_apart_once_for_all_of_its_factors(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, ...]] = []

    def counted(matrix: Any) -> Any:
        seen.append(tuple(matrix.shape))
        return decompose(matrix)

    monkeypatch.setattr(sources, "decompose", counted)
    decomposed().values()
    assert seen == [(576, 64)]


def test_sides_of_factors_are_named_by_what_they_count() -> None:
    axes = decomposed().shapes.axes
    assert (axes["left"], axes["right.left"], axes["right.right"]) == (
        ("d_model", "rank"),
        ("rank", "rank"),
        ("rank", "d_head"),
    )


def test_the_animation_adds_the_matrix_up_rank_by_rank(w_q: np.ndarray) -> None:
    scene = decomposed(animation={"algorithm": "vvprod", "matrices": {"right": "none"}})
    timeline = scene.timeline()
    assert timeline.steps == 8
    for step in range(9):  # in step n, the one from n to n + 1, the rank n + 1 is added
        shown = timeline.frame(step)[""].values.astype(float)
        assert off(shown, of_rank(w_q, min(step + 1, 8))) < 1e-6


def test_a_scene_with_factors_ranks_and_an_adapter_is_written_and_read_again(llama: Path, tmp_path: Path) -> None:
    save_adapter(tmp_path / "adapter")
    model = {"path": str(llama), "adapter": "adapter", "tokens": TOKENS}
    scene = Scene(
        "(base + (B @ A).T) @ (U @ (S @ Vt)).T",
        {**factors({"weight": "blocks.0.attn.W_K", "head": 1}, 3)}
        | {part: {"weight": "blocks.1.attn.W_Q", "head": 2, "lora": part} for part in ("base", "A", "B")},
        model=model,
        rank={"base": 5},
        folder=tmp_path,
    )
    (tmp_path / "deep").mkdir()
    scene.save(tmp_path / "deep" / "scene.yaml")
    loaded = Scene.load(tmp_path / "deep" / "scene.yaml")
    assert loaded.document.model is not None
    assert loaded.document.model.adapter == "../adapter"
    assert (loaded.document.tensors, loaded.document.rank) == (scene.document.tensors, scene.document.rank)


# The option rank.


def scene_of_rank(rank: dict[str, int], **parts: Any) -> Scene:
    tensors = {"x": {"init": "gaussian", "shape": [5, 576], "seed": 1}, "w": WEIGHT}
    return Scene("out = x @ w", tensors, model=MODEL, rank=rank, **parts)


def test_everything_is_computed_with_the_nearest_matrix_of_the_rank(w_q: np.ndarray) -> None:
    scene = scene_of_rank({"w": 5})
    x, low = scene.values()["left"].astype(float), of_rank(w_q, 5)
    assert off(scene.values()["right"].astype(float), low) < 1e-6
    assert off(scene.values()[""].astype(float), x @ low) < 1e-5
    assert (scene_of_rank({"w": 64}).values()["right"] == w_q.astype(np.float32)).all()


def test_a_picture_says_which_matrices_are_cut_down() -> None:
    assert scene_of_rank({"w": 5, "x": 2}, title="T").composition.subtitle == "rank: w 5, x 2   ·   out = x @ w"
    assert scene_of_rank({}, title="T").composition.subtitle == "out = x @ w"


def test_what_was_computed_at_another_rank_is_not_used_again() -> None:
    first = scene_of_rank({"w": 5})
    before = first.values()[""].copy()
    assert off(first.changed(rank={"w": 6}).values()[""].astype(float), before.astype(float)) > 1e-3
    assert first.edited("x @ w").document.rank == {"w": 5}
    assert first.edited("x @ y").document.rank == {}


NO_INPUT = "expr has no input of that name, and only inputs have a rank of their own; it has w, x."


@pytest.mark.parametrize(
    ("rank", "said"),
    [
        ({"y": 3}, f"scene, rank.y: {NO_INPUT}"),
        ({"out": 3}, f"scene, rank.out: {NO_INPUT}"),
        ({"w": 0}, "scene, rank.w: must be 1 or more, got 0."),
        ({"w": 65}, "scene, rank.w: the matrix is 576x64; a rank from 1 to 64 is needed, got 65."),
    ],
)
def test_ranks_that_there_are_not_are_refused(rank: dict[str, int], said: str) -> None:
    with pytest.raises(SceneError, match=f"^{re.escape(said)}$"):
        _ = scene_of_rank(rank).shapes


@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        (
            {**WEIGHT, "svd": {"part": "U", "rank": 65}},
            "scene, tensors.m: the matrix is 576x64 and has 64 singular values; svd.rank must be from 1 to 64, got 65.",
        ),
        (
            {"init": "gaussian", "svd": {"part": "U"}},
            "scene, tensors.m: its svd needs to know both sides of the matrix; give shape: [rows, columns].",
        ),
        (
            {"values": [[1.0, float("nan")], [2.0, 3.0]], "svd": {"part": "U"}},
            "scene, tensors.m: 1 of its elements is NaN or infinite; singular values need finite numbers.",
        ),
        (
            {**WEIGHT, "lora": "A"},
            "{model}, blocks.1.attn.W_Q: the model has no adapter, so that there is no part lora of it.",
        ),
    ],
)
def test_factors_that_there_are_not_are_refused(tensor: dict[str, Any], said: str) -> None:
    with pytest.raises(SourceError) as caught:
        Scene("m", {"m": tensor}, model=MODEL).values()
    assert str(caught.value).endswith(said.removeprefix("{model}"))


def test_a_check_cannot_hold_a_factor_against_the_model() -> None:
    check = {"activation": "blocks.1.attn.hook_q", "head": 2, "svd": {"part": "U"}}
    with pytest.raises(SceneError, match="a matrix is held against a whole activation; leave svd out"):
        scene_of_rank({}, checks={"out": check})
