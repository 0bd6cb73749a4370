"""Whether a model's unembedding is its embedding: what its files hold says, where they hold both; computes nothing."""

from dataclasses import replace

from mmviz.errors import SourceError
from mmviz.values.families.config import ModelConfig, Stack
from mmviz.values.families.layouts import UNEMBEDDING, Names
from mmviz.values.families.reading import read_model_config
from mmviz.values.families.registry import names_of
from mmviz.values.files.checkpoint import Checkpoint
from mmviz.values.model.left_out import as_stored

ROWS = 4096
"""That are compared at once."""


def described(checkpoint: Checkpoint, stack: Stack = "") -> ModelConfig:
    """The configuration of a model, untied where its files have an unembedding that differs from the embedding.

    Weights are read only where the files hold both, as far as they are equal.

    Args:
        checkpoint: The model.
        stack: As in `read_model_config`.

    Raises:
        SourceError: as `read_model_config`.

    Source: Hugging Face transformers 5, tie_weights. See findings/transformers-tied.sh.
    """
    config = as_stored(read_model_config(checkpoint.config, str(checkpoint.where), stack), checkpoint)
    names = names_of(config)
    embedding = f"{names.prefix}{names.embedding}"
    other = stored_unembedding(names, checkpoint)
    stored = config.tied and embedding in checkpoint and other in checkpoint
    return replace(config, tied=False) if stored and not _equal(checkpoint, embedding, other) else config


def stored_unembedding(names: Names, checkpoint: Checkpoint) -> str:
    """What the files call the unembedding; transformers 5 calls that of GPT-NeoX lm_head, but saves it as embed_out."""
    by_transformers = UNEMBEDDING in checkpoint and names.unembedding not in checkpoint
    return UNEMBEDDING if by_transformers else names.unembedding


def _equal(checkpoint: Checkpoint, one: str, other: str) -> bool:
    shape = checkpoint.shape(one)
    if shape != checkpoint.shape(other) or len(shape) != 2:
        return False
    try:
        checkpoint.check(one)
        checkpoint.check(other)
    except SourceError:
        return True  # it is refused wherever it is read
    for start in range(0, shape[0], ROWS):
        rows = slice(start, start + ROWS)
        if not bool((checkpoint.slice(one, rows).double() == checkpoint.slice(other, rows).double()).all()):
            return False
    return True
