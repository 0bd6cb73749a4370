"""An export that stops after its first frame until a file is there, as a film does that takes long; no tests."""

import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from mmviz.orders.order import Order
from mmviz.viewer.export import export_work
from mmviz.viewer.export.export_work import Tell
from mmviz.viewer.session.shown_scene import Shown

GO_ON = "go on"
"""The file, beside the film."""
FORKED_EXPORT = """from mmviz.viewer.export import exporter
from tests.processes import CONTEXT
exporter.get_context = lambda _: CONTEXT
"""
"""Before what opens a window, after `processes.joining()`: its exports have imported all."""
HELD = f"{FORKED_EXPORT}from tests.viewer.held_export import work\nexporter.work = work\n"
"""The same, and they are held."""


def work(scene: Shown, order: Order, folder: Path, pipe: "Connection[Any, Any]") -> None:
    """As export_work.work."""
    make, sign = export_work.make, order.place.parent / GO_ON

    def held(scene: Shown, order: Order, tell: Tell) -> None:
        def told(done: int, count: int) -> None:
            tell(done, count)
            while done == 1 and not sign.exists():
                time.sleep(0.02)

        make(scene, order, told)

    export_work.make = held
    export_work.work(scene, order, folder, pipe)
