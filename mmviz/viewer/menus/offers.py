"""What the palette offers: commands, heads, views, themes, matrices, tabs, files and so on; each with what it does."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QTabWidget

from mmviz.viewer import settings
from mmviz.viewer.canvas.finder import entries
from mmviz.viewer.canvas.kept_views import KeptViews
from mmviz.viewer.commands import COMMANDS
from mmviz.viewer.host import Host
from mmviz.viewer.menus.ranking import Candidate

NOT_NOW = "cannot be given now"


@dataclass(frozen=True, slots=True)
class Offer:
    """A candidate, and what it does."""

    candidate: Candidate
    do: Callable[[], object]


Offers = Callable[[], Iterable[Offer]]
"""Says what there is to choose from now."""


def commands(window: Host, left_out: str) -> Offers:
    """All commands of a window.

    Args:
        window: Has their actions.
        left_out: The name of the command that shows what is offered.
    """

    def offers() -> Iterator[Offer]:
        for command in COMMANDS:
            action = window.actions_by_name.get(command.name)
            if action is None or command.name == left_out:
                continue
            keys = ", ".join(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts())
            why_not = "" if action.isEnabled() else command.needs or NOT_NOW
            on = " (on)" if action.isCheckable() and action.isChecked() else ""
            text = action.text().removesuffix("…").rstrip() + on
            yield Offer(
                Candidate(f"command:{command.name}", "command", text, command.menu, keys, why_not), action.trigger
            )

    return offers


def matrices(window: Host, fly: Callable[[str], object]) -> Offers:
    """All matrices of the scene; the chosen one is flown to."""

    def offers() -> Iterator[Offer]:
        for entry in entries(window.desk.scene):
            candidate = Candidate(f"matrix:{entry.path}", "matrix", entry.name, entry.details)
            yield Offer(candidate, partial(fly, entry.path))

    return offers


def kept_views(kept: KeptViews) -> Offers:
    """The views that were kept; the chosen one is flown to."""

    def offers() -> Iterator[Offer]:
        for number, one in enumerate(kept.all):
            on = " (on)" if number == kept.here else ""
            candidate = Candidate(
                f"view:{number}:{one.name}", "setting", f"Kept view: {kept.title(number)}{on}", "View"
            )
            yield Offer(candidate, partial(kept.go, number))

    return offers


def tabs(found: QTabWidget, show: Callable[[], object]) -> Offers:
    """The tabs of a panel.

    Args:
        found: Has them.
        show: Shows the panel.
    """

    def go(number: int) -> None:
        show()
        found.setCurrentIndex(number)

    def offers() -> Iterator[Offer]:
        for number in range(found.count()):
            name = found.tabText(number)
            yield Offer(Candidate(f"tab:{name}", "tab", f"{name} tab", "Panel"), partial(go, number))

    return offers


class Pick(Protocol):
    """One of the numbers from 0 on that is shown, such as a head."""

    @property
    def title(self) -> str:
        """What is counted."""
        ...

    @property
    def number(self) -> int | None:
        """The one that is shown."""
        ...

    @property
    def count(self) -> int:
        """How many can be asked for now."""
        ...

    def ask(self, number: int) -> None:
        """Ask for another one."""
        ...


def picks(fields: Sequence[Pick]) -> Offers:
    """The layers and heads of the scene's model.

    Args:
        fields: Have them, and ask for another one.
    """

    def offers() -> Iterator[Offer]:
        for field in fields:
            for number in range(field.count):
                name, on = f"{field.title} {number}", " (on)" if number == field.number else ""
                candidate = Candidate(f"pick:{name}", "setting", f"{name}{on}", "Model")
                yield Offer(candidate, partial(field.ask, number))

    return offers


def themes(choose: Callable[[str], object]) -> Offers:
    """How the window can look.

    Args:
        choose: Lets it look so from now on, by the name of a theme.
    """

    def offers() -> Iterator[Offer]:
        for name in settings.THEMES:
            now = " (on)" if name == settings.theme() else ""
            words = "as the system" if name == "system" else name
            yield Offer(
                Candidate(f"theme:{name}", "setting", f"Theme: {words}{now}", "Settings"), partial(choose, name)
            )

    return offers


def files(open_named: Callable[[str], object], examples: Callable[[], Iterable[tuple[str, str]]]) -> Offers:
    """Files that were opened lately, and the scenes that come with mmviz.

    Args:
        open_named: Opens what has a path or name.
        examples: Says their names and titles, once they are asked for.
    """

    def offers() -> Iterator[Offer]:
        for place in settings.recent():
            candidate = Candidate(f"file:{place}", "file", f"Open {place.name}", str(place.parent))
            yield Offer(candidate, partial(open_named, str(place)))
        for name, title in examples():
            candidate = Candidate(f"example:{name}", "example", f"Example: {title}", name)
            yield Offer(candidate, partial(open_named, name))

    return offers
