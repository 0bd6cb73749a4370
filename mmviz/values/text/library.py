"""What the tokenizers library raises becomes one kind of error, in one line; knows no tokenizer.

The library raises nothing narrower than Exception, and where its own code panics something that is no Exception at all,
after a report of its own on standard error.
"""

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Final

from mmviz.errors import MmvizError

PANIC: Final = "PanicException"  # of pyo3, in a module that cannot be imported
STANDARD_ERROR: Final = 2
LONGEST: Final = 300
"""Letters of what it says that are told."""

_one_at_a_time = threading.RLock()  # a process has one standard error


class TokenizersError(Exception):
    """What the library says of an input that it cannot take."""


@contextmanager
def library() -> Iterator[None]:
    """Around calls of the library.

    Raises:
        TokenizersError: in place of whatever it raises.
    """
    try:
        with _quiet_panics():
            yield
    except (MmvizError, TokenizersError):
        raise
    except Exception as error:
        raise TokenizersError(_in_short(error)) from error
    except BaseException as error:
        if type(error).__name__ != PANIC:
            raise
        raise TokenizersError(f"the tokenizers library broke down: {_in_short(error)}") from error


def _in_short(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


@contextmanager
def _quiet_panics() -> Iterator[None]:
    """Drop what is written to standard error if there is a panic; else it is written afterwards."""
    with _one_at_a_time, _standard_error() as error, _stand_in() as file:
        if error is None or file is None:
            yield
            return
        told = True
        try:
            os.dup2(file.fileno(), STANDARD_ERROR)
            yield
        except BaseException as raised:
            told = type(raised).__name__ != PANIC
            raise
        finally:
            os.dup2(error, STANDARD_ERROR)  # first of all: a signal may stop what follows
            file.seek(0)
            written = file.read()
            if told and written:
                with suppress(OSError):
                    os.write(STANDARD_ERROR, written)


@contextmanager
def _standard_error() -> Iterator[int | None]:
    """Another number for it; None where it is closed."""
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
        number = os.dup(STANDARD_ERROR)
    except (OSError, ValueError):
        yield None
        return
    try:
        yield number
    finally:
        os.close(number)


@contextmanager
def _stand_in() -> Iterator[IO[bytes] | None]:
    """A file in its place; None where there is no room for one."""
    try:
        file = tempfile.TemporaryFile()  # noqa: SIM115  (what is raised in using it is none of ours)
    except OSError:
        yield None
        return
    with file:
        yield file
