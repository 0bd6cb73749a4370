"""What the model reads, in the window: its tokens go with picture and animation, and are edited in place."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, Signal

from mmviz.errors import MmvizError
from mmviz.picture.cell.attended import attended
from mmviz.picture.composition import Composition
from mmviz.picture.time.token_steps import AXIS, step_of, token_at
from mmviz.scene.changes.refill import picks
from mmviz.scene.language.tree import find, pattern_of, walk
from mmviz.viewer.canvas.lighting import Lighting
from mmviz.viewer.controls.typed_keys import instead_of
from mmviz.viewer.host import Host
from mmviz.viewer.session.selection import Selection
from mmviz.viewer.session.shown_scene import Shown
from mmviz.viewer.settings import keep_switch, switched
from mmviz.viewer.tokens.chips import chips
from mmviz.viewer.tokens.strip import TokenStrip


class Reading(QObject):
    """Keeps the strip of tokens and the rest of a window together.

    Args:
        window: `settle` is called when its actions are there.
        selection: The matrix that steps are about, if its rows or columns are tokens.
        lighting: Lights a token in the picture, and says which ones are pointed at there.
    """

    applied = Signal(str)
    """Another prompt is asked for."""

    def __init__(self, window: Host, selection: Selection, lighting: Lighting) -> None:
        super().__init__(window)
        self.strip = TokenStrip()
        self._window, self._selection = window, selection
        self._special: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())  # before and after the prompt
        self._asked: str | None = None  # a prompt that the model does not read yet
        strip, line = self.strip, self.strip.line
        line.pointed.connect(lighting.point_token)
        line.clicked.connect(self.go_to)
        lighting.tokens_pointed.connect(line.light)
        strip.asked.connect(self.edit)
        strip.prompt.applied.connect(self._apply)
        strip.prompt.left.connect(self._leave)
        window.player.moved.connect(self.mark)
        selection.changed.connect(self.mark)
        window.desk.shown.connect(self.take)
        window.desk.failed.connect(self._try_again)

    def bindings(self) -> Mapping[str, Callable[[], object]]:
        """What commands do, by their names."""
        return {"tokens": self._switch, "edit_prompt": self.edit}

    def settle(self) -> None:
        """Stand as the last window did."""
        self._window.actions_by_name["tokens"].setChecked(switched("tokens", default=True))
        self._window.installEventFilter(self)
        self.take(self._window.desk.scene)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In a low window the strip has one line."""
        if event.type() == QEvent.Type.Resize:
            self.strip.fit()
        return super().eventFilter(watched, event)

    def take(self, scene: Shown) -> None:
        """Show the tokens of a scene."""
        composition = scene.composition
        if self.strip.editing:
            self._leave()
        self._asked = None
        tokens = composition.tokens
        special = _special_tokens(scene)
        made = chips(tokens, special)
        before = next((number for number, chip in enumerate(made) if not chip.special), len(made))
        self._special = (
            tokens[:before],
            tuple(t for t, chip in zip(tokens[before:], made[before:], strict=True) if chip.special),
        )
        editable = scene.model_sizes is not None
        self._window.actions_by_name["edit_prompt"].setEnabled(editable and bool(tokens))
        self.strip.show_chips(made, lambda token: tip(composition, token), editable=editable)
        self._show()
        self.mark()

    def mark(self, _: object = None) -> None:
        """Mark the token that the animation is at."""
        composition = self._window.desk.scene.composition
        if self.strip.isHidden():
            return
        shown, count = composition.timeline, len(composition.tokens)
        current = token_at(shown, composition.axes, count, self._window.player.time, self._matrix(composition))
        if current != self.strip.line.current:
            self.strip.line.mark(current)
            if current is not None:
                self.strip.show_token(current)

    def go_to(self, token: int) -> None:
        """Go to the step at which a token is computed in the selected matrix, or else in the main one."""
        composition = self._window.desk.scene.composition
        path = self._matrix(composition)
        if path is not None:
            player = self._window.player
            player.pause()
            player.seek(step_of(composition.timeline, composition.axes, path, token))

    def edit(self) -> None:
        """Edit the prompt in place."""
        scene = self._window.desk.scene
        if scene.model_sizes is None or not scene.composition.tokens:
            self._window.tell("This scene reads no text")
            return
        if self.strip.isHidden():
            self._window.actions_by_name["tokens"].setChecked(True)
            self._switch()
        prompt = _text_of(scene) if self._asked is None else self._asked
        count = len(scene.composition.tokens)
        self.strip.edit(prompt or "", *self._special, instead_of(prompt, count))

    def _apply(self, prompt: str) -> None:
        self._leave()
        if prompt != _text_of(self._window.desk.scene):
            self._asked = prompt
            self.applied.emit(prompt)

    def _leave(self) -> None:
        self.strip.leave()
        self._window.view.setFocus()

    def _try_again(self, _message: str) -> None:
        """What was typed is not lost where the model cannot read it."""
        if self._asked is not None:
            self.edit()
            self._asked = None

    def _switch(self) -> None:
        keep_switch("tokens", self._window.actions_by_name["tokens"].isChecked())
        self._show()
        self.mark()

    def _show(self) -> None:
        composition = self._window.desk.scene.composition
        on = self._window.actions_by_name["tokens"].isChecked()
        self.strip.setVisible(on and any(_counts_tokens(composition, path) for path in composition.axes))

    def _matrix(self, composition: Composition) -> str | None:
        """The path of the matrix that steps are about: selected, in the inset, a pattern, or the last with tokens."""
        nodes = list(walk(composition.root))
        patterns = (pattern for node in nodes if (pattern := pattern_of(node)) is not None)
        inset = None if composition.eye.inset is None else find(composition.root, composition.eye.inset)
        wanted = [self._selection.path, None if inset is None else inset.path]
        wanted += [pattern.path for pattern in patterns] + [node.path for node in reversed(nodes)]
        return next((path for path in wanted if path is not None and _counts_tokens(composition, path)), None)


def tip(composition: Composition, token: int) -> str:
    """What a token is, and where it looks."""
    count = len(composition.tokens)
    heading = f"token {token + 1} of {count}: “{composition.tokens[token]}”"
    return "\n".join([heading, *attended(composition, token)])


def _counts_tokens(composition: Composition, path: str) -> bool:
    """Whether rows or columns of a matrix are the tokens."""
    if path not in composition.axes:
        return False
    sides = zip(composition.axes[path], composition.values[path].shape, strict=True)
    return any(name == AXIS and size == len(composition.tokens) for name, size in sides)


def _text_of(scene: Shown) -> str | None:
    """What the tokens are of: the prompt, or what a decoder has been given; None where ids stand in its place."""
    picked = picks(scene.document)
    if not picked.crosses:
        return picked.prompt
    model = scene.document.model
    return None if model is None or model.target_tokens is not None else picked.target or ""


def _special_tokens(scene: Shown) -> tuple[str, ...]:
    """What stands around the prompt; nothing where the tokenizer cannot say it."""
    if picks(scene.document).crosses:
        return scene.composition.tokens[:1]  # with which a decoder begins
    try:
        return scene.special_tokens if scene.model_sizes is not None else ()
    except MmvizError:
        return ()
