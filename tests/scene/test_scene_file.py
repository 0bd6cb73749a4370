"""Scene files as text: what YAML and JSON are read as, what is refused, and that nothing in them is executed."""

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from mmviz.errors import SceneError
from mmviz.scene.document import load
from mmviz.scene.text import scene_file
from mmviz.scene.text.scene_file import MAX_BYTES
from mmviz.scene.text.yaml_text import MAX_DEPTH, MAX_SIZE, read_yaml, write_yaml


def problem(text: str | bytes, tmp_path: Path, suffix: str = ".yaml") -> str:
    """What reading this text is refused with, after the name of the file."""
    path = tmp_path / f"scene{suffix}"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SceneError) as caught:
        load(path)
    return str(caught.value).removeprefix(str(path))


# what is read


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E3", 1000.0),
        ("-.5", -0.5),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        (".inf", float("inf")),
        ("~", None),
        ("", None),
        ("true", True),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("2020-99-99", "2020-99-99"),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("[1, 2.0, a]", [1, 2.0, "a"]),
        ("{a: 1, no: 2}", {"a": 1, "no": 2}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("<<: 1", {"<<": 1}),
    ],
)
def test_plain_words_are_read_as_in_yaml_1_2(text: str, value: Any) -> None:
    found = read_yaml(text, "scene")
    assert found == value
    assert type(found) is type(value)


PLAIN = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False)
TEXTS = st.text(max_size=12) | st.text("0123456789.:-+eExonys~", max_size=6)
VALUES = st.recursive(
    PLAIN | TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)


@given(VALUES)
@example("\x85")
@example({" \u2028": "a\u2029 b"})
@example("1e-3")
def test_what_is_written_is_read_again(value: Any) -> None:
    assert read_yaml(write_yaml(value), "scene") == value


@given(VALUES)
def test_other_readers_of_yaml_find_the_same_texts(value: Any) -> None:
    assert yaml.safe_load(write_yaml(value)) == value


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    for suffix, text in ((".yaml", "expr: A\ntensors: {A: {init: eye}}"), (".JSON", '{"expr": "A"}')):
        path = tmp_path / f"scene{suffix}"
        path.write_text(text, encoding="utf-8-sig")
        assert scene_file.read(path)["expr"] == "A"


# what is refused


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "expr: [",
            ", line 1, column 8: not YAML: while parsing a flow node, expected the node content, "
            "but found '<stream end>'.",
        ),
        (
            "title: one: two",
            ", line 1, column 11: not YAML: mapping values are not allowed here "
            "(a text with ': ' in it stands in quotes).",
        ),
        (
            "layout:\n\tgap: 1",
            ", line 2, column 1: not YAML: while scanning for the next token, found character '\\t' that cannot start "
            "any token (indent with spaces, not with tabs).",
        ),
        (
            "layout:\n  gap: 1\n left: right",
            ", line 3, column 2: not YAML: while parsing a block mapping, expected <block end>, but found "
            "'<block mapping start>' (is the line indented like the lines above it?).",
        ),
        (
            'title: "x',
            ", line 1, column 10: not YAML: while scanning a quoted scalar, found unexpected end of stream.",
        ),
        ("expr: *x", ", line 1, column 7: not YAML: found undefined alias 'x'."),
        (
            "expr: A\n---\nexpr: B",
            ", line 2, column 1: not YAML: expected a single document in the stream, but found another document "
            "(a file holds one scene).",
        ),
        ("title: a\x07", ", line 1: not YAML: the character U+0007 is not allowed in it."),
        (
            "expr: A\ntensors:\n  A: {}\n  A: {}",
            ", line 4, column 3: the key 'A' is given twice; every key stands once.",
        ),
        ("expr: A\nexpr: A", ", line 2, column 1: the key 'expr' is given twice; every key stands once."),
        ("expr: A\n1: 2", ", line 2, column 1: the key 1 must be text; put it in quotes."),
        ("? [a]\n: 2", ", line 1, column 3: the key given here must be text; put it in quotes."),
        ("a: &x [*x]", ", line 1, column 4: an anchor is used inside itself."),
        (f"a: {'9' * 5000}", f", line 1, column 4: the number {'9' * 57}... cannot be read."),
        ("a: !!int x", ", line 1, column 4: the number x cannot be read."),
    ],
)
def test_a_broken_yaml_file_gets_one_message_with_its_place(text: str, expected: str, tmp_path: Path) -> None:
    assert problem(text, tmp_path) == expected


@pytest.mark.parametrize(
    "tag",
    ["!!python/object/apply:os.mkdir", "!!python/name:os.system", "!!python/module:os", "!!set", "!!binary", "!mine"],
)
def test_tags_are_refused_and_nothing_is_executed(tag: str, tmp_path: Path) -> None:
    made = tmp_path / "made"
    found = problem(f"expr: A\ntitle: {tag} [{made}]", tmp_path)
    expected = f"the tag {tag} is not read; a scene holds texts, numbers, lists and mappings"
    assert found == f", line 2, column 8: {expected}."
    assert not made.exists()


def test_anchors_that_grow_exponentially_are_refused_while_they_are_read(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 15)]
    found = problem("\n".join(lines), tmp_path)
    assert found == ", line 6, column 5: its anchors repeat so much that it grows too large."


def test_anchors_that_nest_without_end_are_refused(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 500))]
    expected = f", line 21, column 6: lists and mappings are nested more than {MAX_DEPTH} deep."
    assert problem("\n".join(lines), tmp_path) == expected


def test_no_file_without_anchors_reaches_the_limit_of_anchors() -> None:
    assert MAX_SIZE >= 2 * MAX_BYTES


@pytest.mark.parametrize(("opening", "column"), [("[", 21), ("{a: ", 78), ("- ", 41)])
def test_deep_yaml_gets_one_message(opening: str, column: int, tmp_path: Path) -> None:
    expected = f", line 1, column {column}: lists and mappings are nested more than {MAX_DEPTH} deep."
    assert problem(opening * 20_000, tmp_path) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ", line 1, column 1: not JSON: expecting value."),
        ('{"expr": "A",}', ", line 1, column 14: not JSON: expecting property name enclosed in double quotes."),
        ('{\n  "expr": A\n}', ", line 2, column 11: not JSON: expecting value."),
        ('{"expr": "A", "expr": "B"}', ": the key 'expr' is given twice; every key stands once."),
        ("[" * 100_000, ": lists and mappings are nested too deep."),
        ("9" * 5000, ": a number has too many digits."),
        (
            '{"expr": "A", "tensors": {"A": {"init": "eye"}}, "layout": {"gap": NaN}}',
            ", layout.gap: must be a finite number, got NaN.",
        ),
    ],
)
def test_a_broken_json_file_gets_one_message(text: str, expected: str, tmp_path: Path) -> None:
    assert problem(text, tmp_path, ".json") == expected


def test_text_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    assert problem(b"expr: A\ntitle: \xff\n", tmp_path) == ", line 2: not UTF-8 text; save the file as UTF-8."


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    expected = ": larger than 1 MiB; big matrices go into files of their own."
    assert problem(b" " * (MAX_BYTES + 1), tmp_path) == expected


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(SceneError) as caught:
        scene_file.parse(" " * (MAX_BYTES + 1), "clipboard")
    assert str(caught.value) == "clipboard: longer than 1,048,576 letters; big matrices go into files of their own."


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a device")
def test_a_device_without_end_is_refused() -> None:
    with pytest.raises(SceneError) as caught:
        load(Path("/dev/zero"))
    assert str(caught.value) == "/dev/zero: larger than 1 MiB; big matrices go into files of their own."


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    for path, expected in (
        (tmp_path, f"{tmp_path}: is a folder; a scene file is needed."),
        (tmp_path / "none.yaml", f"{tmp_path / 'none.yaml'}: there is no such file."),
        (Path("a\0b"), "a\\u0000b: no file can have this name."),
    ):
        with pytest.raises(SceneError) as caught:
            load(path)
        assert str(caught.value) == expected


# writing


def test_a_file_is_replaced_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "scene.yaml"
    scene_file.write({"a": 1}, path)
    scene_file.write({"a": 2}, path)
    assert scene_file.read(path) == {"a": 2}

    def full(*_: Any) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(SceneError) as caught:
        scene_file.write({"a": 3}, path)
    assert str(caught.value) == f"{path}: cannot be written (No space left on device)."
    assert scene_file.read(path) == {"a": 2}
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none" / "scene.yaml"
    with pytest.raises(SceneError) as caught:
        scene_file.write({}, path)
    assert str(caught.value) == f"{path}: cannot be written (No such file or directory)."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
def test_a_pipe_is_written_into_and_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "scene.yaml"
    os.mkfifo(path)
    pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        scene_file.write({"a": 1}, path)
        assert os.read(pipe, 100) == b"a: 1\n"
    finally:
        os.close(pipe)
    assert path.is_fifo()
