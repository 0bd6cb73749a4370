"""Lights the row and the column that are pointed at, in every matrix that shares them; chooses none by itself."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QPointF, QTimer, Signal

from mmviz.picture.cell.picking import Picked
from mmviz.picture.composition import Composition
from mmviz.picture.marks.shared_axes import Lit, SharedAxes
from mmviz.picture.time.token_steps import AXIS
from mmviz.viewer.canvas.player import Player
from mmviz.viewer.canvas.view import View
from mmviz.viewer.session.undo import Desk

FRAME = 0.016
"""Seconds that a picture may take to be drawn at once for every cell that the pointer goes over."""
REST = 80
"""Milliseconds that the pointer rests on a cell where a picture takes longer."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell that is pointed at."""

    path: str
    i: int
    j: int


class Lighting(QObject):
    """What the pointer lights in a view, and what a token that is pointed at elsewhere does.

    The last gesture counts: when the animation moves on, its own rows are seen until the pointer goes on, too.

    Args:
        view: The picture.
        desk: Where the scene is from.
        player: What moves the animation.
    """

    tokens_pointed = Signal(tuple)
    """The tokens of the row and of the column under the pointer, each once; empty where there are none."""

    def __init__(self, view: View, desk: Desk, player: Player) -> None:
        super().__init__(view)
        self.on = True
        self._view, self._player = view, player
        self._spot: Spot | None = None  # under the pointer
        self._token: int | None = None  # pointed at elsewhere; it comes first
        self._beside: Spot | None = None  # pointed at in a second view of a scene with the same matrices
        self._still: QPointF | None = None  # where the pointer was when the animation moved on
        self._lit: Spot | int | None = None  # what is lit now
        self._due: Spot | int | None = None  # what the timer waits to light
        self._known: tuple[Composition, SharedAxes] | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._light)
        view.pointed.connect(self.point)
        player.moved.connect(self._go_on)
        desk.shown.connect(self.put_away)

    def switch(self, on: bool) -> None:
        """Light what is under the pointer from now on, or do not."""
        self.on = on
        self._want()

    def point(self, picked: Picked | None) -> None:
        """Something is under the pointer."""
        spot = None if picked is None else self._spot_of(picked)
        if spot != self._spot:
            self._spot = spot
            self.tokens_pointed.emit(self._tokens(spot))
        if self._view.pointer != self._still:
            self._still = None
        self._want()

    def point_token(self, token: int | None) -> None:
        """A token is pointed at elsewhere, or none any more."""
        self._token = token
        self._want()

    def point_beside(self, picked: Picked | None) -> None:
        """Something is under the pointer in a second view, or nothing any more."""
        spot = None if picked is None else self._spot_of(picked)
        if spot != self._beside:
            self._beside = spot
            self.tokens_pointed.emit(self._tokens(spot))
        self._want()

    def put_away(self) -> None:
        """Light nothing: another scene is shown."""
        self._timer.stop()
        self._token = self._spot = self._beside = self._lit = None
        self.tokens_pointed.emit(())
        self._view.emphasize(replace(self._view.emphasis, pointed={}))

    @property
    def _wanted(self) -> Spot | int | None:
        """What is to be lit."""
        if self._token is not None:
            return self._token
        busy = self._player.playing or self._still is not None
        spot = self._spot if self._beside is None else self._beside
        return spot if self.on and not busy else None

    def _spot_of(self, picked: Picked) -> Spot | None:
        """The cell of the matrix; of a number that belongs to a whole row or a block there is none."""
        rows, columns = self._view.composition.values[picked.path].shape
        within = picked.i < rows and picked.j < columns
        return Spot(picked.path, picked.i, picked.j) if picked.kind == "plane" and within else None

    def _tokens(self, spot: Spot | None) -> tuple[int, ...]:
        if spot is None:
            return ()
        composition = self._view.composition
        axes, count = composition.axes[spot.path], len(composition.tokens)
        found = (index for axis, index in zip(axes, (spot.i, spot.j), strict=True) if axis == AXIS and index < count)
        return tuple(dict.fromkeys(found))

    def _go_on(self) -> None:
        """The animation moved on."""
        self._still = self._view.pointer
        if self._token is None:
            self._light()  # with the picture that is drawn anyway

    def _want(self) -> None:
        """Light what is wanted, at once or when the pointer rests; many moves before it cost one picture.

        While the eye flies the pointer means nothing.
        """
        wanted = self._wanted
        if wanted == self._lit:
            self._timer.stop()
        elif not self._view.hurried and not (self._timer.isActive() and wanted == self._due):
            self._due = wanted
            self._timer.start(0 if self._view.full_seconds <= FRAME else REST)

    def _light(self) -> None:
        self._timer.stop()
        wanted = self._wanted
        if wanted != self._lit:
            self._lit = wanted
            self._view.emphasize(replace(self._view.emphasis, pointed=self._lines(wanted)))

    def _lines(self, wanted: Spot | int | None) -> Lit:
        composition = self._view.composition
        if self._known is None or self._known[0] is not composition:
            shared = SharedAxes.of(composition.root, composition.axes, composition.values)
            self._known = composition, shared
        match wanted:
            case None:
                return {}
            case int():
                return self._known[1].lit_at(AXIS, len(composition.tokens), wanted)
            case Spot(path, i, j):
                return self._known[1].lit_around(path, i, j)
