"""Everything public has an example in its docstring, and every example says what comes out."""

import doctest
import inspect
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mmviz
from mmviz import Scene
from mmviz.picture.space.placement import Placement
from mmviz.picture.time.timeline import Timeline

PUBLIC: dict[str, Any] = {name: getattr(mmviz, name) for name in mmviz.__all__}
WITHOUT = {"MmvizError", "make", "make_film", "check_order"}
"""An error, which nobody calls; and what the window calls with an order that films, pictures and meshes share."""
METHODS = {
    f"Scene.{name}": inspect.getattr_static(Scene, name)
    for name in dir(Scene)
    if not name.startswith("_") and callable(getattr(Scene, name))
}
OTHERS: dict[str, Any] = {"Timeline.frame": Timeline.frame, "Placement.element": Placement.element}
EXAMPLES = {name: one for name, one in (PUBLIC | METHODS | OTHERS).items() if name.rpartition(".")[2] not in WITHOUT}


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What examples may use: the scene of the example of Scene itself, in a folder where they may write."""
    monkeypatch.chdir(tmp_path)
    scene = Scene("out = relu(A @ B)", {"A": [[1, -2], [3, 0]], "B": {"init": "eye", "shape": [2, 3]}})
    return {"mmviz": mmviz, "np": np, "scene": scene}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of_a_public_name_is_true(name: str, names: dict[str, Any]) -> None:
    function = getattr(EXAMPLES[name], "__func__", EXAMPLES[name])
    test = doctest.DocTestParser().get_doctest(inspect.getdoc(function) or "", names, name, None, 0)
    assert test.examples, "an example is needed in its docstring"
    said = io.StringIO()
    assert doctest.DocTestRunner(verbose=False).run(test, out=said.write).failed == 0, said.getvalue()


def test_the_names_are_those_of_the_package() -> None:
    assert {"Scene", "names", "softmax"} < set(EXAMPLES)
    assert {"Scene.load", "Scene.changed", "Scene.movie", "Scene.values"} < set(EXAMPLES)
