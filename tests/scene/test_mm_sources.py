"""mm's initializers as sources of scenes: what JavaScript makes of an expression, and where copies of addresses lie."""

from pathlib import Path
from typing import Any, get_args

import pytest

from mmviz.errors import SceneError
from mmviz.scene.document import from_mapping
from mmviz.scene.keys.sources import RANDOM, SCALED, MmInitializer
from mmviz.scene.mm.sources import find_copy, needs_seed, read_source, unread_formula
from mmviz.scene.mm.tree import MmMatrix


def matrix(init: str, **more: Any) -> MmMatrix:
    return MmMatrix("left", "A", 3, 3, init, **more)


def source(init: str, folder: Path | None = None, missing: str | None = None, **more: Any) -> dict[str, Any]:
    found = read_source(matrix(init, **more), folder, missing)
    full = {**found, **({"shape": [3, 3]} if not {"file"} & found.keys() else {})}
    if needs_seed(found):
        full["seed"] = 1
    from_mapping({"version": 1, "expr": "A", "tensors": {"A": full}}, "s")  # a scene takes it
    return found


@pytest.mark.parametrize("init", get_args(MmInitializer))
def test_every_initializer_keeps_what_counts_for_it_and_no_more(init: str) -> None:
    bounds = {"min": -2.0, "max": 3.0} if init in SCALED else {}
    assert source(init, min=-2.0, max=3.0) == {"init": init, **bounds}
    dropped = {"dropout": 0.5} if init in SCALED or init in RANDOM else {}
    assert source(init, min=-2.0, max=3.0, dropout=0.5) == {"init": init, **bounds, **dropped}
    assert needs_seed(source(init)) == (init in RANDOM)
    assert needs_seed(source(init, dropout=0.5)) == (init in RANDOM or bool(dropped))


@pytest.mark.parametrize(("dropout", "found"), [(-1.0, None), (0.0, None), (0.25, 0.25), (7.0, 1.0)])
def test_no_more_is_dropped_than_all(dropout: float, found: float | None) -> None:
    assert source("uniform", dropout=dropout).get("dropout") == found


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("i + j", "i + j"),
        ("  i  ", "i"),
        ("", "0"),
        ("[]", "0"),
        ("null", "0"),
        ("({})", "NaN"),
        ("undefined", "NaN"),
        ("'3'", "3"),
        ('" 4 "', "4"),
        ("``", "0"),
        ("i, j", "j"),
        ("i, j, i * j", "i * j"),
        ("(i, j)", "0"),
        ("pow(i, 2)", "pow(i, 2)"),
        ("j, pow(i, 2)", "pow(i, 2)"),
        ("alert(1), i", "0"),
    ],
)
def test_a_formula_is_what_javascript_makes_of_it(text: str, formula: str) -> None:
    assert source("expr", expr=text) == {"formula": formula}


@pytest.mark.parametrize(
    ("init", "text", "unread"),
    [("expr", "i", False), ("expr", "alert(1)", True), ("expr", "", False), ("eye", "alert(1)", False)],
)
def test_what_is_no_arithmetic_is_told_apart(init: str, text: str, unread: bool) -> None:
    assert unread_formula(matrix(init, expr=text)) is unread


def test_an_unknown_initializer_is_told_with_those_that_are_known() -> None:
    with pytest.raises(SceneError) as caught:
        source("sparkle")
    known = ", ".join([*get_args(MmInitializer), "expr", "url"])
    assert str(caught.value) == f"mm parameters, A: left.init must be one of {known}; got 'sparkle'."


def test_an_address_is_its_copy_or_a_pattern_or_itself(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text("1")
    for folder in (None, tmp_path):
        assert source("url", folder, url=" http://a.example/x.csv ") == {"url": "http://a.example/x.csv"}
        assert source("url", folder, "gaussian", url="http://a.example/x.csv", min=0.5) == {"init": "gaussian"} | (
            {"min": 0.5, "max": 1.0} if "gaussian" in SCALED else {}
        )
    assert source("url", tmp_path, "gaussian", url="http://a.example/data/m.csv") == {
        "file": (tmp_path / "m.csv").as_posix()
    }


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://a.example/deep/er/m.csv", "deep/er/m.csv"),
        ("https://a.example/er/m.csv?x=1#y", "er/m.csv"),
        ("https://a.example/other/m.csv", "m.csv"),
        ("/deep/er/m.csv", "deep/er/m.csv"),
        ("er/../../../m.csv", "er/m.csv"),  # what leads out is left out
        ("https://a.example/a%20b.csv", "a b.csv"),
        ("https://a.example/none.csv", None),
        ("https://a.example/er", None),  # a folder
        ("https://a.example/", None),
        ("", None),
        ("http://[", None),
        ("a\0b", None),
        ("x" * 300, None),
    ],
)
def test_the_copy_with_the_longest_end_of_the_path_is_taken(tmp_path: Path, address: str, found: str | None) -> None:
    for name in ("deep/er/m.csv", "er/m.csv", "m.csv", "a b.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert find_copy(address, tmp_path) == (None if found is None else tmp_path / found)
