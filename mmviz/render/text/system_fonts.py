"""The fonts that are installed on this machine, best first, found by the system's own means; opens none of them."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from subprocess import TimeoutExpired

from mmviz.machine.children import ran

PATIENCE = 20.0
"""Seconds that fontconfig may take: the first question after fonts were installed makes it read them all."""
SANS = "sans"
"""What fontconfig calls letters without serifs, such as those of the font that is shipped."""
ENDINGS = frozenset((".ttf", ".ttc", ".otf", ".otc"))
"""Of files with outlines; bitmaps and old Type 1 fonts are left out."""
GOOD: Mapping[str, tuple[str, ...]] = {
    "darwin": (
        "PingFang", "Hiragino Sans GB", "ヒラギノ角ゴシック W3", "AppleSDGothicNeo", "GeezaPro", "ArialHB", "Kohinoor",
        "Thonburi", "Apple Symbols", "Arial Unicode",
    ),
    "win32": ("msyh", "YuGothR", "msgothic", "malgun", "segoeui", "Nirmala", "LeelawUI", "seguisym", "seguiemj"),
}  # fmt: skip
"""Beginnings of the names of files that come with macOS and Windows, for many scripts, best first."""
OWN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "darwin": {"ja": ("ヒラギノ角ゴシック W3",), "ko": ("AppleSDGothicNeo",)},
    "win32": {"ja": ("YuGothR", "msgothic"), "ko": ("malgun",)},
}
"""Those that go first where Chinese characters are read in another language."""


@dataclass(frozen=True, slots=True)
class FontFile:
    """One font of a file."""

    path: Path
    number: int = 0  # of the font in a file that holds several


@cache
def installed(language: str = "") -> tuple[FontFile, ...]:
    """Fonts without serifs first; together they have all letters that this machine can write.

    Args:
        language: Whose letters come first, such as "ja"; "" where it does not matter.
    """
    found = tuple(_from_fontconfig(language))
    return found or tuple(FontFile(path) for path in in_folders(font_folders(), language, sys.platform))


def _from_fontconfig(language: str) -> Iterator[FontFile]:
    """What fontconfig would write a text in, in its order; nothing where it is not there, or cannot be used."""
    pattern = f"{SANS}:lang={language}" if language else SANS
    command = ("fc-match", "--sort", "--format", "%{file}|%{index}\n", pattern)
    try:
        answer = ran(command, os.environ, PATIENCE)
    except (OSError, TimeoutExpired):
        return
    for line in answer.stdout.splitlines() if answer.returncode == 0 else ():
        path, _, number = line.rpartition("|")
        if Path(path).suffix.lower() in ENDINGS and number.isdecimal():
            yield FontFile(Path(path), int(number) & 0xFFFF)  # the upper half counts the named weights of a font


def font_folders() -> tuple[Path, ...]:
    """Where this system keeps its fonts, and those of this person."""
    home = Path.home()
    if sys.platform == "win32":
        system = Path(os.environ.get("WINDIR", r"C:\Windows"), "Fonts")
        own = Path(os.environ.get("LOCALAPPDATA", str(home / "AppData" / "Local")), "Microsoft", "Windows", "Fonts")
        return system, own
    if sys.platform == "darwin":
        return Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"
    return Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local" / "share" / "fonts"


def in_folders(folders: tuple[Path, ...], language: str, system: str) -> tuple[Path, ...]:
    """Font files below some folders: those that are known to be good, then regular ones, then the others by name."""
    known = (*OWN.get(system, {}).get(language, ()), *GOOD.get(system, ()))

    def order(path: Path) -> tuple[int, bool, str]:
        name = path.stem.lower()
        place = next((at for at, good in enumerate(known) if name.startswith(good.lower())), len(known))
        return place, place == len(known) and "regular" not in name, f"{path.name} {path}"

    files = {path for folder in folders for path in _below(folder) if path.suffix.lower() in ENDINGS}
    return tuple(sorted(files, key=order))


def _below(folder: Path) -> Iterator[Path]:
    for place, _, names in os.walk(folder):  # what cannot be looked into is passed over
        yield from (Path(place, name) for name in names)
