"""How the C library keeps freed memory; numbers and pictures are not known here."""

import ctypes
import sys

M_MMAP_THRESHOLD = -3
"""glibc's name for the size from which a block is mapped by itself; source: malloc.h."""
LARGE = 1 << 20
"""Bytes of a block that is given back to the system when it is freed."""


def give_back_large_blocks() -> bool:
    """Let the memory of a freed matrix go back to the system at once; True where the C library can be told so.

    glibc raises the size from which it maps blocks by themselves whenever such a block is freed, up to 32 MB. From
    then on matrices of some MB lie in its heap, one behind the other, and what is freed among them stays with the
    process: a window that shows one head after the other would grow although it holds no more of them.
    Source: mallopt(3), "dynamic mmap threshold".
    """
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None)
    return hasattr(library, "mallopt") and bool(library.mallopt(M_MMAP_THRESHOLD, LARGE))
