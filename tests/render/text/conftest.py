"""Which fonts are installed, as a test says it."""

from collections.abc import Callable, Iterator

import pytest

from mmviz.render.text import fonts, shaping
from mmviz.render.text.system_fonts import FontFile

Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Lets some fonts, or none, be all that are installed beside those that are shipped."""

    def these(*files: FontFile) -> None:
        monkeypatch.setattr(fonts, "installed", lambda language="": files)
        forget()

    yield these
    forget()


def forget() -> None:
    fonts.font_of.cache_clear()
    shaping.shaped.cache_clear()
