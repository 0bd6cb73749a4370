"""The gallery on the start page: a heading for each section, which unfolds the pictures of its scenes."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy

from mmviz.scene import gallery
from mmviz.viewer.controls.section import Section
from mmviz.viewer.start.entries import Card
from mmviz.viewer.start.examples import picture_in_gallery
from mmviz.viewer.start.groups import Group


class GallerySection(Section):
    """A section of the gallery; its scenes are read when it is first unfolded.

    Args:
        section: Which one.
        least: Least width of a card, in pixels.
        gap: Between two cards.
        smallest: Least width of one of only two beside each other.
    """

    filled = Signal()
    """Its cards are there."""

    def __init__(self, section: gallery.Section, least: int, gap: int, smallest: int) -> None:
        super().__init__(section.title, folded=True)
        self.head.setText(f"{section.title} ({len(section.scenes)})")
        self.head.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # no wider than there is room for
        self.group = Group(least, gap, smallest)
        self.rows.addWidget(self.group)
        self._names = section.scenes
        self._fill()

    def fold(self, folded: bool) -> None:
        """Show the cards, or the heading alone."""
        super().fold(folded)
        self._fill()

    def _fill(self) -> None:
        if self.folded or self.group.entries:
            return
        told = [gallery.entry(name) for name in self._names]
        self.group.show_entries([(Card(one.short, one.learn, picture_in_gallery(one.name)), one.name) for one in told])
        self.filled.emit()


def gallery_sections(least: int, gap: int, smallest: int) -> list[GallerySection]:
    """All sections, in their order."""
    return [GallerySection(one, least, gap, smallest) for one in gallery.SECTIONS]
