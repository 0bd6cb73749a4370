"""What a GGUF file of a Gemma leaves out, and llama.cpp knows by heart: windows, scales; reads no weights.

Source: llama.cpp, the functions load_arch_hparams of gemma2 and gemma3.
"""

from typing import Any

from mmviz.values.families.key_reader import short
from mmviz.values.families.sliding import FULL, SLIDING
from mmviz.values.files.gguf_architectures import LOCAL_BASE, LOGIT_CAP, PATTERN, SCORE_CAP, WINDOW
from mmviz.values.files.gguf_facts import Facts

TURNS = {"gemma2": 2, "gpt-oss": 2, "gemma3": 6, "cohere2": 4, "exaone4": 4, "olmo2": 4}
"""Every so many layers one sees all, where a file does not say."""
LARGEST = {"gemma2": 46, "gemma3": 62}
"""Layers of the 27B models, whose scores are divided by another number's root."""
USUAL_HEAD = 256
"""The size of a head of all others, and what their scores are divided by the root of."""
GEMMA2_WINDOW = 4096
LOCAL_THETA = 10000.0


def gemma(facts: Facts, rope: dict[str, Any]) -> dict[str, Any]:
    """What config.json says of a Gemma, beside what it says of any Llama.

    Args:
        facts: The metadata.
        rope: How rotary positions are scaled in layers that see all.

    Raises:
        SourceError: a key is broken; or something is neither in the file nor known.
    """
    if facts.architecture == "gemma":
        return {"hidden_act": "gelu_pytorch_tanh", "rope_parameters": rope}
    caps = (SCORE_CAP, LOGIT_CAP) if facts.architecture == "gemma2" else (LOGIT_CAP,)
    config: dict[str, Any] = {
        "hidden_activation": "gelu_pytorch_tanh",
        "query_pre_attn_scalar": _scalar(facts),
        "layer_types": layer_types(facts),
        **{cap: facts.number(cap) for cap in caps if facts.get(cap) is not None},
    }
    if facts.architecture == "gemma3":
        sliding = {"rope_type": "default", "rope_theta": facts.number(LOCAL_BASE, missing=LOCAL_THETA)}
        window = facts.whole(WINDOW) if facts.get(WINDOW) else None
        return config | {"rope_parameters": {FULL: rope, SLIDING: sliding}, "sliding_window": window}
    check_one_base(facts, rope["rope_theta"])
    return config | {"rope_parameters": rope, "sliding_window": facts.whole(WINDOW, missing=GEMMA2_WINDOW)}


def check_one_base(facts: Facts, theta: float) -> None:
    """Layers that slide rotate as all others do.

    Raises:
        SourceError: the file says otherwise.
    """
    base = facts.number(LOCAL_BASE, missing=theta)
    if base != theta:
        raise facts.error(LOCAL_BASE, f"is {base:g}; the same as rope.freq_base, {theta:g}, is needed.")


def _scalar(facts: Facts) -> int:
    """Whose root scores are divided by: no key says it.

    Raises:
        SourceError: it is not known of a model of such a size.
    """
    heads, layers = facts.whole("attention.head_count"), facts.whole("block_count")
    shared = max(facts.whole("embedding_length") // heads, 1)
    size = facts.whole("attention.key_length", missing=shared)
    if layers == LARGEST[facts.architecture]:
        return shared
    if size in (shared, USUAL_HEAD):
        return size
    raise facts.error(
        "attention.key_length",
        f"is {size}; by what scores are divided is not in the file, and is known of heads of {USUAL_HEAD} and of "
        f"models of {LARGEST[facts.architecture]} layers only; the model's safetensors are needed.",
    )


def layer_types(facts: Facts) -> list[str]:
    """Which layers look back a window only.

    Raises:
        SourceError: the key that says it is broken.
    """
    layers = facts.whole("block_count")
    if facts.architecture == "gemma3" and not facts.get(WINDOW):
        return [FULL] * layers
    return types_by(facts, PATTERN, layers, TURNS[facts.architecture])


def types_by(facts: Facts, key: str, layers: int, usual: int, *, first: bool = False) -> list[str]:
    """The same by a key that says it of each layer, or every how many one sees all.

    Args:
        facts: The metadata.
        key: Its name.
        layers: How many there are.
        usual: What it says where it is left out.
        first: Of so many layers the first sees all; else the last.

    Raises:
        SourceError: the key is broken.
    """
    said = facts.get(key)
    if isinstance(said, list):
        if len(said) != layers or not all(isinstance(each, bool) for each in said):
            raise facts.error(key, f"is {short(said)}; {layers} times true or false is needed.")
        return [SLIDING if each else FULL for each in said]
    turn = facts.whole(key, missing=usual)
    return [SLIDING if (layer + (not first)) % turn else FULL for layer in range(layers)]
