"""The text of shaders: it knows no VTK, is what a web page can compile, and is told from outside what VTK is told."""

import json
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from mmviz.page import shaders
from mmviz.page.shaders import ProgramText
from mmviz.picture.drawlist import Sheet
from mmviz.picture.look.palette import PALETTE, MmLook
from mmviz.picture.space.item_key import ItemKey
from mmviz.picture.space.placement import Placement
from mmviz.render.glsl.source import source
from mmviz.render.opengl.canvas import Canvas
from mmviz.render.opengl.lattice import LatticeActor
from mmviz.scene.keys.options import MmColors
from tests.processes import Outcome, ran, without
from tests.render import gles

NAMES = sorted(file.name for file in files("mmviz.render.glsl").iterdir() if file.name.endswith(".glsl"))
MM = MmLook(MmColors(), 0.0, 1.0)


def compiled(program: ProgramText) -> str:
    """What a driver of OpenGL ES 3.0 complains about in a page's two shaders."""
    texts = json.dumps(program)
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


PROGRAMS = {
    "lines": shaders.line_program(),
    "patches": shaders.patch_program(),
    "letters": shaders.letter_program(),
    "captions": shaders.caption_program(),
    "picture": shaders.picture_program(),
    "mean": shaders.mean_program(4),
    "lattice": ProgramText(vertex=shaders.lattice_vertex(), fragment=shaders.lattice_fragment(PALETTE)),
    "lattice of mm": ProgramText(vertex=shaders.lattice_vertex(), fragment=shaders.lattice_fragment(MM)),
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_web_page_can_compile(program: ProgramText) -> None:
    assert compiled(program) == ""


def test_a_shader_that_is_wrong_is_found() -> None:
    program = PROGRAMS["lattice"]
    found = compiled(ProgramText(vertex=program["vertex"], fragment=program["fragment"].replace("uniform float", "//")))
    assert "unit" in found, "nothing declares it"


def test_vtk_is_told_what_the_file_of_uniforms_says() -> None:
    text = re.sub(r"//.*", "", source("lattice.uniforms.glsl"))
    said = {name for line in re.findall(r"uniform \w+ ([^;]+);", text) for name in re.split(r",\s*", line)}
    placement = Placement((2, 2), np.zeros(3), -np.eye(3)[1], np.eye(3)[0])
    sheet = Sheet(ItemKey("matrix", "m"), placement, np.ones((2, 2), np.float32), 1.0)
    with Canvas(8, 8) as canvas:
        uniforms = LatticeActor(sheet, canvas.window).actor.GetShaderProperty().GetFragmentCustomUniforms()
        told = {uniforms.GetNthUniformName(number) for number in range(uniforms.GetNumberOfUniforms())}
    assert said == told | {"mm_range"}, "mm_range is told where the colours are mm's"
