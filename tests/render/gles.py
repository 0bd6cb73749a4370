"""Compiles shaders for OpenGL ES 3.0, whose language is that of WebGL 2; run in a process of its own, for its context.

Reads {"vertex": text, "fragment": text} as JSON; prints what the driver says of each and of the program, or nothing.
"""

import ctypes
import json
import sys
from ctypes import POINTER, byref, c_char_p, c_int, c_uint, c_void_p
from typing import Any

STAGES = {"vertex": 0x8B31, "fragment": 0x8B30}
MISSING = 3
"""The exit code where there is no OpenGL ES."""


def opened() -> Any:
    """libEGL, with a context of OpenGL ES 3.0 that needs no surface."""
    egl = ctypes.CDLL("libEGL.so.1")
    for name, result, arguments in (
        ("eglGetProcAddress", c_void_p, [c_char_p]),
        ("eglInitialize", c_uint, [c_void_p] * 3),
        ("eglCreateContext", c_void_p, [c_void_p, c_void_p, c_void_p, POINTER(c_int)]),
        ("eglMakeCurrent", c_uint, [c_void_p] * 4),
    ):
        function = getattr(egl, name)
        function.restype, function.argtypes = result, arguments
    devices, count = (c_void_p * 16)(), c_int()
    called(egl, "eglQueryDevicesEXT", c_uint, c_int, c_void_p, POINTER(c_int))(16, devices, byref(count))
    display_of = called(egl, "eglGetPlatformDisplayEXT", c_void_p, c_uint, c_void_p, c_void_p)
    for device in devices[: count.value]:
        display = display_of(0x313F, device, None)
        if not egl.eglInitialize(display, None, None) or not egl.eglBindAPI(0x30A0):
            continue
        context = egl.eglCreateContext(display, None, None, (c_int * 3)(0x3098, 3, 0x3038))
        if context and egl.eglMakeCurrent(display, None, None, context):
            return egl
    raise OSError("no device offers OpenGL ES 3.0")


def called(egl: Any, name: str, result: Any, *arguments: Any) -> Any:
    address = egl.eglGetProcAddress(name.encode())
    if not address:
        raise OSError(f"{name} is missing")
    return ctypes.CFUNCTYPE(result, *arguments)(address)


def complaints(egl: Any, texts: dict[str, str]) -> list[str]:
    """What is wrong with the shaders, and with the program that they make together."""
    found, program = [], called(egl, "glCreateProgram", c_uint)()
    for stage, text in texts.items():
        shader = called(egl, "glCreateShader", c_uint, c_uint)(STAGES[stage])
        source = c_char_p(text.encode())
        called(egl, "glShaderSource", None, c_uint, c_int, POINTER(c_char_p), c_void_p)(shader, 1, byref(source), None)
        called(egl, "glCompileShader", None, c_uint)(shader)
        found += [f"{stage}: {log}" for log in failures(egl, "Shader", shader, 0x8B81)]
        called(egl, "glAttachShader", None, c_uint, c_uint)(program, shader)
    called(egl, "glLinkProgram", None, c_uint)(program)
    return found + [f"program: {log}" for log in failures(egl, "Program", program, 0x8B82)]


def failures(egl: Any, kind: str, number: int, status: int) -> list[str]:
    fine, log = c_int(), ctypes.create_string_buffer(10_000)
    called(egl, f"glGet{kind}iv", None, c_uint, c_uint, POINTER(c_int))(number, status, byref(fine))
    called(egl, f"glGet{kind}InfoLog", None, c_uint, c_int, c_void_p, c_char_p)(number, 10_000, None, log)
    return [] if fine.value else [log.value.decode()]


if __name__ == "__main__":
    try:
        library = opened()
    except (OSError, AttributeError) as error:
        sys.stderr.write(str(error))
        sys.exit(MISSING)
    sys.stdout.write("\n".join(complaints(library, json.load(sys.stdin))))
