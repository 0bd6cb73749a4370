"""The windows beside the main window, and what its parts know of it."""

import pytest
from pytestqt.qtbot import QtBot

from mmviz import Scene
from mmviz.render.renderer import Renderers
from mmviz.viewer.canvas.view import View
from mmviz.viewer.dialogs import Dialogs
from mmviz.viewer.host import Host
from mmviz.viewer.session.shown_scene import ready
from tests.fake_renderer import Dabber, Painters


def opener(what: str) -> Scene:
    raise AssertionError(what)


@pytest.fixture(scope="module")
def small() -> Scene:
    made = Scene("A @ B", {name: {"init": "rows", "shape": [3, 3]} for name in "AB"}, animation={"speed": 2})
    ready(made)
    return made


def hosted(scene: Scene, qtbot: QtBot, renderers: Renderers = Dabber) -> Host:
    made = Host(scene, opener, renderers)
    qtbot.addWidget(made)
    qtbot.addWidget(made.view, before_close_func=View.release)
    return made


def test_a_host_shows_its_scene_at_the_moment_that_its_player_plays(small: Scene, qtbot: QtBot) -> None:
    host = hosted(small, qtbot)
    assert host.desk.scene is small
    assert host.view.composition is small.composition
    assert (host.player.steps, host.player.time) == (3, 3)
    assert host.view.time == 3
    assert host.opener is opener
    assert host.actions_by_name == {}


def test_it_draws_with_what_it_was_handed(small: Scene, qtbot: QtBot) -> None:
    painters = Painters()
    hosted(small, qtbot, painters)
    assert len(painters.opened) == 1


def test_what_a_command_did_and_what_went_wrong_stand_in_its_status_line(small: Scene, qtbot: QtBot) -> None:
    host = hosted(small, qtbot)
    host.tell("saved as x.yaml")
    assert host.status.text() == "saved as x.yaml"
    host.complain("x.yaml: no space left.")
    assert host.status.text() == "x.yaml: no space left."


def test_dialogs_are_made_when_they_are_first_asked_for_and_then_shown_again(small: Scene, qtbot: QtBot) -> None:
    dialogs = Dialogs(hosted(small, qtbot))
    assert (dialogs.export, dialogs.help, dialogs.messages) == (None, None, None)
    bindings = dialogs.bindings()
    assert set(bindings) == {"export", "film_from_view", "help", "messages"}
    for show in bindings.values():
        show()
    first = dialogs.export, dialogs.help, dialogs.messages
    for one in first:
        assert one is not None
        assert one.isVisible()
        one.close()
    for show in bindings.values():
        show()
    assert (dialogs.export, dialogs.help, dialogs.messages) == first
    assert all(one is not None and one.isVisible() for one in first)
    dialogs.end()
    assert not any(one is not None and one.isVisible() for one in first)


def test_where_none_was_opened_there_is_nothing_to_end(small: Scene, qtbot: QtBot) -> None:
    dialogs = Dialogs(hosted(small, qtbot))
    dialogs.end()
    assert (dialogs.export, dialogs.help, dialogs.exporter.running) == (None, None, False)
