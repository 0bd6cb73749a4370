"""The forward pass of a decoder, every number on the way under its name; never trains or draws.

One pass for all families: what a layer is made of is said by the model's configuration, how its weights are called and
laid out by the names of its family. The numbers are those of Hugging Face's model, nothing is folded into anything:
`ln1.hook_normalized` and `ln2.hook_normalized` are what attention and MLP read, the output of the norm with its weight
and bias in it; of a gated MLP `mlp.hook_pre` is the gate projection, `mlp.hook_pre_linear` the other.
"""

from collections.abc import Callable, Collection, Sequence

import torch
from torch import Tensor
from torch.nn.functional import layer_norm

from mmviz.values.arithmetic.alibi import alibi_bias
from mmviz.values.arithmetic.distances import distance_buckets
from mmviz.values.arithmetic.functions import POINTWISE, xielu
from mmviz.values.arithmetic.masking import forbidden
from mmviz.values.arithmetic.primitives import (
    KeyValueCache,
    Routing,
    Scoring,
    Steps,
    attend,
    position_factors,
    result_of,
    rotary_angles,
    rotate,
    routed,
)
from mmviz.values.arithmetic.rotary import rotary_frequencies
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.experts import Experts
from mmviz.values.families.layouts import OF_XIELU
from mmviz.values.families.names import score_bias
from mmviz.values.families.rope import Rope
from mmviz.values.model.around_layers import embedded, linear, normalized, told
from mmviz.values.model.weights import Weights


def forward(
    weights: Weights,
    config: ModelConfig,
    token_ids: Sequence[int],
    wanted: Collection[str],
    cache: KeyValueCache | None,
    entering: tuple[int, Tensor] | None = None,
    source: Callable[[], Tensor] | None = None,
) -> Steps:
    """Run the model on tokens that follow those in the cache.

    Args:
        weights: Where the parameters come from.
        config: The model's sizes, and what its layers are made of.
        token_ids: At least one.
        wanted: The activations that will be used; large ones that are not are left out.
        cache: Keys and values of the tokens before, if there are any; those of these tokens are added.
        entering: A layer, and the residual stream that enters it, (tokens, d_model), which an earlier run on these
            tokens has computed: the layers below it are left out.
        source: Of a decoder that looks at another stack, too: gives what that ends with, (source_tokens, d_model).
    """
    first = 0 if cache is None else cache.tokens
    lowest, x = entering or (0, (yield from embedded(weights, config, token_ids, first)))  # (tokens, d_model)
    ropes = {config.rope_of(number) for number in range(lowest, config.layers)}
    angles = {rope: _angles(rope, config, len(token_ids), first, x.device) for rope in ropes}
    shape = len(token_ids), first + len(token_ids)  # (tokens, seen)
    masks = {one: forbidden(one, shape, (first, 0), x.device) for one in config.maskings if one is not None}
    bias = _bias_of_scores(weights, config, shape)
    for number in range(lowest, config.layers):
        masking = config.masking(number)
        bias = _bias_of_scores(weights, config, shape, number) if config.distances_of_each else bias
        layer = _Layer(weights, config, number, None if masking is None else masks[masking], bias, source)
        x = yield from layer.forward(x, angles[config.rope_of(number)], wanted, cache)  # (tokens, d_model)
    return (yield from told(x, weights, config))


def _angles(rope: Rope | None, config: ModelConfig, tokens: int, first: int, device: torch.device) -> Tensor | None:
    """By how much queries and keys are rotated, (tokens, rotated / 2); None where they are not."""
    if rope is None:
        return None
    frequencies = rotary_frequencies(rope, rope.rotated(config.d_head), first + tokens)  # (rotated / 2,)
    return rotary_angles(tokens, frequencies, first).to(device)


def _bias_of_scores(weights: Weights, config: ModelConfig, shape: tuple[int, int], layer: int = 0) -> Tensor | None:
    """What is added to the scores of each head, (heads, tokens or 1, seen); None where nothing is."""
    if config.alibi is not None:
        return alibi_bias(config.alibi, config.heads, shape[1])  # (heads, 1, seen)
    if not config.distances:
        return None
    of_distances = weights.part(f"{config.blocks}.{layer}.attn.rel_pos_bias")  # (distances, heads)
    buckets = distance_buckets(
        *shape, config.distances, config.farthest, both_ways=not config.crosses
    )  # (tokens, seen)
    return of_distances[buckets.to(of_distances.device)].permute(2, 0, 1)  # (heads, tokens, seen)


def _cut(gate: Tensor, up: Tensor, experts: Experts) -> Tensor:
    """What the gates of an expert let through, where both branches are cut off at a limit; same shape as `gate`.

    Source: Hugging Face transformers 5, GptOssExperts.
    """
    gate, up = gate.clamp(max=experts.limit), up.clamp(-experts.limit, experts.limit)
    return POINTWISE["swish"](gate, experts.sharpness) * (up + 1)


class _Layer:
    """One layer: attention and MLP, each reading a normalized copy of the residual stream and adding to it.

    Of a decoder that looks at another stack, too, attention across comes between them.
    """

    def __init__(
        self,
        weights: Weights,
        config: ModelConfig,
        number: int,
        unseen: Tensor | None,
        bias: Tensor | None,
        source: Callable[[], Tensor] | None,
    ) -> None:
        self.weights = weights
        self.config = config
        self.number = number
        self.unseen = unseen  # (tokens, seen), True where a query does not look at a key
        self.bias = None if bias is None else (score_bias(config).removeprefix("attn."), bias)
        self.source = source
        self.at = f"{config.blocks}.{number}."

    def forward(self, x: Tensor, angles: Tensor | None, wanted: Collection[str], cache: KeyValueCache | None) -> Steps:
        yield f"{self.at}hook_resid_pre", x
        read = yield from self.read(x, "ln1")  # (tokens, d_model)
        attention = yield from self.attention(read, angles, wanted, cache)  # (tokens, d_model)
        attention = self.given(attention, "ln1_post")  # (tokens, d_model)
        yield f"{self.at}hook_attn_out", attention
        if not self.config.parallel:
            x = x + attention  # (tokens, d_model)
            yield f"{self.at}hook_resid_mid", x
        if self.config.norm_sums:
            x = self.norm(x, "ln1")  # (tokens, d_model)
            yield f"{self.at}ln1.hook_normalized", x
        if self.source is not None:
            x = yield from self.across(x, self.source(), wanted)  # (tokens, d_model)
        read = yield from self.read(x, self.config.mlp_norm)  # (tokens, d_model)
        if self.number in self.config.sparse:
            mlp = yield from self.experts(read, wanted)  # (tokens, d_model)
        else:
            mlp = yield from self.mlp(read, "mlp.", biased=self.config.mlp_bias)  # (tokens, d_model)
        mlp = self.given(mlp, "ln2_post")  # (tokens, d_model)
        yield f"{self.at}hook_mlp_out", mlp
        x = x + (attention + mlp if self.config.parallel else mlp)  # (tokens, d_model)
        yield f"{self.at}hook_resid_post", x
        if self.config.norm_sums:
            x = self.norm(x, self.config.mlp_norm)  # (tokens, d_model)
            yield f"{self.at}hook_normalized_resid_post", x
        return x

    def across(self, x: Tensor, source: Tensor, wanted: Collection[str]) -> Steps:
        """The residual stream, and what attention to another stack adds to it."""
        read = yield from self.read(x, "ln2")  # (tokens, d_model)
        at = f"{self.at}cross_attn."
        q = self.heads(self.projected(read, "Q", "cross_attn"))
        k, v = (self.heads(self.projected(source, kind, "cross_attn")) for kind in "KV")
        yield f"{at}hook_q", q  # (tokens, heads, d_head)
        yield f"{at}hook_k", k  # (source_tokens, kv_heads, d_head)
        yield f"{at}hook_v", v  # (source_tokens, kv_heads, d_head)
        z = yield from attend(at, q, k, v, Scoring(self.config.score_factor(self.number), None))
        attention = yield from self.mixed(z, "cross_attn", wanted)  # (tokens, d_model)
        yield f"{self.at}hook_cross_attn_out", attention
        x = x + attention  # (tokens, d_model)
        yield f"{self.at}hook_resid_mid_cross", x
        if self.config.norm_sums:
            x = self.norm(x, "ln2")  # (tokens, d_model)
            yield f"{self.at}ln2.hook_normalized", x
        return x

    def read(self, x: Tensor, name: str) -> Steps:
        """What attention or MLP read of the residual stream."""
        if not (self.config.is_normed(self.number) if name == "ln1" else self.config.norm_inputs):
            return x
        read = self.norm(x, name)  # (tokens, d_model)
        yield f"{self.at}{name}.hook_normalized", read
        return read

    def given(self, x: Tensor, name: str) -> Tensor:
        """What attention or MLP add to the residual stream, of what their last product gives."""
        x = self.norm(x, name) if self.config.norm_outputs else x
        return x if self.config.residual_factor == 1 else x * self.config.residual_factor

    def attention(
        self, read: Tensor, angles: Tensor | None, wanted: Collection[str], cache: KeyValueCache | None
    ) -> Steps:
        at, config = f"{self.at}attn.", self.config
        q, k, v = (self.heads(self.projected(read, kind)) for kind in "QKV")
        yield f"{at}hook_q", q  # (tokens, heads, d_head)
        yield f"{at}hook_k", k  # (tokens, kv_heads, d_head)
        yield f"{at}hook_v", v  # (tokens, kv_heads, d_head)
        if config.qk_norm == "whole":
            yield f"{at}q_norm.hook_scale", self.root_mean_square(q.flatten(1))  # (tokens, 1)
            yield f"{at}k_norm.hook_scale", self.root_mean_square(k.flatten(1))  # (tokens, 1)
            q, k = (self.heads(self.norm(x.flatten(1), f"attn.{name}_norm")) for x, name in ((q, "q"), (k, "k")))
        elif config.qk_norm and not config.qk_norm_last:
            q, k = self.norm_of_heads(q, "attn.q_norm"), self.norm_of_heads(k, "attn.k_norm")
        q, k = (self.clipped(x) if config.qk_norm else x for x in (q, k))  # (tokens, heads or kv_heads, d_head)
        rope = config.rope_of(self.number)
        if rope is not None and angles is not None:
            q, k = (rotate(each, angles, rope.gain, neighbours=rope.neighbours) for each in (q, k))
            if config.qk_norm_last:
                q, k = self.norm_of_heads(q, "attn.q_norm"), self.norm_of_heads(k, "attn.k_norm")
            q = self.grown(q, cache) if config.grows(self.number) else q
            yield f"{at}hook_rot_q", q
            yield f"{at}hook_rot_k", k
        elif config.grows(self.number):
            q = self.grown(q, cache)
        if cache is not None:
            k, v = cache.extend(self.number, k, v)  # (seen, kv_heads, d_head)
        factor, cap = config.score_factor(self.number), config.score_cap
        sinks = self.part("attn.sinks") if config.sinks else None  # (heads,)
        z = yield from attend(
            at, q, k, v, Scoring(factor, self.unseen, cap, self.bias, sinks)
        )  # (tokens, heads, d_head)
        return (yield from self.mixed(z, "attn", wanted))

    def mixed(self, z: Tensor, name: str, wanted: Collection[str]) -> Steps:
        """What attention gives of what its heads have mixed: attn, or cross_attn."""
        if f"{self.at}{name}.hook_result" in wanted:  # large: a d_model for each head
            output = self.part(f"{name}.W_O").reshape(*z.shape[1:], -1)  # (heads, d_head, d_model)
            yield f"{self.at}{name}.hook_result", torch.einsum("thd,hdm->thm", z, output)  # (tokens, heads, d_model)
        return self.linear(z.flatten(1), f"{name}.{{}}_O", biased=self.config.o_bias)  # (tokens, d_model)

    def experts(self, read: Tensor, wanted: Collection[str]) -> Steps:
        """The outputs of the experts that each token chooses, weighted; no weights of others are read."""
        at, experts = f"{self.at}mlp.", self.config.experts
        scores = self.linear(read, "mlp.{}_router", biased=experts.biased)  # (tokens, experts)
        yield f"{at}hook_router_scores", scores
        correction = self.part("mlp.b_choice").flatten() if experts.corrected else None  # (experts,)
        sigmoid = experts.scoring == "sigmoid"
        how = Routing(experts.chosen, experts.normalized, sigmoid, correction, experts.factor)
        shares, chosen = routed(scores, how)
        yield f"{at}hook_expert_weights", shares  # (tokens, experts)
        yield f"{at}hook_expert_indices", chosen.to(shares)  # (tokens, chosen)
        for number in sorted(
            {int(name[len(at) :].split(".")[1]) for name in wanted if name.startswith(f"{at}experts.")}
        ):
            into, times = self.around_expert(read, shares[:, number, None])
            whole = yield from self.mlp(into, f"mlp.experts.{number}.", biased=experts.biased)  # (tokens, d_model)
            yield f"{at}experts.{number}.hook_out", whole
            yield f"{at}experts.{number}.hook_result", whole * times
        total = torch.zeros_like(read)
        for number in sorted(set(chosen.flatten().tolist())):
            tokens = (chosen == number).any(1).nonzero()[:, 0]  # (its tokens,)
            into, times = self.around_expert(read[tokens], shares[tokens, number, None])
            given = result_of(self.mlp(into, f"mlp.experts.{number}.", biased=experts.biased))  # (its tokens, d_model)
            total.index_add_(0, tokens, given * times)
        return total + (yield from self.shared_expert(read)) if experts.d_shared else total

    def around_expert(self, read: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
        """What an expert reads, (tokens, d_model), and by what its output counts, (tokens, 1)."""
        return (read * weight, torch.ones_like(weight)) if self.config.experts.scales_inputs else (read, weight)

    def shared_expert(self, read: Tensor) -> Steps:
        """What the expert adds that every token goes through."""
        at = f"{self.at}mlp.shared."
        given = yield from self.mlp(read, "mlp.shared.", biased=False)  # (tokens, d_model)
        yield f"{at}hook_out", given
        if not self.config.experts.shared_gated:
            return given
        gate = read @ self.part("mlp.shared.W_share")  # (tokens, 1)
        yield f"{at}hook_gate", gate
        return given * gate.sigmoid()

    def mlp(self, read: Tensor, name: str, *, biased: bool) -> Steps:
        """A layer's MLP, or one of its experts.

        Args:
            read: (tokens, d_model).
            name: What those of its weights and activations begin with: mlp., mlp.experts.3.
            biased: Its linear maps have biases.
        """
        at, activate = f"{self.at}{name}", self.activation()
        gated = self.config.gated
        pre = self.linear(read, f"{name}{{}}_gate" if gated else f"{name}{{}}_in", biased=biased)  # (tokens, d_mlp)
        yield f"{at}hook_pre", pre
        if gated:
            up = self.linear(read, f"{name}{{}}_in", biased=biased)  # (tokens, d_mlp)
            yield f"{at}hook_pre_linear", up
            cut = self.config.experts if name.startswith("mlp.experts.") and self.config.experts.limit else None
            post = _cut(pre, up, cut) if cut else activate(pre) * up  # (tokens, d_mlp)
        else:
            post = activate(pre)  # (tokens, d_mlp)
        yield f"{at}hook_post", post
        return self.linear(post, f"{name}{{}}_out", biased=biased)  # (tokens, d_model)

    def activation(self) -> Callable[[Tensor], Tensor]:
        """The function of its MLP, of which some layers have learned their own."""
        if self.config.activation != "xielu":
            return POINTWISE[self.config.activation]
        p, n, beta, eps = (self.part(f"mlp.xielu_{name}") for name in OF_XIELU)
        return lambda x: xielu(x, p, n, beta, eps)

    def linear(self, x: Tensor, name: str, *, biased: bool) -> Tensor:
        return linear(x, self.weights, f"{self.at}{name}", biased=biased)  # (tokens, out)

    def norm(self, x: Tensor, name: str) -> Tensor:
        return normalized(x, self.weights, f"{self.at}{name}", self.config)

    def norm_of_heads(self, x: Tensor, name: str) -> Tensor:
        config, biased = self.config, self.config.qk_norm_biased
        if config.qk_norm != "apart":
            return normalized(x, self.weights, f"{self.at}{name}", config, biased=biased)
        shared = config.group if name == "attn.k_norm" else 1  # by the query heads whose keys these are
        gains = [self.weights.part(f"{self.at}{name}.w", shared * head) for head in range(x.shape[1])]  # (d_head,) each
        return layer_norm(x, x.shape[-1:], eps=config.norm_eps) * torch.stack(gains)  # (tokens, heads, d_head)

    def projected(self, read: Tensor, kind: str, name: str = "attn") -> Tensor:
        """Queries, keys or values of all heads side by side."""
        x = self.linear(read, f"{name}.{{}}_{kind}", biased=self.config.qkv_bias)  # (tokens, q_width or kv_width)
        return x if self.config.qk_norm and kind in "QK" else self.clipped(x)

    def clipped(self, x: Tensor) -> Tensor:
        """Queries, keys or values; those that are normalized, afterwards."""
        largest = self.config.clip_qkv
        return x.clamp(-largest, largest) if largest else x

    def grown(self, q: Tensor, cache: KeyValueCache | None) -> Tensor:
        """Queries of tokens that follow those in the cache, multiplied by what goes with their positions."""
        first = self.config.query_start + (0 if cache is None else len(cache.keys.get(self.number, ())))
        factors = position_factors(len(q), self.config.query_growth, self.config.query_span, first)  # (tokens, 1)
        return q * factors[:, None].to(q)  # (tokens, heads, d_head)

    def root_mean_square(self, x: Tensor) -> Tensor:
        """What RMSNorm divides each row by: (tokens, 1)."""
        return (x.square().mean(-1, keepdim=True) + self.config.norm_eps).sqrt()

    def heads(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), -1, self.config.d_head)  # (tokens, heads or kv_heads, d_head)

    def part(self, name: str) -> Tensor:
        return self.weights.part(f"{self.at}{name}")
