"""The renderer of this machine: OpenGL off screen. VTK is imported when the first one is opened, not before."""

from mmviz.render.region import Region
from mmviz.render.renderer import Renderer


def offscreen(
    width: int, height: int, part: Region | None = None, *, light: bool = False, rimmed: bool = False
) -> Renderer:
    """A canvas; see mmviz.render.renderer.Renderers.

    Raises:
        DisplayError: this machine cannot draw.
    """
    from mmviz.render.opengl.canvas import Canvas  # noqa: PLC0415  (films with another renderer need no VTK)

    return Canvas(width, height, part, light=light, rimmed=rimmed)


def prepare() -> None:
    """Import VTK now, so that the first canvas is opened at once; it can be done in another thread."""
    import mmviz.render.opengl.canvas  # noqa: F401, PLC0415
