"""Lets a library make itself a folder for what passes where it can have none in the user's home; knows no library."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import rmtree

from mmviz.machine.endings import ENDINGS


@contextmanager
def passing_folder(variable: str, logger: str) -> Iterator[None]:
    """What is imported in here may make such a folder: nothing is said of it, and it goes with this process.

    Args:
        variable: Of the environment, that names the folder; the library sets it where it makes one.
        logger: Whose warnings are not heard.
    """
    before, log = os.environ.get(variable), logging.getLogger(logger)
    level = log.level
    with ENDINGS.held():
        log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            log.setLevel(level)
            made = os.environ.get(variable)
            if made and made != before:
                ENDINGS.always(lambda: rmtree(made, ignore_errors=True))
