"""The command that installs packages into the Python that runs, as text for messages; installs nothing."""

import shlex
import sys


def pip_install(*packages: str, again: bool = False) -> str:
    """A command line such as `/home/me/.venv/bin/python -m pip install "mmviz[viewer]"`.

    The `pip` of a shell may belong to another Python, and then installs where mmviz finds nothing.

    Args:
        packages: Requirements, such as 'av>=17'.
        again: Install them anew, though they are there.
    """
    words = [shlex.quote(sys.executable), "-m pip install", *(["--force-reinstall"] if again else [])]
    return " ".join([*words, *(f'"{package}"' for package in packages)])
