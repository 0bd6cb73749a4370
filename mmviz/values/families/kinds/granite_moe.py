"""Granite with experts: the factors of Granite, and stacks of experts under names of their own."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.experts import Experts, check_chosen
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, only
from mmviz.values.families.kind import Drawn, Kind
from mmviz.values.families.kinds.experts import CHOSEN, COUNT, OF_ROUTERS, experts_stacked, without_mlp
from mmviz.values.families.kinds.granite import GRANITE, of_granite
from mmviz.values.families.kinds.llama import NAMES
from mmviz.values.families.layouts import Weight
from mmviz.values.families.sliding import none_slides

GRANITE_MOE: Mapping[str, Key] = {
    **GRANITE,
    **OF_ROUTERS,
    "mlp_bias": only(False, "biases, which its experts have none of"),
    "num_local_experts": Key(COUNT, default=8),
    "num_experts_per_tok": Key(CHOSEN, default=2),
}
WITHIN = "block_sparse_moe"
GRANITE_MOE_NAMES = replace(
    NAMES,
    layer_weights={
        **without_mlp(NAMES.layer_weights),
        **experts_stacked(f"{WITHIN}.router.layer", f"{WITHIN}.input_linear.weight", f"{WITHIN}.output_linear.weight"),
    },
    stacks=experts_stacked(f"{WITHIN}.router", f"{WITHIN}.experts.gate_up_proj", f"{WITHIN}.experts.down_proj"),
)


GRANITE_MOE_SHARED: Mapping[str, Key] = {
    **GRANITE_MOE,
    "shared_intermediate_size": Key("numbers inside the expert that all tokens share; 0: there is none", default=0),
}
BOTH = Weight("shared_mlp.input_linear.weight", ("shared_gate_up", "d_model"), True, cut="d_shared", when="with_shared")
GRANITE_MOE_SHARED_NAMES = replace(
    GRANITE_MOE_NAMES,
    layer_weights={
        **GRANITE_MOE_NAMES.layer_weights,
        "mlp.shared.W_gate": BOTH,
        "mlp.shared.W_in": replace(BOTH, after=("d_shared",)),
        "mlp.shared.W_out": Weight(
            "shared_mlp.output_linear.weight", ("d_model", "d_shared"), True, when="with_shared"
        ),
    },
)


def _granite_moe(keys: Keys, config: ModelConfig) -> ModelConfig:
    count, chosen = keys.whole("num_local_experts"), keys.whole("num_experts_per_tok")
    experts = Experts(count, chosen, config.d_mlp, frozenset(range(config.layers)), normalized=True)
    return replace(of_granite(keys, config), experts=check_chosen(keys, experts, "num_experts_per_tok"))


def _granite_moe_shared(keys: Keys, config: ModelConfig) -> ModelConfig:
    config, d_shared = _granite_moe(keys, config), keys.whole("shared_intermediate_size", least=0)
    return replace(config, experts=replace(config.experts, d_shared=d_shared))


KINDS = (
    Kind(
        "granitemoe",
        "GraniteMoe",
        Drawn(
            "Granite MoE",
            "Granite 3, 1B-A400M and 3B-A800M",
            "as Granite, with experts of which some are chosen",
            ("granitemoe",),
        ),
        GRANITE_MOE,
        GRANITE_MOE_NAMES,
        sliding=none_slides,
        more=_granite_moe,
    ),
    Kind(
        "granitemoeshared",
        "GraniteMoeShared",
        Drawn(
            "Granite shared",
            "MoE-7b-1b-active-shared-experts",
            "as Granite MoE, with an expert of all tokens",
            ("granitemoe",),
        ),
        GRANITE_MOE_SHARED,
        GRANITE_MOE_SHARED_NAMES,
        sliding=none_slides,
        more=_granite_moe_shared,
    ),
)
