"""What has to be read below a deep layer is told before it starts, and an input in its place leaves it unread."""

import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from mmviz import Scene
from mmviz.builders.deep import compute_below, with_input
from mmviz.builders.opening import Reading, opened
from mmviz.builders.scenes import head_scene
from mmviz.cli import models
from mmviz.errors import SourceError
from mmviz.values.tensors.below import Below, below
from tests.values.kinds.cases import SIZES
from tests.values.sparse_checkpoint import save_sparse
from tests.values.variants import save_variant

TOKENS = (3, 1, 4, 1, 5, 9)
ATTENTION, MLP = 4 * 48 * 48, 3 * 48 * 80
LAYER = 4 * (ATTENTION + MLP + 2 * 48)
"""Bytes of a layer of the smallest Llama, in float32."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_variant(tmp_path_factory.mktemp("models") / "m", "llama")


def head(place: Path, layer: int, given: str | None = None) -> Scene:
    return head_scene(Reading(str(place), tokens=TOKENS, device="cpu"), layer, 1, given=given)


def under(scene: Scene, least: int) -> Below | None:
    return below(scene.document.tensors.values(), scene.sources, least)


def test_how_much_is_read_below_a_layer_is_told_where_it_is_much(place: Path) -> None:
    assert head(place, 2).read_first() is None
    assert under(head(place, 2), 2 * LAYER + 1) is None
    assert str(under(head(place, 2), 2 * LAYER)) == (
        f"layer 2 needs what all 2 layers below it compute: {2 * LAYER / 1e6:.1f} MB are read first"
    )
    assert str(under(head(place, 1), 1)) == (
        f"layer 1 needs what the layer below it computes: {LAYER / 1e6:.1f} MB are read first"
    )
    assert under(head(place, 0), 1) is under(head(place, 2, "random"), 1) is None
    assert under(Scene("A @ B", {"A": [[1]], "B": [[2]]}), 1) is None


def test_nothing_is_said_of_what_is_in_memory(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mmviz.values.tensors.below.below", partial(below, least=1))
    scene = head(place, 2)
    assert getattr(scene.read_first(), "in_short", "") == f"2 layers, {2 * LAYER / 1e6:.1f} MB"
    scene.values()
    assert scene.read_first() is None
    other = scene.another(head=2)
    assert other.sources is not scene.sources
    assert other.read_first() is None, "its layer reads what that of the first head has read"


@pytest.mark.skipif(sys.platform == "win32", reason="files with holes take their room there")
def test_a_head_of_a_checkpoint_of_141_gigabytes_is_planned_from_headers_alone(tmp_path: Path) -> None:
    assert save_sparse(tmp_path / "large") == 141_107_412_992
    scene = head(tmp_path / "large", 70)
    assert scene.shapes.of["left.left.left.left"] == (6, 8192)
    assert str(scene.read_first()) == "layer 70 needs what all 70 layers below it compute: 119.8 GB are read first"
    assert scene.sources.model.checkpoint.bytes_read == 0


def test_the_input_that_the_model_computes_gives_what_the_model_computes(place: Path, tmp_path: Path) -> None:
    own = head(place, 2)
    np.save(tmp_path / "x.npy", own.sources.model.activation(TOKENS, "blocks.2.ln1.hook_normalized").numpy())
    given = head(place, 2, str(tmp_path / "x.npy"))
    for path, numbers in own.values().items():
        np.testing.assert_array_equal(given.values()[path], numbers)
    assert (given.document.checks, given.document.made_by) == ({}, None)
    assert given.document.title == "m: layer 2, head 1, of x.npy as input"


def test_of_a_head_with_an_input_nothing_but_its_own_weights_is_read(place: Path) -> None:
    given = head(place, 2, "random")
    given.values()
    model = given.sources.model
    assert model.checkpoint.bytes_read == 4 * 4 * 48 * model.config.d_head
    numbers = given.sources.tensors(dict(given.sources.shapes()))["input"]  # type: ignore[arg-type]
    assert numbers.shape == (6, SIZES["hidden_size"])
    assert abs(float(numbers.std()) - 1) < 0.2


def test_an_input_of_another_shape_or_with_a_badge_is_refused(place: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((5, 48), np.float32))
    with pytest.raises(SourceError) as caught:
        head(place, 2, str(tmp_path / "x.npy"))
    assert str(caught.value) == (
        f"{tmp_path / 'x.npy'}: is 5x48; 6x48 is needed, a row for each token and a column for each number of the "
        "residual stream."
    )
    with pytest.raises(SourceError) as caught:
        head_scene(Reading(str(place), tokens=TOKENS), 2, 1, given="random", badge=True)
    assert str(caught.value) == (
        f"{place}: computes nothing of a given input by itself, so that there is nothing to hold against transformers; "
        "leave the badge or the input out."
    )


def test_a_scene_with_an_input_from_a_file_is_saved_and_read_again(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", np.ones((6, 48), np.float32))
    made = with_input(head(place, 1), "x.npy", opened(Reading(str(place), tokens=TOKENS), 1))
    (tmp_path / "scenes").mkdir()
    made.save("scenes/s.yaml")
    again = Scene.load("scenes/s.yaml")
    np.testing.assert_array_equal(again.values()[""], made.values()[""])


def test_after_every_layer_it_is_told_how_much_has_been_read(place: Path) -> None:
    scene, read = head(place, 2), list[int]()
    compute_below(scene, read.append)
    assert LAYER < read[0] < 1.3 * LAYER  # with rows of the embedding, and the head's own weights
    assert read[1:] == [read[0] + LAYER]
    scene.forget()
    scene.values()
    assert len(read) == 2


def test_the_command_tells_it_before_it_computes(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mmviz.values.tensors.below.below", partial(below, least=1))
    said: list[str] = []
    monkeypatch.setattr(Scene, "make", lambda *_: said.append(capsys.readouterr().err))
    models.head(str(place), 2, 1, tokens="1,2,3", picture=Path("x.png"))
    assert said == [
        f"mmviz: note: layer 2 needs what all 2 layers below it compute: {2 * LAYER / 1e6:.1f} MB are read first; "
        "--input random draws the head without them.\n"
    ]
