"""The window: everything that knows Qt. Importing this imports none of it, so that films need no Qt."""

from typing import TYPE_CHECKING

from mmviz.render.offscreen import offscreen
from mmviz.viewer.loops import check_loop, check_seen
from mmviz.viewer.screen import check_screen
from mmviz.viewer.session.models_here import none_here
from mmviz.viewer.session.shown_scene import built_by_nobody

if TYPE_CHECKING:
    from mmviz.render.renderer import Renderers
    from mmviz.viewer.held_window import OpenWindow
    from mmviz.viewer.session.models_here import ModelsHere
    from mmviz.viewer.session.shown_scene import BuildAgain, Opener, Shown
    from mmviz.viewer.start.outside import First, Outside

__all__ = ["begin", "check_loop", "check_screen", "check_seen", "keep_open", "open_window"]


def begin(first: "First | None", outside: "Outside", renderers: "Renderers" = offscreen) -> None:
    """Open a window at once, for a scene that is still to be made, or on the start page; return when it is closed.

    Args:
        first: The scene; without it one is chosen on the start page.
        outside: What knows scenes and models.
        renderers: Opens what draws the picture.

    Raises:
        DisplayError: there is no screen, a library is missing, or this machine cannot draw.
        MmvizError: the scene cannot be had.
        KeyboardInterrupt: Ctrl+C in the terminal.
    """
    check_screen()
    check_seen()
    from mmviz.viewer import application  # noqa: PLC0415  (the first import of Qt)

    application.begin(first, outside, renderers)


def open_window(
    scene: "Shown",
    opener: "Opener",
    renderers: "Renderers" = offscreen,
    build_again: "BuildAgain" = built_by_nobody,
    models: "ModelsHere" = none_here,
) -> "Shown":
    """Show a scene in a window, and return when the window is closed.

    Args:
        scene: The scene; its numbers are there.
        opener: Makes a scene of what the user names: a file's path, a link, a model.
        renderers: Opens what draws the picture.
        build_again: Builds another layer, head or model of a scene that was built.
        models: Lists the models of this machine.

    Returns:
        The scene as it was left: with all that was changed, and how the window looked at it.

    Raises:
        DisplayError: there is no screen, a library is missing, this machine cannot draw, or nobody could close it.
        KeyboardInterrupt: Ctrl+C in the terminal.
    """
    check_screen()
    check_seen()
    from mmviz.viewer.application import run  # noqa: PLC0415  (the first import of Qt)

    return run(scene, opener, renderers, build_again, models)


def keep_open(
    scene: "Shown",
    opener: "Opener",
    renderers: "Renderers" = offscreen,
    build_again: "BuildAgain" = built_by_nobody,
    models: "ModelsHere" = none_here,
) -> "OpenWindow[Shown]":
    """Show a scene in a window, and return at once. Arguments as of `open_window`.

    Raises:
        DisplayError: there is no screen, a library is missing, this machine cannot draw, or no event loop goes on.
    """
    check_screen()
    check_loop()
    from mmviz.viewer.application import stay  # noqa: PLC0415  (the first import of Qt)

    return stay(scene, opener, renderers, build_again, models)
