"""Output files: refused before the work, and then there as a whole or not at all; knows no file format."""

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mmviz.errors import OutputError

LARGEST_SIDE = 16384
"""Of a picture, in pixels; also the largest texture of most graphics cards and the most that x264 takes."""


def check_size(width: int, height: int, *, even: bool) -> None:
    """Refuses a picture size that cannot be drawn or, where it must be even, cannot be a film.

    Args:
        width: In pixels.
        height: In pixels.
        even: True for a film: its colours have half the resolution.

    Raises:
        OutputError: width or height is below 1, above 16384, or odd where it must be even.
    """
    size = f"picture size {width}x{height}: width and height must be"
    if min(width, height) < 1:
        raise OutputError(f"{size} 1 or more.")
    if max(width, height) > LARGEST_SIDE:
        raise OutputError(f"{size} at most {LARGEST_SIDE}.")
    if even and (width % 2 or height % 2):
        raise OutputError(f"{size} even, for H.264.")


def check_output(path: Path, suffixes: Sequence[str]) -> None:
    """Refuses a file that cannot be written, before a long computation.

    Args:
        path: The file to be written; one that exists will be replaced.
        suffixes: The endings that are allowed, as '.mp4'; upper case is as good as lower case.

    Raises:
        OutputError: another ending, no such folder, no right to write there, or a folder of that name.
    """
    if path.suffix.lower() not in suffixes:
        *others, last = suffixes
        needed = f"{', '.join(others)} or {last}" if others else last
        found = f"ends in {path.suffix}" if path.suffix else "has no ending"
        raise OutputError(f"{path}: the name {found}; it must end in {needed}.")
    _check_place(path)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it becomes `path` at the end, and disappears if anything goes wrong.

    Raises:
        OutputError: no such folder, no right to write there, a folder of that name, or the disk is full.
    """
    _check_place(path)
    part = path.with_name(f"{path.stem}.{secrets.token_hex(4)}.part{path.suffix}")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        if error.filename in (None, str(part)):
            raise OutputError(f"{path}: cannot be written: {error.strerror or error}.") from error
        raise
    finally:
        part.unlink(missing_ok=True)


def _check_place(path: Path) -> None:
    folder = path.parent
    if not folder.exists():
        raise OutputError(f"{path}: the folder {folder} does not exist; create it first.")
    if not folder.is_dir():
        raise OutputError(f"{path}: {folder} is a file, not a folder.")
    if path.is_dir():
        raise OutputError(f"{path}: this is a folder; name a file in it.")
    # A rename would put a plain file in the place of a device such as /dev/null.
    if path.exists() and not path.is_file():
        raise OutputError(f"{path}: this is a device or a pipe; name a plain file.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{path}: the folder {folder} is not writable; choose another.")
