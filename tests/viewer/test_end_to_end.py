"""`mmviz view` as a user has it, from the start page to the view kept: a (virtual) screen, windows that are managed."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from mmviz.picture.composition import INSET
from mmviz.viewer.controls import theme
from mmviz.viewer.window import PANEL_WIDTH
from tests.processes import ONCE_MORE, Outcome, joining
from tests.viewer.held_export import FORKED_EXPORT
from tests.viewer.real_window import (
    Hand,
    Picture,
    Screen,
    differs,
    has_color,
    is_lit,
    needs_tools,
    until,
    viewing,
    virtual_screen,
    window_manager,
)

pytestmark = [needs_tools, ONCE_MORE, pytest.mark.process, pytest.mark.slow]

SIZE = 1024, 720
"""Of screen and window; everything is drawn by the processor."""
SMALL = (854, 480)
"""Pixels of the film's size that is called small."""
HELD = 1.5
"""Seconds that a key is held: longer than until it begins to repeat."""
THIRD_EXAMPLE, HEAD_7, CELL, BESIDE = ("880", "240"), ("148", "409"), ("420", "330"), ("1004", "700")
"""Where they are on the screen."""


@pytest.fixture
def screen(environment: dict[str, str]) -> Iterator[Screen]:
    with virtual_screen(environment, SIZE) as made, window_manager(made):
        yield made


class User(Hand):
    """Knows the window of the scene."""

    window = ""

    def fit(self, window: str) -> None:
        """Let a window cover the screen, which a window manager sees to where there is one."""
        self.window = window
        self.do("windowsize", window, *map(str, SIZE), "windowmove", window, "0", "0", "mousemove", *BESIDE)

    @property
    def title(self) -> str:
        return self.do("getwindowname", self.window)

    def look_for_change(self, before: Picture, part: Callable[[Picture], Picture]) -> Picture:
        """The first look at which a part of the window is another one."""
        return self.look_until(lambda shot: differs(part(before), part(shot)))

    def look_for_return(self, before: Picture, part: Callable[[Picture], Picture]) -> Picture:
        """The first look at which a part of the window is as it was before."""
        return self.look_until(lambda shot: not differs(part(before), part(shot), share=0.0005))

    def leave(self, dialog: str) -> None:
        """Close a dialog; the window has the keyboard from then on."""
        self.press("Escape")
        until(lambda: dialog not in self.do("search", "--onlyvisible", "--name", "mmviz").split())
        self.do("windowfocus", "--sync", self.window)


def panel(shot: Picture) -> Picture:
    return shot[30:-10, 10 - PANEL_WIDTH :]


def is_chrome(part: Picture) -> bool:
    """Whether a part is drawn around the picture: a window that gets smaller shows its old corner for a while."""
    grounds = np.array(
        [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in (theme.DARK.ground, theme.DARK.field)]
    )
    return bool((part[..., None, :] == grounds).all(axis=-1).any(axis=-1).mean() > 0.7)


def rows(shot: Picture) -> slice:
    """Where the picture is, between the bars of the window: its ground alone is black."""
    black = np.flatnonzero(~shot[:, :10].any(axis=(1, 2)))
    return slice(int(black[0]), int(black[-1]) + 1)


def view(shot: Picture) -> Picture:
    """The picture of the scene, without the title and the caption."""
    there = rows(shot)
    return shot[there.start + 80 : there.stop - 60, : -PANEL_WIDTH - 10]


def inset(shot: Picture) -> tuple[slice, slice]:
    """Where the inset is."""
    ground = np.round(255 * np.array(INSET)).astype(np.int16)
    there = (np.abs(shot - ground).max(axis=2) < 2)[:, : -PANEL_WIDTH - 10]
    rows, columns = (np.flatnonzero(there.sum(axis=axis) > 100) for axis in (1, 0))  # fewer: spheres as dark as that
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def headline(shot: Picture) -> Picture:
    """The expression below the title."""
    top = rows(shot).start
    return shot[top + 40 : top + 65, : -PANEL_WIDTH - 10]


def blue(part: Picture) -> int:
    """How many pixels are clearly blue."""
    return int((part[..., 2].astype(np.int16) - part[..., 0] > 30).sum())


def told(shot: Picture) -> Picture:
    """What is said of the cell under the pointer, in the line at the bottom."""
    return shot[-28:, : SIZE[0] - 200]


def test_a_user_goes_through_the_whole_window_and_finds_it_again_as_it_was(screen: Screen, tmp_path: Path) -> None:
    user = User(screen, tmp_path)
    with viewing(None, screen, tmp_path, joining() + FORKED_EXPORT) as viewer:
        first = opens_an_example(user)
        points_at_a_cell(user, first)
        plays(user, first)
        zooms_at_the_pointer(user, first)
        edits_the_expression(user, first)
        pins_a_cell(user)
        holds_the_lens(user)
        picks_another_head(user)
        exports_a_film_from_the_view(user, tmp_path / "short.mp4")
        last = saves_and_comes_nearer(user, tmp_path / "mine.yaml")
        assert viewer.ended() == Outcome(0, "", "")
    with viewing("mine.yaml", screen, tmp_path) as viewer:
        drawn(user, "layer 1, head 7 - mmviz")
        user.look_until(lambda shot: not differs(view(last), view(shot)))  # but for what frames the selected matrix
        user.press("ctrl+q")  # nothing was changed, and nothing is asked
        assert viewer.ended() == Outcome(0, "", "")
    assert {path.name for path in tmp_path.iterdir() if path.suffix != ".png"} == {"short.mp4", "mine.yaml"}


def opens_an_example(user: User) -> Picture:
    """Of the start page; the first look at it."""
    user.fit(user.find("^Start - mmviz"))
    user.keep(user.look_at_rest(), "start page")
    user.do("mousemove", *THIRD_EXAMPLE, "click", "1")
    first = drawn(user, "layer 1, head 2 - mmviz")
    user.keep(first, "first view")
    return first


def drawn(user: User, title: str) -> Picture:
    """The first look at a scene in its window."""
    user.fit(user.find(title))
    user.look_until(lambda shot: is_lit(shot) and is_chrome(panel(shot)) and is_chrome(shot[-60:]))
    return user.look_at_rest()


def points_at_a_cell(user: User, first: Picture) -> None:
    """Its row and column are lit; from then on they are not, so that a picture is what the user made of it."""
    user.do("mousemove", *CELL)
    user.look_for_change(first, view)
    user.do("mousemove", *BESIDE)
    user.look_for_return(first, view)
    user.press("l", "d")


def plays(user: User, first: Picture) -> None:
    user.press("Home")
    user.look_for_change(first, view)
    begun = user.look_at_rest()
    user.press("Right", "Right", "Right")
    stepped = user.look_for_change(begun, lambda shot: shot[-70:])
    user.press("space")
    playing = user.look_for_change(stepped, view)
    user.do("mousemove", "300", str(SIZE[1] - 51), "click", "1")  # on the slider
    user.look_for_change(playing, lambda shot: shot[inset(first)])
    user.press("space")
    paused = user.look_at_rest()  # it would go on for many seconds
    user.keep(paused, "in flight")
    user.press("End")
    user.look_for_return(first, view)


def zooms_at_the_pointer(user: User, first: Picture) -> None:
    """The cell that was there still is."""
    user.do("mousemove", *CELL)
    user.look_for_change(first, told)
    cell = user.look_at_rest()
    user.do("click", "4", "click", "4", "click", "4", "click", "4")
    user.look_for_change(cell, view)
    nearer = user.look_at_rest()
    user.do("mousemove_relative", "1", "0", "mousemove_relative", "--", "-1", "0")
    assert not differs(told(nearer), told(user.look_at_rest()), share=0.0)
    assert not differs(told(cell), told(nearer), share=0.0)
    user.keep(nearer, "nearer")
    user.press("r")
    user.do("mousemove", *BESIDE)
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


def pins_a_cell(user: User) -> None:
    """The one in the middle of the inset: on the diagonal, so that it is not masked."""
    before = user.look_at_rest()
    rows, columns = place = inset(before)
    middle = str((columns.start + columns.stop) // 2), str((rows.start + rows.stop) // 2)
    user.do("mousemove", *middle, "click", "1")
    user.look_for_change(before, panel)
    pinned = user.look_at_rest()
    user.keep(pinned, "pinned cell")
    assert blue(before[place]) > 2 * blue(pinned[place]), "what is not lit is dimmed"

    user.press("Escape")
    user.look_until(lambda shot: not differs(before[place], shot[place]))
    time.sleep(HELD)  # this is no double click
    user.do("click", "1")
    user.look_for_return(pinned, panel)


def holds_the_lens(user: User) -> None:
    before = user.look_at_rest()
    user.do("mousemove", "610", "370", "keydown", "m")
    begin = time.monotonic()
    user.look_for_change(before, view)
    opened = user.look_at_rest()
    user.keep(opened, "lens")
    while time.monotonic() < begin + HELD:
        assert not differs(opened, user.look())
    user.do("keyup", "m")
    user.look_for_return(before, view)


def picks_another_head(user: User) -> None:
    """In the grid of all heads of the layer."""
    before = user.look_at_rest()
    user.press("g")
    user.look_for_change(before, lambda shot: shot[:, :300])
    user.keep(user.look_at_rest(), "grid of heads")
    user.do("mousemove", *HEAD_7, "click", "1")
    until(lambda: "layer 1, head 7" in user.title)
    user.press("g")
    user.do("mousemove", *BESIDE)
    user.look_until(lambda shot: not differs(before[:, :10], shot[:, :10]) and is_lit(view(shot)))
    after = user.look_at_rest()
    user.keep(after, "head 7")
    assert differs(before[inset(before)], after[inset(before)])


def exports_a_film_from_the_view(user: User, film: Path) -> None:
    """Its first three steps, seen from elsewhere; on the way the user would quit, is asked, and stays."""
    before = user.look_at_rest()
    user.do("mousemove", *CELL, "mousedown", "1", "mousemove", "480", "350", "mouseup", "1")
    user.do("mousemove", *BESIDE)  # of one call with these the drag would end here
    user.look_for_change(before, view)
    user.press("ctrl+shift+e")
    dialog = user.find("^Export - mmviz")
    user.look_at_rest()
    user.press("Tab", "ctrl+a")
    user.type(str(film))
    user.press("Tab", "Tab")
    user.type("Small")
    user.press(*["Tab"] * 7)
    user.type("3")
    user.press("Tab")
    user.keep(user.look_at_rest(), "export")
    user.press("Return")
    until(lambda: list(film.parent.glob(f"{film.stem}.*.part/made")))
    user.leave(dialog)
    user.press("ctrl+q")
    question = user.find("^mmviz$")
    user.keep(user.look(), "quit while exporting")
    assert not film.exists()
    user.leave(question)
    until(film.exists)
    user.keep(user.look_at_rest(), "exported")
    with av.open(str(film)) as opened:
        pictures = [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in opened.decode(video=0)]
    assert {picture.shape for picture in pictures} == {(SMALL[1], SMALL[0], 3)}
    assert len(pictures) / 15 == pytest.approx(3 / 8 + 2, abs=0.2)  # 8 steps a second, and then 2 seconds
    assert differs(pictures[0], pictures[-1], share=0.0)


def saves_and_comes_nearer(user: User, scene: Path) -> Picture:
    """An example is saved elsewhere; how it is looked at after that is remembered without asking. The last look."""
    pinned = user.look_at_rest()
    user.press("Escape")
    user.look_for_change(pinned, panel)
    user.press("ctrl+s")
    user.find("^Save")
    user.press("ctrl+a")
    user.type(str(scene))
    user.press("Return")
    until(lambda: scene.exists() and "*" not in user.title)
    user.do("windowfocus", "--sync", user.window)
    user.do("mousemove", *CELL)
    before = user.look_at_rest()
    user.do("click", "4")
    user.look_for_change(before, view)
    user.do("mousemove", *BESIDE)
    last = user.look_at_rest()
    user.keep(last, "last view")
    user.press("ctrl+q")
    return last
