#!/usr/bin/env bash
# Finding:  VTK draws "$5 or $6" without its dollar signs, and "a|b" without its bar, once another module is imported.
# Versions: vtk 9.7.2, numpy 2.4.6, matplotlib 3.11.2
# Guess:    vtkTextActor draws the letters that it is given. What else is imported or installed has nothing to do with it.
# Seen:     With vtkRenderingMatplotlib, which "import vtk" brings along, and where it can import matplotlib, a text with
#           two dollar signs is a formula: what stands between is set as one, and both signs are gone. A bar parts two
#           columns. Without that module or without matplotlib, which VTK's wheel needs and a VTK of the system may not
#           have, the letters are drawn. One dollar sign alone is a letter anyhow, and so is one after a backslash, which
#           is not drawn. A bar after a backslash is a letter, too, but the backslash is drawn beside it, everywhere.
# Output:
#   with neither module nor matplotlib, with matplotlib alone, with the module alone, with both:
#   pixels of "$5 or $6" are those of "\$5 or \$6": True True True False
#   pixels of "$5 or 6" are those of "\$5 or 6": True True True True
#   columns of pixels that "a|b" lights: 20 20 20 16
#   columns of pixels that "a\|b" lights: 26 26 26 26
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet vtk==9.7.2 numpy==2.4.6 matplotlib==3.11.2
VTK_DEFAULT_OPENGL_WINDOW=vtkEGLRenderWindow "$folder/venv/bin/python" -I - <<'PYTHON'
import subprocess
import sys

PROGRAM = r"""
import sys

if "matplotlib" not in sys.argv:
    sys.modules["matplotlib"] = None  # as if it were not installed
import vtkmodules.vtkRenderingFreeType
import vtkmodules.vtkRenderingOpenGL2
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow, vtkTextActor

if "module" in sys.argv:
    import vtkmodules.vtkRenderingMatplotlib


def draw(text):
    renderer, window, actor = vtkRenderer(), vtkRenderWindow(), vtkTextActor()
    window.SetOffScreenRendering(1)
    window.SetSize(128, 64)
    window.AddRenderer(renderer)
    actor.SetInput(text)
    actor.GetTextProperty().SetFontSize(14)
    actor.SetPosition(4, 20)
    renderer.AddActor(actor)
    window.Render()
    pixels = vtkUnsignedCharArray()
    window.GetPixelData(0, 0, 127, 63, 0, pixels, 0)
    drawn = vtk_to_numpy(pixels).reshape(64, 128, 3).copy()
    assert drawn.any()
    return drawn


for text in ("$5 or $6", "$5 or 6"):
    print((draw(text) == draw(text.replace("$", r"\$"))).all())
for text in ("a|b", r"a\|b"):
    print(draw(text).any(axis=(0, 2)).sum())
"""
cases = [], ["matplotlib"], ["module"], ["module", "matplotlib"]
seen = [
    subprocess.run([sys.executable, "-I", "-c", PROGRAM, *case], check=True, capture_output=True, text=True).stdout.split()
    for case in cases
]
dollars, dollar, bar, escaped = zip(*seen, strict=True)
print("with neither module nor matplotlib, with matplotlib alone, with the module alone, with both:")
print(r'pixels of "$5 or $6" are those of "\$5 or \$6":', *dollars)
print(r'pixels of "$5 or 6" are those of "\$5 or 6":', *dollar)
print('columns of pixels that "a|b" lights:', *bar)
print(r'columns of pixels that "a\|b" lights:', *escaped)
assert (dollars, dollar) == (("True", "True", "True", "False"), ("True",) * 4)
assert (bar, escaped) == (("20", "20", "20", "16"), ("26",) * 4)
PYTHON
