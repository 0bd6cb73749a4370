"""The tab "Look": how the whole scene is laid out, animated and coloured; what it is made of is not changed here."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSlider, QVBoxLayout, QWidget

from mmviz.scene.keys.fields import Strict
from mmviz.scene.keys.options import AnimationOptions, LayoutOptions, MmColors, StyleOptions
from mmviz.scene.keys.scales import ScaleOptions
from mmviz.viewer.controls.fields import Choice, Control, Slider, Switch, decimals_of
from mmviz.viewer.controls.setting_rows import SettingRows, choices, meaning, reach
from mmviz.viewer.session.shown_scene import Edit, Shown, mapping
from mmviz.viewer.session.undo import Desk

OF_OUR_COLORS = ("palette", "patterns", "quantile", "curve", "decades")
"""Settings that mean nothing under the colours of mm."""
AUTO = "auto"
FOLDED = "folded axes"
"""The row that says whether axes are drawn shorter than they are."""
MODELS: dict[str, type[Strict]] = {"layout": LayoutOptions, "animation": AnimationOptions, "style": StyleOptions}
FUSE_TIPS = {
    "none": "Each product waits until its arguments are finished.",
    "chain": "Those that can go row by row share a sweep, also through sums.",
    "sync": "As mm fuses them, where no argument has got ahead of the other.",
    "async": "As mm fuses them.",
    "decode": "A step takes one token through all of them, as a model writes.",
}


class LookPanel(QScrollArea):
    """Settings of the layout, the animation and the style of the scene on a desk."""

    dragged = Signal(bool)
    """A slider is held, or let go."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @cached_property
    def settings(self) -> "LookSettings":
        """The rows, made when the tab is first shown: a fifth of what a window takes to open."""
        made = LookSettings(self._desk)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 4, 12, 12)
        column.addWidget(made)
        column.addStretch(1)
        for slider in page.findChildren(QSlider):
            slider.sliderPressed.connect(lambda: self.dragged.emit(True))
            slider.sliderReleased.connect(lambda: self.dragged.emit(False))
        self.setWidget(page)
        return made

    def switch_fold(self) -> None:
        """Show true proportions, or the axes folded again; where nothing was ever folded it does nothing."""
        self.settings.switch_fold()

    def showEvent(self, event: QShowEvent) -> None:
        """Make the rows before they are seen."""
        self.settings.setVisible(True)
        super().showEvent(event)


class LookSettings(SettingRows):
    """The rows of the tab."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._last_mm: dict[str, Any] = {}
        self._last_fold: dict[str, float] = {}
        self._add_layout()
        self._add_animation()
        self._add_style()
        self.follow()

    def follow(self) -> None:
        """Show what the scene says, and which settings count under the colours of mm."""
        self._gap.instead = self._desk.scene.composition.layout[""].gap
        super().follow()
        mm = self._desk.scene.document.style.mm
        if mm is not None:
            self._last_mm = dict(mapping(mm))
        for name in OF_OUR_COLORS:
            self.rows[name].setEnabled(mm is None)
        self._last_fold = dict(self._desk.scene.document.layout.fold) or self._last_fold
        self.rows[FOLDED].setEnabled(bool(self._last_fold))

    def _add_layout(self) -> None:
        self.head("Layout")
        slider = partial(self._slider, "layout")
        tip = meaning(LayoutOptions, "gap")
        self._gap = Slider((0, 64), reach(LayoutOptions, "gap", 1), tip, step=0.5, none=AUTO)
        self.add("gap", self._gap, _gap_of, lambda gap: changing("layout", "gap", AUTO if gap is None else gap))
        tip = f"Off: true proportions. {meaning(LayoutOptions, 'fold')}"
        self.add(FOLDED, Switch(tip), lambda scene: bool(scene.document.layout.fold), self._folded)
        slider("scatter", (0, 512), step=1.0)
        slider("blast", (-4, 4), step=0.05)
        slider("molecule", (0, 32), step=1.0)
        self._choice("layout", "scheme")

    def _add_animation(self) -> None:
        self.head("Animation")
        self._choice("animation", "algorithm")
        self._choice("animation", "fuse", tips=FUSE_TIPS)
        self._choice("animation", "sums")
        self._slider("animation", "speed", (0.25, 64), step=0.05, logarithmic=True)
        self._choice("animation", "easing")

    def _add_style(self) -> None:
        self.head("Colours")
        self._choice("style", "palette")
        self._choice("style", "patterns")
        self._slider("style", "quantile", (0.5, 1.0), step=0.005)
        self._choice("style", "curve")
        self._slider("style", "decades", (1, 12), step=0.5)
        bar = Choice(choices(StyleOptions, "bar"), meaning(StyleOptions, "bar"))
        self.add("bar", bar, lambda scene: scene.document.style.bar_at, _bar_at)
        tip = meaning(StyleOptions, "mm")
        self.add("mm's colours", Switch(tip), lambda scene: scene.document.style.mm is not None, self._switch_mm)
        self.head("Shown")
        for key in ("guides", "names", "sizes", "arrows", "legend"):
            self._field("style", key, Switch(meaning(StyleOptions, key)))
        ranges = Switch(meaning(ScaleOptions, "shown"))
        self.add("ranges", ranges, lambda scene: scene.document.style.scales.shown, _show_ranges)
        self._choice("style", "tokens")
        self._choice("style", "heads")

    def _slider(
        self, part: str, key: str, usual: tuple[float, float], *, step: float, logarithmic: bool = False
    ) -> None:
        """A slider over what is usual, and beside it a field for all that the document takes."""
        model = MODELS[part]
        allowed = reach(model, key, decimals_of(step))
        self._field(part, key, Slider(usual, allowed, meaning(model, key), step=step, logarithmic=logarithmic))

    def _choice(self, part: str, key: str, *, tips: dict[str, str] | None = None) -> None:
        words = choices(MODELS[part], key)
        control = Choice({}, meaning(MODELS[part], key))
        control.offer(words, [(tips or {}).get(word, "") for word in words])
        self._field(part, key, control)

    def _field(self, part: str, key: str, control: Control) -> None:
        self.add(key, control, _reader(part, key), lambda value: changing(part, key, value))

    def switch_fold(self) -> None:
        """As a hand at the switch."""
        if self.rows[FOLDED].isEnabled():
            folded = bool(self._desk.scene.document.layout.fold)
            self._desk.propose(FOLDED, self._folded(not folded))

    def _folded(self, on: bool) -> Edit:
        """With true proportions, or with axes folded as they were before."""
        return changing("layout", "fold", self._last_fold if on else {})

    def _switch_mm(self, on: bool) -> Edit:
        """With mm's own settings, or with those that the scene had before."""
        return changing("style", "mm", MmColors.model_validate(self._last_mm).model_dump() if on else None)


def changing(part: str, key: str, value: Any) -> Edit:
    """An edit of one key of the layout, the animation or the style."""

    def edit(scene: Shown) -> Shown:
        parts: dict[str, Any] = {part: {**mapping(getattr(scene.document, part)), key: value}}
        return scene.changed(**parts)

    return edit


def _gap_of(scene: Shown) -> float | None:
    """The gap that a scene says; None: relative to what it shows."""
    gap = scene.document.layout.gap
    return None if gap == AUTO else float(gap)


def _show_ranges(on: bool) -> Edit:
    """With or without the range of each matrix beside its name, of the same scales."""

    def edit(scene: Shown) -> Shown:
        style = scene.document.style
        return scene.changed(style={**mapping(style), "scales": {"shared": style.scales.shared, "shown": on}})

    return edit


def _bar_at(place: str) -> Edit:
    """Colour bars elsewhere, of the same matrices."""

    def edit(scene: Shown) -> Shown:
        style = scene.document.style
        bar = {"at": place, "of": style.bar_of} if style.bar_of else place
        return scene.changed(style={**mapping(style), "bar": bar})

    return edit


def _reader(part: str, key: str) -> Callable[[Shown], Any]:
    return lambda scene: getattr(getattr(scene.document, part), key)
