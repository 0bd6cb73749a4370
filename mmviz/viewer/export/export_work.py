"""How a process of its own makes what is ordered: a file that is whole or not there. Imports no Qt.

The process writes into a folder beside the file, which disappears in any case. It stops when it is told so, or when
nobody listens any more.
"""

import _thread
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from shutil import rmtree
from types import FrameType
from typing import Any

from mmviz.errors import MmvizError, OutputError
from mmviz.machine.output_files import put, put_folder
from mmviz.orders.kinds import is_folder
from mmviz.orders.order import FilmOrder, Order
from mmviz.viewer.session.shown_scene import Shown

Tell = Callable[[int, int], None]
"""Takes how many frames are done, and of how many."""
BEGUN, TOLD, DONE, FAILED = "begun", "told", "done", "failed"
"""What the process tells."""


def check(scene: Shown, order: Order) -> None:
    """Refuse what cannot be made, before a process is started; the scene's numbers are there.

    Raises:
        MmvizError: the file's name or folder, the size, or the part of the film.
    """
    scene.check_order(order)
    if isinstance(order, FilmOrder):
        scene.film(order.fps, order.steps)


def make(scene: Shown, order: Order, tell: Tell) -> None:
    """Write what is ordered.

    Args:
        scene: Of what.
        order: What.
        tell: Told of every frame.

    Raises:
        MmvizError: it cannot be made.
    """
    if not isinstance(order, FilmOrder):
        scene.make(order)
        return
    count = len(scene.film(order.fps, order.steps))
    tell(0, count)
    scene.make(order, lambda done: tell(done, count))


def work(scene: Shown, order: Order, folder: Path, pipe: "Connection[Any, Any]") -> None:
    """What the process does.

    Args:
        scene: Of what; its numbers are computed here.
        order: What is made.
        folder: A folder on the file's disk, which is not there yet.
        pipe: Is told (word, content) with the words above; whatever comes through it, or its end, stops the work.
    """
    with suppress(KeyboardInterrupt, BrokenPipeError):
        _heed_interrupts()
        threading.Thread(target=_listen, args=(pipe,), daemon=True).start()
        pipe.send((BEGUN, None))
        trouble = _made(scene, order, folder, lambda done, count: pipe.send((TOLD, (done, count))))
        pipe.send((FAILED, trouble) if trouble else (DONE, None))


def _made(scene: Shown, order: Order, folder: Path, tell: Tell) -> str:
    """Make it; gives what went wrong, or ""."""
    inside = folder / order.place.name
    try:
        with _passing(folder):
            make(scene, order.to(f"{inside}/" if is_folder(order.path) else inside), tell)
            _deliver(folder, order.place.parent)
    except MmvizError as error:
        return str(error).replace(str(inside), str(order.place))
    except OSError as error:
        return f"{order.path}: cannot be written: {error.strerror or error}."
    except MemoryError:
        return f"{order.path}: there is not enough memory; choose a smaller size."
    except Exception as error:  # noqa: BLE001  (the dialog shows it)
        return f"{order.path}: {type(error).__name__}: {error}"
    return ""


@contextmanager
def _passing(folder: Path) -> Iterator[None]:
    """A folder that disappears in any case."""
    folder.mkdir()
    try:
        yield
    finally:
        rmtree(folder, ignore_errors=True)


def _deliver(folder: Path, target: Path) -> None:
    """Put what is in one folder into another."""
    made = sorted(folder.iterdir())
    if not made:
        raise OutputError(f"{target}: nothing was written.")
    for one in made:
        place = target / one.name
        (put_folder if one.is_dir() else put)(one, place)


def _heed_interrupts() -> None:
    """The first interrupt unwinds the work; those that follow do not disturb it. They were held until now."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, stop)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _listen(pipe: "Connection[Any, Any]") -> None:
    """Interrupt the main thread when the other side says anything, or is gone."""
    with suppress(EOFError, OSError):
        pipe.recv()
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)  # it also wakes a thread that waits
    elif os.name == "nt":
        _thread.interrupt_main()
