"""Large blocks of memory are given back when they are freed, where the C library can be told so."""

import platform
import subprocess
import sys

import pytest

CODE = """
import numpy as np
from mmviz.machine.allocator import give_back_large_blocks

def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")) / 1024

def given_back():
    "MB of 80 that the process has less of once they are freed."
    blocks = [np.ones(4 << 20, np.uint8) for _ in range(20)]
    last = np.ones(4 << 20, np.uint8)  # lies behind them
    before = resident()
    blocks.clear()
    return before - resident()

np.ones(30 << 20, np.uint8)  # once freed, it raises glibc's threshold to 30 MB
print(given_back())
assert give_back_large_blocks()
print(given_back())
"""


@pytest.mark.process
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have rules of their own")
def test_freed_matrices_go_back_to_the_system() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    first, second = map(float, done.stdout.split())
    assert first < 20
    assert second > 70
