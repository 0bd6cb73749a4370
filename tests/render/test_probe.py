"""Every machine but this one is a fake: libraries are names, EGL devices are functions of three lines."""

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from mmviz.errors import DisplayError
from mmviz.render.opengl.probe import find_window

MISSING = "{}: cannot open shared object file: No such file or directory"
DRAW_A_PIXEL = """
from mmviz.render.opengl.probe import choose_window
import sys
assert not any(name.startswith("vtk") for name in sys.modules)
window = choose_window()
from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow, vtkWindowToImageFilter
import vtkmodules.vtkRenderingOpenGL2
view, ground = vtkRenderWindow(), vtkRenderer()
ground.SetBackground(1.0, 0.0, 0.0)
view.SetOffScreenRendering(True)
view.SetSize(8, 8)
view.AddRenderer(ground)
picture = vtkWindowToImageFilter()
picture.SetInput(view)
picture.Update()
assert choose_window() == window
image = picture.GetOutput()
print(window == view.GetClassName(), [image.GetScalarComponentAsFloat(4, 4, 0, k) for k in range(3)])
"""


class FakeEgl:
    """libEGL with a list of devices, by what each can do: 'opengl', 'no context', 'no config' or 'broken'."""

    def __init__(self, *devices: str) -> None:
        self.api = 0x30A0  # OpenGL ES, as a thread begins
        self.opened: list[int] = []
        self._extensions = {
            b"eglQueryDevicesEXT": ctypes.CFUNCTYPE(
                ctypes.c_uint, ctypes.c_int, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ctypes.c_int)
            )(self._query_devices),
            b"eglGetPlatformDisplayEXT": ctypes.CFUNCTYPE(
                ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p
            )(lambda platform, device, attributes: device),
        }
        self._devices = devices

    def library(self) -> SimpleNamespace:
        functions: dict[str, Callable[..., Any]] = {
            "eglGetProcAddress": lambda n: ctypes.cast(self._extensions[n], ctypes.c_void_p).value,
            "eglInitialize": lambda display, major, minor: self._open(display.value - 1),
            "eglQueryAPI": lambda: self.api,
            "eglBindAPI": self._bind,
            "eglChooseConfig": self._choose_config,
            "eglCreateContext": lambda display, *rest: 99 if self._can(display, "opengl") else None,
            "eglDestroyContext": lambda display, context: 1,
        }
        return SimpleNamespace(**{name: _plain(function) for name, function in functions.items()})

    def _query_devices(self, most: int, devices: Any, count: Any) -> int:
        count[0] = len(self._devices)
        for k in range(len(self._devices)):
            devices[k] = k + 1
        return 1

    def _open(self, index: int) -> int:
        self.opened.append(index)
        return int(self._devices[index] != "broken")

    def _bind(self, api: int) -> int:
        self.api = api
        return 1

    def _choose_config(self, display: Any, wanted: Any, config: Any, most: int, count: Any) -> int:
        count._obj.value = int(self._can(display, "opengl") or self._can(display, "no context"))
        return 1

    def _can(self, display: Any, ability: str) -> bool:
        return self._devices[int(display.value) - 1] == ability


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function object, which takes the attributes that ctypes functions have; a method does not."""

    def plain(*arguments: Any) -> Any:
        return function(*arguments)

    return plain


def machine(**libraries: Any) -> Callable[[str], Any]:
    """A loader that finds only these libraries, by the name between 'lib' and '.so'."""

    def load(name: str) -> Any:
        try:
            return libraries[name.removeprefix("lib").split(".")[0]]
        except KeyError:
            raise OSError(MISSING.format(name)) from None

    return load


def osmesa(context: int | None) -> SimpleNamespace:
    return SimpleNamespace(
        OSMesaCreateContextAttribs=lambda attributes, share: context,
        OSMesaDestroyContext=lambda context: None,
    )


def x11(display: int | None, opengl: int) -> dict[str, SimpleNamespace]:
    return {
        "X11": SimpleNamespace(XOpenDisplay=lambda name: display, XCloseDisplay=lambda display: 0),
        "GL": SimpleNamespace(glXQueryExtension=lambda display, error, event: opengl),
    }


def message(environment: dict[str, str], load: Callable[[str], Any]) -> str:
    with pytest.raises(DisplayError) as caught:
        find_window("linux", environment, load)
    return str(caught.value)


def test_a_bare_machine_is_told_what_is_missing_and_which_packages_bring_it() -> None:
    assert message({}, machine()) == (
        "this machine cannot draw; VTK needs OpenGL from one of:\n"
        "  EGL: libEGL.so.1: cannot open shared object file: No such file or directory\n"
        "  OSMesa: libOSMesa.so.8: cannot open shared object file: No such file or directory\n"
        "  X: DISPLAY is not set\n"
        "On Debian or Ubuntu: apt-get install libegl1 libgl1-mesa-dri"
    )


@pytest.mark.parametrize(
    ("devices", "reason"),
    [
        ((), "libEGL finds no driver"),
        (("broken",), "libEGL has no driver that offers OpenGL 3.2 off screen"),
        (("no config", "no context"), "libEGL has no driver that offers OpenGL 3.2 off screen"),
    ],
)
def test_a_library_without_a_driver_is_told_apart_from_no_library(devices: tuple[str, ...], reason: str) -> None:
    load = machine(EGL=FakeEgl(*devices).library(), OSMesa=osmesa(None), **x11(None, 0))
    assert message({"DISPLAY": ":7"}, load) == (
        "this machine cannot draw; VTK needs OpenGL from one of:\n"
        f"  EGL: {reason}\n"
        "  OSMesa: libOSMesa does not offer OpenGL 3.2\n"
        "  X: the screen :7 does not answer\n"
        "On Debian or Ubuntu: apt-get install libegl1 libgl1-mesa-dri"
    )


@pytest.mark.parametrize(
    ("libraries", "reason"),
    [
        ({}, "libX11.so.6: cannot open shared object file: No such file or directory"),
        (x11(5, 0), "the screen :7 does not offer OpenGL"),
    ],
)
def test_a_screen_without_opengl_is_not_used(libraries: dict[str, Any], reason: str) -> None:
    load = machine(OSMesa=SimpleNamespace(), **libraries)
    assert message({"DISPLAY": ":7"}, load) == (
        "this machine cannot draw; VTK needs OpenGL from one of:\n"
        "  EGL: libEGL.so.1: cannot open shared object file: No such file or directory\n"
        "  OSMesa: libOSMesa is too old\n"
        f"  X: {reason}\n"
        "On Debian or Ubuntu: apt-get install libegl1 libgl1-mesa-dri"
    )


@pytest.mark.parametrize(
    ("libraries", "window"),
    [
        ({"EGL": FakeEgl("opengl").library(), "OSMesa": osmesa(1)}, "vtkEGLRenderWindow"),
        ({"EGL": FakeEgl("broken").library(), "OSMesa": osmesa(1), **x11(5, 1)}, "vtkOSOpenGLRenderWindow"),
        (x11(5, 1), "vtkXOpenGLRenderWindow"),
    ],
)
def test_the_first_window_that_works_is_chosen(libraries: dict[str, Any], window: str) -> None:
    settings = find_window("linux", {"DISPLAY": ":7"}, machine(**libraries))
    assert settings == {"VTK_DEFAULT_OPENGL_WINDOW": window}


@pytest.mark.parametrize(
    ("devices", "variables", "opened", "device"),
    [
        (("opengl", "opengl"), {}, [0], None),
        (("broken", "no config", "no context", "opengl"), {}, [0, 1, 2, 3], "3"),
        (("opengl", "opengl"), {"VTK_DEFAULT_EGL_DEVICE_INDEX": "1"}, [1], None),
        (("opengl", "broken"), {"VTK_DEFAULT_EGL_DEVICE_INDEX": "1"}, [1, 0], "0"),
        (("opengl",), {"VTK_DEFAULT_EGL_DEVICE_INDEX": "7"}, [0], "0"),
        (("opengl",), {"VTK_DEFAULT_EGL_DEVICE_INDEX": "first"}, [0], None),
        (("broken", "opengl"), {"VTK_EGL_DEVICE_INDEX": "1"}, [1], "1"),
    ],
)
def test_vtk_is_sent_to_the_first_device_that_works_and_no_other_is_opened(
    devices: tuple[str, ...], variables: dict[str, str], opened: list[int], device: str | None
) -> None:
    egl = FakeEgl(*devices)
    settings = find_window("linux", variables, machine(EGL=egl.library()))
    assert settings.get("VTK_DEFAULT_EGL_DEVICE_INDEX") == device
    assert egl.opened == opened
    assert egl.api == 0x30A0, "the thread's API was left changed"


def test_a_device_that_does_not_exist_is_named() -> None:
    load = machine(EGL=FakeEgl("opengl", "opengl").library())
    wanted = {"VTK_EGL_DEVICE_INDEX": "2", "VTK_DEFAULT_OPENGL_WINDOW": "vtkEGLRenderWindow"}
    assert message(wanted, load) == (
        "VTK_DEFAULT_OPENGL_WINDOW asks for vtkEGLRenderWindow, which cannot work here: "
        "VTK_EGL_DEVICE_INDEX is 2, the last device is 1. Unset it to let mmviz choose."
    )


def test_the_window_a_user_asks_for_is_kept() -> None:
    load = machine(EGL=FakeEgl("opengl").library(), OSMesa=osmesa(1))
    wanted = {"VTK_DEFAULT_OPENGL_WINDOW": "vtkOSOpenGLRenderWindow"}
    assert find_window("linux", wanted, load) == wanted


def test_a_window_that_cannot_work_is_refused_by_its_name() -> None:
    load = machine(EGL=FakeEgl("opengl").library())
    assert message({"VTK_DEFAULT_OPENGL_WINDOW": "vtkXOpenGLRenderWindow"}, load) == (
        "VTK_DEFAULT_OPENGL_WINDOW asks for vtkXOpenGLRenderWindow, which cannot work here: "
        "DISPLAY is not set. Unset it to let mmviz choose."
    )


@pytest.mark.parametrize("wanted", ["", "nonsense"])
def test_a_window_that_vtk_does_not_know_is_replaced(wanted: str) -> None:
    load = machine(EGL=FakeEgl("opengl").library())
    settings = find_window("linux", {"VTK_DEFAULT_OPENGL_WINDOW": wanted}, load)
    assert settings == {"VTK_DEFAULT_OPENGL_WINDOW": "vtkEGLRenderWindow"}


@pytest.mark.parametrize(
    ("platform", "window"), [("darwin", "vtkCocoaRenderWindow"), ("win32", "vtkWin32OpenGLRenderWindow")]
)
def test_elsewhere_the_native_window_is_taken_without_a_probe(platform: str, window: str) -> None:
    assert find_window(platform, {}, machine()) == {"VTK_DEFAULT_OPENGL_WINDOW": window}


def run(script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("VTK_")}
    environment = {**kept, "PYTHONPATH": os.pathsep.join(sys.path), **variables}
    return subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.process
def test_vtk_draws_in_the_process_that_was_probed_although_its_window_is_nonsense() -> None:
    drawn = run(DRAW_A_PIXEL, VTK_DEFAULT_OPENGL_WINDOW="nonsense")
    assert (drawn.returncode, drawn.stdout, drawn.stderr) == (0, "True [255.0, 0.0, 0.0]\n", "")


@pytest.mark.process
def test_vtk_draws_in_the_process_that_was_probed_and_in_one_that_it_starts() -> None:
    script = f"import subprocess, sys\n{DRAW_A_PIXEL}\nsubprocess.run([sys.executable, '-c', {DRAW_A_PIXEL!r}])"
    drawn = run(script)
    assert (drawn.returncode, drawn.stderr) == (0, "")
    assert sorted(drawn.stdout.splitlines()) == ["True [255.0, 0.0, 0.0]"] * 2


@pytest.mark.process
def test_without_libraries_the_process_survives_and_does_not_import_vtk() -> None:
    script = """
import ctypes, sys
def load(name): raise OSError(f"{name}: hidden")
ctypes.CDLL = load
from mmviz.errors import DisplayError
from mmviz.render.opengl.probe import choose_window
for _ in range(2):
    try: choose_window()
    except DisplayError as error: print(error)
assert not any(name.startswith("vtk") for name in sys.modules)
"""
    refused = run(script, DISPLAY="")
    assert (refused.returncode, refused.stderr) == (0, "")
    assert refused.stdout == 2 * (
        "this machine cannot draw; VTK needs OpenGL from one of:\n"
        "  EGL: libEGL.so.1: hidden\n"
        "  OSMesa: libOSMesa.so.8: hidden\n"
        "  X: DISPLAY is not set\n"
        "On Debian or Ubuntu: apt-get install libegl1 libgl1-mesa-dri\n"
    )
