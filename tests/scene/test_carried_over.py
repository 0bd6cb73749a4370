"""What was changed in a scene goes over to another that was built in the same way, and what was not does not."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.errors import SceneError
from mmviz.scene.changes.carried_over import carried_over
from mmviz.scene.document import Document, from_mapping, to_mapping

EYE = {"init": "eye", "shape": [4, 4]}
BUILT: dict[str, Any] = {
    "version": 1,
    "expr": "out = (S = softmax(A @ B)) @ C",
    "title": "head 1",
    "tensors": {"A": EYE, "B": {"init": "cols", "shape": [4, 4]}, "C": EYE},
    "style": {"before": {"S": "scores"}},
    "captions": [{"start": "S", "text": "one"}, {"start": "out", "text": "two"}],
}
ANOTHER: dict[str, Any] = {
    **BUILT,
    "expr": "out = (S = softmax(A @ D)) @ C",
    "title": "head 2",
    "tensors": {"A": EYE, "D": {"init": "rows", "shape": [4, 4]}, "C": EYE},
    "captions": [{"start": "S", "text": "eins"}, {"start": "out", "text": "zwei"}],
}


def document(content: Mapping[str, Any], **changes: Any) -> Document:
    return from_mapping({key: value for key, value in {**content, **changes}.items() if value is not None}, "s")


def carried(
    said: Mapping[str, Any] | None = None, another: Mapping[str, Any] = ANOTHER, **changes: Any
) -> dict[str, Any]:
    """What becomes of the scene that was built, with changes; `said` is what it says of the other."""
    mine = document(BUILT, **changes)
    found = carried_over(mine, document(BUILT), document(another), to_mapping(mine) | dict(said or {}))
    return to_mapping(found)


def test_a_scene_that_nobody_changed_is_the_other_one() -> None:
    assert carried() == to_mapping(document(ANOTHER))


def test_what_was_changed_goes_over_as_it_is_said_of_the_other() -> None:
    found = carried({"title": "mine, of head 2"}, title="mine, of head 1", layout={"gap": 7}, animation={"speed": 3})
    expected = {**ANOTHER, "title": "mine, of head 2", "layout": {"gap": 7}, "animation": {"speed": 3}}
    assert found == to_mapping(document(expected))


def test_of_a_list_of_the_same_length_only_the_entries_that_were_changed_go_over() -> None:
    changed = [BUILT["captions"][0], {"start": "A", "text": "two"}]
    assert (
        carried(captions=changed)["captions"]
        == to_mapping(document({**ANOTHER, "captions": [ANOTHER["captions"][0], {"start": "A", "text": "zwei"}]}))[
            "captions"
        ]
    )
    longer = [*BUILT["captions"], {"start": "A", "text": "three"}]
    assert carried(captions=longer)["captions"] == to_mapping(document({**BUILT, "captions": longer}))["captions"]


def test_what_was_taken_out_stays_out_and_what_is_new_in_the_other_comes() -> None:
    assert "captions" not in carried(captions=None)
    found = carried(another={**ANOTHER, "layout": {"scheme": "wheel"}}, title="mine")
    assert (found["layout"]["scheme"], found["title"]) == ("wheel", "mine")


def test_a_source_that_was_changed_goes_over_and_those_of_matrices_that_are_not_there_go() -> None:
    mine = {**BUILT["tensors"], "A": {"init": "rows", "shape": [4, 4]}, "B": {"init": "diff", "shape": [4, 4]}}
    found = carried(tensors=mine)["tensors"]
    assert (found["A"]["init"], set(found)) == ("rows", {"A", "C", "D"})


@pytest.mark.parametrize(
    ("changes", "key", "found"),
    [
        ({"animation": {"matrices": {"S": "axpy", "out": "vmprod"}}}, "animation", {"matrices": {"out": "vmprod"}}),
        ({"partition": {"S": {"k": 2}}}, "partition", None),
        ({"style": {"before": {"S": "mine"}}}, "style", None),
        ({"partition": {"i": 2, "S": {"k": 2}}}, "partition", {"i": 2}),
        ({"layout": {"matrices": {"S": {"gap": 3}}}}, "layout", None),
        ({"camera": {"keyframes": [{"at": "S", "zoom": 2}]}}, "camera", None),
    ],
)
def test_what_is_said_of_matrices_that_the_other_does_not_have_is_left_out(
    changes: dict[str, Any], key: str, found: Any
) -> None:
    other = {**ANOTHER, "expr": "out = A @ C", "tensors": {"A": EYE, "C": EYE}, "style": None, "captions": None}
    shown = carried(another=other, **changes).get(key)
    assert shown == (None if found is None else to_mapping(document({**other, key: found}))[key])


def test_what_does_not_fit_the_other_is_refused() -> None:
    weight = {"weight": "blocks.0.attn.W_Q"}
    other = {**ANOTHER, "tensors": {**ANOTHER["tensors"], "A": weight}, "model": {"path": "m"}}
    with pytest.raises(SceneError) as caught:
        carried(another=other, tensors={**BUILT["tensors"], "A": {"init": "eye", "shape": [5, 4]}})
    assert str(caught.value) == "scene, tensors.A: unknown key 'shape'; known keys: head, lora, svd, weight."


titles = st.sampled_from(["head 1", "head 2", "mine"])


@given(mine=titles, built=titles, another=titles, gap=st.sampled_from([4.0, 5.0]))
def test_each_key_is_that_of_the_other_where_it_is_as_it_was_built(
    mine: str, built: str, another: str, gap: float
) -> None:
    found = carried_over(
        document(BUILT, title=mine, layout={"gap": gap}),
        document(BUILT, title=built),
        document(ANOTHER, title=another),
        to_mapping(document(BUILT, title=f"{mine}!", layout={"gap": gap})),
    )
    assert found.title == (another if mine == built else f"{mine}!")
    assert found.layout.gap == gap


def test_what_is_said_of_a_result_is_left_out_where_it_is_a_plain_matrix() -> None:
    other = {**BUILT, "expr": "out = S @ C", "tensors": {"S": EYE, "C": EYE}, "style": None, "captions": None}
    for changes in ({"animation": {"matrices": {"S": "axpy"}}}, {"partition": {"S": {"k": 2}}}):
        (key,) = changes
        assert key not in carried(another=other, **changes)
