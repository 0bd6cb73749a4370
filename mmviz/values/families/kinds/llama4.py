"""Llama 4, its text model: chunks, layers without positions whose queries grow, experts whose inputs are weighted."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.experts import Experts, check_chosen
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, only
from mmviz.values.families.kind import Drawn, Kind, Ropes, SizeKeys, one_rope
from mmviz.values.families.kinds.experts import CHOSEN, COUNT, OF_ROUTERS, dense, shared_expert
from mmviz.values.families.kinds.llama import BIASES, LLAMA, NAMES
from mmviz.values.families.layouts import Weight
from mmviz.values.families.sliding import CHUNKED, FULL

ROTATED = "which layers rotate queries and keys: 1 for each, and 0 for the others"
LLAMA4: Mapping[str, Key] = {
    **{key: each for key, each in LLAMA.items() if key != "rope_interleaved"},
    **OF_ROUTERS,
    "is_causal": only(True, "no token looks at later ones"),
    "max_position_embeddings": Key("most tokens of a prompt", default=131072),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=8),
    "head_dim": Key("d_head; null: hidden_size / num_attention_heads", default=128),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
    "rope_theta": Key("base of the rotary wavelengths", default=500_000.0),
    "attention_bias": BIASES,
    "mlp_bias": only(False, "biases, which a Llama 4 has none of"),
    "intermediate_size": Key("how many numbers are inside an expert", default=8192),
    "intermediate_size_mlp": Key("how many are inside an MLP where there are no experts", default=16384),
    "num_experts_per_tok": Key(CHOSEN, default=1),
    "num_local_experts": Key(COUNT, default=16),
    "moe_layers": Key("the layers with experts; null: every interleave_moe_layer_step-th"),
    "interleave_moe_layer_step": Key("every how many layers one has experts", default=1),
    "use_qk_norm": Key("queries and keys that are rotated are normalized", default=True),
    "no_rope_layers": Key(f"{ROTATED}; null: all but every no_rope_layer_interval-th"),
    "no_rope_layer_interval": Key("every how many layers one rotates nothing", default=4),
    "attention_chunk_size": Key("how many tokens see none before them; null: all see all", default=8192),
    "layer_types": Key("which layers see their chunk only; null: those that rotate"),
    "attn_temperature_tuning": Key("queries that are not rotated grow with their positions", default=True),
    "floor_scale": Key("after how many tokens they grow once more", default=8192),
    "attn_scale": Key("by how much", default=0.1),
}
WITHIN = "feed_forward"
INTO = Weight(f"{WITHIN}.experts.gate_up_proj", ("experts", "d_model", "gate_up"), stacked=True, when="sparse")
OUT = Weight(f"{WITHIN}.experts.down_proj", ("experts", "d_expert", "d_model"), stacked=True, when="sparse")
LLAMA4_NAMES = replace(
    NAMES,
    layer_weights={
        **{
            name: replace(each, parameter=each.parameter.replace("mlp.", f"{WITHIN}."))
            for name, each in dense(NAMES.layer_weights).items()
            if each.when != "qk_norm" and "mlp.b" not in name
        },
        "mlp.W_router": Weight(f"{WITHIN}.router.weight", ("experts", "d_model"), transposed=True, when="sparse"),
        "mlp.experts.{}.W_gate": replace(INTO, half="first"),
        "mlp.experts.{}.W_in": replace(INTO, half="second"),
        "mlp.experts.{}.W_out": OUT,
        **shared_expert(f"{WITHIN}.shared_expert"),
    },
)


def _rope(keys: Keys, d_head: int) -> Ropes:
    rope, _ = one_rope(keys, d_head)
    return rope and replace(rope, neighbours=True), None


def _rotated(keys: Keys, layers: int) -> frozenset[int]:
    """The layers that rotate."""
    said = keys.given("no_rope_layers")
    if not said:
        every = keys.whole("no_rope_layer_interval")
        return frozenset(layer for layer in range(layers) if (layer + 1) % every)
    if not isinstance(said, list) or len(said) < layers or any(one not in (0, 1) for one in said):
        raise keys.problem("no_rope_layers", f"is {said!r}; a list of 0 and 1, one for each layer, is needed.")
    return frozenset(layer for layer in range(layers) if said[layer])


def _chunked(keys: Keys, layers: int) -> frozenset[int]:
    """The layers whose tokens see their chunk only."""
    types = keys.each("layer_types", layers, (FULL, CHUNKED))
    if types is not None:
        return frozenset(layer for layer, word in enumerate(types) if word == CHUNKED)
    return _rotated(keys, layers) if keys.given("attention_chunk_size") is not None else frozenset()


def _sparse(keys: Keys, layers: int) -> frozenset[int]:
    said = keys.given("moe_layers")
    if said is None:
        every = keys.whole("interleave_moe_layer_step")
        return frozenset(range(every - 1, layers, every))
    if not isinstance(said, list) or not all(isinstance(one, int) and not isinstance(one, bool) for one in said):
        raise keys.problem("moe_layers", f"is {said!r}; a list of layers is needed.")
    return frozenset(said) & frozenset(range(layers))


def _llama4(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased, qk_norm = (keys.flag(key, null=False) for key in ("attention_bias", "use_qk_norm"))
    grows, inside = keys.flag("attn_temperature_tuning", null=False), keys.whole("intermediate_size")
    experts = Experts(
        keys.whole("num_local_experts"),
        keys.whole("num_experts_per_tok"),
        inside,
        _sparse(keys, config.layers),
        scoring="sigmoid",
        scales_inputs=True,
        d_shared=inside,
    )
    experts = check_chosen(keys, experts, "num_experts_per_tok")
    return replace(
        replace(config, experts=experts) if experts.layers else config,
        qkv_bias=biased,
        o_bias=biased,
        qk_norm="head" if qk_norm else "",
        qk_norm_weighted=False,
        qk_norm_last=qk_norm,
        unrotated=frozenset(range(config.layers)) - _rotated(keys, config.layers),
        chunked=True,
        query_growth=keys.positive("attn_scale") if grows else 0.0,
        query_span=float(keys.whole("floor_scale")) if grows else 0.0,
        query_start=1 if grows else 0,
        unrotated_grow=True,
    )


KINDS = (
    Kind(
        "llama4_text",
        "Llama4",
        Drawn(
            "Llama 4 (text)",
            "Llama 4 Scout, Maverick",
            "chunks, layers without positions, experts, one of all tokens",
            ("llama4",),
        ),
        LLAMA4,
        LLAMA4_NAMES,
        SizeKeys(d_mlp="intermediate_size_mlp", window="attention_chunk_size"),
        rope=_rope,
        sliding=_chunked,
        more=_llama4,
    ),
)
