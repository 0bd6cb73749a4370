"""The forward pass of a Llama, every number on the way under its name; never trains or draws.

The numbers are those of Hugging Face's model, nothing is folded into anything: `ln1.hook_normalized` and
`ln2.hook_normalized` are what attention and MLP read, the output of RMSNorm with its weight in it; `mlp.hook_pre` is
the gate projection, `mlp.hook_pre_linear` the other.
"""

from collections.abc import Collection, Sequence

import torch
from torch import Tensor
from torch.nn.functional import linear

from mmviz.values.arithmetic.functions import POINTWISE
from mmviz.values.arithmetic.primitives import (
    KeyValueCache,
    Steps,
    attend,
    rms_norm,
    rotary_angles,
    rotary_stretch,
    rotate,
)
from mmviz.values.families.config import ModelConfig
from mmviz.values.model.weights import Weights


def forward(
    weights: Weights,
    config: ModelConfig,
    token_ids: Sequence[int],
    wanted: Collection[str],
    cache: KeyValueCache | None,
) -> Steps:
    """Run the model on tokens that follow those in the cache.

    Args:
        weights: Where the parameters come from.
        config: The model's sizes.
        token_ids: At least one.
        wanted: The activations that will be used; large ones that are not are left out.
        cache: Keys and values of the tokens before, if there are any; those of these tokens are added.
    """
    assert config.rope is not None  # noqa: S101  (narrows the type: every Llama has it)
    x = weights.rows("embed_tokens.weight", token_ids)  # (tokens, d_model)
    yield "hook_embed", x
    first = 0 if cache is None else cache.tokens
    stretch = rotary_stretch(config.rope, config.d_head)  # (d_head / 2,)
    angles = rotary_angles(len(token_ids), config.d_head, config.rope.theta, stretch, first)
    angles = angles.to(x.device)  # (tokens, d_head / 2)
    for number in range(config.layers):
        x = yield from _Layer(weights, config, number).forward(x, angles, wanted, cache)  # (tokens, d_model)
    x = rms_norm(x, weights.of_model("norm.weight"), config.norm_eps)  # (tokens, d_model)
    yield "ln_final.hook_normalized", x
    if not config.unembeds:
        return x
    logits = x @ weights.unembedding().mT  # (tokens, vocabulary)
    yield "logits", logits
    return logits


class _Layer:
    """One layer: attention and MLP, each reading a normalized copy of the residual stream and adding to it."""

    def __init__(self, weights: Weights, config: ModelConfig, number: int) -> None:
        self.weights = weights
        self.config = config
        self.number = number
        self.at = f"blocks.{number}."

    def forward(self, x: Tensor, angles: Tensor, wanted: Collection[str], cache: KeyValueCache | None) -> Steps:
        eps = self.config.norm_eps
        yield f"{self.at}hook_resid_pre", x
        read = rms_norm(x, self.weight("input_layernorm.weight"), eps)  # (tokens, d_model)
        yield f"{self.at}ln1.hook_normalized", read
        attention = yield from self.attention(read, angles, wanted, cache)  # (tokens, d_model)
        yield f"{self.at}hook_attn_out", attention
        x = x + attention  # (tokens, d_model)
        yield f"{self.at}hook_resid_mid", x
        read = rms_norm(x, self.weight("post_attention_layernorm.weight"), eps)  # (tokens, d_model)
        yield f"{self.at}ln2.hook_normalized", read
        mlp = yield from self.mlp(read)  # (tokens, d_model)
        yield f"{self.at}hook_mlp_out", mlp
        x = x + mlp  # (tokens, d_model)
        yield f"{self.at}hook_resid_post", x
        return x

    def attention(self, read: Tensor, angles: Tensor, wanted: Collection[str], cache: KeyValueCache | None) -> Steps:
        at, config = f"{self.at}attn.", self.config
        q = self.heads(self.linear(read, "self_attn.q_proj", biased=config.qkv_bias))  # (tokens, heads, d_head)
        k = self.heads(self.linear(read, "self_attn.k_proj", biased=config.qkv_bias))  # (tokens, kv_heads, d_head)
        v = self.heads(self.linear(read, "self_attn.v_proj", biased=config.qkv_bias))  # (tokens, kv_heads, d_head)
        yield f"{at}hook_q", q
        yield f"{at}hook_k", k
        yield f"{at}hook_v", v
        q, k = rotate(q, angles), rotate(k, angles)
        yield f"{at}hook_rot_q", q
        yield f"{at}hook_rot_k", k
        if cache is not None:
            k, v = cache.extend(self.number, k, v)  # (seen, kv_heads, d_head)
        factor = config.score_factor(self.number)
        z = yield from attend(at, q, k, v, factor, config.masking(self.number))  # (tokens, heads, d_head)
        output = self.weight("self_attn.o_proj.weight")  # (d_model, heads * d_head)
        if f"{at}hook_result" in wanted:  # large: a d_model for each head
            yield f"{at}hook_result", torch.einsum("thd,mhd->thm", z, self.heads(output))  # (tokens, heads, d_model)
        offset = self.weight("self_attn.o_proj.bias") if config.o_bias else None  # (d_model,)
        return linear(z.flatten(1), output, offset)  # (tokens, d_model)

    def mlp(self, read: Tensor) -> Steps:
        at, biased = f"{self.at}mlp.", self.config.mlp_bias
        gate = self.linear(read, "mlp.gate_proj", biased=biased)  # (tokens, d_mlp)
        yield f"{at}hook_pre", gate
        up = self.linear(read, "mlp.up_proj", biased=biased)  # (tokens, d_mlp)
        yield f"{at}hook_pre_linear", up
        post = POINTWISE[self.config.activation](gate) * up  # (tokens, d_mlp)
        yield f"{at}hook_post", post
        return self.linear(post, "mlp.down_proj", biased=biased)  # (tokens, d_model)

    def linear(self, x: Tensor, name: str, *, biased: bool) -> Tensor:
        weight = self.weight(f"{name}.weight")  # (out, in)
        bias = self.weight(f"{name}.bias") if biased else None  # (out,)
        return linear(x, weight, bias)  # (tokens, out)

    def heads(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), -1, self.config.d_head)  # (len(x), heads or kv_heads, d_head)

    def weight(self, name: str) -> Tensor:
        return self.weights.of_layer(self.number, name)
