"""GPT-Neo: as GPT-2, with scores that are not scaled, layers that slide in turn, and no biases before attention."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.key_reader import MOST_LAYERS, Keys, short
from mmviz.values.families.keys import OF_A_RUN, Key, harmless, needed
from mmviz.values.families.kind import Drawn, Kind, SizeKeys, no_rope
from mmviz.values.families.layouts import Names, embedding, linear, norm, unembedding

GPT_NEO: Mapping[str, Key] = {
    **OF_A_RUN,
    "vocab_size": needed("how many tokens it knows"),
    "hidden_size": needed("d_model"),
    "num_layers": needed("its layers"),
    "num_heads": needed("its heads"),
    "max_position_embeddings": Key("most tokens of a prompt", default=2048),
    "attention_types": Key("which layers look back to all tokens, and which a window only; null: 24 in turn"),
    "attention_layers": Key("the same layer by layer; wins over attention_types"),
    "window_size": Key("how many tokens the local layers look back to", default=256),
    "intermediate_size": Key("d_mlp; null: 4 d_model"),
    "activation_function": Key("what the MLP goes through", default="gelu_new"),
    "layer_norm_epsilon": Key("added to the variance in norms", default=1e-5),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "is_causal": Key("no number depends on it: its attention has a causal mask of its own", "harmless", default=True),
    **dict.fromkeys(("resid_dropout", "embed_dropout", "classifier_dropout"), harmless("how it is trained")),
    **dict.fromkeys(
        ("summary_type", "summary_use_proj", "summary_activation", "summary_proj_to_labels", "summary_first_dropout"),
        harmless("a head for another task"),
    ),
}
LOCAL = "local"
TYPES = ("global", LOCAL)
"""What a layer may be."""
NAMES = Names(
    prefix="transformer.",
    layer="h.",
    model_weights={
        **embedding("wte"),
        **embedding("wpe", "pos_embed.W_pos", "positions"),
        **norm("ln_final", "ln_f", biased=True),
        **unembedding(),
    },
    layer_weights={
        **norm("ln1", "ln_1", biased=True),
        **linear("attn.{}_Q", "attn.attention.q_proj", "d_model", "q_width"),
        **linear("attn.{}_K", "attn.attention.k_proj", "d_model", "kv_width"),
        **linear("attn.{}_V", "attn.attention.v_proj", "d_model", "kv_width"),
        **linear("attn.{}_O", "attn.attention.out_proj", "q_width", "d_model", "o_bias"),
        **norm("ln2", "ln_2", biased=True),
        **linear("mlp.{}_in", "mlp.c_fc", "d_model", "d_mlp", "mlp_bias"),
        **linear("mlp.{}_out", "mlp.c_proj", "d_mlp", "d_model", "mlp_bias"),
    },
)


def _local_layers(keys: Keys, layers: int) -> frozenset[int]:
    """The layers that look back a window only.

    Source: Hugging Face transformers 5.24, GPTNeoConfig: attention_types is read in any case, but what attention_layers
        says takes its place.
    """
    words = _expanded(keys)
    if "attention_layers" in keys.config:
        said = keys.each("attention_layers", layers, TYPES)
        if said is None:
            raise keys.problem("attention_layers", f"is null; {layers} times {' or '.join(TYPES)} is needed.")
        words = said
    if len(words) != layers:
        raise keys.problem("attention_types", f"tells of {len(words)} layers; {layers} are needed.")
    return frozenset(layer for layer, word in enumerate(words) if word == LOCAL)


def _expanded(keys: Keys) -> list[str]:
    """attention_types layer by layer."""
    given = keys.given("attention_types")
    types = [[list(TYPES), 12]] if given is None else given
    found: list[str] = []
    for item in types if isinstance(types, list) else [None]:
        if not (isinstance(item, list) and len(item) == 2 and _is_turn(*item)):
            raise keys.problem(
                "attention_types", f"is {short(given)}; a list such as [[['global', 'local'], 12]] is needed."
            )
        found += item[0] * item[1]
    return found


def _is_turn(words: object, times: object) -> bool:
    """Whether this says which layers follow each other, and how often."""
    if not isinstance(words, list) or not isinstance(times, int) or isinstance(times, bool):
        return False
    return 0 < len(words) <= MOST_LAYERS and 0 < times <= MOST_LAYERS and all(word in TYPES for word in words)


def _gpt_neo(keys: Keys, config: ModelConfig) -> ModelConfig:
    local = _local_layers(keys, config.layers)
    return replace(
        config,
        learned_positions=True,
        norm="layer",
        o_bias=True,
        score_scale=1.0,
        causal=True,
        sliding=local,
        window=keys.whole("window_size") if local else 0,
        gated=False,
        mlp_bias=True,
    )


KINDS = (
    Kind(
        "gpt_neo",
        "GPTNeo",
        Drawn(
            "GPT-Neo",
            "TinyStories, GPT-Neo 125M to 2.7B",
            "as GPT-2, with scores that are not scaled, and every second layer slides",
        ),
        GPT_NEO,
        NAMES,
        SizeKeys(
            layers="num_layers",
            heads="num_heads",
            kv_heads="",
            d_head="",
            mlp_growth=4,
            eps="layer_norm_epsilon",
            activation="activation_function",
        ),
        rope=no_rope,
        more=_gpt_neo,
        other_names={"num_attention_heads": "num_heads", "num_hidden_layers": "num_layers"},
    ),
)
