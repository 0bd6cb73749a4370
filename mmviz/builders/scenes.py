"""The scenes of a layer's parts: which expression, animated how, seen from where."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from mmviz.builders.chosen_expert import Chosen, check_expert, drawn_together, most_chosen
from mmviz.builders.deep import with_input
from mmviz.builders.expert_parts import all_experts, one_expert, router, shared_expert
from mmviz.builders.forms import LOW, PLAIN, WeightForms
from mmviz.builders.opening import Opened, Reading, opened
from mmviz.builders.parts import Parts
from mmviz.builders.proportions import folded
from mmviz.builders.ranks import check_forms, forms_told, ranks_played
from mmviz.builders.scene_of import scene_of
from mmviz.errors import SourceError
from mmviz.pipeline import Scene
from mmviz.scene.language.calls import bias, scale, softcap
from mmviz.scene.language.expression import Call, Expression, Name, Named
from mmviz.values.families.names import attention_input, crossing_input, mlp_input

if TYPE_CHECKING:
    from mmviz.values.families.config import ModelConfig
    from mmviz.values.files.checkpoint import Checkpoint

HeadForm = Literal["steps", "circuits"]
LayerPart = Literal["attention", "mlp", "layer"]
HEADS = {"direction": (-0.35, 0.5, 1.0)}
"""From where the patterns of a grid of heads are seen."""
EXPERTS = {"direction": (-0.8, 0.35, 1.0)}
"""From where the shares of a grid of experts are seen, and what these give."""


def head_scene(
    reading: Reading,
    layer: int,
    head: int,
    form: HeadForm = "steps",
    *,
    badge: bool = False,
    forms: WeightForms = PLAIN,
    checkpoint: "Checkpoint | None" = None,
    given: str | None = None,
) -> Scene:
    """A scene of one attention head.

    Args:
        reading: The model and its prompt.
        layer: From 0.
        head: From 0.
        form: steps: queries, keys, scores, pattern, values, mixed values and output, as they are computed;
            circuits: the pattern from input @ (wQ @ wK.T) @ input.T and the output from pattern @ input @ (wV @ wO).
        badge: Show how far the numbers are from those of transformers.
        forms: How its weights are written; where they are cut down, all that is made of them is computed with what is
            left of them.
        checkpoint: The model's, if somebody has opened it already.
        given: What it reads in the place of what the layers below compute, as `with_input` takes it.

    Raises:
        SourceError: the model cannot be opened, or has no such layer, head or attention across; or the prompt is
            impossible; or a badge is wanted of circuits without the model's rotary positions, or of a given input; or a
            rank is higher than a weight's, or a difference is wanted where there is none; or the given input does not
            fit.
    """
    model = opened(reading, layer, head, checkpoint)
    check_forms(forms, model.config, reading.model, form)
    parts = Parts(model.config, layer, replace(forms, scales=model.scales), across=reading.cross)
    if badge:
        _check_badge(model, parts, form, given)
    make = {"steps": _steps, "circuits": _circuits}[form] if forms.difference is None else _difference
    scene = make(model, parts, head, badge)
    if forms.svd:
        layout = folded(model.config, model.tokens, rank=max(forms.svd.values()))
        scene = ranks_played(scene.changed(layout=layout), forms.svd, parts, head)
    made_by = {"layer": layer, "head": head, "form": form, "svd": dict(forms.svd), "ranks": dict(forms.ranks)}
    made_by |= {"cross": True} if reading.cross else {}
    scene = scene.changed(made_by=made_by | {"difference": forms.difference})
    return scene if given is None else with_input(scene, given, model)


def _check_badge(model: Opened, parts: Parts, form: HeadForm, given: str | None) -> None:
    """Refuse the badge of a head of which nothing can be held against transformers."""
    name, left_out = model.reading.model, _left_out(parts)
    if given is not None:
        raise SourceError(
            f"{name}: computes nothing of a given input by itself, so that there is nothing to hold against "
            "transformers; leave the badge or the input out."
        )
    if form == "circuits" and left_out:
        raise SourceError(
            f"{name}: its circuits leave out {left_out}, so that there is nothing to hold against "
            "transformers; leave the badge out, or choose the form steps."
        )


def layer_scene(
    reading: Reading,
    layer: int,
    part: LayerPart = "layer",
    *,
    badge: bool = False,
    expert: Chosen | None = None,
) -> Scene:
    """A scene of a whole layer, or of one of its halves.

    Args:
        reading: The model and its prompt.
        layer: From 0.
        part: attention: all heads, whose outputs add up to that of the attention; mlp: the feed-forward part;
            layer: both, with their norms and the residual stream that they add to.
        badge: Show how far the numbers are from those of transformers.
        expert: Of a layer with experts: the one whose MLP is drawn, from 0; "chosen": the one that most tokens choose;
            "shared": the one that all tokens share.

    Raises:
        SourceError: as `head_scene`; or an expert is wanted of something that has none, or that is not there; or
            attention across of another part.
    """
    if reading.cross and part != "attention":
        raise SourceError(f"{reading.model}: only attention goes across; --part attention is needed beside --cross.")
    model = opened(reading, layer)
    parts = Parts(model.config, layer, across=reading.cross)
    if expert is not None:
        check_expert(model, layer, part, expert)
        if expert == "shared":
            made_by: dict[str, Any] = {"layer": layer, "part": part, "expert": expert}
            return _shared_expert(model, parts, badge).changed(made_by=made_by)
        number, told = most_chosen(model, layer) if expert == "chosen" else (expert, "")
        made_by = {"layer": layer, "part": part, "expert": number}
        return _expert(model, parts, badge, number, told).changed(made_by=made_by)
    make = {"attention": _attention, "mlp": _mlp, "layer": _layer}[part]
    made_by = {"layer": layer, "part": part} | ({"cross": True} if reading.cross else {})
    return make(model, parts, badge).changed(made_by=made_by)


def _steps(model: Opened, parts: Parts, head: int, badge: bool) -> Scene:
    x = parts.activation("input", _input(parts))
    out = parts.named(parts.head(x, head), "out", f"{parts.within}.hook_result", head)
    captions = {
        "K.T": f"First the keys and values of every {'source token' if parts.across else 'token'}",
        "out": f"Then each {'target token' if parts.across else 'token'}: query → attention → mixed values → output",
    }
    camera = {"direction": (-0.5, 0.7, 1.0), "inset": "attn"}
    kind = f"{_head(parts, head)}{forms_told(parts.forms)}"
    return scene_of(model, parts, out, kind, captions, badge, camera=camera)


def _difference(model: Opened, parts: Parts, head: int, badge: bool) -> Scene:
    """What a head with weights that were cut down does otherwise: on the front the difference, behind it both."""
    x = parts.activation("input", _input(parts))
    pattern = parts.forms.difference == "pattern"
    name, hook = ("attn", "hook_pattern") if pattern else ("out", "hook_result")
    low, full = (parts.pattern(x, head, low=low) if pattern else parts.mixed(x, head, low=low) for low in (True, False))
    shown = low if pattern else low.named(f"{name}{LOW}")
    difference: Expression = shown - (full if pattern else parts.named(full, name, f"{parts.within}.{hook}", head))
    difference = difference.named("difference")
    captions = {
        "K.T": "The keys of every token",
        f"{name}{LOW}": f"{name}{LOW}: with weights of a low rank. {name}: with the full ones. In front: what differs",
    }
    captions = {key: text for key, text in captions.items() if key != "K.T" or "K" not in parts.forms.ranks}
    inset = "difference" if pattern else f"attn{LOW}" if {"Q", "K"} & set(parts.forms.ranks) else "attn"
    camera = {"direction": (-0.7, 0.7, 1.0), "inset": inset}
    kind = f"{_head(parts, head)}{forms_told(parts.forms)}, minus the full one"
    return scene_of(model, parts, difference, kind, captions, badge, camera=camera)


def _circuits(model: Opened, parts: Parts, head: int, badge: bool) -> Scene:
    """A head by its two circuits (Elhage et al. 2021): which tokens attend to which, and what they then write.

    A bias of the keys adds the same to all scores of a row, which a softmax takes away again: it is left out.
    Rotary positions, and norms of queries and keys, stand between wQ and wK.T, so that the pattern without them is not
    the model's own.
    """
    config = parts.config
    x = parts.activation("input", _input(parts))
    w_q, w_k, w_v, w_o = (parts.head_weight(kind, head) for kind in "QKVO")
    looked_at = parts.source() if parts.across else x
    reads: Expression = x @ (w_q @ w_k.T).named("QK")
    writes: Expression = looked_at @ (w_v @ w_o).named("OV")
    if config.qkv_bias:
        ones = {of: Name(of) for of in ("ones", "ones_x" if parts.across else "ones")}
        parts.tensors |= {of: {"formula": "1", "shape": (None, 1)} for of in ones}
        b_q, b_v = (parts.weight(f"b{kind}", f"{parts.within}.b_{kind}", head) for kind in "QV")
        reads += Name("ones") @ (b_q @ _again(w_k).T)
        writes += [*ones.values()][-1] @ (b_v @ _again(w_o))
    scores: Expression = _capped(scale(reads @ looked_at.T, config.score_factor(parts.layer)), config)
    pattern: Expression = parts.softmaxed(scores if parts.across else parts.biased(scores, head), head)
    parts.before["attn"] = "scores"
    left_out = _left_out(parts)
    if not left_out:
        attention = parts.named(pattern, "attn", f"{parts.within}.hook_pattern", head)
        out = parts.named(attention @ writes, "out", f"{parts.within}.hook_result", head)
        kind = f"{_head(parts, head)} by its circuits{forms_told(parts.forms)}"
    else:
        out = (pattern.named("attn") @ writes).named("out")
        kind = f"{_head(parts, head)} by its circuits, without {left_out}{forms_told(parts.forms)}"
    captions = {
        "QK": "wQ wK.T: which tokens look at which. wV wO: what a token that is looked at writes",
        "out": "Each token: what it looks at, and what it takes from there",
    }
    camera = {"direction": (-0.5, 0.8, 1.0), "inset": "attn"}
    return scene_of(model, parts, out, kind, captions, badge, camera=camera)


def _capped(scores: Call, config: "ModelConfig") -> Call:
    return softcap(scores, config.score_cap) if config.score_cap else scores


def _left_out(parts: Parts) -> str:
    """What stands between queries and keys and their projections, and is not drawn between circuits."""
    config = parts.config
    clipped = "the clipping of queries, keys and values" if config.clip_qkv else ""
    norms = "norms of queries and keys" if config.norms_heads(parts.layer) else ""
    grows = "the growth of queries" if config.grows(parts.layer) else ""
    rotary = "rotary positions" if not parts.across and config.rope_of(parts.layer) is not None else ""
    return " and ".join(filter(None, (clipped, norms, grows, rotary)))


def _attention(model: Opened, parts: Parts, badge: bool) -> Scene:
    x = parts.activation("input", _input(parts))
    hook, kind = ("hook_cross_attn_out", "cross-attention") if parts.across else ("hook_attn_out", "attention")
    out = parts.named(parts.given(_all_heads(parts, x), 1), "attn_out", hook)
    captions = {"attn_out": f"Every head by itself; their outputs add up to that of the layer's {kind}"}
    return scene_of(model, parts, out, kind, captions, badge, speed=4, camera=HEADS)


def _mlp(model: Opened, parts: Parts, badge: bool) -> Scene:
    if parts.layer in model.config.sparse:
        return _experts(model, parts, badge) if drawn_together(model.config) else _router(model, parts, badge)
    x = parts.activation("x", mlp_input(parts.config))
    out = parts.named(parts.given(parts.mlp(x), 2), "out", "hook_mlp_out")
    captions = {"out": f"Each token gets {model.config.d_mlp} values; what passes is mixed into its output"}
    camera = {"direction": (-1.0, 0.65, 0.5)}
    layout = folded(model.config, model.tokens, head=False, mlp="d_mlp")
    return scene_of(model, parts, out, "MLP", captions, badge, speed=4, camera=camera, layout=layout)


def _experts(model: Opened, parts: Parts, badge: bool) -> Scene:
    """All experts, their router, and their weighted sum."""
    x = parts.activation("x", mlp_input(parts.config))
    out = parts.named(parts.given(_sum(all_experts(parts, x)), 2), "out", "hook_mlp_out")
    count, chosen = model.config.experts.count, model.config.experts.chosen
    what = "What each expert reads" if model.config.experts.scales_inputs else "Each expert's output"
    captions = {
        "weights": f"The router chooses {chosen} of {count} experts for each token, and weighs them",
        "out": f"{what} counts by its weight: nothing where it was not chosen",
    }
    layout = folded(model.config, model.tokens, head=False, mlp=_inside_experts(model.config))
    return scene_of(model, parts, out, "MLP of experts", captions, badge, speed=4, layout=layout, camera=EXPERTS)


def _router(model: Opened, parts: Parts, badge: bool) -> Scene:
    """The router alone, of experts that are too many to be seen together."""
    x = parts.activation("x", mlp_input(parts.config))
    count, chosen = model.config.experts.count, model.config.experts.chosen
    captions = {"weights": f"The router chooses {chosen} of {count} experts for each token, and weighs them"}
    shared = ", shared: the one of all tokens" if model.config.experts.d_shared else ""
    kind = f"the router of its {count} experts (--expert draws one{shared})"
    layout = folded(model.config, model.tokens, head=False)
    return scene_of(model, parts, router(parts, x), kind, captions, badge, speed=4, layout=layout)


def _expert(model: Opened, parts: Parts, badge: bool, expert: int, told: str) -> Scene:
    """One expert: its MLP on every token, times its weight for each."""
    x = parts.activation("x", mlp_input(parts.config))
    out = parts.named(one_expert(parts, x, expert), "out", f"mlp.experts.{expert}.hook_result")
    what = "What it reads" if model.config.experts.scales_inputs else "Its output"
    captions = {
        "weights": f"The router weighs the experts for each token: expert {expert} is column {expert}",
        "out": f"{what}, times that weight: nothing where it was not chosen",
    }
    camera = {"direction": (-1.0, 0.65, 0.5)}
    layout = folded(model.config, model.tokens, head=False, mlp="d_expert")
    kind = f"expert {expert}{told}"
    return scene_of(model, parts, out, kind, captions, badge, speed=4, camera=camera, layout=layout)


def _shared_expert(model: Opened, parts: Parts, badge: bool) -> Scene:
    """The expert that all tokens share."""
    x = parts.activation("x", mlp_input(parts.config))
    out = shared_expert(parts, x)
    counts = {"counts": "By the sigmoid of its number the expert counts for a token"}
    captions = {
        **(counts if model.config.experts.shared_gated else {}),
        "given_shared": "Every token goes through this expert, whichever others it chooses",
    }
    camera = {"direction": (-1.0, 0.65, 0.5)}
    layout = folded(model.config, model.tokens, head=False, mlp="d_shared")
    out = out if isinstance(out, Named) else out.named("out")
    return scene_of(
        model, parts, out, "the expert that all tokens share", captions, badge, speed=4, camera=camera, layout=layout
    )


def _inside_experts(config: "ModelConfig") -> tuple[str, ...]:
    """The axes of what is inside experts."""
    return ("d_expert", "d_shared") if config.experts.d_shared else ("d_expert",)


def _layer(model: Opened, parts: Parts, badge: bool) -> Scene:
    x = parts.activation("x", "hook_resid_pre")
    attention = parts.given(_all_heads(parts, parts.norm(x, 1)), 1).named("attn_out")
    parts.checks["attn_out"] = {"activation": f"{parts.config.blocks}.{parts.layer}.hook_attn_out"}
    parallel = parts.config.parallel
    if parts.config.norm_sums:
        return _layer_of_normed_sums(model, parts, x + attention, badge)
    middle = x + attention if parallel else parts.named(x + attention, "mid", "hook_resid_mid")
    before = "mid"
    if parts.config.crosses:
        middle, before = middle + _crossing(parts, parts.norm(Name("mid"), 2)), "mid_cross"
        middle = parts.named(middle, before, "hook_resid_mid_cross")
    if parts.layer in parts.config.sparse and not drawn_together(parts.config):
        mlp: Expression = parts.activation("mlp_out", "hook_mlp_out")  # its experts are too many to be seen together
    else:
        last = 3 if parts.config.crosses else 2
        read = Name("ln1") if parts.config.shared_norm else parts.norm(x if parallel else Name(before), last)
        added = _sum(all_experts(parts, read)) if parts.layer in parts.config.sparse else parts.mlp(read)
        mlp = parts.named(parts.given(added, 2), "mlp_out", "hook_mlp_out")
    out = parts.named(middle + mlp, "out", "hook_resid_post")
    if parts.config.crosses:
        captions = {
            "mid": "Attention reads the stream and adds what its heads found",
            "mid_cross": "Attention to the source adds what it found there",
            "mlp_out": "The MLP reads the sum and adds to it once more",
        }
    elif parallel:
        captions = {
            "attn_out": "Attention reads the stream, and adds what its heads found",
            "mlp_out": "The MLP reads the same, and adds to it, too",
        }
    else:
        captions = {
            "mid": "Attention reads the stream and adds what its heads found",
            "mlp_out": "The MLP reads the sum and adds to it once more",
        }
    return _whole_layer(model, parts, out, captions, badge)


def _layer_of_normed_sums(model: Opened, parts: Parts, total: Expression, badge: bool) -> Scene:
    """A layer whose residual stream is normalized itself, after attention and after the MLP."""
    middle, last = parts.sum_normed(total, 1, "mid", "ln1.hook_normalized"), 2
    if parts.config.crosses:
        total, last = middle + _crossing(parts, Name("ln1")), 3
        middle = parts.sum_normed(total, 2, "mid_cross", "ln2.hook_normalized")
    mlp = parts.named(parts.given(parts.mlp(Name(f"ln{last - 1}")), 2), "mlp_out", "hook_mlp_out")
    out = parts.sum_normed(middle + mlp, last, "post", "hook_normalized_resid_post")
    captions = {
        "ln1": "Attention reads the stream and adds what its heads found; then the sum is normalized",
        "mlp_out": "The MLP reads that, adds to it once more, and the sum is normalized again",
    }
    return _whole_layer(model, parts, out, captions, badge)


def _crossing(parts: Parts, read: Expression) -> Expression:
    """What a layer's attention to another stack adds to the residual stream."""
    added = _all_heads(parts.beside(), read).named("cross_out")
    parts.checks["cross_out"] = {"activation": f"{parts.config.blocks}.{parts.layer}.hook_cross_attn_out"}
    return added


def _whole_layer(model: Opened, parts: Parts, out: Expression, captions: dict[str, str], badge: bool) -> Scene:
    of_experts = _inside_experts(parts.config) if drawn_together(parts.config) else ()
    inside = ("d_mlp",) if parts.layer in parts.config.dense else of_experts
    layout = folded(model.config, model.tokens, mlp=inside)
    return scene_of(model, parts, out, "the whole layer", captions, badge, speed=4, layout=layout, camera=HEADS)


def _input(parts: Parts) -> str:
    """The activation that the queries of a layer's heads are made of."""
    return crossing_input(parts.config) if parts.across else attention_input(parts.config, parts.layer)


def _head(parts: Parts, head: int) -> str:
    """What a title calls a head."""
    return f"{'cross-attention ' if parts.across else ''}head {head}"


def _all_heads(parts: Parts, x: Expression) -> Expression:
    """The sum of what the heads of the layer add; heads that share keys and values are added first."""
    group = parts.config.group
    groups = [
        _sum([parts.head(x, head, numbered=True) for head in range(first, first + group)])
        for first in range(0, parts.config.heads, group)
    ]
    offset = parts.output_bias()
    return _sum(groups) if offset is None else bias(_sum(groups), offset)


def _sum(terms: list[Expression]) -> Expression:
    total, *rest = terms
    for term in rest:
        total = total + term
    return total


def _again(matrix: Expression) -> Expression:
    """A matrix that stands in the expression already, by its name."""
    return Name(matrix.name) if isinstance(matrix, Named) else matrix
