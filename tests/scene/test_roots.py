"""Several roots in one scene: how they are written, read, edited, and what is refused of them."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mmviz
from mmviz.errors import ExpressionError, SceneError
from mmviz.scene.changes import yaml_round_trip
from mmviz.scene.document import Document, from_mapping, json_schema, to_mapping
from mmviz.scene.keys import roots as several
from mmviz.scene.keys.scale_groups import scale_groups
from mmviz.scene.language.building import build
from mmviz.scene.language.expression import MAX_ROOTS, Beside, Expression, names
from mmviz.scene.language.grammar import parse
from mmviz.scene.language.shortened import shortened
from mmviz.scene.language.tree import BesideNode, find, roots, walk
from mmviz.scene.language.worn_function import outermost, wear
from mmviz.scene.text import scene_file
from tests.scene.strategies import EXPRESSIONS

TENSORS = {"A": {"init": "rows", "shape": [4, 3]}, "B": {"init": "cols", "shape": [3, 5]}}
TITLED = {"without": "A @ B", "with": "softmax(A @ B)"}


def document(**parts: Any) -> Document:
    return from_mapping({"tensors": TENSORS, **parts}, "x.yaml")


def test_roots_stand_in_a_list_or_under_their_titles() -> None:
    titled, listed = document(roots=TITLED), document(roots=list(TITLED.values()))
    assert titled.text() == listed.text() == "A @ B | softmax(A @ B)"
    assert titled.titles() == ("without", "with")
    assert listed.titles() == ("", "")
    assert titled.tree() == listed.tree() == build(parse("A @ B | softmax(A @ B)"))


def test_a_scene_of_roots_is_written_as_it_was_read() -> None:
    for said in (TITLED, tuple(TITLED.values())):
        content = to_mapping(document(roots=said))
        assert list(content) == ["version", "roots", "tensors"]
        assert from_mapping(content, "again") == document(roots=said)


def test_the_line_of_a_root_is_all_that_changes_in_its_file() -> None:
    text = "roots:\n  without: A @ B   # plain\n  with: softmax(A @ B)\ntensors:\n"
    text += "  A: {init: rows, shape: [4, 3]}  # left\n  B: {init: cols, shape: [3, 5]}\n"
    after = document(roots={"without": "A @ B", "with": "relu(A @ B)"})
    new = yaml_round_trip.rewritten(text, after)
    assert new is not None
    assert new.text == text.replace("softmax", "relu")
    assert from_mapping(scene_file.parse(new.text, "x.yaml"), "x.yaml") == after


def test_the_paths_of_roots_are_numbered_and_nothing_stands_at_the_empty_one() -> None:
    tree = build(parse("x = A @ B | x.T @ C"))
    assert isinstance(tree, BesideNode)
    assert [node.path for node in walk(tree)] == [
        *("root0.left", "root0.right", "root0"),
        *("root1.left", "root1.right", "root1"),
    ]
    assert [node.path for node in roots(tree)] == ["root0", "root1"]
    assert find(tree, "") is None


def test_a_matrix_that_one_root_assigns_is_shown_again_in_those_after_it() -> None:
    scene = mmviz.Scene(roots=["x = A @ B", "x.T"], tensors=TENSORS)
    values = scene.values()
    assert (values["root1"] == values["root0"].T).all()
    with pytest.raises(SceneError) as caught:
        document(roots=["x.T", "x = A @ B"])
    assert str(caught.value) == (
        "x.yaml, roots: x is used before it is assigned; an assigned matrix can be used only further on, as in "
        "(x = A @ B) @ x."
    )


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"roots": ["A @ B"]}, "roots: 2 to 12 expressions can stand side by side, got 1; one alone is said by expr."),
        ({"roots": ["A"] * 13}, "roots: 2 to 12 expressions can stand side by side, got 13."),
        ({"roots": []}, "roots: 2 to 12 expressions can stand side by side, got 0."),
        ({"roots": "A"}, 'roots: must be a list of expressions, or a mapping of titles to expressions, got "A".'),
        ({"roots": ["A", 5]}, "roots: 1: must be an expression as text, got 5."),
        ({"roots": ["A", "A | B"]}, "roots: 1: has a |; give each expression an entry of its own."),
        (
            {"roots": {"x": "A", "y": "A @"}},
            "roots: y: expression, column 4: expected a matrix name, a function or '(', found the end.\n  A @\n     ^",
        ),
        (
            {"roots": {64: "A", "y": "B"}},
            "roots: every title must be text, in quotes where it looks like something else, got 64.",
        ),
        ({"roots": {" ": "A", "y": "B"}}, "roots: a title has 1 to 100 characters, got none."),
        ({"roots": {"a b": "A", "a  b": "B"}}, "roots: two titles are the same."),
        ({"roots": ["x = A", "x = B"]}, "roots: x is assigned twice; every name stands for one matrix."),
        ({"roots": ["A", "B"], "expr": "A"}, "expr: stands beside roots, which say as much; give one of them."),
        ({"roots": ["A", "A"]}, "tensors.B: roots have no input of that name; they have A."),
        (
            {"roots": ["A", "C"]},
            "tensors: C of roots has no source; add it, for example C: {init: gaussian, shape: [32, 32]}.",
        ),
        ({"roots": ["A", "B"], "partition": {"k": 2}}, "partition.k: A is no product, so it has no k."),
        ({}, "expr: is missing."),
    ],
)  # fmt: skip
def test_what_cannot_stand_side_by_side_is_refused(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(SceneError) as caught:
        document(**parts)
    assert str(caught.value) == f"x.yaml, {message}"


def test_python_takes_titles_a_list_and_a_bar_between_expressions() -> None:
    a, b = names("A B")
    said = "A @ B | softmax(A @ B)"
    for scene in (
        mmviz.Scene({"without": a @ b, "with": mmviz.softmax(a @ b)}, TENSORS),
        mmviz.Scene(roots=[a @ b, "softmax(A @ B)"], tensors=TENSORS),
        mmviz.Scene(a @ b | mmviz.softmax(a @ b), TENSORS),
    ):
        assert scene.document.text() == said
    with pytest.raises(SceneError) as caught:
        mmviz.Scene(TITLED, TENSORS, roots=["A", "B"])
    assert str(caught.value) == "scene, roots: stand in the first argument already; give them once."


def test_what_stands_side_by_side_is_no_part_of_an_expression() -> None:
    a, b = names("A B")
    assert (a | b | a @ b) == Beside((a, b, a @ b))
    with pytest.raises(ExpressionError) as caught:
        (a | b) @ a
    assert str(caught.value) == "A | B are several expressions side by side, and no part of another one."
    with pytest.raises(ExpressionError) as caught:
        parse(" | ".join("A" * (MAX_ROOTS + 1)))
    assert f"2 to {MAX_ROOTS} expressions can stand side by side, got {MAX_ROOTS + 1}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("A @ B | relu(A @ B)", {"without": "A @ B", "with": "relu(A @ B)"}),
        ("softmax(A @ B) | A @ B", {"with": "softmax(A @ B)", "without": "A @ B"}),
        ("A @ B | softmax(A @ B) | A", {"without": "A @ B", "with": "softmax(A @ B)", "3": "A"}),
        ("A | B | A @ B", {"with": "A", "2": "B", "without": "A @ B"}),
        ("A @ B", None),
    ],
)
def test_other_expressions_keep_the_titles_of_what_stays(text: str, after: dict[str, str] | None) -> None:
    assert several.with_text(TITLED, text) == after


def test_an_edited_scene_of_roots_keeps_its_sources() -> None:
    scene = mmviz.Scene(TITLED, TENSORS, captions=[{"start": "softmax(A @ B)", "text": "Now it is sharp."}])
    other = scene.edited("A @ B | relu(A @ B)")
    assert other.document.roots == {"without": "A @ B", "with": "relu(A @ B)"}
    assert other.document.tensors == scene.document.tensors
    assert other.document.captions[0].start == "root1"  # the root at its place
    alone = other.edited("A @ B")
    assert (alone.document.roots, alone.document.expr) == (None, "A @ B")
    assert alone.changed(roots=["A @ B", "A"]).document.text() == "A @ B | A"
    assert scene.changed(expr="A @ B", captions=[]).document.roots is None


def test_a_function_is_put_on_one_root_and_taken_off_again() -> None:
    expression = parse("A @ B | C @ D")
    dressed = wear(expression, "root1", "softmax")
    assert str(dressed) == "A @ B | softmax(C @ D)"
    assert outermost(dressed, "root1") is not None
    assert str(wear(dressed, "root1", None)) == str(expression)
    assert str(wear(expression, "root0.left", "relu")) == "relu(A) @ B | C @ D"


def test_long_roots_are_told_by_their_names() -> None:
    assert shortened("x = A @ B @ C @ D | y = (z = A @ B) @ C", 30) == "x = A @ B @ C @ D | y = z @ C"


def test_matrices_of_the_same_part_have_one_scale() -> None:
    tensors = {name: {"init": "gaussian", "shape": [4, 4], "seed": n} for n, name in enumerate("QKVW")}
    roots = ["softmax(Q @ K.T)", "softmax(scale(V @ W.T, 9))"]
    scene = mmviz.Scene(roots=roots, tensors=tensors)
    scales = {path: scale.full for path, scale in scene.scales().items()}
    for part in ("", ".left", ".right"):
        assert scales[f"root0{part}"] == scales[f"root1{part}"]
    own = {path: scale.full for path, scale in scene.changed(style={"scales": {"roots": False}}).scales().items()}
    assert max(own["root0"], own["root1"]) == scales["root0"]
    assert own["root0"] != own["root1"]


def test_what_is_made_otherwise_has_a_scale_of_its_own_and_a_said_scale_counts() -> None:
    scene = mmviz.Scene(roots=["A @ B", "A * A"], tensors=TENSORS, style={"scale": {"A @ B": 7}})
    found = {group.names for group in scale_groups(scene.root, scene.document.style) if group.alike}
    assert found == set()
    assert scene.scales()["root0"].full == 7
    twice = document(roots=["A @ B", "relu(A @ B) + A @ B"])
    assert all("root0.left" not in group.paths for group in scale_groups(twice.tree(), twice.style))


def test_the_letters_of_axes_stand_for_those_of_every_root() -> None:
    scene = mmviz.Scene(roots=["A @ B", "A"], tensors=TENSORS, partition={"k": 3, "i": 2}, layout={"fold": {"j": 5}})
    blocks = {path: (rows.count, columns.count) for path, (rows, columns) in scene.blocks.items()}
    assert blocks == {"root0": (2, 1), "root0.left": (2, 3), "root0.right": (3, 1), "root1": (2, 1)}
    assert scene.layout()["root0"].folds == (1, 5)
    assert scene.edited("A | B").document.partition == {"i": 2}


def test_the_schema_asks_for_one_of_both() -> None:
    assert json_schema()["oneOf"] == [{"required": ["expr"]}, {"required": ["roots"]}]


def test_a_scene_of_roots_tells_all_their_results() -> None:
    scene = mmviz.Scene(TITLED, TENSORS)
    _ = scene.shapes
    assert repr(scene) == 'Scene("A @ B | softmax(A @ B)", A 4x3, B 3x5, A @ B 4x5, softmax(A @ B) 4x5)'


def test_a_saved_scene_of_roots_is_loaded_as_it_was(tmp_path: Path) -> None:
    scene = mmviz.Scene(TITLED, TENSORS)
    scene.save(tmp_path / "x.yaml")
    assert mmviz.Scene.load(tmp_path / "x.yaml").document == scene.document


def test_a_root_may_be_several_statements() -> None:
    made = document(roots={"steps": ["Q = A @ B", "softmax(Q)"], "plain": "A @ B"})
    assert made.roots == {"steps": "Q = A @ B\nsoftmax(Q)", "plain": "A @ B"}
    assert made.tree() == build(parse("softmax(Q = A @ B) | A @ B"))
    assert from_mapping(to_mapping(made), "again") == made
    dressed = wear(made.expression(), "root1", "relu")
    assert str(dressed) == "Q = A @ B\nsoftmax(Q) | relu(A @ B)"
    assert parse(str(dressed)) == dressed


@given(st.lists(EXPRESSIONS, min_size=2, max_size=4))
def test_what_stands_side_by_side_is_written_and_read_again(parts: list[Expression]) -> None:
    beside = Beside(tuple(parts))
    assert parse(str(beside)) == beside
