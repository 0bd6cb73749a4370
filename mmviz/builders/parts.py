"""The matrices of one layer as expressions, and where their numbers come from; no numbers, no places."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from mmviz.builders.forms import LOW, PLAIN, WeightForms
from mmviz.scene.language.calls import (
    add,
    bias,
    clip,
    layernorm,
    minimum,
    position_scale,
    power,
    rmsnorm,
    rope,
    rope_pairs,
    scale,
    softcap,
    softmax,
    softmax_sink,
    swish,
)
from mmviz.scene.language.expression import Call, Expression, Name, Named
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.layouts import OF_XIELU
from mmviz.values.families.names import ALIBI, STRETCH, output_of, score_bias, seen_from_decoder
from mmviz.values.families.rope import Rope

SOURCE, ACROSS = "source", "_x"
"""What the output of another stack is called, and what names of attention to it end in beside other heads."""


class Parts:
    """Collects the sources of a layer's matrices while its expression is put together.

    What is drawn is what is computed: biases, rotary positions with their scaling, the factor of the scores and the
    mask stand in the expression. Query heads that share a key-value head share its K and V: the first of them
    computes these, the others name them.

    Attributes:
        tensors: name -> source, as in a scene file.
        checks: name -> the activation of the model that the matrix of this name must equal.
        before: name -> what the matrix before its last function is called.

    Args:
        config: The model's sizes.
        layer: From 0.
        forms: How the weights of heads are written.
        across: Heads are those of the attention to another stack, whose output they make keys and values of.
    """

    def __init__(self, config: ModelConfig, layer: int, forms: WeightForms = PLAIN, *, across: bool = False) -> None:
        self.config = config
        self.layer = layer
        self.forms = forms
        self.tensors: dict[str, dict[str, Any]] = {}
        self.checks: dict[str, dict[str, Any]] = {}
        self.before: dict[str, str] = {}
        self.across = across
        self._said: set[str] = set()  # names that stand in the expression already
        self._end_of_names = ""  # of what heads are made of

    @property
    def within(self) -> str:
        """What the names of the weights and activations of heads begin with."""
        return "cross_attn" if self.across else "attn"

    def beside(self) -> "Parts":
        """For the heads of the attention to another stack in the same expression, under names of their own."""
        other = Parts(self.config, self.layer, self.forms, across=True)
        other.tensors, other.checks, other.before, other._said = self.tensors, self.checks, self.before, self._said
        other._end_of_names = ACROSS
        return other

    def source(self) -> Name:
        """What the other stack ends with, of which keys and values are made."""
        assert self.config.source is not None  # noqa: S101  (only such models have attention across)
        self.tensors[SOURCE] = {"activation": seen_from_decoder(output_of(self.config.source))}
        return Name(SOURCE)

    def activation(self, name: str, hook: str) -> Name:
        """A matrix that is an activation of the layer, such as ln1.hook_normalized."""
        self.tensors[name] = self.hook(hook)
        return Name(name)

    def weight(self, name: str, weight: str, head: int | None = None) -> Name:
        """A matrix or vector that is a weight of the layer, such as attn.W_Q."""
        self.tensors[name] = {"weight": f"{self.config.blocks}.{self.layer}.{weight}", **_of(head)}
        return Name(name)

    def head_weight(self, kind: str, head: int, number: str = "") -> Expression:
        """A weight of a head, in the form that is wanted of it: W_Q, W_K, W_V or W_O.

        Args:
            kind: Q, K, V or O.
            head: The query head.
            number: What its name ends in.
        """
        name, weight, forms = f"w{kind}{number}", f"{self.within}.W_{kind}", self.forms
        cut = number.endswith(LOW) or (kind in forms.ranks and not forms.difference)
        if kind in forms.svd:
            u, s, vt = (
                self._part(f"{name}_{part}", weight, head, svd={"part": part, "rank": forms.svd[kind]})
                for part in ("U", "S", "Vt")
            )
            return self.once((u @ (s @ vt).named(f"{name}_SVt")).named(name))
        if weight in forms.scales and not cut:
            base, b, a = (
                self._part(f"{name}_{part}", weight, head, lora=part) for part in ("base", "B", "A")
            )  # peft's B A is (outs, ins), our weights are (ins, outs)
            added = (b @ a).T if forms.scales[weight] == 1 else scale((b @ a).T, forms.scales[weight])
            return self.once((base + added.named(f"{name}_update")).named(name))
        return self.weight(name, weight, head)

    def named(self, expression: Expression, name: str, hook: str, head: int | None = None) -> Expression:
        """The expression under a name, and under its check: what the model's own forward pass calls it.

        What is computed of weights that were cut down beside the full ones has no check.
        """
        if not name.endswith(LOW):
            self.checks[name] = self.hook(hook, head)
        return expression.named(name)

    def once(self, expression: Expression) -> Expression:
        """A named expression where it is first needed, and after that its name alone."""
        if not isinstance(expression, Named):
            return expression
        if expression.name in self._said:
            return Name(expression.name)
        self._said.add(expression.name)
        return expression

    def linear(self, x: Expression, weight: Expression, offset: Name | None) -> Expression:
        """A linear map, with its bias where it has one."""
        return x @ weight if offset is None else bias(x @ weight, offset)

    def norm(self, x: Expression, number: int) -> Expression:
        """What attention (1), attention across (2) or the MLP, which is last, read of the residual stream."""
        if not (self.config.is_normed(self.layer) if number == 1 else self.config.norm_inputs):
            return x
        return self.named(self._norm(x, f"ln{number}"), f"ln{number}", f"ln{number}.hook_normalized")

    def given(self, x: Expression, number: int) -> Expression:
        """What attention (1) or MLP (2) add to the residual stream, of what their last product gives."""
        x = self._norm(x, f"ln{number}_post") if self.config.norm_outputs else x
        return x if self.config.residual_factor == 1 else scale(x, self.config.residual_factor)

    def sum_normed(self, x: Expression, number: int, before: str, hook: str) -> Expression:
        """The residual stream after attention (1) or MLP (2) have added to it, normalized.

        Args:
            x: The sum.
            number: Of the norm.
            before: What the sum is called.
            hook: What the model calls the result.
        """
        name = f"ln{number}"
        self.before[name] = before
        return self.named(self._norm(x, name), name, hook)

    def _norm(self, x: Expression, name: str) -> Call:
        return self._normalized(x, name, biased=self.config.norm_biased)

    def _norm_of_head(self, x: Expression, kind: str, head: int, number: str) -> Call:
        """Queries or keys of a head, normalized."""
        own = (head, number) if self.config.qk_norm in ("each", "apart") else (None, "")
        return self._normalized(x, f"attn.{kind.lower()}_norm", *own, biased=self.config.qk_norm_biased)

    def _normalized(self, x: Expression, name: str, head: int | None = None, number: str = "", *, biased: bool) -> Call:
        short, config = name.removeprefix("attn."), self.config
        weighted = config.norm_weighted and (config.qk_norm_weighted or not name.startswith("attn."))
        gain = [self.weight(f"{short}_w{number}", f"{name}.w", head)] if weighted else []
        if config.norm == "rms":
            return rmsnorm(x, *gain, config.norm_eps)
        offset = [self.weight(f"{short}_b{number}", f"{name}.b", head)] if biased else []
        return layernorm(x, *gain, *offset, config.norm_eps)

    def softmaxed(self, scores: Expression, head: int, number: str = "") -> Call:
        """Attention weights of scores, behind the model's mask."""
        masking = None if self.across else self.config.masking(self.layer)
        masked = scores if masking is None else Call(masking.function, scores, masking.numbers)
        if self.config.sinks:
            return softmax_sink(masked, self.weight(f"sink{number}", "attn.sinks", head))
        return softmax(masked)

    def head(self, x: Expression, head: int, *, numbered: bool = False) -> Expression:
        """What one head adds to the residual stream, without the bias that belongs to no head.

        Args:
            x: What the layer's attention reads.
            head: From 0.
            numbered: Its names end in its number; those of its keys and values in that of the key-value head.
        """
        number = f"{head}{self._end_of_names}" if numbered else ""
        queries = self._projected(x, "Q", head, number)
        looked_at = self.source() if self.across else x
        keys, values = (self._shared(looked_at, kind, head, numbered=numbered) for kind in "KV")
        attention = self._pattern(queries, keys, head, number)
        mixed = self.named(attention @ values, f"z{number}", f"{self.within}.hook_z", head)
        return mixed @ self.head_weight("O", head, number)

    def pattern(self, x: Expression, head: int, *, low: bool = False) -> Expression:
        """The attention pattern of a head.

        Args:
            x: What the layer's attention reads.
            head: From 0.
            low: With the weights that are cut down, under names of their own where that changes anything.
        """
        read = {"Q": x, "K": self.source() if self.across else x}
        ends = {kind: self._end(kind, low=low) for kind in read}
        queries, keys = (self.once(self._projected(read[kind], kind, head, end)) for kind, end in ends.items())
        return self.once(self._pattern(queries, keys, head, self._end("QK", low=low)))

    def mixed(self, x: Expression, head: int, *, low: bool = False) -> Expression:
        """What a head adds to the residual stream, as `pattern` and `head`."""
        attention = self.pattern(x, head, low=low)
        looked_at = self.source() if self.across else x
        values = self.once(self._projected(looked_at, "V", head, self._end("V", low=low)))
        z = self.named(attention @ values, f"z{self._end('QKV', low=low)}", f"{self.within}.hook_z", head)
        return self.once(z) @ self.head_weight("O", head, self._end("O", low=low))

    def mlp(self, x: Expression, within: str = "mlp.", number: str = "") -> Expression:
        """What the MLP adds to the residual stream; or what an expert gives, before it is weighted.

        Args:
            x: What it reads.
            within: What its weights and activations begin with: mlp. or mlp.experts.3.
            number: What its names end in.
        """
        linear = partial(self._mlp_linear, within=within, number=number)
        if within.startswith("mlp.experts.") and self.config.experts.limit:
            hidden = self._cut(linear(x, "gate"), linear(x, "in"), number)
        elif not self.config.gated:
            hidden = self._activated(linear(x, "in"), f"hidden{number}", f"pre{number}")
        else:
            gate = self._activated(linear(x, "gate"), f"gate{number}", f"pre{number}")
            hidden = gate * self.named(linear(x, "in"), f"up{number}", f"{within}hook_pre_linear")
            hidden = hidden.named(f"hidden{number}")
        self.checks[f"hidden{number}"] = self.hook(f"{within}hook_post")
        return linear(hidden, "out")

    def _cut(self, gate: Expression, up: Expression, number: str) -> Expression:
        """What gates let through, where both branches are cut off at a limit: 1 more than the other branch."""
        limit, sharpness = self.config.experts.limit, self.config.experts.sharpness
        self.before[f"gate{number}"] = f"cut{number}"
        gates = swish(minimum(gate, limit), sharpness).named(f"gate{number}")
        return (gates * add(clip(up, -limit, limit), 1).named(f"up{number}")).named(f"hidden{number}")

    def output_bias(self) -> Name | None:
        """The bias of the attention's output, which belongs to no head."""
        name = f"bO{self._end_of_names}"
        return self.weight(name, f"{self.within}.b_O") if self.config.o_bias else None

    def _shared(self, x: Expression, kind: str, head: int, *, numbered: bool) -> Expression:
        """Keys or values of the key-value head that a query head reads."""
        number = f"{head // self.config.group}{self._end_of_names}" if numbered else ""
        name = f"{kind}{number}"
        return Name(name) if name in self._said else self.once(self._projected(x, kind, head, number))

    def _pattern(self, queries: Expression, keys: Expression, head: int, number: str) -> Expression:
        self.before[f"attn{number}"] = f"scores{number}"
        scores = self._scaled(queries @ keys.T)
        scores = softcap(scores, self.config.score_cap) if self.config.score_cap else scores
        scores = scores if self.across else self.biased(scores, head, number)
        pattern = self.softmaxed(scores, head, number.removesuffix(LOW))
        return self.named(pattern, f"attn{number}", f"{self.within}.hook_pattern", head)

    def biased(self, scores: Expression, head: int, number: str = "") -> Expression:
        """Scores of a head, and what is added to them for where their keys are, where something is."""
        hook = score_bias(self.config)
        if not hook:
            return scores
        name = f"{'alibi' if hook == ALIBI else 'distance'}{number}"
        self.tensors[name] = self.hook(hook, head)
        return scores.named(f"qk{number}") + Name(name)

    def _end(self, kinds: str, *, low: bool) -> str:
        """What the name of a matrix ends in that is computed with weights of these kinds."""
        return LOW if low and any(kind in self.forms.ranks for kind in kinds) else ""

    def _part(self, name: str, weight: str, head: int, **part: Any) -> Name:
        self.tensors[name] = {"weight": f"{self.config.blocks}.{self.layer}.{weight}", "head": head, **part}
        return Name(name)

    def _projected(self, x: Expression, kind: str, head: int, number: str) -> Expression:
        config = self.config
        weight = self.head_weight(kind, head, number)
        offset = (
            self.weight(f"b{kind}{number.removesuffix(LOW)}", f"{self.within}.b_{kind}", head)
            if config.qkv_bias
            else None
        )
        projected = self.linear(self.once(x), weight, offset)
        projected = projected if config.qk_norm and kind in "QK" else self._clipped(projected)
        rope_of_layer = None if self.across else config.rope_of(self.layer)
        grows = kind == "Q" and config.grows(self.layer)
        if kind == "V" or (rope_of_layer is None and not config.norms_heads(self.layer) and not grows):
            return self.named(projected, f"{kind}{number}", f"{self.within}.hook_{kind.lower()}", head)
        turned = self._normed_and_rotated(projected, kind, head, number)
        if rope_of_layer is None:  # what is normalized, or grows, alone has no name in the model
            return turned.named(f"{kind}{number}")
        return self.named(turned, f"{kind}{number}", f"attn.hook_rot_{kind.lower()}", head)

    def _normed_and_rotated(self, x: Expression, kind: str, head: int, number: str) -> Expression:
        config, rotary = self.config, self.config.rope_of(self.layer)
        if config.qk_norm == "whole":
            x *= self._share_of_norm(kind, head, number)
        elif config.qk_norm and not config.qk_norm_last:
            x = self._norm_of_head(x, kind, head, number.removesuffix(LOW))
        x = self._clipped(x) if config.qk_norm else x
        x = x if rotary is None else self._rotated(x, rotary)
        if kind == "Q" and config.grows(self.layer):
            start = (config.query_start,) if config.query_start else ()
            x = position_scale(x, config.query_growth, config.query_span, *start)
        last = config.qk_norm_last and config.norms_heads(self.layer)
        return self._norm_of_head(x, kind, head, number.removesuffix(LOW)) if last else x

    def _clipped(self, x: Expression) -> Expression:
        largest = self.config.clip_qkv
        return clip(x, -largest, largest) if largest else x

    def _share_of_norm(self, kind: str, head: int, number: str) -> Expression:
        """What a norm of the queries or keys of all heads together multiplies those of one head by.

        Each token by its own number, which all heads of the model decide together, and each column by the head's own
        part of the norm's weight.
        """
        module = f"attn.{kind.lower()}_norm"
        divided_by = self.activation(f"rms{kind}", f"{module}.hook_scale")
        gains = self.weight(f"{kind.lower()}_norm_w{number.removesuffix(LOW)}", f"{module}.w", head)
        share = power(divided_by, -1).named(f"1/rms{kind}{number}")
        return (share @ gains).named(f"norm{kind}{number}")

    def _rotated(self, x: Expression, rotary: Rope) -> Call:
        numbers: tuple[float, ...] = (rotary.theta, rotary.size) if rotary.size else (rotary.theta,)
        turned = rope_pairs if rotary.neighbours else rope
        if rotary.kind == "default":
            return turned(x, *numbers)
        if rotary.size and rotary.gain != 1:  # of what turns alone
            numbers = *numbers, rotary.gain
        stretched = turned(x, self.activation("stretch", STRETCH), *numbers)
        return stretched if rotary.gain == 1 or rotary.size else scale(stretched, rotary.gain)

    def _scaled(self, scores: Expression) -> Expression:
        factor = self.config.score_factor(self.layer)
        if factor == self.config.d_head**-0.5:
            return scale(scores)
        return scores if factor == 1 else scale(scores, factor)

    def _mlp_linear(self, x: Expression, kind: str, within: str, number: str) -> Expression:
        weight = self.weight(f"W_{kind}{number}", f"{within}W_{kind}")
        biased = self.config.mlp_bias if within == "mlp." else self.config.experts.biased
        offset = self.weight(f"b_{kind}{number}", f"{within}b_{kind}") if biased else None
        return self.linear(self.once(x), weight, offset)

    def _activated(self, x: Expression, name: str, before: str) -> Expression:
        self.before[name] = before
        of_layer = OF_XIELU if self.config.activation == "xielu" else ()
        numbers = tuple(self.weight(f"xielu_{each}", f"mlp.xielu_{each}") for each in of_layer)
        return Call(self.config.activation, x, vectors=numbers).named(name)

    def hook(self, hook: str, head: int | None = None) -> dict[str, Any]:
        """The source of an activation of the layer, or the check against it."""
        return {"activation": f"{self.config.blocks}.{self.layer}.{hook}", **_of(head)}


def _of(head: int | None) -> Mapping[str, int]:
    return {} if head is None else {"head": head}
