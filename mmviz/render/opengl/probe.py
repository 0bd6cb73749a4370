"""Whether and how this machine can draw off screen, found out before VTK is imported; draws nothing itself.

Where OpenGL is missing VTK does not raise, it crashes the process. So the libraries and calls that its
window needs are tried here first, through ctypes. An EGL display that was opened stays open: it is shared by
the whole process, and closing it would take the contexts of everyone else with it.
"""

import ctypes
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from ctypes import POINTER, byref, c_int, c_uint, c_void_p
from functools import cache
from typing import Any

from mmviz.errors import DisplayError

Loader = Callable[[str], Any]
"""Opens a shared library by name, or raises OSError: ctypes.CDLL, or a fake in tests."""

WINDOW_VARIABLE = "VTK_DEFAULT_OPENGL_WINDOW"
DEVICE_VARIABLE = "VTK_DEFAULT_EGL_DEVICE_INDEX"  # where VTK begins to look
ONLY_DEVICE_VARIABLE = "VTK_EGL_DEVICE_INDEX"  # the one device VTK may use
NATIVE_WINDOWS = {"darwin": "vtkCocoaRenderWindow", "win32": "vtkWin32OpenGLRenderWindow"}
PACKAGES = "On Debian or Ubuntu: apt-get install libegl1 libgl1-mesa-dri"

EGL_LIBRARIES = ("libEGL.so.1", "libEGL.so")
OSMESA_LIBRARIES = ("libOSMesa.so.8", "libOSMesa.so.6", "libOSMesa.so")
DEVICES_AT_MOST = 64
EGL_PLATFORM_DEVICE = 0x313F
EGL_OPENGL_API = 0x30A2
EGL_NONE = 0x3038
# Off-screen surface, OpenGL, 8 bits a colour, 24 bits of depth: what vtkEGLRenderWindow asks for.
EGL_CONFIG = (0x3033, 0x1, 0x3040, 0x8, 0x3024, 8, 0x3023, 8, 0x3022, 8, 0x3025, 24, EGL_NONE)
# Major version 3, minor version 2, core profile: the least that VTK draws with.
EGL_CONTEXT = (0x3098, 3, 0x30FB, 2, 0x30FD, 0x1, EGL_NONE)
# Depth bits, core profile, version 3.2, in the numbers of OSMesa.
OSMESA_CONTEXT = (0x30, 24, 0x33, 0x34, 0x36, 3, 0x37, 2, 0)


class _UnusableError(Exception):
    """One kind of window cannot work here; the text says what is missing."""


@cache
def choose_window() -> str:
    """Name of the VTK window class that can draw off screen here; VTK is told through the environment.

    Raises:
        DisplayError: there is none.
    """
    settings = find_window(sys.platform, os.environ, ctypes.CDLL)
    if sys.platform not in NATIVE_WINDOWS:
        os.environ.update(settings)
    return settings[WINDOW_VARIABLE]


def find_window(platform: str, environment: Mapping[str, str], load: Loader) -> dict[str, str]:
    """Environment variables with which VTK opens a window that works.

    Args:
        platform: As in sys.platform.
        environment: A window class named there is kept if VTK knows it.
        load: Opens a shared library.

    Raises:
        DisplayError: no window can work, or the one that the environment names cannot.
    """
    wanted = environment.get(WINDOW_VARIABLE, "")
    if platform in NATIVE_WINDOWS:
        return {WINDOW_VARIABLE: wanted if wanted in _PROBES else NATIVE_WINDOWS[platform]}
    if wanted in _PROBES:
        return _try_wanted(wanted, environment, load)
    reasons = []
    for window, (label, probe) in _PROBES.items():
        try:
            return {WINDOW_VARIABLE: window, **probe(environment, load)}
        except _UnusableError as reason:
            reasons.append(f"  {label}: {reason}")
    raise DisplayError("\n".join(["this machine cannot draw; VTK needs OpenGL from one of:", *reasons, PACKAGES]))


def _try_wanted(window: str, environment: Mapping[str, str], load: Loader) -> dict[str, str]:
    try:
        return {WINDOW_VARIABLE: window, **_PROBES[window][1](environment, load)}
    except _UnusableError as reason:
        raise DisplayError(
            f"{WINDOW_VARIABLE} asks for {window}, which cannot work here: {reason}. Unset it to let mmviz choose."
        ) from None


def _probe_egl(environment: Mapping[str, str], load: Loader) -> dict[str, str]:
    """Finds the first device that offers OpenGL, in the order in which VTK tries them."""
    egl = _load_first(EGL_LIBRARIES, load)
    displays = list(_egl_displays(egl))
    if not displays:
        raise _UnusableError("libEGL finds no driver")
    only = _index(environment, ONLY_DEVICE_VARIABLE)
    if only is not None and only >= len(displays):
        raise _UnusableError(f"{ONLY_DEVICE_VARIABLE} is {only}, the last device is {len(displays) - 1}")
    begin = _index(environment, DEVICE_VARIABLE)
    order = [only] if only is not None else sorted(range(len(displays)), key=lambda k: (k != begin, k))
    for index in order:
        if _offers_opengl(egl, displays[index]):
            # VTK does not check the range of this index, and warns about each device that fails before it.
            return {} if index == (begin or 0) else {DEVICE_VARIABLE: str(index)}
    raise _UnusableError("libEGL has no driver that offers OpenGL 3.2 off screen")


def _egl_displays(egl: Any) -> Iterator[c_void_p]:
    """The display of every device, not yet opened; none where EGL cannot list devices: VTK then fails too."""
    address = _function(egl, "eglGetProcAddress", c_void_p, ctypes.c_char_p)
    query = address(b"eglQueryDevicesEXT")
    platform_display = address(b"eglGetPlatformDisplayEXT")
    if not (query and platform_display):
        return
    devices = (c_void_p * DEVICES_AT_MOST)()
    count = c_int(0)
    query_devices = ctypes.CFUNCTYPE(c_uint, c_int, POINTER(c_void_p), POINTER(c_int))(query)
    get_display = ctypes.CFUNCTYPE(c_void_p, c_uint, c_void_p, c_void_p)(platform_display)
    if not query_devices(DEVICES_AT_MOST, devices, byref(count)):
        return
    for device in devices[: count.value]:
        yield c_void_p(get_display(EGL_PLATFORM_DEVICE, device, None))


def _offers_opengl(egl: Any, display: c_void_p) -> bool:
    """Whether a context of OpenGL 3.2 can be made; none is made current, and the thread's API is put back."""
    initialize = _function(egl, "eglInitialize", c_uint, c_void_p, c_void_p, c_void_p)
    query_api = _function(egl, "eglQueryAPI", c_uint)
    bind_api = _function(egl, "eglBindAPI", c_uint, c_uint)
    if not display or not initialize(display, None, None):
        return False
    before = query_api()
    try:
        return bool(bind_api(EGL_OPENGL_API)) and _makes_context(egl, display)
    finally:
        bind_api(before)


def _makes_context(egl: Any, display: c_void_p) -> bool:
    ints = POINTER(c_int)
    choose = _function(egl, "eglChooseConfig", c_uint, c_void_p, ints, POINTER(c_void_p), c_int, ints)
    create = _function(egl, "eglCreateContext", c_void_p, c_void_p, c_void_p, c_void_p, ints)
    destroy = _function(egl, "eglDestroyContext", c_uint, c_void_p, c_void_p)
    config, count = c_void_p(), c_int(0)
    if not choose(display, _int_array(EGL_CONFIG), byref(config), 1, byref(count)) or count.value < 1:
        return False
    context = create(display, config, None, _int_array(EGL_CONTEXT))
    if context:
        destroy(display, context)
    return bool(context)


def _probe_osmesa(environment: Mapping[str, str], load: Loader) -> dict[str, str]:  # noqa: ARG001
    osmesa = _load_first(OSMESA_LIBRARIES, load)
    try:
        create = _function(osmesa, "OSMesaCreateContextAttribs", c_void_p, POINTER(c_int), c_void_p)
        destroy = _function(osmesa, "OSMesaDestroyContext", None, c_void_p)
    except AttributeError:
        raise _UnusableError("libOSMesa is too old") from None
    context = create(_int_array(OSMESA_CONTEXT), None)
    if not context:
        raise _UnusableError("libOSMesa does not offer OpenGL 3.2")
    destroy(context)
    return {}


def _probe_x(environment: Mapping[str, str], load: Loader) -> dict[str, str]:
    if not environment.get("DISPLAY"):
        raise _UnusableError("DISPLAY is not set")
    x11 = _load_first(("libX11.so.6",), load)
    glx = _load_first(("libGL.so.1", "libGL.so"), load)
    display = _function(x11, "XOpenDisplay", c_void_p, c_void_p)(None)
    if not display:
        raise _UnusableError(f"the screen {environment['DISPLAY']} does not answer")
    query = _function(glx, "glXQueryExtension", c_int, c_void_p, c_void_p, c_void_p)
    offered = query(display, byref(c_int()), byref(c_int()))
    _function(x11, "XCloseDisplay", c_int, c_void_p)(display)
    if not offered:
        raise _UnusableError(f"the screen {environment['DISPLAY']} does not offer OpenGL")
    return {}


_PROBES = {
    "vtkEGLRenderWindow": ("EGL", _probe_egl),
    "vtkOSOpenGLRenderWindow": ("OSMesa", _probe_osmesa),
    "vtkXOpenGLRenderWindow": ("X", _probe_x),
}


def _load_first(names: tuple[str, ...], load: Loader) -> Any:
    reasons = []
    for name in names:
        try:
            return load(name)
        except OSError as error:
            reasons.append(str(error))
    # The first name is the one that the packages install; the reasons of the others only repeat it.
    raise _UnusableError(reasons[0])


def _function(library: Any, name: str, result: Any, *arguments: Any) -> Any:
    """A C function with its types; without them ctypes would cut pointers to 32 bits."""
    function = getattr(library, name)
    function.restype = result
    function.argtypes = arguments
    return function


def _index(environment: Mapping[str, str], variable: str) -> int | None:
    text = environment.get(variable, "")
    return int(text) if text.isascii() and text.isdigit() else None


def _int_array(numbers: tuple[int, ...]) -> Any:
    return (c_int * len(numbers))(*numbers)
