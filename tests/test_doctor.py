"""`mmviz doctor` finds what is planted to be missing, and names the command that mends it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import pytest
from packaging.requirements import Requirement

from mmviz.errors import DisplayError, OutputError
from mmviz.render.film.trial import try_encoding
from mmviz.render.opengl.trial import try_drawing
from mmviz.reports import doctor_report as doctor
from mmviz.reports.doctor_report import Finding, Trials, doctor_text, examine, folder_finding, is_fine, package_finding
from tests.strict_python import STRICT

ROOT = Path(__file__).resolve().parents[1]


def refusing(message: str, kind: type[Exception] = DisplayError) -> doctor.Trial:
    def trial() -> str:
        raise kind(message)

    return trial


def fine() -> str:
    return "works"


def found(name: str, trials: Trials) -> Finding:
    (finding,) = [finding for finding in examine(trials) if finding.name == name]
    return finding


# The commands.


def doctor_says(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [*STRICT, "-m", "mmviz", "doctor", *arguments],
        cwd=ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_this_machine_draws_and_films() -> None:
    done = doctor_says("--json", QT_QPA_PLATFORM="offscreen")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["fine"]
    findings = {finding["name"]: finding for finding in report["findings"]}
    assert list(findings) == [
        *("mmviz", "packages", "mmviz[verify]", "mmviz[viewer]", "OpenGL", "films", "numbers", "window"),
        *("fetched models", "Hugging Face cache"),
    ]
    assert findings["OpenGL"]["found"].endswith("; it draws what it is told")
    assert findings["films"]["found"].startswith("libx264 of FFmpeg ")
    assert "cpu (" in findings["numbers"]["found"]
    assert findings["window"]["found"].endswith(" opens one on offscreen")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere VTK has one kind of window")
def test_where_nothing_can_be_drawn_the_command_fails_and_names_the_packages() -> None:
    done = doctor_says(VTK_DEFAULT_OPENGL_WINDOW="vtkXOpenGLRenderWindow")
    assert (done.returncode, done.stderr) == (1, "")
    lines = [line.strip() for line in done.stdout.splitlines()]
    (place,) = [number for number, line in enumerate(lines) if line.startswith("OpenGL ")]
    assert lines[place].endswith(
        "missing  VTK_DEFAULT_OPENGL_WINDOW asks for vtkXOpenGLRenderWindow, which cannot work here: DISPLAY is not "
        "set. Unset it to let mmviz choose."
    )
    assert lines[place + 1] == f"mend it: {doctor.PACKAGES_THAT_DRAW}"
    assert lines[-1] == "Pictures and films cannot be made."


# Drawing and films.


def printing(said: object) -> tuple[str, ...]:
    return sys.executable, "-c", f"print({json.dumps(said)!r})"


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (
            (sys.executable, "-c", f"import os; os.kill(os.getpid(), {int(signal.SIGSEGV)})"),
            "the process that draws died of signal 11.",
        ),
        (
            (sys.executable, "-c", "import vtk_of_another_world"),
            "the process that draws failed: ModuleNotFoundError: No module named 'vtk_of_another_world'",
        ),
        ((sys.executable, "-c", "raise SystemExit(3)"), "the process that draws failed: exit code 3"),
        (printing({"refused": "this machine cannot draw"}), "this machine cannot draw"),
        (
            printing({"vendor": "v", "renderer": "A card", "version": "4", "wrong": ["no red line above"]}),
            "A card draws something else than it is told: no red line above.",
        ),
    ],
)
def test_what_does_not_draw_is_told_and_the_process_that_asks_lives_on(program: tuple[str, ...], message: str) -> None:
    with pytest.raises(DisplayError) as caught:
        try_drawing(program)
    assert str(caught.value) == message


def test_without_the_encoder_there_are_no_films(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(av, "codecs_available", {"mpeg4"})
    with pytest.raises(OutputError) as caught:
        try_encoding()
    assert str(caught.value) == f"PyAV {av.__version__} was built without libx264."


# What is said of each.


def test_all_is_told_in_one_text() -> None:
    findings = [
        Finding("OpenGL", False, "no driver\nand no screen", "apt-get install x"),
        Finding("films", True, "libx264"),
        Finding("window", False, "PySide6 is missing", needed=False),
    ]
    assert doctor_text(findings) == (
        "OpenGL  missing  no driver\n"
        "                 and no screen\n"
        "                 mend it: apt-get install x\n"
        "films   ok       libx264\n"
        "window  without  PySide6 is missing\n"
        "\n"
        "Pictures and films cannot be made."
    )
    assert is_fine(findings[1:])
    assert doctor_text(findings[1:]).endswith("\nPictures and films can be made.")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the packages are Debian's")
def test_packages_of_the_system_stand_in_the_command_alone() -> None:
    message = "this machine cannot draw\nOn Debian or Ubuntu: apt-get install libegl1"
    planted = Trials(refusing(message), fine, fine, fine)
    assert found("OpenGL", planted) == Finding("OpenGL", False, "this machine cannot draw", doctor.PACKAGES_THAT_DRAW)


@pytest.mark.parametrize(
    ("message", "said", "remedy"),
    [
        (
            'the viewer needs PySide6; install it with: pip install "mmviz[viewer]"',
            "the viewer needs PySide6",
            'pip install "mmviz[viewer]"',
        ),
        (
            "the viewer cannot start: libxcb-cursor.so.0 is gone.\nOn Debian or Ubuntu: apt-get install libxcb-cursor0",
            "the viewer cannot start: libxcb-cursor.so.0 is gone.",
            "apt-get install libxcb-cursor0",
        ),
        ("there is no screen", "there is no screen", ""),
    ],
)
def test_a_window_that_cannot_open_hinders_no_film(message: str, said: str, remedy: str) -> None:
    planted = Trials(fine, fine, refusing(message), fine)
    assert found("window", planted) == Finding("window", False, said, remedy, needed=False)
    assert is_fine(examine(planted))


def test_a_broken_torch_or_pyav_is_told() -> None:
    planted = Trials(fine, refusing("no libav", ImportError), fine, refusing("libtorch.so is missing", OSError))
    assert found("films", planted) == Finding("films", False, "no libav", "pip install --force-reinstall av")
    remedy = "pip install --force-reinstall torch"
    assert found("numbers", planted) == Finding("numbers", False, "libtorch.so is missing", remedy)


def test_packages_that_are_missing_or_too_old_are_installed_by_one_command() -> None:
    needs = [Requirement("numpy>=2.3"), Requirement("vtk>=9.7"), Requirement("av>=17")]
    look = {"numpy": "2.3", "vtk": "9.5.2", "av": ""}.__getitem__
    assert package_finding("packages", needs, look) == Finding(
        "packages",
        False,
        "vtk 9.5.2, >=9.7 is needed, av is missing, >=17 is needed",
        'pip install "vtk>=9.7" "av>=17"',
    )
    assert package_finding("packages", needs[:1], look) == Finding("packages", True, "numpy 2.3")
    wanted = package_finding("mmviz[viewer]", needs[1:2], look, extra="viewer")
    assert (wanted.remedy, wanted.needed) == ('pip install "mmviz[viewer]"', False)


@pytest.mark.parametrize(
    ("line", "extra"),
    [("numpy>=2", ""), ("PySide6>=6; extra == 'viewer'", "viewer"), ("torch>=2; sys_platform == 'linux'", "")],
)
def test_the_extra_of_a_requirement(line: str, extra: str) -> None:
    assert doctor.extra_of(Requirement(line)) == extra


def test_a_folder_that_cannot_be_written_is_told_with_the_variable_that_names_another(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"0" * 3_000_000)
    assert folder_finding("models", file / "x", "MMVIZ_CACHE", {"MMVIZ_CACHE": str(file / "x")}) == Finding(
        "models",
        False,
        f"{file / 'x'} (MMVIZ_CACHE): nothing can be written in {file}",
        'export MMVIZ_CACHE="$HOME/models"',
        needed=False,
    )
    there = folder_finding("models", tmp_path, "MMVIZ_CACHE", {})
    assert there == Finding("models", True, f"{tmp_path}: 3 MB", needed=False)
