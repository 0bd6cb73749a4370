"""Saving over a scene file: comments, order, quotes and line breaks stay, and only what is changed is changed."""

from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmviz.scene.changes import yaml_round_trip
from mmviz.scene.document import Document, to_mapping
from mmviz.scene.text.scene_file import read_text
from mmviz.scene.text.yaml_text import write_yaml
from tests.examples import examples
from tests.scene.commented_scene import MINE, document

SCENES = sorted((Path(__file__).parents[2] / "scenes").glob("*.yaml"))
AGAIN = {"from": "x", "caption": "c"}


def rewritten(text: str, document: Document) -> str | None:
    """The new text; nothing in it was written anew."""
    new = yaml_round_trip.rewritten(text, document)
    assert new is None or not new.anew
    return None if new is None else new.text


def change(text: str, **parts: Any) -> str:
    """The lines that go away and come with other parts of a scene, as a diff has them."""
    after = document(text, **parts)
    new = rewritten(text, after)
    assert new is not None
    assert document(new) == after
    lines = list(unified_diff(text.splitlines(), new.splitlines(), n=0, lineterm=""))[2:]
    return "\n".join(line for line in lines if not line.startswith("@@"))


def part(name: str, **changes: Any) -> dict[str, Any]:
    """A part of the scene with some keys changed."""
    return {**to_mapping(document(MINE))[name], **changes}


@pytest.mark.parametrize(
    ("parts", "diff"),
    [
        ({}, ""),
        ({"title": "High rank"}, '-title:   "Low rank"   # shown above\n+title:   "High rank"   # shown above'),
        ({"layout": {"gap": 9}}, "-    gap: auto   # the default, for now\n+    gap: 9.0   # the default, for now"),
        ({"animation": part("animation", speed=5)}, "-    speed: 4\n+    speed: 5"),
        ({"animation": part("animation", fuse="none")}, "-    fuse: chain\n+    fuse: none"),
        (
            {"animation": part("animation", chapters=[{"to": "x", "caption": "a"}, AGAIN])},
            "-        caption: b    # to be reworded\n+        caption: c    # to be reworded",
        ),
        (
            {"animation": part("animation", chapters=[{"to": "x", "caption": "a"}, {**AGAIN, "caption": "b"}, AGAIN])},
            "+      - {from: x, caption: c}",
        ),
        (
            {"tensors": part("tensors", down={"init": "uniform", "shape": [64, 4], "seed": 3})},
            "-    down: { init: uniform,   shape: [64, 4] }\n+    down: { init: uniform,   shape: [64, 4], seed: 3 }",
        ),
        ({"rank": {"up": 2}}, "+rank:\n+    up: 2"),
        (
            {"expr": "out = relu(x @ down) @ up @ up.T"},
            "-    out = relu(x @ down)\n-    @ up\n+    out = relu(x @ down) @ up @ up.T",
        ),
        ({"partition": {"i": 2}}, "+partition:\n+    i: 2"),
    ],
)  # fmt: skip
def test_only_the_lines_change_that_say_something_else(parts: dict[str, Any], diff: str) -> None:
    assert change(MINE, **parts) == diff


def test_a_new_key_does_not_come_between_a_comment_and_what_it_speaks_of() -> None:
    text = MINE.replace("layout:\n    gap: auto   # the default, for now\n", "")
    new = rewritten(text, document(text, layout={"gap": 9}))
    assert new == text.replace("# how it moves\n", "layout:\n    gap: 9.0\n# how it moves\n")


def test_comments_of_what_stays_are_kept_when_everything_after_them_goes() -> None:
    new = rewritten(MINE, document(MINE, animation={}, layout={}))
    assert new is not None
    for comment in ("# A scene of mine", "# What is multiplied", "# the input", "# how it moves", "# the end"):
        assert comment in new


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.stem)
def test_a_shipped_scene_with_another_title_differs_in_its_title_alone(path: Path) -> None:
    text = read_text(path)
    commented = "# of mine\n" + text.replace("\ntensors:\n", "\n# where they come from\ntensors:   # all of them\n")
    assert rewritten(commented, document(commented)) == commented
    title = {line for line in commented.splitlines() if line.startswith("title:")}
    diff = change(commented, title="Another title").splitlines()
    assert {line[1:] for line in diff if line.startswith("-")} == title
    assert [line for line in diff if line.startswith("+")] in (["+title: Another title"], ["+title: 'Another title'"])


def test_a_number_that_is_written_otherwise_stays_as_it_is_written() -> None:
    text = "expr: A\ntensors: {A: {init: uniform, shape: [0x10, 4], max: 1e0, min: -.5}}\nlayout: {gap: 1E+1}\n"
    assert change(text, title="t") == "+title: t"


@pytest.mark.parametrize(
    "text",
    ["expr: [", "- a list", "", "expr: A @ B\ntensors: {A: {init: eye}}\nlayuot: {}\n", "{}"],
)  # fmt: skip
def test_what_is_no_scene_is_not_rewritten(text: str) -> None:
    assert rewritten(text, document(MINE)) is None


def test_an_anchor_changes_only_where_it_is_said() -> None:
    text = "expr: A @ B\ntensors:\n  A: &a {init: rows, shape: [4, 4]}\n  B: *a\n"
    tensors = {"A": {"init": "rows", "shape": [4, 4]}, "B": {"init": "cols", "shape": [4, 4]}}
    after = document(text, tensors=tensors)
    new = rewritten(text, after)
    assert new is None or document(new) == after


TITLES = st.text(st.characters(exclude_categories=["C"]), max_size=30)
CAPTIONS = st.lists(st.builds(lambda text: {"start": "x", "text": f"a {text}"}, TITLES), max_size=3)
PARTS = st.fixed_dictionaries(
    {"title": TITLES, "captions": CAPTIONS},
    optional={
        "layout": st.fixed_dictionaries(
            {}, optional={"gap": st.floats(0, 9), "matrices": st.just({"out": {"gap": 2}})}
        ),
        "model": st.builds(lambda prompt: {"path": "m", "prompt": f"p{prompt}"}, st.text(st.characters(codec="utf-8"))),
        "rank": st.dictionaries(st.sampled_from(["x", "up"]), st.integers(1, 4), min_size=1),
    },
)


@examples(40)
@given(PARTS, PARTS)
def test_whatever_is_changed_what_is_read_again_is_what_was_written(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    old = document(MINE, **before)
    text = "# top\n" + write_yaml(to_mapping(old)).replace("\ntensors:\n", "\n# here\ntensors:\n")
    new = rewritten(text, document(MINE, **after))
    assert new is not None
    assert document(new) == document(MINE, **after)
    assert new.startswith("# top\n")
    assert "\n# here\n" in new


# Ways of writing by hand.

NOTED = "# n\nexpr: A @ B  # e\ntensors:\n  A: &s {init: eye, shape: [2, 2]}  # a\n  B: *s   # b\n"
EYE, DIFF = {"init": "eye", "shape": [2, 2]}, {"init": "diff", "shape": [2, 2]}


@pytest.mark.parametrize(
    ("tensors", "new"),
    [
        ({"A": EYE, "B": DIFF}, NOTED.replace("*s", "{init: diff, shape: [2, 2]}")),
        ({"A": DIFF, "B": EYE}, NOTED.replace("*s", "{init: eye, shape: [2, 2]}").replace("eye", "diff", 1)),
    ],
    ids=["alias", "anchor"],
)
def test_an_alias_and_its_anchor_change_alone(tensors: dict[str, Any], new: str) -> None:
    assert rewritten(NOTED, document(NOTED, tensors=tensors)) == new


HAND = """\
# top
title:   Old  # t
expr:    A @ B
tensors: {A: {init: eye, shape: [2, 2]},  # of A
  B: {values: [[1, .nan], [3, 4]]} } # of B
layout:
  gap: 3   # why 3
# of captions
captions:
  - {start: A, text: one}   # c1
  - start: B  # c2
    text: two
"""


@pytest.mark.parametrize(
    ("parts", "old", "new"),
    [
        ({}, "", ""),
        ({"title": "New"}, "Old", "New"),
        ({"title": ""}, "Old", "''"),
        ({"layout": {"gap": 5}}, "gap: 3", "gap: 5"),
        ({"layout": {"gap": 2.5}}, "gap: 3", "gap: 2.5"),
        ({"layout": {}}, "gap: 3", "gap: auto"),
        ({"tensors": {"A": EYE, "B": {"values": [[1, float("nan")], [3, 5]]}}}, "[3, 4]", "[3, 5]"),
        ({"tensors": {"A": DIFF, "B": {"values": [[1, float("nan")], [3, 4]]}}}, "init: eye", "init: diff"),
        ({"captions": [{"start": "A", "text": "one"}, {"start": "B", "text": "2"}]}, "text: two", "text: '2'"),
        ({"captions": [{"start": "B", "text": "two"}]}, "  - {start: A, text: one}   # c1\n", ""),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "marked"])
def test_what_stands_beside_a_change_stays_letter_by_letter(
    parts: dict[str, Any], old: str, new: str, newline: str, mark: str
) -> None:
    text = mark + HAND.replace("\n", newline)
    after = rewritten(text, document(HAND, **parts))
    assert after == mark + HAND.replace(old, new, 1).replace("\n", newline)


def test_the_comments_of_a_matrix_go_with_it() -> None:
    text = (
        "expr: A @ B @ C\ntensors:\n  # of A\n  A: {init: eye, shape: [2, 2]}\n"
        "  # of B\n  B: {init: eye, shape: [2, 2]}  # B too\n  # of C\n  C: {init: eye, shape: [2, 2]}\n"
    )
    new = rewritten(text, document(text, expr="A @ C", tensors={"A": EYE, "C": EYE}))
    gone = "  # of B\n  B: {init: eye, shape: [2, 2]}  # B too\n"
    assert new == text.replace("A @ B @ C", "A @ C").replace(gone, "")


def test_a_document_with_nan_equals_itself_read_again() -> None:
    assert document(HAND) == document(HAND)
    assert hash(document(HAND).tensors["B"]) == hash(document(HAND).tensors["B"])
    other = {"A": EYE, "B": {"values": [[float("nan"), 1], [3, 4]]}}
    assert document(HAND) != document(HAND, tensors=other)


NAMES = ("A", "B", "C")
SOURCES = ("init: eye, shape: [2, 2]", "init: uniform, shape: [2, 2], seed: 3", "values: [[1, .nan], [.5, 2]]")


@st.composite
def layouts(draw: st.DrawFn) -> tuple[str, dict[str, set[str]]]:
    """A scene as someone may write it, and the comments that speak of each part of it."""
    comments: dict[str, set[str]] = {}

    def note(key: str) -> str:
        if not draw(st.booleans()):
            return ""
        comments.setdefault(key, set()).add(f"# {key} {len(comments.get(key, ())) + 1};")
        return f"  # {key} {len(comments[key])};"

    def above(key: str, indent: int) -> str:
        return f"{' ' * indent}{said.lstrip()}\n" if (said := note(key)) else ""

    def space() -> str:
        return " " * draw(st.integers(1, 3))

    def tensor(number: int) -> str:
        name, text = NAMES[number], SOURCES[number]
        if number == 2 and draw(st.booleans()):
            return f"{above(name, step)}{' ' * step}{name}:{space()}*one{note(name)}\n"
        anchor = "&one " if number == 1 else ""
        if number < 2 and draw(st.booleans()):
            lines = "".join(
                f"{' ' * 2 * step}{line.strip()}{note(name)}\n" for line in text.replace("], ", "]@").split("@")
            )
            lines = lines.replace("init: eye, shape", f"init: eye\n{' ' * 2 * step}shape")
            lines = lines.replace("init: uniform, shape", f"init: uniform\n{' ' * 2 * step}shape")
            return f"{above(name, step)}{' ' * step}{name}: {anchor.strip()}{note(name)}\n{lines}"
        broken = (
            text.replace(", s", f",{note(name)}\n{' ' * 2 * step}s", 1)
            if ", s" in text and draw(st.booleans())
            else text
        )
        return f"{above(name, step)}{' ' * step}{name}:{space()}{anchor}{{{broken}}}{note(name)}\n"

    step = draw(st.integers(1, 4))
    parts = [
        f"{above('title', 0)}title:{space()}{draw(st.sampled_from(['Old', 'Old', repr('Old')]))}{note('title')}\n",
        f"{above('expr', 0)}expr:{space()}A @ B @ C{note('expr')}\n",
        f"{above('all', 0)}tensors:{note('all')}\n{''.join(map(tensor, range(3)))}",
        f"{above('layout', 0)}layout:{note('layout')}\n{' ' * step}gap:{space()}3{note('layout')}\n",
    ]
    text = "# the top\n\n" + "\n".join(draw(st.permutations(parts)))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))), comments


@examples(40)
@given(
    layouts(),
    st.sampled_from(["title", "layout", *NAMES]),
    st.sampled_from([DIFF, {"formula": "i + j", "shape": [2, 2]}]),
)
def test_comments_of_all_that_does_not_change_are_kept_however_it_is_written(
    layout: tuple[str, dict[str, set[str]]], key: str, source: dict[str, Any]
) -> None:
    text, comments = layout
    others: dict[str, dict[str, Any]] = {
        "title": {"title": "New"},
        "layout": {"layout": {"gap": 2, "scheme": "zigzag"}},
    }
    parts = others.get(key, {"tensors": to_mapping(document(text))["tensors"] | {key: source}})
    after = document(text, **parts)
    new = rewritten(text, after)
    assert new is not None
    assert document(new) == after
    for name, said in comments.items():
        assert name == key or all(comment in new for comment in said), name
    assert new.count("\n") == new.count("\r\n") or "\r" not in text
    assert new.startswith("# the top")
