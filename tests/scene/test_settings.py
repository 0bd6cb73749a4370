"""Single keys that are set from a command line, as if they stood in the scene's file: how they are written and read."""

from typing import Any

import pytest

from mmviz.errors import SceneError
from mmviz.scene.changes.settings import parts_set, read_setting
from mmviz.scene.document import Document, from_mapping, with_parts

CONTENT: dict[str, Any] = {
    "expr": "out = softmax('Q.0' @ K.T) @ V",
    "tensors": {
        "Q.0": {"init": "gaussian", "shape": [4, 3], "seed": 1},
        "K": {"init": "gaussian", "shape": [5, 3]},
        "V": {"values": [[1, 2]] * 5},
    },
    "captions": [{"start": "Q.0", "text": "first"}, {"start": "V", "text": "second"}],
    "layout": {"matrices": {"left": {"gap": 2}}},
}
DOCUMENT = from_mapping(CONTENT, "scene")


def changed(*settings: str) -> Document:
    parts = parts_set(DOCUMENT, [read_setting(text) for text in settings])
    return with_parts(DOCUMENT, parts, "scene with --set")


def as_in_a_file(**parts: Any) -> Document:
    return from_mapping({**CONTENT, **parts}, "scene")


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        (["layout.gap=8"], {"layout": {"gap": 8, "matrices": {"left": {"gap": 2}}}}),
        (["style.quantile=0.9", "style.legend=false"], {"style": {"quantile": 0.9, "legend": False}}),
        (["layout.gap=8", "layout.gap=2"], {"layout": {"gap": 2, "matrices": {"left": {"gap": 2}}}}),
        (["title=One = two"], {"title": "One = two"}),
        (["title='8'"], {"title": "8"}),
        (["partition={i: 2}", "partition.k=3"], {"partition": {"i": 2, "k": 3}}),
        (["layout=null"], {"layout": {}}),
        (["camera.direction.0=2"], {"camera": {"direction": [2, 1, 1]}}),
        (["captions=[]"], {"captions": []}),
        (["style.mm.sensitivity=local"], {"style": {"mm": {"sensitivity": "local"}}}),
        ([" layout.matrices.left . gap =3"], {"layout": {"matrices": {"left": {"gap": 3}}}}),
    ],
)
def test_a_key_that_is_set_is_as_if_it_stood_in_the_file(settings: list[str], parts: dict[str, Any]) -> None:
    assert changed(*settings) == as_in_a_file(**parts)


@pytest.mark.parametrize("name", ["Q.0", "'Q.0'", '"Q.0"'])
def test_a_name_with_dots_stands_in_quotes_or_as_it_is_where_it_is_known(name: str) -> None:
    document = changed(f"tensors.{name}.seed=7")
    source = {"init": "gaussian", "shape": [4, 3], "seed": 7}
    assert document == as_in_a_file(tensors={**CONTENT["tensors"], "Q.0": source})
    assert "Q" in parts_set(DOCUMENT, [read_setting("tensors.'Q'.0.seed=7")])["tensors"], "a part in quotes is whole"


def test_a_new_key_with_dots_and_equal_signs_needs_quotes() -> None:
    tensors = "tensors={A: {init: eye, shape: [5, 5]}}"
    document = changed("expr=A @ A @ A @ A", tensors, "captions=[]", "layout.matrices.'left.left'.gap=3")
    assert {path: own.gap for path, own in document.layout.matrices.items()} == {"left": 2, "left.left": 3}
    assert read_setting("a.'b=c.d'=1").key == ("a", "b=c.d")
    assert read_setting("""a."it's"=1""").key == ("a", "it's")


def test_an_entry_of_a_list_goes_by_its_number_and_the_next_number_adds_one() -> None:
    document = changed("captions.1.text=other", "captions.2={start: V, text: third}")
    first, second = CONTENT["captions"]
    assert document == as_in_a_file(captions=[first, {**second, "text": "other"}, {"start": "V", "text": "third"}])


def test_what_is_set_together_is_checked_together() -> None:
    document = changed(
        "expr=out = A @ V",
        "tensors={A: {init: eye, shape: [5, 5]}, V: {values: [[1], [2]]}}",
        "captions=[]",
        "layout=null",
    )
    assert sorted(document.tensors) == ["A", "V"]


def test_the_document_stays_as_it_was() -> None:
    changed("layout.matrices.left.gap=9", "captions.0.text=other", "camera.direction.0=9")
    assert from_mapping(CONTENT, "scene") == DOCUMENT


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        (
            "layout.gpa=8",
            "scene with --set, layout: unknown key 'gpa'; known keys: apart, blast, fold, gap, left, matrices, "
            "molecule, polarity, result, right, roots, scatter, scheme.",
        ),
        ("layout.gap=-1", "scene with --set, layout.gap: must be 0 or more, got -1."),
        ("layout.gap.x=1", "scene with --set, layout.gap: must be a number or auto, got a mapping with the keys x."),
        ("title.x=1", "scene with --set, title: must be text, in quotes where it looks like something else, got a "
        "mapping with the keys x."),
        ("expr.x=1", "--set expr.x=1: expr is \"out = softmax('Q.0' @ K.T) @ V\", which has no keys."),
        (
            "captions.4.text=x",
            "--set captions.4.text=x: captions is a list and has the entries 0 to 1; the number of one of them is "
            "needed, or 2 to add one, got '4'.",
        ),
        (
            "animation.chapters.first.speed=1",
            "--set animation.chapters.first.speed=1: animation.chapters is a list and is empty; the number of one of "
            "them is needed, or 0 to add one, got 'first'.",
        ),
        (
            "tensors.A.init=eye",
            "scene with --set, tensors.A: expr has no input of that name; it has K, Q.0, V.",
        ),
        (
            "layout.gap=[",
            "--set layout.gap=[, line 1, column 2: not YAML: while parsing a flow node, expected the node content, but "
            "found '<stream end>'.",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_set_is_told_with_the_option(setting: str, message: str) -> None:
    with pytest.raises(SceneError) as caught:
        changed(setting)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["", "gap", "=8", "layout..gap=8", "layout.=8", ".gap=8", "'a=8", "a." * 20 + "b=1"])
def test_what_is_no_key_and_value_is_refused(text: str) -> None:
    with pytest.raises(SceneError) as caught:
        read_setting(text)
    assert str(caught.value) == (
        f"--set {text}: a key and its value are needed, such as layout.gap=8; a name with dots stands in quotes, such "
        "as tensors.'a.b'.seed=3."
    )


def test_nothing_that_is_set_is_executed_or_grows_without_end() -> None:
    with pytest.raises(SceneError, match=r"the tag !!python/object/apply:os\.system is not read"):
        read_setting("title=!!python/object/apply:os.system ['true']")
    with pytest.raises(SceneError, match="longer than 1,048,576 letters"):
        read_setting("title=" + "x" * (1 << 20))
