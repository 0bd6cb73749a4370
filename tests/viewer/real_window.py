"""Virtual screens, the viewer in a process of its own, and a user before it who sees, types and clicks; no tests."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
Viewer = subprocess.Popen[str]
Environment = Mapping[str, str]
Size = tuple[int, int]

TOOLS = ("Xvfb", "xdotool", "import")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
needs_tools = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

PATIENCE = 60.0
"""Seconds until the user gives up waiting."""
KEEP = "MMVIZ_KEEP"
"""Names a folder into which pictures of the screen are copied."""


@contextmanager
def virtual_screen(environment: Environment, size: Size) -> Iterator[dict[str, str]]:
    """The environment of a process on a screen of its own."""
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", f"{size[0]}x{size[1]}x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    try:
        number = server.stdout.readline().strip()
        yield {**environment, "DISPLAY": f":{number}"}
    finally:
        server.stdout.close()
        server.terminate()
        server.wait(10)


@contextmanager
def viewing(scene: str, screen: Environment, folder: Path) -> Iterator[Viewer]:
    """`mmviz view` on a screen, started in a folder."""
    command = [sys.executable, "-m", "mmviz", "view", scene]
    process = subprocess.Popen(command, env=screen, cwd=folder, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=10)


class Hand:
    """A user before a screen.

    Args:
        screen: The environment of processes on it.
        folder: Where pictures of it are kept.
        size: Of the part that is looked at, from the upper left corner; all of it by default.
    """

    def __init__(self, screen: Environment, folder: Path, size: Size | None = None) -> None:
        self.screen = screen
        self.folder = folder
        self.size = size

    def do(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self.screen, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        return done.stdout.strip()

    def press(self, *keys: str) -> None:
        self.do("key", *keys)

    def type(self, text: str) -> None:
        self.do("type", "--delay", "1", text)

    def find(self, name: str) -> str:
        """The number of the window with a name, which has the keyboard from now on."""
        window: str = until(lambda: self.do("search", "--onlyvisible", "--name", name))
        self.do("windowfocus", "--sync", window)
        return window

    def look(self) -> Picture:
        """(height, width, 3): the screen."""
        path = self.folder / "screen.bmp"
        part = [] if self.size is None else ["-crop", f"{self.size[0]}x{self.size[1]}+0+0", "+repage"]
        subprocess.run(["import", "-window", "root", *part, str(path)], env=self.screen, timeout=PATIENCE, check=True)
        with Image.open(path) as shot:
            return np.asarray(shot.convert("RGB"))

    def look_until(self, seen: Callable[[Picture], bool]) -> Picture:
        """The first look at which something is seen."""
        end = time.monotonic() + PATIENCE
        while not seen(shot := self.look()):
            assert time.monotonic() < end, f"looked in vain; the last look is in {self.folder}"
        return shot

    def look_twice(self) -> Picture:
        """The first look after which nothing moves."""
        last = self.look()

        def rests(shot: Picture) -> bool:
            nonlocal last
            before, last = last, shot
            return shot.shape == before.shape and bool((shot == before).all())

        return self.look_until(rests)

    def keep(self, shot: Picture, name: str) -> None:
        """Keep a picture for people."""
        path = self.folder / f"{name}.png"
        Image.fromarray(shot).save(path)
        if folder := os.environ.get(KEEP):
            Path(folder).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, folder)


def until(found: Callable[[], Any]) -> Any:
    """The first answer that is not empty."""
    end = time.monotonic() + PATIENCE
    while not (answer := found()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return answer


def is_lit(shot: Picture) -> bool:
    return bool((shot.max(axis=2) > 100).mean() > 0.02)


def differs(before: Picture, after: Picture, share: float = 0.005) -> bool:
    """Whether more than a share of the pixels is another."""
    return bool((np.abs(before.astype(int) - after).max(axis=2) > 30).mean() > share)


def has_color(shot: Picture, color: str) -> bool:
    """Whether something is written in a color such as #ff8a73."""
    wanted = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    return bool((np.abs(shot.astype(int) - wanted).max(axis=2) < 8).sum() > 20)
