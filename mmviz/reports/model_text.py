"""What `mmviz inspect` prints about a model: the report's numbers for people, aligned and with units."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from mmviz.reports.architecture_text import active_rows, architecture_rows
from mmviz.reports.number_words import binary, counted, metric

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
    "cross_attention": "attention to the source",
    "sinks": "attention sinks",
    "mlp": "MLP",
    "activation": "MLP's function",
    "router": "router",
    "experts": "experts",
    "shared_expert": "shared expert",
    "norms": "norms",
    "head": "head for masked tokens",
    "unembedding": "unembedding",
}
"""How the parts of a model are called in the table of parameters."""

Report = Mapping[str, Any]


def model_text(report: Report) -> str:
    """A model's report as sections."""
    architecture, decoder = report["architecture"], report["decoder"]
    total = metric(report["parameters_of_both"] or report["parameters"]["total"], "B")
    layers = counted(architecture["layers"], "layer")
    if decoder is not None:
        layers += f" of the encoder and {decoder['architecture']['layers']:,} of the decoder"
    made_of, counts, *costs = _of_stack(report)
    sections = [made_of, counts, ("Tensors in the files", _tensors(report)), *costs]
    if decoder is not None:
        sections = [(_called(name, "encoder"), lines) for name, lines in sections]
        sections += [(_called(name, "decoder"), lines) for name, lines in _of_stack(decoder)]
    body = [line for name, lines in sections for line in ("", name, *lines)]
    title = f"{report['model']}: {architecture['model_type']}, {layers}, {total} parameters"
    title += f", quantized ({report['quantized_by']})" if report["quantized_by"] else ""
    return "\n".join([title, *body, "", f"bytes of weights read: {report['weight_bytes_read']:,}"])


def _called(section: str, stack: str) -> str:
    """What a section is called where there are those of two stacks."""
    return section if section.startswith("Tensors") else f"{stack.capitalize()}: {section[0].lower()}{section[1:]}"


def _of_stack(report: Report) -> list[tuple[str, list[str]]]:
    """The sections of one stack, but for its files."""
    architecture, operations = report["architecture"], report["operations"]
    windowed = bool(architecture["window"])
    kinds = [("Kinds of layers, and what one of each costs", _kinds(report))] if len(report["layer_kinds"]) > 1 else []
    return [
        ("Architecture", _table([*architecture_rows(architecture), *active_rows(report["parameters"])])),
        ("Parameters", _parameters(report)),
        (
            "Operations of a forward pass (FLOPs; a multiply-add is 2)",
            _operations(operations, causal=architecture["causal"], window=windowed),
        ),
        ("Memory", _table(_memory(report["memory"]))),
        *kinds,
    ]


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
            more = metric(token["operations"], "G") if causal else ""
            kept = binary(cache["bytes"]) if causal else "none"
            costs = metric(prompt["operations"], "G"), more, kept
            rows.append((f"  of {counted(prompt['tokens'], 'token')}", "", "", *costs))
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
        (f"stored as {dtype}", counted(kind["tensors"], "tensor"), f"{kind['bytes']:,} bytes", binary(kind["bytes"]))
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
        yield f"  not read: {form} ({count}{dtype}, {binary(sum(sizes))}): {meaning}"


def _operations(operations: Report, *, causal: bool, window: bool) -> list[str]:
    prompts = [(f"prompt of {counted(work['tokens'], 'token')}", *_work(work)) for work in operations["prefill"]]
    decoded = [(f"one token more, after {work['before']:,}", *_work(work)) for work in operations["decode"] if causal]
    both_ways = "windows leave a part of it" if window else "no mask leaves anything of it out"
    left = "the causal mask leaves about half of a prompt's" if causal else both_ways
    return [
        *_numbers([("", "layers", "unembedding", "attention", "total"), *prompts, *decoded]),
        "  layers, unembedding: products with weights. attention: scores and weighted values, the whole square;",
        f"  {left}. Logits are counted for every token.",
    ]


def _work(work: Report) -> tuple[str, ...]:
    return tuple(metric(work[key], "G") for key in ("layers", "unembedding", "attention", "total"))


def _memory(memory: Report) -> Iterator[tuple[str, str, str]]:
    yield "to infer", binary(memory["inference_bytes"]), "2 bytes a parameter, without the KV cache"
    yield "to train with Adam", binary(memory["training_bytes"]), "16 bytes a parameter, without activations"
    if not memory["cache_bytes_a_token"]:
        yield "KV cache", "none", "tokens look at later ones, so that nothing can be kept"
        return
    yield "KV cache, a token", binary(memory["cache_bytes_a_token"]), "in 16-bit numbers"
    for cache in memory["cache"]:
        yield f"KV cache, {counted(cache['tokens'], 'token')}", binary(cache["bytes"]), ""


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


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.6g}"


def _by(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape)) or "a single number"
