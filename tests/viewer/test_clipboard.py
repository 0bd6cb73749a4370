"""What a dropped or pasted thing names: a file, an address, a whole scene, or nothing that mmviz knows."""

import json
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QMimeData, QUrl

from mmviz import MmvizError, Scene
from mmviz.errors import SceneError
from mmviz.viewer.session import clipboard
from mmviz.viewer.session.clipboard import LONGEST_NAME, as_file, is_link, maker, named_by
from mmviz.viewer.session.shown_scene import Shown

LINK = "https://bhosmer.github.io/mm/?params=x"
SCENE = "expr: A @ B\ntensors:\n  A: {values: [[1]]}\n  B: {values: [[2]]}\n"


def copied(text: str = "", urls: tuple[str, ...] = ()) -> QMimeData:
    offered = QMimeData()
    if text:
        offered.setText(text)
    if urls:
        offered.setUrls([QUrl(url) for url in urls])
    return offered


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("chain", "chain"),
        ("  chain \n", "chain"),
        ('"my scene.yaml"', "my scene.yaml"),
        ("'my scene.yaml'", "my scene.yaml"),
        ("file:///tmp/my%20scene.yaml", "/tmp/my scene.yaml"),
        ("file:///tmp/a.yaml\nfile:///tmp/b.yaml", "file:///tmp/a.yaml\nfile:///tmp/b.yaml"),
        ('expr: "A"\ntitle: "x"', 'expr: "A"\ntitle: "x"'),
        ("", ""),
    ],
)
def test_a_text_names_what_it_says_without_quotes_around_it(text: str, named: str) -> None:
    assert named_by(copied(text)) == named


def test_the_first_file_or_address_that_was_dropped_is_meant() -> None:
    assert named_by(copied("beside it", ("file:///tmp/my%20scene.yaml", "file:///other"))) == "/tmp/my scene.yaml"
    assert named_by(copied(urls=("https://x.org/?a=%20b",))) == "https://x.org/?a=%20b", "as it was, not decoded"


class Made:
    """Notes what a scene is made of."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def opener(self, what: str) -> Shown:
        self.asked.append(what)
        return cast("Shown", what)


LIKE = cast("Shown", Scene("X", {"X": [[0]]}))


@pytest.mark.parametrize("text", ["chain", "smollm2-135m-2layers", "a/b.yaml", LINK, "https://x.org/y", "expr: A"])
def test_a_path_a_name_or_an_address_is_opened(text: str) -> None:
    made = Made()
    make = maker(text, made.opener, LIKE, Path())
    assert made.asked == [], "only when it is asked for"
    assert cast("Any", make()) == text
    assert made.asked == [text]


@pytest.mark.parametrize(
    "text",
    [SCENE, json.dumps({"expr": "A @ B", "tensors": {"A": {"values": [[1]]}, "B": {"values": [[2]]}}}, indent=1)],
)
def test_a_whole_scene_is_read_and_its_paths_start_from_the_folder(text: str, tmp_path: Path) -> None:
    made = Made()
    scene = maker(text, made.opener, LIKE, tmp_path)()
    assert isinstance(scene, Scene)
    assert (scene.document.expr, scene.folder, scene.where) == ("A @ B", tmp_path, "pasted scene")
    assert set(scene.document.tensors) == {"A", "B"}
    assert made.asked == []


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        (
            "Dear all,\n\nthe meeting is at ten, in the large room.\n",
            r"Dear all,\u000a\u000athe meeting is at ten, in the",
        ),
        ("a: 1\nb: 2", r"a: 1\u000ab: 2"),
        ("x" * (LONGEST_NAME + 1), "x" * 40),
    ],
)
def test_what_is_no_scene_is_told_with_its_beginning(text: str, beginning: str) -> None:
    made = Made()
    with pytest.raises(SceneError) as caught:
        maker(text, made.opener, LIKE, Path())()
    assert str(caught.value) == (
        f"pasted scene: '{beginning}' … is no scene; copy a whole scene file (it has a line 'expr: …'), a link of mm "
        "or a path."
    )
    assert made.asked == []


def test_the_longest_name_is_still_opened() -> None:
    made = Made()
    maker("x" * LONGEST_NAME, made.opener, LIKE, Path())()
    assert made.asked == ["x" * LONGEST_NAME]


@pytest.mark.parametrize("text", ["expr: [A\ntitle: x\n", '{"expr": "A @ B"'])
def test_a_broken_scene_is_told_as_one(text: str) -> None:
    with pytest.raises(MmvizError, match=r"^pasted scene, line \d+"):
        maker(text + "\n", Made().opener, LIKE, Path())()


@pytest.mark.parametrize(("most", "read"), [(len(SCENE), True), (len(SCENE) - 1, False)])
def test_a_text_that_is_too_long_for_a_scene_is_not_even_read(
    most: int, read: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "MAX_SIZE", most)
    make = maker(SCENE, Made().opener, LIKE, Path())
    if read:
        assert isinstance(make(), Scene)
    else:
        with pytest.raises(SceneError, match="is no scene"):
            make()


@pytest.mark.parametrize(
    ("text", "link"), [(LINK, True), (f"{LINK}\nmore", False), ("a/b.yaml", False), ("A @ B", False)]
)
def test_an_address_is_one_line(text: str, link: bool) -> None:
    assert is_link(text) == link


def test_a_file_or_folder_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.yaml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert as_file("x.yaml") == tmp_path / "x.yaml"
    assert as_file("~/x.yaml") == tmp_path / "x.yaml"
    assert as_file(str(tmp_path)) == tmp_path
    assert as_file("y.yaml") is None


@pytest.mark.parametrize(
    "text", ["", "x\ny", "x" * (LONGEST_NAME + 1), "a\0b", LINK, "x" * 300, "~nobody-of-that-name/x"]
)
def test_what_no_file_is_called_is_none(text: str) -> None:
    assert as_file(text) is None
