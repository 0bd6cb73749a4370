"""What a model's config.json says, checked; no weights, no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from mmviz.errors import SourceError
from mmviz.scene.keys.model_sizes import ModelSizes
from mmviz.scene.language.masks import Masking
from mmviz.values.families.architectures import has_unembedding, kind_of, other_class_of
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OTHER_NAMES, TABLES
from mmviz.values.families.rope import Rope, read_rope, read_ropes
from mmviz.values.families.sliding import EITHER, FULL, sliding_layers

Family = Literal["llama", "gpt2", "gemma", "gemma2", "gpt_neox", "phi", "gptj"]
"""Whose layers a model has: how its weights are called and laid out, and what its forward pass is."""

Norm = Literal["rms", "layer"]
ACTIVATIONS: Mapping[str, str] = {
    "silu": "silu",
    "swish": "silu",
    "relu": "relu",
    "gelu": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
}
"""Our functions by the names that Hugging Face gives them."""
BIASED = ("llama", "qwen3", "gemma", "gemma2", "gemma3_text")
"""Model types in which attention_bias counts."""
MOST_LAYERS, MOST_OF_HEAD = 1 << 14, 1 << 16
"""More than any model has: so many names and rotary frequencies are made before a weight is looked for."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What the models of a model_type are beyond plain Llamas."""

    family: Family = "llama"
    types: tuple[str, ...] = EITHER  # what a layer may be by layer_types
    qkv_bias: bool = False  # in any case
    qk_norm: bool = False
    sandwiched: bool = False
    embed_scaled: bool = False
    activation: str = "hidden_act"  # the key
    activations: Mapping[str, str] = field(default_factory=lambda: ACTIVATIONS)  # by the names that it may say


TRAITS: Mapping[str, Traits] = {
    "llama": Traits(types=(FULL,)),
    "mistral": Traits(),  # all layers slide, whatever layer_types says
    "qwen2": Traits(qkv_bias=True),
    "qwen3": Traits(qk_norm=True),
    "gemma": Traits("gemma", embed_scaled=True, activations={**ACTIVATIONS, "gelu": "gelu_tanh"}),
    "gemma2": Traits("gemma2", sandwiched=True, embed_scaled=True, activation="hidden_activation"),
    "gemma3_text": Traits("gemma2", qk_norm=True, sandwiched=True, embed_scaled=True, activation="hidden_activation"),
}
"""By model_type. The first configurations of Gemma say gelu and mean its tanh approximation: transformers 5.24,
GemmaConfig."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The sizes of a model and the few constants its arithmetic needs."""

    family: Family
    kind: str  # model_type: llama, mistral, qwen2, gpt2
    layers: int
    d_model: int
    d_mlp: int
    heads: int
    kv_heads: int  # key-value head h // group serves query head h
    d_head: int
    vocabulary: int  # token ids are 0 to vocabulary - 1
    positions: int  # most tokens of a prompt
    norm_eps: float
    tied: bool  # the unembedding is the embedding, transposed
    activation: str  # of the MLP, one of mmviz.scene.language.functions
    norm: Norm = "rms"  # RMSNorm, or LayerNorm with a bias
    qk_norm: bool = False  # queries and keys of each head are normalized before they are rotated
    sandwiched: bool = False  # what attention and MLP give is normalized, too, before it is added
    parallel: bool = False  # the MLP reads what the attention reads, too, and not what it adds to
    shared_norm: bool = False  # ... by the same norm
    embed_factor: float = 1.0  # what the embedding is multiplied by
    gated: bool = True  # the MLP multiplies what its activation lets through with a second projection
    learned_positions: bool = False  # a vector for each position is added to the embedding
    rope: Rope | None = None
    sliding_rope: Rope | None = None  # of the layers with a sliding window, where it is another
    qkv_bias: bool = False
    o_bias: bool = False
    mlp_bias: bool = False
    unembed_bias: bool = False
    scaled: bool = True  # scores are divided by sqrt(d_head)
    scaled_by_layer: bool = False  # scores are divided by layer + 1, too
    scalar: float = 0.0  # whose root scores are divided by, in the place of that of d_head; 0: d_head
    score_cap: float = 0.0  # scores are capped by a tanh; 0: they are not
    logit_cap: float = 0.0
    unembeds: bool = True  # it has logits; else it ends with the last norm
    causal: bool = True  # no token looks at later ones; else tokens look both ways
    window: int = 0  # how many tokens a layer looks back to, its own included, or to each side, its own apart
    sliding: frozenset[int] = frozenset()  # the layers that look no further than the window
    other_class: str = ""  # of which it says to be, where transformers has it not for this model_type

    @property
    def group(self) -> int:
        """How many query heads share one key-value head."""
        return self.heads // self.kv_heads

    def score_factor(self, layer: int) -> float:
        """What query times key is multiplied by."""
        factor = (self.scalar or self.d_head) ** -0.5 if self.scaled else 1.0
        return factor / (layer + 1) if self.scaled_by_layer else factor

    def masking(self, layer: int) -> Masking | None:
        """Which keys the queries of a layer do not look at; None where they look at all.

        Source: Hugging Face transformers 5: causal, a window of W is W tokens, of which the last is the query's own;
        where is_causal is false it is W tokens to each side. See findings/window-by-direction.sh.
        """
        if layer in self.sliding:
            return Masking("window" if self.causal else "local", (self.window,))
        return Masking("tril") if self.causal else None

    @property
    def maskings(self) -> frozenset[Masking | None]:
        """Those of all layers."""
        return frozenset(map(self.masking, range(self.layers)))

    def rope_of(self, layer: int) -> Rope | None:
        """How a layer rotates queries and keys; None where it does not."""
        return self.sliding_rope if self.sliding_rope is not None and layer in self.sliding else self.rope

    @property
    def layers_alike(self) -> bool:
        """Whether all layers compute the same with other weights."""
        return not self.scaled_by_layer and len(self.sliding) in (0, self.layers)

    def sizes(self) -> dict[str, int]:
        """Length of every axis, except tokens."""
        return {
            "d_model": self.d_model,
            "d_mlp": self.d_mlp,
            "heads": self.heads,
            "kv_heads": self.kv_heads,
            "d_head": self.d_head,
            "q_width": self.heads * self.d_head,
            "kv_width": self.kv_heads * self.d_head,
            "qkv_width": (self.heads + 2 * self.kv_heads) * self.d_head,
            "vocabulary": self.vocabulary,
            "positions": self.positions,
        }

    @classmethod
    def from_json(cls, config: Mapping[str, Any], where: str) -> "ModelConfig":
        """Read the keys of transformers 4 and 5.

        Args:
            config: The content of config.json.
            where: Its path, for messages.

        Raises:
            SourceError: a key is missing or out of range, or asks for what is not supported.
        """
        for key in ("quantization_config", "compression_config"):
            if config.get(key):
                raise SourceError(
                    f"{where}, {key}: quantized safetensors are not supported; plain ones, or GGUF, are needed."
                )
        kind = kind_of(config, where)
        keys = Keys(_renamed(config, kind), where, TABLES[kind])
        keys.check(f"a model of type {kind}")
        match kind:
            case "gpt2":
                return _gpt2(keys)
            case "gptj":
                return _gptj(keys)
            case "gpt_neox" | "phi":
                return _side_by_side(keys, kind)
            case _:
                return _llama(keys, kind)


def model_sizes(config: ModelConfig, name: str) -> ModelSizes:
    """What a window tells of a model.

    Args:
        config: Its configuration.
        name: What to call it.
    """
    bare = replace(
        config, kind="", other_class="", layers=0, d_model=0, d_mlp=0, heads=0, kv_heads=0, d_head=0, vocabulary=0
    )
    bare = replace(bare, sliding=frozenset({0} & config.sliding) if config.layers_alike else config.sliding)
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


def _renamed(config: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """With each key under its first name."""
    names = OTHER_NAMES.get(kind, {})
    others = {names[key]: value for key, value in config.items() if key in names and value is not None}
    return {key: value for key, value in config.items() if key not in names} | others


def _by_old_names(keys: Keys, family: Family) -> ModelConfig:
    """What GPT-2 and GPT-J have in common."""
    d_model, heads = keys.whole("n_embd"), keys.whole("n_head")
    if d_model % heads:
        raise keys.problem("n_embd", f"is {d_model}; a multiple of the {heads} heads is needed.")
    tied = keys.flag("tie_word_embeddings")
    return ModelConfig(
        family=family,
        kind=family,
        layers=keys.whole("n_layer", most=MOST_LAYERS),
        d_model=d_model,
        d_mlp=keys.whole("n_inner", missing=4 * d_model),
        heads=heads,
        kv_heads=heads,
        d_head=d_model // heads,
        vocabulary=keys.whole("vocab_size"),
        positions=keys.whole("n_positions"),
        norm_eps=keys.positive("layer_norm_epsilon"),
        tied=tied,
        activation=keys.one_of("activation_function", ACTIVATIONS),
        norm="layer",
        gated=False,
        mlp_bias=True,
        unembeds=has_unembedding(keys.config, tied),
        causal=keys.flag("is_causal", null=False),
        other_class=other_class_of(keys.config, family),
    )


def _gpt2(keys: Keys) -> ModelConfig:
    old = keys.config.get("n_positions") is None and keys.config.get("n_ctx") is not None
    return replace(
        _by_old_names(keys, "gpt2"),
        positions=keys.whole("n_ctx" if old else "n_positions"),
        learned_positions=True,
        qkv_bias=True,
        o_bias=True,
        scaled=keys.flag("scale_attn_weights"),
        scaled_by_layer=keys.flag("scale_attn_by_inverse_layer_idx"),
    )


def _gptj(keys: Keys) -> ModelConfig:
    config = _by_old_names(keys, "gptj")
    size = keys.whole("rotary_dim", most=MOST_OF_HEAD)
    if size % 2 or size > config.d_head:
        raise keys.problem("rotary_dim", f"is {size}, of heads of {config.d_head} numbers; an even part is needed.")
    rope = Rope(10000.0, size=0 if size == config.d_head else size, neighbours=True)
    return replace(config, rope=rope, parallel=True, shared_norm=True, unembed_bias=True)


def _side_by_side(keys: Keys, kind: str) -> ModelConfig:
    """Models whose attention and MLP read the same, GPT-NeoX and Phi."""
    phi = kind == "phi"
    d_model, heads = keys.whole("hidden_size"), keys.whole("num_attention_heads")
    kv_heads = _kv_heads(keys, heads) if phi else heads
    if d_model % heads:
        raise keys.problem("hidden_size", f"is {d_model}; a multiple of the {heads} heads is needed.")
    d_head = _small_enough(keys, d_model, d_model // heads)
    biased, tied = phi or keys.flag("attention_bias", null=False), keys.flag("tie_word_embeddings")
    base, share = ("rope_theta", "partial_rotary_factor") if phi else ("rotary_emb_base", "rotary_pct")
    rope = read_rope(keys, d_head, base, share)
    return ModelConfig(
        family="phi" if phi else "gpt_neox",
        kind=kind,
        layers=keys.whole("num_hidden_layers", most=MOST_LAYERS),
        d_model=d_model,
        d_mlp=keys.whole("intermediate_size"),
        heads=heads,
        kv_heads=kv_heads,
        d_head=d_head,
        vocabulary=keys.whole("vocab_size"),
        positions=rope.most_tokens(keys.whole("max_position_embeddings")),
        norm_eps=keys.positive("layer_norm_eps"),
        tied=tied,
        activation=keys.one_of("hidden_act", ACTIVATIONS),
        norm="layer",
        parallel=phi or keys.flag("use_parallel_residual", null=False),
        shared_norm=phi,
        gated=False,
        rope=rope,
        qkv_bias=biased,
        o_bias=biased,
        mlp_bias=True,
        unembed_bias=phi,
        unembeds=has_unembedding(keys.config, tied),
        causal=keys.flag("is_causal", null=False),
        other_class=other_class_of(keys.config, kind),
    )


def _kv_heads(keys: Keys, heads: int) -> int:
    kv_heads = keys.whole("num_key_value_heads", missing=heads)
    if heads % kv_heads:
        raise SourceError(
            f"{keys.where}: {heads} heads do not share {kv_heads} key-value heads evenly; "
            "num_attention_heads must be a multiple of num_key_value_heads."
        )
    return kv_heads


def _small_enough(keys: Keys, d_model: int, d_head: int) -> int:
    if d_head > MOST_OF_HEAD:
        raise keys.problem("hidden_size", f"is {d_model}; heads of at most {MOST_OF_HEAD} numbers are needed.")
    return d_head


def _rotated_head(keys: Keys, d_model: int, heads: int) -> int:
    if keys.config.get("head_dim") is None and d_model % heads:
        raise keys.problem("hidden_size", f"is {d_model}; a multiple of the {heads} heads, or head_dim, is needed.")
    d_head = _small_enough(keys, d_model, keys.whole("head_dim", missing=d_model // heads, most=MOST_OF_HEAD))
    if d_head % 2:
        raise keys.problem("head_dim", f"is {d_head}; rotary positions need an even number.")
    return d_head


def _llama(keys: Keys, kind: str) -> ModelConfig:
    traits, d_model, heads = TRAITS[kind], keys.whole("hidden_size"), keys.whole("num_attention_heads")
    kv_heads, d_head = _kv_heads(keys, heads), _rotated_head(keys, d_model, heads)
    layers = keys.whole("num_hidden_layers", most=MOST_LAYERS)
    tied = keys.flag("tie_word_embeddings")
    sliding = sliding_layers(keys, kind, layers, traits.types)
    rope, sliding_rope = read_ropes(keys, d_head) if kind == "gemma3_text" else (read_rope(keys, d_head), None)
    if "use_bidirectional_attention" in TABLES[kind] and keys.given("use_bidirectional_attention"):
        raise keys.problem("use_bidirectional_attention", "True is not supported; False is needed.")
    biased = kind in BIASED and keys.flag("attention_bias")
    return ModelConfig(
        family=traits.family,
        kind=kind,
        layers=layers,
        d_model=d_model,
        d_mlp=keys.whole("intermediate_size"),
        heads=heads,
        kv_heads=kv_heads,
        d_head=d_head,
        vocabulary=keys.whole("vocab_size"),
        positions=rope.most_tokens(keys.whole("max_position_embeddings")),
        norm_eps=keys.positive("rms_norm_eps"),
        tied=tied,
        activation=keys.one_of(traits.activation, traits.activations),
        qk_norm=traits.qk_norm,
        sandwiched=traits.sandwiched,
        embed_factor=float(np.float32(d_model**0.5)) if traits.embed_scaled else 1.0,  # as transformers rounds it
        rope=rope,
        sliding_rope=sliding_rope,
        scalar=float(keys.whole("query_pre_attn_scalar")) if "query_pre_attn_scalar" in TABLES[kind] else 0.0,
        score_cap=keys.cap("attn_logit_softcapping"),
        logit_cap=keys.cap("final_logit_softcapping"),
        qkv_bias=biased or traits.qkv_bias,
        o_bias=biased,
        mlp_bias=kind == "llama" and keys.flag("mlp_bias"),
        unembeds=has_unembedding(keys.config, tied),
        causal=keys.flag("is_causal", null=False),
        window=keys.whole("sliding_window") if sliding else 0,
        sliding=sliding,
        other_class=other_class_of(keys.config, kind),
    )
