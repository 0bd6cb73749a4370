"""StableLM: as Llama, with LayerNorm, a part of each head rotated, and in some attention and MLP side by side."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, harmless, only
from mmviz.values.families.kind import Drawn, Kind, SizeKeys, part_rope
from mmviz.values.families.kinds.llama import NAMES, OF_LLAMAS
from mmviz.values.families.layouts import norm, norms_apart

STABLELM: Mapping[str, Key] = {
    **{key: each for key, each in OF_LLAMAS.items() if key != "rms_norm_eps"},
    "max_position_embeddings": Key("most tokens of a prompt", default=4096),
    "num_key_value_heads": Key("its key-value heads", default=32),
    "head_dim": only(None, "d_head; transformers reads it for the rotary wavelengths alone"),
    "layer_norm_eps": Key("added to the variance in norms", default=1e-5),
    "partial_rotary_factor": Key("which part of a head is rotated", default=0.25),
    "use_qkv_bias": Key("queries, keys and values have biases", default=False),
    "use_parallel_residual": Key("the MLP reads what the attention reads, not what it adds to", default=False),
    "qk_layernorm": Key("queries and keys are normalized, each head by its own weights", default=False),
    **dict.fromkeys(("attention_bias", "mlp_bias"), only(False, "biases, which a StableLM has none of")),
    "hidden_dropout": harmless("how it is trained"),
    # of its own code; transformers passes over it
    **dict.fromkeys(("rope_pct", "rotary_scaling_factor", "norm_eps"), harmless("of its own code, beside other keys")),
}
PARALLEL = "parallel"
TWO_NORMS = replace(
    NAMES,
    model_weights={**NAMES.model_weights, **norm("ln_final", "norm", biased=True)},
    layer_weights={
        **{name: each for name, each in NAMES.layer_weights.items() if each.when in ("", "qkv_bias")},
        **norm("ln1", "input_layernorm", biased=True),
        **norm("ln2", "post_attention_layernorm", biased=True),
        **norms_apart("attn.q_norm", "self_attn.q_layernorm.norms.{}", "heads", "qk_norm"),
        **norms_apart("attn.k_norm", "self_attn.k_layernorm.norms.{}", "kv_heads", "qk_norm"),
    },
)
ONE_NORM = replace(TWO_NORMS, layer_weights={**TWO_NORMS.layer_weights, **norm("ln2", "input_layernorm", biased=True)})


def _stablelm(keys: Keys, config: ModelConfig) -> ModelConfig:
    parallel = keys.flag("use_parallel_residual", null=False)
    return replace(
        config,
        layout=PARALLEL if parallel else "",
        norm="layer",
        parallel=parallel,
        shared_norm=parallel,
        qk_norm="apart" if keys.flag("qk_layernorm", null=False) else "",
        qkv_bias=keys.flag("use_qkv_bias", null=False),
    )


KINDS = (
    Kind(
        "stablelm",
        "StableLm",
        Drawn(
            "StableLM",
            "StableLM 3B, StableLM 2 1.6B and 12B",
            "as Llama, with LayerNorm, a part of each head rotated",
            ("stablelm",),
        ),
        STABLELM,
        TWO_NORMS,
        SizeKeys(d_head="", eps="layer_norm_eps"),
        rope=part_rope,
        more=_stablelm,
        other_layouts={PARALLEL: ONE_NORM},
    ),
)
