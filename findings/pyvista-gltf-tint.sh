#!/usr/bin/env bash
# Finding:  pyvista writes a mesh in a colour map to glTF with its default colour, light blue, multiplied on top.
# Versions: pyvista 0.49.1, vtk 9.7.2, numpy 2.4.6
# Guess:    With scalars the colour map alone decides; in pyvista's own window `color` has no say then. So the file
#           holds the map as a texture, and a white factor.
# Seen:     The colour map is a texture, but baseColorFactor is the mesh's colour, which nobody sees in VTK and which
#           pyvista sets to light blue. By glTF's rule a viewer multiplies both: reds lose a third. color="white"
#           beside the scalars gives the file that was meant.
# Output:
#   add_mesh(mesh, scalars="height"): factor [0.678, 0.847, 0.902, 1.0] times a texture
#   add_mesh(mesh, scalars="height", color="white"): factor [1.0, 1.0, 1.0, 1.0] times a texture
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pyvista==0.49.1 vtk==9.7.2 numpy==2.4.6
VTK_DEFAULT_OPENGL_WINDOW=vtkEGLRenderWindow "$folder/venv/bin/python" -I - <<'PYTHON'
import json
import tempfile
from pathlib import Path

import pyvista as pv

found = {}
with tempfile.TemporaryDirectory() as folder:
    for options in ({}, {"color": "white"}):
        mesh = pv.Sphere()
        mesh["height"] = mesh.points[:, 2]
        plotter = pv.Plotter(off_screen=True)
        plotter.add_mesh(mesh, scalars="height", **options)
        path = Path(folder) / "mesh.gltf"
        plotter.export_gltf(path)
        (material,) = json.loads(path.read_text())["materials"]
        look = material["pbrMetallicRoughness"]
        factor = [round(part, 3) for part in look["baseColorFactor"]]
        words = "".join(f', {name}="{value}"' for name, value in options.items())
        print(f'add_mesh(mesh, scalars="height"{words}): factor {factor} times', end=" ")
        print("a texture" if "baseColorTexture" in look else "nothing")
        found[words] = (factor, "baseColorTexture" in look)
assert found[""] == ([0.678, 0.847, 0.902, 1.0], True), found
assert found[', color="white"'] == ([1.0, 1.0, 1.0, 1.0], True), found
PYTHON
