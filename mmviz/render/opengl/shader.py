"""The lattice's shaders in VTK: where their text goes in VTK's own, and what VTK calls what they need."""

from vtkmodules.vtkRenderingCore import vtkShaderProperty

from mmviz.picture.look.palette import PALETTE, MmLook, Palette
from mmviz.render.glsl import lattice

PROLOGUE = """
#define texels actortexture
#define mean_at(place) texelFetch(means, place, 0)
uniform mat4 MCDCMatrix;
"""
PLACED = """//VTK::PositionVC::Impl
  gl_Position = place_in_box(vertexMC.xyz, MCVCMatrix, MCDCMatrix, view_height);
"""


def install(property_: vtkShaderProperty, look: Palette | MmLook = PALETTE) -> None:
    """Give an actor the lattice shader for a look, in place of the one that it may have."""
    property_.ClearAllShaderReplacements()
    in_vertices = {
        "//VTK::PositionVC::Dec": "//VTK::PositionVC::Dec\n" + lattice.vertex(),
        "//VTK::PositionVC::Impl": PLACED,
    }
    in_fragments = {
        "//VTK::TCoord::Dec": "//VTK::TCoord::Dec" + PROLOGUE + lattice.fragment(look),
        "//VTK::Light::Impl": "",
        "//VTK::TCoord::Impl": "  lattice(cameraParallel == 0, MCDCMatrix, gl_FragData[0], gl_FragDepth);",
    }
    for place, text in in_vertices.items():
        property_.AddVertexShaderReplacement(place, True, text, False)
    for place, text in in_fragments.items():
        property_.AddFragmentShaderReplacement(place, True, text, False)
