"""Flat polygons and textures in the form that VTK draws: points, and numbers that go with each; draws nothing."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyvista import Box, PolyData
from vtkmodules.util.numpy_support import numpy_to_vtk
from vtkmodules.vtkCommonDataModel import vtkImageData
from vtkmodules.vtkRenderingCore import vtkTexture
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLRenderWindow, vtkOpenGLTexture, vtkTextureObject


def surface(points: ArrayLike, polygons: ArrayLike) -> PolyData:
    """Polygons that have the same number of corners.

    Args:
        points: (points, 3).
        polygons: (polygons, corners), numbers of points.
    """
    places, corners = np.array(points, np.float32), np.asarray(polygons, np.int64)
    if not len(corners):
        return PolyData()
    return PolyData.from_regular_faces(places.reshape(-1, 3), corners)


def rectangles(corners: ArrayLike) -> PolyData:
    """One rectangle of every four corners, (4 * rectangles, 3), in their order around it."""
    return surface(corners, np.arange(len(np.asarray(corners))).reshape(-1, 4))


def box(width: float, height: float, depth: float) -> PolyData:
    """The triangles of a box from (0, 0) to (width, height), in the middle of its depth."""
    made = Box(bounds=(0.0, width, 0.0, height, -0.5 * depth, 0.5 * depth)).triangulate()
    made.clear_data()
    return made


def attach(made: PolyData, name: str, numbers: ArrayLike) -> None:
    """Give every point some numbers, (points, numbers), by a name that a shader knows."""
    if made.n_points:
        made.point_data[name] = np.asarray(numbers, np.float32)


def set_texture(made: PolyData, places: ArrayLike) -> None:
    """Say which place of a texture every point shows, (points, 2), from 0 to 1."""
    made.active_texture_coordinates = np.asarray(places, np.float32)


def picture_texture(pixels: NDArray[np.uint8], *, smooth: bool) -> vtkTexture:
    """A texture of a picture.

    Args:
        pixels: (height, width, 4): red, green, blue and opacity; the bottom row first.
        smooth: It is seen at other sizes than its own; else every pixel is one of the screen.
    """
    height, width, channels = pixels.shape
    image = vtkImageData()
    image.SetDimensions(width, height, 1)
    colors = numpy_to_vtk(pixels.reshape(-1, channels), deep=True)  # type: ignore[no-untyped-call]
    image.GetPointData().SetScalars(colors)
    texture = vtkTexture()
    texture.SetInputData(image)
    texture.SetColorModeToDirectScalars()
    texture.SetInterpolate(smooth)
    texture.SetMipmap(smooth)
    if smooth:
        texture.SetMaximumAnisotropicFiltering(4.0)
    return texture


def surface_texture(numbers: vtkTextureObject, window: vtkOpenGLRenderWindow) -> vtkTexture:
    """A texture whose pixels are set otherwise, in the form that surfaces take."""
    numbers.SetContext(window)
    texture = vtkOpenGLTexture()
    texture.SetTextureObject(numbers)
    return texture
