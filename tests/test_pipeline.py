"""The public names: a scene as numbers, layout, frames, pictures and films, from Python."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from av.video.reformatter import ColorRange
from numpy.typing import NDArray
from PIL import Image

import mmviz
from mmviz import MmvizError, Scene
from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.errors import OutputError, SceneError, ShapeError

ROOT = Path(mmviz.__file__).resolve().parents[1]
MODEL = "smollm2-135m-2layers"
SMALL = {"A": {"init": "gaussian", "shape": [4, 3], "seed": 1}, "B": {"init": "gaussian", "shape": [3, 2], "seed": 2}}


@pytest.fixture
def small() -> Scene:
    return Scene(expr="out = relu(A @ B)", tensors=SMALL, animation={"algorithm": "vvprod", "speed": 4, "hold": 0.5})


def head(size: int = 6) -> Scene:
    q, k, v, w = mmviz.names("Q K V wO")
    return Scene(
        expr=(mmviz.sdpa(q @ k.T) @ v @ w).named("out"),
        tensors={name: {"init": "gaussian", "shape": [size, 4], "seed": n} for n, name in enumerate("QKV")}
        | {"wO": {"init": "gaussian", "shape": [4, 5]}},
    )


# Numbers, layout, time.


def test_operators_build_the_same_scene_as_text() -> None:
    assert head().document.expr == "out = sdpa(Q @ K.T) @ V @ wO"
    x, w1, w2 = mmviz.names("x w1 w2")
    tensors = {name: {"init": "eye", "shape": [2, 2]} for name in ("x", "w1", "w2")}
    scene = Scene(x + mmviz.scale(mmviz.gelu(x @ w1) @ w2, 0.5) - x.T, tensors)
    assert scene.document.expr == "x + scale(gelu(x @ w1) @ w2, 0.5) - x.T"
    assert scene.document == Scene(scene.document.expr, tensors).document


def test_values_are_float32_arrays_by_path() -> None:
    scene = head()
    values = scene.values()
    assert set(values) == {"", "right", "left", "left.right", "left.left", "left.left.left", "left.left.right"}
    assert {matrix.dtype for matrix in values.values()} == {np.dtype(np.float32)}
    q, k, v = (
        torch.tensor(values[path])[None].double() for path in ("left.left.left", "left.left.right", "left.right")
    )
    attended = torch.nn.functional.scaled_dot_product_attention(q, k.mT, v, is_causal=True)[0]
    np.testing.assert_allclose(values["left"], attended, rtol=1e-6, atol=1e-6)


def test_what_was_computed_once_is_kept() -> None:
    scene = head()
    assert scene.values()[""] is scene.values()[""]
    assert scene.timeline() is scene.timeline()


def test_layout_gives_every_matrix_a_place(small: Scene) -> None:
    layout = small.layout()
    assert set(layout) == set(small.values())
    for path, matrix in small.values().items():
        assert layout[path].shape == matrix.shape
        corner, right, below = (layout[path].element(*at) for at in ((0, 0), (0, 1), (1, 0)))
        assert corner.shape == (3,)
        np.testing.assert_allclose([np.linalg.norm(right - corner), np.linalg.norm(below - corner)], 1.0)


def test_a_frame_says_what_is_there_at_any_time(small: Scene) -> None:
    timeline, values = small.timeline(), small.values()
    assert timeline.steps == 3
    left, right = values["left"].astype(float), values["right"].astype(float)
    for t in (1, 1.5):
        frame = timeline.frame(t)
        assert set(frame) == {"", "left", "right"}
        for path, matrix in values.items():
            assert frame[path].visible.shape == frame[path].highlighted.shape == matrix.shape
        np.testing.assert_array_equal(frame["left"].highlighted, np.array([[False, True, False]] * 4))
        np.testing.assert_array_equal(frame["right"].highlighted, np.array([[False] * 2, [True] * 2, [False] * 2]))
        np.testing.assert_allclose(frame[""].values, np.maximum(left[:, :2] @ right[:2], 0), rtol=1e-6)
        (plane,) = frame.planes
        assert (plane.owner, plane.shape) == ("", (4, 2))
        assert plane.element(3, 1).shape == (3,)
        np.testing.assert_allclose(plane.values, np.outer(left[:, 1], right[1]), rtol=1e-6)
    last = timeline.frame(timeline.steps)
    assert last.planes == ()
    for path, matrix in values.items():
        assert last[path].visible.all()
        np.testing.assert_array_equal(last[path].values, matrix)


def test_a_time_outside_the_animation_is_refused(small: Scene) -> None:
    for t in (-0.1, 3.1, float("nan")):
        with pytest.raises(MmvizError):
            small.timeline().frame(t)


# What a prompt of Python says.


@pytest.mark.parametrize(
    ("expr", "tensors", "said"),
    [
        ("out = relu(A @ B)", SMALL, 'Scene("out = relu(A @ B)", A 4x3, B 3x2, out 4x2)'),
        ("A @ B", SMALL, 'Scene("A @ B", A 4x3, B 3x2, A @ B 4x2)'),
        ("A", {"A": SMALL["A"]}, 'Scene("A", A 4x3)'),
        ("A @ A", {"A": SMALL["A"]}, 'Scene("A @ A")'),  # they do not fit
        ("A", {"A": {"file": "not there.npy"}}, 'Scene("A")'),
        (
            " + ".join(f"a{n}" for n in range(40)),
            {f"a{n}": {"init": "eye", "shape": [2, 2]} for n in range(40)},
            'Scene("a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + ...", a0 2x2, a1 2x2, a2 2x2, a3 2x2, '
            "..., result 2x2)",
        ),
    ],
)
def test_a_scene_tells_its_expression_and_shapes(expr: str, tensors: dict[str, Any], said: str) -> None:
    scene = Scene(expr, tensors)
    assert repr(scene) == said
    assert "evaluated" not in vars(scene)


def test_a_scene_of_a_model_tells_its_shapes_once_they_are_known() -> None:
    scene = Scene.load("attention_head")
    assert repr(scene).count("x") == repr(scene.document.expr[:56]).count("x")  # no model is opened for it
    _ = scene.shapes
    assert "wQ 576x64" in repr(scene)


# Scenes in files.


def test_scenes_are_saved_from_a_loop(tmp_path: Path) -> None:
    for rank in (1, 2, 3):
        scene = Scene(
            expr="x @ (down @ up)",
            tensors={
                "x": {"init": "gaussian", "shape": [6, 8]},
                "down": {"init": "uniform", "shape": [8, rank]},
                "up": {"formula": "sin(i + j)", "shape": [rank, 8]},
            },
            title=f"Rank {rank}",
        )
        scene.save(tmp_path / f"rank{rank}.yaml")
    for rank in (1, 2, 3):
        loaded = Scene.load(tmp_path / f"rank{rank}.yaml")
        assert loaded.document.title == f"Rank {rank}"
        assert np.linalg.matrix_rank(loaded.values()["right"].astype(float), tol=1e-4) == min(rank, 2)


@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".json"])
def test_a_saved_scene_is_equal(small: Scene, tmp_path: Path, suffix: str) -> None:
    small.save(tmp_path / f"x{suffix}")
    loaded = Scene.load(str(tmp_path / f"x{suffix}"))
    assert loaded.document == small.document
    np.testing.assert_array_equal(loaded.values()[""], small.values()[""])
    assert [path.name for path in tmp_path.iterdir()] == [f"x{suffix}"]


@pytest.mark.parametrize("name", ["x", "x.txt", "no/x.yaml", "folder.yaml"])
def test_a_scene_is_not_saved_where_it_cannot_be(small: Scene, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(OutputError, match=name):
        small.save(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.yaml"]


def test_a_scene_that_fails_to_be_written_leaves_the_old_one(
    small: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.yaml").write_text("old")

    def fail(document: Any, path: Path) -> None:
        path.write_text("half")
        raise SceneError("the disk is full.")

    monkeypatch.setattr("mmviz.scene.document.save", fail)
    with pytest.raises(SceneError):
        small.save(tmp_path / "x.yaml")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x.yaml", "old")]


def test_relative_paths_lead_to_the_same_files_from_another_folder(tmp_path: Path) -> None:
    here, there = tmp_path / "here" / "deep", tmp_path / "there"
    here.mkdir(parents=True)
    there.mkdir()
    np.save(tmp_path / "a.npy", np.arange(6.0).reshape(2, 3))
    np.save(here / "b.npy", np.ones((3, 4)))
    tensors = {"A": {"file": "../../a.npy"}, "B": {"file": "b.npy"}, "C": {"file": str(here / "b.npy")}}
    scene = Scene(expr="A @ B + A @ C", tensors=tensors, folder=here)
    scene.save(there / "x.yaml")
    moved = Scene.load(there / "x.yaml")
    files = {name: source.file for name, source in moved.document.tensors.items()}  # type: ignore[union-attr]
    assert files == {"A": "../a.npy", "B": "../here/deep/b.npy", "C": str(here / "b.npy")}
    np.testing.assert_array_equal(moved.values()[""], scene.values()[""])
    moved.save(here / "x.yaml")
    again = Scene.load(here / "x.yaml")
    assert again.document == scene.document


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_paths_are_kept_valid_through_linked_folders(tmp_path: Path) -> None:
    (tmp_path / "real" / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real" / "deep")
    np.save(tmp_path / "a.npy", np.eye(2))
    scene = Scene(expr="A", tensors={"A": {"file": "a.npy"}}, folder=tmp_path)
    scene.save(tmp_path / "link" / "x.yaml")
    np.testing.assert_array_equal(Scene.load(tmp_path / "link" / "x.yaml").values()[""], np.eye(2))


def test_a_path_that_leads_nowhere_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    scene = Scene(expr="A", tensors={"A": {"file": "later.npy"}}, folder=tmp_path)
    scene.save(tmp_path / "there" / "x.yaml")
    assert Scene.load(tmp_path / "there" / "x.yaml").document == scene.document


@pytest.mark.parametrize("kind", ["shipped name", "relative", "absolute"])
def test_a_head_finds_its_model_from_every_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.chdir(ROOT)
    model = {"shipped name": MODEL, "relative": f"assets/{MODEL}", "absolute": str(ROOT / "assets" / MODEL)}[kind]
    scene = head_scene(Reading(model, "a b c d"), 1, 2)
    scene.save(tmp_path / "x.yaml")
    monkeypatch.chdir(tmp_path)
    loaded = Scene.load("x.yaml")
    assert loaded.document.title == f"{MODEL}: layer 1, head 2"
    np.testing.assert_array_equal(loaded.values()[""], head_scene(Reading(MODEL, "a b c d"), 1, 2).values()[""])


def test_messages_name_the_scene(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match=r"^scene, tensors: B of expr has no source; "):
        Scene(expr="A @ B", tensors={"A": SMALL["A"]})
    scene = Scene(expr="B @ A", tensors=SMALL)
    with pytest.raises(ShapeError) as caught:
        scene.values()
    assert str(caught.value) == "scene: B @ A: B is 3x2, A is 4x3; B needs as many columns as A has rows."


def test_every_error_is_of_one_family() -> None:
    from mmviz import errors

    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert len(kinds) > 5
    assert all(issubclass(kind, MmvizError) for kind in kinds)


# Pictures and films.


def picture(path: Path) -> NDArray[np.int64]:
    """(height, width, 3)."""
    with Image.open(path) as image:
        return np.asarray(image, np.int64)


def decode(path: Path) -> Iterator[NDArray[np.int64]]:
    """Frames as a player shows them that goes by the film's own colour tags."""
    with av.open(str(path)) as film:
        space, span = film.streams.video[0].codec_context.colorspace, ColorRange.MPEG
        for frame in film.decode(video=0):
            pixels = frame.to_ndarray(format="rgb24", src_colorspace=space, src_color_range=span)
            yield np.asarray(pixels, np.int64)


@pytest.mark.slow
def test_a_film_is_the_pictures_one_after_the_other(small: Scene, tmp_path: Path, canvases_kept: None) -> None:
    done: list[int] = []
    path = tmp_path / "x.mp4"
    small.movie(path, width=160, height=90, fps=8, progress=done.append)
    times = small.times(8)
    assert len(times) == 3 / 4 * 8 + 1 + 0.5 * 8
    assert done == list(range(1, len(times) + 1))
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        assert (stream.width, stream.height, stream.pix_fmt) == (160, 90, "yuv420p")
        assert stream.average_rate == 8
    frames = list(decode(path))
    assert len(frames) == len(times)
    for step, frame in ((0.0, frames[0]), (None, frames[-1])):
        small.screenshot(tmp_path / "x.png", step, width=160, height=90)
        expected = picture(tmp_path / "x.png")
        assert np.abs(frame - expected).mean() < 6  # colours have half the resolution in a film
        assert np.abs(frame - frames[-1 if step == 0 else 0]).mean() > np.abs(frame - expected).mean()


def test_the_times_of_a_film_run_evenly_and_rest_at_the_end(small: Scene) -> None:
    times = small.times(10)
    np.testing.assert_allclose(times[:8], np.arange(8) * 4 / 10)
    np.testing.assert_array_equal(times[8:], 3.0)
    assert len(times) == 8 + 1 + 5
    still = Scene("A", {"A": SMALL["A"]}, animation={"hold": 0})
    assert still.times(1)[-1] == still.timeline().steps


def test_the_scene_says_how_large_a_picture_is(tmp_path: Path, canvases_kept: None) -> None:
    scene = Scene("A", {"A": SMALL["A"]}, export={"width": 34, "height": 20, "fps": 5})
    scene.screenshot(str(tmp_path / "x.png"))
    scene.screenshot(tmp_path / "y.png", width=50)
    assert [picture(tmp_path / f"{name}.png").shape for name in "xy"] == [(20, 34, 3), (20, 50, 3)]
    options = scene.check_movie(tmp_path / "x.mp4", height=22)
    assert (options.width, options.height, options.fps) == (34, 22, 5)


@pytest.mark.slow
def test_two_pictures_of_one_moment_are_equal(small: Scene, tmp_path: Path) -> None:
    for name in ("x.png", "y.png"):
        small.screenshot(tmp_path / name, 1.5, width=64, height=48)
    assert (tmp_path / "x.png").read_bytes() == (tmp_path / "y.png").read_bytes()
