"""Parameters of mm as a tree: mm's defaults where it says nothing, and one message for each value that cannot be."""

from typing import Any

import pytest

from mmviz.errors import ExpressionError, SceneError
from mmviz.scene.language.expression import MAX_DEPTH
from mmviz.scene.mm.tree import (
    MmMatrix,
    MmProduct,
    place,
    products,
    read_choice,
    read_number,
    read_text,
    read_tree,
)

LEAF: dict[str, Any] = {"name": "A", "matmul": False}


def product(**more: Any) -> dict[str, Any]:
    return {"left": {"name": "A"}, "right": {"name": "B"}, **more}


def refusal(params: dict[str, Any]) -> str:
    with pytest.raises((SceneError, ExpressionError)) as caught:
        read_tree(params)
    return str(caught.value)


def test_nothing_at_all_is_mms_own_first_product() -> None:
    left = MmMatrix("left", "L", None, None, "row major")
    right = MmMatrix("right", "R", None, None, "col major")
    for params in ({}, {"expr": None}, {"left": None, "right": None}, {"expr": "L @ R"}):
        assert read_tree(params) == MmProduct("", None, left, right)


def test_a_side_that_a_link_leaves_out_is_added_at_the_root_alone() -> None:
    found = read_tree({"left": {"name": "A"}})
    assert found.right == MmMatrix("right", "R", None, None, "col major")
    assert refusal({"left": {"matmul": True, "left": LEAF}, "right": LEAF}) == "mm parameters, left.right: is missing."


def test_a_matrix_has_mms_defaults_where_it_says_nothing() -> None:
    inner = {"matmul": True, "left": {}, "right": {}}
    found = read_tree({"left": inner, "right": inner})
    assert isinstance(found.left, MmProduct)
    assert isinstance(found.right, MmProduct)
    names = [side.name for side in (found.left.left, found.left.right, found.right.left, found.right.right)]
    assert names == ["LL", "LR", "RL", "RR"]
    assert found.left.left == MmMatrix("left.left", "LL", None, None, "row major", "", "", -1.0, 1.0, 0.0)
    assert found.right.right == MmMatrix("right.right", "RR", None, None, "col major", "", "", -1.0, 1.0, 0.0)


def test_a_matrix_says_what_it_says_numbers_in_quotes_too() -> None:
    said = {"name": " X ", "h": "3", "w": 4.0, "init": "expr", "url": "u", "expr": "i", "min": "-2", "max": 5,
            "dropout": 0.5}  # fmt: skip
    assert read_tree({"left": said, "right": {}}).left == MmMatrix("left", "X", 3, 4, "expr", "u", "i", -2.0, 5.0, 0.5)
    nothing = dict.fromkeys(said)
    assert read_tree({"left": nothing, "right": {}}).left == MmMatrix("left", "L", None, None, "row major")


@pytest.mark.parametrize(
    ("params", "is_product"),
    [
        ({"matmul": True, "left": LEAF, "right": LEAF}, True),
        ({"left": LEAF, "right": LEAF}, True),
        ({"matmul": None, "left": LEAF, "right": LEAF}, True),
        ({"matmul": False, "left": LEAF, "right": LEAF}, False),
        ({"left": LEAF}, False),
        ({"left": LEAF, "right": None}, False),
        ({"matmul": 1, "left": LEAF, "right": LEAF}, True),
    ],
)
def test_what_is_a_product(params: dict[str, Any], is_product: bool) -> None:
    found = read_tree({"left": params, "right": LEAF}).left
    assert isinstance(found, MmProduct) is is_product


@pytest.mark.parametrize(
    ("name", "found"), [(None, None), ("", None), ("  ", None), ("A @ B", None), (" out ", "out"), ("A@B", "A@B")]
)
def test_a_product_has_a_name_of_its_own_or_none(name: str | None, found: str | None) -> None:
    assert read_tree(product(name=name)).name == found


def test_the_default_name_is_made_of_the_names_that_are_shown() -> None:
    named = {"matmul": True, **product(name="S")}
    assert read_tree({"left": named, "right": LEAF, "name": "S @ A"}).name is None
    plain = {"matmul": True, **product()}
    assert read_tree({"left": plain, "right": LEAF, "name": "A @ B @ A"}).name is None
    assert read_tree({"left": LEAF, "right": plain, "name": "A @ (A @ B)"}).name is None


def test_products_are_told_from_the_root_down_left_before_right() -> None:
    inner = {"matmul": True, **product()}
    tree = read_tree({"left": {"matmul": True, "left": inner, "right": LEAF}, "right": inner})
    assert [node.path for node in products(tree)] == ["", "left", "left.left", "right"]
    assert list(products(tree.right)) == [tree.right]
    assert list(products(MmMatrix("", "A", 1, 1, "eye"))) == []


def test_an_expression_gives_new_matrices_and_a_name_that_occurs_twice_is_one() -> None:
    tree = read_tree({"expr": "X = (A @ B) @ A", "epilog": "relu", "anim": {"speed": 2}})
    assert (tree.name, tree.epilog, tree.number("anim", "speed")) == ("X", "relu", 2.0)
    assert isinstance(tree.left, MmProduct)
    assert (tree.left.path, tree.left.name, tree.left.epilog) == ("left", None, "none")
    first, again = tree.left.left, tree.right
    assert first == MmMatrix("left.left", "A", None, None, "row major")
    assert again == MmMatrix("right", "A", None, None, "row major")  # as where it stands first
    assert tree.left.right == MmMatrix("left.right", "B", None, None, "col major")


def test_settings_are_those_of_the_product_itself() -> None:
    tree = read_tree(product(anim={"alg": "vmprod", "speed": "3", "none": None}, odd={"x": 1}))
    assert (tree.setting("anim", "alg"), tree.setting("odd", "x"), tree.setting("viz", "x")) == ("vmprod", None, None)
    assert (tree.number("anim", "speed"), tree.number("anim", "none")) == (3.0, None)
    assert tree.choice("anim", "alg", {"vmprod": 7}) == 7
    assert tree.choice("anim", "none", {}) is None


@pytest.mark.parametrize("code", ["NLTF", "PRBB"])
def test_a_facing_in_four_letters(code: str) -> None:
    words = {"N": "negative", "P": "positive", "L": "left", "R": "right", "T": "top", "B": "bottom", "F": "front"}
    found = read_tree(product(layout=code))
    result = "back" if code.endswith("B") else "front"
    assert [found.setting("layout", key) for key in ("polarity", "left placement", "right placement")] == [
        words[letter] for letter in code[:3]
    ]
    assert found.setting("layout", "result placement") == result


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (product(layout="NLTX"), 'layout: must be a mapping, got "NLTX".'),
        (product(anim=3), "anim: must be a mapping, got 3."),
        ({"left": 3, "right": LEAF}, "left: must be a mapping, got 3."),
        (product(name=3), "name: must be text, got 3."),
        (product(epilog=False), "epilog: must be text, got false."),
        ({"left": {"h": 0}, "right": {}}, "left.h: must be a whole number of 1 or more, got 0."),
        ({"left": {}, "right": {"w": 2.5}}, "right.w: must be a whole number of 1 or more, got 2.5."),
        ({"left": {"min": "x"}, "right": {}}, 'left.min: must be a number, got "x".'),
        ({"left": {"max": True}, "right": {}}, "left.max: must be a number, got true."),
        ({"left": {"dropout": "inf"}, "right": {}}, 'left.dropout: must be a number, got "inf".'),
        ({"left": {"init": 1}, "right": {}}, "left.init: must be text, got 1."),
        ({"expr": 3}, "expr: must be text, got 3."),
    ],
)
def test_what_a_value_must_be_is_told_with_its_place(params: dict[str, Any], message: str) -> None:
    assert refusal(params) == f"mm parameters, {message}"


def test_products_are_nested_no_deeper_than_expressions() -> None:
    def nested(depth: int) -> dict[str, Any]:
        params: dict[str, Any] = {"left": {}, "right": {}}
        for _ in range(depth):
            params = {"left": params, "right": {}}
        return params

    assert len(list(products(read_tree(nested(MAX_DEPTH))))) == MAX_DEPTH + 1
    assert refusal(nested(MAX_DEPTH + 1)) == f"mm parameters: products are nested more than {MAX_DEPTH} deep."


def test_single_values() -> None:
    assert place("left", "anim", "alg") == "left.anim.alg"
    assert place("", "expr") == "expr"
    assert read_number(" 1e3 ", "x") == 1000.0
    assert read_text("", "x") == ""
    assert read_choice("a", {"a": None}, "x") is None
    with pytest.raises(SceneError) as caught:
        read_choice(1, {"a": 1, "b": 2}, "x")
    assert str(caught.value) == "mm parameters, x: must be one of a, b; got 1."
    with pytest.raises(SceneError) as caught:
        read_number(10**400, "x")
    assert str(caught.value) == "mm parameters, x: must be a number, got a number of very many digits."
