#!/usr/bin/env bash
# Finding:  PySide6 6.12.0 gives up references to True and None that are not its own.
# Versions: PySide6-Essentials 6.12.0, PySide6-Essentials 6.11.3, Python 3.11
# Guess:    Sending a signal, or one turn of the event loop, leaves the reference counts of Python's constants alone.
# Seen:     Each emit lowers the count of True by one, each processEvents that of None. Up to Python 3.11 these objects
#           are counted as all others are, so a window that plays an animation ends, after some hundred signals, in
#           an abort of the interpreter that names neither Qt nor the signal. From 3.12 on they are immortal, and nothing is
#           noticed. 6.11.3 leaves the counts alone. Ten calls of each are made here, which does no harm.
# Output:
#   6.12.0: 10 emits take 10 references of True, 10 turns of the loop 10 of None
#   6.11.3: 10 emits take 0 references of True, 10 turns of the loop 0 of None
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
python3 -c 'import sys; sys.exit(sys.version_info >= (3, 12))' || { echo "needs Python 3.11: later ones do not count these"; exit 1; }
cat >"$folder/count.py" <<'PYTHON'
import sys

from PySide6.QtCore import QCoreApplication, QObject

application = QCoreApplication([])
sender = QObject()


def taken(constant: object, calls: range, call: object) -> int:
    """How many references of a constant are gone after some calls."""
    before = sys.getrefcount(constant)
    for _ in calls:
        call()
    return before - sys.getrefcount(constant)


ten = range(10)
taken(True, range(1), lambda: sender.objectNameChanged.emit("x"))  # what is made once, at the first call, is not counted
emits = taken(True, ten, lambda: sender.objectNameChanged.emit("x"))
turns = taken(None, ten, application.processEvents)
print(f"{sys.argv[1]}: 10 emits take {emits} references of True, 10 turns of the loop {turns} of None")
assert (emits, turns) == ((10, 10) if sys.argv[1] == "6.12.0" else (0, 0))
PYTHON
export QT_QPA_PLATFORM=offscreen
"$folder/venv/bin/pip" install --quiet PySide6-Essentials==6.12.0
"$folder/venv/bin/python" -I "$folder/count.py" 6.12.0
"$folder/venv/bin/pip" install --quiet PySide6-Essentials==6.11.3
"$folder/venv/bin/python" -I "$folder/count.py" 6.11.3
