"""How tests start a Python of their own: its warnings are errors, but for what a package says of its own future."""

import sys

STRICT = [
    *(sys.executable, "-W", "error"),
    *("-W", "ignore::DeprecationWarning", "-W", "ignore::PendingDeprecationWarning", "-W", "ignore::FutureWarning"),
]
"""The command, to which the arguments are added."""
