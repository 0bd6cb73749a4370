#!/usr/bin/env bash
# Finding:  VTK draws what is nearly opaque in front half mixed with what is behind it.
# Versions: vtk 9.7.2, numpy 2.4.6
# Guess:    White of opacity 0.9 in front of red of opacity 0.9 is nearly white, whatever the order of drawing: sorted
#           blending gives (253, 230, 230), and order-independent translucency is there to give the same.
# Seen:     Order-independent translucency is on by default, is a weighted mean, and weighs both about alike: pink,
#           (252, 126, 126). Labels with smooth letters look as if what stands behind them lay over them.
#           renderer.UseOITOff and actors that are added from back to front give what blending means.
# Output:
#   by default:                     [252, 126, 126]
#   UseOITOff, back actor first:    [253, 230, 230]
#   UseOITOff, front actor first:   [253, 23, 23]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet vtk==9.7.2 numpy==2.4.6
VTK_DEFAULT_OPENGL_WINDOW=vtkEGLRenderWindow "$folder/venv/bin/python" -I - <<'PYTHON'
import vtk
from vtk.util.numpy_support import vtk_to_numpy

SIDE = 64


def square(z: float, size: float, color: tuple[float, float, float]) -> vtk.vtkActor:
    """A square of opacity 0.9."""
    plane = vtk.vtkPlaneSource()
    plane.SetOrigin(-size / 2, -size / 2, z)
    plane.SetPoint1(size / 2, -size / 2, z)
    plane.SetPoint2(-size / 2, size / 2, z)
    mapper, actor = vtk.vtkPolyDataMapper(), vtk.vtkActor()
    mapper.SetInputConnection(plane.GetOutputPort())
    actor.SetMapper(mapper)
    actor.GetProperty().LightingOff()
    actor.GetProperty().SetColor(*color)
    actor.GetProperty().SetOpacity(0.9)
    return actor


def middle(oit: bool, front_first: bool = False) -> list[int]:
    """The colour where the white square stands before the red one."""
    renderer, window = vtk.vtkRenderer(), vtk.vtkRenderWindow()
    if not oit:
        renderer.UseOITOff()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(0)
    window.SetSize(SIDE, SIDE)
    window.AddRenderer(renderer)
    actors = [square(0.0, 1.0, (1, 0, 0)), square(0.5, 0.5, (1, 1, 1))]
    for actor in reversed(actors) if front_first else actors:
        renderer.AddActor(actor)
    renderer.ResetCamera()
    window.Render()
    pixels = vtk.vtkUnsignedCharArray()
    window.GetPixelData(0, 0, SIDE - 1, SIDE - 1, 0, pixels, 0)
    return vtk_to_numpy(pixels).reshape(SIDE, SIDE, 3)[SIDE // 2, SIDE // 2].tolist()


def near(found: list[int], green: int) -> bool:
    """Drivers round differently."""
    return found[0] >= 250 and abs(found[1] - green) <= 4 and abs(found[2] - green) <= 4


default, sorted_, swapped = middle(True), middle(False), middle(False, front_first=True)
print("by default:                    ", default)
print("UseOITOff, back actor first:   ", sorted_)
print("UseOITOff, front actor first:  ", swapped)
assert near(default, 126) and near(sorted_, 230) and near(swapped, 23)
PYTHON
