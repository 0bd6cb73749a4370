"""OLMo 1 to 3: norms without weights in the first, and from the second on norms of what attention and MLP give."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, harmless, only
from mmviz.values.families.kind import Drawn, Kind, Ropes, SizeKeys
from mmviz.values.families.kinds.llama import BIASES, LLAMA, NAMES, WINDOW
from mmviz.values.families.layouts import Weight, norm
from mmviz.values.families.rope import read_ropes
from mmviz.values.families.sliding import all_but_every, none_slides

OLMO: Mapping[str, Key] = {
    **LLAMA,
    "attention_bias": BIASES,
    "mlp_bias": only(False, "biases, which an OLMo has none of"),
    "clip_qkv": Key("the largest query, key or value; null: none"),
    "rms_norm_eps": harmless("of OLMo 2 and 3"),
}
OLMO2: Mapping[str, Key] = {
    **OLMO,
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
    "clip_qkv": only(None, "the largest query, key or value, of an OLMo 1"),
}
THETA = 500_000.0
OLMO3: Mapping[str, Key] = {
    **OLMO2,
    "rope_theta": Key("base of the rotary wavelengths of layers that see all", default=THETA),
    "sliding_window": Key(WINDOW, default=4096),
}

UNWEIGHTED = replace(
    NAMES,
    model_weights={**NAMES.model_weights, **norm("ln_final", "norm", when="norm_weighted")},
    layer_weights={
        **NAMES.layer_weights,
        **norm("ln1", "input_layernorm", when="norm_weighted"),
        **norm("ln2", "post_attention_layernorm", when="norm_weighted"),
    },
)
AFTERWARDS = replace(
    NAMES,
    layer_weights={
        **{name: weight for name, weight in NAMES.layer_weights.items() if name not in ("ln1.w", "ln2.w")},
        "attn.q_norm.w": Weight("self_attn.q_norm.weight", ("q_width",), cut="q_width"),
        "attn.k_norm.w": Weight("self_attn.k_norm.weight", ("kv_width",), cut="kv_width"),
        **norm("ln1_post", "post_attention_layernorm"),
        **norm("ln2_post", "post_feedforward_layernorm"),
    },
)


def _olmo(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("attention_bias")
    return replace(
        config,
        norm="layer",
        norm_weighted=False,
        norm_biased=False,
        qkv_bias=biased,
        o_bias=biased,
        clip_qkv=keys.cap("clip_qkv"),
    )


def _olmo2(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("attention_bias")
    return replace(config, norm_inputs=False, norm_outputs=True, qkv_bias=biased, o_bias=biased, qk_norm="whole")


def _two_ropes(keys: Keys, d_head: int) -> Ropes:
    """The base of layers that slide is never that of rope_theta.

    Source: Hugging Face transformers 5.24, Olmo3Config.convert_rope_params_to_dict. See
        findings/olmo3-rope-theta.sh.
    """
    if d_head % 2:
        raise keys.problem("head_dim", f"is {d_head}; rotary positions need an even number.")
    return read_ropes(keys, d_head, ("rope_theta", THETA))


KINDS = (
    Kind(
        "olmo",
        "Olmo",
        Drawn("OLMo", "OLMo 1B and 7B, 0424, 0724", "as Llama, with LayerNorm without weights", ("olmo",)),
        OLMO,
        UNWEIGHTED,
        SizeKeys(eps=1e-5),
        sliding=none_slides,
        more=_olmo,
    ),
    Kind(
        "olmo2",
        "Olmo2",
        Drawn(
            "OLMo 2",
            "OLMo 2, 1B to 32B",
            "norms of what attention and MLP give; all heads' queries normed together",
            ("olmo2",),
        ),
        OLMO2,
        AFTERWARDS,
        sliding=none_slides,
        more=_olmo2,
    ),
    Kind(
        "olmo3",
        "Olmo3",
        Drawn(
            "OLMo 3", "OLMo 3, 7B and 32B", "as OLMo 2, with sliding layers, whose positions are not scaled", ("olmo2",)
        ),
        OLMO3,
        AFTERWARDS,
        rope=_two_ropes,
        sliding=partial(all_but_every, 4),
        more=_olmo2,
    ),
)
