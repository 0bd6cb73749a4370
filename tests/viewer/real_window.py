"""Virtual screens, the viewer in a process of its own, and a user before it who sees, types and clicks; no tests."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.processes import MAIN, Running, started

Picture = NDArray[np.uint8]
Environment = Mapping[str, str]
Size = tuple[int, int]

TOOLS = ("Xvfb", "xdotool")
MISSING = [tool for tool in TOOLS if shutil.which(tool) is None]
needs_tools = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

PATIENCE = 60.0
"""Seconds until the user gives up waiting."""
PAUSE = 0.1
"""Seconds before each look: a user is not quicker, and two clicks in a row are no double click."""
REST = 4
"""Looks in a row that show the same where nothing moves: one that is late on a busy machine comes between them."""
KEEP = "MMVIZ_KEEP"
"""Names a folder for pictures of the screen; without it there is only the last look at what did not come."""


OPENBOX = """<openbox_config xmlns="http://openbox.org/3.4/rc"><applications>
  <application type="normal"><decor>no</decor><maximized>yes</maximized></application>
</applications></openbox_config>"""
"""What the window manager is told: a dialog has a frame, and stands where it likes."""


@dataclass(frozen=True)
class Screen:
    """A virtual screen."""

    environment: dict[str, str]  # of a process on it
    memory: Path  # what it shows, in the format of xwd


@contextmanager
def virtual_screen(environment: Environment, size: Size) -> Iterator[Screen]:
    """A screen for processes of an environment."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["-nolisten", "tcp", "-nocursor", "-fbdir", folder]
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", f"{size[0]}x{size[1]}x24", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert server.stdout is not None
        try:
            number = server.stdout.readline().strip()
            yield Screen({**environment, "DISPLAY": f":{number}"}, Path(folder) / "Xvfb_screen0")
        finally:
            server.stdout.close()
            server.terminate()
            server.wait(10)


@contextmanager
def window_manager(screen: Screen) -> Iterator[bool]:
    """Openbox where it is installed, which gives windows that are no dialogs all of the screen, without a frame."""
    if shutil.which("openbox") is None:
        yield False
        return
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "rc.xml"
        rules.write_text(OPENBOX)
        order = ["openbox", "--sm-disable", "--config-file", str(rules)]
        manager = subprocess.Popen(order, env=screen.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            hand = Hand(screen, Path(folder))
            until(lambda: hand.do("get_num_desktops").isdigit())  # there is somebody to ask
            yield True
        finally:
            manager.terminate()
            manager.wait(10)


@contextmanager
def viewing(scene: str | None, screen: Screen, folder: Path, first: str = "") -> Iterator[Running]:
    """`mmviz view` on a screen, started in a folder; without a scene it begins with the start page.

    Args:
        scene: Which one.
        screen: Where.
        folder: In which it works.
        first: Code that runs before.
    """
    words = ["view", *([] if scene is None else [scene])]
    with started(first + MAIN, *words, folder=folder, environment=screen.environment) as process:
        yield process


def pixels_of(dump: bytes, size: Size | None) -> Picture:
    """(height, width, 3): what a dump of X shows, whose pixels are blue, green, red and nothing. Source: XWDFile.h.

    Args:
        dump: In the format of xwd.
        size: Of the part that is looked at, from the upper left corner; all of it by default.
    """
    header = np.frombuffer(dump, ">u4", 25)
    width, height, bits, stride = header[4], header[5], header[11], header[12]
    assert bits == 32
    begin = header[0] + 12 * header[19]  # after the header and the map of colours
    rows = np.frombuffer(dump, np.uint8, height * stride, begin).reshape(height, stride)
    across, down = size or (width, height)
    return rows[:down, : 4 * across].reshape(down, across, 4)[:, :, 2::-1].copy()


class Hand:
    """A user before a screen.

    Args:
        screen: What it sees.
        folder: Where pictures of it are kept.
        size: Of the part that is looked at, from the upper left corner; all of it by default.
    """

    def __init__(self, screen: Screen, folder: Path, size: Size | None = None) -> None:
        self.screen = screen
        self.folder = folder
        self.size = size

    def do(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words],
            env=self.screen.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
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
        """(height, width, 3): the screen, a little later."""
        time.sleep(PAUSE)
        return pixels_of(self.screen.memory.read_bytes(), self.size)

    def look_until(self, seen: Callable[[Picture], bool]) -> Picture:
        """The first look at which something is seen."""
        end = time.monotonic() + PATIENCE
        while not seen(shot := self.look()):
            if time.monotonic() > end:
                Image.fromarray(shot).save(self.folder / "last look.png")
                pytest.fail(f"looked in vain; the last look is in {self.folder}")
        return shot

    def look_at_rest(self) -> Picture:
        """The first look after which nothing moves, for a while."""
        last, same = self.look(), 1

        def rests(shot: Picture) -> bool:
            nonlocal last, same
            same = same + 1 if np.array_equal(shot, last) else 1
            last = shot
            return same == REST

        return self.look_until(rests)

    def keep(self, shot: Picture, name: str) -> None:
        """Keep a picture for people who want it."""
        if folder := os.environ.get(KEEP):
            Path(folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(shot).save(Path(folder) / f"{name}.png")


def until(found: Callable[[], Any]) -> Any:
    """The first answer that is not empty."""
    end = time.monotonic() + PATIENCE
    while not (answer := found()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)
    return answer


def is_lit(shot: Picture) -> bool:
    return bool(in_any_channel(shot > 100).mean() > 0.02)


def differs(before: Picture, after: Picture, share: float = 0.005) -> bool:
    """Whether more than a share of the pixels is another, or the size is."""
    if before.shape != after.shape:
        return True
    return bool(in_any_channel(np.maximum(before, after) - np.minimum(before, after) > 30).mean() > share)


def has_color(shot: Picture, color: str) -> bool:
    """Whether something is written in a color such as #ff8a73."""
    wanted = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)], np.int16)
    return bool((~in_any_channel(np.abs(shot.astype(np.int16) - wanted) >= 8)).sum() > 20)


def in_any_channel(holds: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(height, width): of (height, width, 3); ten times as quick as any(axis=2), and it is asked at every look."""
    return holds[..., 0] | holds[..., 1] | holds[..., 2]
