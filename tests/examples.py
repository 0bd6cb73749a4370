"""On how many examples a property is tried: as many as it needs, on a few in the quick check, on many if asked for."""

from hypothesis import settings

ENOUGH = 15
"""Examples of a property that says nothing of it."""
FEW = 6
"""In the quick check."""
MANY = 40 * ENOUGH
"""With `--hypothesis-profile thorough`; other counts grow as much."""


def examples(count: int) -> settings:
    """The settings of a property that needs more or fewer examples than others."""
    profile = settings.default
    assert profile is not None
    if profile.max_examples < ENOUGH:
        return settings(max_examples=min(count, FEW))
    return settings(max_examples=count * profile.max_examples // ENOUGH)
