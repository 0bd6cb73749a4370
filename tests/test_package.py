"""What the package promises as a whole: its version, its README, and that importing it is light."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

import mmviz
from mmviz.cli.program import app
from tests.processes import Outcome, ran, without

ROOT = Path(mmviz.__file__).resolve().parents[1]
HEAVY = ("torch", "vtk", "vtkmodules", "PySide6", "transformers", "av", "matplotlib", "trimesh", "pxr", "rich", "fpdf")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def imported_by(code: str, *packages: str) -> set[str]:
    """Which of some packages are there after some code ran in a process that has not imported them, nor mmviz."""
    show = f"; print(*{{name.partition('.')[0] for name in sys.modules}} & {set(packages)})"
    done = ran(without(*packages) + code + show, folder=ROOT)
    assert (done.code, done.err) == (0, "")
    return set(done.out.split())


def test_the_version_is_told_once(project: dict[str, Any]) -> None:
    assert project["project"]["version"] == mmviz.__version__


@pytest.mark.process
def test_importing_mmviz_imports_nothing_heavy() -> None:
    assert imported_by("import mmviz; mmviz.Scene", *HEAVY) == set()
    assert imported_by("import mmviz, matplotlib", *HEAVY) == {"matplotlib"}, "what is imported is seen"


@pytest.mark.process
def test_help_and_version_are_told_without_numbers_and_documents() -> None:
    show = "; print(*(name for name in sys.modules if name.startswith('mmviz.')))"
    done = ran(without("mmviz") + "import mmviz.cli.program" + show, folder=ROOT)
    others = {name for name in done.out.split() if not name.startswith(("mmviz.cli", "mmviz.machine"))}
    assert (done.code, done.err) == (0, "")
    assert others == {"mmviz.errors", "mmviz.picture", "mmviz.picture.ground_names"}


@pytest.mark.process
def test_a_scene_is_read_laid_out_and_printed_without_a_drawing_library() -> None:
    code = "import mmviz; s = mmviz.Scene.load('matmul'); s.layout(); s.timeline().frame(1)"
    assert imported_by(code, "vtk", "vtkmodules", "PySide6", "transformers", "av", "matplotlib") == set()


@pytest.mark.process
def test_a_head_is_planned_and_a_model_told_of_without_torch(tmp_path: Path) -> None:
    """Which takes 200 MB and a second to import: a prompt is read, files are held against what config.json says."""
    code = (
        "from mmviz.builders.opening import Reading; from mmviz.builders.scenes import head_scene, layer_scene\n"
        "from mmviz.reports.model_report import model_report\n"
        "reading = Reading('smollm2-135m-2layers', prompt='A word')\n"
        "scenes = head_scene(reading, 1, 2), layer_scene(reading, 1)\n"
        f"[scene.save({str(tmp_path)!r} + f'/{{number}}.yaml') for number, scene in enumerate(scenes)]\n"
        "model_report('smollm2-135m-2layers')"
    )
    assert imported_by(code, "torch", "transformers", "tokenizers") == {"tokenizers"}


@pytest.mark.process
def test_pictures_need_no_qt_and_no_library_of_pdfs(tmp_path: Path) -> None:
    code = (
        "import sys, mmviz; mmviz.Scene.load('matmul').screenshot('x.png', width=16, height=16)\n"
        "print(*{name.partition('.')[0] for name in sys.modules} & {'PySide6', 'transformers', 'fpdf'})"
    )
    assert ran(code, folder=tmp_path) == Outcome(0, "\n", "")


def test_every_public_name_is_there() -> None:
    assert mmviz.__all__ == sorted(mmviz.__all__)
    for name in mmviz.__all__:
        assert getattr(mmviz, name).__doc__


def test_the_wheel_carries_the_scenes_and_the_weights_that_they_use(project: dict[str, Any]) -> None:
    carried = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert carried["scenes"] == "mmviz/shipped/scenes"
    models = {source: place for source, place in carried.items() if source.startswith("assets/")}
    assert models
    for source, place in models.items():
        assert (ROOT / source / "config.json").is_file()
        assert place == f"mmviz/shipped/{source}"


def test_the_readme_starts_with_two_commands_of_one_line() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    start = text.split("\n## Start\n")[1]
    first, second, *_ = re.findall(r"^```sh\n(.*?)^```$", start, re.MULTILINE | re.DOTALL)
    for block in (first, second):
        assert block.count("\n") == 1
        assert block.strip()


def test_the_readme_names_commands_options_and_scenes_that_are_there() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    named = set(re.findall(r"^mmviz (\w+)", text, re.MULTILINE))
    assert named <= known
    assert named >= {"movie", "view"}
    for scene in re.findall(r"scenes/(\w+)\.yaml", text):
        assert (ROOT / "scenes" / f"{scene}.yaml").is_file()
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", text):
        assert (ROOT / picture).is_file()
