"""Numbers of numpy in a document become those of Python, and all else stays the very same object."""

from typing import Any

import numpy as np
import pytest

from mmviz.scene.keys.numpy_numbers import DEEPEST, of_python


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (np.int64(3), int),
        (np.uint8(3), int),
        (np.float32(0.5), float),
        (np.float64(0.5), float),
        (np.bool_(True), bool),
        (np.str_("a"), str),
        (np.array(2.5), float),
    ],
)
def test_a_single_number_becomes_what_its_item_is(number: Any, kind: type) -> None:
    for content in (number, [number], {"a": (1, {"b": number})}):
        found = of_python(content)
        while isinstance(found, dict | list | tuple):
            found = list(found.values())[-1] if isinstance(found, dict) else found[-1]
        assert type(found) is kind
        assert found == number.item()


def test_containers_keep_their_kind_and_order() -> None:
    found = of_python({"b": [np.int8(1), "x"], "a": (np.float32(2), None)})
    assert found == {"b": [1, "x"], "a": (2.0, None)}
    assert (list(found), type(found["a"])) == (["b", "a"], tuple)


def test_what_holds_no_number_of_numpy_is_the_same_object() -> None:
    array = np.ones((2, 2))
    content = {"a": [1, 2.5, {"b": (True, None, "x")}], "c": array, "d": {1, 2}}
    assert of_python(content) is content
    mixed = {"kept": content, "changed": np.int64(1)}
    found = of_python(mixed)
    assert found == {"kept": content, "changed": 1}
    assert found["kept"] is content
    assert mixed["changed"].__class__ is np.int64


def test_what_has_an_end_of_its_own_is_looked_into_no_deeper_than_a_document_is() -> None:
    content: Any = np.int64(1)
    for _ in range(DEEPEST):
        content = [content]
    assert str(of_python(content)) == "[" * DEEPEST + "1" + "]" * DEEPEST
    assert of_python([content]) == [content]  # one level more stays
    circle: list[Any] = []
    circle.append(circle)
    assert of_python(circle)[0]
