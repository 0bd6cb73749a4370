"""What a model's config.json says, checked; no weights, no torch."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from mmviz.errors import SourceError
from mmviz.scene.keys.model_sizes import ModelSizes
from mmviz.scene.language.masks import Masking
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OTHER_NAMES, TABLES
from mmviz.values.families.rope import Rope, read_rope

Family = Literal["llama", "gpt2"]
"""Whose layers a model has: how its weights are called and laid out, and what its forward pass is."""

ARCHITECTURE = re.compile(r"(GPT2|Llama|Mistral|Qwen2)(?:For[A-Z]\w*|LMHeadModel|DoubleHeadsModel|Model)")
"""What a model of one of the model_types is called; its beginning in small letters is the model_type."""
WITHOUT_HEAD = re.compile(
    r"\w*(?:(?<!LMHead)(?<!DoubleHeads)Model"
    r"|For(?:Sequence|Token)?Classification|ForQuestionAnswering|ForMultipleChoice|ForRegression|ForScore)"
)
"""The architectures that end with the last norm, or go on with a head for another task than to tell the next token: of
them a file has no unembedding, where that is not tied."""
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
MOST_LAYERS, MOST_OF_HEAD = 1 << 14, 1 << 16
"""More than any model has: so many names and rotary frequencies are made before a weight is looked for."""
FULL, SLIDING = "full_attention", "sliding_attention"
LAYER_TYPES: Mapping[str, tuple[str, ...]] = {"llama": (FULL,), "mistral": (FULL, SLIDING), "qwen2": (FULL, SLIDING)}
"""What a layer may be by layer_types; of a Mistral all layers slide, whatever it says."""


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
    norm: Literal["rms", "layer"] = "rms"  # RMSNorm, or LayerNorm with a bias
    qk_norm: bool = False  # queries and keys of each head are normalized before they are rotated
    gated: bool = True  # the MLP multiplies what its activation lets through with a second projection
    learned_positions: bool = False  # a vector for each position is added to the embedding
    rope: Rope | None = None
    qkv_bias: bool = False
    o_bias: bool = False
    mlp_bias: bool = False
    scaled: bool = True  # scores are divided by sqrt(d_head)
    scaled_by_layer: bool = False  # scores are divided by layer + 1, too
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
        factor = self.d_head**-0.5 if self.scaled else 1.0
        return factor / (layer + 1) if self.scaled_by_layer else factor

    def masking(self, layer: int) -> Masking | None:
        """Which keys the queries of a layer do not look at; None where they look at all.

        Source: Hugging Face transformers 5: causal, a window of W is W tokens, of which the last is the query's own;
        where is_causal is false it is W tokens to each side.
        """
        if layer in self.sliding:
            return Masking("window" if self.causal else "local", (self.window,))
        return Masking("tril") if self.causal else None

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
        kind = _kind(config, where)
        keys = Keys(_renamed(config, kind), where, TABLES[kind])
        keys.check(f"a model of type {kind}")
        return _gpt2(keys) if kind == "gpt2" else _llama(keys, kind)


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


def _kind(config: Mapping[str, Any], where: str) -> str:
    kind = config.get("model_type")
    if kind is None and (found := ARCHITECTURE.fullmatch(_architecture(config))):
        kind = found[1].lower()
    if kind is None:
        raise SourceError(f"{where}, model_type: is missing; one of {_known()} is needed.")
    if kind not in TABLES:
        raise SourceError(f"{where}, model_type: {kind!r} is not supported; one of {_known()} is needed.")
    return str(kind)


def _architecture(config: Mapping[str, Any]) -> str:
    architectures = config.get("architectures")
    return str(architectures[0]) if isinstance(architectures, list) and architectures else ""


def _other_class(config: Mapping[str, Any], kind: str) -> str:
    """The class that a model says to be of, where that is none of its model_type, or one that comes with the files."""
    name = _architecture(config)
    found = ARCHITECTURE.fullmatch(name)
    ours = not name or (found is not None and found[1].lower() == kind)
    return "" if ours and not config.get("auto_map") else name or "class of its own"


def _known() -> str:
    return ", ".join(TABLES)


def _renamed(config: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """With each key under its first name."""
    names = OTHER_NAMES.get(kind, {})
    others = {names[key]: value for key, value in config.items() if key in names and value is not None}
    return {key: value for key, value in config.items() if key not in names} | others


def _unembeds(config: Mapping[str, Any], tied: bool) -> bool:
    return tied or not WITHOUT_HEAD.fullmatch(_architecture(config))


def _gpt2(keys: Keys) -> ModelConfig:
    d_model, heads = keys.whole("n_embd"), keys.whole("n_head")
    if d_model % heads:
        raise keys.problem("n_embd", f"is {d_model}; a multiple of the {heads} heads is needed.")
    tied = keys.flag("tie_word_embeddings")
    old = keys.config.get("n_positions") is None and keys.config.get("n_ctx") is not None
    return ModelConfig(
        family="gpt2",
        kind="gpt2",
        layers=keys.whole("n_layer", most=MOST_LAYERS),
        d_model=d_model,
        d_mlp=keys.whole("n_inner", missing=4 * d_model),
        heads=heads,
        kv_heads=heads,
        d_head=d_model // heads,
        vocabulary=keys.whole("vocab_size"),
        positions=keys.whole("n_ctx" if old else "n_positions"),
        norm_eps=keys.positive("layer_norm_epsilon"),
        tied=tied,
        activation=keys.one_of("activation_function", ACTIVATIONS),
        norm="layer",
        gated=False,
        learned_positions=True,
        qkv_bias=True,
        o_bias=True,
        mlp_bias=True,
        scaled=keys.flag("scale_attn_weights"),
        scaled_by_layer=keys.flag("scale_attn_by_inverse_layer_idx"),
        unembeds=_unembeds(keys.config, tied),
        causal=keys.flag("is_causal", null=False),
        other_class=_other_class(keys.config, "gpt2"),
    )


def _llama(keys: Keys, kind: str) -> ModelConfig:
    d_model, heads = keys.whole("hidden_size"), keys.whole("num_attention_heads")
    kv_heads = keys.whole("num_key_value_heads", missing=heads)
    if heads % kv_heads:
        raise SourceError(
            f"{keys.where}: {heads} heads do not share {kv_heads} key-value heads evenly; "
            "num_attention_heads must be a multiple of num_key_value_heads."
        )
    if keys.config.get("head_dim") is None and d_model % heads:
        raise keys.problem("hidden_size", f"is {d_model}; a multiple of the {heads} heads, or head_dim, is needed.")
    d_head = keys.whole("head_dim", missing=d_model // heads, most=MOST_OF_HEAD)
    if d_head > MOST_OF_HEAD:
        raise keys.problem("hidden_size", f"is {d_model}; heads of at most {MOST_OF_HEAD} numbers are needed.")
    if d_head % 2:
        raise keys.problem("head_dim", f"is {d_head}; rotary positions need an even number.")
    layers = keys.whole("num_hidden_layers", most=MOST_LAYERS)
    tied = keys.flag("tie_word_embeddings")
    sliding = _sliding(keys, kind, layers)
    biased = kind == "llama" and keys.flag("attention_bias")
    return ModelConfig(
        family="llama",
        kind=kind,
        layers=layers,
        d_model=d_model,
        d_mlp=keys.whole("intermediate_size"),
        heads=heads,
        kv_heads=kv_heads,
        d_head=d_head,
        vocabulary=keys.whole("vocab_size"),
        positions=keys.whole("max_position_embeddings"),
        norm_eps=keys.positive("rms_norm_eps"),
        tied=tied,
        activation=keys.one_of("hidden_act", ACTIVATIONS),
        rope=read_rope(keys, d_head),
        qkv_bias=biased or kind == "qwen2",
        o_bias=biased,
        mlp_bias=kind == "llama" and keys.flag("mlp_bias"),
        unembeds=_unembeds(keys.config, tied),
        causal=keys.flag("is_causal", null=False),
        window=keys.whole("sliding_window") if sliding else 0,
        sliding=sliding,
        other_class=_other_class(keys.config, kind),
    )


def _sliding(keys: Keys, kind: str, layers: int) -> frozenset[int]:
    """The layers that look no further than a window."""
    types = keys.each("layer_types", layers, LAYER_TYPES[kind])
    every = frozenset(range(layers))
    if kind != "qwen2":
        return every if kind == "mistral" and keys.given("sliding_window") is not None else frozenset()
    window = keys.flag("use_sliding_window") and keys.given("sliding_window") is not None
    if types is None:
        return frozenset(range(keys.whole("max_window_layers", least=0), layers)) if window else frozenset()
    if SLIDING in types and not window:
        raise keys.problem("layer_types", f"has {SLIDING}, but there is no window; use_sliding_window is needed.")
    return frozenset(layer for layer in every if types[layer] == SLIDING)
