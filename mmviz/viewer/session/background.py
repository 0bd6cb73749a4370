"""Work off the interface thread: one job at a time, the newest wins, and each can be forgotten."""

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from mmviz.errors import MmvizError
from mmviz.machine.listening import listening


class Job:
    """Something that is being computed."""

    def __init__(
        self, text: str, compute: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[str], None]
    ) -> None:
        self.text = text
        self.compute = compute
        self.done = done
        self.failed = failed
        self.forgotten = False


class Background(QObject):
    """Computes jobs in a thread of its own, and tells of them in the thread of the interface.

    A job that has begun cannot be stopped from outside; one that is forgotten runs to its end unheard. A job that is
    still waiting gives way to a newer one.
    """

    busy = Signal(str)
    """What is being computed; "" when nothing is waited for."""
    given_up = Signal(str)
    """What was being computed, or waited for its turn, and is waited for no more."""
    went_on = Signal(int, int)
    """How many parts of what is waited for are done, and of how many, where it tells."""
    lies_ahead = Signal(str, str)
    """How much what is waited for has to read, in a few words and in a sentence, where that is much."""
    _ended = Signal(object, object, str)
    _told = Signal(object, int, int)
    _warned = Signal(object, str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: Job | None = None
        self._next: Job | None = None
        self._ended.connect(self._tell)
        self._told.connect(self._go_on)
        self._warned.connect(self._warn)

    @property
    def waiting(self) -> bool:
        """Whether the outcome of a job is waited for."""
        jobs = [job for job in (self._running, self._next) if job is not None]
        return any(not job.forgotten for job in jobs)

    def start(
        self,
        text: str,
        compute: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[str], None],
    ) -> Job:
        """Compute something.

        Args:
            text: What the user is told meanwhile.
            compute: Runs in another thread; must not touch a widget.
            done: Called here with what it gave.
            failed: Called here with a message for the user instead, where it raised.

        Returns:
            The job; it is `forgotten` when neither of them will be called.
        """
        job = Job(text, compute, done, failed)
        if self._running is None:
            self._begin(job)
            return job
        self._forget_all()
        self._next = job
        self.busy.emit(text)
        return job

    def forget(self) -> None:
        """Wait for nothing any more."""
        self._forget_all()
        self.busy.emit("")

    def _forget_all(self) -> None:
        given_up = [job for job in (self._running, self._next) if job is not None and not job.forgotten]
        self._next = None
        for job in given_up:
            job.forgotten = True
        for job in given_up:
            if job.text:
                self.given_up.emit(job.text.removesuffix(" …"))

    def _begin(self, job: Job) -> None:
        self._running = job
        self.busy.emit(job.text)
        threading.Thread(target=self._compute, args=(job,), daemon=True, name=f"mmviz: {job.text}").start()

    def _compute(self, job: Job) -> None:
        result, trouble = None, ""
        try:
            with listening(
                lambda done, count: self._told.emit(job, done, count),
                lambda in_short, sentence: self._warned.emit(job, in_short, sentence),
            ):
                result = job.compute()
        except MmvizError as error:
            trouble = str(error)
        except Exception as error:  # noqa: BLE001  (nothing may leave the thread)
            trouble = f"{type(error).__name__}: {error}"
        try:
            self._ended.emit(job, result, trouble)
        except RuntimeError:
            return  # the window was closed meanwhile

    def _go_on(self, job: Job, done: int, count: int) -> None:
        if job is self._running and not job.forgotten:
            self.went_on.emit(done, count)

    def _warn(self, job: Job, in_short: str, sentence: str) -> None:
        if job is self._running and not job.forgotten:
            self.lies_ahead.emit(in_short, sentence)

    def _tell(self, job: Job, result: Any, trouble: str) -> None:
        self._running = None
        following, self._next = self._next, None
        if following is not None:
            self._begin(following)
        elif not job.forgotten:
            self.busy.emit("")
        if job.forgotten:
            return
        if trouble:
            job.failed(trouble)
        else:
            job.done(result)
