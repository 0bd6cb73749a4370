"""StarCoder 2: as Mistral, with LayerNorm, a plain MLP, and biases everywhere."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import Key, harmless, only
from mmviz.values.families.kind import Drawn, Kind, SizeKeys
from mmviz.values.families.kinds.llama import NAMES, OF_LLAMAS, WINDOW
from mmviz.values.families.layouts import linear, norm
from mmviz.values.families.sliding import all_slide

STARCODER2: Mapping[str, Key] = {
    **{key: each for key, each in OF_LLAMAS.items() if key != "rms_norm_eps"},
    "max_position_embeddings": Key("most tokens of a prompt", default=4096),
    "num_key_value_heads": Key("its key-value heads", default=2),
    "hidden_act": Key("what the MLP goes through", default="gelu_pytorch_tanh"),
    "norm_epsilon": Key("added to the variance in norms", default=1e-5),
    "use_bias": Key("queries, keys, values, attention outputs and the MLP have biases", default=True),
    "sliding_window": Key(WINDOW),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "norm_type": only("layer_norm", "which norms its layers have"),
    "mlp_type": only("default", "whether the MLP is gated"),
    **dict.fromkeys(("attention_bias", "mlp_bias"), only(False, "biases, of which use_bias tells")),
    **dict.fromkeys(("residual_dropout", "embedding_dropout"), harmless("how it is trained")),
    # of StarCoder 1, beside its own keys; transformers passes over them
    **dict.fromkeys(("activation_function", "layer_norm_epsilon"), harmless("what norm_epsilon and hidden_act say")),
    **dict.fromkeys(("attention_softmax_in_fp32", "scale_attention_softmax_in_fp32"), harmless("how a run rounds")),
    "scale_attn_weights": only(True, "scores are divided by the root of d_head"),
}
STARCODER2_NAMES = replace(
    NAMES,
    model_weights={**NAMES.model_weights, **norm("ln_final", "norm", biased=True)},
    layer_weights={
        **norm("ln1", "input_layernorm", biased=True),
        **{name: each for name, each in NAMES.layer_weights.items() if name.startswith(("attn.W_", "attn.b_"))},
        **norm("ln2", "post_attention_layernorm", biased=True),
        **linear("mlp.{}_in", "mlp.c_fc", "d_model", "d_mlp", "mlp_bias"),
        **linear("mlp.{}_out", "mlp.c_proj", "d_mlp", "d_model", "mlp_bias"),
    },
)


def _starcoder2(keys: Keys, config: ModelConfig) -> ModelConfig:
    biased = keys.flag("use_bias", null=False)
    return replace(config, norm="layer", qkv_bias=biased, o_bias=biased, gated=False, mlp_bias=biased)


KINDS = (
    Kind(
        "starcoder2",
        "Starcoder2",
        Drawn(
            "StarCoder 2",
            "StarCoder 2, 3B to 15B",
            "as Mistral, with LayerNorm, a plain MLP, and biases",
            ("starcoder2",),
        ),
        STARCODER2,
        STARCODER2_NAMES,
        SizeKeys(eps="norm_epsilon"),
        sliding=all_slide,
        more=_starcoder2,
    ),
)
