"""T5: the encoder of a model of two stacks, whose scores have a bias for each distance and are not scaled."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OF_A_RUN, Key, harmless, needed, only
from mmviz.values.families.kind import ACTIVATIONS, Drawn, Kind, SizeKeys, no_rope
from mmviz.values.families.layouts import Names, Weight, embedding, linear, norm

T5: Mapping[str, Key] = {
    **OF_A_RUN,
    "vocab_size": needed("how many tokens it knows"),
    "d_model": needed("its width"),
    "d_kv": Key("d_head", default=64),
    "d_ff": needed("d_mlp"),
    "num_layers": needed("layers of the encoder"),
    "num_heads": needed("its heads"),
    "n_positions": Key("most tokens of a prompt; transformers passes over it, and reads more", default=512),
    "relative_attention_num_buckets": Key("how many biases there are for distances", default=32),
    "relative_attention_max_distance": Key("beyond it the bias is the same", default=128),
    "layer_norm_epsilon": Key("added to the mean square in norms", default=1e-6),
    "feed_forward_proj": Key("what the MLP goes through, gated or not", default="relu"),
    "tie_word_embeddings": Key("of the decoder", "harmless", False),
    **dict.fromkeys(
        ("is_encoder_decoder", "num_decoder_layers", "decoder_start_token_id", "scale_decoder_outputs"),
        harmless("of the decoder"),
    ),
    "is_causal": Key("of decoders; transformers passes over it", "harmless", True),
    "is_decoder": only(False, "an encoder alone that looks back only: transformers 5.24, T5EncoderModel"),
    **dict.fromkeys(("is_gated_act", "dense_act_fn"), harmless("what feed_forward_proj says, once more")),
    **dict.fromkeys(
        ("dropout_rate", "classifier_dropout", "initializer_factor", "output_past", "task_specific_params"),
        harmless("how it is trained or used"),
    ),
}
ATTENTION, MLP = "layer.0.SelfAttention", "layer.1.DenseReluDense"


def _linear(name: str, module: str, ins: str, outs: str, when: str) -> dict[str, Weight]:
    """A matrix that is there by a field of ModelConfig."""
    return {key: replace(weight, when=when) for key, weight in linear(name, module, ins, outs).items()}


NAMES = Names(
    prefix="",
    layer="encoder.block.",
    other_embeddings=("encoder.embed_tokens.weight",),
    beside=("decoder.", "lm_head."),
    model_weights={**embedding("shared"), **norm("ln_final", "encoder.final_layer_norm")},
    layer_weights={
        **norm("ln1", "layer.0.layer_norm"),
        **linear("attn.{}_Q", f"{ATTENTION}.q", "d_model", "q_width"),
        **linear("attn.{}_K", f"{ATTENTION}.k", "d_model", "kv_width"),
        **linear("attn.{}_V", f"{ATTENTION}.v", "d_model", "kv_width"),
        **linear("attn.{}_O", f"{ATTENTION}.o", "q_width", "d_model"),
        "attn.rel_pos_bias": Weight(
            f"{ATTENTION}.relative_attention_bias.weight", ("distances", "heads"), when="layers_with_distances"
        ),
        **norm("ln2", "layer.1.layer_norm"),
        **_linear("mlp.{}_gate", f"{MLP}.wi_0", "d_model", "d_mlp", "gated"),
        **_linear("mlp.{}_in", f"{MLP}.wi_1", "d_model", "d_mlp", "gated"),
        **linear("mlp.{}_out", f"{MLP}.wo", "d_mlp", "d_model"),
    },
)
PLAIN = replace(
    NAMES,
    layer_weights={
        **{name: each for name, each in NAMES.layer_weights.items() if not name.startswith("mlp.W_gate")},
        **linear("mlp.{}_in", f"{MLP}.wi", "d_model", "d_mlp"),
    },
)
"""Of the first T5, whose MLP has no gates."""


def _t5(keys: Keys, config: ModelConfig) -> ModelConfig:
    function, gated = _function(keys)
    buckets, distance = (
        keys.whole(f"relative_attention_{name}", least=least)
        for name, least in (("num_buckets", 4), ("max_distance", 1))
    )
    if distance <= buckets // 4:
        raise keys.problem("relative_attention_max_distance", f"is {distance}; more than {buckets // 4} is needed.")
    return replace(
        config,
        causal=False,
        unembeds=False,
        tied=False,
        distances=buckets,
        farthest=distance,
        score_scale=1.0,
        activation=function,
        gated=gated,
        layout="" if gated else "plain",
    )


def _function(keys: Keys) -> tuple[str, bool]:
    """What the MLP goes through, and whether it has gates."""
    said = keys.given("feed_forward_proj")
    parts = said.split("-") if isinstance(said, str) else [""]
    known = {**ACTIVATIONS, "": ""}
    if len(parts) > 2 or (len(parts) == 2 and parts[0] != "gated") or known.get(parts[-1], "") == "":
        raise keys.problem(
            "feed_forward_proj",
            f"{said!r} is not supported; one of {', '.join(ACTIVATIONS)}, or gated- and it, is needed.",
        )
    # gated-gelu means its tanh approximation: transformers 5.24, T5Config
    return "gelu_tanh" if said == "gated-gelu" else ACTIVATIONS[parts[-1]], len(parts) == 2


MT5: Mapping[str, Key] = {
    **T5,
    "feed_forward_proj": Key("what the MLP goes through, gated or not", default="gated-gelu"),
}


def _kind(model_type: str, classes: str, keys: Mapping[str, Key]) -> Kind:
    return Kind(
        model_type,
        classes,
        Drawn(
            "T5 (encoder)",
            "T5, T5 1.1, Flan-T5, mT5",
            "encoders as Llama, with a bias of scores for each distance",
            ("t5", "t5encoder"),
        ),
        keys,
        NAMES,
        SizeKeys(
            d_model="d_model",
            layers="num_layers",
            heads="num_heads",
            kv_heads="",
            d_head="d_kv",
            d_mlp="d_ff",
            positions="n_positions",
            eps="layer_norm_epsilon",
            activation="",
        ),
        rope=no_rope,
        more=_t5,
        other_names={
            "hidden_size": "d_model",
            "num_attention_heads": "num_heads",
            "num_hidden_layers": "num_layers",
            "head_dim": "d_kv",
        },
        other_layouts={"plain": PLAIN},
        loader="AutoModelForTextEncoding",
    )


KINDS = (_kind("t5", "T5", T5), _kind("mt5", "MT5", MT5))
