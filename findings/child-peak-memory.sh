#!/usr/bin/env bash
# Finding:  On Linux ru_maxrss of a new process begins with the peak of the process that started it.
# Versions: numpy 2.4.6; Linux 6.18, Python 3.11
# Guess:    resource.getrusage(RUSAGE_SELF) in a fresh interpreter says how much memory that interpreter took at most.
# Seen:     The figure survives exec: until the new program is larger itself, it is that of the program which forked.
#           A parent with 400 MB makes each child's peak 400 MB, so that a measurement in a child shows the test runner.
#           VmHWM in /proc/self/status starts anew with exec, and is the child's own.
# Output:
#   parent with 0 MB more: ru_maxrss below 100 MB, VmHWM below 100 MB
#   parent with 400 MB more: ru_maxrss above 400 MB, VmHWM below 100 MB
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet numpy==2.4.6
"$folder/venv/bin/python" -I - <<'PYTHON'
import subprocess
import sys

import numpy as np

CHILD = """
import resource

lines = open("/proc/self/status").read().splitlines()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, next(x.split()[1] for x in lines if x.startswith("VmHWM")))
"""
for more in (0, 400):
    held = np.ones(more * 10**6 // 8)
    text = subprocess.run([sys.executable, "-I", "-c", CHILD], check=True, capture_output=True, text=True).stdout
    peak, own = (int(kilobytes) * 1024 / 1e6 for kilobytes in text.split())
    words = [f"{name} {'above 400' if size > 400 else 'below 100'} MB" for name, size in (("ru_maxrss", peak), ("VmHWM", own))]
    print(f"parent with {more} MB more: {', '.join(words)}")
    assert own < 100 and (peak > 400 if more else peak < 100), (peak, own)
    del held
PYTHON
