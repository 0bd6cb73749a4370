"""OPT and BioGPT: as GPT-2, with positions from row 2 on; of one OPT norms come after sums, its embedding is narrow."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OF_A_RUN, Key, harmless, needed, only
from mmviz.values.families.kind import Drawn, Kind, SizeKeys, no_rope
from mmviz.values.families.layouts import Names, Weight, embedding, linear, norm, unembedding

OPT: Mapping[str, Key] = {
    **OF_A_RUN,
    "vocab_size": needed("how many tokens it knows"),
    "hidden_size": needed("d_model"),
    "num_hidden_layers": needed("its layers"),
    "num_attention_heads": needed("its heads"),
    "ffn_dim": needed("d_mlp"),
    "max_position_embeddings": Key("most tokens of a prompt", default=2048),
    "word_embed_proj_dim": Key("numbers of a token's vector before it is taken to d_model; null: d_model"),
    "do_layer_norm_before": Key(
        "attention and MLP read through norms; else what they add to is normalized", default=True
    ),
    "_remove_final_layer_norm": Key("there is no norm behind the last layer", default=False),
    "layer_norm_elementwise_affine": Key("norms have weights and biases", default=True),
    "enable_bias": Key("linear maps have biases", default=True),
    "activation_function": Key("what the MLP goes through", default="relu"),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "prefix": harmless("what programs put before a text"),
    "embed_dim": harmless("the same in small models made for tests, beside word_embed_proj_dim"),
    # of Galactica's files; transformers passes over it, and knows nothing but this
    "learned_embeddings": only(True, "positions have vectors that are learned"),
    "scale_embeddings": only(False, "what the embedding is multiplied by"),
    **dict.fromkeys(("dropout", "layerdrop", "init_std", "activation_dropout"), harmless("how it is trained")),
}
EPS = 1e-5
"""Of its norms; torch.nn.LayerNorm's own."""
OFFSET = 2
"""The row of the first token's position. Source: Hugging Face transformers 5.24, OPTLearnedPositionalEmbedding."""

BIOGPT: Mapping[str, Key] = {
    **OF_A_RUN,
    "vocab_size": needed("how many tokens it knows"),
    "hidden_size": needed("d_model"),
    "num_hidden_layers": needed("its layers"),
    "num_attention_heads": needed("its heads"),
    "intermediate_size": needed("d_mlp"),
    "hidden_act": Key("what the MLP goes through", default="gelu"),
    "max_position_embeddings": Key("most tokens of a prompt", default=1024),
    "scale_embedding": Key("the embedding is multiplied by the root of d_model", default=True),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "layer_norm_eps": harmless("of norms, whose own is taken; see EPS"),
    **dict.fromkeys(
        ("hidden_dropout_prob", "attention_probs_dropout_prob", "layerdrop", "activation_dropout"),
        harmless("how it is trained"),
    ),
}

NAMES = Names(
    prefix="model.decoder.",
    layer="layers.",
    model_weights={
        **embedding("embed_tokens", width="d_embed"),
        "embed.W_proj": Weight("project_in.weight", ("d_model", "d_embed"), transposed=True, when="d_embed"),
        **embedding("embed_positions", "pos_embed.W_pos", "position_rows"),
        **norm("ln_final", "final_layer_norm", biased=True, when="final_norm_weighted"),
        "final.W_proj": Weight("project_out.weight", ("d_embed", "d_model"), transposed=True, when="d_embed"),
        **unembedding(width="d_embed"),
    },
    layer_weights={
        **norm("ln1", "self_attn_layer_norm", biased=True, when="norm_weighted"),
        **linear("attn.{}_Q", "self_attn.q_proj", "d_model", "q_width", "qkv_bias"),
        **linear("attn.{}_K", "self_attn.k_proj", "d_model", "kv_width", "qkv_bias"),
        **linear("attn.{}_V", "self_attn.v_proj", "d_model", "kv_width", "qkv_bias"),
        **linear("attn.{}_O", "self_attn.out_proj", "q_width", "d_model", "o_bias"),
        **norm("ln2", "final_layer_norm", biased=True, when="norm_weighted"),
        **linear("mlp.{}_in", "fc1", "d_model", "d_mlp", "mlp_bias"),
        **linear("mlp.{}_out", "fc2", "d_mlp", "d_model", "mlp_bias"),
    },
)


BIOGPT_NAMES = replace(
    NAMES,
    prefix="biogpt.",
    model_weights={
        **embedding("embed_tokens"),
        **embedding("embed_positions", "pos_embed.W_pos", "position_rows"),
        **norm("ln_final", "layer_norm", biased=True),
        **unembedding(),
    },
    unembedding="output_projection.weight",
)


def _biogpt(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(
        config,
        embed_factor=config.d_model**0.5 if keys.flag("scale_embedding", null=False) else 1.0,
        learned_positions=True,
        position_offset=OFFSET,
        norm="layer",
        qkv_bias=True,
        o_bias=True,
        gated=False,
        mlp_bias=True,
    )


def _opt(keys: Keys, config: ModelConfig) -> ModelConfig:
    before, biased = keys.flag("do_layer_norm_before", null=False), keys.flag("enable_bias", null=False)
    weighted = keys.flag("layer_norm_elementwise_affine", null=False)
    width = keys.whole("word_embed_proj_dim", missing=config.d_model)
    return replace(
        config,
        d_embed=0 if width == config.d_model else width,
        learned_positions=True,
        position_offset=OFFSET,
        final_norm=before and not keys.flag("_remove_final_layer_norm", null=False),
        norm="layer",
        norm_weighted=weighted,
        norm_biased=weighted,
        norm_inputs=before,
        norm_sums=not before,
        qkv_bias=biased,
        o_bias=biased,
        gated=False,
        mlp_bias=biased,
    )


KINDS = (
    Kind(
        "opt",
        "OPT",
        Drawn(
            "OPT",
            "OPT 125M to 66B, Galactica",
            "as GPT-2; of OPT 350M norms come after sums, and the embedding is narrow",
        ),
        OPT,
        NAMES,
        SizeKeys(
            kv_heads="",
            d_head="",
            d_mlp="ffn_dim",
            eps=EPS,
            activation="activation_function",
        ),
        rope=no_rope,
        more=_opt,
    ),
    Kind(
        "biogpt",
        "BioGpt",
        Drawn("BioGPT", "BioGPT, and Large", "as OPT, with an embedding that is multiplied"),
        BIOGPT,
        BIOGPT_NAMES,
        SizeKeys(kv_heads="", d_head="", eps=EPS),
        rope=no_rope,
        more=_biogpt,
    ),
)
