"""What an edit keeps of a document besides expression and shapes: what follows a product, factors, and the badge."""

from typing import Any

import pytest

from mmviz.scene.changes.edits import Dropped, dropped, edited, resized, same_meaning
from mmviz.scene.document import Document, from_mapping, to_mapping

SQUARE = {"init": "gaussian", "shape": [8, 8]}


def document(expr: str, tensors: dict[str, Any], **parts: Any) -> Document:
    return from_mapping({"version": 1, "expr": expr, "tensors": tensors, **parts}, "s")


@pytest.mark.parametrize(
    ("expr", "kept"),
    [
        ("z = (p = A @ B) @ C", [None, 3.0]),
        ("z = (p = relu(A @ B)) @ C", [None, 3.0]),
        ("z = (p = A + B) @ C", [None]),  # a sum is no product that could be followed
        ("z = p @ C", [None]),
    ],
)
def test_a_camera_follows_products_alone(expr: str, kept: list[float | None]) -> None:
    keyframes = [{"zoom": 2}, {"at": 3, "follow": "p"}]
    made = document("z = (p = A @ B) @ C", dict.fromkeys("ABC", SQUARE), camera={"keyframes": keyframes})
    assert [frame.at for frame in edited(made, expr).camera.keyframes] == kept


FACTOR = {"init": "rows", "shape": [6, 4], "svd": {"part": "U", "rank": 2}}
"""A pattern of 6x4 whose U is 6x2."""


def test_a_factor_has_the_size_of_its_matrix_whatever_stands_beside_it() -> None:
    found = to_mapping(edited(document("U", {"U": FACTOR}), "U @ W", {"U": (6, 2)}))["tensors"]
    assert found == {"U": FACTOR, "W": {"init": "col major", "shape": [2, 32]}}
    beside = document("U @ W", {"U": FACTOR, "W": {"init": "eye", "shape": [2, 3]}})
    assert list(resized(beside, "W", (5, 3), {"U": (6, 2), "W": (2, 3)})["U"]["shape"]) == [6, 4]


def test_a_plain_pattern_in_its_place_gives_way() -> None:
    made = document("U @ V", {"U": {"init": "rows", "shape": [6, 3]}, "V": {"values": [[1.0]] * 3}})
    assert to_mapping(edited(made, "V @ U"))["tensors"]["U"]["shape"] == [1, 3]


def test_a_badge_without_checks_speaks_of_nothing() -> None:
    check = {"activation": "blocks.0.attn.hook_q", "head": 0}
    parts = {"model": {"path": "m", "tokens": [1]}, "checks": {"p": check}, "style": {"badge": True, "names": False}}
    made = document("z = (p = A @ B) @ C", dict.fromkeys("ABC", SQUARE), **parts)
    kept, lost = edited(made, "(p = A @ B) @ D"), edited(made, "A @ C")
    assert (set(kept.checks), kept.style.badge) == ({"p"}, True)
    assert (set(lost.checks), lost.style.badge, lost.style.names) == (set(), False, False)


def test_what_an_expression_loses_is_remembered_with_all_that_is_known_of_it() -> None:
    before = document("A @ B", dict.fromkeys("AB", SQUARE), rank={"B": 3})
    after = edited(before, "A")
    assert dropped(before, after, {"B": (8, 8)}) == {"B": Dropped(before.tensors["B"], 3, (8, 8), None)}
    assert dropped(before, after, {}) == {"B": Dropped(before.tensors["B"], 3, None, None)}
    assert dropped(before, before, {}) == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("A @ B", "out = A @ B", True),
        ("(x = A @ B) @ C", "(y = A @ B) @ C", True),
        ("A @ B", "B @ A", False),
        ("A + B", "A - B", False),
        ("A @ B.T", "A @ B", False),
        ("relu(A @ B)", "A @ B", False),
        ("A @ B @ C", "A @ B", False),
        ("A @ (B @ C)", "(A @ B) @ C", False),
    ],
)
def test_names_of_what_is_computed_have_no_meaning(one: str, other: str, same: bool) -> None:
    assert same_meaning(one, other) is same
    assert same_meaning(other, one) is same
