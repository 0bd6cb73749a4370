"""Flat triangles as a VTK actor."""

from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from mmviz.picture.drawlist import Patch
from mmviz.render.opengl.drawable import Drawable
from mmviz.render.opengl.surface import surface


class PatchActor(Drawable[Patch]):
    """Draws flat, unlit triangles."""

    actor: vtkActor

    def __init__(self, patch: Patch) -> None:
        self._patch: Patch | None = None
        self._mapper = vtkPolyDataMapper()
        self.actor = vtkActor()
        self.actor.SetMapper(self._mapper)
        self.actor.GetProperty().LightingOff()
        self.update(patch)

    def update(self, patch: Patch) -> None:
        """Show other triangles of the same key."""
        if patch is self._patch:
            return
        self._mapper.SetInputData(surface(patch.points, patch.triangles))
        self.actor.GetProperty().SetColor(*patch.color)
        self.actor.GetProperty().SetOpacity(patch.opacity)
        self._patch = patch
