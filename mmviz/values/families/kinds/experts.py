"""Mixtral and Qwen 3 MoE: a router chooses some of a layer's experts, gated MLPs, for each token."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.experts import Experts, check_chosen, sparse_layers
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, harmless, only
from mmviz.values.families.kind import Drawn, Kind
from mmviz.values.families.kinds.llama import BIASES, NAMES, OF_LLAMAS, WINDOW
from mmviz.values.families.layouts import Names, Weight, Weights
from mmviz.values.families.sliding import all_slide

CHOSEN = "how many experts each token goes through"
COUNT = "how many experts a layer has"
OF_ROUTERS: Mapping[str, Key] = {
    **dict.fromkeys(
        ("output_router_logits", "router_aux_loss_coef", "router_jitter_noise"), harmless("how it is trained")
    ),
}
MIXTRAL: Mapping[str, Key] = {
    **OF_LLAMAS,
    **OF_ROUTERS,
    "max_position_embeddings": Key("most tokens of a prompt", default=131072),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=8),
    "rms_norm_eps": Key("added to the mean square in norms", default=1e-5),
    "rope_theta": Key("base of the rotary wavelengths", default=1_000_000.0),
    "sliding_window": Key(WINDOW),
    **dict.fromkeys(("num_experts", "num_local_experts"), Key(COUNT, default=8)),
    "num_experts_per_tok": Key(CHOSEN, default=2),
    **dict.fromkeys(("attention_bias", "mlp_bias"), only(False, "biases, which a Mixtral has none of")),
}
QWEN3_MOE: Mapping[str, Key] = {
    **OF_LLAMAS,
    **OF_ROUTERS,
    "max_position_embeddings": Key("most tokens of a prompt", default=32768),
    "num_key_value_heads": Key("its key-value heads; null: as many as query heads", default=4),
    "attention_bias": BIASES,
    "mlp_bias": only(False, "biases, which a Qwen 3 has none of"),
    "use_sliding_window": Key("whether sliding_window holds", default=False),
    "sliding_window": Key(WINDOW, default=4096),
    "max_window_layers": harmless("of Qwen 2; here a window holds in all layers"),
    "decoder_sparse_step": Key("every how many layers one has experts", default=1),
    "mlp_only_layers": Key("layers without experts in any case"),
    "moe_intermediate_size": Key("how many numbers are inside an expert", default=768),
    **dict.fromkeys(("num_experts", "num_local_experts"), Key(COUNT, default=128)),
    "num_experts_per_tok": Key(CHOSEN, default=8),
    "norm_topk_prob": Key("the weights of the chosen experts add up to 1", default=False),
}


def dense(weights: Weights) -> dict[str, Weight]:
    """The same, the MLP in those layers alone that have no experts."""
    return {
        name: replace(weight, when="dense") if ".W_" in name and "mlp" in name else weight
        for name, weight in weights.items()
    }


def experts_apart(router: str, experts: str, gate: str, up: str, down: str) -> dict[str, Weight]:
    """A router, and experts each of which has its own parameters.

    Args:
        router: In the files: the module.
        experts: The list of experts.
        gate: A module of each, as the two that follow.
        up: What goes into the expert beside it.
        down: What comes out of it.
    """
    into, out = ("d_expert", "d_model"), ("d_model", "d_expert")
    modules = {"W_gate": (gate, into), "W_in": (up, into), "W_out": (down, out)}
    return {
        "mlp.W_router": Weight(f"{router}.weight", ("experts", "d_model"), transposed=True, when="sparse"),
        **{
            f"mlp.experts.{{}}.{name}": Weight(f"{experts}.{{}}.{module}.weight", axes, transposed=True, when="sparse")
            for name, (module, axes) in modules.items()
        },
    }


def experts_stacked(router: str, into: str, out: str) -> dict[str, Weight]:
    """The same as transformers 5 has them in memory: a stack of gates and what goes in beside them, one of outputs.

    Args:
        router: The module.
        into: The stack of gates and of what goes in beside them.
        out: That of outputs.
    """
    both = Weight(into, ("experts", "gate_up", "d_model"), True, stacked=True, when="sparse")
    down = Weight(out, ("experts", "d_model", "d_expert"), True, stacked=True, when="sparse")
    return {
        "mlp.W_router": Weight(f"{router}.weight", ("experts", "d_model"), transposed=True, when="sparse"),
        "mlp.experts.{}.W_gate": replace(both, half="first"),
        "mlp.experts.{}.W_in": replace(both, half="second"),
        "mlp.experts.{}.W_out": down,
    }


def experts_transposed(router: str, experts: str) -> dict[str, Weight]:
    """Stacks that are stored as (in, out), gates and the other branch column by column, with biases, as in gpt-oss.

    Args:
        router: The module.
        experts: That of the stacks.
    """
    both = Weight(f"{experts}.gate_up_proj", ("experts", "d_model", "gate_up"), stacked=True)
    biases = Weight(f"{experts}.gate_up_proj_bias", ("experts", "gate_up"), stacked=True)
    return {
        "mlp.W_router": Weight(f"{router}.weight", ("experts", "d_model"), transposed=True),
        "mlp.b_router": Weight(f"{router}.bias", ("experts",)),
        "mlp.experts.{}.W_gate": replace(both, half="even"),
        "mlp.experts.{}.W_in": replace(both, half="odd"),
        "mlp.experts.{}.W_out": Weight(f"{experts}.down_proj", ("experts", "d_expert", "d_model"), stacked=True),
        "mlp.experts.{}.b_gate": replace(biases, half="even"),
        "mlp.experts.{}.b_in": replace(biases, half="odd"),
        "mlp.experts.{}.b_out": Weight(f"{experts}.down_proj_bias", ("experts", "d_model"), stacked=True),
    }


def shared_expert(module: str, gate: str = "") -> dict[str, Weight]:
    """The MLP that all tokens share.

    Args:
        module: That has its three matrices.
        gate: The module that makes the number by which it counts; "": it counts as it is.
    """
    into, out = ("d_shared", "d_model"), ("d_model", "d_shared")
    modules = {"W_gate": ("gate_proj", into), "W_in": ("up_proj", into), "W_out": ("down_proj", out)}
    found = {
        f"mlp.shared.{name}": Weight(f"{module}.{part}.weight", axes, transposed=True, when="with_shared")
        for name, (part, axes) in modules.items()
    }
    share = Weight(f"{gate}.weight", ("", "d_model"), transposed=True, when="with_shared_gate")
    return found | ({"mlp.shared.W_share": share} if gate else {})


def choice_bias(parameter: str) -> dict[str, Weight]:
    """What is added to the shares of experts where they are compared."""
    return {"mlp.b_choice": Weight(parameter, ("experts",), when="with_correction")}


def of_experts(weights: Weights) -> dict[str, Weight]:
    """Those of layers that all have experts which are of experts and router."""
    return {name: weight for name, weight in weights.items() if name.startswith("mlp.")}


def without_mlp(weights: Weights) -> dict[str, Weight]:
    """The weights of layers none of which has one MLP."""
    return {name: weight for name, weight in weights.items() if not name.startswith("mlp.")}


MIXTRAL_NAMES = replace(
    NAMES,
    layer_weights={
        **without_mlp(NAMES.layer_weights),
        **experts_apart("block_sparse_moe.gate", "block_sparse_moe.experts", "w1", "w3", "w2"),
    },
    stacks=experts_stacked("mlp.gate", "mlp.experts.gate_up_proj", "mlp.experts.down_proj"),
)
QWEN_MOE_NAMES: Names = replace(
    NAMES,
    layer_weights={
        **dense(NAMES.layer_weights),
        **experts_apart("mlp.gate", "mlp.experts", "gate_proj", "up_proj", "down_proj"),
    },
    stacks=experts_stacked("mlp.gate", "mlp.experts.gate_up_proj", "mlp.experts.down_proj"),
)


def _mixtral(keys: Keys, config: ModelConfig) -> ModelConfig:
    count, chosen = keys.whole("num_local_experts"), keys.whole("num_experts_per_tok")
    experts = Experts(count, chosen, config.d_mlp, frozenset(range(config.layers)), normalized=True)
    return replace(config, experts=check_chosen(keys, experts, "num_experts_per_tok"))


def _qwen3_moe(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("attention_bias")
    config = replace(config, qkv_bias=biased, o_bias=biased, qk_norm="head")
    layers = sparse_layers(keys, config.layers)
    experts = Experts(
        keys.whole("num_local_experts"),
        keys.whole("num_experts_per_tok"),
        keys.whole("moe_intermediate_size"),
        layers,
        normalized=keys.flag("norm_topk_prob", null=False),
    )
    return replace(config, experts=check_chosen(keys, experts, "num_experts_per_tok")) if layers else config


def _qwen_moe_slides(keys: Keys, layers: int) -> frozenset[int]:
    """All layers where the window holds."""
    return all_slide(keys, layers) if keys.flag("use_sliding_window", null=False) else frozenset()


KINDS = (
    Kind(
        "mixtral",
        "Mixtral",
        Drawn(
            "Mixtral",
            "Mixtral 8x7B and 8x22B",
            "as Mistral, with experts of which each token chooses some",
            ("llama",),
        ),
        MIXTRAL,
        MIXTRAL_NAMES,
        sliding=all_slide,
        more=_mixtral,
        other_names={"num_experts": "num_local_experts"},
    ),
    Kind(
        "qwen3_moe",
        "Qwen3Moe",
        Drawn(
            "Qwen3-MoE",
            "Qwen 3, 30B-A3B and 235B-A22B",
            "as Qwen3, with experts of which each token chooses some",
            ("qwen3moe",),
        ),
        QWEN3_MOE,
        QWEN_MOE_NAMES,
        sliding=_qwen_moe_slides,
        more=_qwen3_moe,
        other_names={"num_experts": "num_local_experts"},
        weaker=("num_experts",),
    ),
)
