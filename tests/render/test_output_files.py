"""A file is there as a whole or not at all, and what cannot work is refused before the work."""

import errno
import os
import re
import stat
from pathlib import Path

import pytest

from mmviz.errors import OutputError
from mmviz.machine.output_files import check_output, check_size, whole_file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write_half(path: Path, error: BaseException) -> None:
    with whole_file(path) as part:
        part.write_text("half")
        raise error


def test_a_file_appears_when_it_is_finished_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    with whole_file(path) as part:
        part.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new"
    assert names(tmp_path) == ["x.mp4"]


def test_the_part_keeps_the_ending_and_is_known_to_gitignore(tmp_path: Path) -> None:
    with whole_file(tmp_path / "x.tar.mp4") as part:
        part.touch()
        assert re.fullmatch(r"x\.tar\.mmviz-[0-9a-f]{8}-[0-9a-f]{8}\.part", part.parent.name)
        assert (part.parent.parent, part.suffix) == (tmp_path, ".mp4")


def test_two_exports_to_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    with whole_file(path) as first, whole_file(path) as second:
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"
    assert names(tmp_path) == ["x.png"]


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.touch()
    with whole_file(tmp_path / "x.png") as part:
        part.touch()
    assert stat.S_IMODE((tmp_path / "x.png").stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "x.mp4"
    path.write_text("old")
    with pytest.raises(error):
        write_half(path, error())
    assert path.read_text() == "old"
    assert names(tmp_path) == ["x.mp4"]


def test_a_failure_before_the_first_byte_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), whole_file(tmp_path / "x.mp4"):
        raise KeyboardInterrupt
    assert names(tmp_path) == []


def test_a_full_disk_is_the_users_to_know(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    with pytest.raises(OutputError) as caught:
        write_half(path, OSError(errno.ENOSPC, "No space left on device"))
    assert str(caught.value) == f"{path}: cannot be written: No space left on device."
    assert names(tmp_path) == []


def test_an_error_about_another_file_is_not_blamed_on_this_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"weights\.bin"), whole_file(tmp_path / "x.mp4"):
        (tmp_path / "weights.bin").read_bytes()


def test_a_folder_that_does_not_exist_is_refused_before_the_work(tmp_path: Path) -> None:
    path = tmp_path / "films" / "x.mp4"
    expected = f"{path}: the folder {tmp_path}/films does not exist; create it first."
    assert refusal(path) == expected


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "films").touch()
    path = tmp_path / "films" / "x.mp4"
    assert refusal(path) == f"{path}: {tmp_path}/films is a file, not a folder."


def test_a_folder_of_the_files_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    path.mkdir()
    assert refusal(path) == f"{path}: this is a folder; name a file in it."


def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    os.mkfifo(path)
    assert refusal(path) == f"{path}: this is a device or a pipe; name a plain file."


def test_a_folder_without_the_right_to_write_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda folder, mode: False)  # as root everything may be written
    path = tmp_path / "x.mp4"
    assert refusal(path) == f"{path}: the folder {tmp_path} is not writable; choose another."


def refusal(path: Path) -> str:
    """The message, which must be the same up front and at the work."""
    with pytest.raises(OutputError) as early:
        check_output(path, (".mp4",))
    with pytest.raises(OutputError) as late, whole_file(path):
        pytest.fail("the work was begun")
    assert str(early.value) == str(late.value)
    return str(early.value)


@pytest.mark.parametrize("name", ["x.png", "x.PNG", "x.part.jpg"])
def test_an_ending_that_is_allowed_passes(tmp_path: Path, name: str) -> None:
    check_output(tmp_path / name, (".png", ".jpg"))


@pytest.mark.parametrize(
    ("name", "suffixes", "text"),
    [
        ("x.avi", (".mp4",), "the name ends in .avi; it must end in .mp4."),
        ("x", (".mp4", ".gif"), "the name has no ending; it must end in .mp4 or .gif."),
        (".png", (".png", ".jpg", ".jpeg"), "the name has no ending; it must end in .png, .jpg or .jpeg."),
    ],
)
def test_another_ending_is_refused(tmp_path: Path, name: str, suffixes: tuple[str, ...], text: str) -> None:
    with pytest.raises(OutputError) as caught:
        check_output(tmp_path / name, suffixes)
    assert str(caught.value) == f"{tmp_path / name}: {text}"


@pytest.mark.parametrize("size", [(1, 1), (1281, 721), (16384, 16384)])
def test_a_still_may_have_any_size_up_to_the_largest(size: tuple[int, int]) -> None:
    check_size(*size, even="")


@pytest.mark.parametrize(
    ("width", "height", "text"),
    [
        (0, 720, "picture size 0x720: width and height must be 1 or more."),
        (1280, -2, "picture size 1280x-2: width and height must be 1 or more."),
        (1280, 16386, "picture size 1280x16386: width and height must be at most 16384."),
        (1281, 720, "picture size 1281x720: width and height must be even, for H.264."),
        (1280, 721, "picture size 1280x721: width and height must be even, for H.264."),
    ],
)
def test_a_size_that_cannot_be_a_film_is_refused(width: int, height: int, text: str) -> None:
    with pytest.raises(OutputError) as caught:
        check_size(width, height, even="H.264")
    assert str(caught.value) == text
