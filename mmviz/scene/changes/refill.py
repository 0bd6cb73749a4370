"""Which layer, head, prompt and model a document shows, and the parts of it that show others; reads no model."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from mmviz.errors import SceneError
from mmviz.scene.changes.rewording import said_of_another, said_of_model, without_shares
from mmviz.scene.document import Document, to_mapping
from mmviz.scene.keys.model_sizes import ModelSizes
from mmviz.scene.keys.problems import found
from mmviz.scene.keys.sources import ActivationSource, WeightSource
from mmviz.scene.language.tree import walk

OF_LAYER = re.compile(r"((?:.*\.)?(?:blocks?|layers|h|encoder|decoder)\.)(0|[1-9][0-9]{0,8})(\..+)")
"""TransformerLens' blocks.1.attn.W_Q, Hugging Face's model.layers.1.self_attn.q_proj.weight and transformer.h.1 ..."""
MOST_LISTED = 4
"""Numbers that a message lists one by one."""

OfModel = WeightSource | ActivationSource


@dataclass(frozen=True, slots=True)
class Picks:
    """What a document shows of its model."""

    model: str | None  # as the document names it; None: no model
    prompt: str | None
    tokens: tuple[int, ...] | None  # ids, instead of a prompt
    target: str | None  # what its decoder has been given, where that is shown, and the prompt is its encoder's
    crosses: bool  # it is the decoder of two stacks that is shown
    layers: tuple[int, ...]  # every one that a tensor or a check is taken from, in order
    heads: tuple[int, ...]  # likewise

    @property
    def layer(self) -> int | None:
        """The one layer; None where there are none or several."""
        return self.layers[0] if len(self.layers) == 1 else None

    @property
    def head(self) -> int | None:
        """The one query head; None where there are none or several."""
        return self.heads[0] if len(self.heads) == 1 else None

    @property
    def why_no_layer(self) -> str:
        """Why another layer cannot be picked; "" where it can."""
        return _why_not("layer", self.layers)

    @property
    def why_no_head(self) -> str:
        """Why another head cannot be picked; "" where it can."""
        return _why_not("head", self.heads)


def picks(document: Document) -> Picks:
    """What can be picked in a document."""
    model = document.model
    sources = list(_sources(document))
    layers = {int(match[2]) for source in sources if (match := OF_LAYER.fullmatch(_name(source)))}
    heads = {source.head for source in sources if source.head is not None}
    return Picks(
        model=None if model is None else model.path,
        prompt=None if model is None else model.prompt,
        tokens=None if model is None else model.tokens,
        target=None if model is None else model.target,
        crosses=model is not None and model.stack == "decoder",
        layers=tuple(sorted(layers)),
        heads=tuple(sorted(heads)),
    )


def refilled(
    document: Document,
    *,
    layer: int | None = None,
    head: int | None = None,
    prompt: str | None = None,
    target: str | None = None,
    model: str | None = None,
) -> dict[str, Any]:
    """The parts of a document that are others when it shows something else of the same form.

    Args:
        document: A scene whose numbers come from a model.
        layer: From 0, instead of its one layer; None: as it is.
        head: The query head, from 0, instead of its one head; None: as it is.
        prompt: What the model reads, instead of a prompt or of token ids; None: as it is.
        target: What its decoder has been given, instead of what that was; "": nothing yet; None: as it is.
        model: A folder, a file, a name or a Hugging Face id; None: as it is.

    Returns:
        Key of the document -> its new content, as a scene file would say it; empty where nothing changes.

    Raises:
        SceneError: it has no model, or not the one layer or head that would be replaced; or a number is below 0; or
            the prompt or the model is blank.
    """
    now = picks(document)
    if now.model is None:
        raise SceneError("model: this scene takes no numbers from a model, so that there is nothing to pick.")
    _check_number("layer", layer, now.why_no_layer)
    _check_number("head", head, now.why_no_head)
    if target is not None and not now.crosses:
        raise SceneError("target: this scene shows no decoder that could have been given anything.")
    for key, text in (("prompt", prompt), ("target", target), ("model", model)):
        if text is not None and not isinstance(text, str):
            raise SceneError(f"{key}: must be text, got {found(text)}.")
    for key, text in (("prompt", prompt), ("model", model)):
        if text is not None and not text.strip():
            raise SceneError(f"{key}: is empty; {'a text' if key == 'prompt' else 'the name of a model'} is needed.")
    content = to_mapping(document)
    changed = _resourced(content, layer, head) | _reworded(content, now, layer, head, model)
    changed["model"] = _model(content["model"], prompt, target, model)
    if "made_by" in content:
        changed["made_by"] = _made_of(content["made_by"], layer, head)
    return {key: part for key, part in changed.items() if part != content.get(key)}


def _model(source: Mapping[str, Any], prompt: str | None, target: str | None, model: str | None) -> dict[str, Any]:
    """Another model, or another prompt or target for it."""
    changed = dict(source)
    if prompt is not None:
        if changed.pop("tokens", None) is not None or "prompt" not in changed:
            changed["special_tokens"] = True  # as `mmviz head` reads a text
        changed["prompt"] = prompt
    if target is not None:
        for key in ("target", "target_tokens"):
            changed.pop(key, None)
        changed |= {"target": target} if target.strip() else {}
    if model is not None:
        changed.pop("adapter", None)  # it fits no other model
        changed["path"] = model.strip()
    return changed


def _made_of(made: Mapping[str, Any], layer: int | None, head: int | None) -> dict[str, Any]:
    """What a scene says that it was made by, of another layer and head."""
    said = {"layer": layer, "head": head if "head" in made else None}
    return {**made, **{kind: number for kind, number in said.items() if number is not None}}


def why_no_other_model(document: Document, now: ModelSizes, other: ModelSizes) -> str:
    """Why a document's expression would be wrong for another model; "" where it is right for both.

    Weights alone multiply in any model. Functions carry constants of the model (the base of its rotary positions, the
    epsilon of its norms), and a sum over heads has a term for each of them.
    """
    here = picks(document)
    for kind, numbers, count in (("layer", here.layers, other.layers), ("head", here.heads, other.heads)):
        if numbers and numbers[-1] >= count:
            return f"{other.name} has no {kind} {numbers[-1]}; its {kind}s go from 0 to {count - 1}"
    if len(here.heads) > 1 and (now.heads, now.kv_heads) != (other.heads, other.kv_heads):
        return f"{other.name} has {_heads(other)}, {now.name} {_heads(now)}"
    if now.arithmetic != other.arithmetic and any(node.worn for node in walk(document.tree())):
        return f"{other.name} computes its layers otherwise than {now.name}"
    return ""


def why_no_other_layer(document: Document, sizes: ModelSizes) -> str:
    """Why another layer of the same model cannot be picked; "" where it can."""
    reason = picks(document).why_no_layer
    if not reason and not sizes.layers_alike and any(node.worn for node in walk(document.tree())):
        return f"what {sizes.name} does to scores goes with the layer, and stands in this scene's expression"
    return reason


def _sources(document: Document) -> Iterator[OfModel]:
    for source in (*document.tensors.values(), *document.checks.values()):
        if isinstance(source, WeightSource | ActivationSource):
            yield source


def _name(source: OfModel) -> str:
    return source.weight if isinstance(source, WeightSource) else source.activation


def _resourced(content: Mapping[str, Any], layer: int | None, head: int | None) -> dict[str, Any]:
    """Tensors and checks with another layer and head."""
    return {
        key: {name: _of_another(source, layer, head) for name, source in content[key].items()}
        for key in ("tensors", "checks")
        if key in content
    }


def _of_another(source: Mapping[str, Any], layer: int | None, head: int | None) -> dict[str, Any]:
    changed = dict(source)
    for key in ("weight", "activation"):
        match = OF_LAYER.fullmatch(source.get(key, ""))
        if match and layer is not None:
            changed[key] = f"{match[1]}{layer}{match[3]}"
    if head is not None and "head" in source:
        changed["head"] = head
    return changed


def _reworded(
    content: Mapping[str, Any], now: Picks, layer: int | None, head: int | None, model: str | None
) -> dict[str, Any]:
    """Title, what one learns, captions and captions of chapters that say which layer, head or model it is."""
    numbers = [(kind, old, new) for kind, old, new in (("layer", now.layer, layer), ("head", now.head, head))]
    moves = [(kind, old, new) for kind, old, new in numbers if old is not None and new is not None and old != new]

    def say(text: str, *, title: bool = False) -> str:
        said = said_of_another(text, moves, title=title)
        said = without_shares(said) if moves or model not in (None, now.model) else said
        return said if model is None else said_of_model(said, now.model or "", model)

    changed: dict[str, Any] = {}
    if "title" in content:
        changed["title"] = say(content["title"], title=True)
    if "about" in content:
        learn = content["about"].get("learn")
        changed["about"] = content["about"] | ({} if learn is None else {"learn": say(learn)})
    if "captions" in content:
        changed["captions"] = [{**caption, "text": say(caption["text"])} for caption in content["captions"]]
    animation = content.get("animation", {})
    if "chapters" in animation:
        chapters = [
            {**chapter, "caption": say(chapter["caption"])} if chapter.get("caption") else chapter
            for chapter in animation["chapters"]
        ]
        changed["animation"] = {**animation, "chapters": chapters}
    return changed


def _check_number(kind: str, number: Any, reason: str) -> None:
    if number is None:
        return
    if reason:
        raise SceneError(f"{kind}: {reason}.")
    if isinstance(number, bool) or not isinstance(number, Integral):
        raise SceneError(f"{kind}: must be a whole number, got {found(number)}.")
    if number < 0:
        raise SceneError(f"{kind}: must be 0 or more, got {number}.")


def _why_not(kind: str, numbers: tuple[int, ...]) -> str:
    if len(numbers) == 1:
        return ""
    if not numbers:
        return f"this scene shows nothing of a single {kind}"
    some = ", ".join(map(str, numbers[:MOST_LISTED])) + (" ..." if len(numbers) > MOST_LISTED else "")
    return f"this scene shows {len(numbers)} {kind}s together ({some}), so that one alone cannot be picked"


def _heads(sizes: ModelSizes) -> str:
    return f"{sizes.heads} heads and {sizes.kv_heads} key-value heads"
