"""Other programs that this one starts and listens to; they end when it does, in whatever way. Knows none of them."""

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

from mmviz.machine.endings import ENDINGS

Child = subprocess.Popen[str]


@contextmanager
def started(start: Callable[[], Child]) -> Iterator[Child]:
    """A program, which is killed if what goes on in here does not go well.

    Raises:
        OSError: it cannot be started.
    """
    with ExitStack() as stack:
        with ENDINGS.held():
            child = start()
            stack.enter_context(ENDINGS.due(lambda: _end(child)))
        stack.enter_context(child)
        try:
            yield child
        except BaseException:
            child.kill()
            raise


def ran(command: Sequence[str], environment: Mapping[str, str], patience: float) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, and give its exit code and what it says.

    Raises:
        OSError: it cannot be started.
        subprocess.TimeoutExpired: it takes more than `patience` seconds.
    """

    def start() -> Child:
        return subprocess.Popen(  # noqa: S603  (whoever asks says what it is)
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace"
        )

    with started(start) as child:
        out, err = child.communicate(timeout=patience)
    return subprocess.CompletedProcess(command, child.returncode, out, err)


def _end(child: Child) -> None:
    child.kill()
    child.wait()
