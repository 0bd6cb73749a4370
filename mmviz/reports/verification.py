"""What `mmviz verify` says about a model or a scene: plain data, and the same as text; computes nothing itself."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mmviz
from mmviz.errors import MmvizError, SourceError
from mmviz.pipeline import Scene
from mmviz.values.families.config import STACKS, Stack
from mmviz.values.families.reading import stacks_of, start_token
from mmviz.values.reference.certificate import Check

if TYPE_CHECKING:
    from mmviz.values.model.model import Model
    from mmviz.values.reference.comparison import Row
    from mmviz.values.reference.tokens import TokenCheck

MOST_DEFAULT_TARGET = 12
"""Of a decoder that has been given nothing."""
MOST_DEFAULT_TOKENS = 24
"""Of a model without a tokenizer."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which model is to be verified, and on what, as on the command line."""

    model: str  # as in `mmviz inspect`
    prompt: str | None = None
    tokens: Sequence[int] | None = None  # instead of it; without both, a sentence, or ids from all over the vocabulary
    device: str = "auto"
    dtype: str = "float32"
    special_tokens: bool = True  # around the prompt, as the tokenizer puts them around a text
    adapter: str | None = None  # folder of a LoRA adapter that is merged into it; on the other side peft does it
    stack: Stack = ""  # of a model that has two: the encoder alone; decoder, or nothing said: both
    target: str | None = None  # what the decoder has been given so far; prompt or tokens are the encoder's
    target_tokens: Sequence[int] | None = None  # all that the decoder reads, its start token, too, instead


def model_verification(wish: Wish, tolerance: float | None = None) -> dict[str, Any]:
    """Hold every activation of a model against transformers, and the tokens of a prompt.

    Args:
        wish: The model, and what it reads.
        tolerance: How large a relative difference may be; by default it depends on family and dtype.

    Raises:
        SourceError: the model or transformers cannot be opened or run, or the prompt is impossible.
    """
    from mmviz.values.reference.comparison import compare
    from mmviz.values.reference.tokens import check_tokens

    special_tokens = wish.special_tokens
    model = _opened(wish)
    first = model if model.source is None else model.source.encoder
    text, token_ids = _what_it_reads(first, wish.prompt, wish.tokens, special_tokens=special_tokens)
    given = None
    if model.source is not None:
        model.source.token_ids = tuple(token_ids)
        given = _what_it_is_given(model, wish)
    elif (wish.target or wish.target_tokens) is not None:
        raise SourceError(f"{wish.model}: a target is what a decoder has been given, and this is none.")
    found = compare(model, token_ids if given is None else given, tolerance)
    read = None if text is None else check_tokens(model.checkpoint, text, special_tokens=special_tokens)
    return {
        "model": wish.model,
        **({} if wish.adapter is None else {"adapter": wish.adapter, "note": found.note or None}),
        **_circumstances(found.reference, found.dtype, found.device),
        **_weights(model.checkpoint.dequantized_from, found.handed_over),
        "prompt": text,
        "tokens": list(token_ids),
        **({} if given is None else {"target": wish.target, "target_tokens": list(given)}),
        "layers": model.config.layers + (0 if model.source is None else first.config.layers),
        "tokenizer": _tokenizer(read),
        "ok": not found.exceeding and not (read is not None and read.differs),
        "first_to_fail": found.first or None,
        "rows": _plain(found.rows),
        "every": _plain(found.every),
    }


def scene_verification(scene: Scene, tolerance: float | None = None) -> dict[str, Any]:
    """Hold the matrices that a scene draws against transformers.

    Args:
        scene: It has `checks`.
        tolerance: As in `model_verification`.

    Raises:
        MmvizError: as `Scene.certificate`.
    """
    from mmviz.values.reference.tokens import check_tokens

    found = scene.certificate
    model = scene.document.model
    prompt = None if model is None else model.prompt
    read = None
    if model is not None and prompt is not None:
        read = check_tokens(scene.sources.model.checkpoint, prompt, special_tokens=model.special_tokens)
    checks = [check if tolerance is None else replace(check, tolerance=tolerance) for check in found.matrices]
    return {
        "scene": scene.where,
        **({} if model is None or model.adapter is None else {"adapter": model.adapter, "note": found.note or None}),
        **_circumstances(found.reference, found.dtype, found.device),
        **_weights(found.dequantized.removeprefix("dequantized from "), found.handed_over),
        "prompt": prompt,
        "tokens": list(scene.sources.source_ids or scene.sources.token_ids),
        **({"target_tokens": list(scene.sources.token_ids)} if scene.sources.source_ids else {}),
        "tokenizer": _tokenizer(read),
        "ok": not any(check.exceeds for check in checks) and not (read is not None and read.differs),
        "first_to_fail": next((check.matrix for check in checks if check.exceeds), None),
        "rows": [
            {"matrix": check.matrix, "activation": check.activation, "head": check.head, **_numbers(check)}
            for check in checks
        ],
    }


def verification_text(report: Mapping[str, Any]) -> str:
    """A report for people: a table, what its columns mean, and the verdict."""
    rows = report["rows"]
    keys = [key for key in ("matrix", "activation", "layer", "head") if key in rows[0]]
    titles = [*keys, "max |Δ|", "relative", "allowed", ""]
    cells = [
        [
            *(_place(row, key) for key in keys),
            _short(row["max_difference"]),
            _short(row["relative"]),
            f"{row['tolerance']:g}",
            ("ok" if row["ok"] else "FAILS") + _remarks(row),
        ]
        for row in rows
    ]
    lines = _columns([titles, *cells], left=("matrix", "activation", ""))
    by_layer = ["", *_layer_lines(report["every"])] if report.get("layers", 1) > 1 else []
    return "\n".join([*lines, *by_layer, "", _meaning(report), *_tokens_told(report), *_note(report), _verdict(report)])


def _layer_lines(every: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each layer, about its activation that is furthest off."""
    layers: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for row in every:
        if row["layer"] is not None:
            stack = row["activation"].partition(".")[0]
            layers.setdefault((stack if stack in STACKS else "", row["layer"]), []).append(row)
    cells = []
    for (_, layer), rows in layers.items():
        worst = max(rows, key=lambda row: math.inf if row["relative"] is None else row["relative"])
        named = worst["activation"] if worst["relative"] != 0 else "-"
        agree = "ok" if all(row["ok"] for row in rows) else "FAILS"
        cells.append([str(layer), named, _short(worst["max_difference"]), _short(worst["relative"]), agree])
    return _columns([["layer", "furthest off", "max |Δ|", "relative", ""], *cells], left=("furthest off", ""))


def check_verified(report: Mapping[str, Any]) -> None:
    """Refuse what is not as near as it must be.

    Raises:
        MmvizError: something exceeds its tolerance.
    """
    if report["ok"]:
        return
    failing = [row for row in report["rows"] if not row["ok"]]
    if not failing:
        raise MmvizError(f"{report.get('scene') or report['model']}: {_tokens_differ(report)}")
    kind = "matrices" if "scene" in report else "activations"
    raise MmvizError(
        f"{report.get('scene') or report['model']}: {len(failing)} of {len(report['rows'])} {kind} differ from "
        f"{report['reference']} by more than {failing[0]['tolerance']:g}; the first is {report['first_to_fail']}."
    )


def _opened(wish: Wish) -> "Model":
    """The model; of one that has two stacks, unless its encoder is asked for, the decoder, which knows both."""
    from mmviz.values.files.checkpoint import Checkpoint
    from mmviz.values.model.adapter import Adapter
    from mmviz.values.model.model import Model
    from mmviz.values.origin.locate import locate_model

    merged = None if wish.adapter is None else Adapter.open(Path(wish.adapter))
    checkpoint = Checkpoint.open(locate_model(wish.model, Path()))
    stack = wish.stack
    if not stack and "decoder" in stacks_of(checkpoint.config, str(checkpoint.where)):
        stack = "decoder"
    return Model(checkpoint, wish.device, wish.dtype, merged, stack)


def _what_it_is_given(model: "Model", wish: Wish) -> Sequence[int]:
    """What a decoder reads: what is said, or else ids from all over the vocabulary, behind its start token."""
    from mmviz.values.text.target import target_ids

    if wish.target_tokens is not None:
        return tuple(wish.target_tokens)
    if wish.target is not None:
        return target_ids(model.checkpoint, wish.target, special_tokens=wish.special_tokens)
    start, last = start_token(model.checkpoint.config, str(model.checkpoint.where)), model.config.vocabulary - 1
    count = min(MOST_DEFAULT_TARGET, model.config.positions)
    return min(start or 0, last), *(number * last // count for number in range(1, count))


def _what_it_reads(
    model: "Model", prompt: str | None, tokens: Sequence[int] | None, *, special_tokens: bool
) -> tuple[str | None, Sequence[int]]:
    from mmviz.values.text.default_prompts import TO_BE_VERIFIED, tokens_of
    from mmviz.values.text.tokens import open_tokenizer

    if tokens is not None:
        return None, tuple(tokens)
    if prompt is not None:
        return prompt, open_tokenizer(model.checkpoint).encode(prompt, special_tokens=special_tokens)
    most, vocabulary = model.config.positions, model.config.vocabulary
    ids = tokens_of(TO_BE_VERIFIED, model.checkpoint, special_tokens=special_tokens)
    if ids and max(ids) < vocabulary:
        return (TO_BE_VERIFIED if len(ids) <= most else None), ids[:most]
    spread = [number * (vocabulary - 1) // (MOST_DEFAULT_TOKENS - 1) for number in range(MOST_DEFAULT_TOKENS)]
    return None, tuple(spread[:most])


def _tokenizer(read: "TokenCheck | None") -> dict[str, Any] | None:
    """How the tokens of a prompt compare with those of transformers; None without a prompt."""
    if read is None:
        return None
    return {
        "reference": read.reference,
        "ok": None if read.why_not else not read.differs,
        "why_not": read.why_not or None,
        "tokens": list(read.ours),
        "theirs": None if read.why_not else list(read.theirs),
        "first_to_differ": read.first,
        "tokenizer_json_agrees_with": read.third or None,
    }


def _weights(kinds: str, handed_over: str) -> dict[str, Any]:
    """What weights are stored as, and why it is not proven that they mean what we make of them."""
    return {"dequantized_from": kinds or None, "why_decoding_is_not_compared": handed_over or None}


def _note(report: Mapping[str, Any]) -> list[str]:
    note, kinds, why_not = (report.get(key) for key in ("note", "dequantized_from", "why_decoding_is_not_compared"))
    stored = f" from {kinds}" if kinds else ""
    weights = [f"weights: dequantized from {kinds}, on both sides"] if kinds else []
    if why_not:
        weights = [f"weights: as mmviz decodes them{stored}, on both sides; the decoding is not compared, as {why_not}"]
    return [*weights, *([f"adapter: {note}"] if note else [])]


def _tokens_told(report: Mapping[str, Any]) -> list[str]:
    read = report["tokenizer"]
    if read is None or read["ok"]:
        return []
    if read["why_not"]:
        return [f"tokens: not compared; {read['reference']} cannot read the tokenizer ({read['why_not']})"]
    return [f"tokens: {_tokens_differ(report)}"]


def _tokens_differ(report: Mapping[str, Any]) -> str:
    read = report["tokenizer"]
    place = read["first_to_differ"]
    here, there = (str(ids[place]) if place < len(ids) else "none" for ids in (read["tokens"], read["theirs"]))
    with_whom = read["tokenizer_json_agrees_with"]
    third = f"; tokenizer.json by itself agrees with {with_whom}" if with_whom else ""
    return (
        f"mmviz reads {len(read['tokens'])} tokens in the prompt, {read['reference']} {len(read['theirs'])}; "
        f"token {place} is the first that differs, {here} and {there}{third}."
    )


def _circumstances(reference: str, dtype: str, device: str) -> dict[str, Any]:
    versions = {"torch": version("torch"), "mmviz": mmviz.__version__}
    return {"reference": reference, **versions, "dtype": dtype, "device": device}


def _plain(rows: Sequence["Row"]) -> list[dict[str, Any]]:
    return [{"activation": row.hook, "layer": row.layer, **_numbers(row)} for row in rows]


def _numbers(row: "Row | Check") -> dict[str, Any]:
    """What JSON can hold: null where a difference is infinite."""
    return {
        "max_difference": row.largest if math.isfinite(row.largest) else None,
        "relative": row.relative if math.isfinite(row.relative) else None,
        "absolute": row.absolute,
        "tolerance": row.tolerance,
        "nan_entries": row.nans,
        "ok": not row.exceeds,
    }


def _place(row: Mapping[str, Any], key: str) -> str:
    nowhere = row[key] is None or (key == "layer" and row["max_difference"] == 0)
    return "-" if nowhere else str(row[key])


def _remarks(row: Mapping[str, Any]) -> str:
    nans = row["nan_entries"]
    return f"  (NaN on both sides in {nans} {'entry' if nans == 1 else 'entries'})" if nans else ""


def _meaning(report: Mapping[str, Any]) -> str:
    layer = "the layer in which the activation is furthest off; " if "layer" in report["rows"][0] else ""
    return f"{'layer: ' if layer else ''}{layer}relative: as a share of the largest |entry|, for patterns of 1"


def _verdict(report: Mapping[str, Any]) -> str:
    rows = report["rows"]
    failing = sum(not row["ok"] for row in rows)
    one = "matrix" if "scene" in report else "activation"
    many = {"matrix": "matrices"}.get(one, f"{one}s")
    counted = f"{len(rows)} {one if len(rows) == 1 else many}"
    layers = f" in {report['layers']} layers" if report.get("layers", 1) > 1 else ""
    agree = "agrees" if len(rows) == 1 else "agree"
    found = f"✗ {failing} of {counted}{layers} FAIL" if failing else f"✓ {counted}{layers} {agree}"
    length = _counted(report["tokens"])
    length += " that it reads, too" if report["tokenizer"] is not None and report["tokenizer"]["ok"] else ""
    length += f", of the target {_counted(report['target_tokens'])}" if report.get("target_tokens") else ""
    versions = f"torch {report['torch']}, mmviz {report['mmviz']}"
    circumstances = f"{report['dtype']}, {report['device']}, {versions}, {length}"
    circumstances += ", weights as mmviz decodes them" if report["why_decoding_is_not_compared"] else ""
    return f"{found} {'against' if failing else 'with'} {report['reference']} ({circumstances})"


def _counted(tokens: Sequence[int]) -> str:
    return f"{len(tokens)} token{'' if len(tokens) == 1 else 's'}"


def _short(number: float | None) -> str:
    return "inf" if number is None else "0" if number == 0 else f"{number:.1e}"


def _columns(rows: Sequence[Sequence[str]], left: Sequence[str]) -> list[str]:
    """Lines of text; columns whose title is in `left` begin at the left, the others end at the right."""
    wide = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "   ".join(
            cell.ljust(size) if title in left else cell.rjust(size)
            for cell, size, title in zip(row, wide, rows[0], strict=True)
        ).rstrip()
        for row in rows
    ]
