"""`mmviz doctor` finds what is planted to be missing, and names the command that mends it."""

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import metadata
from pathlib import Path

import av
import pytest
from packaging.requirements import Requirement

from mmviz.cli import main
from mmviz.errors import DisplayError, OutputError
from mmviz.machine.homes import HUB
from mmviz.render.film.trial import try_encoding
from mmviz.render.opengl.trial import try_drawing
from mmviz.reports import doctor_report as doctor
from mmviz.reports.doctor_report import Finding, Trials, doctor_text, examine, folder_finding, is_fine, package_finding
from tests.processes import MAIN, STRICT, Outcome, ran

ROOT = Path(__file__).resolve().parents[1]
PIP = f"{sys.executable} -m pip install"
"""Of the Python that runs: the one that a shell finds may be another."""


def refusing(message: str, kind: type[Exception] = DisplayError) -> doctor.Trial:
    def trial() -> str:
        raise kind(message)

    return trial


def fine() -> str:
    return "works"


def never(variables: Sequence[str]) -> bool:
    return False


def found(name: str, trials: Trials, **environment: str) -> Finding:
    (finding,) = [finding for finding in examine(trials, environment) if finding.name == name]
    return finding


# The command.


def without_screen(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return kept | variables


def doctor_says(*arguments: str, **variables: str) -> Outcome:
    return ran(STRICT + MAIN, "doctor", *arguments, folder=ROOT, environment=without_screen(**variables))


@pytest.mark.process
def test_this_machine_draws_and_films() -> None:
    done = doctor_says("--json", QT_QPA_PLATFORM="offscreen")
    assert (done.code, done.err) == (0, "")
    report = json.loads(done.out)
    assert report["fine"]
    findings = {finding["name"]: finding for finding in report["findings"]}
    extras = sorted({*metadata("mmviz").get_all("Provides-Extra", [])} - {"dev", "docs"})
    assert list(findings) == [
        *("mmviz", "packages", *(f"mmviz[{extra}]" for extra in extras), "OpenGL", "films", "numbers", "window"),
        *("fetched models", "Hugging Face cache"),
    ]
    assert findings["OpenGL"]["found"].endswith("; it draws what it is told")
    assert findings["films"]["found"].startswith("libx264 of FFmpeg ")
    assert "cpu (" in findings["numbers"]["found"]
    assert findings["window"]["found"].endswith(" opens one on offscreen")


@pytest.mark.process
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere VTK has one kind of window")
def test_where_nothing_can_be_drawn_the_command_fails_and_names_the_packages() -> None:
    done = doctor_says(VTK_DEFAULT_OPENGL_WINDOW="vtkXOpenGLRenderWindow")
    assert (done.code, done.err) == (1, "")
    lines = [line.strip() for line in done.out.splitlines()]
    (place,) = [number for number, line in enumerate(lines) if line.startswith("OpenGL ")]
    assert lines[place].endswith(
        "missing  VTK_DEFAULT_OPENGL_WINDOW asks for vtkXOpenGLRenderWindow, which cannot work here: DISPLAY is not "
        "set. Unset it to let mmviz choose."
    )
    assert lines[place + 1] == "mend it: unset VTK_DEFAULT_OPENGL_WINDOW"
    assert lines[-1] == "Pictures and films cannot be made."


@pytest.mark.process
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the variable is Mesa's")
def test_a_variable_that_hides_the_drivers_is_what_has_to_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", without_screen(LIBGL_DRIVERS_PATH="/nowhere"))
    drawing = replace(doctor.on_this_machine(), encode=fine, window=fine, devices=fine)
    finding = found("OpenGL", drawing, LIBGL_DRIVERS_PATH="/nowhere")
    assert (finding.fine, finding.needed, finding.remedy) == (False, True, "unset LIBGL_DRIVERS_PATH")


@pytest.mark.process
def test_a_folder_with_an_impossible_name_is_one_finding_among_all(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = f"/{'a' * 300}"
    windows = replace(doctor.on_this_machine(), draw=fine, encode=fine, devices=fine)
    monkeypatch.setattr(doctor, "on_this_machine", lambda: windows)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"MMVIZ_CACHE": folder, "QT_QPA_PLATFORM": "nothing"}.items():
        monkeypatch.setenv(name, value)
    said = f"{folder}/models (MMVIZ_CACHE): it cannot be made in / (File name too long)"

    def told(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["mmviz", "doctor", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert (ended.value.code, err) == (0, "")
        return out

    findings = {finding["name"]: finding for finding in json.loads(told("--json"))["findings"]}
    assert findings["fetched models"]["found"] == said
    assert not findings["fetched models"]["fine"]
    lines = told().splitlines()
    (place,) = [number for number, line in enumerate(lines) if line.startswith("fetched models")]
    assert lines[place : place + 2] == [
        f"fetched models      without  {said}",
        '                             mend it: export MMVIZ_CACHE="$HOME/models"',
    ]
    if sys.platform.startswith("linux"):
        assert lines[place - 2 : place] == [
            "window              without  QT_QPA_PLATFORM is 'nothing', which Qt does not know",
            "                             mend it: unset QT_QPA_PLATFORM",
        ]


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
    planted = Trials(refusing(message), fine, fine, fine, never)
    assert found("OpenGL", planted) == Finding("OpenGL", False, "this machine cannot draw", doctor.PACKAGES_THAT_DRAW)


@pytest.mark.parametrize(
    ("message", "said", "remedy"),
    [
        (
            'the viewer needs PySide6; install it with: /my/python -m pip install "mmviz[viewer]"',
            "the viewer needs PySide6",
            '/my/python -m pip install "mmviz[viewer]"',
        ),
        (
            "QT_QPA_PLATFORM is 'nothing', which Qt does not know; unset it.",
            "QT_QPA_PLATFORM is 'nothing', which Qt does not know",
            "unset QT_QPA_PLATFORM",
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
    planted = Trials(fine, fine, refusing(message), fine, never)
    assert found("window", planted) == Finding("window", False, said, remedy, needed=False)
    assert is_fine(examine(planted, {}))


def test_a_broken_torch_or_pyav_is_told() -> None:
    planted = Trials(fine, refusing("no libav", ImportError), fine, refusing("libtorch.so is missing", OSError), never)
    again = f"{PIP} --force-reinstall"
    assert found("films", planted) == Finding("films", False, "no libav", f'{again} "av"')
    assert found("numbers", planted) == Finding("numbers", False, "libtorch.so is missing", f'{again} "torch"')


def test_whatever_goes_wrong_in_one_trial_the_others_are_told() -> None:
    broken = refusing("no such thing", KeyError)
    planted = Trials(broken, broken, broken, broken, never)
    findings = {finding.name: finding for finding in examine(planted, {})}
    for name in ("OpenGL", "films", "numbers", "window"):
        assert (findings[name].fine, findings[name].found) == (False, "KeyError: 'no such thing'")


def drawn_without(*variables: str) -> Callable[[Sequence[str]], bool]:
    """A machine that draws where none of the variables is set."""
    return lambda left_out: set(variables) <= set(left_out)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the packages are Debian's")
@pytest.mark.parametrize(
    ("message", "draws_without", "remedy"),
    [
        ("no driver", drawn_without("GALLIUM_DRIVER"), "unset GALLIUM_DRIVER"),
        (
            "no driver",
            drawn_without("GALLIUM_DRIVER", "VTK_DEFAULT_OPENGL_WINDOW"),
            "unset VTK_DEFAULT_OPENGL_WINDOW GALLIUM_DRIVER",
        ),
        ("no driver", never, doctor.PACKAGES_THAT_DRAW),
        (
            "VTK_DEFAULT_OPENGL_WINDOW asks for x, which cannot work here",
            never,
            f"unset VTK_DEFAULT_OPENGL_WINDOW && {doctor.PACKAGES_THAT_DRAW}",
        ),
    ],
)
def test_a_variable_is_blamed_where_it_draws_without_it(
    message: str, draws_without: Callable[[Sequence[str]], bool], remedy: str
) -> None:
    planted = Trials(refusing(message), fine, fine, fine, draws_without)
    environment = {"VTK_DEFAULT_OPENGL_WINDOW": "x", "GALLIUM_DRIVER": "y"}
    assert found("OpenGL", planted, **environment) == Finding("OpenGL", False, message, remedy)


def lacking(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    there = doctor.installed
    monkeypatch.setattr(doctor, "installed", lambda name: "" if name.lower().startswith(package) else there(name))


def test_a_window_without_pyside_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking("pyside6", monkeypatch)
    message = f'the viewer needs PySide6; install it with: {PIP} "mmviz[viewer]"'
    findings = examine(Trials(fine, fine, refusing(message), fine, never), {})
    assert [finding.name for finding in findings if "pyside6" in finding.found.lower()] == ["mmviz[viewer]"]
    assert [finding.remedy for finding in findings if not finding.fine] == [f'{PIP} "mmviz[viewer]"']


def test_without_vtk_no_package_of_the_system_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking("vtk", monkeypatch)
    message = "the process that draws failed: ModuleNotFoundError: No module named 'vtkmodules'"
    finding = found("OpenGL", Trials(refusing(message), fine, fine, fine, never))
    assert finding.remedy.startswith(f'{PIP} "vtk')


def test_packages_that_are_missing_or_too_old_are_installed_by_one_command() -> None:
    needs = [Requirement("numpy>=2.3"), Requirement("vtk>=9.7"), Requirement("av>=17")]
    look = {"numpy": "2.3", "vtk": "9.5.2", "av": ""}.__getitem__
    assert package_finding("packages", needs, look) == Finding(
        "packages",
        False,
        "vtk 9.5.2, >=9.7 is needed, av is missing, >=17 is needed",
        f'{PIP} "vtk>=9.7" "av>=17"',
    )
    assert package_finding("packages", needs[:1], look) == Finding("packages", True, "numpy 2.3")
    wanted = package_finding("mmviz[viewer]", needs[1:2], look, extra="viewer")
    assert (wanted.remedy, wanted.needed) == (f'{PIP} "mmviz[viewer]"', False)


@pytest.mark.parametrize(
    ("line", "extra"),
    [("numpy>=2", ""), ("PySide6>=6; extra == 'viewer'", "viewer"), ("torch>=2; sys_platform == 'linux'", "")],
)
def test_the_extra_of_a_requirement(line: str, extra: str) -> None:
    assert doctor.extra_of(Requirement(line)) == extra


VARIABLES = ("FIRST", "SECOND")


def looked_at(folder: Path, **environment: str) -> Finding:
    return folder_finding("models", lambda: folder, VARIABLES, environment)


def test_a_folder_that_is_there_or_can_be_made_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"0" * 3_000_000)
    assert looked_at(tmp_path) == Finding("models", True, f"{tmp_path}: 3 MB", needed=False)
    deep = tmp_path / "a" / "b" / "c"
    assert looked_at(deep, SECOND="x") == Finding("models", True, f"{deep} (SECOND): 0 MB", needed=False)
    assert [path.name for path in tmp_path.iterdir()] == ["weights"]


def test_a_folder_that_cannot_be_made_is_told_with_the_variable_that_led_there(tmp_path: Path) -> None:
    file, link, long = tmp_path / "file", tmp_path / "link", tmp_path / "made" / ("a" * 300)
    file.touch()
    link.symlink_to(tmp_path / "nowhere")
    told = {
        file / "x": f"{file} is a file, not a folder",
        file: f"{file} is a file, not a folder",
        link / "x": f"{link} is a link to nothing, not a folder",
        long: f"it cannot be made in {tmp_path} (File name too long)",
    }
    for folder, why in told.items():
        assert looked_at(folder, FIRST="x", SECOND="y") == Finding(
            "models", False, f"{folder} (FIRST): {why}", 'export FIRST="$HOME/models"', needed=False
        )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc")
def test_a_folder_in_proc_cannot_be_made_even_by_root() -> None:
    finding = looked_at(Path("/proc/nope/x"), SECOND="/proc/nope")
    assert finding.found == "/proc/nope/x (SECOND): it cannot be made in /proc (No such file or directory)"


def test_a_folder_that_cannot_even_be_named_is_told() -> None:
    def lost() -> Path:
        raise RuntimeError("Could not determine home directory.")

    assert folder_finding("models", lost, VARIABLES, {"SECOND": "~nobody/x"}) == Finding(
        "models",
        False,
        "(SECOND): RuntimeError: Could not determine home directory.",
        'export FIRST="$HOME/models"',
        needed=False,
    )


@pytest.mark.parametrize("variable", ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME"])
def test_each_variable_that_moves_the_hub_cache_is_named(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    for name in HUB:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, "/dev/null/x")
    finding = found("Hugging Face cache", Trials(fine, fine, fine, fine, never), **{variable: "/dev/null/x"})
    assert finding.found.startswith("/dev/null/x")
    assert finding.found.endswith(f" ({variable}): /dev/null is a file, not a folder")
