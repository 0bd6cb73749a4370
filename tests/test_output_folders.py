"""A folder in the place of a file is one message, for everything that is written; nothing is written beside it."""

import sys
from pathlib import Path

import pytest

from mmviz import Scene
from mmviz.cli import main
from mmviz.errors import OutputError

HEAD = ("head", "smollm2-135m-2layers", "--layer", "0", "--head", "0", "--tokens", "1,2")
LINK = "https://bhosmer.github.io/mm/?params=%7B%22left%22%3A%7B%22h%22%3A4%2C%22w%22%3A3%7D%2C%22right%22%3A%7B%22h%22%3A3%2C%22w%22%3A2%7D%7D"
WRITING = {
    "picture": ("render", "matmul", "-o"),
    "film": ("movie", "matmul", "-o"),
    "mesh": ("mesh", "matmul", "-o"),
    "scene of a link": ("import", LINK, "-o"),
    "scene of a head": (*HEAD, "-o"),
    "picture of a head": (*HEAD, "--render"),
    "film of a head": (*HEAD, "--movie"),
}


def message(words: tuple[str, ...], patch: pytest.MonkeyPatch, printed: pytest.CaptureFixture[str]) -> str:
    patch.setattr(sys, "argv", ["mmviz", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    told = printed.readouterr()
    assert (ended.value.code, told.out) == (1, "")
    return told.err


@pytest.mark.parametrize("name", ["here", "here.mp4", "here.gif", "here.png", "here.glb", "here.yaml", "."])
@pytest.mark.parametrize("writing", WRITING.values(), ids=WRITING)
def test_a_folder_in_the_place_of_a_file_is_one_message(
    writing: tuple[str, ...],
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).mkdir(exist_ok=True)
    told = message((*writing, name), monkeypatch, capsys)
    assert told == f"mmviz: {name}: this is a folder; name a file in it.\n"
    assert [path.name for path in tmp_path.rglob("*")] == ([] if name == "." else [name])


@pytest.mark.parametrize("name", ["new.png/", "new.glb/", "new.yaml/"])
@pytest.mark.parametrize("writing", [way for what, way in WRITING.items() if "film" not in what])
def test_a_name_that_ends_in_a_slash_is_no_files(
    writing: tuple[str, ...],
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    told = message((*writing, name), monkeypatch, capsys)
    assert told == f"mmviz: {name}: a name that ends in / is that of a folder; name a file.\n"
    assert list(tmp_path.iterdir()) == []


def test_so_it_is_in_python(tmp_path: Path) -> None:
    scene = Scene("A", {"A": {"init": "eye", "shape": [2, 2]}})
    for write, name in ((scene.screenshot, "x.png/"), (scene.mesh, "x.glb/"), (scene.save, "x.yaml/")):
        for path in (f"{tmp_path}/{name}", tmp_path):
            with pytest.raises(OutputError, match=r"this is a folder|is that of a folder"):
                write(path)
    with pytest.raises(OutputError, match=r": this is a folder; name a file in it\.$"):
        scene.movie(tmp_path)
    assert list(tmp_path.iterdir()) == []
