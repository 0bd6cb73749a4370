"""The experts of a layer as expressions: their router, each of them, and the one that all tokens share; no numbers."""

from mmviz.builders.parts import Parts
from mmviz.scene.language.calls import scale, share, sigmoid, softmax, topk
from mmviz.scene.language.expression import Expression, Name, Named


def router(parts: Parts, x: Expression) -> Expression:
    """The weight of each expert for each token, 0 of those that it does not choose."""
    experts = parts.config.experts
    offset = parts.weight("b_router", "mlp.b_router") if experts.biased else None
    scores = parts.linear(parts.once(x), parts.weight("W_router", "mlp.W_router"), offset)
    if experts.scoring == "softmax" and experts.normalized and not experts.corrected:
        weights = softmax(topk(scores, experts.chosen))
        parts.before["weights"] = "chosen scores"
    else:
        shares = softmax(scores) if experts.scoring == "softmax" else sigmoid(scores)
        by = (parts.weight("b_choice", "mlp.b_choice"),) if experts.corrected else ()
        weights = topk(shares, *by, experts.chosen)
        parts.before["weights"] = "shares"
        if experts.normalized:
            weights = share(weights)
            parts.before["weights"] = "chosen shares"
    weights = weights if experts.factor == 1 else scale(weights, experts.factor)
    return parts.named(weights, "weights", "mlp.hook_expert_weights")


def one_expert(parts: Parts, x: Expression, expert: int, *, numbered: bool = False) -> Expression:
    """What one expert adds to the residual stream: its output, times its weight for each token.

    Args:
        parts: Of the layer.
        x: What it reads.
        expert: From 0.
        numbered: Its names end in its number.
    """
    number, sizes = str(expert) if numbered else "", parts.config.sizes()
    only = f"only{number}"
    parts.tensors[only] = {"formula": f"i == {expert} ? 1 : 0", "shape": [sizes["experts"], sizes["d_model"]]}
    own = parts.once(router(parts, x)) @ Name(only)  # the column of this expert, as wide as its output
    if parts.config.experts.scales_inputs:
        into = (own.named(f"share{number}") * parts.once(x)).named(f"into{number}")
        return parts.mlp(into, f"mlp.experts.{expert}.", number)
    given = parts.mlp(x, f"mlp.experts.{expert}.", number)
    parts.checks[f"given{number}"] = parts.hook(f"mlp.experts.{expert}.hook_out")
    return own.named(f"share{number}") * given.named(f"given{number}")


def all_experts(parts: Parts, x: Expression) -> list[Expression]:
    """What each of the experts adds to the residual stream."""
    added = []
    for expert in range(parts.config.experts.count):
        hook = f"mlp.experts.{expert}.hook_result"
        added.append(parts.named(one_expert(parts, x, expert, numbered=True), f"out{expert}", hook))
    if not parts.config.experts.d_shared:
        return added
    shared = shared_expert(parts, x)
    return [*added, shared if isinstance(shared, Named) else shared.named("out_shared")]


def shared_expert(parts: Parts, x: Expression) -> Expression:
    """What the expert adds to the residual stream that all tokens share.

    Args:
        parts: Of the layer.
        x: What it reads.
    """
    given = parts.named(parts.mlp(x, "mlp.shared.", "_shared"), "given_shared", "mlp.shared.hook_out")
    if not parts.config.experts.shared_gated:
        return given
    gate = sigmoid(parts.once(x) @ parts.weight("W_share", "mlp.shared.W_share"))
    parts.before["counts"] = "gate_of_token"
    parts.tensors["ones"] = {"formula": "1", "shape": [1, parts.config.d_model]}
    return given * (gate.named("counts") @ Name("ones"))  # as wide as its output
