"""What can be behind a picture, in words; imports nothing, for a command line that asks before anything is drawn."""

from typing import Literal

Ground = Literal["black", "white", "transparent"]
