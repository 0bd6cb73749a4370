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
        (
            *("deepseek_v2", "deepseek_v3", "deepseek_v32", "kimi_k2", "minicpm3", "longcat_flash", "glm4_moe_lite"),
            *("glm_moe_dsa", "axk1", "axk2", "dots3_note", "dots3_note_text", "hy_v4", "sarvam_mla", "youtu"),
        ),
        "latent attention, whose keys and values are made from one compressed vector",
    ),
    Refused(
        "Phi-3.5 MoE, DBRX and others",
        (
            *("phimoe", "dbrx", "jetmoe", "aria_text", "afmoe", "beam", "cohere2_moe", "exaone_moe", "flint", "hy_v3"),
            *("granitemoe_swa", "kolibri1", "laguna", "mellum", "mimo_v2_flash", "sarvam_moe"),
        ),
        "experts that are chosen, stored or put together in another way than those that are drawn",
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
            *("lfm2", "lfm2_moe", "lfm3", "recurrent_gemma", "kimi_linear", "minimax", "bailing_hybrid", "olmo_hybrid"),
            *("qwen3_5", "qwen3_5_text", "qwen3_5_moe", "qwen3_5_moe_text", "qwen4_exp", "qwen4_exp_text", "lara_mini"),
        ),
        "layers without attention between those that have it",
    ),
    Refused(
        "ALBERT, DeBERTa and other encoders",
        (
            *("albert", "deberta", "deberta-v2", "mpnet", "bert-generation", "big_bird", "data2vec-text", "ernie"),
            *("megatron-bert", "rembert", "roberta-prelayernorm", "roc_bert", "roformer", "xlm", "xlm-roberta-xl"),
            *("xlnet", "xmod"),
        ),
        "encoders whose layers are put together or stored in another way than BERT's",
    ),
    Refused("Whisper", ("whisper",), "an encoder that reads sound, to which its decoder's attention looks"),
    Refused(
        "LongT5, T5Gemma and others",
        (
            *("longt5", "t5gemma", "blenderbot-small", "led", "bigbird_pegasus", "pegasus_x", "prophetnet"),
            *("mvp", "trocr"),
        ),
        "an encoder and a decoder that are put together in another way than those of T5 and BART",
    ),
    Refused(
        "models of images and sounds",
        (
            *("gemma3", "gemma3n", "gemma4", "gemma4_unified", "llama4", "llava", "llava_next", "mllama", "mistral3"),
            *("pixtral", "idefics3", "smolvlm", "qwen2_vl", "qwen2_5_vl", "qwen3_vl", "qwen2_audio", "paligemma"),
            *("internvl", "vit", "clip", "emu3", "fuyu", "git", "got_ocr2", "moshi", "musicgen", "musicgen_melody"),
            *("moss_transcribe_diarize", "phi4_multimodal"),
        ),
        "images or sounds as input; a checkpoint of the text model alone is needed",
    ),
    Refused(
        "BitNet, DiffLlama, XGLM and others",
        (
            *("apertus1p5_text", "diffllama", "xglm", "bitnet", "blt", "cohere_compass_text", "cpmant"),
            *("ctrl", "deepseek_v4", "doge", "dory", "exaone", "gemma3n_text", "gemma4_assistant", "gemma4_text"),
            *("gemma4_unified_assistant", "gemma4_unified_text", "gpt_neox_japanese", "granite_swa", "hrm_text"),
            *("inkling_text", "inkling2_text", "inkling2_loop_text", "minimax_m3_vl_text", "modernbert-decoder"),
            *("nanochat", "reformer", "zaya"),
        ),
        "layers that are put together or stored in another way than those that are drawn",
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
