"""How a view is looked at: between which depths, and from where in a pixel; knows no OpenGL and draws nothing."""

from mmviz.picture.eye.camera import Camera
from mmviz.picture.space.placement import Vector

Samples = tuple[tuple[float, float], ...]
CENTER: Samples = ((0.0, 0.0),)
"""Where in a pixel its only sample is, from its middle to the right and up, in pixels."""
SAMPLES: Samples = ((-0.125, -0.375), (0.375, -0.125), (0.125, 0.375), (-0.375, 0.125))
"""Where several are: no two in a row or in a column. Each stands for a quarter."""
FAR = (1.05, 10.0)
"""The farthest depth that is drawn: that of the farthest point so many times, and so many cells more."""
NEAR = (0.95, -10.0)
"""The nearest one likewise."""
NEAREST = 1e-3
"""Least share of the nearest depth in the farthest one: depths between them are kept with so many digits only."""


def clipping(camera: Camera, extent: Vector) -> tuple[float, float]:
    """Nearest and farthest depth that is drawn, in cells: as tight as the scene allows, for depth precision."""
    depths = camera.depths(extent)
    far = max(float(depths.max()) * FAR[0] + FAR[1], 1.0)
    near = max(float(depths.min()) * NEAR[0] + NEAR[1], far * NEAREST)
    return near, far
