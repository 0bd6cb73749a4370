"""The sizes of a model, and what its layers are made of; reads no file and knows no family, no weights, no torch."""

from dataclasses import dataclass, replace
from typing import Literal

from mmviz.scene.keys.model_sizes import ModelSizes
from mmviz.scene.language.masks import Masking
from mmviz.values.families.alibi import Alibi
from mmviz.values.families.experts import NO_EXPERTS, Experts
from mmviz.values.families.rope import Rope

Norm = Literal["rms", "layer"]
QKNorm = Literal["", "head", "each", "apart", "whole"]
"""How queries and keys are normalized: not; each head by the same weights, or by its own, in one parameter or in one of
each head; all heads together."""
Stack = Literal["", "encoder", "decoder"]
"""Of a model that has two: which; "" of a model of one."""
Sinusoids = Literal["", "float64", "float32"]
"""How vectors for positions are computed that are not learned: in float64, by frequencies from 1 to nearly 1/10000; in
float32, to 1/10000 itself."""
STACKS: tuple[Stack, ...] = ("encoder", "decoder")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The sizes of a model and the few constants its arithmetic needs."""

    kind: str  # model_type: llama, mistral, qwen2, gpt2
    layers: int
    d_model: int
    d_mlp: int
    heads: int
    kv_heads: int  # key-value head h // group serves query head h
    d_head: int
    vocabulary: int  # token ids are 0 to vocabulary - 1
    positions: int  # most tokens of a prompt
    norm_eps: float  # added to the mean square, or to the variance
    tied: bool  # the unembedding is the embedding, transposed
    stack: Stack = ""  # of a model of two
    source: "ModelConfig | None" = None  # the stack that its layers look at, too, in attention across; None: none
    unembeds: bool = True  # it has logits; else it ends with the last norm
    unembed_bias: bool = False
    logit_cap: float = 0.0  # logits are capped by a tanh; 0: they are not
    logit_factor: float = 1.0  # what logits are multiplied by
    d_embed: int = 0  # of a token's vector, which a linear map takes to d_model, and another back; 0: d_model, and none
    embed_factor: float = 1.0  # what the embedding is multiplied by
    learned_positions: bool = False  # a vector for each position is added to the embedding
    sinusoids: Sinusoids = ""  # such vectors are computed, unless files hold them; "": they are not
    position_offset: int = 0  # the row of these that the first token has
    padding: int | None = None  # a token that is no position: it has the row before the first, and is not counted
    token_types: int = 0  # vectors for the texts of a pair, the first of which is added to the embedding; 0: none
    embed_norm: bool = False  # the sum of all that is the embedding is normalized
    final_norm: bool = True  # there is a norm behind the last layer
    head_activation: str = ""  # logits are made through a linear map, this function and a norm; "": at once
    head_bias: bool = False  # ... and that linear map has a bias
    # norms
    norm: Norm = "rms"  # RMSNorm, or LayerNorm
    norm_weighted: bool = True  # what is normalized is multiplied by weights
    norm_biased: bool = True  # a LayerNorm adds a bias, but for those of queries and keys
    norm_inputs: bool = True  # attention and MLP read the residual stream through a norm
    unnormed: frozenset[int] = frozenset()  # the layers whose attention reads it as it is
    norm_outputs: bool = False  # what attention and MLP give is normalized, too, before it is added
    residual_factor: float = 1.0  # what attention and MLP give is multiplied by, before it is added
    norm_sums: bool = False  # the residual stream itself is normalized, whenever something has been added to it
    parallel: bool = False  # the MLP reads what the attention reads, too, and not what it adds to
    shared_norm: bool = False  # ... by the same norm
    # attention
    qkv_bias: bool = False
    o_bias: bool = False
    clip_qkv: float = 0.0  # queries, keys and values are at most so large, behind norms; 0: as large as they are
    qk_norm: QKNorm = ""
    qk_norm_biased: bool = False  # it adds a bias
    qk_norm_weighted: bool = True  # what is normalized is multiplied by weights
    qk_norm_last: bool = False  # queries and keys are normalized after they are rotated, and only where they are
    rope: Rope | None = None
    sliding_rope: Rope | None = None  # of the layers with a sliding window, where it is another
    unrotated: frozenset[int] = frozenset()  # the layers without positions
    alibi: Alibi | None = None  # scores have a bias that grows toward the last token
    distances: int = 0  # biases of scores for how far apart tokens are; 0: none
    distances_of_each: bool = False  # each layer has its own; else the first layer has them for all
    farthest: int = 0  # from which distance on the bias is the same
    query_growth: float = 0.0  # queries at position p are multiplied by 1 + it * log(1 + floor(p / query_span))
    query_span: float = 0.0
    query_start: int = 0  # which position the first token counts as there
    unrotated_grow: bool = False  # those of layers without positions are, and no others; else those that are rotated
    score_scale: float = 0.0  # what query times key is multiplied by; 0: by 1 / sqrt(d_head)
    scaled_by_layer: bool = False  # scores are divided by layer + 1, too
    score_cap: float = 0.0  # scores are capped by a tanh; 0: they are not
    sinks: bool = False  # each head has a score that no token has, which takes its share of every row of the pattern
    causal: bool = True  # no token looks at later ones; else tokens look both ways
    window: int = 0  # how many tokens a layer looks back to, its own included, or to each side, its own apart
    chunked: bool = False  # it is no window but chunks of so many tokens, none of which looks into another
    sliding: frozenset[int] = frozenset()  # the layers that look no further than the window
    # MLP
    activation: str = "silu"  # one of mmviz.scene.language.functions
    gated: bool = True  # the MLP multiplies what its activation lets through with a second projection
    mlp_bias: bool = False
    experts: Experts = NO_EXPERTS  # of which a router chooses some for each token, in some layers or all
    layout: str = ""  # which of its family's tables names its weights; "": the first
    other_class: str = ""  # of which it says to be, where transformers has it not for this model_type

    @property
    def blocks(self) -> str:
        """What the names of activations and weights of layers begin with, before the number."""
        return self.stack or "blocks"

    @property
    def last_norm(self) -> str:
        """What the norm behind the last layer is called."""
        return f"{self.stack}_final_ln" if self.stack else "ln_final"

    @property
    def mlp_norm(self) -> str:
        """What the norm of a layer's MLP is called: that of the attention across comes before it."""
        return "ln3" if self.crosses else "ln2"

    @property
    def crosses(self) -> bool:
        """Whether its layers look at what another stack gives."""
        return self.source is not None

    def is_normed(self, layer: int) -> bool:
        """Whether a layer's attention reads the residual stream through a norm."""
        return self.norm_inputs and layer not in self.unnormed

    @property
    def normed(self) -> frozenset[int]:
        """The layers whose attention does so."""
        return frozenset(filter(self.is_normed, range(self.layers)))

    @property
    def final_norm_weighted(self) -> bool:
        """Whether the norm behind the last layer has weights."""
        return self.final_norm and self.norm_weighted

    @property
    def layers_with_distances(self) -> frozenset[int]:
        """The layers that have biases of their own, or those of all."""
        if not self.distances:
            return frozenset()
        return frozenset(range(self.layers) if self.distances_of_each else {0})

    @property
    def normed_with_bias(self) -> frozenset[int]:
        """Those whose norm before the attention has a bias."""
        return self.normed if self.norm_biased else frozenset()

    @property
    def group(self) -> int:
        """How many query heads share one key-value head."""
        return self.heads // self.kv_heads

    def score_factor(self, layer: int) -> float:
        """What query times key is multiplied by."""
        factor = self.score_scale or self.d_head**-0.5
        return factor / (layer + 1) if self.scaled_by_layer else factor

    def masking(self, layer: int) -> Masking | None:
        """Which keys the queries of a layer do not look at; None where they look at all.

        Source: Hugging Face transformers 5: causal, a window of W is W tokens, of which the last is the query's own;
        where is_causal is false it is W tokens to each side. See findings/window-by-direction.sh.
        """
        if layer in self.sliding and self.chunked:
            return Masking("chunk", (self.window,))
        if layer in self.sliding:
            return Masking("window" if self.causal else "local", (self.window,))
        return Masking("tril") if self.causal else None

    def norms_heads(self, layer: int) -> bool:
        """Whether a layer normalizes its queries and keys."""
        return bool(self.qk_norm) and not (self.qk_norm_last and self.rope_of(layer) is None)

    def grows(self, layer: int) -> bool:
        """Whether the queries of a layer are multiplied by what goes with their positions."""
        return self.query_growth != 0 and (self.rope_of(layer) is None) == self.unrotated_grow

    @property
    def maskings(self) -> frozenset[Masking | None]:
        """Those of all layers."""
        return frozenset(map(self.masking, range(self.layers)))

    def rope_of(self, layer: int) -> Rope | None:
        """How a layer rotates queries and keys; None where it does not."""
        if layer in self.unrotated:
            return None
        return self.sliding_rope if self.sliding_rope is not None and layer in self.sliding else self.rope

    @property
    def sparse(self) -> frozenset[int]:
        """The layers with experts in the place of one MLP."""
        return self.experts.layers

    @property
    def dense(self) -> frozenset[int]:
        """The layers with one MLP."""
        return frozenset(range(self.layers)) - self.sparse

    @property
    def with_shared(self) -> frozenset[int]:
        """The layers with an expert that all tokens share."""
        return self.sparse if self.experts.d_shared else frozenset()

    @property
    def with_shared_gate(self) -> frozenset[int]:
        """Those whose shared expert counts for each token by a number of its own."""
        return self.with_shared if self.experts.shared_gated else frozenset()

    @property
    def with_correction(self) -> frozenset[int]:
        """The layers whose experts are chosen by more than their shares."""
        return self.sparse if self.experts.corrected else frozenset()

    @property
    def layers_alike(self) -> bool:
        """Whether all layers compute the same with other weights."""
        some = (self.sliding, self.unrotated, self.sparse)
        return (
            not self.scaled_by_layer and not self.unnormed and all(len(layers) in (0, self.layers) for layers in some)
        )

    def sizes(self) -> dict[str, int]:
        """Length of every axis, except tokens."""
        return {
            "d_model": self.d_model,
            "d_embed": self.d_embed or self.d_model,
            "d_mlp": self.d_mlp,
            "experts": self.experts.count,
            "chosen": self.experts.chosen,
            "d_expert": self.experts.d_expert,
            "gate_up": 2 * self.experts.d_expert,
            "d_shared": self.experts.d_shared,
            "shared_gate_up": 2 * self.experts.d_shared,
            "": 1,
            "heads": self.heads,
            "kv_heads": self.kv_heads,
            "d_head": self.d_head,
            "q_width": self.heads * self.d_head,
            "kv_width": self.kv_heads * self.d_head,
            "qkv_width": (self.heads + 2 * self.kv_heads) * self.d_head,
            "gate_up_width": 2 * self.d_mlp,
            "vocabulary": self.vocabulary,
            "one": 1,
            "positions": self.positions,
            "position_rows": self.positions + self.position_offset,
            "token_types": self.token_types,
            "distances": self.distances,
        }


def model_sizes(config: ModelConfig, name: str) -> ModelSizes:
    """What a window tells of a model.

    Args:
        config: Its configuration.
        name: What to call it.
    """
    bare = replace(
        config,
        kind="",
        layout="",
        other_class="",
        source=None,
        layers=0,
        d_model=0,
        d_mlp=0,
        heads=0,
        kv_heads=0,
        d_head=0,
        vocabulary=0,
    )
    of_layers = frozenset({0}) if config.layers_alike else frozenset(range(config.layers))
    bare = replace(bare, sliding=config.sliding & of_layers, unrotated=config.unrotated & of_layers)
    bare = replace(bare, experts=replace(config.experts, d_expert=0, layers=config.sparse & of_layers))
    return ModelSizes(
        name=name,
        layers=config.layers,
        heads=config.heads,
        kv_heads=config.kv_heads,
        d_model=config.d_model,
        d_head=config.d_head,
        context=config.positions,
        layers_alike=config.layers_alike,
        arithmetic=replace(bare, positions=0, tied=False, unembeds=False),
    )
