"""The tab "Look": how the whole scene looks: colours, what is written, where matrices stand; no number is changed."""

from typing import Any

from mmviz.scene.keys.options import LayoutOptions, MmColors, StyleOptions
from mmviz.scene.keys.scales import ScaleOptions
from mmviz.scene.language.tree import roots
from mmviz.viewer.controls.fields import Choice, Slider, Switch
from mmviz.viewer.controls.option_rows import OptionRows, changing, meant
from mmviz.viewer.controls.plain_words import label
from mmviz.viewer.controls.setting_rows import choices, meaning, reach, tip
from mmviz.viewer.controls.settings_page import SettingsPage
from mmviz.viewer.session.shown_scene import Edit, Shown, mapping
from mmviz.viewer.session.undo import Desk

OF_OUR_COLORS = ("palette", "patterns", "quantile", "curve", "decades")
"""Settings that mean nothing under the colours of mm."""
AUTO = "auto"
FOLDED = "folded axes"
"""The row that says whether axes are drawn shorter than they are."""
PULL_APART = "Arguments are moved away from the product that they go into, so that each part is seen by itself"


class LookPanel(SettingsPage["LookSettings"]):
    """Settings of the layout and the style of the scene on a desk."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(lambda: LookSettings(desk))

    def switch_fold(self) -> None:
        """Show true proportions, or the axes folded again; where nothing was ever folded it does nothing."""
        self.settings.switch_fold()


class LookSettings(OptionRows):
    """The rows of the tab."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._last_mm: dict[str, Any] = {}
        self._last_fold: dict[str, float] = {}
        self._add_colors()
        self._add_written()
        self._add_places()
        self.follow()

    def follow(self) -> None:
        """Show what the scene says, and which settings count under the colours of mm."""
        self._gap.instead = self._desk.scene.composition.layout[roots(self._desk.scene.root)[0].path].gap
        super().follow()
        mm = self._desk.scene.document.style.mm
        if mm is not None:
            self._last_mm = dict(mapping(mm))
        for name in OF_OUR_COLORS:
            self.rows[name].setEnabled(mm is None)
        curve = self._desk.scene.document.style.curve
        self.rows["decades"].setEnabled(mm is None and curve == "log")  # they are of the logarithm
        self._last_fold = dict(self._desk.scene.document.layout.fold) or self._last_fold
        self.rows[FOLDED].setEnabled(bool(self._last_fold))

    def _add_colors(self) -> None:
        self.section("Colours")
        self.choice("style", "palette")
        self.choice("style", "patterns")
        bar = Choice(choices(StyleOptions, "bar", "style.bar"), meant("style", "bar"))
        self.field("style", "bar", bar, lambda scene: scene.document.style.bar_at, _bar_at)
        mm = Switch(meant("style", "mm"))
        name = "mm's colours"
        self.add(name, mm, lambda scene: scene.document.style.mm is not None, self._switch_mm, label("style.mm"))
        self.section("Size and lightness of numbers", "From which number on elements have full size, and how they grow")
        self.choice("style", "curve")
        self.slider("style", "quantile", (0.5, 1.0), step=0.005)
        self.slider("style", "decades", (1, 12), step=0.5)

    def _add_written(self) -> None:
        self.section("What is written and drawn")
        for key in ("names", "sizes", "arrows", "guides", "legend"):
            self.switch("style", key)
        ranges = Switch(tip(meaning(ScaleOptions, "shown"), "style.scales.shown"))
        shown = "style.scales.shown"
        self.add("ranges", ranges, lambda scene: scene.document.style.scales.shown, _show_ranges, label(shown))
        self.choice("style", "tokens")
        self.choice("style", "heads")

    def _add_places(self) -> None:
        self.section("Where matrices stand")
        self._gap = Slider((0, 64), reach(LayoutOptions, "gap", 1), meant("layout", "gap"), step=0.5, none=AUTO)
        self.field(
            "layout", "gap", self._gap, _gap_of, lambda gap: changing("layout", "gap", AUTO if gap is None else gap)
        )
        folded = Switch(meant("layout", "fold", "Off: true proportions. "))
        self.add(FOLDED, folded, lambda scene: bool(scene.document.layout.fold), self._folded, label("layout.fold"))
        self.choice("layout", "scheme")
        self.section("Pulled apart", PULL_APART, folded=True)
        self.slider("layout", "scatter", (0, 512), step=1.0)
        self.slider("layout", "blast", (-4, 4), step=0.05)
        self.slider("layout", "molecule", (0, 32), step=1.0)

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
