"""Which models can be drawn, and which are refused and why, as the catalogue that all lists are made from."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Drawn:
    """Models of one name, whose heads, layers and MLPs can be drawn, and whose numbers can be verified."""

    name: str
    types: tuple[str, ...]  # model_type in config.json
    such_as: str  # what they are called that have it
    has: str  # what its layers are made of
    gguf: tuple[str, ...] = ()  # general.architecture in GGUF files


@dataclass(frozen=True, slots=True)
class Refused:
    """Models that are refused by their model_type."""

    name: str
    types: tuple[str, ...]
    why: str  # follows "is not supported: "


DRAWN: Sequence[Drawn] = (
    Drawn("GPT-2", ("gpt2",), "GPT-2, DistilGPT-2, CodeParrot", "learned positions, LayerNorm", ("gpt2",)),
    Drawn(
        "Llama",
        ("llama",),
        "Llama 1 to 3, SmolLM 1 and 2, TinyLlama, Vicuna, Yi, DeepSeek LLM",
        "rotary positions, RMSNorm, gated MLP, shared keys and values",
        ("llama",),
    ),
    Drawn("Mistral", ("mistral",), "Mistral 7B, Nemo, Zephyr", "as Llama, with a sliding window", ("llama",)),
    Drawn(
        "Qwen2", ("qwen2",), "Qwen 1.5, 2 and 2.5, QwQ", "as Llama, with biases, some with sliding layers", ("qwen2",)
    ),
    Drawn("Qwen3", ("qwen3",), "Qwen 3, 0.6B to 32B", "as Llama, with norms of queries and keys", ("qwen3",)),
    Drawn("Gemma", ("gemma",), "Gemma 1, CodeGemma", "as Llama, with norms by 1 + w", ("gemma",)),
    Drawn(
        "Gemma 2",
        ("gemma2",),
        "Gemma 2",
        "four norms a layer, capped scores and logits, every second layer slides",
        ("gemma2",),
    ),
    Drawn(
        "Gemma 3 (text)",
        ("gemma3_text",),
        "Gemma 3, 270M and 1B",
        "four norms a layer, norms of queries and keys, two kinds of rotary positions",
        ("gemma3",),
    ),
    Drawn(
        "GPT-NeoX",
        ("gpt_neox",),
        "Pythia, GPT-NeoX 20B, Dolly 2, RedPajama",
        "attention and MLP side by side, LayerNorm, a part of each head rotated",
    ),
    Drawn("GPT-J", ("gptj",), "GPT-J 6B", "as Phi, with neighbouring numbers rotated together"),
    Drawn("Phi", ("phi",), "Phi 1, 1.5 and 2", "as GPT-NeoX, with one norm for both, and logits with a bias"),
)

REFUSED: Sequence[Refused] = (
    Refused(
        "DeepSeek V2 and V3, MiniCPM 3",
        ("deepseek_v2", "deepseek_v3", "deepseek_v32", "kimi_k2", "minicpm3", "longcat_flash", "glm4_moe_lite"),
        "latent attention, whose keys and values are made from one compressed vector",
    ),
    Refused(
        "Mixtral, gpt-oss, Qwen MoE, Llama 4",
        (
            *("mixtral", "gpt_oss", "qwen2_moe", "qwen3_moe", "llama4", "llama4_text", "olmoe", "phimoe", "dbrx"),
            *("granitemoe", "granitemoeshared", "glm4_moe", "ernie4_5_moe", "hunyuan_v1_moe", "minimax", "jetmoe"),
            *("dots1", "flex_olmo"),
        ),
        "experts, of which a router chooses some for each token",
    ),
    Refused(
        "Mamba, RWKV, xLSTM",
        ("mamba", "mamba2", "falcon_mamba", "rwkv", "xlstm"),
        "layers that keep a running state in the place of attention",
    ),
    Refused(
        "Jamba, Zamba, Nemotron-H, Qwen3-Next",
        (
            *("jamba", "bamba", "zamba", "zamba2", "nemotron_h", "falcon_h1", "granitemoehybrid", "qwen3_next"),
            *("lfm2", "lfm2_moe", "recurrent_gemma", "kimi_linear"),
        ),
        "layers without attention between those that have it",
    ),
    Refused(
        "BERT and other encoders",
        (
            *("bert", "roberta", "distilbert", "modernbert", "albert", "electra", "deberta", "deberta-v2", "camembert"),
            *("xlm-roberta", "mpnet"),
        ),
        "encoders; only decoders are drawn",
    ),
    Refused(
        "T5, BART, Whisper",
        ("t5", "mt5", "umt5", "longt5", "bart", "mbart", "pegasus", "marian", "whisper", "t5gemma", "m2m_100"),
        "an encoder and a decoder, with attention across",
    ),
    Refused(
        "BLOOM, MPT, Falcon",
        ("bloom", "mpt", "falcon"),
        "scores with a bias for each distance, or layers that are put together in another way",
    ),
    Refused(
        "models of images and sounds",
        (
            *("gemma3", "gemma3n", "gemma4", "llava", "llava_next", "mllama", "mistral3", "pixtral", "idefics3"),
            *("smolvlm", "qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen2_audio", "paligemma", "internvl", "vit", "clip"),
        ),
        "images or sounds as input; a checkpoint of the text model alone is needed",
    ),
    Refused(
        "Phi 3, OLMo, Cohere, GLM and others",
        (
            *("phi3", "gpt_neo", "opt", "olmo", "olmo2", "olmo3", "cohere", "cohere2"),
            *("glm", "glm4", "granite", "stablelm", "starcoder2", "smollm3", "ministral", "ministral3", "seed_oss"),
            *("gpt_bigcode", "codegen", "nemotron", "exaone4", "helium", "arcee", "apertus", "ernie4_5", "persimmon"),
            *("cwm", "hunyuan_v1_dense", "diffllama", "biogpt", "xglm"),
        ),
        "layers that are put together in another way than those that are drawn",
    ),
)
SEE = "mmviz models lists those that are"
"""How one gets to the whole list, as the end of a message."""


def drawn_types() -> tuple[str, ...]:
    """Every model_type that can be drawn."""
    return tuple(kind for one in DRAWN for kind in one.types)


def why_refused(model_type: object) -> str:
    """What stands in the way of a model_type that is not drawn."""
    for one in REFUSED:
        if model_type in one.types:
            return one.why
    return "it is none of the families that are known here"


def named() -> str:
    """The families in a sentence: GPT-2, Llama or Gemma."""
    *first, last = (one.name for one in DRAWN)
    return f"{', '.join(first)} or {last}"
