"""Output files: refused before the work, and then there as a whole or not at all; knows no file format."""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mmviz.errors import OutputError
from mmviz.machine.work_folders import alive, remove_dead

LARGEST_SIDE = 16384
"""Of a film, in pixels; also the largest texture of most graphics cards and the most that x264 takes."""
LARGEST_STILL = 32768
"""Of a single picture, which is drawn in tiles, in pixels."""
NOT_THERE = (errno.ENOENT, errno.ENOTDIR, errno.EBADF, errno.ELOOP)
"""Why a file cannot be looked at whose name is a good one."""


def check_size(width: int, height: int, *, even: str, largest: int = LARGEST_SIDE) -> None:
    """Refuses a picture size that cannot be drawn or, where it must be even, cannot be a film.

    Args:
        width: In pixels.
        height: In pixels.
        even: The codec for which both must be even, since its colours have half the resolution; "" for any.
        largest: Side, in pixels.

    Raises:
        OutputError: width or height is below 1, too large, or odd where it must be even.
    """
    size = f"picture size {width}x{height}: width and height must be"
    if min(width, height) < 1:
        raise OutputError(f"{size} 1 or more.")
    if max(width, height) > largest:
        raise OutputError(f"{size} at most {largest}.")
    if even and (width % 2 or height % 2):
        raise OutputError(f"{size} even, for {even}.")


def check_output(path: Path, suffixes: Sequence[str]) -> None:
    """Refuses a file that cannot be written, before a long computation.

    Args:
        path: The file to be written; one that exists will be replaced.
        suffixes: The endings that are allowed, as '.mp4'; upper case is as good as lower case.

    Raises:
        OutputError: another ending, no such folder, no right to write there, or a folder of that name.
    """
    check_no_folder(path)
    if path.suffix.lower() not in suffixes:
        *others, last = suffixes
        needed = f"{', '.join(others)} or {last}" if others else last
        found = f"ends in {path.suffix}" if path.suffix else "has no ending"
        raise OutputError(f"{path}: the name {found}; it must end in {needed}.")
    check_place(path)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path to write to; what is there becomes `path` at the end, and disappears if anything goes wrong.

    Where `path` is a link, what it leads to is replaced or made, and the link stays.

    Raises:
        OutputError: no such folder, no right to write there, a folder of that name, a link that leads nowhere, or the
            disk is full.
    """
    check_place(path)
    with work_folder(path) as folder:
        part = folder / f"whole{path.suffix}"
        yield part
        put(part, path)


@contextmanager
def work_folder(path: Path) -> Iterator[Path]:
    """A new folder beside `path` for what it is made of; it disappears in any case, and all that is still in it.

    Folders beside it that were left by programs that were killed disappear too.

    Raises:
        OutputError: it cannot be made, or the disk is full.
    """
    place = written(path)
    remove_dead(place.parent)
    folder = place.parent
    try:
        with alive(place) as folder:
            yield folder
    except OSError as error:
        if error.filename is None or Path(str(error.filename)).is_relative_to(folder):
            raise OutputError(f"{path}: cannot be written: {error.strerror or error}.") from error
        raise


def put(made: Path, path: Path) -> None:
    """Move a file that was made in a work folder to where it belongs.

    Raises:
        OutputError: `path` is a link that leads nowhere.
        OSError: it cannot be moved.
    """
    made.replace(written(path))


def put_folder(made: Path, path: Path) -> None:
    """Move a folder that was made in a work folder to where none is, or an empty one.

    Raises:
        OutputError: `path` is a link that leads nowhere.
        OSError: it cannot be moved.
    """
    place = written(path)
    if place.is_dir():
        place.rmdir()  # it was empty when the work began; rename cannot replace it everywhere
    made.replace(place)


def written(path: Path) -> Path:
    """What is written when `path` is: itself, or what it leads to where it is a link.

    Raises:
        OutputError: it is a link that leads to itself.
    """
    if not path.is_symlink():
        return path
    try:
        path.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OutputError(f"{path}: this is a link that leads back to itself; name a plain file.") from None
    return Path(os.path.realpath(path))


def check_place(path: Path) -> None:
    """Refuses a place where no file can be written.

    Raises:
        OutputError: no such folder, no right to write there, or a folder or device of that name.
    """
    check_folder(path)
    check_link(path)
    check_no_folder(path)
    # A rename would put a plain file in the place of a device such as /dev/null.
    if path.exists() and not path.is_file():
        raise OutputError(f"{path}: this is a device or a pipe; name a plain file.")
    check_writable(path)


def check_no_folder(path: Path | str) -> None:
    """Refuses a folder where a file is needed.

    Args:
        path: As it was given: a path that ends in / is that of a folder, which a Path does not know any more.

    Raises:
        OutputError: as said.
    """
    if os.path.isdir(path):  # which is False for a name that no file can have; that is told elsewhere
        raise OutputError(f"{path}: this is a folder; name a file in it.")
    if is_named_as_folder(path):
        raise OutputError(f"{path}: a name that ends in / is that of a folder; name a file.")


def is_named_as_folder(path: Path | str) -> bool:
    """Whether a name is that of a folder, there or not."""
    return str(path).endswith(("/", "\\"))


def check_name(path: Path) -> None:
    """Refuses a name that no file can have here.

    Raises:
        OutputError: it is too long, or holds a character such as NUL; or the place cannot be looked at.
    """
    try:
        path.stat()
    except ValueError:
        raise OutputError(f"{str(path)!r}: holds a character that no name of a file can have.") from None
    except OSError as error:
        if error.errno not in NOT_THERE:
            raise OutputError(f"{path}: {error.strerror}.") from None


def check_link(path: Path) -> None:
    """Refuses a link to where no file can be made.

    Raises:
        OutputError: as said.
    """
    place = written(path)
    if place is not path and not place.parent.is_dir():
        raise OutputError(f"{path}: this is a link to {place}, whose folder does not exist; create it first.")


def check_folder(path: Path) -> None:
    """Refuses a name in a folder that does not exist.

    Raises:
        OutputError: as said.
    """
    check_name(path)
    folder = path.parent
    if not folder.exists():
        raise OutputError(f"{path}: the folder {folder} does not exist; create it first.")
    if not folder.is_dir():
        raise OutputError(f"{path}: {folder} is a file, not a folder.")


def check_writable(path: Path) -> None:
    """Refuses a name in a folder in which nothing may be written.

    Raises:
        OutputError: as said.
    """
    folder = written(path).parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{path}: the folder {folder} is not writable; choose another.")
