"""Parameters of mm become scene documents: names, sources, settings; what is wrong in them gets one message."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.errors import MmvizError, SceneError
from mmviz.pipeline import Scene
from mmviz.scene.document import from_mapping
from mmviz.scene.mm.importer import document_from_mm, import_mm

CASES = json.loads((Path(__file__).parents[1] / "mm" / "expressions.json").read_text(encoding="utf-8"))["cases"]
READ = [case for case in CASES if "normalized" in case]
REFUSED = {"A @ B = C", "A, B"}
"""Accidents of mm's grammar that we refuse; see test_mm_grammar."""


def leaf(name: str, h: Any = 3, w: Any = 3, **more: Any) -> dict[str, Any]:
    return {"name": name, "matmul": False, "h": h, "w": w, "init": "eye", **more}


def product(left: Any, right: Any, **more: Any) -> dict[str, Any]:
    return {"matmul": True, "left": left, "right": right, **more}


def shown(params: dict[str, Any], **options: Any) -> dict[str, Any]:
    return document_from_mm(params, **options).model_dump(mode="json", exclude_defaults=True)


# Expressions.


@pytest.mark.parametrize("case", [c for c in READ if c["expr"] not in REFUSED], ids=lambda case: case["expr"])
def test_an_expression_alone_is_a_scene_of_mms_default_matrices(case: dict[str, Any]) -> None:
    scene = Scene.from_mm({"expr": case["expr"]})
    assert scene.document.expr.replace("'", "") == case["normalized"]
    assert {tensor["shape"] == [32, 32] for tensor in shown({"expr": case["expr"]})["tensors"].values()} == {True}
    assert scene.values()[""].shape == (32, 32)


@pytest.mark.parametrize("case", [c for c in READ if c["expr"] != "A @ A"], ids=lambda case: case["expr"])
def test_mms_own_tree_gives_the_same_expression(case: dict[str, Any]) -> None:
    assert shown(case["params"])["expr"].replace("'", "") == case["normalized"]


def test_a_name_that_mm_fills_in_two_ways_is_two_matrices_of_two_names() -> None:
    assert shown(product(leaf("A"), leaf("A", init="diff")))["expr"] == "A @ A_2"
    assert shown(product(leaf("A"), leaf("A")))["expr"] == "A @ A"
    assert shown({"expr": "A @ A"})["expr"] == "A @ A"
    named = product(product(leaf("A"), leaf("B"), name="X"), product(leaf("X"), leaf("C"), name="X"), name="X")
    assert shown(named)["expr"] == "X_4 = (X = A @ B) @ (X_3 = X_2 @ C)"


@pytest.mark.parametrize(
    ("name", "expr"),
    [
        ("wQ-0/2", "'wQ-0/2' @ B"),
        ("it's", "'it’s' @ B"),
        ("  A ", "A @ B"),
        ("", "L @ B"),
        ("a\nb", "'a b' @ B"),
        ("x" * 200, "x" * 100 + " @ B"),
        (None, "L @ B"),
    ],
)
def test_any_name_is_one_that_our_grammar_can_write(name: str | None, expr: str) -> None:
    assert shown(product({**leaf("A"), "name": name}, leaf("B")))["expr"] == expr


@pytest.mark.parametrize(
    ("epilog", "expr"),
    [
        ("none", "A @ B"),
        ("softmax(tril(x/sqrt(k)))", "sdpa(A @ B)"),
        ("softmax(tril(x/8))", "softmax(tril(scale(A @ B, 0.125)))"),
        ("softmax(x/sqrt(k))", "softmax(scale(A @ B))"),
        ("x/k", "scale(A @ B, 0.25)"),
        ("x/sqrt(k)", "scale(A @ B)"),
        ("x**2", "square(A @ B)"),
        (None, "A @ B"),
    ],
)
def test_an_epilog_is_a_function_of_the_product(epilog: str | None, expr: str) -> None:
    assert shown(product(leaf("A", 3, 4), leaf("B", 4, 2), epilog=epilog))["expr"] == expr
    named = product(leaf("A", 3, 4), leaf("B", 4, 2), epilog=epilog, name="X", h=9, init="rows")
    assert shown(named)["expr"] == f"X = {expr}"


# Sources.


def test_every_random_matrix_has_numbers_of_its_own() -> None:
    scene = Scene.from_mm(product(leaf("A", init="gaussian"), leaf("B", init="gaussian")))
    assert not (scene.values()["left"] == scene.values()["right"]).any()


def test_leftovers_of_other_initializers_are_left_alone() -> None:
    assert shown(product(leaf("A", min=0, max=5, dropout=0.5, expr="?", url="!"), leaf("B", init="rows", dropout=2)))[
        "tensors"
    ] == {"A": {"init": "eye", "shape": [3, 3]}, "B": {"init": "rows", "shape": [3, 3], "dropout": 1.0, "seed": 1}}


@pytest.mark.parametrize(
    ("text", "formula"),
    [("i + j", "i + j"), ('"2"', "2"), ("i, j+1", "j+1"), ("({})", "NaN"), ("", "0"), ("max(i, j)", "max(i, j)")],
)
def test_an_expression_of_numbers_is_a_formula(text: str, formula: str) -> None:
    assert shown(product(leaf("A", init="expr", expr=text), leaf("B")))["tensors"]["A"]["formula"] == formula


ADDRESS = "https://example.org/data/gpt2/a%20b.csv?raw=1"


def test_an_address_is_kept_and_its_numbers_asked_for() -> None:
    imported = import_mm(product(leaf("A", init="url", url=ADDRESS), leaf("B")))
    scene = Scene.of(imported.document, Path())
    assert scene.layout()[""].shape == (3, 3)
    assert imported.notes == (
        "the numbers of A lie at addresses, which are not fetched; name a folder with copies (--csv) or a pattern "
        "(--missing gaussian), or edit their sources",
    )
    with pytest.raises(MmvizError) as caught:
        scene.values()
    assert str(caught.value) == (
        f"scene, tensors.A: its numbers lie at {ADDRESS}, and mmviz fetches nothing by itself; name a local copy "
        "(file: NAME.csv), a part of a checkpoint (weight: or activation:), or a pattern (init: gaussian) instead of "
        "the url."
    )


def test_an_address_is_found_in_a_folder_and_its_numbers_go_round(tmp_path: Path) -> None:
    (tmp_path / "a b.csv").write_text("1,2\n3,4\n5,6\n")
    scene = Scene.from_mm(product(leaf("A", 4, 3, init="url", url=ADDRESS), leaf("B")), csv_folder=tmp_path)
    assert scene.values()["left"].tolist() == [[1, 2, 1], [3, 4, 3], [5, 6, 5], [1, 2, 1]]
    (tmp_path / "gpt2").mkdir()
    (tmp_path / "gpt2" / "a b.csv").write_text("7\n")
    scene = Scene.from_mm(product(leaf("A", 1, 3, init="url", url=ADDRESS), leaf("B")), csv_folder=tmp_path)
    assert scene.values()["left"].tolist() == [[7, 7, 7]]


def test_a_pattern_stands_in_for_an_address(tmp_path: Path) -> None:
    params = product(leaf("A", init="url", url=ADDRESS, min=0, max=2), leaf("B", init="url", url="../../etc/passwd"))
    tensors = shown(params, csv_folder=tmp_path, missing="gaussian")["tensors"]
    assert tensors["A"] == {"init": "gaussian", "shape": [3, 3], "min": 0.0, "max": 2.0, "seed": 1}
    assert tensors["B"] == {"init": "gaussian", "shape": [3, 3], "seed": 2}


def test_a_size_that_is_left_out_is_the_one_that_fits() -> None:
    assert Scene.from_mm({"left": {"h": 5}, "right": {"h": 7}}).shapes.of == {
        "": (5, 32),
        "left": (5, 7),
        "right": (7, 32),
    }


# Settings.


def test_parameters_without_settings_give_a_scene_without_them_but_for_what_mm_does_otherwise() -> None:
    assert shown({}) == {
        "expr": "L @ R",
        "tensors": {"L": {"init": "row major", "shape": [32, 32]}, "R": {"init": "col major", "shape": [32, 32]}},
        "layout": {"gap": 4.0},
        "animation": {"algorithm": "none", "speed": 20.0},
        "style": {"mm": {}},
    }


def test_algorithms_are_those_of_each_product_unless_the_root_stands_still() -> None:
    inner = product(leaf("A"), leaf("B"), name="X", anim={"alg": "mvprod"})
    rest = product(inner, product(leaf("C"), leaf("D"), anim={"alg": "inherit"}), name="Y", anim={"alg": "axpy"})
    moving = {"alg": "vmprod", "fuse": "async", "speed": 5, "spin": 2, "hide inputs": True}
    imported = import_mm(product(rest, leaf("E"), anim=moving))
    animation = imported.document.animation
    assert (animation.algorithm, animation.speed) == ("vmprod", 5)
    assert animation.fuse == "async"
    assert animation.matrices == {"X": "mvprod", "Y": "axpy"}
    assert animation.hide_inputs
    assert animation.spin == pytest.approx(np.degrees(2 / 20))  # mm: spin / 20 radians a second
    assert imported.notes == ()
    assert document_from_mm(product(rest, leaf("E"), anim={"alg": "none"})).animation.matrices == {}


def test_blocks_are_those_of_the_root_and_every_products_own_k() -> None:
    inner = product(leaf("A"), leaf("B"), block={"i blocks": 7, "j blocks": 8, "k blocks": 2})
    root = product(inner, leaf("C"), block={"i blocks": 3, "k blocks": 1, "j blocks": 2})
    assert shown(root)["partition"] == {"i": 3, "j": 2, "left": {"k": 2}}


def test_layout_is_taken_over_and_facings_of_inner_products_where_the_scheme_is_custom() -> None:
    facing = {"polarity": "positive", "left placement": "right", "result placement": "back"}
    inner = product(leaf("A"), leaf("B"), name="X", layout=facing | {"gap": 2})
    layout = {"scheme": "wheel", "gap": 0.5, "scatter": 3, "molecule": 2, "blast": -1, "right placement": "bottom"}
    assert shown(product(inner, leaf("C"), layout=layout))["layout"] == {
        "scheme": "wheel",
        "gap": 0.5,
        "scatter": 3.0,
        "molecule": 2,
        "blast": -1.0,
        "right": "bottom",
        "matrices": {"X": {"gap": 2.0}},
    }
    custom = shown(product(inner, leaf("C"), layout={"scheme": "custom"}))["layout"]
    assert custom["matrices"]["X"] == {"gap": 2.0, "polarity": "positive", "left": "right", "result": "back"}
    assert shown(product(leaf("A"), leaf("B"), layout="PRBB"))["layout"] == {
        "gap": 4.0,
        "polarity": "positive",
        "left": "right",
        "right": "bottom",
        "result": "back",
    }


def test_the_eye_stands_where_mm_has_it_and_sees_as_much() -> None:
    cam = {"x": -10, "y": 20, "z": 30, "target": {"x": 1, "z": 3}}
    scene = Scene.from_mm(product(leaf("A"), leaf("B"), cam=cam))
    for aspect, angle in ((16 / 9, 45), (0.5, 90)):
        camera = scene.composition.camera(aspect)
        assert camera.position.tolist() == [-10, 20, 30]
        assert camera.target.tolist() == [1, 0, 3]
        assert camera.view_angle == angle
    assert "camera" not in shown(product(leaf("A"), leaf("B"), cam={}))


def test_an_eye_must_look_somewhere() -> None:
    camera = {"position": [1, 2, 3], "target": [1, 2, 3]}
    with pytest.raises(SceneError) as caught:
        from_mapping({"expr": "A", "tensors": {"A": {"init": "eye"}}, "camera": camera}, "scene")
    assert str(caught.value) == "scene, camera: position and target must differ."
    assert "camera" not in shown(product(leaf("A"), leaf("B"), cam={"x": 0, "y": 0, "z": 0}))


def test_decorations_and_colours_are_taken_over() -> None:
    deco = {"legends": 0, "shape": True, "row guides": 0, "flow guides": 0.5, "axes": True}
    viz = {"sensitivity": "superlocal", "min size": 0.1, "max light": 7, "elem scale": 2, "hue gap": 0.5}
    imported = import_mm(product(leaf("A"), leaf("B"), deco=deco, viz=viz))
    assert imported.document.model_dump(exclude_defaults=True)["style"] == {
        "mm": {"sensitivity": "superlocal", "min_size": 0.1, "max_light": 1.0, "elem_scale": 2.0, "hue_gap": 0.5},
        "names": False,
        "sizes": False,
        "guides": False,
    }
    assert imported.notes == ("'axes': is left out",)


# What is wrong.


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"left": 5}, "left: must be a mapping, got 5."),
        ({"left": product(leaf("A"), None)}, "left.right: is missing."),
        ({"left": leaf("A", h=0)}, "left.h: must be a whole number of 1 or more, got 0."),
        ({"left": leaf("A", w=2.5)}, "left.w: must be a whole number of 1 or more, got 2.5."),
        ({"left": leaf("A", w="wide")}, 'left.w: must be a number, got "wide".'),
        ({"left": leaf("A", w=True)}, "left.w: must be a number, got true."),
        ({"left": leaf("A", init=3)}, "left.init: must be text, got 3."),
        ({"left": {"name": ["A"]}}, "left.name: must be text, got [\"A\"]."),
        (
            {"left": leaf("A", init="zeros")},
            "A: left.init must be one of rows, cols, row major, col major, uniform, gaussian, pt linear, eye, diff, "
            "tril mask, triu mask, expr, url; got 'zeros'.",
        ),
        ({"left": leaf("A"), "epilog": "sofmax"}, "epilog: must be one of none, relu"),
        ({"left": leaf("A"), "anim": 3}, "anim: must be a mapping, got 3."),
        ({"left": leaf("A"), "anim": {"alg": "slow"}}, "anim.alg: must be one of inherit, none, vmprod"),
        ({"left": leaf("A"), "layout": {"gap": -1}}, "layout.gap: must be 0 or more, got -1."),
        ({"left": leaf("A"), "cam": {"x": "left"}}, 'cam.x: must be a number, got "left".'),
    ],
)  # fmt: skip
def test_a_wrong_value_gets_one_message_with_its_place(params: dict[str, Any], message: str) -> None:
    with pytest.raises(SceneError) as caught:
        document_from_mm(params)
    assert str(caught.value).startswith(f"mm parameters, {message}")


@pytest.mark.parametrize("expr", ["fetch(i)", "i +* j", "alert('hello')"])
def test_an_expression_that_is_no_arithmetic_gives_zeros_as_in_mm_and_a_note(expr: str) -> None:
    imported = import_mm(product(leaf("A"), leaf("B", init="expr", expr=expr)))
    assert imported.document.model_dump()["tensors"]["B"]["formula"] == "0"
    assert "what B would be computed from is no arithmetic; as in mm they are zeros" in imported.notes


def test_shapes_that_do_not_fit_are_refused_where_mm_only_logs_them() -> None:
    with pytest.raises(MmvizError, match="A is 3x4, B is 5x2; A needs as many columns as B has rows"):
        Scene.from_mm(product(leaf("A", 3, 4), leaf("B", 5, 2))).values()


def test_an_endless_tree_is_refused() -> None:
    params: dict[str, Any] = product(leaf("A"), leaf("B"))
    for _ in range(300):
        params = product(params, leaf("B"))
    with pytest.raises(SceneError, match="nested more than 100 deep"):
        document_from_mm(params)


def test_a_stand_in_must_be_known() -> None:
    with pytest.raises(SceneError, match=r'^missing: must be one of rows, cols.*; got "nulls".$'):
        document_from_mm({}, missing="nulls")


ANY = st.none() | st.booleans() | st.integers(-3, 3) | st.text("aB1.'@ ", max_size=4) | st.floats(width=16)
KEYS = st.sampled_from(
    ["name", "left", "right", "matmul", "h", "w", "init", "expr", "anim", "layout", "cam", "x", "alg"]
)


@given(st.recursive(ANY, lambda inner: st.dictionaries(KEYS, inner, max_size=5), max_leaves=20))
def test_any_parameters_give_a_scene_or_one_message(params: Any) -> None:
    try:
        document = document_from_mm(params)
    except MmvizError:
        return
    content = document.model_dump(mode="json", exclude_defaults=True)
    assert from_mapping(content, "scene") == document
