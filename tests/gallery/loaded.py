"""Scenes of the gallery, each read once for all tests that only look at it."""

import functools

from mmviz.pipeline import Scene

scene = functools.cache(Scene.load)
