"""What a model's config.json says, checked; no weights, no torch."""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeGuard

from mmviz.errors import SourceError
from mmviz.scene.keys.model_sizes import ModelSizes

Family = Literal["llama", "gpt2"]
"""Whose layers a model has: how its weights are called and laid out, and what its forward pass is."""

LLAMAS: Mapping[str, Mapping[str, object]] = {
    "llama": {"max_position_embeddings": 2048},
    "mistral": {"max_position_embeddings": 131072, "num_key_value_heads": 8, "sliding_window": 4096},
    "qwen2": {"max_position_embeddings": 32768, "num_key_value_heads": 32, "use_sliding_window": False},
}
"""The model_types that share Llama's layers, and what each means where config.json leaves a key out."""
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
LARGEST = (1 << 40) - 1
MOST_LAYERS, MOST_OF_HEAD = 1 << 14, 1 << 16
"""More than any model has: so many names and rotary frequencies are made before a weight is looked for."""
EPS_OF_LLAMA, EPS_OF_GPT2 = 1e-6, 1e-5
THETA = 10000.0


@dataclass(frozen=True, slots=True)
class Rope:
    """Rotary positions: pair p of d_head / 2 turns by 1 / (theta^(2p / d_head) * stretch) radians a token."""

    theta: float
    kind: Literal["default", "linear", "llama3", "factors"] = "default"
    factor: float = 1.0  # by which wavelengths grow: all of them (linear), or the long ones (llama3)
    low: float = 1.0  # llama3: wavelengths above length / low grow by all of factor
    high: float = 4.0  # llama3: wavelengths below length / high stay
    length: float = 8192.0  # llama3: tokens of the original context
    factors: tuple[float, ...] = ()  # factors: of each pair


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
    rope: Rope | None = None
    qkv_bias: bool = False
    o_bias: bool = False
    mlp_bias: bool = False
    scaled: bool = True  # scores are divided by sqrt(d_head)
    scaled_by_layer: bool = False  # scores are divided by layer + 1, too
    unembeds: bool = True  # it has logits; else it ends with the last norm

    @property
    def group(self) -> int:
        """How many query heads share one key-value head."""
        return self.heads // self.kv_heads

    def score_factor(self, layer: int) -> float:
        """What query times key is multiplied by."""
        factor = self.d_head**-0.5 if self.scaled else 1.0
        return factor / (layer + 1) if self.scaled_by_layer else factor

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
        if config.get("quantization_config"):
            raise SourceError(
                f"{where}, quantization_config: quantized safetensors are not supported; "
                "plain ones, or GGUF, are needed."
            )
        kind = _kind(config, where)
        return _gpt2(_Keys(config, where)) if kind == "gpt2" else _llama(_Keys({**LLAMAS[kind], **config}, where), kind)


def model_sizes(config: ModelConfig, name: str) -> ModelSizes:
    """What a window tells of a model.

    Args:
        config: Its configuration.
        name: What to call it.
    """
    bare = replace(config, kind="", layers=0, d_model=0, d_mlp=0, heads=0, kv_heads=0, d_head=0, vocabulary=0)
    return ModelSizes(
        name=name,
        layers=config.layers,
        heads=config.heads,
        kv_heads=config.kv_heads,
        d_model=config.d_model,
        d_head=config.d_head,
        context=config.positions,
        layers_alike=not config.scaled_by_layer,
        arithmetic=replace(bare, positions=0, tied=False, unembeds=False),
    )


def _kind(config: Mapping[str, Any], where: str) -> str:
    kind = config.get("model_type")
    if kind is None and (found := ARCHITECTURE.fullmatch(_architecture(config))):
        kind = found[1].lower()
    if kind is None:
        raise SourceError(f"{where}, model_type: is missing; one of {_known()} is needed.")
    if kind not in ("gpt2", *LLAMAS):
        raise SourceError(f"{where}, model_type: {kind!r} is not supported; one of {_known()} is needed.")
    return str(kind)


def _architecture(config: Mapping[str, Any]) -> str:
    architectures = config.get("architectures")
    return str(architectures[0]) if isinstance(architectures, list) and architectures else ""


def _known() -> str:
    return ", ".join(("gpt2", *LLAMAS))


class _Keys:
    """The keys of one config.json, each checked where it is read."""

    def __init__(self, config: Mapping[str, Any], where: str) -> None:
        self.config = config
        self.where = where

    def whole(self, key: str, missing: int | None = None, most: int | None = None) -> int:
        value = self.config.get(key)
        if value is None and missing is not None:
            return missing
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST:
            raise self.problem(key, f"{_found(value)}; a whole number from 1 up is needed.")
        if most is not None and value > most:
            raise self.problem(key, f"is {value}; a whole number from 1 to {most} is needed.")
        return value

    def positive(self, key: str, missing: float | None = None) -> float:
        value = self.config.get(key)
        if value is None and missing is not None:
            return missing
        if not _is_positive(value):
            raise self.problem(key, f"{_found(value)}; a number above 0 is needed.")
        return float(value)

    def flag(self, key: str, missing: bool) -> bool:
        value = self.config.get(key)
        if value is None:
            return missing
        if not isinstance(value, bool):
            raise self.problem(key, f"{_found(value)}; true or false is needed.")
        return value

    def activation(self, key: str, missing: str) -> str:
        value = self.config.get(key)
        value = missing if value is None else value
        if not isinstance(value, str) or value not in ACTIVATIONS:
            raise self.problem(key, f"{value!r} is not supported; one of {', '.join(ACTIVATIONS)} is needed.")
        return ACTIVATIONS[value]

    def only(self, key: str, value: object) -> None:
        found = self.config.get(key)
        if found is not None and found != value:
            raise self.problem(key, f"{found!r} is not supported; {value!r} is needed.")

    def part(self, key: str) -> "_Keys":
        value = self.config.get(key)
        value = {} if value is None else value
        if not isinstance(value, Mapping):
            raise self.problem(key, f"is {value!r}; an object or null is needed.")
        return _Keys(value, f"{self.where}, {key}")

    def unembeds(self, tied: bool) -> bool:
        return tied or not WITHOUT_HEAD.fullmatch(_architecture(self.config))

    def problem(self, key: str, text: str) -> SourceError:
        return SourceError(f"{self.where}, {key}: {text}")


def _gpt2(keys: _Keys) -> ModelConfig:
    d_model, heads = keys.whole("n_embd"), keys.whole("n_head")
    if d_model % heads:
        raise keys.problem("n_embd", f"is {d_model}; a multiple of the {heads} heads is needed.")
    keys.only("add_cross_attention", value=False)
    tied = keys.flag("tie_word_embeddings", missing=True)
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
        positions=keys.whole("n_positions", missing=keys.whole("n_ctx", missing=1024)),
        norm_eps=keys.positive("layer_norm_epsilon", missing=EPS_OF_GPT2),
        tied=tied,
        activation=keys.activation("activation_function", missing="gelu_new"),
        qkv_bias=True,
        o_bias=True,
        mlp_bias=True,
        scaled=keys.flag("scale_attn_weights", missing=True),
        scaled_by_layer=keys.flag("scale_attn_by_inverse_layer_idx", missing=False),
        unembeds=keys.unembeds(tied),
    )


def _llama(keys: _Keys, kind: str) -> ModelConfig:
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
    only_qkv = kind == "qwen2"
    tied = keys.flag("tie_word_embeddings", missing=False)
    biased = only_qkv or keys.flag("attention_bias", missing=False)
    return ModelConfig(
        family="llama",
        kind=kind,
        layers=keys.whole("num_hidden_layers", most=MOST_LAYERS),
        d_model=d_model,
        d_mlp=keys.whole("intermediate_size"),
        heads=heads,
        kv_heads=kv_heads,
        d_head=d_head,
        vocabulary=keys.whole("vocab_size"),
        positions=_positions(keys),
        norm_eps=keys.positive("rms_norm_eps", missing=EPS_OF_LLAMA),
        tied=tied,
        activation=keys.activation("hidden_act", missing="silu"),
        rope=_rope(keys, d_head),
        qkv_bias=biased,
        o_bias=biased and not only_qkv,
        mlp_bias=keys.flag("mlp_bias", missing=False),
        unembeds=keys.unembeds(tied),
    )


def _positions(keys: _Keys) -> int:
    """Most tokens of a prompt: the context, or the window where attention looks no further back than that."""
    context = keys.whole("max_position_embeddings")
    slides = keys.config.get("use_sliding_window", True) and keys.config.get("sliding_window") is not None
    return min(context, keys.whole("sliding_window")) if slides else context


def _rope(keys: _Keys, d_head: int) -> Rope:
    keys.only("partial_rotary_factor", value=1.0)
    new, old = keys.part("rope_parameters"), keys.part("rope_scaling")
    theta = new.positive("rope_theta", missing=keys.positive("rope_theta", missing=THETA))
    scaling = new if _rope_kind(new) != "default" else old
    new.only("partial_rotary_factor", value=1.0)
    kind = _rope_kind(scaling)
    if kind not in ROPES:
        raise scaling.problem(
            "rope_type", f"rotary scaling {kind!r} is not supported; one of {', '.join(ROPES)} is needed."
        )
    rope = ROPES[kind](scaling, theta)
    if rope.factors and len(rope.factors) != d_head // 2:
        raise scaling.problem("factors", f"are {len(rope.factors)} numbers; {d_head // 2} are needed.")
    return rope


def _rope_kind(keys: _Keys) -> str:
    return str(keys.config.get("rope_type") or keys.config.get("type") or "default")


def _llama3(keys: _Keys, theta: float) -> Rope:
    low, high = keys.positive("low_freq_factor"), keys.positive("high_freq_factor")
    if high <= low:
        raise keys.problem("high_freq_factor", f"is {high:g}; more than low_freq_factor, {low:g}, is needed.")
    length = keys.positive("original_max_position_embeddings")
    return Rope(theta, "llama3", keys.positive("factor"), low, high, length)


def _by_factors(keys: _Keys, theta: float) -> Rope:
    factors = keys.config.get("factors")
    if not isinstance(factors, list | tuple) or not all(map(_is_positive, factors)):
        raise keys.problem("factors", "a list of numbers above 0 is needed.")
    return Rope(theta, "factors", factors=tuple(map(float, factors)))


ROPES: Mapping[str, Callable[[_Keys, float], Rope]] = {
    "default": lambda _, theta: Rope(theta),
    "linear": lambda keys, theta: Rope(theta, "linear", keys.positive("factor")),
    "llama3": _llama3,
    "factors": _by_factors,
}


def _is_positive(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= sys.float_info.max


def _found(value: object) -> str:
    return "is missing" if value is None else f"is {value!r}"
