"""The fields of an export: what is made, where, how large, from where it is seen; makes nothing itself."""

import os
from dataclasses import replace
from math import atan, degrees

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from mmviz.orders.kinds import FRAMES, KINDS, MESH, MOST_DPI, PAGE, PICTURE, ExportKind, kind_of
from mmviz.orders.order import WHOLE, FilmOrder, MeshOrder, Order, PageOrder, PictureOrder, StepRange
from mmviz.picture.eye.camera import WIDEST, Camera
from mmviz.picture.time.pacing import Moment
from mmviz.scene.keys.options import ExportOptions
from mmviz.viewer.controls.fields import unasked
from mmviz.viewer.controls.themed import CheckBox
from mmviz.viewer.export.export_size import SizeFields, row, whole

FINE = 0.006
"""Steps by which the field for a step may differ from the window's time, which it rounds."""


class ExportForm(QWidget):
    """What the user wants."""

    changed = Signal()
    """Something that makes a film longer or shorter."""
    kind_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._own = ExportOptions()
        self._steps = 0
        self._follows = True  # the step is the window's
        self.kinds, self.file, self.browse = QComboBox(), QLineEdit(), QPushButton("Browse …")
        self.sizes = SizeFields(self)
        self.crf, self.workers = whole(0, 51), whole(1, max(1, os.cpu_count() or 1))
        self.lossless = CheckBox("lossless (not for browsers)")
        self.fine = CheckBox("as of pictures: smoother, some three times as slow")
        self.plain = CheckBox("triangles only (for Blender and simple programs)")
        self.percent, self.dpi = whole(1, 100), whole(1, MOST_DPI)
        self.first, self.last, self.step = _step(), _step(), _step()
        self.length = QLabel()
        self.eye, self.film_eye, self.ground = QComboBox(), QComboBox(), QComboBox()
        self._fill()
        self._assemble()
        self._explain()
        self._connect()
        self._adapt()

    # what it says

    @property
    def kind(self) -> ExportKind:
        """What is made."""
        return KINDS[self.kinds.currentIndex()]

    @property
    def moves(self) -> bool:
        """Whether a film of some kind is made."""
        return self.kind.moves

    @property
    def from_window(self) -> bool:
        """Whether the picture or film is seen as in the window."""
        if self.moves:
            return bool(self.film_eye.currentData() == "window")
        return self.kind.command == "render" and self.eye.currentData() == "window"

    @property
    def steps(self) -> StepRange:
        """First and last step of the film; all of it where the fields say so."""
        ends = self.first.value(), self.last.value()
        return WHOLE if ends == (0.0, float(self._steps)) else ends

    def order(self, moment: Moment) -> Order:
        """What is asked for, by the scene's own camera.

        Args:
            moment: What the window shows; taken where the field for the step says the same.
        """
        path, step = self._whole_name(), self.step.value()
        size = self.sizes.wide.value(), self.sizes.high.value()
        follows = abs(moment.time - step) < FINE
        if self.moves:
            speed = self.sizes.fps.value(), self.crf.value()
            film = FilmOrder(path, *size, *speed, self.ground.currentData(), self.steps, self.workers.value())
            lossless = self.kind.lossless and self.lossless.isChecked()
            return replace(film, lossless=lossless, dpi=self.dpi.value(), fine=self.fine.isChecked())
        if self.kind.command == "mesh":
            plain = self.kind is MESH and self.plain.isChecked()
            return MeshOrder(path, moment.time if follows else step, plain=plain)
        if self.kind is PAGE:
            return PageOrder(path, ground=self.ground.currentData())
        picture = PictureOrder(path, *size, self.ground.currentData(), moment if follows else step)
        return replace(picture, dpi=self.dpi.value(), quality=self.percent.value())

    def widened(self, camera: Camera, aspect: float) -> Camera:
        """A camera for a picture of the chosen size that shows all that the window shows.

        Args:
            camera: The window's.
            aspect: Width of its picture divided by its height.
        """
        narrower = aspect * self.sizes.high.value() / self.sizes.wide.value()
        if narrower < 1 + 1e-9:  # the same shape, but for rounding
            return camera
        angle = 2 * degrees(atan(narrower * camera.slope))
        return replace(camera, view_angle=min(angle, WIDEST))

    # what it is told

    def take(self, own: ExportOptions, steps: int) -> None:
        """Another scene is exported: what it says itself, and how many steps it has."""
        whole_film = self.steps == WHOLE
        self._steps = steps
        for field in (self.first, self.last, self.step):
            with unasked(field):
                field.setMaximum(float(steps))
                if whole_film and field is not self.step:
                    field.setValue(0.0 if field is self.first else float(steps))
        self.sizes.take(own)
        if own != self._own:
            self._own = own
            self.crf.setValue(own.crf)
            self.lossless.setChecked(own.lossless)
            self.percent.setValue(own.quality)
            self.dpi.setValue(own.dpi)
            self.ground.setCurrentIndex(max(0, self.ground.findData(own.ground)))

    def film_from_window(self) -> None:
        """Make a film that is seen as in the window."""
        if not self.moves:
            self.kinds.setCurrentIndex(next(number for number, kind in enumerate(KINDS) if kind.moves))
        self.film_eye.setCurrentIndex(self.film_eye.findData("window"))

    def follow_window(self) -> None:
        """Let the step be the window's again."""
        self._follows = True

    def show_time(self, time: float) -> None:
        """The window shows this step."""
        if self._follows:
            with unasked(self.step):
                self.step.setValue(time)

    def largest(self) -> QSize:
        """What the kind of export with most fields needs."""
        chosen, size = self.kinds.currentIndex(), QSize()
        for number in range(self.kinds.count()):
            self.kinds.setCurrentIndex(number)
            size = size.expandedTo(self.form.minimumSize())
        self.kinds.setCurrentIndex(chosen)
        return size

    # how it is put together

    def _fill(self) -> None:
        for kind in KINDS:
            self.kinds.addItem(kind.title)
        self.eye.addItem("as in the window", "window")
        self.eye.addItem("by the scene's own camera", "scene")
        self.film_eye.addItem("by the scene's own camera and its keyframes", "scene")
        self.film_eye.addItem("all the time as in the window", "window")
        for ground in PICTURE.grounds:
            self.ground.addItem(ground, ground)
        self.crf.setValue(self._own.crf)
        self.crf.setSuffix("   (0: best, 51: smallest file)")
        self.percent.setValue(self._own.quality)
        self.percent.setSuffix("   (1: smallest file, 100: best)")
        self.dpi.setValue(self._own.dpi)
        self.dpi.setSuffix(" pixels an inch")
        self.first.setPrefix("from ")
        self.last.setPrefix("to ")

    def _assemble(self) -> None:
        form = self.form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(8)
        form.setHorizontalSpacing(14)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.steps_row = row(self.first, self.last, self.length)
        form.addRow("What", self.kinds)
        form.addRow("File", row(self.file, self.browse, wide=self.file))
        form.addRow("Size", self.sizes.preset)
        form.addRow("", self.sizes.pixels)
        form.addRow("Frames a second", self.sizes.fps)
        self.quality_row = row(self.crf, self.lossless)
        form.addRow("Quality", self.quality_row)
        form.addRow("Quality", self.percent)
        form.addRow("On paper", self.dpi)
        form.addRow("Steps", self.steps_row)
        form.addRow("Step", self.step)
        form.addRow("Seen", self.eye)
        form.addRow("Seen", self.film_eye)
        form.addRow("Ground", self.ground)
        form.addRow("Edges", self.fine)
        form.addRow("Spheres", self.plain)
        form.addRow("Processes", self.workers)

    def _explain(self) -> None:
        tips: dict[QWidget, str] = {
            self.kinds: "What is made of the scene",
            self.file: "Where it is written; of pictures for each frame a new folder, or a name such as x_%05d.png",
            self.browse: "Choose the file",
            self.percent: "Of JPEG and WebP; a WebP of 100 is lossless",
            self.dpi: "How large the picture is on paper, and in a text that it is put into",
            self.crf: "CRF of H.264: by eye 18 is as good as the pictures, and 28 makes much smaller files",
            self.lossless: "Every pixel as it was drawn, whatever CRF says; only players with FFmpeg's decoder show it",
            self.first: "The step that the film begins with",
            self.last: "The step that the film ends with",
            self.step: "The moment that is shown, in steps; it follows the window until you change it",
            self.eye: "From where the picture is seen, and what is lit or hidden in it",
            self.film_eye: "From where the film is seen, and what is hidden in it",
            self.ground: "Behind everything: white is for paper, transparent for slides, editing and web pages",
            self.fine: "Four samples a pixel, as of pictures",
            self.plain: "Each sphere has triangles of its own, for programs that cannot draw one many times",
            self.workers: "Processes that share the work; the film is the same. Each needs memory for all numbers",
        }
        for field, text in tips.items():
            field.setToolTip(text)

    def _connect(self) -> None:
        self.kinds.currentIndexChanged.connect(self._adapt)
        self.sizes.changed.connect(self.changed)
        for end in (self.first, self.last):
            end.valueChanged.connect(self.changed)
        self.step.valueChanged.connect(self._stay)
        self.lossless.toggled.connect(self._adapt_quality)

    def _stay(self) -> None:
        self._follows = False

    def _adapt(self) -> None:
        """Show the fields that what is made has."""
        kind = self.kind
        rows: dict[QWidget, bool] = {
            self.sizes.preset: kind.sized,
            self.sizes.pixels: kind.sized,
            self.sizes.fps: self.moves,
            self.quality_row: kind.quality == "crf",
            self.percent: kind.quality == "percent",
            self.dpi: kind.inches,
            self.steps_row: self.moves,
            self.step: not self.moves and kind is not PAGE,
            self.eye: kind.command == "render",
            self.film_eye: self.moves,
            self.ground: bool(kind.grounds),
            self.fine: self.moves,
            self.plain: kind is MESH,
            self.workers: self.moves,
        }
        for field, shown in rows.items():
            self.form.setRowVisible(field, shown)
        self.sizes.adapt(kind)
        self._adapt_quality()
        self._offer_transparent(offered="transparent" in kind.grounds)
        self.kind_changed.emit()
        self.changed.emit()

    def _adapt_quality(self) -> None:
        self.lossless.setVisible(self.kind.lossless)
        self.crf.setDisabled(self.kind.lossless and self.lossless.isChecked())

    def _offer_transparent(self, *, offered: bool) -> None:
        place = self.ground.findData("transparent")
        if offered and place < 0:
            self.ground.addItem("transparent", "transparent")
            if self._own.ground == "transparent":
                self.ground.setCurrentIndex(self.ground.count() - 1)
        elif not offered and place >= 0:
            if self.ground.currentIndex() == place:
                self.ground.setCurrentIndex(0)  # black, as films of such scenes are
            self.ground.removeItem(place)

    def _whole_name(self) -> str:
        """The file's name with its ending, which is put into the field, too."""
        typed = self.file.text().strip()
        place = os.path.expanduser(typed)
        if self.kind is not FRAMES and os.path.isdir(place):
            return place.rstrip("/") or place  # is refused: beside that folder nobody would look for the file
        name = with_ending(place, self.kind.ending) if typed else ""
        if name != typed:
            self.file.setText(name)
        return name


def with_ending(name: str, ending: str) -> str:
    """A file's name with the ending of a kind, instead of that of another one."""
    bare = name.rstrip("/")
    endings = (ending for kind in KINDS for ending in (kind.ending, *kind.also))
    known = next((known for known in endings if bare.lower().endswith(known)), "")
    kind = kind_of(bare)
    if (ending == FRAMES.ending and kind is FRAMES) or (
        kind is not None and known in kind.also and kind.ending == ending
    ):
        return bare
    return (bare[: -len(known)] if known else bare) + ending


def _step() -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setDecimals(2)
    field.setMaximum(0.0)
    return field
