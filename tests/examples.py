"""On how many examples a property is tried: as many as it needs, and on a few in the quick check."""

from hypothesis import settings

ENOUGH = 60
"""Examples of a property that says nothing of it."""
FEW = 6
"""In the quick check."""


def examples(count: int) -> settings:
    """The settings of a property that needs more or fewer examples than others."""
    profile = settings.default
    assert profile is not None
    return settings(max_examples=count if profile.max_examples >= ENOUGH else min(count, FEW))
