"""T5, mT5 and UMT5: an encoder and a decoder, whose scores have a bias for each distance and are not scaled."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig, Stack
from mmviz.values.families.key_reader import MOST_LAYERS, Keys
from mmviz.values.families.keys import OF_A_RUN, Key, harmless, needed, only
from mmviz.values.families.kind import ACTIVATIONS, Drawn, Kind, More, SizeKeys, no_rope
from mmviz.values.families.layouts import Names, Weight, embedding, linear, norm, unembedding

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
    "tie_word_embeddings": Key(
        "where false, what makes logits is not scaled; files may have an unembedding", default=True
    ),
    "scale_decoder_outputs": Key("what makes logits is divided by the root of d_model, whatever the other key says"),
    "num_decoder_layers": Key("layers of the decoder, else as many as the encoder has"),
    "decoder_start_token_id": Key("the token before what the decoder is given"),
    "is_encoder_decoder": harmless("both stacks are known"),
    "is_causal": Key("of the decoder: no token looks at later ones", default=True),
    "is_decoder": only(False, "an encoder alone that looks back only: transformers 5.24, T5EncoderModel"),
    **dict.fromkeys(("is_gated_act", "dense_act_fn"), harmless("what feed_forward_proj says, once more")),
    **dict.fromkeys(
        ("dropout_rate", "classifier_dropout", "initializer_factor", "output_past", "task_specific_params"),
        harmless("how it is trained or used"),
    ),
}


def _linear(name: str, module: str, ins: str, outs: str, when: str) -> dict[str, Weight]:
    """A matrix that is there by a field of ModelConfig."""
    return {key: replace(weight, when=when) for key, weight in linear(name, module, ins, outs).items()}


def _attention(name: str, module: str) -> dict[str, Weight]:
    """Queries, keys, values and output of attention: to the own stack (attn), or to the other (cross_attn)."""
    return {
        **linear(f"{name}.{{}}_Q", f"{module}.q", "d_model", "q_width"),
        **linear(f"{name}.{{}}_K", f"{module}.k", "d_model", "kv_width"),
        **linear(f"{name}.{{}}_V", f"{module}.v", "d_model", "kv_width"),
        **linear(f"{name}.{{}}_O", f"{module}.o", "q_width", "d_model"),
    }


def _names(stack: Stack, *, gated: bool) -> Names:
    """Of a stack whose MLP has gates or, in the first T5, none; the decoder's layers have a part more."""
    attention, last = "layer.0.SelfAttention", 2 if stack == "decoder" else 1
    mlp, other = f"layer.{last}.DenseReluDense", "encoder" if stack == "decoder" else "decoder"
    bias = Weight(f"{attention}.relative_attention_bias.weight", ("distances", "heads"), when="layers_with_distances")
    across = {**norm("ln2", "layer.1.layer_norm"), **_attention("cross_attn", "layer.1.EncDecAttention")}
    return Names(
        prefix="",
        layer=f"{stack}.block.",
        other_embeddings=(f"{stack}.embed_tokens.weight",),
        beside=(f"{other}.",) if stack == "decoder" else (f"{other}.", "lm_head."),
        model_weights={
            **embedding("shared"),
            **norm(f"{stack}_final_ln", f"{stack}.final_layer_norm"),
            **(unembedding() if stack == "decoder" else {}),
        },
        layer_weights={
            **norm("ln1", "layer.0.layer_norm"),
            **_attention("attn", attention),
            "attn.rel_pos_bias": bias,
            **(across if stack == "decoder" else {}),
            **norm(f"ln{last + 1}", f"layer.{last}.layer_norm"),
            **(_linear("mlp.{}_gate", f"{mlp}.wi_0", "d_model", "d_mlp", "gated") if gated else {}),
            **linear("mlp.{}_in", f"{mlp}.wi_1" if gated else f"{mlp}.wi", "d_model", "d_mlp"),
            **linear("mlp.{}_out", f"{mlp}.wo", "d_mlp", "d_model"),
        },
    )


def _encoder(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(_stack(keys, config, ways=2), causal=False)


def _stack(keys: Keys, config: ModelConfig, *, ways: int = 1) -> ModelConfig:
    """What both stacks have in common; ways: biases are for keys before a query, or as many for those behind it."""
    function, gated = _function(keys)
    buckets, distance = (
        keys.whole(f"relative_attention_{name}", least=least)
        for name, least in (("num_buckets", 4), ("max_distance", 1))
    )
    single = buckets // ways // 2  # distances that have a bias each
    if distance <= single:
        raise keys.problem("relative_attention_max_distance", f"is {distance}; more than {single} is needed.")
    return replace(
        config,
        distances=buckets,
        farthest=distance,
        score_scale=1.0,
        activation=function,
        gated=gated,
        layout="" if gated else "plain",
    )


def _decoder(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(
        _stack(keys, config),
        layers=keys.whole("num_decoder_layers", missing=config.layers, most=MOST_LAYERS),
        unembeds=True,
        tied=True,  # see findings/transformers-tied.sh for files that have an unembedding of their own
        logit_factor=config.d_model**-0.5 if _scales_logits(keys) else 1.0,
    )


def _scales_logits(keys: Keys) -> bool:
    """Source: Hugging Face transformers 5.24, T5Config, which goes by tie_word_embeddings alone in older files."""
    said = "scale_decoder_outputs"
    if keys.config.get(said) is not None:
        return keys.flag(said)
    return said not in keys.config and keys.given("tie_word_embeddings") is not False  # null is false


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
    "decoder_start_token_id": replace(T5["decoder_start_token_id"], default=0),
    "tie_word_embeddings": Key("transformers passes over it", "harmless", True),
    "scale_decoder_outputs": Key("transformers passes over it", "harmless"),
}
UMT5: Mapping[str, Key] = {**MT5, **{key: T5[key] for key in ("tie_word_embeddings", "scale_decoder_outputs")}}
SIZES = SizeKeys(
    d_model="d_model",
    layers="num_layers",
    heads="num_heads",
    kv_heads="",
    d_head="d_kv",
    d_mlp="d_ff",
    positions="n_positions",
    eps="layer_norm_epsilon",
    activation="",
)


def _unscaled(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(_decoder(keys, config), logit_factor=1.0)


def _distances_of_each(more: More) -> More:
    """Of stacks whose every layer has biases of its own."""
    return lambda keys, config: replace(more(keys, config), distances_of_each=True)


def _kind(model_type: str, classes: str, drawn: Drawn, keys: Mapping[str, Key], more: tuple[More, More]) -> Kind:
    """Of both stacks.

    Args:
        model_type: In config.json.
        classes: As in `Kind`.
        drawn: As in `Kind`.
        keys: As in `Kind`.
        more: What the layers of the encoder are beyond a plain Llama's, and those of the decoder.
    """
    encoder, decoder = more
    both = Kind(
        model_type,
        classes,
        drawn,
        keys,
        _names("encoder", gated=True),
        SIZES,
        rope=no_rope,
        more=encoder,
        other_names={
            "hidden_size": "d_model",
            "num_attention_heads": "num_heads",
            "num_hidden_layers": "num_layers",
            "head_dim": "d_kv",
        },
        other_layouts={"plain": _names("encoder", gated=False)},
        loader="AutoModelForTextEncoding",
    )
    of_decoder = replace(
        both,
        names=_names("decoder", gated=True),
        more=decoder,
        other_layouts={"plain": _names("decoder", gated=False)},
        loader="AutoModelForSeq2SeqLM",
    )
    return replace(both, decoder=of_decoder)


DRAWN = Drawn(
    "T5",
    "T5, T5 1.1, Flan-T5, mT5",
    "encoder and decoder as Llamas, a bias of scores for each distance",
    ("t5", "t5encoder"),
)
DRAWN_UMT5 = Drawn("UMT5", "UMT5", "as T5, each layer with biases of its own", ("t5", "t5encoder"))
KINDS = (
    _kind("t5", "T5", DRAWN, T5, (_encoder, _decoder)),
    _kind("mt5", "MT5", DRAWN, MT5, (_encoder, _unscaled)),
    _kind("umt5", "UMT5", DRAWN_UMT5, UMT5, (_distances_of_each(_encoder), _distances_of_each(_decoder))),
)
