"""The command line: a thin face over the pipeline.

Exit code 0 done, 1 bad input, 2 wrong usage, 130 interrupted by Ctrl+C, 143 by SIGTERM.
"""

from mmviz.cli.program import app, main

__all__ = ["app", "main"]
