"""What a Llama's config.json says, checked; no weights, no torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mmviz.errors import SourceError

# What the forward pass is written for; a key that is missing has this value in transformers too.
ONLY: Mapping[str, object] = {"hidden_act": "silu", "attention_bias": False, "mlp_bias": False}


@dataclass(frozen=True, slots=True)
class LlamaConfig:
    """The sizes of a Llama and the few constants its arithmetic needs."""

    layers: int
    d_model: int
    d_mlp: int
    heads: int
    kv_heads: int  # key-value head h // group serves query head h
    d_head: int
    vocabulary: int  # token ids are 0 to vocabulary - 1
    rope_theta: float  # base of the rotary wavelengths
    rms_norm_eps: float
    tied: bool  # the unembedding is the embedding, transposed

    @property
    def group(self) -> int:
        """How many query heads share one key-value head."""
        return self.heads // self.kv_heads

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
            "vocabulary": self.vocabulary,
        }

    @classmethod
    def from_json(cls, config: Mapping[str, Any], where: str) -> "LlamaConfig":
        """Read the keys of transformers 4 and 5.

        Args:
            config: The content of config.json.
            where: Its path, for messages.

        Raises:
            SourceError: a key is missing or out of range, or asks for what is not supported yet.
        """
        _check_supported(config, where)
        d_model = _whole(config, "hidden_size", where)
        heads = _whole(config, "num_attention_heads", where)
        read = cls(
            layers=_whole(config, "num_hidden_layers", where),
            d_model=d_model,
            d_mlp=_whole(config, "intermediate_size", where),
            heads=heads,
            kv_heads=_whole(config, "num_key_value_heads", where, missing=heads),
            d_head=_whole(config, "head_dim", where, missing=d_model // heads),
            vocabulary=_whole(config, "vocab_size", where),
            rope_theta=_rope_theta(config, where),
            rms_norm_eps=_positive(config, "rms_norm_eps", where, missing=1e-6),
            tied=bool(config.get("tie_word_embeddings", False)),
        )
        if read.heads % read.kv_heads:
            raise SourceError(
                f"{where}: {read.heads} heads do not share {read.kv_heads} key-value heads evenly; "
                "num_attention_heads must be a multiple of num_key_value_heads."
            )
        if read.d_head % 2:
            raise SourceError(f"{where}, head_dim: is {read.d_head}; rotary positions need an even number.")
        return read


def _check_supported(config: Mapping[str, Any], where: str) -> None:
    kind = config.get("model_type")
    if kind != "llama":
        raise SourceError(f"{where}, model_type: {kind!r} is not supported yet; 'llama' is needed.")
    if config.get("quantization_config"):
        raise SourceError(
            f"{where}, quantization_config: quantized weights are not supported yet; plain ones are needed."
        )
    for key, only in ONLY.items():
        if config.get(key, only) != only:
            raise SourceError(f"{where}, {key}: {config[key]!r} is not supported yet; {only!r} is needed.")


def _rope_theta(config: Mapping[str, Any], where: str) -> float:
    for key in ("rope_parameters", "rope_scaling"):
        rope = config.get(key) or {}
        if not isinstance(rope, Mapping):
            raise SourceError(f"{where}, {key}: is {rope!r}; an object or null is needed.")
        kind = rope.get("rope_type", rope.get("type", "default"))
        if kind != "default":
            raise SourceError(f"{where}, {key}: rotary scaling {kind!r} is not supported yet; 'default' is needed.")
    top = _positive(config, "rope_theta", where, missing=10000.0)
    return _positive(config.get("rope_parameters") or {}, "rope_theta", where, missing=top)


def _whole(config: Mapping[str, Any], key: str, where: str, missing: int | None = None) -> int:
    value = config.get(key)
    if value is None and missing is not None:
        return missing
    if not isinstance(value, int) or value < 1:
        raise SourceError(f"{where}, {key}: {_found(value)}; a whole number from 1 up is needed.")
    return value


def _positive(config: Mapping[str, Any], key: str, where: str, missing: float) -> float:
    value = config.get(key)
    if value is None:
        return missing
    if not isinstance(value, int | float) or value <= 0:
        raise SourceError(f"{where}, {key}: {_found(value)}; a number above 0 is needed.")
    return float(value)


def _found(value: object) -> str:
    return "is missing" if value is None else f"is {value!r}"
