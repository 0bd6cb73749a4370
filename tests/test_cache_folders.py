"""Whether a folder can be written in is tried, and afterwards everything is as it was before."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mmviz.machine.endings import Endings
from mmviz.machine.homes import size_of
from mmviz.reports import cache_folders
from mmviz.reports.cache_folders import led_by, why_not_writable


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_folder_that_is_there_or_can_be_made_is_writable_and_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for place in ("there", "there/a/b/c", "new"):
        assert why_not_writable(tmp_path / place) == ""
        assert everything(tmp_path) == ["there"]


@pytest.mark.parametrize("below", ["", "a/b"])
def test_what_stands_in_the_way_is_named(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    assert why_not_writable(tmp_path / "file" / below) == f"{tmp_path / 'file'} is a file, not a folder"
    assert why_not_writable(tmp_path / "link" / below) == f"{tmp_path / 'link'} is a link to nothing, not a folder"


def test_a_folder_through_a_link_is_one(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert why_not_writable(tmp_path / "link" / "new") == ""


def test_a_name_that_is_too_long_cannot_be_made(tmp_path: Path) -> None:
    assert why_not_writable(tmp_path / ("x" * 300)) == f"it cannot be made in {tmp_path} (File name too long)"


def test_where_nothing_can_be_written_it_is_told_with_the_systems_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(cache_folders, "TemporaryFile", deny)
    assert why_not_writable(tmp_path) == f"nothing can be written in {tmp_path} (Permission denied)"
    assert why_not_writable(tmp_path / "a" / "b") == f"it cannot be made in {tmp_path} (Permission denied)"
    assert everything(tmp_path) == []


def test_a_signal_in_the_middle_leaves_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    endings = Endings()
    monkeypatch.setattr(cache_folders, "ENDINGS", endings)
    seen: list[list[str]] = []

    def stop(**_: object) -> None:
        seen.append(everything(tmp_path))
        endings.do()
        seen.append(everything(tmp_path))
        raise OSError(4, "Interrupted")

    monkeypatch.setattr(cache_folders, "TemporaryFile", stop)
    why_not_writable(tmp_path / "a" / "b")
    assert seen == [["a", "a/b"], []]


def test_what_another_program_put_there_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original: Callable[..., object] = tempfile.TemporaryFile

    def busy(**options: object) -> object:
        (tmp_path / "a" / "theirs").touch()
        return original(**options)

    monkeypatch.setattr(cache_folders, "TemporaryFile", busy)
    assert why_not_writable(tmp_path / "a" / "b") == ""
    assert everything(tmp_path) == ["a", "a/theirs"]


def test_a_link_counts_as_itself(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "one").write_bytes(b"x" * 1000)
    (tmp_path / "sub" / "two").write_bytes(b"x" * 24)
    (tmp_path / "sub" / "link").symlink_to("../one")
    assert size_of(tmp_path) == 1024 + len(os.fspath("../one"))
    assert size_of(tmp_path / "none") == 0


def test_the_variable_that_decides_is_told() -> None:
    assert led_by(("A", "B"), {"B": "/b"}) == " (B)"
    assert led_by(("A", "B"), {"A": "/a", "B": "/b"}) == " (A)"
    assert led_by(("A", "B"), {}) == ""
