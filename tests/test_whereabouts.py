"""What a scene says of its model's place, and of files whose tensors can be listed, before anything is computed."""

from pathlib import Path

import numpy as np
import pytest

from mmviz.errors import SourceError
from mmviz.scene.document import from_mapping as document_of
from mmviz.values.tensors.sources import Sources
from mmviz.whereabouts import Whereabouts


class Bare(Whereabouts):
    """A document whose sources nobody opens."""

    def __init__(self, folder: Path, model: str | None) -> None:
        told = {} if model is None else {"model": {"path": model, "prompt": "a"}}
        self.document = document_of({"expr": "A", "tensors": {"A": {"init": "eye", "shape": [2, 2]}}, **told}, "scene")
        self.folder = folder

    @property
    def sources(self) -> Sources:
        raise AssertionError("nothing is opened")


def test_a_model_lies_where_its_path_leads_from_the_scene(tmp_path: Path) -> None:
    model = tmp_path / "models" / "mine"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    assert Bare(tmp_path, "models/mine").model_place() == model
    assert Bare(tmp_path, None).model_place() is None
    with pytest.raises(SourceError, match="models/other"):
        Bare(tmp_path, "models/other").model_place()


def test_files_are_known_by_what_is_in_them_and_listed_by_their_headers(tmp_path: Path) -> None:
    np.save(tmp_path / "three.npy", np.eye(3))
    (tmp_path / "note.txt").write_text("no tensors\n")
    assert Whereabouts.holds_tensors(tmp_path / "three.npy")
    assert not Whereabouts.holds_tensors(tmp_path / "note.txt")
    assert [one.shape for one in Whereabouts.tensors_in(tmp_path / "three.npy").tensors] == [(3, 3)]
