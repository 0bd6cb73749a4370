"""Why transformers is no reader of a GGUF file, as far as that is known; reads no weights.

Of such a file it computes with our weights, by the configuration that we read.
"""

from collections.abc import Collection

from mmviz.values.families.config import ModelConfig
from mmviz.values.files.checkpoint import Checkpoint

OTHER_NAMES = ("qwen2moe", "qwen3moe")
"""Architectures that transformers has under other names in its list of those that it reads."""
ARCHITECTURE = "general.architecture"


def why_not_this_architecture(checkpoint: Checkpoint, config: ModelConfig, known: Collection[str], name: str) -> str:
    """Why transformers is not asked to read a file of this architecture; "" where it is.

    Args:
        checkpoint: The file.
        config: As we read it.
        known: The architectures that transformers reads.
        name: What it is called, with its version.
    """
    architecture = checkpoint.metadata[ARCHITECTURE]
    if config.kind == "mixtral":
        return f"{name} takes a GGUF file of llama with experts for one without"
    if config.kind == "gpt_oss":
        return f"{name} does not read the experts of gpt-oss in a GGUF file"
    if config.kind in ("t5", "umt5"):
        return f"{name} reads a T5 of a GGUF file as a whole, and not one of its stacks"
    if config.kind == "falcon" and config.kv_heads > 1:  # see findings/gguf-falcon-rows.sh
        return f"{name} leaves the rows of a Falcon's queries, keys and values as a GGUF file has them"
    return "" if architecture in (*known, *OTHER_NAMES) else f"{name} does not read GGUF files of {architecture}"


def why_not_this_file(checkpoint: Checkpoint, name: str) -> str:
    """Why transformers does not read the weights of a file whose architecture it reads; "" where it does."""
    if len(checkpoint.files) > 1:
        return f"{name} does not read a GGUF file in {len(checkpoint.files)} parts"
    from mmviz.values.files.gguf_file import GGUFStore

    scaled = tuple(GGUFStore.open(checkpoint.where).scaled)  # which transformers 5.24.0 passes over, or trips over
    return f"{name} does not read the scale of {scaled[0]} in a GGUF file" if scaled else ""
