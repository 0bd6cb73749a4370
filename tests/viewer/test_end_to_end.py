"""`mmviz view attention_head` as a user has it: every part of the window once, on a real (virtual) screen."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from mmviz.picture.composition import INSET
from mmviz.viewer.controls import theme
from mmviz.viewer.window import PANEL_WIDTH
from tests.processes import Outcome, Running
from tests.viewer.real_window import (
    Hand,
    Picture,
    Screen,
    Size,
    differs,
    has_color,
    is_lit,
    needs_tools,
    until,
    viewing,
    virtual_screen,
)

pytestmark = [needs_tools, pytest.mark.process, pytest.mark.slow]

SCREEN, WINDOW = (1920, 1200), (1280, 800)
SMALL = (854, 480)
"""Pixels of the film's size that is called small."""
HELD = 1.5
"""Seconds that a key is held: longer than until it begins to repeat."""


@pytest.fixture
def screen(environment: dict[str, str]) -> Iterator[Screen]:
    with virtual_screen(environment, SCREEN) as made:
        yield made


@pytest.fixture
def viewer(screen: Screen, tmp_path: Path) -> Iterator[Running]:
    with viewing("attention_head", screen, tmp_path) as process:
        yield process


class User(Hand):
    """Knows the window of the scene."""

    window = ""

    def fit(self, size: Size) -> Picture:
        """Give the window a size; the first look at it."""
        self.size = size
        self.do("windowsize", self.window, *map(str, size))
        self.do("windowmove", self.window, "0", "0")  # Qt leaves room above for a frame, which nobody draws here
        self.do("mousemove", str(size[0] - 20), str(size[1] - 20))
        self.look_until(lambda shot: is_lit(shot) and is_chrome(panel(shot)) and is_chrome(shot[-60:]))
        return self.look_twice()

    @property
    def title(self) -> str:
        return self.do("getwindowname", self.window)

    def look_for_change(self, before: Picture, part: Callable[[Picture], Picture]) -> Picture:
        """The first look at which a part of the window is another one."""
        return self.look_until(lambda shot: differs(part(before), part(shot)))

    def look_for_return(self, before: Picture, part: Callable[[Picture], Picture]) -> Picture:
        """The first look at which a part of the window is as it was before."""
        return self.look_until(lambda shot: not differs(part(before), part(shot), share=0.0005))


def panel(shot: Picture) -> Picture:
    return shot[30:-10, 10 - PANEL_WIDTH :]


def is_chrome(part: Picture) -> bool:
    """Whether a part is drawn around the picture: a window that gets smaller shows its old corner for a while."""
    grounds = np.array(
        [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in (theme.DARK.ground, theme.DARK.field)]
    )
    return bool((part[..., None, :] == grounds).all(axis=-1).any(axis=-1).mean() > 0.7)


def view(shot: Picture) -> Picture:
    """The picture of the scene, without the title, the caption and the status line."""
    return shot[124:-110, : -PANEL_WIDTH - 10]


def inset(shot: Picture) -> tuple[slice, slice]:
    """Where the inset is."""
    ground = np.round(255 * np.array(INSET)).astype(np.int16)
    there = (np.abs(shot - ground).max(axis=2) < 2)[:, : -PANEL_WIDTH - 10]
    rows, columns = (np.flatnonzero(there.sum(axis=axis) > 100) for axis in (1, 0))  # fewer: spheres as dark as that
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def headline(shot: Picture) -> Picture:
    """The expression below the title, which stands at the top of the picture, below the bars of the window."""
    top = int(np.flatnonzero(~shot[:, :10].any(axis=(1, 2)))[0])  # the ground of the picture alone is black
    return shot[top + 40 : top + 65, : -PANEL_WIDTH - 10]


def test_a_user_goes_through_the_whole_window(screen: Screen, viewer: Running, tmp_path: Path) -> None:
    user = User(screen, tmp_path)
    user.window = user.find("layer 1, head 2 - mmviz")
    user.keep(user.fit(SCREEN), "first view, large")
    first = user.fit(WINDOW)
    user.keep(first, "first view")

    points_at_a_cell(user, first)
    looks_around(user, first)
    plays(user, first)
    edits_the_expression(user, first)
    picks_another_head(user, first)
    pins_a_cell(user)
    holds_the_lens(user)
    exports_a_film(user, tmp_path / "short.mp4")
    closes(user)

    assert viewer.ended() == Outcome(0, "", "")
    assert {path.name for path in tmp_path.iterdir() if path.suffix != ".png"} == {"short.mp4"}


def points_at_a_cell(user: User, first: Picture) -> None:
    """Its row and column are lit; from then on they are not, so that a picture is what the user made of it."""
    user.do("mousemove", "500", "350")
    user.look_for_change(first, view)
    user.do("mousemove", str(WINDOW[0] - 20), str(WINDOW[1] - 20))
    user.look_for_return(first, view)
    user.press("l", "d")


def looks_around(user: User, first: Picture) -> None:
    user.do("mousemove", "500", "350", "mousedown", "1", "mousemove", "580", "370", "mouseup", "1")
    user.look_for_change(first, view)
    user.press("r")
    user.look_for_return(first, view)
    user.do("click", "4")
    user.look_for_change(first, view)
    before = user.look_twice()
    for key in ("1", "3", "7", "v"):
        user.press(key)
        user.look_for_change(before, view)
        before = user.look_twice()
    user.press("r")
    user.look_for_return(first, view)


def plays(user: User, first: Picture) -> None:
    user.press("Home")
    user.look_for_change(first, view)
    begun = user.look_twice()
    user.press("Right", "Right", "Right")
    stepped = user.look_for_change(begun, lambda shot: shot[-110:])
    user.press("space")
    playing = user.look_for_change(stepped, view)
    user.do("mousemove", "560", str(WINDOW[1] - 41), "click", "1")  # on the slider
    user.look_for_change(playing, lambda shot: shot[inset(first)])
    user.press("space")
    paused = user.look_twice()  # it would go on for many seconds
    user.keep(paused, "in flight")
    user.press("End")
    user.look_for_change(paused, view)
    user.look_for_return(first, view)


def edits_the_expression(user: User, first: Picture) -> None:
    user.press("ctrl+l")
    user.type("out = softmx(input @ wQ")
    user.keep(user.look_until(lambda shot: has_color(panel(shot), theme.DARK.trouble)), "error in the expression")
    user.press("Escape")
    user.look_until(lambda shot: not has_color(panel(shot), theme.DARK.trouble))
    assert "*" not in user.title

    user.press("ctrl+l", "ctrl+Home", "Delete", "Delete", "Delete")
    user.type("answer")
    user.press("Return")
    until(lambda: "*" in user.title)
    user.look_for_change(first, headline)
    user.press("ctrl+z")
    until(lambda: "*" not in user.title)
    user.look_for_return(first, headline)


def picks_another_head(user: User, first: Picture) -> None:
    user.press("ctrl+shift+o")
    user.look_for_change(first, panel)
    user.press("shift+Tab", "shift+Tab", "Up")
    until(lambda: "layer 1, head 3" in user.title)
    user.look_until(lambda shot: differs(first[inset(first)], shot[inset(first)]))


def pins_a_cell(user: User) -> None:
    """The one in the middle of the inset: on the diagonal, so that it is not masked."""
    before = user.look_twice()
    rows, columns = place = inset(before)
    middle = str((columns.start + columns.stop) // 2), str((rows.start + rows.stop) // 2)
    user.do("mousemove", *middle, "click", "1")
    user.look_for_change(before, panel)
    pinned = user.look_twice()
    user.keep(pinned, "pinned cell")
    assert before[place].mean() > 1.02 * pinned[place].mean()  # what is not lit is dimmed

    user.press("Escape")
    user.look_until(lambda shot: not differs(before[place], shot[place]))
    time.sleep(HELD)  # this is no double click
    user.do("click", "1")
    user.look_for_return(pinned, panel)


def holds_the_lens(user: User) -> None:
    before = user.look_twice()
    user.do("mousemove", "610", "370", "keydown", "m")
    begin = time.monotonic()
    user.look_for_change(before, view)
    opened = user.look_twice()
    user.keep(opened, "lens")
    while time.monotonic() < begin + HELD:
        assert not differs(opened, user.look())
    user.do("keyup", "m")
    user.look_for_return(before, view)


def exports_a_film(user: User, film: Path) -> None:
    """Its first three steps."""
    user.press("ctrl+e")
    dialog = user.find("^Export - mmviz")
    user.look_twice()
    user.press("Tab", "ctrl+a")
    user.type(str(film))
    user.press("Tab", "Tab")
    user.type("Small")
    user.press(*["Tab"] * 7)
    user.type("3")
    user.press("Tab")
    user.keep(user.look_twice(), "export")
    user.press("Return")
    until(film.exists)
    user.keep(user.look_twice(), "exported")
    with av.open(str(film)) as opened:
        pictures = [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in opened.decode(video=0)]
    assert {picture.shape for picture in pictures} == {(SMALL[1], SMALL[0], 3)}
    assert len(pictures) / 15 == pytest.approx(3 / 8 + 2, abs=0.2)  # 8 steps a second, and then 2 seconds
    assert differs(pictures[0], pictures[-1], share=0.0)
    user.press("Escape")
    until(lambda: dialog not in user.do("search", "--onlyvisible", "--name", "mmviz").split())


def closes(user: User) -> None:
    """There are changes that are not saved: the other head."""
    user.do("windowfocus", "--sync", user.window)
    user.press("ctrl+q")
    user.find("^mmviz$")
    user.keep(user.look_twice(), "unsaved changes")
    user.press("alt+d")
