"""What `mmviz inspect` says a model is made of, line by line, in words."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from mmviz.reports.number_words import counted

MOST_LAYERS = 8
"""Numbers of layers that are listed; of more, the first."""
BIASES: Mapping[str, str] = {"qkv": "Q K V", "o": "O", "mlp": "MLP", "unembedding": "unembedding"}
OF_HEADS: Mapping[str, str] = {
    "head": "of each head by the same weights",
    **dict.fromkeys(("each", "apart"), "of each head by its own weights"),
    "whole": "of all heads together",
}
"""How queries and keys are normalized."""

Report = Mapping[str, Any]
Row = tuple[str, str, str]


def architecture_rows(model: Report) -> Iterator[Row]:
    """What a model is made of: a name, what it is, and a remark, one a line.

    Args:
        model: `architecture` of a model's report.
    """
    group = model["heads_per_kv_head"]
    shared = "" if group == 1 else f"each is read by {group} query heads"
    yield "model type", model["model_type"], f"{model['family']}: {model['has']}"
    if model["stack"]:
        yield "stack", model["stack"], "its layers look at what the encoder gives, too" if model["crosses"] else ""
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
    yield from _where(model)
    yield "longest prompt", counted(model["longest_prompt"], "token"), ""
    yield "vocabulary", counted(model["vocabulary"], "token"), ""
    yield "biases", ", ".join(BIASES[key] for key, there in model["biases"].items() if there) or "none", ""
    yield "embedding", *_embedding(model)
    yield from _factors(model)
    yield from _scores(model)


def _where(model: Report) -> Iterator[Row]:
    """How it tells positions."""
    if model["distances"]:
        yield "positions", f"{model['distances']:,} biases", "of scores, for how far apart two tokens are"
    else:
        yield "positions", *(_alibi(model["alibi"]) if model["alibi"] else _positions(model["rope"]))
    if model["rope"]:
        yield from _rotated(model["rope"])
    if model["sliding_rope"]:
        yield "positions", *_positions(model["sliding_rope"], ", in the layers that slide")
    if model["layers_without_positions"]:
        yield "no positions", f"{len(model['layers_without_positions'])} of {model['layers']:,} layers", _without(model)


def _scores(model: Report) -> Iterator[Row]:
    """What is done with scores, and which are left out."""
    if model["scores_divided_by_layer"]:
        yield "scores", "scaled", "divided by the layer's number, too, counted from 1"
    if model["sinks"]:
        yield "sinks", "one a head", "a score that no token has, which takes its share of every row"
    if not model["causal"]:
        yield "attention", "bidirectional", "every token looks at later ones, too"
    if model["window"]:
        yield (
            "chunks" if model["chunked"] else "sliding window",
            counted(model["window"]["tokens"], "token"),
            _slides(model),
        )


def _factors(model: Report) -> Iterator[Row]:
    """What is multiplied by a number of the model's own."""
    factors = model["factors"]
    if factors["embedding"] != 1:
        yield "embedding", f"times {factors['embedding']:g}", "before it enters the first layer"
    if not model["scores_divided_by_root_d_head"]:
        yield "scores", "not scaled", "by the root of d_head"
    elif not math.isclose(factors["scores"], model["d_head"] ** -0.5):
        yield "scores", f"times {factors['scores']:g}", "not divided by the root of d_head"
    if model["query_growth"]:
        start = f"(position + {model['query_start']})" if model["query_start"] else "position"
        n = f"floor({start} / {model['query_span']:,.12g})"
        where = ", without positions" if model["unrotated_grow"] else ""
        yield "queries", "growing", f"times 1 + {model['query_growth']:g} * log(1 + {n}){where}"
    if factors["residual"] != 1:
        yield "residual stream", f"times {factors['residual']:g}", "what attention and MLP give, before it is added"
    if factors["logits"] != 1:
        yield "logits", f"times {factors['logits']:g}", "before a softmax would make shares of them"


def _norms(model: Report) -> Iterator[Row]:
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


def _mlps(model: Report) -> Iterator[Row]:
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
        yield from _choice(experts)


def _choice(experts: Mapping[str, Any]) -> Iterator[Row]:
    """How experts are chosen and weighted otherwise than by a softmax, and the one that all tokens share."""
    if experts["scoring"] != "softmax" or experts["corrected"]:
        correction = "; they are chosen with a number of each added" if experts["corrected"] else ""
        yield "experts' weights", experts["scoring"], f"of scores{correction}"
    if experts["factor"] != 1:
        yield "experts' factor", f"{experts['factor']:g}", "what their weights are multiplied by"
    if experts["d_shared"]:
        gated = ", times the sigmoid of a number of each" if experts["shared_gated"] else ""
        yield "d_shared", f"{experts['d_shared']:,}", f"numbers inside the expert of all tokens{gated}"


def _in_layers(experts: Mapping[str, Any], model: Mapping[str, Any]) -> str:
    """Which layers have them."""
    number = len(experts["layers"])
    return "in every layer" if number == model["layers"] else f"in {number} of {model['layers']} layers"


def active_rows(parameters: Report) -> Iterator[Row]:
    """How many parameters a token meets, where that is not all."""
    active, total = parameters["active"], parameters["total"]
    if active != total:
        yield "active parameters", f"{active:,}", f"{100 * active / total:.1f} % of all: those that a token meets"


def _slides(model: Mapping[str, Any]) -> str:
    """Which layers look no further, and where."""
    layers = model["window"]["layers"]
    which = "all layers" if len(layers) == model["layers"] else f"{len(layers)} of {model['layers']} layers"
    if model["chunked"]:
        return f"that {which} look back to within their chunk"
    side = "back to, each token's own included" if model["causal"] else "to each side"
    return f"that {which} look {side}"


def _without(model: Mapping[str, Any]) -> str:
    """Which layers have no positions."""
    layers = [str(layer) for layer in model["layers_without_positions"]]
    listed = ", ".join(layers[:MOST_LAYERS] + ["..."] * (len(layers) > MOST_LAYERS))
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


def _rotated(rope: Report) -> Iterator[Row]:
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
