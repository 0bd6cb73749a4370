"""Which file it is that was opened, told from any other and from itself after a change; keeps nothing of it."""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

FINE, COARSE = 100_000_000, 3_000_000_000
"""Nanoseconds after a change in which another one may get the same time: systems count in steps of some milliseconds,
and file systems that count in 10 ms and more in steps of up to 2 s."""
STEP = 10_000_000
"""Nanoseconds: times of which all are multiples of it are taken for those of such a file system."""
PIECES, PIECE = 16, 4096
"""How many pieces of a file are looked at, and the bytes of each."""


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as it was when it was looked at; two are equal where nothing was written to it in between.

    A copy that keeps the time of its original, or weights that are saved once more with the same sizes, are another
    file: they have another inode, or it says that it was changed, which no program can set back.
    """

    path: str
    size: int
    inode: int
    written: int  # nanoseconds; programs can set it
    changed: int  # nanoseconds; of the inode, where the system keeps it
    settled: bool = field(compare=False)  # a change that came later has another time

    @classmethod
    def of(cls, file: Path) -> "FileState":
        """The file as it is now.

        Raises:
            OSError: it cannot be looked at.
        """
        place = file.resolve()
        now, found = time.time_ns(), place.stat()
        times = found.st_mtime_ns, found.st_ctime_ns
        coarse = not any(moment % STEP for moment in times)
        settled = now - max(times) > (COARSE if coarse else FINE)
        return cls(str(place), found.st_size, found.st_ino, *times, settled)

    def sample(self) -> str:
        """A word for its first bytes and for pieces all over it.

        Raises:
            OSError: it cannot be read.
        """
        digest = hashlib.sha256()
        with Path(self.path).open("rb") as file:
            for number in range(PIECES):
                file.seek(number * self.size // PIECES)
                digest.update(file.read(PIECE))
        return digest.hexdigest()


def states_of(files: Iterable[Path]) -> tuple[FileState, ...]:
    """Files as they are now; empty where one of them cannot be looked at."""
    try:
        return tuple(FileState.of(file) for file in files)
    except OSError:
        return ()
