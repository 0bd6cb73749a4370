"""Layers that are kept until the others are done: what goes on, what is refused, and what was damaged."""

import json
from pathlib import Path

import numpy as np
import pytest

from mmviz.errors import OutputError
from mmviz.spectra.finished_layers import FinishedLayers
from mmviz.values.model.head_spectra import HeadSpectra, LayerSpectra

WORK = {"version": 1, "wanted": {"heads": [0, 1], "layers": [0]}, "files": [], "config": {"n": 1}}


def layer(seed: int) -> LayerSpectra:
    numbers = np.random.default_rng(seed)
    return {
        name: HeadSpectra(numbers.random((3, 4)), numbers.random(3), numbers.random(3), numbers.integers(0, 9, (3, 2)))
        for name in ("q", "ov")
    }


def test_a_layer_that_is_kept_is_read_as_it_was_and_no_other(tmp_path: Path) -> None:
    kept = FinishedLayers(tmp_path)
    kept.begin(WORK, anew=False)
    kept.keep(3, layer(1))
    there = FinishedLayers(tmp_path)
    there.begin(WORK, anew=False)
    found = there.load(3)
    assert found is not None
    assert list(found) == ["q", "ov"]
    for name, spectra in layer(1).items():
        for field in ("values", "rms", "noise", "odd"):
            np.testing.assert_array_equal(getattr(found[name], field), getattr(spectra, field))
    assert there.load(2) is None
    there.remove()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [0, 7, 100])
def test_a_layer_that_was_damaged_is_not_there(tmp_path: Path, size: int) -> None:
    kept = FinishedLayers(tmp_path)
    kept.begin(WORK, anew=False)
    kept.keep(0, layer(1))
    (path,) = kept.folder.glob("layer_*")
    path.write_bytes(path.read_bytes()[:size])
    assert kept.load(0) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"wanted": {"heads": [0], "layers": [0]}}, "other heads"),
        ({"wanted": {"heads": [0], "layers": [1]}}, "other heads, layers"),
        ({"files": [1]}, "other files of weights"),
        ({"config": {}, "version": 2}, "other configuration, version of mmviz"),
        ({"wanted": {"heads": [0], "layers": [0]}, "files": [1]}, "other options, files of weights"),
        ({"more": 1}, "another kind of work"),
    ],
)
def test_other_work_is_refused_with_what_is_other_and_stays(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    kept = FinishedLayers(tmp_path)
    kept.begin({**WORK, **change}, anew=False)
    kept.keep(0, layer(1))
    with pytest.raises(OutputError) as refused:
        kept.begin(WORK, anew=False)
    assert str(refused.value) == (
        f"{tmp_path / '.partial'}: holds parts of other work ({words}); "
        "finish that, choose another folder, or start anew with --force."
    )
    assert kept.load(0) is not None
    kept.begin(WORK, anew=True)
    assert kept.load(0) is None


@pytest.mark.parametrize("identity", ["", "[]", "{", None])
def test_parts_of_which_nobody_knows_whose_they_are_are_refused_but_an_empty_folder_is_used(
    tmp_path: Path, identity: str | None
) -> None:
    kept = FinishedLayers(tmp_path)
    kept.folder.mkdir()
    if identity is not None:
        (kept.folder / "run.json").write_text(identity)
    kept.begin(WORK, anew=False)
    assert json.loads((kept.folder / "run.json").read_text()) == WORK
    kept.keep(0, layer(1))
    (kept.folder / "run.json").write_text(identity or "")
    with pytest.raises(OutputError, match=r"\.partial: holds parts of unknown work; remove the folder, or give"):
        kept.begin(WORK, anew=False)
