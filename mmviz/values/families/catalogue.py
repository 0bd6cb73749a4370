"""Which models can be drawn, and which are refused and why, as the catalogue that all lists are made from."""

from collections.abc import Sequence
from dataclasses import dataclass

from mmviz.values.families.registry import KINDS


@dataclass(frozen=True, slots=True)
class Family:
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


DRAWN: Sequence[Family] = tuple(
    Family(
        one.name, tuple(kind.model_type for kind in KINDS.values() if kind.drawn == one), one.such_as, one.has, one.gguf
    )
    for one in dict.fromkeys(kind.drawn for kind in KINDS.values())
)
"""In the order of the registry."""
REFUSED: Sequence[Refused] = (
    Refused(
        "DeepSeek V2 and V3, MiniCPM 3",
        ("deepseek_v2", "deepseek_v3", "deepseek_v32", "kimi_k2", "minicpm3", "longcat_flash", "glm4_moe_lite"),
        "latent attention, whose keys and values are made from one compressed vector",
    ),
    Refused(
        "Phi-3.5 MoE, DBRX and others",
        ("phimoe", "dbrx", "minimax", "jetmoe"),
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
        "ALBERT, DeBERTa and other encoders",
        ("albert", "deberta", "deberta-v2", "mpnet"),
        "encoders whose layers are put together in another way than BERT's",
    ),
    Refused(
        "BART, Whisper",
        ("longt5", "bart", "mbart", "pegasus", "marian", "whisper", "t5gemma", "m2m_100"),
        "an encoder and a decoder, with attention across",
    ),
    Refused(
        "models of images and sounds",
        (
            *(
                "gemma3",
                "gemma3n",
                "gemma4",
                "llama4",
                "llava",
                "llava_next",
                "mllama",
                "mistral3",
                "pixtral",
                "idefics3",
            ),
            *("smolvlm", "qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen2_audio", "paligemma", "internvl", "vit", "clip"),
        ),
        "images or sounds as input; a checkpoint of the text model alone is needed",
    ),
    Refused(
        "Apertus, DiffLlama, XGLM and others",
        (
            *("apertus",),
            *("diffllama", "xglm"),
        ),
        "layers that are put together in another way than those that are drawn",
    ),
)
SEE = "mmviz models lists those that are"
"""How one gets to the whole list, as the end of a message."""


def drawn_types() -> tuple[str, ...]:
    """Every model_type that can be drawn."""
    return tuple(KINDS)


def why_refused(model_type: object) -> str:
    """What stands in the way of a model_type that is not drawn."""
    for one in REFUSED:
        if model_type in one.types:
            return one.why
    return "it is none of the families that are known here"
