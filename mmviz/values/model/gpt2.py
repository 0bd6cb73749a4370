"""The forward pass of a GPT-2, every number on the way under its name; never trains or draws.

The numbers are those of Hugging Face's model, nothing is folded into anything: `ln1.hook_normalized` and
`ln2.hook_normalized` are what attention and MLP read, the output of the layer norm with its weight and bias in it.
The weights of its Conv1D are stored (in, out).
"""

from collections.abc import Collection, Sequence

import torch
from torch import Tensor
from torch.nn.functional import layer_norm

from mmviz.values.arithmetic.functions import POINTWISE
from mmviz.values.arithmetic.primitives import KeyValueCache, Steps, attend
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
    token = weights.rows("wte.weight", token_ids)  # (tokens, d_model)
    yield "hook_embed", token
    first = 0 if cache is None else cache.tokens
    position = weights.rows("wpe.weight", range(first, first + len(token_ids)))  # (tokens, d_model)
    yield "hook_pos_embed", position
    x = token + position  # (tokens, d_model)
    for number in range(config.layers):
        x = yield from _Layer(weights, config, number).forward(x, wanted, cache)  # (tokens, d_model)
    gain, offset = weights.of_model("ln_f.weight"), weights.of_model("ln_f.bias")  # (d_model,)
    x = layer_norm(x, gain.shape, gain, offset, config.norm_eps)  # (tokens, d_model)
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

    def forward(self, x: Tensor, wanted: Collection[str], cache: KeyValueCache | None) -> Steps:
        yield f"{self.at}hook_resid_pre", x
        read = self.norm(x, "ln_1")  # (tokens, d_model)
        yield f"{self.at}ln1.hook_normalized", read
        attention = yield from self.attention(read, wanted, cache)  # (tokens, d_model)
        yield f"{self.at}hook_attn_out", attention
        x = x + attention  # (tokens, d_model)
        yield f"{self.at}hook_resid_mid", x
        read = self.norm(x, "ln_2")  # (tokens, d_model)
        yield f"{self.at}ln2.hook_normalized", read
        mlp = yield from self.mlp(read)  # (tokens, d_model)
        yield f"{self.at}hook_mlp_out", mlp
        x = x + mlp  # (tokens, d_model)
        yield f"{self.at}hook_resid_post", x
        return x

    def attention(self, read: Tensor, wanted: Collection[str], cache: KeyValueCache | None) -> Steps:
        at = f"{self.at}attn."
        joined = self.heads(self.conv1d(read, "attn.c_attn"))  # (tokens, 3 * heads, d_head)
        q, k, v = joined.chunk(3, dim=1)  # (tokens, heads, d_head)
        yield f"{at}hook_q", q
        yield f"{at}hook_k", k
        yield f"{at}hook_v", v
        if cache is not None:
            k, v = cache.extend(self.number, k, v)  # (seen, heads, d_head)
        factor = self.config.score_factor(self.number)
        z = yield from attend(at, q, k, v, factor, self.config.masking(self.number))  # (tokens, heads, d_head)
        if f"{at}hook_result" in wanted:  # large: a d_model for each head
            output = self.heads(self.weight("attn.c_proj.weight").mT)  # (d_model, heads, d_head)
            yield f"{at}hook_result", torch.einsum("thd,mhd->thm", z, output)  # (tokens, heads, d_model)
        return self.conv1d(z.flatten(1), "attn.c_proj")  # (tokens, d_model)

    def mlp(self, read: Tensor) -> Steps:
        at = f"{self.at}mlp."
        pre = self.conv1d(read, "mlp.c_fc")  # (tokens, d_mlp)
        yield f"{at}hook_pre", pre
        post = POINTWISE[self.config.activation](pre)  # (tokens, d_mlp)
        yield f"{at}hook_post", post
        return self.conv1d(post, "mlp.c_proj")  # (tokens, d_model)

    def norm(self, x: Tensor, name: str) -> Tensor:
        gain, offset = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")  # (d_model,)
        return layer_norm(x, gain.shape, gain, offset, self.config.norm_eps)  # (tokens, d_model)

    def conv1d(self, x: Tensor, name: str) -> Tensor:
        return torch.addmm(self.weight(f"{name}.bias"), x, self.weight(f"{name}.weight"))  # (tokens, out)

    def heads(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), -1, self.config.d_head)  # (len(x), heads, d_head)

    def weight(self, name: str) -> Tensor:
        return self.weights.of_layer(self.number, name)
