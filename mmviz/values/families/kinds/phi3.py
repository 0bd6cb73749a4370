"""Phi 3, 3.5 and 4: as Llama, with queries, keys and values of one module, and the gates with what they let through."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import PARTIAL_SCALING, Key, harmless, only
from mmviz.values.families.kind import Drawn, Kind, Ropes
from mmviz.values.families.kinds.llama import NAMES, OF_LLAMAS, WINDOW
from mmviz.values.families.layouts import gate_and_up, joined, linear, norm
from mmviz.values.families.rope import read_rope
from mmviz.values.families.sliding import all_slide

PHI3: Mapping[str, Key] = {
    **OF_LLAMAS,
    "max_position_embeddings": Key("most tokens of a prompt", default=4096),
    "original_max_position_embeddings": Key("the original context, whatever rope_scaling says of it", default=4096),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
    "partial_rotary_factor": Key("which part of a head is rotated", default=1.0),
    "sliding_window": Key(WINDOW),
    **dict.fromkeys(("attention_bias", "mlp_bias", "lm_head_bias"), only(False, "biases, which a Phi 3 has none of")),
    **dict.fromkeys(("resid_pdrop", "embd_pdrop"), harmless("how it is trained")),
    **dict.fromkeys(("full_attn_mod", "interpolate_factor"), harmless("of its own code; transformers passes over it")),
}
LONGROPE = ("longrope", "su", "yarn")
"""What a Phi 3 calls it."""
PHI3_NAMES = replace(
    NAMES,
    layer_weights={
        **norm("ln1", "input_layernorm"),
        **joined("self_attn.qkv_proj"),
        **linear("attn.{}_O", "self_attn.o_proj", "q_width", "d_model"),
        **norm("ln2", "post_attention_layernorm"),
        **gate_and_up("mlp.gate_up_proj"),
        **linear("mlp.{}_out", "mlp.down_proj", "d_mlp", "d_model"),
    },
)


def _rope(keys: Keys, d_head: int) -> Ropes:
    """Longrope by any of its names, or none; the original context that stands beside it counts.

    Source: Hugging Face transformers 5.24, Phi3Config.convert_rope_params_to_dict. See
        findings/phi3-rope-scaling.sh.
    """
    name = "rope_scaling" if keys.part("rope_scaling", PARTIAL_SCALING).config else "rope_parameters"
    scaling = keys.part(name, PARTIAL_SCALING)
    kind = scaling.config.get("rope_type") or scaling.config.get("type") or "default"
    if kind not in ("default", *LONGROPE):
        raise scaling.problem(
            "rope_type", f"is {kind!r}; of a Phi 3 default or longrope, which su and yarn are taken for, is needed."
        )
    said = {**scaling.config, "rope_type": "default" if kind == "default" else "longrope"}
    context = keys.whole("original_max_position_embeddings")
    inner = keys.with_(**{name: said}, original_max_position_embeddings=context)
    return read_rope(inner, d_head, share="partial_rotary_factor"), None


KINDS = (
    Kind(
        "phi3",
        "Phi3",
        Drawn(
            "Phi 3",
            "Phi 3, 3.5 and 4, mini and medium",
            "as Llama, some with sliding layers, or a part of each head rotated",
            ("phi3",),
        ),
        PHI3,
        PHI3_NAMES,
        rope=_rope,
        sliding=all_slide,
    ),
)
