"""The tab "Model": another layer, head, prompt or model in the same scene; its numbers are computed elsewhere."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from mmviz.errors import MmvizError, SceneError
from mmviz.machine.shipped import model_names
from mmviz.scene.changes.refill import Picks, picks, why_no_other_layer, why_no_other_model
from mmviz.scene.document import parts_of
from mmviz.scene.keys.model_sizes import KindOfLayer, ModelSizes
from mmviz.viewer.controls.fields import Trouble
from mmviz.viewer.controls.plain_label import label
from mmviz.viewer.session.another import another_head, filled_anew
from mmviz.viewer.session.clipboard import as_file
from mmviz.viewer.session.shown_scene import BuildAgain, Opener, Shown, built_by_nobody, ready
from mmviz.viewer.session.undo import Desk
from mmviz.viewer.tabs.model.model_fields import ModelField, PickField, PromptField
from mmviz.viewer.wording import begun, bytes_told, counted, short

FETCHED = "smollm2-135m"
"""A whole model, once `mmviz fetch` has fetched it."""
HINT = (
    "This scene takes no numbers from a model.\n\n"
    "Open a head of one, and its layer, its head and what it reads can be changed here while you watch."
)
MERGE = "head"
"""Changes of layer and head in a row are undone together."""


class ModelPanel(QScrollArea):
    """Shows what the scene on a desk takes from its model, and lets another layer, head, prompt or model be picked.

    Args:
        desk: Holds the scene.
        opener: Makes a scene of a model that is named.
        may_leave: Asks whether the scene may be given up for another one.
        build_again: Builds scenes that were built as they were.
    """

    told = Signal(str)
    """What became of a wish, for whoever looks elsewhere."""

    def __init__(
        self,
        desk: Desk,
        opener: Opener,
        may_leave: Callable[[], bool],
        build_again: BuildAgain = built_by_nobody,
    ) -> None:
        super().__init__()
        self._build_again = build_again
        self._desk, self._opener, self._may_leave = desk, opener, may_leave
        self._new: tuple[Shown, str] | None = None  # a scene that is on its way, and why it is a new one
        self._wanted: dict[str, int] = {}  # layer and head that were asked for and are not there yet
        self.title, self.sizes = label(bold=True, wraps=True), label("", "quiet", wraps=True)
        self.note, self.why, self.costs = (label("", "quiet", wraps=True) for _ in range(3))
        self.hint = label(HINT, wraps=True)
        self.layer = PickField("layer", "The layer that is shown")
        self.head = PickField("head", "The attention head that is shown")
        self.prompt = PromptField()
        self.target = PromptField("target", "What the decoder has been given so far. Ctrl+Enter applies it")
        offered = dict.fromkeys((*model_names(), FETCHED))
        self.model = ModelField(tuple(offered))
        self.start = QPushButton(f"Show a head of {model_names()[0]}")
        self.start.setToolTip("Open layer 0, head 0 of the model that comes with mmviz")
        self.pick_trouble, self.prompt_trouble, self.model_trouble = Trouble(), Trouble(), Trouble()
        self._assemble()
        self._connect()
        self.follow(anew=True)

    def ask_for_model(self) -> None:
        """Let the user name another model."""
        self.ensureWidgetVisible(self.model)
        self.model.ask()

    def follow(self, *, anew: bool = False) -> None:
        """Show what the scene says, unless a change of it is on its way.

        Args:
            anew: It has nothing to do with the one before.
        """
        if self._desk.changing and not anew:
            return
        self._wanted.clear()
        scene = self._desk.scene
        picked, sizes = picks(scene.document), scene.model_sizes
        for part in self._of_model:
            part.setVisible(sizes is not None)
        for part in (self.given, self.target):
            part.setVisible(sizes is not None and picked.crosses)
        self.hint.setVisible(sizes is None)
        self.start.setVisible(sizes is None)
        if sizes is not None:
            self._show(scene, picked, sizes, anew=anew)

    def _show(self, scene: Shown, picked: Picks, sizes: ModelSizes, *, anew: bool) -> None:
        self.title.setText(sizes.name)
        self.title.setToolTip(picked.model or "")
        self.sizes.setText(told(sizes))
        self.costs.setText(layers_told(sizes))
        why_layer = "" if scene.document.made_by is not None else why_no_other_layer(scene.document, sizes)
        self.layer.show_pick(picked.layer, sizes.layers, _sentence(why_layer))
        self.head.show_pick(picked.head, sizes.heads, _sentence(picked.why_no_head))
        self.why.setText("\n".join(_sentence(reason) for reason in (why_layer, picked.why_no_head) if reason))
        self.why.setVisible(bool(self.why.text()))
        shown, most = scene.composition, sizes.context
        count = len(picked.tokens or ()) or len(shown.source_tokens if picked.crosses else shown.tokens)
        self.prompt.show_prompt(picked.prompt, count, most, special=scene.special_tokens, anew=anew)
        if picked.crosses and scene.document.model is not None:
            ids = scene.document.model.target_tokens
            text = None if ids is not None else picked.target or ""
            self.target.show_prompt(text, len(ids or shown.tokens), most, special=shown.tokens[:1], anew=anew)

    # what is asked for

    def _pick(self, kind: str, number: int) -> None:
        """Another layer or head; those that were asked for just before count on."""
        self._wanted[kind] = number
        wanted = dict(self._wanted)
        self.pick_trouble.say("")
        text = ", ".join(f"{kind} {wanted[kind]}" for kind in ("layer", "head") if kind in wanted)
        build_again = self._build_again

        def edit(scene: Shown) -> Shown:
            return another_head(scene, build_again, layer=wanted.get("layer"), head=wanted.get("head"))

        self._desk.propose(text, edit, merge=MERGE, failed=self.pick_trouble.say)

    def apply_read(self, text: str) -> None:
        """Let the stack that is shown read another text: a decoder its target, all others their prompt."""
        (self._apply_target if picks(self._desk.scene.document).crosses else self._apply_prompt)(text)

    def _apply_target(self, target: str) -> None:
        self.prompt_trouble.say("")
        where = f"{self._desk.scene.where}, model."

        def failed(message: str) -> None:
            self.prompt_trouble.say(message.removeprefix(where))

        self._desk.propose("target", lambda scene: filled_anew(scene, target=target), failed=failed)

    def _apply_prompt(self, prompt: str) -> None:
        self.prompt_trouble.say("")
        where = f"{self._desk.scene.where}, model."

        def failed(message: str) -> None:
            self.prompt_trouble.say(message.removeprefix(where))  # the field is right above

        self._desk.propose("prompt", lambda scene: filled_anew(scene, prompt=prompt), failed=failed)

    def _open_model(self, name: str) -> None:
        """The same scene of another model, or a head of it where that would be wrong or impossible."""
        self.model_trouble.say("")
        self.note.hide()
        if not name:
            self.model_trouble.say("Name a model first, or choose its folder with …")
            return
        before, opener, build_again = self._desk.scene, self._opener, self._build_again
        work = f"opening {name} …"

        def done(outcome: tuple[Shown, str, bool]) -> None:
            scene, why, same = outcome
            self.model.show_name("")
            if same:
                self._desk.propose(f"model {name}", lambda _: scene, failed=self.model_trouble.say)
            elif self._may_leave():
                self._new = scene, why
                self._desk.open(work, lambda: scene)

        def failed(message: str) -> None:
            self.model_trouble.say(message)
            self._desk.failed.emit(message)

        self._desk.background.start(work, lambda: _of_model(before, name, opener, build_again), done, failed)

    def _tell_new(self) -> None:
        """Say why the scene that is shown is another one than the model was asked for in, if it is."""
        opened, why = self._new if self._new is not None else (None, "")
        text = f"A new scene, of its layer 0 and head 0: {why}." if why and opened is self._desk.scene else ""
        self._new = None
        self.note.setText(text)
        self.note.setVisible(bool(text))
        if text:
            self.told.emit(text)

    # how it is put together

    def _assemble(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(6)
        heading, made_of = _heading("What it reads"), _heading("What its layers are, and cost")
        self.given = _heading("What its decoder has been given")
        self._of_model = (self.title, self.sizes, self.layer, self.head, heading, self.prompt, made_of, self.costs)
        parts = (self.hint, self.start, self.title, self.sizes, self.layer, self.head, self.why, self.pick_trouble)
        others = (_heading("Open another model"), self.model, self.model_trouble, self.note)
        read = (heading, self.prompt, self.given, self.target, self.prompt_trouble)
        for part in (*parts, *read, *others, made_of, self.costs):
            column.addWidget(part)
        column.addStretch(1)
        policy = self.costs.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)  # as a long text it would ask for a wide panel
        self.costs.setSizePolicy(policy)
        for part in (self.why, self.note, self.given, self.target):
            part.hide()
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def _connect(self) -> None:
        desk = self._desk
        self.layer.picked.connect(lambda number: self._pick("layer", number))
        self.head.picked.connect(lambda number: self._pick("head", number))
        self.prompt.applied.connect(self._apply_prompt)
        self.target.applied.connect(self._apply_target)
        self.model.named.connect(self._open_model)
        self.start.clicked.connect(lambda: self._open_model(model_names()[0]))
        desk.leaving.connect(self.layer.forget)  # hiding or disabling it would end what is being typed into it
        desk.leaving.connect(self.head.forget)
        desk.opened.connect(self._calm)
        desk.shown.connect(lambda _scene: self.follow())
        desk.failed.connect(lambda _message: self.follow())
        desk.background.busy.connect(lambda _text: self.follow())

    def _calm(self) -> None:
        for trouble in (self.pick_trouble, self.prompt_trouble, self.model_trouble):
            trouble.say("")
        self.follow(anew=True)
        self._tell_new()


def told(sizes: ModelSizes) -> str:
    """The sizes of a model, in words."""
    shared = f" · {counted(sizes.kv_heads, 'key-value head')}" if sizes.kv_heads != sizes.heads else ""
    return (
        f"{counted(sizes.layers, 'layer')} · {counted(sizes.heads, 'head')}{shared}\n"
        f"d_model {sizes.d_model:,} · d_head {sizes.d_head:,} · context {sizes.context:,}"
    )


def layers_told(sizes: ModelSizes) -> str:
    """What the layers of a model are made of, and what one of each kind costs, in words."""
    tokens = counted(sizes.prompt, "token")
    stored = f" Its weights are dequantized from {sizes.dequantized_from}." if sizes.dequantized_from else ""
    last = f"FLOPs are those of the last of {tokens}; the cache is what is kept of keys and values then, in 16 bits."
    if not any(kind.cache for kind in sizes.kinds):
        last = f"FLOPs are those of one of {tokens}; of none can keys and values be kept, as it looks at later ones."
    return "\n\n".join([f"{sizes.family}: {sizes.has}.{stored}", *map(_kind_told, sizes.kinds), last])


def _kind_told(kind: KindOfLayer) -> str:
    """What one layer of a kind costs."""
    one = "Each" if len(kind.layers) > 1 else "It"
    cache = f"{bytes_told(kind.cache)} of" if kind.cache else "no"
    return (
        f"{begun(kind.name)}: {counted(len(kind.layers), 'layer')}\n"
        f"{one} has {short(kind.parameters, 'B')} parameters, takes {short(kind.operations, 'G')} FLOPs a token and "
        f"{cache} cache"
    )


def _of_model(scene: Shown, name: str, opener: Opener, build_again: BuildAgain) -> tuple[Shown, str, bool]:
    """A scene of a model that is named, why it is a new one, and whether it is of the same form as the one shown."""
    why = "" if scene.model_sizes is None else f"the scene before cannot be filled by {name}"
    try:
        other, why = _same_form(scene, name, build_again)
        if other is not None:
            return ready(other), "", True
    except MmvizError as error:
        why = why and str(error).rstrip(".")
    fresh = ready(opener(name))
    if fresh.model_sizes is None:
        raise SceneError(f"{name}: is a scene without a model; a model is needed here.")
    return fresh, why, False


def _same_form(scene: Shown, name: str, build_again: BuildAgain) -> tuple[Shown | None, str]:
    """The scene with the numbers of another model; or None, and why that would be wrong."""
    sizes = scene.model_sizes
    if sizes is None:
        return None, ""
    place = as_file(name)
    model = name if place is None else str(place)
    built = build_again(scene.document, scene.folder, model=model)
    if built is not None:
        return scene.changed(**parts_of(built)), ""
    other = filled_anew(scene, model=model)
    others = other.model_sizes
    why = "" if others is None else why_no_other_model(scene.document, sizes, others)
    return (None, why) if why else (other, "")


def _heading(text: str) -> QLabel:
    heading = label(text, bold=True, wraps=True)
    heading.setContentsMargins(0, 10, 0, 0)
    return heading


def _sentence(reason: str) -> str:
    return f"{begun(reason)}." if reason else ""
