"""Another expression: what stays keeps its numbers and settings, what is new fits."""

import json
from pathlib import Path
from typing import Any

import pytest

from mmviz.errors import ExpressionError
from mmviz.pipeline import Scene
from mmviz.scene.changes.edits import edited
from mmviz.scene.document import Document, from_mapping
from mmviz.scene.mm.importer import document_from_mm

CASES = json.loads((Path(__file__).parents[1] / "mm" / "edits.json").read_text(encoding="utf-8"))["cases"]
ONE_MATRIX = {("reuse", "L @ L"): {"L": (8, 8)}}
"""Where mm makes two matrices of different shapes out of one name (oddity 17); ours is one, and square."""
# Another difference: mm keeps the epilog of a product that keeps its name, and of the root; in our expressions a
# function is written, and whoever edits them sees it.


def matrices(params: dict[str, Any]) -> dict[str, dict[str, Any]]:
    if "left" not in params:
        return {params["name"]: params}
    return matrices(params["left"]) | matrices(params["right"])


def shown(document: Document) -> dict[str, Any]:
    return document.model_dump(exclude_defaults=True)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_sources_and_shapes_are_those_of_mm_after_every_edit(case: dict[str, Any]) -> None:
    document = document_from_mm(case["steps"][0]["params"])
    for step in case["steps"][1:]:
        document = edited(document, step["expr"])
        expected = matrices(step["params"])
        shapes = {name: (m["h"], m["w"]) for name, m in expected.items()}
        assert document.expr == step["normalized"]
        assert set(document.tensors) == set(expected)
        for name, tensor in shown(document)["tensors"].items():
            source = expected[name]
            assert tensor["shape"] == (shapes | ONE_MATRIX.get((case["name"], step["expr"]), {}))[name]
            if source["init"] == "expr":
                assert tensor["formula"] == source["expr"]
            else:
                assert tensor["init"] == source["init"]
        Scene.of(document, Path()).layout()


def document(expr: str = "X = A @ B @ C", **parts: Any) -> Document:
    tensors = {
        "A": {"values": [[1, 2, 3], [4, 5, 6]]},
        "B": {"init": "gaussian", "shape": [3, 4], "seed": 7, "dropout": 0.5},
        "C": {"formula": "i - j", "shape": [4, 5]},
    }
    return from_mapping({"expr": expr, "tensors": tensors, **parts}, "scene")


def test_the_same_expression_changes_nothing() -> None:
    before = document(
        partition={"i": 2, "A @ B": {"k": 3}},
        animation={"matrices": {"left": "vvprod"}},
        layout={"matrices": {"left": {"gap": 2}}},
        captions=[{"start": "B", "text": "b"}],
        camera={"inset": "X"},
    )
    assert edited(before, before.expr) == before


def test_settings_go_with_their_matrix() -> None:
    before = document(
        partition={"j": 2, "A @ B": {"k": 3}},
        animation={"algorithm": "vvprod", "matrices": {"left": "mvprod", "X": "dotprod"}},
        layout={"gap": 2, "matrices": {"A @ B": {"gap": 3}}},
        captions=[{"start": "left.left", "text": "a"}, {"start": "A @ B", "text": "ab"}],
        camera={"inset": "left.right"},
    )
    after = edited(before, "D @ (A @ B)")
    assert after.animation.matrices == {"right": "mvprod", "": "dotprod"}
    assert (after.layout.gap, after.layout.matrices["A @ B"].gap) == (2, 3)
    assert [(caption.start, caption.text) for caption in after.captions] == [("right.left", "a"), ("A @ B", "ab")]
    assert after.camera.inset == "right.right"
    assert shown(after)["partition"] == {"j": 2, "A @ B": {"k": 3}}
    assert shown(after)["tensors"]["D"] == {"init": "row major", "shape": (32, 2)}


def test_settings_of_what_is_gone_go_away() -> None:
    before = document(
        partition={"A @ B": {"k": 3}},
        animation={"matrices": {"left": "vvprod"}},
        layout={"matrices": {"A @ B": {"gap": 3}}},
        captions=[{"start": "C", "text": "c"}, {"start": "A @ B", "text": "ab"}],
        camera={"inset": "left"},
    )
    after = edited(before, "B @ C")
    assert after == from_mapping(
        {
            "expr": "B @ C",
            "tensors": {name: shown(before)["tensors"][name] for name in ("B", "C")},
            "captions": [{"start": "C", "text": "c"}],
        },
        "scene",
    )


def test_what_has_numbers_of_its_own_keeps_its_size_and_patterns_give_way() -> None:
    after = edited(document(), "B @ A")
    assert shown(after)["tensors"]["B"]["shape"] == (3, 2)
    assert Scene.of(after, Path()).layout()["left"].shape == (3, 2)


def test_a_product_that_becomes_a_matrix_keeps_its_shape() -> None:
    after = edited(document(), "X @ D")
    assert shown(after)["tensors"] == {
        "X": {"init": "row major", "shape": (2, 5)},
        "D": {"init": "col major", "shape": (5, 32)},
    }


def test_a_vector_of_a_function_is_one_row_as_long_as_its_matrix() -> None:
    after = edited(document(), "rmsnorm(A @ B, w)")
    assert shown(after)["tensors"]["w"] == {"init": "row major", "shape": (1, 4)}


def test_a_scene_knows_the_shapes_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,2,3\n4,5,6\n")
    scene = Scene("A @ B", {"A": {"file": "a.csv"}, "B": {"init": "eye", "shape": [None, 4]}}, folder=tmp_path)
    assert scene.edited("B @ A").values()[""].shape == (3, 3)
    assert scene.edited("C @ A").values()["left"].shape == (32, 2)


def test_an_edit_that_cannot_be_read_leaves_the_scene_as_it_was() -> None:
    scene = Scene.of(document(), Path())
    with pytest.raises(ExpressionError, match="column 4: expected"):
        scene.edited("A @")
    assert scene.document == document()


def test_what_is_said_of_parts_and_slices_goes_with_them_into_another_expression() -> None:
    tensors = {name: source for name, source in shown(document())["tensors"].items() if name != "C"}
    told = {"expr": "X = concat(h = A @ B, A @ B[:, 0:2])", "tensors": tensors}
    before = from_mapping({**told, "animation": {"matrices": {"h": "vvprod", "part1": "mvprod"}}}, "scene")
    after = edited(before, "Y = stack(h = A @ B, h[0:1]) @ C[0:4]")
    assert dict(after.animation.matrices) == {"h": "vvprod"}
    assert after.tensors["C"].model_dump(exclude_defaults=True)["shape"] == (32, 32)
    Scene.of(after, Path()).layout()
    again = edited(after, "Y = sum(h = A @ B, 1) * embed(ids, E)")
    assert Scene.of(again, Path()).shapes.of["right"][1] == 32
