"""One task after the other in several processes of this machine; knows nothing of what is done."""

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Generic, TypeVar

from mmviz.errors import MmvizError
from mmviz.machine.endings import ENDINGS

Task = TypeVar("Task")
Result = TypeVar("Result")
Tell = Callable[[int], None]
"""Takes how much of the work has been done since the last call."""
Opening = Callable[[], AbstractContextManager[Callable[[Task, Tell], Result]]]
"""Gets ready in a worker what all its tasks need, and gives what does one; it can be sent to another process."""
PATIENCE = 5.0
"""Seconds that a worker gets to end when it has been told so."""


@dataclass
class _Worker(Generic[Task]):
    """A process, and the task that it has."""

    process: SpawnProcess
    pipe: "Connection[Any, Any]"
    task: int | None = field(default=None)  # number of the task


def share(opening: Opening[Task, Result], tasks: Sequence[Task], workers: int, tell: Tell) -> list[Result]:
    """Do tasks in several processes. When anything goes wrong, all of them end.

    Args:
        opening: See Opening; sent to every process.
        tasks: Sent one by one to the processes, each of which takes the next when it is done.
        workers: Number of processes.
        tell: Called here with what the tasks tell.

    Returns:
        What each task gave.

    Raises:
        MmvizError: a worker raised it; or a worker died.
        OSError: a worker raised it.
    """
    waiting, results = deque(range(len(tasks))), dict[int, Result]()
    with _started(opening, min(workers, len(tasks))) as crew:
        for worker in crew:
            _give(worker, tasks, waiting)
        while len(results) < len(tasks):
            ready = wait([worker.pipe for worker in crew])
            for worker in crew:
                if worker.pipe not in ready:
                    continue
                kind, content = _receive(worker)
                if kind == "told":
                    tell(content)
                elif kind == "failed":
                    raise content
                elif worker.task is not None:
                    results[worker.task] = content
                    _give(worker, tasks, waiting)
    return [results[number] for number in range(len(tasks))]


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Ctrl+C goes to all processes of a terminal; those that are started in here do not heed it until they say so."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it would let the signals through again when it is started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def cause_of_death(process: SpawnProcess, patience: float) -> str:
    """The signal or the exit code with which a process ended.

    Args:
        process: It has closed its pipe, and ends if it has not yet.
        patience: Seconds to wait for its end.
    """
    process.join(patience)
    code = process.exitcode
    return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"


def _give(worker: _Worker[Task], tasks: Sequence[Task], waiting: deque[int]) -> None:
    worker.task = waiting.popleft() if waiting else None
    if worker.task is not None:
        with _death_told(worker):
            worker.pipe.send(tasks[worker.task])


def _receive(worker: _Worker[Task]) -> tuple[str, Any]:
    with _death_told(worker):
        kind, content = worker.pipe.recv()
    return kind, content


@contextmanager
def _death_told(worker: _Worker[Task]) -> Iterator[None]:
    """What a broken pipe to a worker means."""
    try:
        yield
    except (EOFError, OSError):
        reason = cause_of_death(worker.process, PATIENCE)
        raise MmvizError(
            f"a worker died ({reason}); use fewer workers if memory is short. In a script of your own, start the work "
            'under: if __name__ == "__main__":'
        ) from None


@contextmanager
def _started(opening: Opening[Task, Result], count: int) -> Iterator[list[_Worker[Task]]]:
    crew: list[_Worker[Task]] = []
    with ENDINGS.due(lambda: _end(crew)):
        try:
            with interrupts_held():
                for _ in range(count):
                    with ENDINGS.held():
                        crew.append(_start(opening))
            yield crew
            for worker in crew:
                worker.pipe.send(None)
            for worker in crew:
                worker.process.join(PATIENCE)
        finally:
            _end(crew)
            for worker in crew:
                worker.pipe.close()


def _end(crew: "Sequence[_Worker[Task]]") -> None:
    for worker in crew:
        worker.process.kill()
    for worker in crew:
        worker.process.join()


def _start(opening: Opening[Task, Result]) -> _Worker[Task]:
    context = get_context("spawn")  # a fork would share the parent's OpenGL context and threads
    here, there = context.Pipe()
    process = context.Process(target=_work, args=(opening, there), daemon=True, name="mmviz worker")
    process.start()
    there.close()  # the worker's end is then its own: when it dies, the pipe breaks
    return _Worker(process, here)


def _work(opening: Opening[Task, Result], pipe: "Connection[Any, Any]") -> None:
    """What a worker does, until it is told to end or nobody listens any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with opening() as do:
            while (task := pipe.recv()) is not None:
                pipe.send(("done", do(task, lambda count: pipe.send(("told", count)))))
    except (EOFError, BrokenPipeError):
        return
    except MmvizError as error:
        _tell_failure(pipe, error)
    except OSError as error:  # the kinds of libraries are not all known where this arrives
        _tell_failure(pipe, OSError(error.errno, error.strerror or str(error), error.filename))


def _tell_failure(pipe: "Connection[Any, Any]", error: Exception) -> None:
    with suppress(OSError):  # nobody listens, which may be why it failed: all that was made is gone then
        pipe.send(("failed", error))
