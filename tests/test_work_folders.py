"""What is written lies in locked folders: a killed program's are removed by the next one, a living one's never."""

import errno
import os
import signal
import sys
from pathlib import Path

import pytest

from mmviz.machine.output_files import whole_file, work_folder
from mmviz.machine.work_folders import LOCK, OURS, YOUNG, alive
from tests.processes import started

WRITING = """
import sys, time
from pathlib import Path
from mmviz.machine.output_files import whole_file, work_folder
with work_folder(Path("film.mp4")) as folder, whole_file(Path("x.png")) as part:
    (folder / "deep").mkdir()
    (folder / "deep" / "00000.mp4").write_text("half")
    part.write_text("half")
    Path("begun").touch()
    time.sleep(600)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no locks that tell")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.process
def test_what_a_killed_program_leaves_is_removed_by_the_next_one_that_writes_there(tmp_path: Path) -> None:
    with started(WRITING, folder=tmp_path) as process:
        process.until((tmp_path / "begun").exists)
        process.send_signal(signal.SIGKILL)
        process.ended()
    (tmp_path / "begun").unlink()
    assert [bool(OURS.fullmatch(name)) for name in names(tmp_path)] == [True, True]
    with whole_file(tmp_path / "another.png") as part:
        part.touch()
    assert names(tmp_path) == ["another.png"]


@pytest.mark.process
def test_what_a_living_program_is_writing_stays(tmp_path: Path) -> None:
    with started(WRITING, folder=tmp_path) as process:
        process.until((tmp_path / "begun").exists)
        before = names(tmp_path)
        with whole_file(tmp_path / "x.png") as part:
            part.touch()
        assert names(tmp_path) == sorted([*before, "x.png"])
        assert [path.read_text() for path in tmp_path.glob("*.part/whole.png")] == ["half"]


def test_a_program_never_takes_its_own_for_dead(tmp_path: Path) -> None:
    with work_folder(tmp_path / "x.mp4") as folder:
        (folder / "part").touch()
        with whole_file(tmp_path / "x.png") as part:
            part.touch()
        assert (folder / "part").exists()
    assert names(tmp_path) == ["x.png"]


def left(folder: Path, name: str, *, lock: bytes | None, age: float) -> Path:
    """A folder as a program may have left it."""
    made = folder / name
    made.mkdir()
    now = made.stat().st_mtime - age
    if lock is not None:
        (made / LOCK).write_bytes(lock)
        os.utime(made / LOCK, (now, now))
    os.utime(made, (now, now))
    return made


@pytest.mark.parametrize(
    ("lock", "age", "stays"),
    [(b"1", 0, False), (b"", 0, True), (b"", 2 * YOUNG, False), (None, 0, True), (None, 2 * YOUNG, False)],
    ids=["locked once", "not locked yet", "never locked", "no lock yet", "never a lock"],
)
def test_a_folder_whose_program_may_be_about_to_lock_it_stays(
    lock: bytes | None, age: float, stays: bool, tmp_path: Path
) -> None:
    with alive(tmp_path / "x.mp4") as folder:
        name = folder.name
    made = left(tmp_path, name, lock=lock, age=age)
    with whole_file(tmp_path / "y.png") as part:
        part.touch()
    assert made.exists() == stays


@pytest.mark.parametrize("name", ["x.part", "x.mp4.part", "x.mmviz-00000000-12345678.part", "mmviz.part"])
def test_folders_of_others_and_of_other_machines_stay(name: str, tmp_path: Path) -> None:
    made = left(tmp_path, name, lock=b"1", age=1e6)
    with whole_file(tmp_path / "y.png") as part:
        part.touch()
    assert made.exists()


def test_a_file_of_such_a_name_and_a_link_stay(tmp_path: Path) -> None:
    with alive(tmp_path / "x.mp4") as folder:
        name = folder.name
    elsewhere = left(tmp_path, "elsewhere", lock=b"1", age=1e6)
    (tmp_path / name).symlink_to(elsewhere)
    (tmp_path / f"y{name}").touch()
    with whole_file(tmp_path / "y.png") as part:
        part.touch()
    assert names(tmp_path) == sorted(["elsewhere", name, f"y{name}", "y.png"])
    assert names(elsewhere) == [LOCK]


def test_where_nothing_can_be_locked_nothing_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    with alive(tmp_path / "x.mp4") as folder:
        name = folder.name
        assert (folder / LOCK).read_bytes() == b""
    made = left(tmp_path, name, lock=b"1", age=1e6)
    with whole_file(tmp_path / "y.png") as part:
        part.touch()
    assert made.exists()


def test_the_name_of_a_work_folder_is_never_too_long(tmp_path: Path) -> None:
    with whole_file(tmp_path / f"{'x' * 250}.png") as part:
        part.write_text("whole")
    assert names(tmp_path) == [f"{'x' * 250}.png"]
