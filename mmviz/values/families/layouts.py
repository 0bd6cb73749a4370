"""How a family's models call and lay out their parameters: the words that its table of weights is made of; no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

Axes = tuple[str, ...]
"""One name an axis: tokens, or one of ModelConfig.sizes()."""
UNEMBEDDING = "lm_head.weight"  # not stored where the embedding is tied; has no prefix
UNEMBEDDING_BIAS = "lm_head.bias"  # has no prefix either
OF_HEAD = ("logits", "unembed.", "mlm_head.")
"""What the names of activations and weights begin with that a model without an unembedding does not have."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a TransformerLens name stands for: a parameter, transposed or as it is, or one part of it."""

    parameter: str
    axes: Axes = ()  # of the whole parameter, as it is stored
    transposed: bool = False  # stored as (out, in); shown so that rows are what goes in
    cut: str = (
        ""  # the axis that it is a part of, or that heads lie along, one after another: q_width, kv_width, heads, d_mlp
    )
    plus: float = 0.0  # what is added to what is stored: Gemma keeps the weights of its norms less 1
    after: Axes = ()  # what lies before it along the axis that is cut: GPT-2 keeps queries, keys and values in one
    by_head: bool = False  # of each key-value head by itself: its queries, keys and values, then those of the next
    blocks: int = 0  # with by_head: not of each but of so many parts of all heads; 0: of each
    apart: str = ""  # each head has a parameter of its own, with its number for {}: of heads or kv_heads
    stacked: bool = False  # its first axis counts experts, of each of which it holds the rest
    half: Literal["", "first", "second", "even", "odd"] = (
        ""  # of the axis gate_up: that of gates, or of what they let in
    )
    when: str = ""  # the field of ModelConfig without which it is not there, or which says in which layers it is
    bare: bool = False  # its name has no prefix: it belongs to what makes logits

    @property
    def of_heads(self) -> bool:
        """Whether each head has a part of it."""
        return bool(self.apart) or self.cut in ("q_width", "kv_width", "heads", "kv_heads")


OF_XIELU = ("p", "n", "beta", "eps")
"""The numbers of an activation that each layer has of its own, in the order in which the function takes them."""
Weights = Mapping[str, Weight]
"""By their TransformerLens names; those of layers after "blocks.{i}.". Those of experts have {} for the number of the
expert, and so have their parameters where each expert has its own."""


@dataclass(frozen=True)
class Names:
    """What the parts of one family's models are called."""

    prefix: str  # before the parameters of the model, which files may leave out
    layer: str  # after it, before the number of a layer
    model_weights: Weights
    layer_weights: Weights
    unembedding: str = UNEMBEDDING  # as files call it
    other_embeddings: tuple[str, ...] = ()  # what else files call the embedding; the first that is there is used
    beside: tuple[str, ...] = ()  # what the names of parameters begin with that are of another stack
    unembedding_biases: tuple[str, ...] = (UNEMBEDDING_BIAS,)  # the same of its bias; the first that is there is used
    unembedding_bias_axes: Axes = ("vocabulary",)
    may_miss: Mapping[str, str] = field(default_factory=dict)
    """Fields of ModelConfig that are false where files leave a parameter out, after the prefix or without one."""
    scales_embedding: bool = False  # the module of the embedding multiplies by its factor itself
    stacks: Weights = field(default_factory=dict)  # those of layers that other files, and memory, lay out otherwise

    @property
    def embedding(self) -> str:
        """The parameter that turns token ids into numbers, after the prefix."""
        return self.model_weights["embed.W_E"].parameter

    @property
    def unembedding_axes(self) -> Axes:
        """Of the unembedding, as of the embedding."""
        return self.model_weights["embed.W_E"].axes

    @cached_property
    def stacked(self) -> "Names":
        """As transformers 5 has them in memory, and some files: stacks of experts where others have each apart."""
        return replace(self, layer_weights={**self.layer_weights, **self.stacks}, stacks={}) if self.stacks else self

    @cached_property
    def model_parameters(self) -> Mapping[str, Weight]:
        """Outside the layers, but for the unembedding, as Hugging Face calls them, after the prefix if they have it."""
        unembeds = (UNEMBEDDING, UNEMBEDDING_BIAS)
        return {each.parameter: each for each in self.model_weights.values() if each.parameter not in unembeds}

    @cached_property
    def of_head(self) -> frozenset[str]:
        """The parameters that make logits and whose names have no prefix, but for the unembedding."""
        return frozenset(name for name, each in self.model_parameters.items() if each.bare)

    @cached_property
    def layer_parameters(self) -> Mapping[str, Axes]:
        """Of a layer, after its number and a point."""
        return {each.parameter: each.axes for each in self.layer_weights.values()}

    def is_stored_by_inputs(self, parameter: str) -> bool:
        """Whether a matrix of a layer, by its full name, is stored as (in, out), where others are as (out, in)."""
        return any(
            parameter.endswith(f".{each.parameter}") and len(each.axes) == 2 and not each.transposed
            for each in self.layer_weights.values()
        )


def linear(name: str, module: str, ins: str, outs: str, biased: str = "") -> dict[str, Weight]:
    """A torch.nn.Linear and its bias.

    Args:
        name: In TransformerLens, such as "attn.{}_Q".
        module: In the files.
        ins: The axis that goes in; heads lie along it where it is q_width.
        outs: The axis that comes out; heads lie along it where it is q_width or kv_width.
        biased: The field of ModelConfig without which it has no bias; "": it has none.
    """
    out_cut = outs if outs in ("q_width", "kv_width") else ""
    cut = out_cut or ("q_width" if ins == "q_width" else "")
    found = {name.format("W"): Weight(f"{module}.weight", (outs, ins), transposed=True, cut=cut)}
    bias = Weight(f"{module}.bias", (outs,), cut=out_cut, when=biased)
    return found | ({name.format("b"): bias} if biased else {})


def joined(module: str, biased: str = "", *, turned: bool = True, by_head: bool = False) -> dict[str, Weight]:
    """Queries, keys and values of one module.

    Args:
        module: In the files.
        biased: As in `linear`.
        turned: It is stored as (out, in); else as GPT-2 has it.
        by_head: Of each key-value head by itself: its queries, keys and values, then those of the next; else all
            queries, then all keys, then all values.
    """
    found: dict[str, Weight] = {}
    axes = ("qkv_width", "d_model") if turned else ("d_model", "qkv_width")
    before: Axes = ()
    for kind, cut in (("Q", "q_width"), ("K", "kv_width"), ("V", "kv_width")):
        found[f"attn.W_{kind}"] = Weight(f"{module}.weight", axes, turned, cut, after=before, by_head=by_head)
        bias = Weight(f"{module}.bias", ("qkv_width",), cut=cut, after=before, by_head=by_head, when=biased)
        found |= {f"attn.b_{kind}": bias} if biased else {}
        before = (*before, cut)
    return found


def gate_and_up(module: str, biased: str = "") -> dict[str, Weight]:
    """Both matrices into a gated MLP of one module: its gates, and then what they let through.

    Args:
        module: In the files.
        biased: As in `linear`.
    """
    gate = Weight(f"{module}.weight", ("gate_up_width", "d_model"), transposed=True, cut="d_mlp")
    bias = Weight(f"{module}.bias", ("gate_up_width",), cut="d_mlp", when=biased)
    found = {"mlp.W_gate": gate, "mlp.W_in": replace(gate, after=("d_mlp",))}
    return found | ({"mlp.b_gate": bias, "mlp.b_in": replace(bias, after=("d_mlp",))} if biased else {})


def norm(name: str, module: str, axis: str = "d_model", *, biased: bool = False, when: str = "") -> dict[str, Weight]:
    """A norm, with its bias where it has one.

    Args:
        name: In TransformerLens, such as "ln1".
        module: In the files.
        axis: What it has a number for each of.
        biased: It has a bias, too.
        when: As in `Weight`.
    """
    found = {f"{name}.w": Weight(f"{module}.weight", (axis,), when=when)}
    return found | ({f"{name}.b": Weight(f"{module}.bias", (axis,), when=when)} if biased else {})


def norm_of_each(name: str, module: str, heads: str, when: str = "") -> dict[str, Weight]:
    """A norm of queries or keys that has weights of its own for each head.

    Args:
        name: In TransformerLens, such as "attn.q_norm".
        module: In the files.
        heads: heads or kv_heads.
        when: As in `Weight`.
    """
    return {f"{name}.w": Weight(f"{module}.weight", (heads, "d_head"), cut=heads, when=when)}


def norms_apart(name: str, module: str, heads: str, when: str = "") -> dict[str, Weight]:
    """The same in a parameter of its own for each head, with its number for {} in the module."""
    return {f"{name}.w": Weight(f"{module}.weight", ("d_head",), apart=heads, when=when)}


def embedding(
    module: str, name: str = "embed.W_E", axis: str = "vocabulary", width: str = "d_model"
) -> dict[str, Weight]:
    """A torch.nn.Embedding: a row of d_model, or of another width, for each token, or for each position."""
    return {name: Weight(f"{module}.weight", (axis, width))}


def unembedding(*, biased: bool = False, width: str = "d_model") -> dict[str, Weight]:
    """What makes logits of so many numbers, by the names that Hugging Face gives it."""
    found = {"unembed.W_U": Weight(UNEMBEDDING, ("vocabulary", width), transposed=True)}
    return found | ({"unembed.b_U": Weight(UNEMBEDDING_BIAS, ("vocabulary",), when="unembed_bias")} if biased else {})


def masked_head(module: str, norm_module: str, *, norm_biased: str = "") -> dict[str, Weight]:
    """What an encoder makes logits through: a linear map and a norm before the unembedding.

    Args:
        module: The linear map, in the files.
        norm_module: The norm.
        norm_biased: The field of ModelConfig without which it has no bias; "": it has one.
    """
    found = linear("mlm_head.{}", module, "d_model", "d_model", "head_bias")
    found |= norm("mlm_head.ln", norm_module)
    found["mlm_head.ln.b"] = Weight(f"{norm_module}.bias", ("d_model",), when=norm_biased)
    return {name: replace(weight, bare=True) for name, weight in found.items()}


def plus_one(weights: Weights) -> dict[str, Weight]:
    """The same, with 1 added to the weights of norms."""
    return {name: replace(each, plus=1.0) if _scales_a_norm(each) else each for name, each in weights.items()}


def _scales_a_norm(weight: Weight) -> bool:
    return "norm" in weight.parameter and weight.parameter.endswith(".weight")
