#!/usr/bin/env bash
# Finding:  QTest.mouseClick at QPoint(0, 0) clicks the middle of the widget.
# Versions: PySide6-Essentials 6.12.0
# Guess:    A position that is given is where the click lands; only a position that is left out means the middle.
# Seen:     A position that is left out is QPoint(), and QPoint() is the point (0, 0): Qt cannot tell them apart, and
#           sends both to the middle. So a test that clicks an item's corner passes for the wrong reason. (1, 0) and
#           (0, 1) land where they should; the corner itself needs a QMouseEvent of one's own.
# Output:
#   QPoint(0, 0) lands at (49, 29)
#   QPoint(1, 0) lands at (1, 0)
#   QPoint(0, 1) lands at (0, 1)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet PySide6-Essentials==6.12.0
QT_QPA_PLATFORM=offscreen "$folder/venv/bin/python" -I - <<'PYTHON'
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget


class Target(QWidget):
    """Remembers where it was clicked."""

    at = (-1, -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Keep the place."""
        self.at = (round(event.position().x()), round(event.position().y()))


application = QApplication([])
target = Target()
target.resize(100, 60)
target.show()
landed = {}
for wanted in ((0, 0), (1, 0), (0, 1)):
    QTest.mouseClick(target, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(*wanted))
    landed[wanted] = target.at
    print(f"QPoint{wanted} lands at {target.at}")
assert landed == {(0, 0): (49, 29), (1, 0): (1, 0), (0, 1): (0, 1)}
PYTHON
