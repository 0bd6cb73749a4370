"""Refuses what is no plain file, such as a pipe, which would be waited for, or only stands for one; opens no format."""

from collections.abc import Mapping
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from mmviz.errors import SourceError
from mmviz.values.files.kind_of_file import Kind, kind_of

STAND_INS: Mapping[Kind, str] = {
    "lfs": "is a pointer of Git LFS, not the file itself; `git lfs pull` in its folder fetches it",
    "annex": "is a pointer of git-annex, not the file itself; `git annex get` in its folder fetches it",
    "page": "is a page of the web, not the file itself; download the file",
}


def check_plain(path: Path) -> None:
    """Refuse a pipe, a device or a stand-in; that a path is a folder, or not there, is said when it is opened.

    Raises:
        SourceError: it is such a thing.
    """
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):  # ValueError: a null character in the path
        return
    if S_ISDIR(mode):
        return
    if not S_ISREG(mode):
        raise SourceError(f"{path}: is a pipe or a device; a plain file is needed.")
    check_itself(path)


def check_itself(path: Path) -> None:
    """Refuse a plain file that only stands for one; of a pipe, which would lose it, nothing is read.

    Raises:
        SourceError: it is such a thing.
    """
    try:
        plain = path.is_file()
    except OSError:  # such as a name that is too long
        return
    if plain and (kind := kind_of(path)) in STAND_INS:
        raise SourceError(f"{path}: {STAND_INS[kind]}.")
