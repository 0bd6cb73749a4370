"""The command line: a thin face over the pipeline. Signals are heeded before any of it is imported.

Exit code 0 done, 1 bad input, 2 wrong usage, 130 interrupted by Ctrl+C, 143 by SIGTERM.
"""

from mmviz.cli.stopping import heed_signals

TYPE_CHECKING = False  # as in typing, whose import takes longer than all that comes before signals are heeded
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["main"]


def main() -> "NoReturn":
    """Run the command line; bad input ends in one message and exit code 1."""
    heed_signals()
    from mmviz.cli.program import run

    run()
