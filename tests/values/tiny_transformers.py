"""Tiny random models made of a config.json as transformers reads it, held against ours; nothing is written or read."""

import copy
from collections.abc import Mapping
from typing import Any

import torch
from transformers import CONFIG_MAPPING

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.names import output_of, seen_from_decoder
from mmviz.values.families.reading import read_model_config
from mmviz.values.families.registry import KINDS
from mmviz.values.model.model import Model
from tests.values.kinds import everything
from tests.values.memory_store import MemoryStore, checkpoint_of
from tests.values.variants import EAGER, auto_class, silently, stored_buffers

LLAMA: Mapping[str, Any] = {
    "hidden_size": 16,
    "intermediate_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 40,
    "max_position_embeddings": 64,
}
GPT2: Mapping[str, Any] = {"n_embd": 16, "n_layer": 2, "n_head": 4, "vocab_size": 40, "n_positions": 64}
GPT_NEOX: Mapping[str, Any] = {key: value for key, value in LLAMA.items() if key != "num_key_value_heads"} | {
    "rotary_pct": 0.5
}
SIZES: Mapping[str, Mapping[str, Any]] = {
    "gpt2": GPT2,
    "gpt_neox": GPT_NEOX,
    "gptj": {**GPT2, "rotary_dim": 2},
    **everything.SIZES,
}
OPTIONS: Mapping[str, Any] = {**EAGER, "dtype": torch.float32}
RIGHT = 1e-5
"""Of the largest entry: we are off by less."""
ALIKE, MOST_ROUNDING = 4.0, 1e-3
"""Where rounding grows on the way, two float32 results differ by no more than so many times what each of them, ours and
that of transformers, differs from ours in float64: a wrong formula, which is wrong in float64, too, leaves ours near
it, and a wrong precision theirs. Of what grows to more nothing is believed."""
TOKENS = tuple(7 * token % 40 for token in range(24))
SOURCE = tuple(3 * token % 40 for token in range(17))
"""Of an encoder, whose decoder reads others."""
OUTPUTS = (
    *("attn.c_proj", "attn.o_proj", "attn.dense", "attn.out_proj"),
    *(
        "attention.dense",
        "attention.out_proj",
        "attention.output.dense",
        "attention.out_lin",
        "attn.Wo",
    ),
)
"""What the modules are called that take what all heads have mixed."""


def tiny(kind: str, **said: Any) -> dict[str, Any]:
    """A config.json of a small model that says this, too."""
    return {"model_type": kind, **SIZES.get(kind, LLAMA), **said}


def by_transformers(config: Mapping[str, Any]) -> Any:
    """A model whose attention is far from uniform, with eager attention; raises whatever transformers does."""
    read = silently(CONFIG_MAPPING[config["model_type"]].from_dict, copy.deepcopy(dict(config)))
    random = torch.get_rng_state()
    torch.manual_seed(1)
    model = silently(auto_class(read).from_config, read, **OPTIONS).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.uniform_(0.5, 2.0) if "norm" in name.lower() or "ln_" in name else parameter.normal_(0, 0.4)
        for buffer in stored_buffers(model):
            buffer.normal_(0, 0.4)
    torch.set_rng_state(random)
    return model


def ours_of(config: Mapping[str, Any], theirs: Any) -> Model:
    """Our model of the same configuration and weights; of two stacks the decoder, which knows both."""
    weights = {name: weight.detach().contiguous() for name, weight in theirs.state_dict().items()}
    checkpoint = checkpoint_of(config, MemoryStore(weights))
    if KINDS[str(config["model_type"])].decoder is None:
        return Model(checkpoint, "cpu")
    return Model(checkpoint, "cpu", stack="decoder", source_ids=SOURCE)


def reference(config: Mapping[str, Any], tokens: tuple[int, ...]) -> tuple[Any, dict[str, torch.Tensor]]:
    """A model of transformers, and its patterns, z, residuals and logits by our names; raises whatever it does."""
    theirs = by_transformers(config)
    if KINDS[str(config["model_type"])].decoder is not None:
        return theirs, _of_both(config, theirs, tokens)
    mixed: list[torch.Tensor] = []
    for name, module in theirs.named_modules():
        if name.endswith(OUTPUTS):
            module.register_forward_pre_hook(lambda _, inputs: mixed.append(inputs[0][0]))
    with torch.no_grad():
        run = theirs(torch.tensor([tokens]), output_attentions=True, output_hidden_states=True, use_cache=False)
    last = last_stream(read_model_config(config, "config.json"))
    found: dict[str, torch.Tensor] = {last: run.hidden_states[-1][0]}
    if "logits" in run:
        found["logits"] = run.logits[0]
    for layer, pattern in enumerate(run.attentions):
        found[f"blocks.{layer}.attn.hook_pattern"] = pattern[0]
        found[f"blocks.{layer}.attn.hook_z"] = mixed[layer].reshape(len(tokens), pattern.shape[1], -1)
        found[f"blocks.{layer}.hook_resid_pre"] = run.hidden_states[layer][0]
    return theirs, found


def _of_both(config: Mapping[str, Any], theirs: Any, tokens: tuple[int, ...]) -> dict[str, torch.Tensor]:
    """The same of a model of two stacks, whose decoder reads these tokens."""
    source, target = (torch.tensor([each]) for each in (SOURCE, tokens))
    with torch.no_grad():
        run = theirs(
            input_ids=source,
            decoder_input_ids=target,
            output_attentions=True,
            output_hidden_states=True,
            use_cache=False,
        )
    decoder = read_model_config(config, "config.json", "decoder")
    assert decoder.source is not None
    found = {output_of(decoder): run.decoder_hidden_states[-1][0], "logits": run.logits[0]}
    found[seen_from_decoder(output_of(decoder.source))] = run.encoder_last_hidden_state[0]
    for stack, patterns, within in (
        ("encoder", run.encoder_attentions, "attn"),
        ("decoder", run.decoder_attentions, "attn"),
        ("decoder", run.cross_attentions, "cross_attn"),
    ):
        found |= {f"{stack}.{layer}.{within}.hook_pattern": each[0] for layer, each in enumerate(patterns)}
    return found


def last_stream(config: ModelConfig) -> str:
    """What we call the last of the residual streams that a model of transformers gives back."""
    if config.d_embed:
        return "hook_projected_resid"
    if config.final_norm:
        return "ln_final.hook_normalized"
    return f"blocks.{config.layers - 1}.hook_{'normalized_' if config.norm_sums else ''}resid_post"


def furthest(config: Mapping[str, Any], tokens: tuple[int, ...] = TOKENS) -> tuple[float, str]:
    """As `how_far`, of the model that transformers makes of a config.json."""
    return how_far(config, tokens, *reference(config, tokens))


def how_far(
    config: Mapping[str, Any], tokens: tuple[int, ...], theirs: Any, expected: Mapping[str, torch.Tensor]
) -> tuple[float, str]:
    """By how much we are off, relative to the largest entry: the worst of what is expected, and its name.

    What both of us are off alike in float32, as attention that is nearly all or nothing makes much of rounding, counts
    as 0.

    Raises:
        SourceError: ours refuses it.
    """
    model = ours_of(config, theirs)
    model.check_parameters()
    found = model.activations(tokens, expected)
    off = {name: _far(found[name], each) for name, each in expected.items()}
    if not max(off.values()) < RIGHT:
        source = () if model.source is None else model.source.token_ids
        exact = Model(model.checkpoint, "cpu", "float64", None, model.config.stack, source).activations(
            tokens, expected
        )
        for name, each in expected.items():
            rounding = min(_far(found[name], exact[name]), _far(each, exact[name]))
            off[name] = 0.0 if off[name] < min(ALIKE * rounding, MOST_ROUNDING) else off[name]
    worst = max(off, key=lambda name: off[name])
    return off[worst], worst


def _far(found: torch.Tensor, expected: torch.Tensor) -> float:
    return float((found - expected).abs().max() / expected.abs().max())
