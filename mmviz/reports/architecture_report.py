"""What a model is made of, for scripts: `architecture` of the report of `mmviz inspect`; reads no file."""

from dataclasses import asdict
from typing import Any

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.registry import KINDS
from mmviz.values.families.rope import Rope


def architecture_of(config: ModelConfig) -> dict[str, Any]:
    """Sizes, norms, positions, attention, MLP and experts."""
    drawn = KINDS[config.kind].drawn
    return {
        "model_type": config.kind,
        "stack": config.stack or None,
        "family": drawn.name,
        "has": drawn.has,
        **_sizes(config),
        "activation": config.activation,
        "gated_mlp": config.gated,
        "experts": _experts(config),
        **_norms(config),
        "parallel": config.parallel,
        "shared_norm": config.shared_norm,
        **_positions(config),
        **_attention(config),
        "biases": {
            "qkv": config.qkv_bias,
            "o": config.o_bias,
            "mlp": config.mlp_bias,
            "unembedding": config.unembed_bias,
        },
        "factors": {
            "embedding": config.embed_factor,
            "scores": config.score_scale or config.d_head**-0.5,
            "residual": config.residual_factor,
            "logits": config.logit_factor,
        },
        "token_types": config.token_types,
        "head_activation": config.head_activation,
        "tied": config.tied,
        "unembeds": config.unembeds,
    }


def _sizes(config: ModelConfig) -> dict[str, Any]:
    sizes = {key: getattr(config, key) for key in ("layers", "d_model", "d_mlp", "heads", "kv_heads", "d_head")}
    return {
        **sizes,
        "d_embed": config.d_embed or None,
        "heads_per_kv_head": config.group,
        "vocabulary": config.vocabulary,
        "longest_prompt": config.positions,
    }


def _norms(config: ModelConfig) -> dict[str, Any]:
    return {
        "norm": "RMSNorm" if config.norm == "rms" else "LayerNorm",
        "norm_eps": config.norm_eps,
        "norm_weighted": config.norm_weighted,
        "norm_biased": config.norm == "layer" and config.norm_biased,
        "norms_outputs_alone": config.norm_outputs and not config.norm_inputs,
        "qk_norm": config.qk_norm,
        "norm_sums": config.norm_sums,
        "embedding_norm": config.embed_norm,
        "final_norm": config.final_norm,
    }


def _positions(config: ModelConfig) -> dict[str, Any]:
    return {
        "rope": _rope(config.rope),
        "distances": config.distances,
        "alibi": None if config.alibi is None else asdict(config.alibi),
        "sliding_rope": _rope(config.sliding_rope),
        "layers_without_positions": sorted(config.unrotated),
    }


def _attention(config: ModelConfig) -> dict[str, Any]:
    return {
        "clip_qkv": config.clip_qkv,
        "query_growth": config.query_growth,
        "query_span": config.query_span,
        "query_start": config.query_start,
        "unrotated_grow": config.unrotated_grow,
        "chunked": config.chunked,
        "scores_divided_by_root_d_head": config.score_scale != 1,
        "scores_divided_by_layer": config.scaled_by_layer,
        "sinks": config.sinks,
        "causal": config.causal,
        "crosses": config.crosses,
        "window": {"tokens": config.window, "layers": sorted(config.sliding)} if config.sliding else None,
    }


def _experts(config: ModelConfig) -> dict[str, Any] | None:
    if not config.sparse:
        return None
    return {**asdict(config.experts), "layers": sorted(config.experts.layers)}


def _rope(rope: Rope | None) -> dict[str, Any] | None:
    if rope is None:
        return None
    return {**asdict(rope), "factors": list(rope.factors), "long_factors": list(rope.long_factors)}
