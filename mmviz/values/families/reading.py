"""Reads what a model's config.json says, checked: its sizes as all families say them, and what is its own family's."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mmviz.errors import SourceError
from mmviz.values.families.architectures import has_unembedding, kind_of, no_decoder, other_class_of
from mmviz.values.families.config import ModelConfig, Stack
from mmviz.values.families.key_reader import MOST_LAYERS, MOST_OF_HEAD, Keys
from mmviz.values.families.kind import Kind
from mmviz.values.families.sliding import passed_over

START = "decoder_start_token_id"


def read_model_config(config: Mapping[str, Any], where: str, stack: Stack = "") -> ModelConfig:
    """Read the keys of transformers 4 and 5.

    Args:
        config: The content of config.json.
        where: Its path, for messages.
        stack: Which one, of a model that has two; "": the encoder, or all of a model of one.

    Raises:
        SourceError: a key is missing or out of range, or asks for what is not supported; or there is no such stack.
    """
    kind = kind_of(config, where)
    keys = Keys(_renamed(config, kind), where, kind.keys)
    keys.check(f"a model of type {kind.model_type}")
    if kind.decoder is None:
        if stack:
            raise SourceError(
                f"{where}: a model of type {kind.model_type} has one stack alone; "
                "--stack and --cross are of models with two."
            )
        return _read(keys, kind)
    encoder = replace(_read(keys, kind), stack="encoder", unembeds=False, tied=False)
    if stack != "decoder":
        return encoder
    if why := no_decoder(config):
        raise SourceError(f"{where}, architectures: {why}; only the encoder can be drawn.")
    return replace(_read(keys, kind.decoder), stack="decoder", source=encoder)


def stacks_of(config: Mapping[str, Any], where: str) -> tuple[Stack, ...]:
    """The stacks of a model that can have two: those that its class has; none of a model of one.

    Raises:
        SourceError: its model_type is not known here.
    """
    if kind_of(config, where).decoder is None:
        return ()
    return ("encoder",) if no_decoder(config) else ("encoder", "decoder")


def start_token(config: Mapping[str, Any], where: str) -> int | None:
    """The token that stands before all that a decoder is given; None where none is said.

    Raises:
        SourceError: it is no token.
    """
    kind = kind_of(config, where)
    keys = Keys(_renamed(config, kind), where, kind.keys)
    return None if keys.given(START) is None else keys.whole(START, least=0)


def _renamed(config: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """With each key under its first name."""
    names = {**kind.other_names, **kind.old_names}
    others = {names[key]: value for key, value in config.items() if key in names and value is not None}
    weaker = {names[key] for key in kind.weaker if config.get(names[key]) is not None}
    kept = {key: value for key, value in config.items() if key not in names}
    return kept | {key: value for key, value in others.items() if key not in weaker}


def _read(keys: Keys, kind: Kind) -> ModelConfig:
    sizes = kind.sizes
    d_model, heads = keys.whole(sizes.d_model), keys.whole(sizes.heads)
    kv_heads = _kv_heads(keys, kind, heads)
    d_head = _d_head(keys, kind, d_model, heads)
    layers = keys.whole(sizes.layers, most=MOST_LAYERS)
    tied = keys.flag("tie_word_embeddings")
    rope, sliding_rope = kind.rope(keys, d_head)
    sliding = (kind.sliding or passed_over)(keys, layers)
    positions = keys.whole(sizes.positions)
    plain = ModelConfig(
        kind=kind.model_type,
        layers=layers,
        d_model=d_model,
        d_mlp=keys.whole(sizes.d_mlp, missing=sizes.mlp_growth * d_model or None),
        heads=heads,
        kv_heads=kv_heads,
        d_head=d_head,
        vocabulary=keys.whole(sizes.vocabulary),
        positions=positions if rope is None else rope.most_tokens(positions),
        norm_eps=keys.positive(sizes.eps) if isinstance(sizes.eps, str) else sizes.eps,
        tied=tied,
        activation=keys.one_of(sizes.activation, kind.activations) if sizes.activation else "",
        rope=rope,
        sliding_rope=sliding_rope,
        unembeds=has_unembedding(keys.config, tied and not kind.masked),
        causal=keys.flag("is_causal", null=False),
        window=keys.whole(sizes.window) if sliding else 0,
        sliding=sliding,
        other_class=other_class_of(keys.config, kind.model_type),
    )
    return kind.more(keys, plain)


def _kv_heads(keys: Keys, kind: Kind, heads: int) -> int:
    if not kind.sizes.kv_heads:
        return heads
    kv_heads = keys.whole(kind.sizes.kv_heads, missing=heads)
    if heads % kv_heads:
        raise SourceError(
            f"{keys.where}: {heads} heads do not share {kv_heads} key-value heads evenly; "
            f"{kind.sizes.heads} must be a multiple of {kind.sizes.kv_heads}."
        )
    return kv_heads


def _d_head(keys: Keys, kind: Kind, d_model: int, heads: int) -> int:
    """Of each head: what is said, or an even share of d_model."""
    sizes = kind.sizes
    if sizes.d_head and keys.given(sizes.d_head) is not None:
        return keys.whole(sizes.d_head, most=MOST_OF_HEAD)
    if d_model % heads:
        other = f", or {sizes.d_head}, is" if sizes.d_head else " is"
        raise keys.problem(sizes.d_model, f"is {d_model}; a multiple of the {heads} heads{other} needed.")
    if d_model // heads > MOST_OF_HEAD:
        raise keys.problem(sizes.d_model, f"is {d_model}; heads of at most {MOST_OF_HEAD} numbers are needed.")
    return d_model // heads
