"""What a model's files leave out that they may leave out: its configuration as they have it; no weights, no torch."""

from dataclasses import replace
from typing import Any

from mmviz.values.families.config import ModelConfig
from mmviz.values.families.registry import names_of
from mmviz.values.files.checkpoint import Checkpoint


def as_stored(config: ModelConfig, checkpoint: Checkpoint) -> ModelConfig:
    """The same without what its files may leave out and do: a bias that is 0, positions that are computed.

    Source: Hugging Face transformers 5, _keys_to_ignore_on_load_missing.
    """
    names = names_of(config)
    gone: dict[str, Any] = {
        field: False
        for field, parameter in names.may_miss.items()
        if parameter not in checkpoint and f"{names.prefix}{parameter}" not in checkpoint
    }
    config = replace(config, **gone)
    return config if config.source is None else replace(config, source=as_stored(config.source, checkpoint))
