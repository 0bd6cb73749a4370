"""What is said below the picture at a time: in words, no drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mmviz.picture.time.chapters import Chapter
from mmviz.picture.time.pacing import Moment
from mmviz.picture.time.timeline import Timeline
from mmviz.picture.time.token_steps import token_at
from mmviz.scene.keys.options import CaptionOptions
from mmviz.scene.language.tree import Node, find


@dataclass(frozen=True, slots=True)
class Narration:
    """The captions of a scene, and what its animation does."""

    root: Node
    timeline: Timeline
    axes: Mapping[str, tuple[str, str]]  # path -> names of rows and columns
    tokens: tuple[str, ...]  # what the axis named "tokens" counts
    captions: Sequence[CaptionOptions]
    chapters: Sequence[Chapter]

    def at(self, moment: Moment) -> str:
        """The chapter's words or else the scene's; the token or the blocks that are being worked on."""
        begun = [(self._start(caption), caption.text) for caption in self.captions]
        begun = [entry for entry in begun if entry[0] <= moment.time]
        title = "" if moment.chapter is None else self.chapters[moment.chapter].title
        text = title or max(begun, default=(0, ""), key=lambda entry: entry[0])[1]
        return "   ·   ".join(part for part in (text, self._token(moment.time), self._blocks(moment.time)) if part)

    def _start(self, caption: CaptionOptions) -> int:
        node = find(self.root, caption.start)
        return self.timeline.schedule.begins[node.path] if node is not None else 0

    def _token(self, t: float) -> str:
        number = token_at(self.timeline, self.axes, len(self.tokens), t)
        return "" if number is None else f"token {number + 1} of {len(self.tokens)}: “{self.tokens[number]}”"

    def _blocks(self, t: float) -> str:
        found = (self.timeline.tiling(path, t) for path in self.timeline.tilings)
        return next((one[0].tiles.told(one[0].turns[one[1]]) for one in found if one is not None), "")
