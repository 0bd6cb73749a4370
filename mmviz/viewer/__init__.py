"""The window: everything that knows Qt. Importing this imports none of it, so that films need no Qt."""

from typing import TYPE_CHECKING

from mmviz.render.offscreen import offscreen
from mmviz.viewer.screen import check_screen
from mmviz.viewer.session.shown_scene import built_by_nobody

if TYPE_CHECKING:
    from mmviz.render.renderer import Renderers
    from mmviz.viewer.session.shown_scene import BuildAgain, Opener, Shown

__all__ = ["check_screen", "open_window"]


def open_window(
    scene: "Shown",
    opener: "Opener",
    renderers: "Renderers" = offscreen,
    build_again: "BuildAgain" = built_by_nobody,
) -> None:
    """Show a scene in a window, and return when the window is closed.

    Args:
        scene: The scene; its numbers are there.
        opener: Makes a scene of what the user names: a file's path, a link, a model.
        renderers: Opens what draws the picture.
        build_again: Builds another layer, head or model of a scene that was built.

    Raises:
        DisplayError: there is no screen, a library is missing, or this machine cannot draw.
        KeyboardInterrupt: Ctrl+C in the terminal.
    """
    check_screen()
    from mmviz.viewer.application import run  # noqa: PLC0415  (the first import of Qt)

    run(scene, opener, renderers, build_again)
