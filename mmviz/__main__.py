"""`python -m mmviz` is the command `mmviz`."""

from mmviz.cli import main

main()
