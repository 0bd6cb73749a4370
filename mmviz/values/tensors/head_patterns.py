"""The attention patterns of all heads of a scene's model on its prompt, in one forward pass; keeps none of them."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmviz.errors import SourceError
from mmviz.scene.language.masks import Masking
from mmviz.values.arithmetic.device import full_precision
from mmviz.values.arithmetic.primitives import Steps
from mmviz.values.families.names import in_which_layer
from mmviz.values.model.model import Model
from mmviz.values.tensors.sources import Sources


class HeadPatterns:
    """What every head of a model attends to on one prompt.

    Args:
        sources: Of a scene with a model and a prompt.
        across: Of a decoder: what its heads attend to of what the encoder has read.

    Raises:
        SourceError: it has none, or its model or tokenizer cannot be opened.
    """

    def __init__(self, sources: Sources, *, across: bool = False) -> None:
        self.token_ids = sources.token_ids
        if not self.token_ids:
            raise SourceError("the scene has no prompt; a model and a prompt that its heads read are needed.")
        self._model: Model = sources.model
        self._keeping = sources.keeping
        self.layers, self.heads = self._model.config.layers, self._model.config.heads
        self.across = across and self._model.config.crosses
        self._within = "cross_attn" if self.across else "attn"
        self.token_texts = sources.token_texts
        self.key_texts = sources.source_texts if self.across else sources.token_texts

    def masking(self, layer: int) -> Masking | None:
        """What a layer's heads may not look at, as the function that forbids it; None: nothing."""
        return None if self.across else self._model.config.masking(layer)

    @property
    def stored_bytes(self) -> int:
        """How much of the files the layers are, those of the encoder that a decoder looks at, too."""
        encoder = None if self._model.source is None else self._model.source.encoder
        models = (self._model,) if encoder is None else (self._model, encoder)
        return sum(
            one.checkpoint.stored_bytes(name)
            for one in models
            for name in one.parameters(one.config.layers) - one.parameters(0)
        )

    def each(self) -> Iterator[NDArray[np.float32]]:
        """The patterns of one layer after the other, (heads, tokens, tokens) each.

        No layer is computed before it is asked for, and none twice. Between two of them nothing is held but what the
        next one reads.

        Raises:
            SourceError: a weight is missing or cannot be read.
        """
        names = [f"{self._model.config.blocks}.{layer}.{self._within}.hook_pattern" for layer in range(self.layers)]
        steps = self._passed(self._model.steps(self.token_ids, names))
        for layer, name in enumerate(names):
            self._model.check_read(layer + 1)
            with full_precision(), self._model.steadily(len(self.token_ids)):
                pattern = next(value for found, value in steps if found == name)  # (heads, tokens, tokens)
                numbers: NDArray[np.float32] = pattern.to("cpu", torch.float32).numpy()
            del pattern
            yield numbers

    def _passed(self, steps: Steps) -> Iterator[tuple[str, Tensor]]:
        """The steps of a pass, of which what enters a layer is kept: the next that is asked for may be a head of it."""
        keep = self._keeping()
        for name, value in steps:
            if keep is not None and name.endswith("hook_resid_pre"):
                keep(in_which_layer(name)[0] or 0, value)
            yield name, value
