#!/usr/bin/env bash
# Finding:  VTK draws "$5 or $6" without its dollar signs where matplotlib can be imported, and with them elsewhere.
# Versions: vtk 9.7.2, numpy 2.4.6, matplotlib 3.11.2
# Guess:    vtkTextActor draws the letters that it is given. What else is installed has nothing to do with it.
# Seen:     A text with two dollar signs is a formula, which VTK hands to matplotlib where it can import that: what stands
#           between is set as one, and both signs are gone. VTK's wheel needs matplotlib, a VTK of the system may not
#           have it, and then draws the letters. One sign alone is a letter anyhow, and so is one after a backslash.
# Output:
#   pixels of "$5 or $6" are those of "\$5 or \$6": True without matplotlib, False with it
#   pixels of "$5 or 6" are those of "\$5 or 6": True without matplotlib, True with it
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet vtk==9.7.2 numpy==2.4.6 matplotlib==3.11.2
VTK_DEFAULT_OPENGL_WINDOW=vtkEGLRenderWindow "$folder/venv/bin/python" -I - <<'PYTHON'
import subprocess
import sys

PROGRAM = r'''
import sys

if sys.argv[1] == "without":
    sys.modules["matplotlib"] = None  # as if it were not installed
import vtk
from vtk.util.numpy_support import vtk_to_numpy


def draw(text):
    renderer, window, actor = vtk.vtkRenderer(), vtk.vtkRenderWindow(), vtk.vtkTextActor()
    window.SetOffScreenRendering(1)
    window.SetSize(128, 64)
    window.AddRenderer(renderer)
    actor.SetInput(text)
    actor.GetTextProperty().SetFontSize(14)
    actor.SetPosition(4, 20)
    renderer.AddActor(actor)
    window.Render()
    pixels = vtk.vtkUnsignedCharArray()
    window.GetPixelData(0, 0, 127, 63, 0, pixels, 0)
    return vtk_to_numpy(pixels).copy()


for text in ("$5 or $6", "$5 or 6"):
    drawn, plain = draw(text), draw(text.replace("$", r"\$"))
    assert drawn.any() and plain.any()
    print((drawn == plain).all())
'''
without, with_ = (
    subprocess.run([sys.executable, "-I", "-c", PROGRAM, kind], check=True, capture_output=True, text=True).stdout.split()
    for kind in ("without", "with")
)
for text, alone, beside in zip(("$5 or $6", "$5 or 6"), without, with_, strict=True):
    escaped = text.replace("$", "\\$")
    print(f'pixels of "{text}" are those of "{escaped}": {alone} without matplotlib, {beside} with it')
assert (without, with_) == (["True", "True"], ["False", "True"])
PYTHON
