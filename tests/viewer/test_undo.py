"""The desk: what is undone comes back as it was, also where its numbers were given up meanwhile to save memory."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.errors import SourceError
from mmviz.viewer.session import undo
from mmviz.viewer.session.shown_scene import Shown, ready
from mmviz.viewer.session.undo import Desk


def of_size(n: int) -> Scene:
    tensors: dict[str, Any] = {"A": {"init": "rows", "shape": [n, 3]}, "B": {"init": "cols", "shape": [3, n]}}
    return Scene("P = A @ B", tensors, title=f"{n}")


@pytest.fixture
def desk(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk that holds the scene of 2 x 2, and no more than 300 elements of others."""
    monkeypatch.setattr(undo, "MOST_ELEMENTS", 300)
    scene = ready(of_size(2))
    assert isinstance(scene, Scene)
    return Desk(scene)


def grow(desk: Desk, qtbot: QtBot, n: int) -> None:
    """Another size, and so other numbers."""
    with qtbot.waitSignal(desk.shown):
        desk.propose(f"size {n}", lambda _: of_size(n))


def settle(desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not desk.changing and not desk.background.waiting, timeout=20000)


def title(desk: Desk) -> str:
    return desk.scene.document.title


def test_of_many_changes_only_a_bounded_number_of_elements_is_held(desk: Desk, qtbot: QtBot) -> None:
    seen: list[Shown] = [desk.scene]
    desk.shown.connect(seen.append)
    for n in range(3, 12):
        grow(desk, qtbot, n)
    assert [scene.document.title for scene in seen[:-1] if scene.is_computed] == ["9", "10"]  # 135 and 160 elements
    assert seen[-1].is_computed


def test_what_was_given_up_is_computed_again_when_it_comes_back(desk: Desk, qtbot: QtBot) -> None:
    for n in range(3, 12):
        grow(desk, qtbot, n)
    for n in reversed(range(2, 11)):
        desk.undo.undo()
        settle(desk, qtbot)
        assert title(desk) == f"{n}"
        assert desk.scene.is_computed
        values = desk.scene.composition.values[""]
        np.testing.assert_array_equal(values, of_size(n).values()[""])
    desk.undo.redo()
    settle(desk, qtbot)
    assert title(desk) == "3"


def test_changes_that_are_undone_quickly_show_the_last_one_alone(desk: Desk, qtbot: QtBot) -> None:
    for n in range(3, 12):
        grow(desk, qtbot, n)
    shown: list[str] = []
    desk.shown.connect(lambda scene: shown.append(scene.document.title))
    for _ in range(6):
        desk.undo.undo()
    settle(desk, qtbot)
    assert (title(desk), shown[-1]) == ("5", "5")
    assert desk.undo.redoText() == "size 6"


def test_a_change_that_is_asked_for_while_an_old_scene_comes_back_is_made_of_that(desk: Desk, qtbot: QtBot) -> None:
    for n in range(3, 12):
        grow(desk, qtbot, n)
    for _ in range(6):
        desk.undo.undo()
    desk.propose("its title", lambda scene: scene.changed(title=f"{scene.document.title} again"))
    settle(desk, qtbot)
    assert title(desk) == "5 again"
    desk.undo.undo()
    settle(desk, qtbot)
    assert title(desk) == "5"


def test_a_change_that_is_under_way_when_another_is_undone_is_made_of_what_is_shown_then(
    desk: Desk, qtbot: QtBot
) -> None:
    for n in range(3, 12):
        grow(desk, qtbot, n)
    go_on = threading.Event()

    def slowly(scene: Shown) -> Shown:
        go_on.wait(10)
        return scene.changed(title=f"{scene.document.title} again")

    desk.propose("its title", slowly)
    for _ in range(6):
        desk.undo.undo()
    go_on.set()
    settle(desk, qtbot)
    assert title(desk) == "5 again"


@pytest.mark.parametrize("undone", [1, 6])  # an old scene that is held, and one that is computed again
def test_changes_that_wait_while_another_is_undone_are_made_in_the_order_they_were_asked_for(
    desk: Desk, qtbot: QtBot, undone: int
) -> None:
    for n in range(3, 12):
        grow(desk, qtbot, n)
    go_on = threading.Event()

    def slowly(scene: Shown) -> Shown:
        go_on.wait(10)
        return scene.changed(title=f"{scene.document.title} first")

    desk.propose("its title", slowly)
    desk.propose("its title", lambda scene: scene.changed(title=f"{scene.document.title} second"))
    for _ in range(undone):
        desk.undo.undo()
    go_on.set()
    settle(desk, qtbot)
    assert title(desk) == f"{11 - undone} first second"


def test_what_waited_behind_a_change_that_was_given_up_is_not_made_when_an_old_scene_comes_back(
    desk: Desk, qtbot: QtBot
) -> None:
    for n in range(3, 12):
        grow(desk, qtbot, n)
    go_on = threading.Event()

    def slowly(scene: Shown) -> Shown:
        go_on.wait(10)
        return scene.changed(title="given up")

    desk.propose("its title", slowly)
    desk.propose("its title", lambda scene: scene.changed(title="waited behind it"))
    desk.background.forget()  # Esc
    for _ in range(6):
        desk.undo.undo()
    go_on.set()
    settle(desk, qtbot)
    assert title(desk) == "5"


def test_an_old_scene_that_was_not_waited_for_comes_back_before_the_next_change(desk: Desk, qtbot: QtBot) -> None:
    for n in range(3, 12):
        grow(desk, qtbot, n)
    for _ in range(6):
        desk.undo.undo()
    desk.background.forget()  # Esc
    desk.propose("its title", lambda scene: scene.changed(title=f"{scene.document.title} again"))
    settle(desk, qtbot)
    assert title(desk) == "5 again"


def test_an_old_scene_whose_file_is_gone_is_told_and_what_is_shown_stays(desk: Desk, qtbot: QtBot) -> None:
    for n in range(3, 12):
        grow(desk, qtbot, n)
    troubles: list[str] = []
    desk.failed.connect(troubles.append)

    def fail(self: Scene, other: Scene) -> None:
        raise SourceError("x.npy: there is no such file.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Scene, "reuse", fail)
        for _ in range(2):  # 10 is held; then 11 takes the room of 9
            desk.undo.undo()
        settle(desk, qtbot)
    assert troubles == ["x.npy: there is no such file."]
    assert title(desk) == "10"
    desk.propose("its title", lambda scene: scene.changed(title="on"))
    settle(desk, qtbot)
    assert title(desk) == "on"


def test_an_old_scene_that_cannot_come_back_does_not_keep_away_one_before_it(
    desk: Desk, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3, 12):
        grow(desk, qtbot, n)
    go_on, reuse = threading.Event(), Scene.reuse

    def fail_at_nine(self: Scene, other: Scene) -> None:
        if self.document.title == "9":
            go_on.wait(10)
            raise SourceError("x.npy: there is no such file.")
        reuse(self, other)

    monkeypatch.setattr(Scene, "reuse", fail_at_nine)
    for _ in range(3):  # 10 is held, 9 is being computed, 8 waits
        desk.undo.undo()
    go_on.set()
    settle(desk, qtbot)
    assert title(desk) == "8"


def test_an_opened_scene_is_not_replaced_by_one_that_was_coming_back(desk: Desk, qtbot: QtBot) -> None:
    for n in range(3, 12):
        grow(desk, qtbot, n)
    for _ in range(6):
        desk.undo.undo()
    desk.open("another", lambda: of_size(20))
    settle(desk, qtbot)
    assert title(desk) == "20"
    assert not desk.undo.canUndo()


def test_a_scene_that_was_saved_is_given_up_as_any_other_when_memory_is_short(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    desk.as_seen = lambda scene: scene.changed(view={"step": 1})
    first = desk.scene
    assert desk.save(tmp_path / "x.yaml")
    assert desk.scene is not first
    assert desk.scene.composition is first.composition
    computed = [first.is_computed]
    for n in range(3, 12):
        grow(desk, qtbot, n)
    assert [*computed, first.is_computed] == [True, False]
