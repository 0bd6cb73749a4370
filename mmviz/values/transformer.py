"""The forward pass of a Llama, every number on the way under its name; float32, never trains or draws."""

import math
from collections.abc import Collection, Generator, Iterator, Sequence

import torch
from torch import Tensor
from torch.nn.functional import silu

from mmviz.values.checkpoint import Checkpoint
from mmviz.values.config import LlamaConfig
from mmviz.values.device import choose_device, full_precision
from mmviz.values.lookup import Lookup
from mmviz.values.names import EMBEDDING, FINAL_NORM

Named = tuple[str, Tensor]


class Llama:
    """A Llama read from a checkpoint, never more than one layer's weights in memory.

    Activations have TransformerLens names. The numbers are those of Hugging Face's model, nothing is folded
    into anything: `ln1.hook_normalized` and `ln2.hook_normalized` are what attention and MLP read, the output
    of RMSNorm with its weight in it; `mlp.hook_pre` is the gate projection, `mlp.hook_pre_linear` the other.
    Scores are scaled, and -inf where a query may not look. `attn.hook_k`, `hook_rot_k` and `hook_v` have one
    entry for each key-value head.
    """

    def __init__(self, checkpoint: Checkpoint, device: str = "auto") -> None:
        self.checkpoint = checkpoint
        self.config = LlamaConfig.from_json(checkpoint.config, str(checkpoint.folder / "config.json"))
        self.device = choose_device(device)
        self._lookup = Lookup(self.config, checkpoint)

    def activations(self, token_ids: Sequence[int], names: Collection[str]) -> dict[str, Tensor]:
        """Run the model until every name has its number; no layer, and no step of a layer, further.

        Args:
            token_ids: One prompt; at least one id, each inside the vocabulary.
            names: Such as hook_embed, blocks.1.attn.hook_pattern, logits.

        Returns:
            name -> float32 on the device, of `activation_shape`.

        Raises:
            SourceError: an unknown name, a layer that is not there, or an impossible prompt.
        """
        self._lookup.check_tokens(token_ids)
        wanted = set(names)
        for name in wanted:
            self._lookup.activation_axes(name)
        found: dict[str, Tensor] = {}
        with full_precision():
            steps = self._forward(token_ids, wanted)
            while len(found) < len(wanted):
                name, value = next(steps)
                if name in wanted:
                    found[name] = value
        return found

    def activation(self, token_ids: Sequence[int], name: str, head: int | None = None) -> Tensor:
        """One activation, float32; with `head` only that query head's, or its key-value head's.

        Raises:
            SourceError: as `activations`; or there is no such head, or the name has none.
        """
        self._lookup.head_axis(name, head)
        return self.of_head(name, self.activations(token_ids, [name])[name], head)

    def of_head(self, name: str, value: Tensor, head: int | None) -> Tensor:
        """The part of an activation that belongs to a query head; all of it where `head` is None.

        Raises:
            SourceError: there is no such head, or the name has none.
        """
        axis, index = self._lookup.head_axis(name, head)
        return value if axis is None else value.select(axis, index)

    def activation_axes(self, name: str, head: int | None = None) -> tuple[str, ...]:
        """What each axis of an activation counts: tokens, heads, d_model and so on.

        Raises:
            SourceError: as `activation`.
        """
        axis, _ = self._lookup.head_axis(name, head)
        return tuple(size for place, size in enumerate(self._lookup.activation_axes(name)) if place != axis)

    def activation_shape(self, token_count: int, name: str, head: int | None = None) -> tuple[int, ...]:
        """The shape of an activation, from config.json alone.

        Raises:
            SourceError: as `activation`.
        """
        sizes = {**self.config.sizes(), "tokens": token_count}
        return tuple(sizes[axis] for axis in self.activation_axes(name, head))

    def weight(self, name: str, head: int | None = None) -> Tensor:
        """One weight matrix, float32 on the device; only the head's own bytes are read.

        Args:
            name: `blocks.{i}.attn.` W_Q, W_K, W_V (d_model, d_head), W_O (d_head, d_model), each with a head;
                `blocks.{i}.mlp.` W_gate, W_in (d_model, d_mlp), W_out (d_mlp, d_model);
                embed.W_E (vocabulary, d_model); unembed.W_U (d_model, vocabulary);
                or a Hugging Face parameter, as it is stored (out, in), a vector as one row.
            head: A query head; W_K and W_V are those of the key-value head it reads.

        Raises:
            SourceError: an unknown name, a layer or a head that is not there, a head too many or too few.
        """
        place = self._lookup.place(name, head)
        stored = self.checkpoint.slice(place.parameter, place.rows, place.columns)
        part = stored.to(torch.float32).to(self.device)
        part = part if part.ndim > 1 else part.unsqueeze(0)
        return part.mT if place.transposed else part

    def weight_axes(self, name: str, head: int | None = None) -> tuple[str, str]:
        """What the rows and columns of a weight matrix count; "" where that has no name.

        Raises:
            SourceError: as `weight`.
        """
        return self._lookup.weight_axes(name, head)

    def weight_shape(self, name: str, head: int | None = None) -> tuple[int, int]:
        """Rows and columns of a weight matrix, from the headers alone.

        Raises:
            SourceError: as `weight`.
        """
        place = self._lookup.place(name, head)
        stored = self.checkpoint.shape(place.parameter)
        if len(stored) < 2:
            return 1, math.prod(stored)
        every = slice(None)
        rows = len(range(stored[0])[place.rows or every])
        columns = len(range(stored[1])[place.columns or every])
        return (columns, rows) if place.transposed else (rows, columns)

    # The forward pass: each step yields (name, value) as soon as it is known.

    def _forward(self, token_ids: Sequence[int], wanted: Collection[str]) -> Iterator[Named]:
        x = self._embed(token_ids)  # (tokens, d_model)
        yield "hook_embed", x
        angles = rotary_angles(len(token_ids), self.config.d_head, self.config.rope_theta).to(self.device)
        for layer in range(self.config.layers):
            x = yield from self._block(layer, x, angles, wanted)  # (tokens, d_model)
        x = rms_norm(x, self._parameter(FINAL_NORM), self.config.rms_norm_eps)  # (tokens, d_model)
        yield "ln_final.hook_normalized", x
        yield "logits", x @ self._parameter(self._lookup.unembedding).mT  # (tokens, vocabulary)

    def _block(self, layer: int, x: Tensor, angles: Tensor, wanted: Collection[str]) -> Generator[Named, None, Tensor]:
        at, eps = f"blocks.{layer}.", self.config.rms_norm_eps
        yield f"{at}hook_resid_pre", x
        read = rms_norm(x, self._in_layer(layer, "input_layernorm.weight"), eps)  # (tokens, d_model)
        yield f"{at}ln1.hook_normalized", read
        attention = yield from self._attention(layer, read, angles, wanted)  # (tokens, d_model)
        yield f"{at}hook_attn_out", attention
        x = x + attention  # (tokens, d_model)
        yield f"{at}hook_resid_mid", x
        read = rms_norm(x, self._in_layer(layer, "post_attention_layernorm.weight"), eps)  # (tokens, d_model)
        yield f"{at}ln2.hook_normalized", read
        gate = read @ self._in_layer(layer, "mlp.gate_proj.weight").mT  # (tokens, d_mlp)
        yield f"{at}mlp.hook_pre", gate
        linear = read @ self._in_layer(layer, "mlp.up_proj.weight").mT  # (tokens, d_mlp)
        yield f"{at}mlp.hook_pre_linear", linear
        post = silu(gate) * linear  # (tokens, d_mlp)
        yield f"{at}mlp.hook_post", post
        mlp = post @ self._in_layer(layer, "mlp.down_proj.weight").mT  # (tokens, d_model)
        yield f"{at}hook_mlp_out", mlp
        x = x + mlp  # (tokens, d_model)
        yield f"{at}hook_resid_post", x
        return x

    def _attention(
        self, layer: int, read: Tensor, angles: Tensor, wanted: Collection[str]
    ) -> Generator[Named, None, Tensor]:
        at = f"blocks.{layer}.attn."
        q = self._heads(read, layer, "q")  # (tokens, heads, d_head)
        k = self._heads(read, layer, "k")  # (tokens, kv_heads, d_head)
        v = self._heads(read, layer, "v")  # (tokens, kv_heads, d_head)
        yield f"{at}hook_q", q
        yield f"{at}hook_k", k
        yield f"{at}hook_v", v
        q, k = rotate(q, angles), rotate(k, angles)
        yield f"{at}hook_rot_q", q
        yield f"{at}hook_rot_k", k
        k = k.repeat_interleave(self.config.group, dim=1)  # (tokens, heads, d_head)
        v = v.repeat_interleave(self.config.group, dim=1)  # (tokens, heads, d_head)
        scores = torch.einsum("qhd,khd->hqk", q, k) * self.config.d_head**-0.5  # (heads, tokens, tokens)
        later = torch.ones(scores.shape[1:], dtype=torch.bool, device=self.device).triu(1)  # (tokens, tokens)
        scores = scores.masked_fill(later, -torch.inf)  # (heads, tokens, tokens)
        yield f"{at}hook_attn_scores", scores
        pattern = scores.softmax(-1)  # (heads, tokens, tokens)
        yield f"{at}hook_pattern", pattern
        z = torch.einsum("hqk,khd->qhd", pattern, v)  # (tokens, heads, d_head)
        yield f"{at}hook_z", z
        output = self._in_layer(layer, "self_attn.o_proj.weight")  # (d_model, heads * d_head)
        if f"{at}hook_result" in wanted:  # large: a d_model for each head
            result = torch.einsum("thd,mhd->thm", z, self._by_head(output))  # (tokens, heads, d_model)
            yield f"{at}hook_result", result
        return z.flatten(1) @ output.mT  # (tokens, d_model)

    def _embed(self, token_ids: Sequence[int]) -> Tensor:
        self._lookup.check_shape(EMBEDDING)
        rows = {token: self.checkpoint.slice(EMBEDDING, slice(token, token + 1)) for token in set(token_ids)}
        embedded = torch.cat([rows[token] for token in token_ids])  # (tokens, d_model)
        return embedded.to(torch.float32).to(self.device)

    def _heads(self, read: Tensor, layer: int, kind: str) -> Tensor:
        joined = read @ self._in_layer(layer, f"self_attn.{kind}_proj.weight").mT  # (tokens, q or kv width)
        return self._by_head(joined)  # (tokens, heads or kv_heads, d_head)

    def _by_head(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), -1, self.config.d_head)  # (len(x), heads or kv_heads, d_head)

    def _parameter(self, name: str) -> Tensor:
        self._lookup.check_shape(name)
        return self.checkpoint.slice(name).to(torch.float32).to(self.device)

    def _in_layer(self, layer: int, parameter: str) -> Tensor:
        return self._parameter(f"model.layers.{layer}.{parameter}")


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Each row divided by its root mean square, times the weight; same shape as `x`.

    Args:
        x: (tokens, d_model).
        weight: (d_model,).
        eps: Added to the mean square.

    Source: Zhang and Sennrich 2019, equation 4; eps as in Hugging Face Llama.
    """
    mean_square = x.square().mean(-1, keepdim=True)  # (tokens, 1)
    return weight * (x * torch.rsqrt(mean_square + eps))  # (tokens, d_model)


def rotary_angles(tokens: int, d_head: int, theta: float) -> Tensor:
    """The angle of each position and pair, in radians: (tokens, d_head / 2).

    Source: Su et al. 2021, section 3.2.2.
    """
    exponents = torch.arange(0, d_head, 2).float() / d_head  # (d_head / 2,)
    return torch.outer(torch.arange(tokens).float(), 1.0 / theta**exponents)  # (tokens, d_head / 2)


def rotate(x: Tensor, angles: Tensor) -> Tensor:
    """Rotary position embedding of queries or keys; same shape as `x`.

    Args:
        x: (tokens, heads, d_head).
        angles: (tokens, d_head / 2), in radians.

    Source: Su et al. 2021, section 3.4.2; halves paired, (i, i + d_head / 2), as in Hugging Face Llama.
    """
    cos, sin = angles.cos().unsqueeze(1), angles.sin().unsqueeze(1)  # (tokens, 1, d_head / 2)
    first, second = x.chunk(2, -1)  # (tokens, heads, d_head / 2)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), -1)  # (tokens, heads, d_head)
