#!/usr/bin/env bash
# Finding:  A vtkTexture of one float a texel holds 8-bit colours, even with direct scalars; one of three keeps floats.
# Versions: vtk 9.7.2, numpy 2.4.6
# Guess:    vtkTexture.SetColorModeToDirectScalars sends floats to the graphics card as they are: that is how
#           high-dynamic-range pictures get there. So a matrix can be one float a texel, and a shader reads it.
# Seen:     Numbers of one component go through a lookup table first, whatever the mode says: the shader finds 1.0 where
#           100.0 was given. Of three components direct scalars are kept. A matrix is sent three times, or by
#           vtkTextureObject.Create2DFromRaw, which keeps one float (and has a trap of its own, see
#           vtk-texture-without-depth.sh).
# Output:
#   1 component:                  the shader reads at most 1
#   1 component, direct scalars:  the shader reads at most 1
#   3 components:                 the shader reads at most 1
#   3 components, direct scalars: the shader reads 100
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet vtk==9.7.2 numpy==2.4.6
VTK_DEFAULT_OPENGL_WINDOW=vtkEGLRenderWindow "$folder/venv/bin/python" -I - <<'PYTHON'
import numpy as np
import vtk
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

SIDE, GIVEN = 64, 100.0


def read(components: int, direct: bool) -> float:
    """What a fragment shader finds in a texture of GIVEN, from 0 to 255, in steps of 1."""
    image = vtk.vtkImageData()
    image.SetDimensions(4, 4, 1)
    image.GetPointData().SetScalars(numpy_to_vtk(np.full((16, components), GIVEN, np.float32), deep=1))
    texture = vtk.vtkTexture()
    texture.SetInputData(image)
    if direct:
        texture.SetColorModeToDirectScalars()
    plane = vtk.vtkPlaneSource()
    mapper, actor = vtk.vtkPolyDataMapper(), vtk.vtkActor()
    mapper.SetInputConnection(plane.GetOutputPort())
    actor.SetMapper(mapper)
    actor.GetProperty().LightingOff()
    actor.SetTexture(texture)
    actor.GetShaderProperty().AddFragmentShaderReplacement(
        "//VTK::TCoord::Impl",
        True,
        "gl_FragData[0] = vec4(vec3(texture(actortexture, tcoordVCVSOutput).r / 255.0), 1.0);",
        False,
    )
    renderer, window = vtk.vtkRenderer(), vtk.vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetSize(SIDE, SIDE)
    window.AddRenderer(renderer)
    renderer.AddActor(actor)
    renderer.ResetCamera()
    window.Render()
    pixels = vtk.vtkUnsignedCharArray()
    window.GetPixelData(0, 0, SIDE - 1, SIDE - 1, 0, pixels, 0)
    return float(vtk_to_numpy(pixels).reshape(SIDE, SIDE, 3)[SIDE // 2, SIDE // 2, 0])


for components in (1, 3):
    for direct in (False, True):
        words = f"{components} component{'s' * (components > 1)}{', direct scalars' * direct}:"
        found = read(components, direct)
        print(f"{words:29} the shader reads {f'{found:.0f}' if found > 1 else 'at most 1'}")
        assert (found == GIVEN) == (components == 3 and direct), f"{words} {found}"
PYTHON
