#!/usr/bin/env bash
# Finding:  In VTK a texture of one float a texel makes an actor translucent, so that it hides nothing behind it.
# Versions: vtk 9.7.2, numpy 2.4.6
# Guess:    One number a texel is a grey value, or a number for a shader; see-through is what has an alpha channel,
#           which are two or four components.
# Seen:     A vtkTextureObject of one component counts as translucent like those of two and four, three alone do not.
#           The actor is drawn in the pass for translucent things, which writes no depth: the depth buffer still says
#           1.0 (nothing there), and whatever is drawn later shines through. ForceOpaqueOn on the actor mends it.
# Output:
#   1 component:  translucent, no depth is written; with ForceOpaqueOn it is
#   2 components: translucent, no depth is written; with ForceOpaqueOn it is
#   3 components: opaque, depth is written
#   4 components: translucent, no depth is written; with ForceOpaqueOn it is
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet vtk==9.7.2 numpy==2.4.6
VTK_DEFAULT_OPENGL_WINDOW=vtkEGLRenderWindow "$folder/venv/bin/python" -I - <<'PYTHON'
import numpy as np
import vtk

SIDE = 64


def depth(components: int, force_opaque: bool) -> float:
    """The depth in the middle of a textured square that fills the view; 1.0: nothing is there."""
    renderer, window = vtk.vtkRenderer(), vtk.vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(0)
    window.SetSize(SIDE, SIDE)
    window.AddRenderer(renderer)
    window.Render()
    held = vtk.vtkTextureObject()
    held.SetContext(window)
    held.Create2DFromRaw(4, 4, components, vtk.VTK_FLOAT, np.ones((4, 4, components), np.float32))
    texture = vtk.vtkOpenGLTexture()
    texture.SetTextureObject(held)
    plane = vtk.vtkPlaneSource()
    mapper, actor = vtk.vtkPolyDataMapper(), vtk.vtkActor()
    mapper.SetInputConnection(plane.GetOutputPort())
    actor.SetMapper(mapper)
    actor.SetTexture(texture)
    if force_opaque:
        actor.ForceOpaqueOn()
    renderer.AddActor(actor)
    renderer.ResetCamera()
    window.Render()
    found = vtk.vtkFloatArray()
    window.GetZbufferData(SIDE // 2, SIDE // 2, SIDE // 2, SIDE // 2, found)
    return found.GetValue(0)


for components in (1, 2, 3, 4):
    hides, forced = depth(components, False) < 1, depth(components, True) < 1
    words = f"{components} component{'s:' if components > 1 else ': '}"
    print(words, "opaque, depth is written" if hides else "translucent, no depth is written;", end="")
    print("" if hides else " with ForceOpaqueOn it is")
    assert hides == (components == 3) and forced, (components, hides, forced)
PYTHON
