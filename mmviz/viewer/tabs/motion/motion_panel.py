"""The tab "Motion": how the whole scene moves, in which order it is computed and how fast; nothing else is changed."""

from mmviz.viewer.controls.option_rows import OptionRows
from mmviz.viewer.controls.settings_page import SettingsPage
from mmviz.viewer.session.undo import Desk

FUSE_TIPS = {
    "none": "none: each product waits until its arguments are finished.",
    "chain": "chain: those that can go row by row share a sweep, also through sums.",
    "sync": "sync: as mm fuses them, where no argument has got ahead of the other.",
    "async": "async: as mm fuses them.",
    "decode": "decode: a step takes one token through all of them, as a model writes.",
}


class MotionPanel(SettingsPage["MotionSettings"]):
    """Settings of the animation of the scene on a desk."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(lambda: MotionSettings(desk))


class MotionSettings(OptionRows):
    """The rows of the tab."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.section("How it is computed", "For all products; the tab Matrices has it for the selected one")
        self.choice("animation", "algorithm")
        self.choice("animation", "fuse", tips=FUSE_TIPS)
        self.choice("animation", "sums")
        self.switch("animation", "hide_inputs")
        self.section("How fast it moves")
        self.slider("animation", "speed", (0.25, 64), step=0.05, logarithmic=True)
        self.choice("animation", "easing")
        self.section("In films", "What the window plays is not changed by these", folded=True)
        self.slider("animation", "spin", (-30, 30), step=0.5)
        self.slider("animation", "hold", (0, 10), step=0.5)
        self.follow()
