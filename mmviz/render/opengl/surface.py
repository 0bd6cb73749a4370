"""Flat polygons in the form that VTK draws: points, and numbers that go with every point; draws nothing."""

import numpy as np
from numpy.typing import ArrayLike
from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
from vtkmodules.vtkCommonCore import vtkDataArray, vtkPoints
from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData


def surface(points: ArrayLike, polygons: ArrayLike) -> vtkPolyData:
    """Polygons that have the same number of corners.

    Args:
        points: (points, 3).
        polygons: (polygons, corners), numbers of points.
    """
    places, sides, made = vtkPoints(), vtkCellArray(), vtkPolyData()
    places.SetData(_floats(points))
    numbers = np.asarray(polygons, np.int64)
    sides.SetData(numbers.shape[1], numpy_to_vtkIdTypeArray(numbers.reshape(-1), deep=True))  # type: ignore[no-untyped-call]
    made.SetPoints(places)
    made.SetPolys(sides)
    return made


def rectangles(corners: ArrayLike) -> vtkPolyData:
    """One rectangle of every four corners, (4 * rectangles, 3), in their order around it."""
    return surface(corners, np.arange(len(np.asarray(corners))).reshape(-1, 4))


def attach(made: vtkPolyData, name: str, numbers: ArrayLike) -> None:
    """Give every point some numbers, (points, numbers), by a name that a shader knows."""
    array = _floats(numbers)
    array.SetName(name)
    made.GetPointData().AddArray(array)


def set_texture(made: vtkPolyData, places: ArrayLike) -> None:
    """Say which place of a texture every point shows, (points, 2), from 0 to 1."""
    made.GetPointData().SetTCoords(_floats(places))


def _floats(numbers: ArrayLike) -> vtkDataArray:
    array: vtkDataArray = numpy_to_vtk(np.ascontiguousarray(numbers, np.float32), deep=True)  # type: ignore[no-untyped-call]
    return array
