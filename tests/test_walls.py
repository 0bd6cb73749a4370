"""The walls of the house: each contract of import-linter goes red where an import that it forbids is planted."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import mmviz

ROOT = Path(mmviz.__file__).resolve().parents[1]
PLANTED = {
    "Data goes one way: scene -> values | picture -> render -> viewer": ("scene/planted.py", "mmviz.values"),
    "scene: from the language to documents and their changes": ("scene/language/planted.py", "mmviz.scene.document"),
    "picture: from places and times to what is said of one element": ("picture/space/planted.py", "mmviz.picture.time"),
    "values: from files to the numbers of a scene": ("values/files/planted.py", "mmviz.values.model"),
    "render: from draw lists to files": ("render/film/planted.py", "mmviz.render.still"),
    "texts: from fonts and scripts to the places of letters": (
        "render/text/scripts.py",
        "mmviz.render.text.shaping",
    ),
    "viewer: from what a scene is to the window": ("viewer/session/planted.py", "mmviz.viewer.window"),
    "canvases are opened by render": ("viewer/controls/planted.py", "mmviz.render.opengl.canvas"),
    "no circles": ("scene/language/excerpt.py", "mmviz.scene.language.grammar"),
    "torch belongs to values": ("viewer/canvas/planted.py", "torch"),
    "safetensors belongs to values": ("scene/planted.py", "safetensors.numpy"),
    "gguf belongs to values": ("spectra/planted.py", "gguf"),
    "tokenizers belongs to values": ("cli/planted.py", "tokenizers"),
    "transformers belongs to values": ("reports/planted.py", "transformers"),
    "peft belongs to values": ("builders/planted.py", "peft"),
    "anywidget belongs to page": ("viewer/start/planted.py", "anywidget"),
    "huggingface_hub belongs to values": ("machine/planted.py", "huggingface_hub"),
    "pyvista belongs to render": ("viewer/tabs/planted.py", "pyvista"),
    "vtkmodules belongs to render": ("picture/marks/planted.py", "vtkmodules.vtkCommonCore"),
    "vtk is imported by its modules": ("render/opengl/planted.py", "vtk"),
    "av belongs to render": ("filming/planted.py", "av"),
    "PIL belongs to render": ("viewer/export/planted.py", "PIL.Image"),
    "uharfbuzz belongs to render": ("picture/marks/planted.py", "uharfbuzz"),
    "bidi belongs to render": ("values/text/planted.py", "bidi"),
    "trimesh belongs to the meshes of render": ("render/offscreen.py", "trimesh"),
    "fpdf belongs to the vectors of render": ("render/vector/svg.py", "fpdf"),
    "pxr belongs to the meshes of render": ("render/mesh/glb.py", "pxr"),
    "PySide6 belongs to viewer": ("render/opengl/planted.py", "PySide6.QtCore"),
    "matplotlib belongs to the figures of spectra; labels use its font": ("values/tensors/planted.py", "matplotlib"),
}
"""contract -> where an import is planted, and of what"""


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says about a copy of the package with all the planted imports."""
    folder = tmp_path_factory.mktemp("planted")
    shutil.copytree(ROOT / "mmviz", folder / "mmviz", ignore=shutil.ignore_patterns("__pycache__", "shipped"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for place, imported in PLANTED.values():
        with (folder / "mmviz" / place).open("a", encoding="utf-8") as file:
            file.write(f"def planted():\n    import {imported}\n")  # inside a function, as lazy imports are
    code = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as c; c(['--no-cache'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_every_wall_is_tried() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {contract["name"] for contract in project["tool"]["importlinter"]["contracts"]} == set(PLANTED)


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_breaks_its_wall(contract: str, verdicts: str) -> None:
    assert f"{contract} BROKEN" in verdicts
    place, imported = PLANTED[contract]
    if contract == "no circles":
        assert "No cycles are allowed in mmviz.scene.language." in verdicts
        return
    importer = f"mmviz.{place.removesuffix('.py').replace('/', '.')}"
    assert f"{importer} -> {imported if imported.startswith('mmviz') else imported.partition('.')[0]}" in verdicts
