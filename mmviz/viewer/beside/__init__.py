"""A second picture beside that of the scene."""
