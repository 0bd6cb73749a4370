"""BART and its like: an encoder and a decoder of LayerNorm, biases and plain MLPs, whose tokens have positions."""

from collections.abc import Mapping
from dataclasses import replace

from mmviz.values.families.config import ModelConfig, Stack
from mmviz.values.families.key_reader import Keys
from mmviz.values.families.keys import OF_A_RUN, Key, harmless, needed, only
from mmviz.values.families.kind import Drawn, Kind, More, SizeKeys, no_rope
from mmviz.values.families.layouts import Names, Weight, embedding, linear, norm, unembedding

BIAS = "final_logits_bias"
OFFSET = 2
"""The row of the first position: two rows before it are of no token."""
BART: Mapping[str, Key] = {
    **OF_A_RUN,
    "vocab_size": needed("how many tokens it knows"),
    "d_model": needed("its width"),
    "encoder_layers": needed("layers of the encoder"),
    "encoder_attention_heads": needed("its heads"),
    "encoder_ffn_dim": needed("its d_mlp"),
    "decoder_layers": needed("layers of the decoder"),
    "decoder_attention_heads": needed("its heads"),
    "decoder_ffn_dim": needed("its d_mlp"),
    "max_position_embeddings": Key("most tokens of a prompt, and of what the decoder is given", default=1024),
    "activation_function": Key("what the MLP goes through", default="gelu"),
    "scale_embedding": Key("tokens' vectors are multiplied by the root of d_model", default=False),
    "tie_word_embeddings": Key("the unembedding is the embedding", default=True),
    "decoder_start_token_id": Key("the token before what the decoder is given", default=2),
    "is_encoder_decoder": harmless("both stacks are known"),
    "is_decoder": only(False, "a decoder alone"),
    "add_cross_attention": only(False, "a decoder alone that looks at another model"),
    **dict.fromkeys(
        (
            *("normalize_before", "normalize_embedding", "add_final_layer_norm", "add_bias_logits"),
            *("static_position_embeddings", "extra_pos_embeddings", "tokenizer_class"),
        ),
        harmless("of old files, which transformers passes over"),
    ),
    **dict.fromkeys(
        (
            *("dropout", "activation_dropout", "encoder_layerdrop", "decoder_layerdrop", "init_std"),
            *("classifier_dropout", "classif_dropout", "gradient_checkpointing"),
        ),
        harmless("how it is trained"),
    ),
    **dict.fromkeys(
        (
            *("forced_eos_token_id", "forced_bos_token_id", "output_past", "task_specific_params", "prefix"),
            *("encoder_no_repeat_ngram_size", "bad_words_ids", "save_step"),
        ),
        harmless("how texts are made with it"),
    ),
}
MARIAN: Mapping[str, Key] = {
    **BART,
    "decoder_start_token_id": replace(BART["decoder_start_token_id"], default=58100),
    "decoder_vocab_size": Key("as many as the encoder knows, where both share them"),
    "share_encoder_decoder_embeddings": only(True, "vectors of tokens of each stack's own"),
}
M2M100: Mapping[str, Key] = {
    **BART,
    "activation_function": replace(BART["activation_function"], default="relu"),
    "scale_embedding": replace(BART["scale_embedding"], default=True),
    "pad_token_id": Key("the token of padding, behind whose number positions begin", default=1),
}


def _stack(stack: Stack) -> SizeKeys:
    """What the keys of a stack's sizes are called."""
    return SizeKeys(
        d_model="d_model",
        layers=f"{stack}_layers",
        heads=f"{stack}_attention_heads",
        kv_heads="",
        d_head="",
        d_mlp=f"{stack}_ffn_dim",
        eps=1e-5,
        activation="activation_function",
    )


def _attention(name: str, module: str) -> dict[str, Weight]:
    """Queries, keys, values and output of attention: to the own stack (attn), or to the other (cross_attn)."""
    return {
        **linear(f"{name}.{{}}_Q", f"{module}.q_proj", "d_model", "q_width", "qkv_bias"),
        **linear(f"{name}.{{}}_K", f"{module}.k_proj", "d_model", "kv_width", "qkv_bias"),
        **linear(f"{name}.{{}}_V", f"{module}.v_proj", "d_model", "kv_width", "qkv_bias"),
        **linear(f"{name}.{{}}_O", f"{module}.out_proj", "q_width", "d_model", "o_bias"),
    }


def _names(stack: Stack, *, biased: bool = True) -> Names:
    """Of a stack; the norm of the embedding and the last one are there by the configuration.

    Args:
        stack: Which one.
        biased: Logits have a bias, where files hold it.
    """
    decodes = stack == "decoder"
    across = {**_attention("cross_attn", "encoder_attn"), **_norm("ln2", "encoder_attn_layer_norm")}
    positions = f"{stack}.embed_positions.weight"
    may_miss = {"learned_positions": positions, **({"unembed_bias": BIAS} if decodes and biased else {})}
    return Names(
        prefix="model.",
        layer=f"{stack}.layers.",
        other_embeddings=(f"model.{stack}.embed_tokens.weight",),
        scales_embedding=True,
        beside=("encoder.",) if decodes else ("decoder.", "lm_head.", BIAS),
        unembedding_biases=(BIAS,),
        unembedding_bias_axes=("one", "vocabulary"),
        may_miss=may_miss,
        model_weights={
            **embedding("shared"),
            "pos_embed.W_pos": Weight(positions, ("position_rows", "d_model"), when="learned_positions"),
            **_norm("embed.ln", f"{stack}.layernorm_embedding", "embed_norm"),
            **_norm(f"{stack}_final_ln", f"{stack}.layer_norm", "final_norm"),
            **(unembedding(biased=biased) if decodes else {}),
        },
        layer_weights={
            **_attention("attn", "self_attn"),
            **_norm("ln1", "self_attn_layer_norm"),
            **(across if decodes else {}),
            **linear("mlp.{}_in", "fc1", "d_model", "d_mlp", "mlp_bias"),
            **linear("mlp.{}_out", "fc2", "d_mlp", "d_model", "mlp_bias"),
            **_norm("ln3" if decodes else "ln2", "final_layer_norm"),
        },
    )


def _norm(name: str, module: str, when: str = "") -> dict[str, Weight]:
    return norm(name, module, biased=True, when=when)


def _layers(keys: Keys, config: ModelConfig) -> ModelConfig:
    """What the layers of all have in common; of a BART norms come after sums."""
    return replace(
        config,
        embed_factor=config.d_model**0.5 if keys.flag("scale_embedding", null=False) else 1.0,
        norm="layer",
        norm_inputs=False,
        norm_sums=True,
        final_norm=False,
        qkv_bias=True,
        o_bias=True,
        gated=False,
        mlp_bias=True,
        unembed_bias=True,
    )


def _bart(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(_layers(keys, config), learned_positions=True, position_offset=OFFSET, embed_norm=True)


def _mbart(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(_bart(keys, config), norm_inputs=True, norm_sums=False, final_norm=True)


def _blenderbot(keys: Keys, config: ModelConfig) -> ModelConfig:
    return replace(_mbart(keys, config), position_offset=0, embed_norm=False)


def _marian(keys: Keys, config: ModelConfig) -> ModelConfig:
    said = keys.given("decoder_vocab_size")
    if said not in (None, config.vocabulary):
        raise keys.problem("decoder_vocab_size", f"is {said}; {config.vocabulary}, as vocab_size says, is needed.")
    return replace(_layers(keys, config), learned_positions=True, sinusoids="float64")


def _pegasus(keys: Keys, config: ModelConfig) -> ModelConfig:
    read = replace(_layers(keys, config), learned_positions=True, sinusoids="float64")
    return replace(read, norm_inputs=True, norm_sums=False, final_norm=True)


def _m2m_100(keys: Keys, config: ModelConfig) -> ModelConfig:
    padding = keys.whole("pad_token_id", least=0)
    read = replace(_layers(keys, config), sinusoids="float32", position_offset=padding + 1, padding=padding)
    return replace(read, norm_inputs=True, norm_sums=False, final_norm=True, unembed_bias=False)


def _kind(
    model_type: str, classes: str, drawn: Drawn, keys: Mapping[str, Key], more: More, names: tuple[Names, Names]
) -> Kind:
    """Of both stacks, whose layers are alike; names: of the encoder and of the decoder."""
    of_encoder, of_decoder = names
    both = Kind(
        model_type,
        classes,
        drawn,
        keys,
        of_encoder,
        _stack("encoder"),
        rope=no_rope,
        more=lambda said, config: replace(more(said, config), causal=False),
        other_names={
            "num_attention_heads": "encoder_attention_heads",
            "hidden_size": "d_model",
            "num_hidden_layers": "encoder_layers",
            **({"initializer_range": "init_std"} if model_type == "plbart" else {}),
        },
        loader="AutoModelForSeq2SeqLM",
    )
    decoder = replace(
        both,
        names=of_decoder,
        sizes=_stack("decoder"),
        more=lambda said, config: replace(more(said, config), unembeds=True),
    )
    return replace(both, decoder=decoder)


SCALED = _names("encoder"), _names("decoder")
PLAIN = tuple(replace(each, scales_embedding=False) for each in SCALED)
UNBIASED = _names("encoder"), _names("decoder", biased=False)
"""Of those whose module of the embedding multiplies by its factor itself, or does not; of those without a bias."""


def _start(keys: Mapping[str, Key], default: int | None, **others: object) -> Mapping[str, Key]:
    """The same keys with other defaults."""
    said = {"decoder_start_token_id": default, **others}
    return {**keys, **{key: replace(keys[key], default=value) for key, value in said.items()}}


KINDS = (
    _kind(
        "bart",
        "Bart",
        Drawn("BART", "BART base and large, BART CNN and MNLI", "encoder and decoder, LayerNorm behind each sum"),
        BART,
        _bart,
        SCALED,
    ),
    _kind(
        "plbart",
        "PLBart",
        Drawn("PLBART", "PLBART", "as BART"),
        _start(BART, None, scale_embedding=True),
        _bart,
        SCALED,
    ),
    _kind(
        "mbart",
        "MBart",
        Drawn("mBART", "mBART 25 and 50", "as BART, with norms of what is read, and a last one"),
        _start(BART, None),
        _mbart,
        SCALED,
    ),
    _kind(
        "blenderbot",
        "Blenderbot",
        Drawn("Blenderbot", "Blenderbot 400M to 3B", "as mBART, without a norm of the embedding"),
        _start(BART, 1, max_position_embeddings=128),
        _blenderbot,
        SCALED,
    ),
    _kind(
        "marian",
        "Marian",
        Drawn("Marian", "OPUS-MT", "as BART, with positions by sines, and no norm of the embedding"),
        MARIAN,
        _marian,
        (PLAIN[0], PLAIN[1]),
    ),
    _kind(
        "pegasus",
        "Pegasus",
        Drawn("PEGASUS", "PEGASUS large, XSum, CNN", "as mBART, with positions by sines, and no norm of the embedding"),
        _start(BART, 0),
        _pegasus,
        (PLAIN[0], PLAIN[1]),
    ),
    _kind(
        "m2m_100",
        "M2M100",
        Drawn("M2M-100", "M2M-100, NLLB-200", "as PEGASUS, without a bias of logits"),
        M2M100,
        _m2m_100,
        UNBIASED,
    ),
)
