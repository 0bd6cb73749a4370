"""Numbers that are none are drawn, and told."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from mmviz.builders.opening import Reading
from mmviz.builders.scenes import head_scene
from mmviz.cli import main
from mmviz.pipeline import Scene
from tests.values.variants import save_variant

NAN, INF = float("nan"), float("inf")


def scene(**values: Any) -> Scene:
    return Scene("A @ B", {"A": {"values": values["a"]}, "B": {"values": [[1, 2], [3, 4]]}})


def test_a_matrix_of_plain_numbers_has_no_note() -> None:
    assert scene(a=[[1, 2], [3, 4]]).notes() == ()


def test_nan_and_infinities_are_counted_and_placed() -> None:
    assert scene(a=[[1, NAN], [INF, NAN]]).notes() == (
        "A: 2 of 4 numbers are NaN, the first at [0, 1].",
        "A: 1 of 4 numbers is infinite, the first at [1, 0].",
    )


def test_a_matrix_that_stands_in_two_places_is_told_once() -> None:
    twice = Scene("A @ A", {"A": {"values": [[NAN, 1], [1, 1]]}})
    assert twice.notes() == ("A: 1 of 4 numbers is NaN, the first at [0, 0].",)


def test_rows_of_which_a_mask_leaves_nothing_are_told() -> None:
    tall, wide = [[1.0, 2.0]] * 4, [[1.0] * 4, [2.0] * 4]
    both = "tril(A) + tril(B).T"
    told = "2 of 4 rows have no element that its mask allows, the first at 2; they are 0."
    assert Scene(f"y = softmax({both})", {"A": tall, "B": wide}).notes() == (f"y: {told}",)
    turned = told.replace("rows", "columns")
    assert Scene(f"y = softmax(({both}).T).T", {"A": tall, "B": wide}).notes() == ()
    assert Scene(f"y = softmax({both}).T", {"A": tall, "B": wide}).notes() == (f"y: {turned}",)
    one = Scene(f"y = softmax({both})", {"A": tall[:3], "B": [row[:3] for row in wide]})
    assert one.notes() == ("y: 1 of 3 rows has no element that its mask allows, the first at 2; it is 0.",)
    assert Scene("y = softmax(tril(A) + A)", {"A": tall}).notes() == ()


@pytest.fixture
def poisoned(tmp_path: Path) -> Path:
    """A GPT-2 with one NaN among the weights of head 0 of layer 0."""
    folder = save_variant(tmp_path / "model", "gpt2")
    weights = load_file(folder / "model.safetensors")
    weights["transformer.h.0.attn.c_attn.weight"][5, 3] = NAN
    save_file(weights, folder / "model.safetensors")
    return folder


def test_nan_in_the_weights_is_drawn_where_it_is(poisoned: Path) -> None:
    built = head_scene(Reading(str(poisoned), tokens=(1, 2, 3), device="cpu"), 0, 0)
    assert built.notes() == ("wQ: 1 of 384 numbers is NaN, the first at [5, 3].",)
    values = built.values()
    assert np.isnan(values[next(path for path, matrix in values.items() if matrix.shape == (48, 8))][5, 3])
    assert np.isnan(values[""]).any()
    other = head_scene(Reading(str(poisoned), tokens=(1, 2, 3), device="cpu"), 0, 1)
    assert other.notes() == ()
    assert all(torch.tensor(matrix).isfinite().all() for matrix in other.values().values())


@pytest.mark.slow
def test_the_commands_tell_the_notes_and_write_the_picture(
    poisoned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "x.png"
    arguments = ["head", str(poisoned), "--layer", "0", "--head", "0", "--tokens", "1,2,3", "--render", str(picture)]
    monkeypatch.setattr("sys.argv", ["mmviz", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert capsys.readouterr().err == "mmviz: note: wQ: 1 of 384 numbers is NaN, the first at [5, 3].\n"
    assert picture.stat().st_size > 1000
