"""Heads worth knowing, found: every head of a model scored on one prompt, and the scene of one; defines no score."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mmviz.builders.opening import Opened, Reading, opened
from mmviz.builders.scenes import head_scene
from mmviz.errors import SourceError
from mmviz.picture.look.head_kinds import COMING_BACK, KINDS, Kind, KindCells, ScoredHead, best
from mmviz.pipeline import Scene
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.reading import read_model_config
from mmviz.values.tensors.head_patterns import HeadPatterns

Begin = Callable[[int, int], Callable[[int], None]]
"""Takes how many layers are read, and their bytes; gives what takes how many are done."""


@dataclass(frozen=True, slots=True)
class Found:
    """All heads of a model with their scores on one prompt."""

    reading: Reading
    model: str  # what it is called
    layers: int
    tokens: int
    kinds: tuple[Kind, ...]  # that were asked for and can be scored
    heads: tuple[ScoredHead, ...]
    chance: Mapping[Kind, float]  # what a head scores that gives the same to all tokens; in the mean over layers
    without: tuple[Kind, ...] = ()  # that would need a prompt in which a token comes back
    drawn: int = 0  # tokens drawn at random that come twice, instead of a prompt


def repeated(reading: Reading) -> tuple[Reading, int]:
    """The same model, reading tokens drawn at random, which come twice; and how many these are.

    Raises:
        SourceError: the model cannot be opened, or reads too few tokens.
    """
    from mmviz.values.files.checkpoint import Checkpoint
    from mmviz.values.origin.locate import locate_model
    from mmviz.values.text.repeated import repeated_tokens
    from mmviz.values.text.tokens import has_tokenizer, open_tokenizer

    checkpoint = Checkpoint.open(locate_model(reading.model, Path()))
    config = read_model_config(checkpoint.config, str(checkpoint.where), reading.wanted)
    _check(reading, config, "induction")
    if config.crosses:
        raise SourceError(
            f"{reading.model}: has no tokens of its own to repeat where the encoder has read nothing; give --prompt, "
            "and as --target a text in which words come back."
        )
    tokenizer = open_tokenizer(checkpoint) if has_tokenizer(checkpoint) else None
    tokens, drawn = repeated_tokens(reading.model, config.vocabulary, config.positions, tokenizer)
    return replace(reading, prompt=None, tokens=tokens), drawn


def find_heads(reading: Reading, kind: Kind | None, begin: Begin, drawn: int = 0) -> Found:
    """Score every head of a model, layer by layer, in one forward pass.

    Args:
        reading: The model and its prompt.
        kind: The one that is looked for; None: all that its heads can be.
        begin: Told what is going to be read.
        drawn: What `repeated` gave.

    Raises:
        SourceError: the model cannot be opened or read; or it has no heads of that kind, or the prompt cannot show it.
    """
    model = _opened(reading)
    _check(reading, model.config, kind)
    patterns = _patterns(model)
    if len(patterns.token_ids) < 2 and not patterns.across:
        raise SourceError(
            f"{reading.model}: reads one token, which can look at nothing but itself; at least two are needed."
        )
    heads: list[ScoredHead] = []
    chances: list[dict[Kind, float]] = []
    progress = begin(patterns.layers, patterns.stored_bytes)
    for layer, pattern in enumerate(patterns.each()):
        cells = KindCells.of(patterns.token_ids, pattern.shape[2] if patterns.across else None, patterns.masking(layer))
        wanted = cells.kinds if kind is None else (kind,)
        if not layer:
            _check_prompt(reading, cells, kind)
        scores = (cells.scores(one, wanted) for one in pattern)
        heads += [ScoredHead(layer, number, found) for number, found in enumerate(scores)]
        chances.append({one: cells.chance(one) for one in wanted})
        progress(layer + 1)
    seen = tuple(one for one in wanted if not all(np.isnan(chance[one]) for chance in chances))
    chance = {one: float(np.nanmean([chance[one] for chance in chances])) for one in seen}
    without = tuple(one for one in wanted if one not in seen)
    return Found(
        reading, model.name, patterns.layers, len(patterns.token_ids), seen, tuple(heads), chance, without, drawn
    )


def found_scene(found: Found, kind: Kind, head: ScoredHead) -> Scene:
    """The scene of a head, whose caption says what it was found as.

    Raises:
        SourceError: as `head_scene`.
    """
    scene = head_scene(found.reading, head.layer, head.head)
    last = scene.document.captions[-1]
    captions = [*scene.document.captions[:-1], last.model_copy(update={"text": caption(found, kind, head)})]
    return scene.changed(captions=[one.model_dump() for one in captions])


def caption(found: Found, kind: Kind, head: ScoredHead) -> str:
    """What a head was found as, with its score."""
    ranked, what = best(found.heads, kind), KINDS[kind]
    score, chance = (_short(number) for number in (head.scores[kind], found.chance[kind]))
    measured = f"{what.score[0].upper()}{what.score[1:]}".partition(";")[0].partition(":")[0]
    return f"As {what.called} number {ranked.index(head) + 1} of {len(ranked)}. {measured}: {score}, by chance {chance}"


def command(found: Found, head: ScoredHead) -> tuple[str, ...]:
    """The words of the command that opens a head."""
    reading = found.reading
    words = ["mmviz", "head", reading.model, "--layer", str(head.layer), "--head", str(head.head)]
    words += ["--tokens", _listed(reading.tokens)] if reading.tokens is not None else ["--prompt", reading.prompt or ""]
    words += [] if reading.special_tokens else ["--no-special-tokens"]
    words += ["--cross"] if reading.cross else ["--stack", reading.stack] if reading.stack else []
    words += ["--target", reading.target] if reading.target is not None else []
    words += ["--target-tokens", _listed(reading.target_tokens)] if reading.target_tokens is not None else []
    words += ["--adapter", reading.adapter] if reading.adapter is not None else []
    words += ["--device", reading.device] if reading.device != "auto" else []
    words += ["--dtype", reading.dtype] if reading.dtype != "float32" else []
    return (*words, "--view")


def _opened(reading: Reading) -> Opened:
    """The model, all of whose layers are there."""
    from mmviz.values.files.checkpoint import Checkpoint
    from mmviz.values.origin.locate import locate_model

    checkpoint = Checkpoint.open(locate_model(reading.model, Path()))
    config = read_model_config(checkpoint.config, str(checkpoint.where), reading.wanted)
    return opened(reading, config.layers - 1, checkpoint=checkpoint)


def _patterns(model: Opened) -> HeadPatterns:
    """Those of all heads, of which none is computed yet."""
    config, last = model.config, model.config.layers - 1
    across = model.reading.cross
    hook = f"{config.blocks}.{last}.{'cross_attn' if across else 'attn'}.hook_pattern"
    scene = Scene(
        "attn",
        {"attn": {"activation": hook, "head": 0}},
        model=model.reading.source(),
        made_by={"layer": last, "head": 0, "cross": across},
    )
    scene.opened = model.checkpoint, model.adapter
    return scene.head_patterns


def _check(reading: Reading, config: ModelConfig, kind: Kind | None) -> None:
    """Refuse a kind that no head of a model can be."""
    if kind is None:
        return
    if reading.cross and KINDS[kind].of_its_own:
        others = " and ".join(one for one, what in KINDS.items() if not what.of_its_own)
        raise SourceError(
            f"{reading.model}: heads that look across look at tokens of another text, and so none of them is "
            f"{KINDS[kind].called}; they can be of the kinds {others}."
        )
    if kind == "induction" and not config.causal:
        raise SourceError(
            f"{reading.model}: its tokens look at later ones, too, which leaves nothing to be foretold, and so none of "
            f"its heads is an induction head; a model whose tokens look back is needed."
        )


def _check_prompt(reading: Reading, cells: KindCells, kind: Kind | None) -> None:
    if kind in COMING_BACK and not cells.shows(kind):
        raise SourceError(
            f"{reading.model}: no token of the prompt comes back with one behind it, which is what "
            f"{KINDS[kind].called} is known by; a prompt that repeats words is needed."
        )


def _listed(tokens: Sequence[int] | None) -> str:
    return ",".join(str(number) for number in tokens or ())


def _short(number: float) -> str:
    return f"{number:.2f}" if number < 100 else f"{number:.0f}"
