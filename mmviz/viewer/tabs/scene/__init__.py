"""The tab Matrices."""
