"""Rows for the keys of a scene's layout, animation and style, each with its meaning and key in the tool tip."""

from collections.abc import Callable, Mapping
from typing import Any

from mmviz.scene.keys.fields import Strict
from mmviz.scene.keys.options import AnimationOptions, LayoutOptions, StyleOptions
from mmviz.viewer.controls.fields import Choice, Control, Slider, Switch, decimals_of
from mmviz.viewer.controls.plain_words import label
from mmviz.viewer.controls.setting_rows import Read, SettingRows, Write, choices, meaning, reach, tip
from mmviz.viewer.session.shown_scene import Edit, Shown, mapping

MODELS: Mapping[str, type[Strict]] = {"layout": LayoutOptions, "animation": AnimationOptions, "style": StyleOptions}


class OptionRows(SettingRows):
    """Rows whose names are keys, such as "gap" of the layout."""

    def slider(
        self, part: str, key: str, usual: tuple[float, float], *, step: float, logarithmic: bool = False
    ) -> None:
        """A slider over what is usual, and beside it a field for all that the document takes."""
        allowed = reach(MODELS[part], key, decimals_of(step))
        self.field(part, key, Slider(usual, allowed, meant(part, key), step=step, logarithmic=logarithmic))

    def choice(self, part: str, key: str, *, tips: Mapping[str, str] | None = None) -> None:
        """One of the words that a key takes."""
        control = Choice({}, meant(part, key))
        offered = choices(MODELS[part], key, f"{part}.{key}")
        control.offer(offered, [(tips or {}).get(word, "") or word for word in offered.values()])
        self.field(part, key, control)

    def switch(self, part: str, key: str) -> None:
        """On or off."""
        self.field(part, key, Switch(meant(part, key)))

    def field(
        self, part: str, key: str, control: Control, read: Read | None = None, write: Write | None = None
    ) -> None:
        """Any control of a key; it reads and writes the key itself where nothing else is said."""
        reads = read or _reader(part, key)
        writes = write or (lambda value: changing(part, key, value))
        self.add(key, control, reads, writes, label(f"{part}.{key}"))


def meant(part: str, key: str, before: str = "") -> str:
    """The tool tip of a key: what it means, and the key itself."""
    return tip(f"{before}{meaning(MODELS[part], key)}", f"{part}.{key}")


def changing(part: str, key: str, value: Any) -> Edit:
    """An edit of one key of the layout, the animation or the style."""

    def edit(scene: Shown) -> Shown:
        parts: dict[str, Any] = {part: {**mapping(getattr(scene.document, part)), key: value}}
        return scene.changed(**parts)

    return edit


def _reader(part: str, key: str) -> Callable[[Shown], Any]:
    return lambda scene: getattr(getattr(scene.document, part), key)
