"""The command import: a link of mm becomes a scene file, and one message says what is wrong."""

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from mmviz.cli import program
from mmviz.errors import MmvizError
from mmviz.pipeline import Scene

OLD = "expr: A\ntensors: {A: {init: eye, shape: [2, 2]}}\n"
LINK = "https://bhosmer.github.io/mm/index.html?params=" + quote(
    json.dumps(
        {
            "left": {"name": "A", "h": 3, "w": 2, "init": "url", "url": "https://example.org/far/a.csv"},
            "right": {"name": "B", "h": 2, "w": 4},
            "anim": {"alg": "axpy"},
            "deco": {"axes": True},
        }
    )
)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with one scene."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.yaml").write_text(OLD)


def import_link(*arguments: str, text: str | None = None) -> str:
    """Runs `mmviz import ...`; what it says."""
    outcome = CliRunner().invoke(program.app, ["import", *arguments], input=text, catch_exceptions=False)
    assert (outcome.exit_code, outcome.stdout) == (0, "")
    return outcome.stderr


def test_a_link_becomes_a_scene_file_and_what_is_not_as_in_mm_is_said(tmp_path: Path) -> None:
    said = import_link(LINK, "-o", "x.yaml")
    assert "x.yaml: 'axes': is left out\n" in said
    assert "x.yaml: the numbers of A lie at addresses, which are not fetched; name a folder" in said
    scene = Scene.load(tmp_path / "x.yaml")
    assert scene.layout()[""].shape == (3, 4)
    with pytest.raises(
        MmvizError, match=r"^x.*\.yaml, tensors\.A: its numbers lie at https://example\.org/far/a\.csv, and "
    ):
        Scene.load("x.yaml").values()


def test_copies_in_a_folder_are_found_from_where_the_scene_is_written(tmp_path: Path) -> None:
    for folder in ("copies", "out"):
        (tmp_path / folder).mkdir()
    (tmp_path / "copies" / "a.csv").write_text("1,2\n")
    (tmp_path / "link.txt").write_text(LINK)
    import_link("link.txt", "-o", "out/x.yaml", "--csv", "copies")
    assert Scene.load(tmp_path / "out" / "x.yaml").values()["left"].tolist() == [[1, 2]] * 3


def test_a_link_may_come_through_a_pipe_and_a_pattern_stands_in_for_numbers(tmp_path: Path) -> None:
    import_link("-", "-o", "x.json", "--missing", "eye", text=f"{LINK}\n")
    assert Scene.load(tmp_path / "x.json").values()["left"].tolist() == [[1, 0], [0, 1], [0, 0]]


def test_a_scene_that_is_there_is_replaced_only_when_forced(tmp_path: Path) -> None:
    import_link(LINK, "-o", "old.yaml", "--force")
    assert Scene.load(tmp_path / "old.yaml").document.expr == "A @ B"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.txt", "-o", "x.yaml"), "none.txt: is neither a link of mm nor a file that holds one."),
        ((LINK, "-o", "x.png"), "x.png: "),
        ((LINK, "-o", "old.yaml"), "old.yaml: is there already; choose another name, or replace it with --force."),
        ((LINK, "-o", "x.yaml", "--csv", "far"), "far: there is no such folder; one with copies of the CSV files is "),
        ((LINK, "-o", "x.yaml", "--missing", "noise"), "missing: must be one of rows, cols, "),
    ],
)
def test_one_message_says_what_is_wrong(arguments: tuple[str, ...], message: str, tmp_path: Path) -> None:
    with pytest.raises(MmvizError) as caught:
        import_link(*arguments)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["old.yaml"]
    assert (tmp_path / "old.yaml").read_text() == OLD


def test_what_comments_are_lost_of_a_file_that_is_replaced_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("# mine\nexpr: [", encoding="utf-8")
    said = import_link(LINK, "-o", "x.yaml", "--force")
    assert said.splitlines()[0] == "x.yaml: was written anew; the comments of x.yaml could not be kept."


def test_a_file_that_stands_for_a_link_is_told_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "link.txt").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(MmvizError) as raised:
        import_link("link.txt", "-o", "x.yaml")
    assert str(raised.value) == (
        "link.txt: is a pointer of Git LFS, not the file itself; `git lfs pull` in its folder fetches it."
    )
    import_link("params=" + LINK.partition("params=")[2], "-o", "x.yaml")  # no file can have so long a name
