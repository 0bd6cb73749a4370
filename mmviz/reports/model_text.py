"""What `mmviz inspect` prints about a model: the report's numbers for people, aligned and with units."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

FEW = 8
"""Names that are listed; of more, the rest is counted."""
PARTS: Mapping[str, str] = {
    "embedding": "embedding",
    "positions": "learned positions",
    "token_types": "vectors of texts",
    "distances": "biases for distances",
    "attention_q": "attention Q",
    "attention_k": "attention K",
    "attention_v": "attention V",
    "attention_o": "attention O",
    "sinks": "attention sinks",
    "mlp": "MLP",
    "router": "router",
    "experts": "experts",
    "norms": "norms",
    "head": "head for masked tokens",
    "unembedding": "unembedding",
}
"""How the parts of a model are called in the table of parameters."""
BIASES: Mapping[str, str] = {"qkv": "Q K V", "o": "O", "mlp": "MLP", "unembedding": "unembedding"}
OF_HEADS: Mapping[str, str] = {
    "head": "of each head by the same weights",
    **dict.fromkeys(("each", "apart"), "of each head by its own weights"),
    "whole": "of all heads together",
}
"""How queries and keys are normalized."""

Report = Mapping[str, Any]


def model_text(report: Report) -> str:
    """A model's report as sections."""
    architecture = report["architecture"]
    total = _metric(report["parameters"]["total"], "B")
    layers = _count(architecture["layers"], "layer")
    sections = [
        ("Architecture", _table([*_architecture(architecture), *_active(report["parameters"])])),
        ("Parameters", _parameters(report)),
        ("Tensors in the files", _tensors(report)),
        (
            "Operations of a forward pass (FLOPs; a multiply-add is 2)",
            _operations(report["operations"], causal=architecture["causal"], window=bool(architecture["window"])),
        ),
        ("Memory", _table(_memory(report["memory"]))),
        *([("Kinds of layers, and what one of each costs", _kinds(report))] if len(report["layer_kinds"]) > 1 else []),
    ]
    body = [line for name, lines in sections for line in ("", name, *lines)]
    title = f"{report['model']}: {architecture['model_type']}, {layers}, {total} parameters"
    title += f", quantized ({report['quantized_by']})" if report["quantized_by"] else ""
    return "\n".join([title, *body, "", f"bytes of weights read: {report['weight_bytes_read']:,}"])


def weight_text(report: Report) -> str:
    """What is told about one weight."""
    head = "" if report["head"] is None else f", head {report['head']}"
    rows, columns = report["shape"]
    axes = " x ".join(axis for axis in report["axes"] if axis)
    count = rows * columns
    odd = report["nan"] + report["infinite"]
    lines = [
        ("shape", f"{rows:,} x {columns:,}", axes),
        (
            "stored as",
            report["dtype"] or "nothing: it is computed",
            f"in {report['parameter']}" if report["dtype"] else "",
        ),
        ("smallest", _number(report["smallest"]), "of its finite numbers" if odd else ""),
        ("largest", _number(report["largest"]), ""),
        ("mean", _number(report["mean"]), ""),
        ("NaN", f"{report['nan']:,} of {count:,}", ""),
        ("infinite", f"{report['infinite']:,} of {count:,}", ""),
    ]
    read = f"read {report['bytes_read']:,} of {report['bytes_stored']:,} bytes"
    return "\n".join([f"{report['model']}: {report['weight']}{head}", "", *_table(lines), "", read])


def _architecture(model: Report) -> Iterator[tuple[str, str, str]]:
    group = model["heads_per_kv_head"]
    shared = "" if group == 1 else f"each is read by {group} query heads"
    yield (
        "model type",
        model["model_type"],
        f"{model['family']}: {model['has']}",
    )
    yield "layers", f"{model['layers']:,}", ""
    yield "d_model", f"{model['d_model']:,}", "numbers that stand for a token"
    if model["d_embed"]:
        yield "d_embed", f"{model['d_embed']:,}", "numbers of a token's vector, before a linear map takes it to d_model"
    yield "query heads", f"{model['heads']:,}", ""
    yield "key-value heads", f"{model['kv_heads']:,}", shared
    yield "d_head", f"{model['d_head']:,}", "numbers of a query, key or value"
    yield from _mlps(model)
    yield from _norms(model)
    if model["parallel"]:
        same = "by one norm" if model["shared_norm"] else "each by a norm of its own"
        yield "attention and MLP", "side by side", f"both read the same residual stream, {same}"
    yield "positions", *(_alibi(model["alibi"]) if model["alibi"] else _positions(model["rope"]))
    if model["rope"]:
        yield from _rotated(model["rope"])
    if model["sliding_rope"]:
        yield "positions", *_positions(model["sliding_rope"], ", in the layers that slide")
    if model["layers_without_positions"]:
        yield "no positions", f"{len(model['layers_without_positions'])} of {model['layers']:,} layers", _without(model)
    yield "longest prompt", _count(model["longest_prompt"], "token"), ""
    yield "vocabulary", _count(model["vocabulary"], "token"), ""
    yield "biases", ", ".join(BIASES[key] for key, there in model["biases"].items() if there) or "none", ""
    yield "embedding", *_embedding(model)
    yield from _factors(model)
    if model["scores_divided_by_layer"]:
        yield "scores", "scaled", "divided by the layer's number, too, counted from 1"
    if model["sinks"]:
        yield "sinks", "one a head", "a score that no token has, which takes its share of every row"
    if not model["causal"]:
        yield "attention", "bidirectional", "every token looks at later ones, too"
    if model["window"]:
        yield "sliding window", _count(model["window"]["tokens"], "token"), _slides(model)


def _factors(model: Report) -> Iterator[tuple[str, str, str]]:
    """What is multiplied by a number of the model's own."""
    factors = model["factors"]
    if factors["embedding"] != 1:
        yield "embedding", f"times {factors['embedding']:g}", "before it enters the first layer"
    if not model["scores_divided_by_root_d_head"]:
        yield "scores", "not scaled", "by the root of d_head"
    elif not math.isclose(factors["scores"], model["d_head"] ** -0.5):
        yield "scores", f"times {factors['scores']:g}", "not divided by the root of d_head"
    if model["query_growth"]:
        n = f"floor(position / {model['query_span']:,.12g})"
        yield "queries", "growing", f"times 1 + {model['query_growth']:g} * log(1 + {n})"
    if factors["residual"] != 1:
        yield "residual stream", f"times {factors['residual']:g}", "what attention and MLP give, before it is added"
    if factors["logits"] != 1:
        yield "logits", f"times {factors['logits']:g}", "before a softmax would make shares of them"


def _norms(model: Report) -> Iterator[tuple[str, str, str]]:
    """What is normalized, and how; what is clipped."""
    sums = ", behind each sum" if model["norm_sums"] else ""
    yield "norm", model["norm"], f"eps {model['norm_eps']:g}{_norm_without(model)}{sums}"
    if model["clip_qkv"]:
        yield "queries, keys, values", f"at most {model['clip_qkv']:g}", "what is larger is clipped"
    if model["qk_norm"]:
        yield "queries and keys", "normalized", OF_HEADS[model["qk_norm"]]
    if model["embedding_norm"]:
        yield "embedding", "normalized", "before the first layer"


def _norm_without(model: Report) -> str:
    """What its norms do not have that others of their kind have."""
    if not model["norm_weighted"]:
        return ", without weights"
    if model["norms_outputs_alone"]:
        return ", of what attention and MLP give, not of what they read"
    return ", without biases" if model["norm"] == "LayerNorm" and not model["norm_biased"] else ""


def _mlps(model: Report) -> Iterator[tuple[str, str, str]]:
    """How wide the MLP is, and the experts in its place."""
    gated = "gated, " if model["gated_mlp"] else ""
    experts = model["experts"]
    if experts is None or len(experts["layers"]) < model["layers"]:
        yield "d_mlp", f"{model['d_mlp']:,}", f"numbers inside the MLP; {gated}{model['activation']}"
    if experts is not None:
        yield (
            "experts",
            f"{experts['count']:,}",
            f"{_in_layers(experts, model)}; each token goes through {experts['chosen']:,}",
        )
        cut = f"x * sigmoid({experts['sharpness']:g} * x), cut off at {experts['limit']:g}"
        by = cut if experts["limit"] else model["activation"]
        yield "d_expert", f"{experts['d_expert']:,}", f"numbers inside an expert; {gated}{by}"


def _in_layers(experts: Mapping[str, Any], model: Mapping[str, Any]) -> str:
    """Which layers have them."""
    number = len(experts["layers"])
    return "in every layer" if number == model["layers"] else f"in {number} of {model['layers']} layers"


def _active(parameters: Report) -> Iterator[tuple[str, str, str]]:
    """How many parameters a token meets, where that is not all."""
    active, total = parameters["active"], parameters["total"]
    if active != total:
        yield "active parameters", f"{active:,}", f"{100 * active / total:.1f} % of all: those that a token meets"


def _slides(model: Mapping[str, Any]) -> str:
    """Which layers look no further, and where."""
    layers = model["window"]["layers"]
    which = "all layers" if len(layers) == model["layers"] else f"{len(layers)} of {model['layers']} layers"
    side = "back to, each token's own included" if model["causal"] else "to each side"
    return f"that {which} look {side}"


def _without(model: Mapping[str, Any]) -> str:
    """Which layers have no positions."""
    layers = [str(layer) for layer in model["layers_without_positions"]]
    listed = ", ".join(layers[:FEW] + ["..."] * (len(layers) > FEW))
    return f"nothing is rotated in layer{'s' * (len(layers) > 1)} {listed}"


def _embedding(model: Mapping[str, Any]) -> tuple[str, str]:
    last = "norm" if model["final_norm"] else "layer"
    if model["tied"]:
        return "tied", "the unembedding is the same matrix"
    if model["said_to_be_tied"]:
        return "not tied", "though the configuration says so: the files have an unembedding of their own"
    return "not tied", "" if model["unembeds"] else f"no unembedding: the model ends with its last {last}"


def _alibi(alibi: Report) -> tuple[str, str]:
    end = "last" if alibi["from_last"] else "first"
    return "ALiBi", f"scores grow toward the last token, by a slope of each head, from 0 of the {end}"


def _positions(rope: Report | None, where: str = "") -> tuple[str, str]:
    if rope is None:
        return "learned", ""
    apart = _stretched(rope) or not rope.get("size")  # there is no room for it on the same line
    part = "" if apart else f", the first {rope['size']} numbers of a head"
    part += ", neighbours together" if rope.get("neighbours") else ""
    return "rotary", f"theta {rope['theta']:,.12g}{_stretched(rope)}{part}{where}"


def _rotated(rope: Report) -> Iterator[tuple[str, str, str]]:
    """What there is no room for beside what is said of wavelengths."""
    if _stretched(rope) and rope.get("size"):
        yield "rotated", f"{rope['size']:,}", "numbers of each head, the first"
    if rope["kind"] == "longrope" and rope["gain"] != 1:
        yield "rotated", f"{rope['gain']:.4g}", "times queries and keys; scores grow by its square"


def _stretched(rope: Report) -> str:
    """How wavelengths are longer than theta says, and what rotated queries and keys are multiplied by."""
    match rope["kind"]:
        case "linear":
            told = f", wavelengths {rope['factor']:g} times as long"
        case "llama3" | "yarn" as kind:
            told = f", long wavelengths {rope['factor']:g} times as long ({kind}){_gain(rope)}"
        case "dynamic":
            told = f", wavelengths grow with prompts of more than {rope['length']:,.12g} tokens (dynamic)"
        case "longrope":
            others = f"others for more than {rope['length']:,.12g} tokens (longrope)"
            told = f", wavelengths stretched pair by pair, {others}"
        case "proportional":
            told = f", the first {rope['share']:g} of all pairs turn, {rope['factor']:g} times as long (proportional)"
        case "factors":
            told = ", wavelengths stretched pair by pair"
        case _:
            told = ""
    return told


def _gain(rope: Report) -> str:
    gain = rope.get("gain", 1.0)
    return "" if gain == 1 else f"; queries and keys times {gain:.4g}"


def _parameters(report: Report) -> list[str]:
    """Each part's parameters, their share, and those of one layer."""
    counts, layer = report["parameters"], report["parameters"]["a_layer"]
    rows = [("", "number", "share", "in a layer")]
    for part, name in PARTS.items():
        count = counts["parts"].get(part, 0)
        if count:
            a_layer = f"{layer['parts'][part]:,}" if layer["parts"].get(part) else ""
            rows.append((name, f"{count:,}", f"{100 * count / counts['total']:.1f} %", a_layer))
    rows.append(("total", f"{counts['total']:,}", "100.0 %", f"{layer['total']:,}"))
    return _numbers(rows)


def _kinds(report: Report) -> list[str]:
    """What a layer of each kind costs, and which layers are of it."""
    rows: list[tuple[str, ...]] = [("", "layers", "parameters", "FLOPs of a prompt", "of one token more", "KV cache")]
    causal = report["architecture"]["causal"]
    for kind in report["layer_kinds"]:
        rows.append((kind["name"], f"{len(kind['layers']):,}", f"{kind['parameters']:,}", "", "", ""))
        for prompt, token, cache in zip(kind["prefill"], kind["decode"], kind["cache"], strict=True):
            more = _metric(token["operations"], "G") if causal else ""
            kept = _binary(cache["bytes"]) if causal else "none"
            costs = _metric(prompt["operations"], "G"), more, kept
            rows.append((f"  of {_count(prompt['tokens'], 'token')}", "", "", *costs))
    return [*_numbers(rows), *(f"  {kind['name']}: {_which(kind['layers'])}" for kind in report["layer_kinds"])]


def _which(layers: Sequence[int]) -> str:
    """Numbers of layers: layers 5, 11, 17 and so on to 41."""
    if len(layers) == 1:
        return f"layer {layers[0]}"
    steps = {after - before for before, after in pairwise(layers)}
    if len(layers) > FEW and len(steps) == 1 and steps != {1}:
        return f"layers {layers[0]}, {layers[1]}, {layers[2]} and so on to {layers[-1]}"
    runs = list[list[int]]()
    for layer in layers:
        if runs and layer == runs[-1][-1] + 1:
            runs[-1].append(layer)
        else:
            runs.append([layer])
    return f"layers {', '.join(f'{run[0]} to {run[-1]}' if len(run) > 1 else str(run[0]) for run in runs)}"


def _tensors(report: Report) -> list[str]:
    tensors = report["tensors"]
    if tensors is None:
        return [f"  not checked: {report['tensors_not_checked']}."]
    missing, wrong, needed = tensors["missing"], tensors["wrong_shape"], tensors["needed"]
    good = needed - len(missing) - len(wrong)
    state = f"all {needed:,}" if good == needed else f"{good:,} of {needed:,}"
    lines = [f"  {state} parameters are there, in the shapes that the configuration asks for"]
    lines += _few(f"  missing: {name}" for name in missing)
    lines += _few(
        f"  wrong shape: {bad['name']} is {_by(bad['stored'])}; {_by(bad['needed'])} is needed" for bad in wrong
    )
    lines += _few(_extras(tensors["extra"]))
    stored = [
        (f"stored as {dtype}", _count(kind["tensors"], "tensor"), f"{kind['bytes']:,} bytes", _binary(kind["bytes"]))
        for dtype, kind in tensors["dtypes"].items()
    ]
    return [*lines, *_numbers(stored)]


def _extras(extras: Sequence[Report]) -> Iterator[str]:
    """Tensors that are no parameters; those that differ in their layer's number alone on one line."""
    alike: dict[tuple[str, str, str], list[int]] = {}
    for extra in extras:
        form = re.sub(r"(?<=\.)[0-9]+(?=\.)", "*", extra["name"])
        alike.setdefault((form, extra["dtype"], extra["meaning"]), []).append(extra["bytes"])
    for (form, dtype, meaning), sizes in alike.items():
        count = "" if len(sizes) == 1 else f"{len(sizes):,} tensors, "
        yield f"  not read: {form} ({count}{dtype}, {_binary(sum(sizes))}): {meaning}"


def _operations(operations: Report, *, causal: bool, window: bool) -> list[str]:
    prompts = [(f"prompt of {_count(work['tokens'], 'token')}", *_work(work)) for work in operations["prefill"]]
    decoded = [(f"one token more, after {work['before']:,}", *_work(work)) for work in operations["decode"] if causal]
    both_ways = "windows leave a part of it" if window else "no mask leaves anything of it out"
    left = "the causal mask leaves about half of a prompt's" if causal else both_ways
    return [
        *_numbers([("", "layers", "unembedding", "attention", "total"), *prompts, *decoded]),
        "  layers, unembedding: products with weights. attention: scores and weighted values, the whole square;",
        f"  {left}. Logits are counted for every token.",
    ]


def _work(work: Report) -> tuple[str, ...]:
    return tuple(_metric(work[key], "G") for key in ("layers", "unembedding", "attention", "total"))


def _memory(memory: Report) -> Iterator[tuple[str, str, str]]:
    yield "to infer", _binary(memory["inference_bytes"]), "2 bytes a parameter, without the KV cache"
    yield "to train with Adam", _binary(memory["training_bytes"]), "16 bytes a parameter, without activations"
    if not memory["cache_bytes_a_token"]:
        yield "KV cache", "none", "tokens look at later ones, so that nothing can be kept"
        return
    yield "KV cache, a token", _binary(memory["cache_bytes_a_token"]), "in 16-bit numbers"
    for cache in memory["cache"]:
        yield f"KV cache, {_count(cache['tokens'], 'token')}", _binary(cache["bytes"]), ""


def _table(rows: Iterable[tuple[str, str, str]]) -> list[str]:
    """A name, what it is, and a remark, one a line."""
    rows = list(rows)
    wide, wider = (max(len(row[column]) for row in rows) for column in (0, 1))
    return [f"  {name:<{wide}}  {value:<{wider}}  {remark}".rstrip() for name, value, remark in rows]


def _numbers(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """A name to the left, and numbers to the right of their columns."""
    if not rows:
        return []
    first, *others = (max(map(len, column)) for column in zip(*rows, strict=True))
    lines = []
    for name, *cells in rows:
        numbers = [f"{cell:>{width}}" for cell, width in zip(cells, others, strict=True)]
        lines.append("   ".join([f"  {name:<{first}}", *numbers]).rstrip())
    return lines


def _few(lines: Iterable[str]) -> list[str]:
    lines = list(lines)
    return lines if len(lines) <= FEW else [*lines[:FEW], f"  ... and {len(lines) - FEW:,} more; --json lists them all"]


def _metric(number: int, billion: str) -> str:
    """A count in thousands: 134.5 M; 10^9 are B of parameters and G of operations."""
    for power, letter in ((15, "P"), (12, "T"), (9, billion), (6, "M")):
        if number >= 10**power:
            return f"{number / 10**power:,.1f} {letter}"
    return f"{number:,}"


def _binary(size: int) -> str:
    """A size in bytes: 256.6 MiB."""
    for power, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if size >= 1 << power:
            return f"{size / (1 << power):,.1f} {unit}"
    return f"{size:,} bytes"


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _by(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape)) or "a single number"
