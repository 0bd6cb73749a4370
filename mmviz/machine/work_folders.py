"""Folders in which files are made: each is locked while its program lives, so that another one can tell a dead one's.

A folder is named `NAME.mmviz-MACHINE-NUMBER.part` and holds a file that its program keeps locked (flock). The system
drops the lock when the program ends, in whatever way. What holds where:
- Only folders that the same machine made are looked at, by the MACHINE in their name, which comes of its host name. So
  it does not matter whether locks on a network file system are known to other machines (NFS) or not (some mounts of
  NFS and SMB). Machines that share such a mount must not share a host name.
- A container with a host name of its own is a machine of its own: only a later one of that name removes what it leaves.
- Where nothing can be locked, and on Windows, nothing is recognized as dead, and nothing removed.
"""

import os
import re
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from platform import node
from shutil import rmtree
from zlib import crc32

from mmviz.machine.endings import ENDINGS

if sys.platform != "win32":
    import fcntl

KEPT = 40
"""Letters of a file's name that the name of its work folder begins with: with more it could be too long."""
OURS = re.compile(r".*\.mmviz-(?P<machine>[0-9a-f]{8})-[0-9a-f]{8}\.part", re.DOTALL)
LOCK = "lock"
YOUNG = 60.0
"""Seconds; a younger folder without a lock may be one whose program is about to make it."""


@contextmanager
def alive(place: Path) -> Iterator[Path]:
    """A new folder beside a file, which is locked while this goes, and then disappears with all that is in it.

    Raises:
        OSError: it cannot be made.
    """
    folder = place.with_name(f"{place.stem[:KEPT]}.mmviz-{machine()}-{secrets.token_hex(4)}.part")
    locks: list[int] = []

    def clear() -> None:
        _empty(folder)
        while locks:
            os.close(locks.pop())  # before its file goes: NFS keeps what is open under another name
        rmtree(folder, ignore_errors=True)

    with ENDINGS.due(clear):
        try:
            folder.mkdir()
            lock(folder / LOCK, locks)
            yield folder
        finally:
            clear()


def remove_dead(place: Path) -> None:
    """Remove the work folders in `place` that programs of this machine left when they were killed."""
    if sys.platform == "win32":
        return
    with suppress(OSError), os.scandir(place) as found:
        for entry in found:
            ours = OURS.fullmatch(entry.name)
            if ours is not None and ours["machine"] == machine() and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    _remove_if_dead(Path(entry.path))


def machine() -> str:
    """A word for this machine, made of its host name."""
    return f"{crc32(node().encode()):08x}"


def lock(file: Path, locks: list[int]) -> None:
    """Make a file whose lock the system drops when this process ends; it has a byte from when it is locked.

    Args:
        file: Which is not there yet.
        locks: Gets what keeps the lock, where there are locks.
    """
    if sys.platform == "win32":
        return
    locks.append(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
    with suppress(OSError):  # there are no locks here
        fcntl.flock(locks[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(locks[0], b"1")


def _remove_if_dead(folder: Path) -> None:
    """Remove a work folder, unless its program lives or may live.

    Raises:
        OSError: it lives, or nothing can be known.
    """
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        if time.time() - folder.stat().st_mtime > YOUNG:
            rmtree(folder, ignore_errors=True)
        return
    try:
        made = os.fstat(lock)
        if made.st_size == 0 and time.time() - made.st_mtime < YOUNG:
            return
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _empty(folder)
    finally:
        os.close(lock)
    rmtree(folder, ignore_errors=True)


def _empty(folder: Path) -> None:
    """Remove what is in a work folder, but for its lock."""
    with suppress(OSError), os.scandir(folder) as found:
        for entry in found:
            if entry.is_dir(follow_symlinks=False):
                rmtree(entry.path, ignore_errors=True)
            elif entry.name != LOCK:
                with suppress(OSError):
                    os.unlink(entry.path)
