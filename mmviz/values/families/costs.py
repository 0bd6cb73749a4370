"""What a model costs: parameters, operations and memory, by formulas over its sizes; no weights, no torch."""

from collections.abc import Mapping
from dataclasses import dataclass

from mmviz.scene.language.masks import Masking
from mmviz.values.families.config import ModelConfig
from mmviz.values.families.layouts import OF_XIELU

BYTES_TO_INFER = 2
"""Bytes a parameter, as bfloat16 or float16; the KV cache and activations come on top."""
BYTES_TO_TRAIN = 16
"""Bytes a parameter with Adam in mixed precision, without activations: the 16-bit weight (2) and its gradient (2), and
in 32 bits the weight (4), its momentum (4) and its variance (4).

Source: Rajbhandari et al. 2020, ZeRO, section 3.1.
"""
BYTES_OF_CACHE = 2
"""Bytes a number of the KV cache, as bfloat16 or float16."""
USUAL_TOKENS = 1024
"""Of the prompt whose costs are told where nobody asks for another."""


@dataclass(frozen=True, slots=True)
class Operations:
    """Additions and multiplications of one forward pass (FLOPs): a multiply-add counts as 2.

    Counted are products of matrices: of activations with weights, of queries with keys, of patterns with values. What
    takes time in proportion to the activations alone is left out: norms, softmax, rotations, biases, residual sums,
    and the embedding, which is looked up.
    """

    tokens: int  # that are read at once
    before: int  # tokens that are in the KV cache already
    layers: int  # products with the weights of all layers
    unembedding: int  # logits of every token, as transformers computes them; generating needs those of the last
    attention: int  # scores and weighted values, the whole square, as it is computed where nothing is skipped
    attention_unmasked: int  # what of it the causal mask leaves: about half of a prefill, all of a decoded token

    @property
    def weights(self) -> int:
        """Products with weights."""
        return self.layers + self.unembedding

    @property
    def total(self) -> int:
        """Attention counted in full."""
        return self.weights + self.attention


def layer_parameters(config: ModelConfig, layer: int | None = None) -> dict[str, int]:
    """Parameters of one layer by part, biases included.

    Without a layer: of one that has all norms, and experts if any has.

    Q is d_model * heads * d_head, K and V are d_model * kv_heads * d_head each, O is heads * d_head * d_model; the MLP
    is 3 * d_model * d_mlp where it is gated (Llama), else 2 * d_model * d_mlp. A bias has one number for each output.
    Experts are MLPs of d_expert in the place of d_mlp, one that all tokens share is one of d_shared, and their router
    has d_model * experts. A norm has d_model weights, and with LayerNorm (GPT-2) d_model biases; one of queries or keys
    d_head weights, or as many for each head.
    """
    sparse = bool(config.sparse) if layer is None else layer in config.sparse
    q_width, kv_width = config.heads * config.d_head, config.kv_heads * config.d_head
    q_rows = config.d_model + config.qkv_bias  # a bias is one more row of inputs
    into, out_of = config.d_model + config.mlp_bias, config.d_mlp + config.mlp_bias
    return {
        "attention_q": q_rows * q_width,
        "attention_k": q_rows * kv_width,
        "attention_v": q_rows * kv_width,
        "attention_o": (q_width + config.o_bias) * config.d_model,
        **({"cross_attention": _across(config)} if config.crosses else {}),
        "mlp": 0 if sparse else _matrices_into_mlp(config) * into * config.d_mlp + out_of * config.d_model,
        **({"sinks": config.heads} if config.sinks else {}),
        **({"activation": len(OF_XIELU)} if config.activation == "xielu" else {}),
        **(_of_experts(config) if sparse else {}),
        "norms": (_norms(config) - (layer in config.unnormed)) * _norm(config) + _norms_of_heads(config),
    }


def model_parameters(config: ModelConfig) -> dict[str, int]:
    """Parameters of a whole model by part, biases included; each number once, so a tied unembedding has none.

    The embedding is vocabulary * d_model, and so is an unembedding of its own; learned positions (GPT-2) are
    positions * d_model. Norms are those of the layers and the one behind the last; of an encoder also that of the
    embedding and that of the head, whose linear map has d_model * d_model weights.
    """
    embedding, projection = config.vocabulary * (config.d_embed or config.d_model), config.d_embed * config.d_model
    distances = config.distances * config.heads * len(config.layers_with_distances)
    has_head = config.unembeds and config.head_activation != ""
    in_layers: dict[str, int] = {}
    for layer in range(config.layers):
        for part, count in layer_parameters(config, layer).items():
            in_layers[part] = in_layers.get(part, 0) + count
    return {
        "embedding": embedding + projection,
        "positions": (config.positions + config.position_offset) * config.d_model * config.learned_positions,
        "token_types": config.token_types * config.d_model,
        "distances": distances,
        **in_layers,
        "norms": in_layers.get("norms", 0) + (config.final_norm + config.embed_norm + has_head) * _norm(config),
        "head": has_head * (config.d_model + config.head_bias) * config.d_model,
        "unembedding": projection
        + config.unembeds * (embedding * (not config.tied) + config.vocabulary * config.unembed_bias),
    }


def active_parameters(config: ModelConfig) -> int:
    """How many parameters a token meets: of the experts, those of as many as it chooses."""
    experts = config.experts
    unused = len(experts.layers) * (experts.count - experts.chosen) * (_expert(config) + _biases_of_expert(config))
    return sum(model_parameters(config).values()) - unused


def forward_operations(config: ModelConfig, tokens: int, before: int = 0) -> Operations:
    """What reading `tokens` at once takes, after `before` tokens: a prefill, or with one token a step of decoding.

    Weights: 2 * tokens for each number of a matrix (without the attention, 2 N a token, N being the numbers of all
    matrices but the embedding); of experts, of those that a token chooses. Attention: in each layer and head, scores
    and weighted values are 2 * d_head each for every query and key that is at hand, so
    4 * layers * heads * d_head * tokens * (before + tokens) in full, where no window lets go of keys (see
    `cache_bytes`); a causal mask leaves query i, from 0, before + i + 1 keys, of which a sliding window of W leaves the
    last W.

    A decoder that looks at another stack, too, has attention across in each layer: queries and outputs of its own
    tokens, keys and values of the source's, once, and as many scores as there are pairs. The source is as long as what
    the decoder reads. What the other stack takes is not counted here.

    Args:
        config: The model.
        tokens: At least 1.
        before: Tokens whose keys and values are kept.

    Source: Kaplan et al. 2020, Scaling Laws for Neural Language Models, section 2.1 and table 1, which counts 2 N, and
        for the attention of a long prompt what the mask leaves.
    """
    q_width, kv_width = config.heads * config.d_head, config.kv_heads * config.d_head
    of_attention = config.d_model * (2 * q_width + 2 * kv_width)
    read = before + tokens if config.crosses else 0  # of the source
    across = config.layers * config.d_model * (2 * q_width * tokens + 2 * kv_width * (read if before == 0 else 0))
    of_mlp = (_matrices_into_mlp(config) + 1) * config.d_model * config.d_mlp
    head = config.d_model**2 if config.head_activation else 0
    logits, projections = config.vocabulary * (config.d_embed or config.d_model), 2 * config.d_embed * config.d_model
    of_experts = _router(config) + config.experts.chosen * _expert(config) + _shared(config)
    of_all_mlps = len(config.dense) * of_mlp + len(config.sparse) * of_experts
    pairs = sum(tokens * (_kept(config, layer, before) + tokens) for layer in range(config.layers))
    seen = sum(_seen(config.masking(layer), tokens, before) for layer in range(config.layers))
    return Operations(
        tokens=tokens,
        before=before,
        layers=2 * tokens * (config.layers * of_attention + of_all_mlps) + 2 * across * config.crosses,
        unembedding=2 * tokens * ((logits + head) * config.unembeds + projections),
        attention=4 * q_width * (pairs + config.layers * tokens * read),
        attention_unmasked=4 * q_width * (seen + config.layers * tokens * read),
    )


def cache_bytes(config: ModelConfig, tokens: int) -> int:
    """Size of the KV cache in 16-bit numbers: 2 * layers * kv_heads * d_head * 2 bytes a token.

    A layer with a sliding window of W needs no more than the last W - 1 tokens: the next token is the W-th. One with
    chunks of W may need as many: those of the chunk that has begun.
    Where tokens look at later ones, nothing can be kept. A decoder keeps as much once more of its source, if that is as
    long as what it reads itself.

    Source: Shazeer 2019, Fast Transformer Decoding: keys and values of every token so far are kept, and may be shared.
    """
    layers = range(config.layers if config.causal else 0)
    kept = sum(_kept(config, layer, tokens) + tokens * config.crosses for layer in layers)  # tokens, of all layers
    return 2 * config.kv_heads * config.d_head * BYTES_OF_CACHE * kept


def memory_bytes(parameters: Mapping[str, int]) -> dict[str, int]:
    """Memory for the weights in use: `infer` is 2 bytes a parameter, `train` 16, with Adam in mixed precision.

    Args:
        parameters: By part, as `model_parameters` gives them.
    """
    count = sum(parameters.values())
    return {"infer": BYTES_TO_INFER * count, "train": BYTES_TO_TRAIN * count}


def _kept(config: ModelConfig, layer: int, tokens: int) -> int:
    """Of how many tokens a layer keeps keys and values."""
    return min(tokens, config.window - 1) if config.causal and layer in config.sliding else tokens


def _seen(masking: Masking | None, tokens: int, before: int) -> int:
    """How many pairs of a query and a key a mask leaves."""
    if masking is None:
        return tokens * (before + tokens)
    match masking.function:
        case "tril":
            return tokens * before + tokens * (tokens + 1) // 2
        case "window":
            (size,) = masking.numbers
            short = min(tokens, max(0, size - before))  # queries that look back to the first token
            return short * before + short * (short + 1) // 2 + (tokens - short) * size
        case "chunk":
            (size,) = masking.numbers
            return sum(p % size + 1 for p in range(before, before + tokens))
        case _:
            i = range(before, before + tokens)
            (reach,) = masking.numbers
            return sum(min(p + reach + 1, before + tokens) - max(0, p - reach) for p in i)


def _matrices_into_mlp(config: ModelConfig) -> int:
    return 2 if config.gated else 1


def _of_experts(config: ModelConfig) -> dict[str, int]:
    experts = config.experts
    return {
        "router": _router(config) + (experts.biased + experts.corrected) * experts.count,
        "experts": experts.count * (_expert(config) + _biases_of_expert(config)),
        **({"shared_expert": _shared(config)} if experts.d_shared else {}),
    }


def _shared(config: ModelConfig) -> int:
    """The expert that all tokens share, and what makes the number that it counts by."""
    experts = config.experts
    return config.d_model * ((_matrices_into_mlp(config) + 1) * experts.d_shared + experts.shared_gated)


def _router(config: ModelConfig) -> int:
    return config.d_model * config.experts.count


def _expert(config: ModelConfig) -> int:
    """One of them, without biases."""
    return (_matrices_into_mlp(config) + 1) * config.d_model * config.experts.d_expert


def _biases_of_expert(config: ModelConfig) -> int:
    experts = config.experts
    return experts.biased * (_matrices_into_mlp(config) * experts.d_expert + config.d_model)


def _across(config: ModelConfig) -> int:
    """Of a layer's attention to another stack, biases included."""
    q_width, kv_width = config.heads * config.d_head, config.kv_heads * config.d_head
    projections = (config.d_model + config.qkv_bias) * (q_width + 2 * kv_width)
    return projections + (q_width + config.o_bias) * config.d_model


def _norms(config: ModelConfig) -> int:
    """Of d_model, in a layer."""
    if config.shared_norm:
        return 1
    return (3 if config.crosses else 2) * (config.norm_inputs + config.norm_outputs + config.norm_sums)


def _norm(config: ModelConfig) -> int:
    return config.d_model * (config.norm_weighted + (config.norm == "layer" and config.norm_biased))


def _norms_of_heads(config: ModelConfig) -> int:
    """Of queries and keys, in a layer."""
    all_heads = config.heads + config.kv_heads
    count = {"": 0, "head": 2}.get(config.qk_norm, all_heads) * config.qk_norm_weighted
    return count * config.d_head * (1 + config.qk_norm_biased)
