"""The text of shaders: it knows no VTK, is what a web page can compile, and is told from outside what VTK is told."""

import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from mmviz.picture.drawlist import Sheet
from mmviz.picture.look.palette import PALETTE, MmLook, Palette
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.render.glsl import lattice, letters, lines
from mmviz.render.glsl.source import source
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.opengl.lattice import LatticeActor
from mmviz.scene.keys.options import MmColors
from tests.processes import Outcome, ran, without
from tests.render import gles

NAMES = sorted(file.name for file in files("mmviz.render.glsl").iterdir() if file.name.endswith(".glsl"))
MM = MmLook(MmColors(), 0.0, 1.0)
WEB = "#version 300 es\nprecision highp float; precision highp int; precision highp sampler2D;\n"
WEB_LATTICE = {
    "vertex": """
        in vec3 corner; uniform mat4 to_eye, to_clip; uniform float view_height;
        void main() { gl_Position = place_in_box(corner, to_eye, to_clip, view_height); }
    """,
    "fragment": """
        out vec4 color; uniform mat4 to_clip;
        void main() { lattice(true, to_clip, color, gl_FragDepth); }
    """,
}
WEB_LINES = {
    "vertex": """
        in vec3 end; uniform mat4 to_clip;
        void main() { gl_Position = spread(end, to_clip); }
    """,
    "fragment": """
        out vec4 color; uniform vec3 paint;
        void main() { color = vec4(paint, covered()); if (color.a < 0.004) discard; }
    """,
}
WEB_LETTERS = """
    flat in vec2 origin; in vec2 within; uniform float outlined; out vec4 color;
    void main() { color = vec4(outlined > 0.5 ? rim_of_letter(origin, within) : letter(origin, within)); }
"""


def compiled(vertex: str, fragment: str) -> str:
    """What a driver of OpenGL ES 3.0 complains about in a page's two shaders."""
    texts = json.dumps({"vertex": WEB + vertex, "fragment": WEB + fragment})
    command = [sys.executable, str(Path(gles.__file__))]
    done = subprocess.run(command, input=texts, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode == gles.MISSING:
        pytest.skip(f"nothing compiles for OpenGL ES here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", NAMES)
def test_no_file_has_a_name_of_vtk(name: str) -> None:
    assert not re.search(r"VTK|actortexture|tcoordVC|vertexMC|MC[VD]CMatrix|cameraParallel|gl_FragData", source(name))


@pytest.mark.process
def test_the_text_is_put_together_without_vtk(tmp_path: Path) -> None:
    code = "import mmviz.render.glsl.lattice, mmviz.render.glsl.lines; print('vtkmodules' in sys.modules)"
    assert ran(without("vtkmodules") + code, folder=tmp_path) == Outcome(0, "False\n", "")


def test_a_web_page_can_compile_letters() -> None:
    corner = "flat out vec2 origin; out vec2 within; void main() { origin = within = vec2(0); gl_Position = vec4(0); }"
    told = "uniform sampler2D letters; uniform float rim;\n"
    assert compiled(corner, told + letters.fragment(2048) + WEB_LETTERS) == ""


@pytest.mark.parametrize("look", [PALETTE, MM], ids=["mmviz", "mm"])
def test_a_web_page_can_compile_the_lattice(look: Palette | MmLook) -> None:
    told = source("lattice.uniforms.glsl") + "uniform sampler2D texels, means;\n"
    assert (
        compiled(lattice.vertex() + WEB_LATTICE["vertex"], told + lattice.fragment(look) + WEB_LATTICE["fragment"])
        == ""
    )


def test_a_web_page_can_compile_lines() -> None:
    vertex = "uniform vec2 picture_size; uniform float reach;\n" + lines.vertex() + WEB_LINES["vertex"]
    assert compiled(vertex, "uniform float half_width, near;\n" + lines.fragment() + WEB_LINES["fragment"]) == ""


def test_a_shader_that_is_wrong_is_found() -> None:
    told = source("lattice.uniforms.glsl")
    found = compiled(lattice.vertex() + WEB_LATTICE["vertex"], told + lattice.fragment() + WEB_LATTICE["fragment"])
    assert "texels" in found, "nothing declares it"


def test_vtk_is_told_what_the_file_of_uniforms_says() -> None:
    text = re.sub(r"//.*", "", source("lattice.uniforms.glsl"))
    said = {name for line in re.findall(r"uniform \w+ ([^;]+);", text) for name in re.split(r",\s*", line)}
    placement = Placement((2, 2), np.zeros(3), -np.eye(3)[1], np.eye(3)[0])
    sheet = Sheet(ItemKey("matrix", "m"), placement, np.ones((2, 2), np.float32), 1.0)
    with Canvas(8, 8) as canvas:
        uniforms = LatticeActor(sheet, canvas.window).actor.GetShaderProperty().GetFragmentCustomUniforms()
        told = {uniforms.GetNthUniformName(number) for number in range(uniforms.GetNumberOfUniforms())}
    assert said == told | {"mm_range"}, "mm_range is told where the colours are mm's"
