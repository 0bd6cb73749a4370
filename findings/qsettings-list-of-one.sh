#!/usr/bin/env bash
# Finding:  QSettings gives back ["a"] as "a", [1, 2] as ["1", "2"] and [1] as [1]; in the process that wrote them all
#           is well.
# Versions: PySide6-Essentials 6.12.0
# Guess:    What setValue took, value gives back, at least for lists of text and of whole numbers. A test that writes,
#           opens a second QSettings on the same file and compares proves it.
# Seen:     All objects of a process share one cache of the file, with the objects as they were set: the test proves
#           nothing. In the next process an INI file has no lists of one text, whole numbers in lists are text, but a
#           single number in a list goes as a packed value and stays a number; False is "false", which is true in an
#           `if`; and an empty list is None, also where value() was given a default. value(key, type=...) mends the
#           flags and the lists of text, not the numbers.
# Output:
#   key      set          same process  next process  type= given
#   flag     False        False         'false'       False
#   names    ['a']        ['a']         'a'           ['a']
#   none     []           []            None          []
#   one      [1]          [1]           [1]           [1]
#   two      [1, 2]       [1, 2]        ['1', '2']    ['1', '2']
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet PySide6-Essentials==6.12.0
"$folder/venv/bin/python" -I - <<'PYTHON'
import json
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """
import json
import sys

from PySide6.QtCore import QSettings

VALUES = {"flag": False, "names": ["a"], "none": [], "one": [1], "two": [1, 2]}
settings = QSettings(sys.argv[1], QSettings.Format.IniFormat)
if sys.argv[2] == "write":
    for key, value in VALUES.items():
        settings.setValue(key, value)
    settings.sync()
    settings = QSettings(sys.argv[1], QSettings.Format.IniFormat)
rows = {key: (value, settings.value(key, "x"), settings.value(key, type=type(value))) for key, value in VALUES.items()}
print(json.dumps(rows))
"""
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "window.ini"
    here, later = (
        json.loads(subprocess.run([sys.executable, "-I", "-c", PROGRAM, path, what], check=True, capture_output=True).stdout)
        for what in ("write", "read")
    )
print(f"{'key':8} {'set':12} {'same process':13} {'next process':13} type= given")
for key, (value, same, _) in here.items():
    _, read, typed = later[key]
    print(f"{key:8} {value!r:12} {same!r:13} {read!r:13} {typed!r}")
assert all(same == value for value, same, _ in here.values())
assert [read for _, read, _ in later.values()] == ["false", "a", None, [1], ["1", "2"]]
assert [typed for _, _, typed in later.values()] == [False, ["a"], [], [1], ["1", "2"]]
PYTHON
