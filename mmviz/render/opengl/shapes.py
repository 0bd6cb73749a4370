"""Flat triangles as a VTK actor."""

import numpy as np
import pyvista as pv
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

from mmviz.picture.drawlist import Patch
from mmviz.render.opengl.drawable import Drawable


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
        faces = np.hstack([np.full((len(patch.triangles), 1), 3), patch.triangles]).reshape(-1)
        self._mapper.SetInputData(pv.PolyData(np.asarray(patch.points, np.float32), faces=faces))
        self.actor.GetProperty().SetColor(*patch.color)
        self.actor.GetProperty().SetOpacity(patch.opacity)
        self._patch = patch
