"""This machine: output files, progress, processes, and where what comes with mmviz lies; nothing of matrices."""
