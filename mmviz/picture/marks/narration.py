"""What is said below the picture at a time: in words, no drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mmviz.picture.time.chapters import Chapter
from mmviz.picture.time.pacing import Moment
from mmviz.picture.time.timeline import Timeline
from mmviz.picture.time.token_steps import token_at
from mmviz.scene.keys.options import CaptionOptions
from mmviz.scene.language.tree import Tree, find

SEPARATOR = "   ·   "
"""Between two parts of what is said."""


@dataclass(frozen=True, slots=True)
class Narration:
    """The captions of a scene, and what its animation does."""

    root: Tree
    timeline: Timeline
    axes: Mapping[str, tuple[str, str]]  # path -> names of rows and columns
    tokens: tuple[str, ...]  # what the axis named "tokens" counts
    captions: Sequence[CaptionOptions]
    chapters: Sequence[Chapter]

    def at(self, moment: Moment) -> str:
        """The chapter's words or else the scene's; the token or the blocks that are being worked on."""
        title = "" if moment.chapter is None else self.chapters[moment.chapter].title
        return _joined(title or self.said(moment.time), self.done(moment.time))

    def said(self, t: float) -> str:
        """The scene's own words at a time, in steps."""
        begun = [(self._start(caption), caption.text) for caption in self.captions]
        begun = [entry for entry in begun if entry[0] <= t]
        return max(begun, default=(0, ""), key=lambda entry: entry[0])[1]

    def done(self, t: float) -> str:
        """What is told of what is computed at a time, in steps."""
        return _joined(self._token(t), self._blocks(t))

    def starts(self) -> set[int]:
        """The steps at which the scene has other words."""
        return {self._start(caption) for caption in self.captions}

    def _start(self, caption: CaptionOptions) -> int:
        node = find(self.root, caption.start)
        return self.timeline.schedule.begins[node.path] if node is not None else 0

    def _token(self, t: float) -> str:
        number = token_at(self.timeline, self.axes, len(self.tokens), t)
        return "" if number is None else f"token {number + 1} of {len(self.tokens)}: “{self.tokens[number]}”"

    def _blocks(self, t: float) -> str:
        found = (self.timeline.tiling(path, t) for path in self.timeline.tilings)
        return next((one[0].tiles.told(one[0].turns[one[1]]) for one in found if one is not None), "")


def _joined(*parts: str) -> str:
    return SEPARATOR.join(part for part in parts if part)
