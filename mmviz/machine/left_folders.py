"""Folders that outlive a program that is killed, for the next one to find: each is locked while its program lives.

As in `work_folders` the lock is the system's, and only folders of the same machine are looked at; but what a dead
program left is handed over here, not removed. On Windows, and where nothing can be locked, nothing is ever found.
"""

import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path
from shutil import rmtree

from mmviz.machine.work_folders import LOCK, lock, machine

if sys.platform != "win32":
    import fcntl


class LeftFolder:
    """A folder that this program holds, until it is removed or let go; other programs keep off it so long."""

    def __init__(self, folder: Path, locks: list[int]) -> None:
        self.folder = folder
        self._locks = locks

    def remove(self) -> None:
        """It is not needed any more, with all that is in it."""
        for entry in self._entries():
            with suppress(OSError):
                entry.unlink()
        self.let_go()
        rmtree(self.folder, ignore_errors=True)

    def let_go(self) -> None:
        """It stays as it is, for whoever finds it."""
        while self._locks:
            os.close(self._locks.pop())

    def _entries(self) -> list[Path]:
        try:
            return [entry for entry in self.folder.iterdir() if entry.name != LOCK and entry.is_file()]
        except OSError:
            return []


def make(home: Path) -> LeftFolder:
    """A new folder, locked from the start.

    Raises:
        OSError: it cannot be made.
    """
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder = home / f"{machine()}-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    locks: list[int] = []
    lock(folder / LOCK, locks)
    return LeftFolder(folder, locks)


def left(home: Path) -> list[LeftFolder]:
    """The folders in `home` that programs of this machine left when they were killed, the latest first; now ours."""
    if sys.platform == "win32":
        return []
    found: list[tuple[float, LeftFolder]] = []
    with suppress(OSError), os.scandir(home) as entries:
        for entry in entries:
            if entry.name.startswith(f"{machine()}-") and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    found.append(_taken(Path(entry.path)))
    return [folder for _, folder in sorted(found, key=lambda one: -one[0])]


def _taken(folder: Path) -> tuple[float, LeftFolder]:
    """A dead program's folder, and when something was last written into it.

    Raises:
        OSError: its program lives, or nothing can be known of it.
    """
    file = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(file).st_size == 0:  # it is being made, or was made where nothing can be locked
            raise BlockingIOError
        return folder.stat().st_mtime, LeftFolder(folder, [file])
    except OSError:
        os.close(file)
        raise
